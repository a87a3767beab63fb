//! The button that pastes: for whoever has no keyboard. Ctrl+V is an event of its own, in `input`.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, Clipboard, ClipboardItem, Event, HtmlElement};

use super::{app::App, dom, failure::Outcome, text};

/// Offers the button, where the browser lets pages read the clipboard.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    let clipboard = dom::property(&dom::window()?.navigator(), "clipboard");
    if !dom::property(&clipboard, "read").is_function() {
        return Ok(());
    }
    let (app, clipboard): (_, Clipboard) = (Rc::clone(app), clipboard.unchecked_into());
    let button: HtmlElement = dom::by_id("paste")?;
    button.set_hidden(false);
    dom::listen(&button, "click", move |_: Event| {
        app.notices.clear_error();
        let (app, clipboard) = (Rc::clone(&app), clipboard.clone());
        spawn_local(async move {
            match read(&clipboard).await {
                Ok((Some(picture), _)) => app.give(picture, text::PASTED_NAME.to_owned()),
                Ok((None, words)) => app.give_words(&words, text::PASTED_NO_IMAGE),
                Err(error) if dom::name_of(&error) == "NotAllowedError" => app.notices.error(text::PASTE_REFUSED),
                // An empty clipboard is an error in some browsers.
                Err(_) => app.notices.error(text::PASTED_NO_IMAGE),
            }
        });
    })
}

/// The picture on the clipboard, or the words.
async fn read(clipboard: &Clipboard) -> Result<(Option<Blob>, String), JsValue> {
    let mut words = String::new();
    for item in Array::from(&JsFuture::from(clipboard.read()).await?).iter() {
        let item: ClipboardItem = item.unchecked_into();
        let kinds = item.types().to_vec();
        let mut kinds = kinds.iter().filter_map(JsValue::as_string);
        if let Some(kind) = kinds.clone().find(|kind| kind.starts_with("image/")) {
            return Ok((Some(of_kind(&item, &kind).await?), words));
        }
        if let Some(kind) = kinds.find(|kind| kind == "text/plain") {
            words = JsFuture::from(of_kind(&item, &kind).await?.text()).await?.as_string().unwrap_or_default();
        }
    }
    Ok((None, words))
}

async fn of_kind(item: &ClipboardItem, kind: &str) -> Result<Blob, JsValue> {
    Ok(JsFuture::from(item.get_type(kind)).await?.unchecked_into())
}
