//! What stands behind the `#` of the page's address: pairs `key=value`, joined by `&`. Everything on the screen that is
//! not the visitor's photo.

use super::{dom, failure::Outcome, shelf, trail::Step};
use crate::{
    crop::Crop,
    mix::{self, Named, Weight},
};

const OWN: &str = "own";
const PHOTO: &str = "photo";
const CROP: &str = "crop";
const MIX: &str = "mix";
const AT: &str = "at";
pub(super) const VIEW: &str = "view";

/// The keys there are, in the order in which they are written; the filter's are [`crate::filter::Filter::PARTS`].
const KEYS: [&str; 10] = [PHOTO, CROP, MIX, AT, "cluster", "group", "folder", "tag", "lasso", VIEW];

#[derive(Default)]
pub(super) struct Address {
    values: [Option<String>; KEYS.len()],
    /// Whether it is about the visitor's own folder, of which nothing else is in an address.
    pub(super) own: bool,
    /// A pair that means nothing here; it is in no address that this page writes.
    pub(super) odd: Option<String>,
}

impl Address {
    /// The page's own.
    pub(super) fn read() -> Outcome<Self> {
        let mut address = Self::default();
        for pair in dom::window()?.location().hash()?.trim_start_matches('#').split('&').filter(|pair| !pair.is_empty())
        {
            if pair == OWN {
                address.own = true;
                continue;
            }
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            // What is badly encoded is taken as it stands: it will be told as not found.
            let value = js_sys::decode_uri_component(value).map_or_else(|_| value.to_owned(), String::from);
            match KEYS.iter().position(|known| *known == key) {
                Some(_) if key == MIX && mix::read(&value).is_none() => address.odd = Some(pair.to_owned()),
                Some(at) => address.values[at] = Some(value),
                None => address.odd = Some(pair.to_owned()),
            }
        }
        Ok(address)
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.values[KEYS.iter().position(|known| *known == key)?].as_deref()
    }

    pub(super) fn set(&mut self, key: &str, value: Option<String>) {
        if let Some(at) = KEYS.iter().position(|known| *known == key) {
            self.values[at] = value;
        }
    }

    /// The photos of the collection that are meant, one or several together.
    pub(super) fn photos(&self) -> Option<Vec<Named>> {
        if let Some(words) = self.get(MIX) {
            return mix::read(words);
        }
        let part = self.get(CROP).and_then(Crop::parse);
        Some(vec![Named { path: self.get(PHOTO)?.to_owned(), part, weight: Weight::ONE }])
    }

    /// The numbers of those photos, where the collection is a large one.
    pub(super) fn numbers(&self) -> Vec<u32> {
        self.get(AT).map_or(Vec::new(), |numbers| numbers.split(',').filter_map(|number| number.parse().ok()).collect())
    }

    /// With these photos and the boxes on them; without, where one is the visitor's own. `numbered`: with their numbers.
    pub(super) fn set_photos(&mut self, step: &Step, numbered: bool) {
        let (mut photo, mut crop, mut mix) = (None, None, None);
        match step.named().as_deref() {
            Some([Named { path, part, .. }]) => {
                photo = Some(path.clone());
                crop = part.map(|part| part.to_string());
            }
            Some(photos) => mix = Some(mix::write(photos)),
            None => {}
        }
        let numbers: Vec<String> = step.items().iter().map(u32::to_string).collect();
        let is_named = numbered && (photo.is_some() || mix.is_some());
        self.set(AT, is_named.then(|| numbers.join(",")));
        self.set(PHOTO, photo);
        self.set(CROP, crop);
        self.set(MIX, mix);
    }

    /// With the `#`; empty if there is nothing to say.
    pub(super) fn hash(&self) -> String {
        // The names of the visitor's photos are nobody else's business.
        let pairs = if shelf::is_open() { OWN.to_owned() } else { self.pairs() };
        if pairs.is_empty() { pairs } else { ["#", &pairs].concat() }
    }

    /// Without the `#`.
    pub(super) fn pairs(&self) -> String {
        let mut pairs = String::new();
        for (key, value) in KEYS.iter().zip(&self.values) {
            if let Some(value) = value {
                if !pairs.is_empty() {
                    pairs.push('&');
                }
                pairs.extend([key, "=", &encode(value)]);
            }
        }
        pairs
    }

    /// This page with this address; `?device=` stays.
    pub(super) fn url(&self) -> Outcome<String> {
        let location = dom::window()?.location();
        Ok(location.pathname()? + &location.search()? + &self.hash())
    }

    /// Gives it to the browser's present entry, or to a new one that stands for the same answer.
    pub(super) fn write(&self, new_entry: bool) -> Outcome {
        let history = dom::window()?.history()?;
        let (state, url) = (history.state()?, self.url()?);
        let url = Some(url.as_str());
        let written = if new_entry {
            history.push_state_with_url(&state, "", url)
        } else {
            history.replace_state_with_url(&state, "", url)
        };
        Ok(written?)
    }
}

/// Slashes and commas stay readable.
fn encode(value: &str) -> String {
    let word = |word: &str| String::from(js_sys::encode_uri_component(word));
    let words = |part: &str| part.split(',').map(word).collect::<Vec<_>>().join(",");
    value.split('/').map(words).collect::<Vec<_>>().join("/")
}

/// The part of an address that leads to a photo of the collection.
pub(super) fn link(path: &str, number: Option<u32>) -> String {
    let mut address = Address::default();
    address.set(PHOTO, Some(path.to_owned()));
    address.set(AT, number.map(|number| number.to_string()));
    address.hash()
}

/// The part of an address that leads to photos of the collection, with the boxes on them.
pub(super) fn link_to(step: &Step, numbered: bool) -> String {
    let mut address = Address::default();
    address.set_photos(step, numbered);
    address.hash()
}
