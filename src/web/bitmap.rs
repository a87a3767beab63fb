//! Photos of a folder that the engine does not read: the browser decodes them in the worker, if it can.

use image::RgbImage;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ImageBitmap, OffscreenCanvas, OffscreenCanvasRenderingContext2d, WorkerGlobalScope};

use crate::photo::{MAX_PIXELS, Photo};

/// The longest side of what is drawn, as for a photo that is asked about.
const LONGEST_SIDE: f64 = 2048.0;

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
    let [width, height] = size.map(f64::from);
    let scale = (LONGEST_SIDE / width.max(height)).min(1.0);
    let [width, height] = [width, height].map(|side| (side * scale).round().max(1.0));
    let canvas = OffscreenCanvas::new(width as u32, height as u32)?;
    let Some(context) = canvas.get_context("2d")? else { return Ok(None) };
    let context: OffscreenCanvasRenderingContext2d = context.unchecked_into();
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, width, height);
    context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, width, height)?;
    let drawn = context.get_image_data(0.0, 0.0, width, height)?.data();
    let rgb = drawn.0.chunks_exact(4).flat_map(|rgba| [rgba[0], rgba[1], rgba[2]]).collect();
    Ok(RgbImage::from_raw(width as u32, height as u32, rgb).map(Photo::from_picture))
}
