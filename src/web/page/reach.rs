//! How much of the collection the answer on the screen comes from, and the ways to more: the nearest parts of a large
//! collection are fetched question by question, and what could not be loaded is tried again.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, Event, HtmlElement};

use super::{
    app::App,
    collection::Collection,
    dom,
    failure::{Failure, Outcome},
    parts, results, shelf, text,
    trail::Step,
};
use crate::{
    cells::{first, reached, within},
    engine::Answer,
};

pub(super) struct Reach {
    frame: HtmlElement,
    words: HtmlElement,
    reasons: HtmlElement,
    retry: HtmlElement,
    further: HtmlElement,
    /// The parts that could not be loaded, and why.
    pub(super) lost: RefCell<Vec<(u32, String)>>,
    /// Whether the host has another collection by now.
    pub(super) stale: Cell<bool>,
    /// The answer on the screen, and what it is about.
    answer: RefCell<Option<(Step, Answer)>>,
    /// What is spent on it, by its place among the entry's efforts; beyond them, everything.
    effort: Cell<usize>,
    /// The parts that the map shows, if they are few.
    seen: RefCell<Vec<u32>>,
    /// Ends what is being fetched.
    pub(super) end: RefCell<Option<AbortController>>,
    /// The last request for a better answer, and the last that was answered.
    asked: Cell<u32>,
    answered: Cell<u32>,
}

impl Reach {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            frame: dom::by_id("reach")?,
            words: dom::by_id("reach-words")?,
            reasons: dom::by_id("reach-lost")?,
            retry: dom::by_id("reach-retry")?,
            further: dom::by_id("reach-further")?,
            lost: RefCell::default(),
            stale: Cell::default(),
            answer: RefCell::default(),
            effort: Cell::default(),
            seen: RefCell::default(),
            end: RefCell::default(),
            asked: Cell::default(),
            answered: Cell::default(),
        })
    }

    /// Something newer is asked: what is being fetched for the answer on the screen is no longer wanted.
    pub(super) fn rest(&self) {
        if let Some(end) = self.end.take() {
            end.abort();
        }
    }

    /// Another collection is searched.
    pub(super) fn forget(&self) {
        self.rest();
        self.answer.take();
        self.seen.take();
    }

    /// Whether the answer on the screen is about to get better.
    fn is_searching(&self) -> bool {
        self.end.borrow().is_some() || self.asked.get() != self.answered.get()
    }

    /// The parts that the map shows or the answer on the screen wants, and that are neither here nor known to be lost.
    fn wanted(&self, collection: &Collection, effort: usize) -> Vec<u32> {
        let (answer, lost, seen) = (self.answer.borrow(), self.lost.borrow(), self.seen.borrow());
        let order = answer.as_ref().map_or(&[][..], |(_, answer)| &answer.cells);
        let paid = within(&collection.entry, order, effort).iter().filter(|place| !seen.contains(place));
        let is_new = |place: &u32| !collection.items.has(*place) && !lost.iter().any(|(lost, _)| lost == place);
        seen.iter().chain(paid).copied().filter(is_new).collect()
    }

    /// What is to be said, and a name for it.
    fn state(&self, collection: &Collection) -> (&'static str, String) {
        let (items, entry, lost) = (&collection.items, &collection.entry, self.lost.borrow().len());
        let answer = self.answer.borrow();
        if self.stale.get() {
            return ("stale", text::PUBLISHED_AGAIN.to_owned());
        } else if self.is_searching() {
            return ("searching", text::SEARCHING_PARTS.to_owned());
        } else if lost > 0 {
            return ("partial", text::partial(lost, entry.cells.len()));
        } else if items.is_whole() {
            return ("exact", text::exact(items.len()));
        }
        // The recall was measured with one embedding a question.
        let single = answer.as_ref().filter(|(_, answer)| answer.turned.is_empty());
        match single.and_then(|(_, answer)| reached(entry, &answer.cells, |place| items.has(place))) {
            Some(effort) => ("effort", text::effort(effort)),
            None => ("some", text::compared_with(items.len(), entry.photos)),
        }
    }

    fn show(&self, collection: &Collection) -> Outcome {
        let lost = self.lost.borrow();
        let is_shown = !shelf::is_open() && (self.answer.borrow().is_some() || !lost.is_empty());
        self.frame.class_list().toggle_with_force("waiting", !is_shown)?;
        let (name, words) = self.state(collection);
        let words = if is_shown { words } else { String::new() };
        // The same words once more would be read out once more.
        if self.words.text_content().as_deref() != Some(&words) {
            self.words.set_text_content(Some(&words));
        }
        let reasons: Vec<&str> = lost.iter().map(|(_, reason)| reason.as_str()).collect();
        self.reasons.set_text_content(Some(&text::reasons(&reasons)));
        self.reasons.set_hidden(!is_shown || reasons.is_empty());
        self.retry.set_text_content(Some(if self.stale.get() { text::RELOAD } else { text::TRY_AGAIN }));
        let goes_on = collection.entry.is_large() && !self.stale.get();
        if name != "searching" {
            dom::hide(&self.retry, lost.is_empty(), &self.words)?;
            dom::hide(&self.further, !goes_on || self.wanted(collection, usize::MAX).is_empty(), &self.words)?;
        }
        // Last: who waits for it finds all the others in place.
        let compared = collection.items.len().to_string();
        dom::set(&self.frame, &[("data-compared", &compared), ("data-reach", if is_shown { name } else { "" })])
    }
}

/// Makes the buttons work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    dom::hear(app, &app.reach.retry, "click", |retried, _: Event| {
        if retried.reach.stale.get() {
            let _ = dom::window().and_then(|window| Ok(window.location().reload()?));
        } else if !retried.reach.is_searching() {
            let lost = retried.reach.lost.take().into_iter().map(|(place, _)| place).collect();
            retried.fetch_in_background(lost);
        }
    })?;
    let moved = Rc::clone(app);
    app.map.when_rested(move |seen| moved.show_parts(seen));
    dom::hear(app, &app.reach.further, "click", |further, _: Event| {
        let Some(collection) = further.collection.get() else { return };
        let reach = &further.reach;
        if !reach.is_searching() {
            let more = |effort: &usize| !reach.wanted(&collection, *effort).is_empty();
            let all = collection.entry.efforts.len();
            reach.effort.set((reach.effort.get() + 1..all).find(more).unwrap_or(all));
            further.go_on();
        }
    })
}

impl App {
    /// A collection has been loaded, but for these parts of it.
    pub(super) fn miss(self: &Rc<Self>, lost: Vec<(u32, Failure)>) {
        self.reach.stale.set(false);
        self.reach.lost.replace(parts::told(lost));
        self.say_reach();
        if !self.reach.lost.borrow().is_empty() {
            let app = Rc::clone(self);
            spawn_local(async move { app.look_whether_stale().await });
        }
    }

    /// An engine can't use a part.
    pub(super) fn refuse_part(&self, place: u32, reason: String) {
        let mut lost = self.reach.lost.borrow_mut();
        if !lost.iter().any(|(known, _)| *known == place) {
            lost.push((place, reason));
        }
        drop(lost);
        self.say_reach();
    }

    /// An answer has come on the screen; `None`: the visitor still drags what it goes by.
    pub(super) fn reach_for(self: &Rc<Self>, answer: &Answer, photo: &Step, settled: bool) {
        let Some(collection) = self.collection.get() else { return };
        self.reach.rest();
        self.reach.answer.replace(Some((photo.clone(), answer.clone())));
        self.reach.answered.set(self.reach.asked.get());
        self.reach.effort.set(first(&collection.entry));
        if settled { self.go_on() } else { self.say_reach() }
    }

    pub(super) fn say_reach(&self) {
        if let Some(Err(failure)) = self.collection.get().map(|collection| self.reach.show(&collection)) {
            self.notices.error(failure.words());
        }
    }

    /// Fetches what the present effort pays for.
    fn go_on(self: &Rc<Self>) {
        let wanted = self.collection.get().map(|collection| self.reach.wanted(&collection, self.reach.effort.get()));
        match wanted {
            Some(wanted) if !wanted.is_empty() => self.fetch_in_background(wanted),
            _ => {
                self.reach.rest(); // what is still on the way was for another view
                self.say_reach();
            }
        }
    }

    /// The map shows these parts. What an earlier view wanted is no longer fetched; while a photo is on its way that an address
    /// names, it goes first.
    fn show_parts(self: &Rc<Self>, seen: Vec<u32>) {
        let before = self.reach.seen.replace(seen);
        if before != *self.reach.seen.borrow() && self.intake.is_idle() {
            self.go_on();
        }
    }

    /// Asks for the answer on the screen once more, and at the end for what the groups look like.
    pub(super) fn improve(&self, exemplars: bool) -> Outcome {
        let answer = self.reach.answer.borrow();
        let Some((photo, answer)) = &*answer else { return Ok(()) };
        self.reach.asked.set(self.reach.asked.get() + 1);
        let engines = self.engines.borrow();
        let Some((_, link, _)) = engines.active() else { return Ok(()) };
        link.again(self.reach.asked.get(), photo, answer, results::MOST as u32, exemplars)
    }

    /// An engine has been opened: what the one before it was asked for is asked again.
    pub(super) fn improve_again(&self) -> Outcome {
        if self.reach.asked.get() == self.reach.answered.get() { Ok(()) } else { self.improve(true) }
    }

    pub(super) fn improved(&self, id: u32, answer: Result<Answer, String>, exemplars: Option<[Vec<Vec<u32>>; 2]>) {
        if let Some(exemplars) = exemplars {
            self.map.exemplify(exemplars);
        }
        if id != self.reach.asked.get() || id == self.reach.answered.get() {
            return; // about an earlier answer, or not all that has come since
        }
        self.reach.answered.set(id);
        if let Err(failure) = answer.map_err(Failure::new).and_then(|answer| self.show_better(answer)) {
            self.notices.error(failure.words());
        }
        self.say_reach();
    }

    fn show_better(&self, answer: Answer) -> Outcome {
        let photo = self.reach.answer.borrow().as_ref().map(|(photo, _)| photo.clone());
        let Some((photo, collection)) = photo.zip(self.collection.get()) else { return Ok(()) };
        self.filters.remember(&answer, &photo);
        self.map.show_answer(&answer, &photo)?;
        let filtered = self.is_filtered();
        self.answer.improve(&answer, &collection, !filtered)?;
        self.reach.answer.replace(Some((photo, answer)));
        if filtered {
            self.search_again();
        }
        Ok(())
    }
}
