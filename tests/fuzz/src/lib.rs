//! What the fuzz targets share.

mod memory;
#[path = "../../src/tiny.rs"]
pub mod tiny;

use std::path::{Path, PathBuf};

use lookalike::gallery::{GalleryError, Stored, container};

#[global_allocator]
static MEMORY: memory::Limited = memory::Limited;

/// The checkout, for [`tiny`].
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

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
