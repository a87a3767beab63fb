//! Photos of a folder that the engine does not read: the browser decodes them in the worker, if it can.

use image::RgbImage;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ImageBitmap, OffscreenCanvas, OffscreenCanvasRenderingContext2d, WorkerGlobalScope};

use super::formats;
use crate::photo::{MAX_PIXELS, Photo};

/// The photo, upright, on white.
pub(super) async fn decode(file: &Blob) -> Option<Photo> {
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    let bitmap = JsFuture::from(scope.create_image_bitmap_with_blob(file).ok()?).await.ok()?;
    let bitmap: ImageBitmap = bitmap.unchecked_into();
    let photo = draw(&bitmap);
    bitmap.close();
    photo.ok().flatten()
}

fn draw(bitmap: &ImageBitmap) -> Result<Option<Photo>, JsValue> {
    let size = [bitmap.width(), bitmap.height()];
    if size.into_iter().map(u64::from).product::<u64>() > MAX_PIXELS {
        return Ok(None);
    }
    let size = formats::drawn_size(size);
    let canvas = OffscreenCanvas::new(size[0], size[1])?;
    let [width, height] = size.map(f64::from);
    let Some(context) = canvas.get_context("2d")? else { return Ok(None) };
    let context: OffscreenCanvasRenderingContext2d = context.unchecked_into();
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, width, height);
    context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, width, height)?;
    let drawn = context.get_image_data(0.0, 0.0, width, height)?.data();
    let rgb = drawn.0.chunks_exact(4).flat_map(|rgba| [rgba[0], rgba[1], rgba[2]]).collect();
    Ok(RgbImage::from_raw(size[0], size[1], rgb).map(Photo::from_picture))
}
