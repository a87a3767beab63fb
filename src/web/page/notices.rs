//! Errors and notes: one sentence each, in one place, until they are dismissed.

use web_sys::{Event, HtmlElement};

use super::{dom, failure::Outcome};

pub(super) struct Notices {
    error: Notice,
    note: Notice,
}

struct Notice {
    frame: HtmlElement,
    words: HtmlElement,
}

impl Notices {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self { error: Notice::new("error")?, note: Notice::new("note")? })
    }

    /// Something did not work.
    pub(super) fn error(&self, sentence: &str) {
        self.error.show(sentence);
    }

    /// Something worth knowing.
    pub(super) fn note(&self, sentence: &str) {
        self.note.show(sentence);
    }

    pub(super) fn clear_error(&self) {
        self.error.frame.set_hidden(true);
    }
}

impl Notice {
    fn new(id: &str) -> Outcome<Self> {
        let frame: HtmlElement = dom::by_id(id)?;
        let dismissed = frame.clone();
        let button: HtmlElement = dom::within(&frame, "button")?;
        dom::listen(&button, "click", move |_: Event| dismissed.set_hidden(true))?;
        Ok(Self { words: dom::within(&frame, "p")?, frame })
    }

    fn show(&self, sentence: &str) {
        self.words.set_text_content(Some(sentence));
        self.frame.set_hidden(false);
    }
}
