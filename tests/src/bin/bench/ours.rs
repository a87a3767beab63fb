//! What a page that does nothing else needs of our program.

use std::{fs, path::Path};

use anyhow::Result;

/// The program for the processor.
pub(crate) const PROGRAM: [&str; 2] = ["worker_cpu.js", "worker_cpu_bg.wasm"];

/// Puts the script there by which a page opens the program and the gallery in its folder `ours`.
pub(crate) fn put_script(folder: &Path) -> Result<()> {
    Ok(fs::write(folder.join("ours.js"), include_str!("ours.js"))?)
}
