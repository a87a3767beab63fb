//! From photo to photo: more results, more like one of them, back along the trail, and through the browser's history.

use std::rc::Rc;

use web_sys::{Event, MouseEvent, Node};

use super::{
    app::App,
    dom,
    failure::Outcome,
    history::Arrival,
    questions::Question,
    results, shelf, text,
    trail::{Step, Trail},
    trail_view,
};
use crate::gallery::Item;

/// Makes results, trail and history work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    let more = Rc::clone(app);
    dom::listen(app.answer.results().button(), "click", move |_: Event| {
        if let Err(failure) = more.answer.results().more() {
            more.notices.error(&failure.to_string());
        }
    })?;
    let chosen = Rc::clone(app);
    dom::listen(app.answer.results().list(), "click", move |event: MouseEvent| {
        if let (true, Some(item)) = (is_plain(&event), results::item_of(&event)) {
            event.prevent_default();
            chosen.more_like(item);
        }
    })?;
    let back = Rc::clone(app);
    dom::listen(app.trail.element(), "click", move |event: MouseEvent| {
        if let (true, Some(place), Some(trail)) = (is_plain(&event), trail_view::step_of(&event), back.trail.trail()) {
            event.prevent_default();
            back.ask(Question::new(trail.back_to(place)));
        }
    })?;
    let travelled = Rc::clone(app);
    dom::listen(&*dom::window()?, "popstate", move |_: Event| travelled.arrive())
}

/// Whether a click on a link means this page; with a key or another button it means another tab.
fn is_plain(event: &MouseEvent) -> bool {
    event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key())
}

impl App {
    /// Asks for the neighbours of a photo of the collection, one step further on the trail.
    fn more_like(&self, item: u32) {
        let Some(collection) = self.collection.get() else { return };
        let Some(Item { path, .. }) = collection.item(item) else { return };
        let trail = match self.trail.trail() {
            Some(trail) => trail.then(path, item),
            None => Trail::begin(Step::item(path, item)),
        };
        self.ask(Question::new(trail));
    }

    /// The page's own address may name a photo. One that the visitor has given meanwhile comes first.
    pub(super) fn open_address(self: &Rc<Self>) {
        if self.questions.borrow().is_idle() && self.intake.is_idle() {
            self.arrive();
        }
    }

    /// Asks for what the browser's history has come to; if that is not there, the answer on the screen stays.
    fn arrive(self: &Rc<Self>) {
        match self.history.arrive() {
            Ok(Arrival::Again(question)) => self.ask(question),
            Ok(Arrival::Photo(path)) if shelf::is_open() => self.leave_folder(Some(path)),
            Ok(Arrival::Photo(path)) => self.open_permalink(&path),
            Ok(Arrival::Lost) => self.notices.note(text::PHOTO_LOST),
            Ok(Arrival::Nothing) => {}
            Err(failure) => self.notices.error(&failure.to_string()),
        }
    }

    fn open_permalink(&self, path: &str) {
        // Before the collection has been loaded nobody knows its photos: `open_address` comes back to this.
        let Some(collection) = self.collection.get() else { return };
        match collection.find(path) {
            Some(id) => self.ask(Question::new(Trail::begin(Step::item(path, id)))),
            None => self.notices.error(&text::no_such_photo(path)),
        }
    }

    /// Whether the keyboard is on something that the next answer takes away.
    pub(super) fn keyboard_on_answer(&self) -> bool {
        let active = dom::document().ok().and_then(|document| document.active_element());
        let active = active.as_deref().map(|element| -> &Node { element });
        [self.answer.results().list(), self.trail.element()].into_iter().any(|part| part.contains(active))
    }
}
