//! Everything that can go wrong on the page's thread: one sentence for the visitor.

use wasm_bindgen::{JsCast, JsValue};

use super::text;
use crate::gallery::GalleryError;

/// One sentence.
#[derive(Debug, Clone)]
pub(super) struct Failure(String);

/// What most steps of the page return.
pub(super) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    pub(super) fn words(&self) -> &str {
        &self.0
    }
}

impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

impl From<GalleryError> for Failure {
    fn from(error: GalleryError) -> Self {
        Self(error.to_string())
    }
}

impl From<JsValue> for Failure {
    fn from(value: JsValue) -> Self {
        let words = value.dyn_ref::<js_sys::Error>().map(|e| String::from(e.message())).or_else(|| value.as_string());
        Self(words.unwrap_or_else(|| text::NO_REASON.to_owned()))
    }
}
