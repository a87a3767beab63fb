//! Short names for what the page does with its document. Text always goes in as text, never as HTML.

use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, convert::FromWasmAbi, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, Document, Element, Event, EventTarget, FocusOptions, HtmlCanvasElement, HtmlElement,
    KeyboardEvent, Window,
};

use super::{
    failure::{Failure, Outcome},
    text,
};
pub(super) use crate::web::js::property;

pub(super) fn window() -> Outcome<Window> {
    web_sys::window().ok_or_else(|| Failure::new(text::OLD_BROWSER))
}

pub(super) fn document() -> Outcome<Document> {
    window()?.document().ok_or_else(|| Failure::new(text::OLD_BROWSER))
}

/// The element of `index.html` with this id.
pub(super) fn by_id<T: JsCast>(id: &str) -> Outcome<T> {
    let element = document()?.get_element_by_id(id).and_then(|e| e.dyn_into().ok());
    element.ok_or_else(|| Failure::new(text::versions_mixed(id)))
}

/// Puts words into the element of `index.html` with this id.
pub(super) fn say(id: &str, words: &str) -> Outcome {
    by_id::<HtmlElement>(id)?.set_text_content(Some(words));
    Ok(())
}

/// The first descendant that fits.
pub(super) fn within<T: JsCast>(parent: &Element, selector: &str) -> Outcome<T> {
    let element = parent.query_selector(selector)?.and_then(|e| e.dyn_into().ok());
    element.ok_or_else(|| Failure::new(text::versions_mixed(selector)))
}

/// A new element.
pub(super) fn create<T: JsCast>(tag: &str, class: &str) -> Outcome<T> {
    let element = document()?.create_element(tag)?;
    if !class.is_empty() {
        element.set_attribute("class", class)?;
    }
    element.dyn_into().map_err(|_| Failure::new(text::OLD_BROWSER))
}

/// Sets attributes, each a name and a value.
pub(super) fn set(element: &Element, attributes: &[(&str, &str)]) -> Outcome {
    attributes.iter().try_for_each(|(name, value)| Ok(element.set_attribute(name, value)?))
}

/// What a mouse that rests on an element is told.
pub(super) fn hint(element: &Element, words: &str) -> Outcome {
    set(element, &[("title", words)])
}

/// A new element with text in it.
pub(super) fn labelled(tag: &str, class: &str, text: &str) -> Outcome<HtmlElement> {
    let element: HtmlElement = create(tag, class)?;
    element.set_text_content(Some(text));
    Ok(element)
}

/// What draws on a canvas.
pub(super) fn context(canvas: &HtmlCanvasElement) -> Outcome<CanvasRenderingContext2d> {
    let context = canvas.get_context("2d")?.and_then(|context| context.dyn_into().ok());
    context.ok_or_else(|| Failure::new(text::OLD_BROWSER))
}

/// What the keyboard is on; the body, if it is on nothing.
pub(super) fn focused() -> Option<HtmlElement> {
    document().ok()?.active_element()?.dyn_into().ok()
}

/// Whether the keyboard is on a part of the page.
pub(super) fn has_keyboard(part: &HtmlElement) -> bool {
    focused().is_some_and(|element| part.contains(Some(&element)))
}

/// Brings the keyboard to an element; the page stays where it is.
pub(super) fn focus(element: &HtmlElement) -> Outcome {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    Ok(element.focus_with_options(&options)?)
}

/// Shows or hides a part of the page. A keyboard on what goes away comes to `instead`.
pub(super) fn hide(part: &HtmlElement, hidden: bool, instead: &HtmlElement) -> Outcome {
    let had_keyboard = hidden && has_keyboard(part);
    part.set_hidden(hidden);
    if had_keyboard { focus(instead) } else { Ok(()) }
}

/// The element that an event is about, if it is of this kind.
pub(super) fn target<T: JsCast>(event: &Event) -> Option<T> {
    event.target()?.dyn_into().ok()
}

/// As attributes say yes and no.
pub(super) fn flag(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}

/// The step that an arrow key means, to the right and down.
pub(super) fn arrow(event: &KeyboardEvent) -> Option<[i32; 2]> {
    Some(match event.key().as_str() {
        "ArrowLeft" => [-1, 0],
        "ArrowRight" => [1, 0],
        "ArrowUp" => [0, -1],
        "ArrowDown" => [0, 1],
        _ => return None,
    })
}

/// A number as the browser writes it: Rust's own way with floats would be 6 kB of the page.
pub(super) fn number(x: impl Into<f64>) -> String {
    js_sys::Number::from(x.into()).to_string_with_radix(10).map_or_else(|_| String::new(), String::from)
}

/// A number with so many decimals.
pub(super) fn fixed(x: impl Into<f64>, decimals: u8) -> String {
    js_sys::Number::from(x.into()).to_fixed(decimals).map_or_else(|_| String::new(), String::from)
}

/// Milliseconds.
pub(super) fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// What kind of error the browser has thrown; empty if it does not say.
pub(super) fn name_of(error: &JsValue) -> String {
    property(error, "name").as_string().unwrap_or_default()
}

/// Calls `act` at every such event, as long as the page lives: one copy of the code for all who hear of that kind of event.
/// `events`: their names, with commas between them.
pub(super) fn hear<T: 'static, E: FromWasmAbi + 'static>(
    by: &Rc<T>,
    target: &EventTarget,
    events: &str,
    act: fn(&Rc<T>, E),
) -> Outcome {
    let by = Rc::clone(by);
    listen(target, events, move |event| act(&by, event))
}

/// The same for whoever keeps something else for it.
pub(super) fn listen<E: FromWasmAbi + 'static>(
    target: &EventTarget,
    events: &str,
    handle: impl FnMut(E) + 'static,
) -> Outcome {
    let handle = Closure::<dyn FnMut(E)>::new(handle);
    add(target, events, handle.as_ref().unchecked_ref())?;
    handle.forget();
    Ok(())
}

fn add(target: &EventTarget, events: &str, handle: &Function) -> Outcome {
    events.split(',').try_for_each(|event| Ok(target.add_event_listener_with_callback(event, handle)?))
}

/// Lets the browser draw and listen before the next heavy step.
pub(super) async fn breathe() -> Outcome {
    pause(0).await
}

pub(super) async fn pause(milliseconds: i32) -> Outcome {
    JsFuture::from(timer(milliseconds)).await?;
    Ok(())
}

/// Is kept, with nothing, after so many milliseconds.
pub(super) fn timer(milliseconds: i32) -> Promise {
    Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        }
    })
}

/// The symbol of a cluster, in its colour.
pub(super) fn chip(cluster: u32) -> Outcome<HtmlElement> {
    let shape = ["", "square", "diamond"][(cluster / COLOURS) as usize % 3];
    create("span", &format!("chip c{} {shape}", cluster % COLOURS))
}

/// Colours in `style.css`: `--c0` and on.
pub(super) const COLOURS: u32 = 12;
