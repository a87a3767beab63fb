//! A picture that the browser has, decoded or from the camera, as a PNG for the engine.

use js_sys::{Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement};

use super::{
    dom,
    failure::{Failure, Outcome},
    text,
};
use crate::web::formats;

/// Draws a picture of this size, scaled down if it is large. Transparent parts come on white, as in the engine's decoder.
pub(super) fn draw(
    size: [u32; 2],
    paint: impl FnOnce(&CanvasRenderingContext2d, f64, f64) -> Result<(), JsValue>,
) -> Outcome<HtmlCanvasElement> {
    let size = formats::drawn_size(size);
    let canvas: HtmlCanvasElement = dom::create("canvas", "")?;
    canvas.set_width(size[0]);
    canvas.set_height(size[1]);
    let [width, height] = size.map(f64::from);
    let context = dom::context(&canvas)?;
    // A browser that does not know the quality scales as it can.
    let _ = Reflect::set(&context, &"imageSmoothingQuality".into(), &"high".into());
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, width, height);
    paint(&context, width, height)?;
    Ok(canvas)
}

pub(super) async fn png(canvas: &HtmlCanvasElement) -> Outcome<Blob> {
    let made = Promise::new(&mut |resolve, reject| {
        if let Err(error) = canvas.to_blob(&resolve) {
            let _ = reject.call1(&JsValue::NULL, &error);
        }
    });
    JsFuture::from(made).await?.dyn_into().map_err(|_| Failure::new(text::NO_MEMORY))
}
