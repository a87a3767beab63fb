//! Thumbnails that do not arrive are told by name: a silent gap would look like a bad search. A larger picture that does
//! not arrive has its thumbnail shown in its place.

use std::rc::Rc;

use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, HtmlImageElement};

use super::{app::App, dom, failure::Outcome, text};
use crate::gallery;

/// Watches every image of the page, now and later.
pub(super) fn watch(app: &Rc<App>) -> Outcome {
    let app = Rc::clone(app);
    let failed = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let Some(image) = dom::target::<HtmlImageElement>(&event) else { return };
        if image.has_attribute("srcset") {
            // It was the larger picture.
            let _ = image.remove_attribute("srcset");
            return;
        }
        let address = image.get_attribute("src").unwrap_or_default();
        if let Some(name) = address.strip_prefix(gallery::FOLDER) {
            app.notices.error(&text::thumbnail_missing(name.trim_start_matches('/')));
        }
    });
    // An image's error does not bubble: it is caught on its way down.
    let document = dom::document()?;
    document.add_event_listener_with_callback_and_bool("error", failed.as_ref().unchecked_ref(), true)?;
    failed.forget();
    Ok(())
}
