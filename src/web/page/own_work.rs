//! A folder of the visitor's while it is indexed: its photos, and how far they are.

use web_sys::File;

use super::{dom, text};

/// A folder on its way into the index.
pub(super) struct Work {
    pub(super) title: String,
    pub(super) files: Vec<File>,
    pub(super) next: usize,
    /// For people.
    pub(super) left_out: Vec<String>,
    /// When the present photo was given, and how long one takes: both in milliseconds.
    pub(super) given: Option<f64>,
    pub(super) pace: f64,
}

impl Work {
    pub(super) fn new(title: String, files: Vec<File>, left_out: Vec<String>) -> Self {
        Self { title, files, next: 0, left_out, given: None, pace: 0.0 }
    }

    /// The photo that was given is indexed, or can't be.
    pub(super) fn dealt_with(&mut self, problem: Option<&str>) {
        let Some(given) = self.given.take() else { return };
        let took = dom::now() - given;
        self.pace = if self.next == 0 { took } else { self.pace * 0.95 + took * 0.05 };
        if let (Some(problem), Some(file)) = (problem, self.files.get(self.next)) {
            let left_out = text::left_out_for(&path(file), problem);
            if !self.left_out.contains(&left_out) {
                self.left_out.push(left_out);
            }
        }
        self.next += 1;
    }

    /// For an engine that knows what is kept, and passes over that.
    pub(super) fn begin_again(&mut self) {
        (self.next, self.given) = (0, None);
    }

    /// The photo that was given is why an engine ended: no other gets it.
    pub(super) fn leave_out_given(&mut self, problem: &str) {
        if self.given.is_some() && self.next < self.files.len() {
            let file = self.files.remove(self.next);
            self.left_out.push(text::left_out_for(&path(&file), problem));
        }
    }
}

/// Where a file lies, with the folder's name in front.
pub(super) fn path(file: &File) -> String {
    let path = dom::property(file, "webkitRelativePath").as_string();
    path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name())
}

/// Whether it may be a photo. Systems that do not know a type give none.
pub(super) fn is_photo(file: &File) -> bool {
    let name = file.name();
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    file.type_().starts_with("image/") || ["heic", "heif", "avif", "webp"].iter().any(|e| end.eq_ignore_ascii_case(e))
}
