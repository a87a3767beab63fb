//! The trail above the answer: each step before the last leads back to it.

use std::cell::RefCell;

use web_sys::{Event, HtmlElement};

use super::{
    address, dom,
    failure::Outcome,
    results, text,
    trail::{Step, Trail},
};

pub(super) struct TrailView {
    nav: HtmlElement,
    list: HtmlElement,
    trail: RefCell<Option<Trail>>,
}

impl TrailView {
    pub(super) fn new() -> Outcome<Self> {
        let nav: HtmlElement = dom::by_id("trail")?;
        Ok(Self { list: dom::within(&nav, "ol")?, nav, trail: RefCell::default() })
    }

    pub(super) fn element(&self) -> &HtmlElement {
        &self.nav
    }

    /// The trail of the answer on the screen.
    pub(super) fn trail(&self) -> Option<Trail> {
        self.trail.borrow().clone()
    }

    pub(super) fn show(&self, trail: &Trail, numbered: bool) -> Outcome {
        self.list.set_text_content(None);
        for (place, step) in trail.before().iter().enumerate() {
            self.append(&way_back(place, step, numbered)?, step)?;
        }
        let last = dom::labelled("span", "", &name(trail.last()))?;
        last.set_attribute("aria-current", "page")?;
        last.set_attribute("tabindex", "-1")?; // the keyboard is brought here when what it was on goes away
        self.append(&last, trail.last())?;
        self.nav.set_hidden(false);
        // A long trail shows its end.
        self.nav.set_scroll_left(self.nav.scroll_width());
        self.trail.replace(Some(trail.clone()));
        Ok(())
    }

    /// Brings the keyboard to the photo on the screen.
    pub(super) fn focus(&self) -> Outcome {
        dom::focus(&dom::within(&self.nav, "[aria-current]")?)
    }

    fn append(&self, entry: &HtmlElement, step: &Step) -> Outcome {
        dom::hint(entry, step.file_name())?;
        let place: HtmlElement = dom::create("li", "")?;
        place.append_child(entry)?;
        self.list.append_child(&place)?;
        Ok(())
    }
}

/// The step that an event on the trail means.
pub(super) fn step_of(event: &Event) -> Option<usize> {
    results::number(event, "data-step").map(|place| place as usize)
}

/// A link where the step has an address, else a button.
fn way_back(place: usize, step: &Step, numbered: bool) -> Outcome<HtmlElement> {
    let entry = if step.named().is_some() {
        let link = dom::labelled("a", "", &name(step))?;
        link.set_attribute("href", &address::link_to(step, numbered))?;
        link
    } else {
        let button = dom::labelled("button", "", &name(step))?;
        button.set_attribute("type", "button")?;
        button
    };
    entry.set_attribute("data-step", &place.to_string())?;
    Ok(entry)
}

pub(super) fn name(step: &Step) -> String {
    let photo = if step.is_own() { text::YOUR_PHOTO } else { &step.name };
    if step.part.is_some() { text::part_of(photo) } else { photo.to_owned() }
}
