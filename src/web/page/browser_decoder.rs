//! Photos of formats that the engine does not read: the browser decodes them, if it can, and the engine gets a PNG.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ImageBitmap};

use super::{
    dom,
    failure::{Failure, Outcome},
    picture, text,
    trail::Step,
};
use crate::{
    photo::{self, MAX_PIXELS},
    web::{formats, js},
};

/// A photo that the engine can read. JPEG, PNG and WebP stay as they are: there the engine sees what the native one sees.
pub(super) async fn readable(file: Blob, name: String) -> Outcome<Step> {
    // What can't be read here can't be read by the engine either, which tells why.
    let head = head(&file).await.unwrap_or_default();
    if formats::is_exact(&head) {
        return Ok(Step::own(name, file));
    }
    if formats::pixels(&head) > MAX_PIXELS {
        return Err(Failure::new(text::too_many_pixels(&name)));
    }
    let bitmap = decode(&file).await.map_err(|_| Failure::new(text::unreadable(&name, photo::kind(&head))))?;
    let png = redraw(&bitmap, &name).await;
    bitmap.close(); // its memory does not wait for the garbage collector
    Ok(Step::decoded_by_browser(name, png?))
}

async fn head(file: &Blob) -> Outcome<Vec<u8>> {
    Ok(js::bytes(&file.slice_with_i32_and_i32(0, formats::HEAD)?).await?)
}

/// Upright, as the file says.
async fn decode(file: &Blob) -> Outcome<ImageBitmap> {
    Ok(JsFuture::from(dom::window()?.create_image_bitmap_with_blob(file)?).await?.unchecked_into())
}

async fn redraw(bitmap: &ImageBitmap, name: &str) -> Outcome<Blob> {
    let size = [bitmap.width(), bitmap.height()];
    if size.into_iter().map(u64::from).product::<u64>() > MAX_PIXELS {
        return Err(Failure::new(text::too_many_pixels(name)));
    }
    let canvas = picture::draw(size, |context, width, height| {
        context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, width, height)
    })?;
    picture::png(&canvas).await
}
