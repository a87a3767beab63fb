//! The browser's history: each answer has an entry of its own, with the photos of the collection in its address. A box
//! that is moved and a weight that is changed keep theirs.
//!
//! An entry carries `SESSION/PLACE` as its state: which load of the page wrote it, and the place of its trail in
//! that page's memory. Photos of the visitor's live there alone, as long as the page is open.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsValue;

use super::{
    address::Address,
    dom,
    failure::{Failure, Outcome},
    questions::{Entry, Question},
    text,
    trail::Trail,
};
use crate::mix::Named;

pub(super) struct History {
    /// When this page was loaded: entries outlive a reload, what they mean does not.
    session: String,
    /// All trails that have been answered, in the order of their answers.
    trails: RefCell<Vec<Trail>>,
    /// Those before this one are about another collection.
    since: Cell<usize>,
    /// The trail of the answer on the screen: entries may differ in filter and view alone. If there is none, or the
    /// browser's present entry knows none, the next answer takes that entry's place.
    present: Cell<Option<usize>>,
}

/// What the browser's present entry asks for.
pub(super) enum Arrival {
    /// An answer that was on the screen before.
    Again(Question),
    /// Photos of the collection.
    Photos(Vec<Named>),
    /// A photo of the visitor's, from before the page was loaded again.
    Lost,
    Nothing,
}

impl History {
    pub(super) fn new() -> Outcome<Self> {
        let clock = dom::window()?.performance().ok_or_else(|| Failure::new(text::OLD_BROWSER))?;
        let session = dom::number(clock.time_origin());
        Ok(Self { session, trails: RefCell::default(), since: Cell::default(), present: Cell::default() })
    }

    /// Reads the present entry: the page has been opened, or the visitor has gone back, forward or to an address.
    pub(super) fn arrive(&self) -> Outcome<Arrival> {
        let state = dom::window()?.history()?.state()?.as_string();
        let place = state.as_deref().and_then(|state| self.place(state));
        if let Some((place, trail)) = place.and_then(|place| Some((place, self.known(place)?))) {
            if self.present.replace(Some(place)) == Some(place) {
                return Ok(Arrival::Nothing);
            }
            return Ok(Arrival::Again(Question { trail, entry: Entry::There }));
        }
        self.present.set(None);
        let address = Address::read()?;
        Ok(match (address.photos(), state) {
            (Some(photos), _) => Arrival::Photos(photos),
            // Which photo of the folder it was is gone; the folder can be opened again. Or it was about another collection.
            (None, _) if address.own || place.is_some() => Arrival::Nothing,
            (None, Some(_)) => Arrival::Lost,
            (None, None) => Arrival::Nothing,
        })
    }

    /// The place of the trail of an entry that this page has written.
    fn place(&self, state: &str) -> Option<usize> {
        let (session, place) = state.split_once('/')?;
        place.parse().ok().filter(|_| session == self.session)
    }

    /// The visitor's photo means the same in every collection, what led on from it does not.
    fn known(&self, place: usize) -> Option<Trail> {
        let trail = self.trails.borrow().get(place)?.clone();
        if place >= self.since.get() {
            return Some(trail);
        }
        trail.last().is_own().then(|| Trail::begin(trail.last().clone()))
    }

    /// Another collection is searched.
    pub(super) fn forget(&self) {
        self.since.set(self.trails.borrow().len());
        self.present.set(None);
    }

    /// An answer is on the screen: gives it an entry, unless it has one or needs none. `numbered`: with the photos' numbers.
    pub(super) fn shown(&self, question: &Question, numbered: bool) -> Outcome {
        if question.entry != Entry::New {
            return Ok(());
        }
        let mut trails = self.trails.borrow_mut();
        let present = self.present.get().and_then(|place| trails.get(place));
        let stays = present.is_none_or(|trail| question.step().adjusts(trail.last()));
        let state = JsValue::from(format!("{}/{}", self.session, trails.len()));
        let mut address = Address::read()?;
        address.set_photos(question.step(), numbered);
        let address = address.url()?;
        let history = dom::window()?.history()?;
        if stays {
            history.replace_state_with_url(&state, "", Some(&address))?;
        } else {
            history.push_state_with_url(&state, "", Some(&address))?;
        }
        self.present.set(Some(trails.len()));
        trails.push(question.trail.clone());
        Ok(())
    }
}
