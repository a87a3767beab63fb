//! The way to the photo on the screen: the visitor's own, or one of the collection, then from similar photo to similar photo.

use std::sync::atomic::{AtomicU32, Ordering};

use web_sys::Blob;

use super::text;
use crate::{
    crop::Crop,
    gallery::Item,
    mix::{Named, Weight},
    web::messages::{Given, Source},
};

/// A photo, or several together, whose neighbours are wanted.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// What the visitor knows it by: the name of the file, its title or path in the collection, or a formula.
    pub(super) name: String,
    /// In the collection, if it is a photo of that.
    path: Option<String>,
    pub(super) subject: Subject,
    /// The part of it that is looked at; `None`: the whole photo.
    pub(super) part: Option<Part>,
    /// Whether the browser has decoded it, as the engine can't.
    pub(super) by_browser: bool,
    /// Tells photos apart: what an engine remembers of a photo goes by it.
    key: u32,
}

/// Whose photo it is.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    /// The visitor's: the file, or what the browser has made of it.
    Own(Blob),
    /// One of the collection, by its place there.
    Item(u32),
    /// Several together: at least two.
    Mix(Vec<Term>),
}

/// A box on a photo.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) crop: Crop,
    /// What it is a part of; of a photo of the collection the thumbnail.
    pub(super) file: Blob,
}

/// A photo of several.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) photo: Step,
    pub(super) weight: Weight,
}

impl Step {
    fn new(name: String, subject: Subject) -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        Self { name, path: None, subject, part: None, by_browser: false, key: LAST.fetch_add(1, Ordering::Relaxed) }
    }

    pub(super) fn own(name: impl Into<String>, photo: Blob) -> Self {
        Self::new(name.into(), Subject::Own(photo))
    }

    pub(super) fn decoded_by_browser(name: String, photo: Blob) -> Self {
        Self { by_browser: true, ..Self::own(name, photo) }
    }

    pub(super) fn item(item: &Item, id: u32) -> Self {
        Self { path: Some(item.path.clone()), ..Self::new(item.name().to_owned(), Subject::Item(id)) }
    }

    pub(super) fn mix(terms: Vec<Term>) -> Self {
        Self::new(text::formula(&terms), Subject::Mix(terms))
    }

    /// Several photos; of one alone, that photo. `None`: there are none.
    pub(super) fn together(mut terms: Vec<Term>) -> Option<Self> {
        if terms.len() > 1 { Some(Self::mix(terms)) } else { terms.pop().map(|term| term.photo) }
    }

    /// The same photo, another part of it.
    pub(super) fn with_part(&self, part: Option<Part>) -> Self {
        Self { part, ..self.clone() }
    }

    pub(super) fn is_own(&self) -> bool {
        matches!(self.subject, Subject::Own(_))
    }

    pub(super) fn is_mix(&self) -> bool {
        matches!(self.subject, Subject::Mix(_))
    }

    /// Its path, if it is a photo of the collection: the visitor's own is never in an address.
    pub(super) fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Its path in the collection, or the name of its file.
    pub(super) fn file_name(&self) -> &str {
        self.path().unwrap_or(&self.name)
    }

    /// As an address names it; `None` if a photo of the visitor's is in it.
    pub(super) fn named(&self) -> Option<Vec<Named>> {
        let named = |photo: &Self, weight| Some(Named { path: photo.path()?.to_owned(), part: photo.crop(), weight });
        match &self.subject {
            Subject::Mix(terms) => terms.iter().map(|term| named(&term.photo, term.weight)).collect(),
            _ => Some(vec![named(self, Weight::ONE)?]),
        }
    }

    /// Its path, if it is a whole photo of the collection: then its place on the map is known.
    pub(super) fn placed(&self) -> Option<&str> {
        self.path().filter(|_| self.part.is_none())
    }

    pub(super) fn crop(&self) -> Option<Crop> {
        self.part.as_ref().map(|part| part.crop)
    }

    /// The photos that it consists of.
    pub(super) fn photos(&self) -> Vec<&Self> {
        match &self.subject {
            Subject::Mix(terms) => terms.iter().map(|term| &term.photo).collect(),
            _ => vec![self],
        }
    }

    /// What an engine has to look at; `None`: nothing, the gallery knows the photo.
    pub(super) fn file(&self) -> Option<&Blob> {
        match (&self.part, &self.subject) {
            (Some(part), _) => Some(&part.file),
            (None, Subject::Own(file)) => Some(file),
            _ => None,
        }
    }

    /// One photo, as an engine is told of it.
    pub(super) fn source(&self) -> Source {
        let item = if let Subject::Item(id) = self.subject { Some(id) } else { None };
        match (self.file(), item) {
            (None, Some(item)) => Source::Item(item),
            _ => Source::Given { photo: Given { key: self.key, part: self.crop() }, item },
        }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Whether these are the same photos in another measure: the box is moved, a weight changed.
    pub(super) fn adjusts(&self, other: &Self) -> bool {
        let (mine, its) = (self.photos(), other.photos());
        let measured = self.is_mix() && other.is_mix() || self.part.is_some() && other.part.is_some();
        measured && mine.len() == its.len() && mine.iter().zip(its).all(|(one, other)| one.is_same(other))
    }

    /// Its name in a formula: that of the file, without folders.
    pub(super) fn short_name(&self) -> String {
        let name = self.file_name();
        let file = name.rsplit('/').next().unwrap_or(name);
        if self.part.is_some() { text::part_of(file) } else { file.to_owned() }
    }

    /// The photos of the collection in it, which are none of its neighbours.
    pub(super) fn items(&self) -> Vec<u32> {
        let item = |photo: &Self| if let Subject::Item(id) = photo.subject { Some(id) } else { None };
        self.photos().into_iter().filter_map(item).collect()
    }

    fn is_item(&self, id: u32) -> bool {
        self.part.is_none() && matches!(self.subject, Subject::Item(item) if item == id)
    }
}

/// Never empty: the last step is the photo on the screen.
#[derive(Debug, Clone)]
pub(super) struct Trail {
    before: Vec<Step>,
    last: Step,
}

impl Trail {
    pub(super) fn begin(step: Step) -> Self {
        Self { before: Vec::new(), last: step }
    }

    pub(super) fn before(&self) -> &[Step] {
        &self.before
    }

    pub(super) fn last(&self) -> &Step {
        &self.last
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.before.iter().chain([&self.last])
    }

    /// One step further. A photo that was there already ends the trail where it was: two photos that are each other's
    /// nearest would make it endless.
    pub(super) fn then(&self, item: &Item, id: u32) -> Self {
        match self.steps().position(|step| step.is_item(id)) {
            Some(place) => self.back_to(place),
            None => self.further(Step::item(item, id)),
        }
    }

    /// One step further, to what has not been there.
    pub(super) fn further(&self, step: Step) -> Self {
        Self { before: self.steps().cloned().collect(), last: step }
    }

    /// The trail with another last step.
    pub(super) fn instead(&self, step: Step) -> Self {
        match self.before.iter().position(|before| before.is_same(&step)) {
            Some(place) => self.back_to(place),
            None => Self { before: self.before.clone(), last: step },
        }
    }

    /// The trail up to one of its steps; beyond the last it stays as it is.
    pub(super) fn back_to(&self, place: usize) -> Self {
        match self.before.get(place) {
            Some(step) => Self { before: self.before[..place].to_vec(), last: step.clone() },
            None => self.clone(),
        }
    }
}
