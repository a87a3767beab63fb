//! The fuzz targets, and what they share.

mod memory;
pub mod targets;
#[path = "../../src/tiny.rs"]
pub mod tiny;

use std::path::{Path, PathBuf};

#[global_allocator]
static MEMORY: memory::Limited = memory::Limited;

/// The checkout, for [`tiny`].
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
