//! The status line: what the page is doing, how far it is, and which device computes.

use web_sys::{Element, HtmlElement};

use super::{dom, failure::Outcome};

/// For people in words, for tests in `data-state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Loading,
    Ready,
    Busy,
    Failed,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
    }
}

pub(super) struct Status {
    line: HtmlElement,
    progress: Element,
    device: HtmlElement,
    check: HtmlElement,
}

impl Status {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            line: dom::by_id("status")?,
            progress: dom::by_id("progress")?,
            device: dom::by_id("device")?,
            check: dom::by_id("check")?,
        })
    }

    pub(super) fn set(&self, state: State, words: &str) {
        show(&self.line, state, words);
        if state != State::Loading {
            self.done();
        }
    }

    pub(super) fn is(&self, state: State) -> bool {
        self.line.get_attribute("data-state").as_deref() == Some(state.name())
    }

    /// A part in [0, 1].
    pub(super) fn progress(&self, part: f64) -> Outcome {
        Ok(self.progress.set_attribute("value", &dom::fixed(part, 3))?)
    }

    /// What computes, which can be checked; `None`: nothing yet.
    pub(super) fn device(&self, name: Option<&str>) {
        self.device.set_text_content(Some(name.unwrap_or("…")));
        self.check.set_hidden(name.is_none());
    }

    /// The line is still there, and looks like one: nothing moves.
    fn done(&self) {
        let _ = self.progress.set_attribute("data-done", "");
        let _ = self.progress.set_attribute("aria-hidden", "true");
    }
}

/// For when nothing else works any more.
pub(super) fn last_words(words: &str) {
    if let Ok(line) = dom::by_id::<HtmlElement>("status") {
        show(&line, State::Failed, words);
    }
    if let Ok(error) = dom::by_id::<HtmlElement>("error") {
        let _ = dom::within::<HtmlElement>(&error, "p").map(|place| place.set_text_content(Some(words)));
        error.set_hidden(false);
    }
}

fn show(line: &HtmlElement, state: State, words: &str) {
    line.set_text_content(Some(words));
    let _ = line.set_attribute("data-state", state.name());
}
