//! What the page shows of the visitor's own folder: what is kept, how far an index is, and what is searched.

use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::{dom, failure::Outcome, text};
use crate::web::messages::Kept;

pub(super) struct OwnView {
    input: HtmlInputElement,
    open: HtmlElement,
    forget: HtmlElement,
    work: HtmlElement,
    words: HtmlElement,
    bar: Element,
    pause: HtmlElement,
}

impl OwnView {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            input: dom::by_id("own-input")?,
            open: dom::by_id("own-open")?,
            forget: dom::by_id("own-forget")?,
            work: dom::by_id("own-work")?,
            words: dom::by_id("own-words")?,
            bar: dom::by_id("own-bar")?,
            pause: dom::by_id("own-pause")?,
        })
    }

    /// Says what is kept; from now on a folder can be chosen. `searched`: the folder that is, if any.
    pub(super) fn kept(&self, kept: &Kept, searched: Option<&str>) -> Outcome {
        self.input.set_disabled(false);
        self.open.set_text_content(Some(&text::kept(&kept.title, kept.photos, kept.bytes)));
        self.open.set_attribute("data-photos", &kept.photos.to_string())?;
        self.hide(&self.open, kept.photos == 0 || searched == Some(&kept.title))?;
        self.hide(&self.forget, kept.photos == 0)
    }

    /// A keyboard on what goes away comes to where a folder is chosen.
    fn hide(&self, part: &HtmlElement, hidden: bool) -> Outcome {
        dom::hide(part, hidden, &self.input)
    }

    /// `work`: how many photos have been dealt with, of how many, and how many milliseconds one takes.
    pub(super) fn progress(&self, work: Option<(usize, usize, f64)>, paused: bool) -> Outcome {
        self.hide(&self.work, work.is_none())?;
        self.pause.set_text_content(Some(if paused { text::GO_ON } else { text::PAUSE }));
        if let Some((done, all, pace)) = work {
            self.words.set_text_content(Some(&text::indexed(done, all, pace * (all - done.min(all)) as f64 / 6e4)));
            self.bar.set_attribute("max", &all.to_string())?;
            self.bar.set_attribute("value", &done.to_string())?;
        }
        Ok(())
    }

    /// Says whether the folder or the site's collection is searched.
    pub(super) fn searched(&self, own: bool) -> Outcome {
        for id in ["own-save", "own-map"] {
            self.hide(&dom::by_id(id)?, !own)?;
        }
        dom::hide(&dom::by_id("own-back")?, !own, &dom::by_id("photo-input")?)?;
        self.hide(&self.open, own || self.forget.hidden())?;
        dom::by_id::<HtmlElement>("collection")?.class_list().toggle_with_force("own", own)?;
        Ok(())
    }
}
