//! A folder of the visitor's while it is indexed: its photos, and how far they are.

use web_sys::File;

use super::dom;

/// A folder on its way into the index.
pub(super) struct Work {
    pub(super) files: Vec<File>,
    pub(super) next: usize,
    pub(super) left_out: Vec<String>,
    /// When the present photo was given, and how long one takes: both in milliseconds.
    pub(super) given: Option<f64>,
    pub(super) pace: f64,
}

impl Work {
    pub(super) fn new(files: Vec<File>, left_out: Vec<String>) -> Self {
        Self { files, next: 0, left_out, given: None, pace: 0.0 }
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
