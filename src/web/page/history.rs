//! The browser's history: each answer has an entry of its own, with the photo of the collection in its address.
//!
//! An entry carries `SESSION/PLACE` as its state: which load of the page wrote it, and the place of its trail in
//! that page's memory. Photos of the visitor's live there alone, as long as the page is open.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsValue;

use super::{
    address::{Address, PHOTO},
    dom,
    failure::{Failure, Outcome},
    questions::Question,
    trail::Trail,
};

pub(super) struct History {
    /// When this page was loaded: entries outlive a reload, what they mean does not.
    session: String,
    /// All trails that have been answered, in the order of their answers.
    trails: RefCell<Vec<Trail>>,
    /// Whether the browser's present entry has been answered; if not, the next answer takes its place.
    answered: Cell<bool>,
    /// The place of the answer on the screen: entries may differ in filter and view alone.
    present: Cell<Option<usize>>,
}

/// What the browser's present entry asks for.
pub(super) enum Arrival {
    /// An answer that was on the screen before.
    Again(Question),
    /// A photo of the collection, by its path.
    Photo(String),
    /// A photo of the visitor's, from before the page was loaded again.
    Lost,
    Nothing,
}

impl History {
    pub(super) fn new() -> Outcome<Self> {
        let clock = dom::window()?.performance().ok_or_else(|| Failure::new("this browser has no clock"))?;
        Ok(Self {
            session: clock.time_origin().to_string(),
            trails: RefCell::default(),
            answered: Cell::default(),
            present: Cell::default(),
        })
    }

    /// Reads the present entry: the page has been opened, or the visitor has gone back, forward or to an address.
    pub(super) fn arrive(&self) -> Outcome<Arrival> {
        let state = dom::window()?.history()?.state()?.as_string();
        if let Some((place, trail)) = state.as_deref().and_then(|state| self.known(state)) {
            self.answered.set(true);
            if self.present.replace(Some(place)) == Some(place) {
                return Ok(Arrival::Nothing);
            }
            return Ok(Arrival::Again(Question { trail, visited: Some(place) }));
        }
        self.answered.set(false);
        Ok(match (Address::read()?.get(PHOTO), state) {
            (Some(path), _) => Arrival::Photo(path.to_owned()),
            (None, Some(_)) => Arrival::Lost,
            (None, None) => Arrival::Nothing,
        })
    }

    fn known(&self, state: &str) -> Option<(usize, Trail)> {
        let (session, place) = state.split_once('/')?;
        let place = place.parse().ok().filter(|_| session == self.session)?;
        Some((place, self.trails.borrow().get(place)?.clone()))
    }

    /// An answer is on the screen: gives it an entry, unless the visitor came to it through its own.
    pub(super) fn shown(&self, question: &Question) -> Outcome {
        if question.visited.is_some() {
            return Ok(());
        }
        let mut trails = self.trails.borrow_mut();
        let state = JsValue::from(format!("{}/{}", self.session, trails.len()));
        let mut address = Address::read()?;
        address.set(PHOTO, question.trail.last().path().map(str::to_owned));
        let address = address.url()?;
        self.present.set(Some(trails.len()));
        let history = dom::window()?.history()?;
        if self.answered.replace(true) {
            history.push_state_with_url(&state, "", Some(&address))?;
        } else {
            history.replace_state_with_url(&state, "", Some(&address))?;
        }
        trails.push(question.trail.clone());
        Ok(())
    }
}

/// The part of an address that leads to a photo of the collection.
pub(super) fn link(path: &str) -> String {
    let mut address = Address::default();
    address.set(PHOTO, Some(path.to_owned()));
    address.hash()
}
