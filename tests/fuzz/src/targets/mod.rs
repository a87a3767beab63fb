//! What each target does with an input. The tests do it with the seeds (`tests/fuzzed.rs`), so that nothing here falls behind
//! the program, and nothing that was found comes back.

use std::path::{Path, PathBuf};

use lookalike::gallery::{GalleryError, Stored, container};

pub mod address;
pub mod cache;
pub mod cell;
pub mod codec;
pub mod entry;
pub mod files;
pub mod parts;
pub mod photo;
pub mod weights;

/// What a target is called, and what it does with an input.
type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: [Target; 9] = [
    ("address", address::run),
    ("cache", cache::run),
    ("cell", cell::run),
    ("codec", codec::run),
    ("entry", entry::run),
    ("files", files::run),
    ("parts", parts::run),
    ("photo", photo::run),
    ("weights", weights::run),
];

/// The bytes of a file as they are, and with a header that fits them: a fuzzer does not find a checksum by chance.
fn sealed<T: Stored>(bytes: &[u8]) -> Option<Vec<u8>> {
    let payload = bytes.get(24..)?;
    container::seal(T::KIND, payload, "fuzz.lka").ok()
}

/// Reads a file as it is, which tests the container, and then with a header that fits it.
pub fn read<T: Stored>(bytes: &[u8]) -> Option<(T, Vec<u8>)> {
    let _: Result<T, GalleryError> = T::from_file(bytes, "fuzz.lka");
    let sealed = sealed::<T>(bytes)?;
    let value = T::from_file(&sealed, "fuzz.lka").ok()?;
    assert!(value.to_file().is_ok(), "what could be read can't be written");
    Some((value, sealed))
}

/// A place for a file of this process alone, in memory where there is such a place.
pub fn scratch(name: &str) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let folder = folder.join(format!("lookalike-fuzz-{}", std::process::id()));
    let _ = std::fs::create_dir_all(&folder);
    folder.join(name)
}
