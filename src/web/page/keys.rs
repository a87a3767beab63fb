//! The keyboard: a key for the file chooser, one for the list of all keys, arrows among the results.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, KeyboardEvent};

use super::{app::App, dom, failure::Outcome};

/// Where a key is a letter.
const FIELDS: &str = "input:not([type=file]), textarea, select, [contenteditable]";

/// Makes the keys work, and the buttons that open and close dialogs.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    dom::listen(&*dom::by_id::<HtmlElement>("keys")?, "click", |_: Event| drop(show_keys()))?;
    dom::listen(&*dom::document()?, "click", |event: Event| {
        if let Some(dialog) = dialog_to_close(&event) {
            dialog.close();
        }
    })?;
    dom::listen(&*dom::window()?, "keydown", |event: KeyboardEvent| {
        if is_plain(&event) {
            let _ = act(&event);
        }
    })?;
    let list = app.answer.results().list().clone();
    dom::listen(app.answer.results().list(), "keydown", move |event: KeyboardEvent| {
        if is_plain(&event) {
            let _ = travel(&list, &event);
        }
    })
}

/// Whether a key means the page: not a combination, no letter in a field, no answer to a dialog. Shift makes `?` and `/`
/// on many keyboards.
fn is_plain(event: &KeyboardEvent) -> bool {
    let target = dom::target::<Element>(event);
    let inside = |selector| target.as_ref().is_some_and(|element| element.closest(selector).is_ok_and(|e| e.is_some()));
    let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
    !(modified || event.is_composing() || event.default_prevented() || inside(FIELDS) || inside("dialog"))
}

fn act(event: &KeyboardEvent) -> Outcome {
    match event.key().as_str() {
        // The chooser itself opens at the next key: not every browser lets a page open it.
        "/" => {
            dom::by_id::<HtmlElement>("photo-input")?.focus()?;
            dom::by_id::<HtmlElement>("drop")?.scroll_into_view();
        }
        "?" => show_keys()?,
        _ => return Ok(()),
    }
    event.prevent_default();
    Ok(())
}

fn show_keys() -> Outcome {
    Ok(dom::by_id::<HtmlDialogElement>("keys-dialog")?.show_modal()?)
}

fn dialog_to_close(event: &Event) -> Option<HtmlDialogElement> {
    let button = dom::target::<Element>(event)?.closest("[data-close]").ok()??;
    button.closest("dialog").ok()??.dyn_into().ok()
}

/// From result to result, as they lie on the screen. At the edge the key scrolls, as ever.
fn travel(list: &HtmlElement, event: &KeyboardEvent) -> Outcome {
    let found = list.query_selector_all("a")?;
    let links: Vec<HtmlElement> = (0..found.length()).filter_map(|i| found.get(i)?.dyn_into().ok()).collect();
    let active = dom::document()?.active_element();
    let Some(place) = links.iter().position(|link| active.as_deref() == Some(&***link)) else { return Ok(()) };
    let next = dom::arrow(event).and_then(|[x, y]| place.checked_add_signed((x + y * columns(&links)) as isize));
    if let Some(link) = next.and_then(|next| links.get(next)) {
        event.prevent_default();
        link.focus()?;
    }
    Ok(())
}

/// How many results lie beside each other.
fn columns(links: &[HtmlElement]) -> i32 {
    let tops: Vec<f64> = links.iter().map(|link| link.get_bounding_client_rect().top()).collect();
    tops.iter().take_while(|top| (*top - tops[0]).abs() < 1.0).count() as i32
}
