//! Whether the visitor's photo is looked for turned and mirrored as well.

use std::rc::Rc;

use web_sys::{Event, HtmlElement, HtmlInputElement};

use super::{
    app::App,
    dom,
    failure::Outcome,
    questions::{Entry, Question},
    trail::Step,
};

pub(super) struct Turned {
    place: HtmlElement,
    choice: HtmlInputElement,
}

impl Turned {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self { place: dom::by_id("turned-place")?, choice: dom::by_id("turned")? })
    }

    pub(super) fn wanted(&self) -> bool {
        self.choice.checked()
    }

    /// A photo of the collection is known as it is.
    pub(super) fn answered(&self, photo: &Step) -> Outcome {
        self.place.class_list().toggle_with_force("waiting", !photo.is_own())?;
        Ok(())
    }
}

/// Asks again when the choice changes: the photo keeps its place on the trail and in the history.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    dom::hear(app, &app.turned.choice, "change", |changed, _: Event| {
        if let Some(trail) = changed.trail.trail().filter(|trail| trail.last().is_own()) {
            changed.ask(Question { entry: Entry::There, ..Question::new(trail) });
        }
    })
}
