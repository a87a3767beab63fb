//! The way to the photo on the screen: the visitor's own, or one of the collection, then from similar photo to similar photo.

use web_sys::Blob;

/// A photo whose neighbours are wanted.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// What the visitor knows it by: the name of the file, or its path in the collection.
    pub(super) name: String,
    pub(super) subject: Subject,
    /// Whether the browser has decoded it, as the engine can't.
    pub(super) by_browser: bool,
}

/// Whose photo it is.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    /// The visitor's: the file, or what the browser has made of it.
    Own(Blob),
    /// One of the collection, by its place there.
    Item(u32),
}

impl Step {
    pub(super) fn own(name: impl Into<String>, photo: Blob) -> Self {
        Self { name: name.into(), subject: Subject::Own(photo), by_browser: false }
    }

    pub(super) fn decoded_by_browser(name: String, photo: Blob) -> Self {
        Self { by_browser: true, ..Self::own(name, photo) }
    }

    pub(super) fn item(path: &str, id: u32) -> Self {
        Self { name: path.to_owned(), subject: Subject::Item(id), by_browser: false }
    }

    pub(super) fn is_own(&self) -> bool {
        matches!(self.subject, Subject::Own(_))
    }

    /// Its path, if it is a photo of the collection: the visitor's own is never in an address.
    pub(super) fn path(&self) -> Option<&str> {
        if self.is_own() { None } else { Some(&self.name) }
    }

    /// What is none of its own neighbours.
    pub(super) fn itself(&self) -> Vec<u32> {
        if let Subject::Item(id) = self.subject { vec![id] } else { Vec::new() }
    }

    fn is_item(&self, id: u32) -> bool {
        matches!(self.subject, Subject::Item(item) if item == id)
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

    /// One step further. A photo that was there already ends the trail where it was: two photos that are each other's
    /// nearest would make it endless.
    pub(super) fn then(&self, path: &str, id: u32) -> Self {
        match self.before.iter().position(|step| step.is_item(id)) {
            Some(place) => self.back_to(place),
            None if self.last.is_item(id) => self.clone(),
            None => {
                Self { before: self.before.iter().chain([&self.last]).cloned().collect(), last: Step::item(path, id) }
            }
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
