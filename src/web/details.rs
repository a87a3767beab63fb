//! What workers say of what went wrong: details, which follow a sentence of the page's own (`page/text.rs`).

pub(super) const NOT_OPEN: &str = "the collection is not open yet";
pub(super) const UNREADABLE: &str = "the file can't be read; it may be a folder, or have been moved or changed";
pub(super) const NO_MEMORY: &str = "there is no memory for the file";

/// Of a photo in the visitor's folder; its name stands before it.
pub(super) const PHOTO_UNREADABLE: &str = "it can't be read";
pub(super) const NO_PHOTO: &str = "none of its photos can be read";

/// `kind`: what its first bytes say.
pub(super) fn no_photo(kind: Option<&str>) -> String {
    format!("it is {}", kind.unwrap_or("no photo that can be read here"))
}

#[cfg(feature = "worker-webgpu")]
pub(super) const NO_ADAPTER: &str = "this browser has no WebGPU adapter to offer";

#[cfg(feature = "worker-webgpu")]
pub(super) fn not_started(error: &str) -> String {
    format!("it did not start ({error})")
}

pub(super) fn stopped(panic: &str) -> String {
    format!("the engine has stopped, by a mistake in this program or for want of memory ({panic})")
}

pub(super) fn versions_mixed(reason: &str) -> String {
    format!("files of two versions of this site are mixed; reload the page ({reason})")
}

/// For the console.
pub(super) const LOST: &str = "a message to the page was lost";
