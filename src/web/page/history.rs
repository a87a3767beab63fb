//! The browser's history: each answer has an entry of its own, with the photo of the collection in its address.
//!
//! An entry carries `SESSION/PLACE` as its state: which load of the page wrote it, and the place of its trail in
//! that page's memory. Photos of the visitor's live there alone, as long as the page is open.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsValue;

use super::{
    dom,
    failure::{Failure, Outcome},
    questions::Question,
    shelf,
    trail::Trail,
};

/// What stands before the path in the address.
const PHOTO: &str = "#photo=";

/// What stands in its place while the visitor's own folder is searched.
const OWN: &str = "#own";

pub(super) struct History {
    /// When this page was loaded: entries outlive a reload, what they mean does not.
    session: RefCell<String>,
    /// All trails that have been answered, in the order of their answers.
    trails: RefCell<Vec<Trail>>,
    /// Whether the browser's present entry has been answered; if not, the next answer takes its place.
    answered: Cell<bool>,
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
            session: RefCell::new(clock.time_origin().to_string()),
            trails: RefCell::default(),
            answered: Cell::default(),
        })
    }

    /// Reads the present entry: the page has been opened, or the visitor has gone back, forward or to an address.
    pub(super) fn arrive(&self) -> Outcome<Arrival> {
        let state = dom::window()?.history()?.state()?.as_string();
        if let Some((place, trail)) = state.as_deref().and_then(|state| self.known(state)) {
            self.answered.set(true);
            return Ok(Arrival::Again(Question { trail, visited: Some(place) }));
        }
        self.answered.set(false);
        let hash = dom::window()?.location().hash()?;
        Ok(match (path_in(&hash), state) {
            // Which photo of the folder it was is gone; the folder can be opened again.
            (None, _) if hash == OWN => Arrival::Nothing,
            (Some(path), _) => Arrival::Photo(path),
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
    }

    /// An answer is on the screen: gives it an entry, unless the visitor came to it through its own.
    pub(super) fn shown(&self, question: &Question) -> Outcome {
        if question.visited.is_some() {
            return Ok(());
        }
        let mut trails = self.trails.borrow_mut();
        let state = JsValue::from(format!("{}/{}", self.session.borrow(), trails.len()));
        let address = address(question.trail.last().path())?;
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

/// The part of an address that leads to a photo of the collection. Slashes stay readable.
pub(super) fn link(path: &str) -> String {
    if shelf::is_open() {
        return OWN.to_owned(); // the names of the visitor's photos are nobody else's business
    }
    format!("{PHOTO}{}", String::from(js_sys::encode_uri_component(path)).replace("%2F", "/"))
}

/// This page's address with a photo, or without; `?device=` stays.
fn address(path: Option<&str>) -> Outcome<String> {
    let location = dom::window()?.location();
    let photo = path.map(link).unwrap_or_default();
    Ok(format!("{}{}{photo}", location.pathname()?, location.search()?))
}

/// The path in an address's hash. One that is badly encoded is taken as it stands: it will be told as not found.
fn path_in(hash: &str) -> Option<String> {
    let encoded = hash.strip_prefix(PHOTO)?;
    Some(js_sys::decode_uri_component(encoded).map_or_else(|_| encoded.to_owned(), String::from))
}
