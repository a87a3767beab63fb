//! The browser's history: each answer has an entry of its own, with the photo of the collection in its address. A box
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
    trail::Trail,
};
use crate::crop::Crop;

pub(super) struct History {
    /// When this page was loaded: entries outlive a reload, what they mean does not.
    session: RefCell<String>,
    /// All trails that have been answered, in the order of their answers.
    trails: RefCell<Vec<Trail>>,
    /// The trail of the answer on the screen: entries may differ in filter and view alone. If there is none, or the
    /// browser's present entry knows none, the next answer takes that entry's place.
    present: Cell<Option<usize>>,
}

/// What the browser's present entry asks for.
pub(super) enum Arrival {
    /// An answer that was on the screen before.
    Again(Question),
    /// A photo of the collection, by its path, and a box on it.
    Photo(String, Option<Crop>),
    /// A photo of the visitor's, from before the page was loaded again.
    Lost,
    Nothing,
}

impl History {
    pub(super) fn new() -> Outcome<Self> {
        let clock = dom::window()?.performance().ok_or_else(|| Failure::new("this browser has no clock"))?;
        let session = RefCell::new(dom::number(clock.time_origin()));
        Ok(Self { session, trails: RefCell::default(), present: Cell::default() })
    }

    /// Reads the present entry: the page has been opened, or the visitor has gone back, forward or to an address.
    pub(super) fn arrive(&self) -> Outcome<Arrival> {
        let state = dom::window()?.history()?.state()?.as_string();
        if let Some((place, trail)) = state.as_deref().and_then(|state| self.known(state)) {
            if self.present.replace(Some(place)) == Some(place) {
                return Ok(Arrival::Nothing);
            }
            return Ok(Arrival::Again(Question { trail, entry: Entry::There }));
        }
        self.present.set(None);
        let address = Address::read()?;
        Ok(match (address.photo(), state) {
            (Some((path, crop)), _) => Arrival::Photo(path, crop),
            // Which photo of the folder it was is gone; the folder can be opened again.
            (None, _) if address.own => Arrival::Nothing,
            (None, Some(_)) => Arrival::Lost,
            (None, None) => Arrival::Nothing,
        })
    }

    fn known(&self, state: &str) -> Option<(usize, Trail)> {
        let (session, place) = state.split_once('/')?;
        let place = place.parse().ok().filter(|_| session == *self.session.borrow())?;
        Some((place, self.trails.borrow().get(place)?.clone()))
    }

    /// Another collection is searched: what the entries so far mean is not there any more.
    pub(super) fn forget(&self) {
        self.session.borrow_mut().push('+');
        self.trails.borrow_mut().clear();
        self.present.set(None);
    }

    /// An answer is on the screen: gives it an entry, unless it has one or needs none.
    pub(super) fn shown(&self, question: &Question) -> Outcome {
        if question.entry != Entry::New {
            return Ok(());
        }
        let mut trails = self.trails.borrow_mut();
        let present = self.present.get().and_then(|place| trails.get(place));
        let stays = present.is_none_or(|trail| question.step().adjusts(trail.last()));
        let state = JsValue::from(format!("{}/{}", self.session.borrow(), trails.len()));
        let mut address = Address::read()?;
        address.set_photo(question.step());
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
