//! Errors and notes: one sentence each, in one place, until they are dismissed.

use std::{cell::RefCell, rc::Rc};

use web_sys::{Event, HtmlElement};

use super::{dom, failure::Outcome};

pub(super) struct Notices {
    error: Notice,
    note: Notice,
}

#[derive(Clone)]
struct Notice {
    frame: HtmlElement,
    words: HtmlElement,
    /// What the keyboard was on when the notice came.
    before: Rc<RefCell<Option<HtmlElement>>>,
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
        drop(self.error.put_away());
    }
}

impl Notice {
    fn new(id: &str) -> Outcome<Self> {
        let frame: HtmlElement = dom::by_id(id)?;
        let button: HtmlElement = dom::within(&frame, "button")?;
        let notice = Self { words: dom::within(&frame, "p")?, frame, before: Rc::default() };
        let dismissed = notice.clone();
        dom::listen(&button, "click", move |_: Event| drop(dismissed.put_away()))?;
        Ok(notice)
    }

    /// Takes the notice away. If the keyboard was on it, that goes back to where it was, or to “Choose a photo”.
    fn put_away(&self) -> Outcome {
        let had_keyboard = dom::has_keyboard(&self.frame);
        self.frame.set_hidden(true);
        let before = self.before.take().filter(|_| had_keyboard);
        if let Some(before) = &before {
            dom::focus(before)?;
        }
        // What is no longer there takes no keyboard.
        if had_keyboard && dom::focused() != before { dom::focus(&dom::by_id("photo-input")?) } else { Ok(()) }
    }

    fn show(&self, sentence: &str) {
        if self.frame.hidden() {
            self.before.replace(dom::focused());
        }
        self.words.set_text_content(Some(sentence));
        self.frame.set_hidden(false);
    }
}
