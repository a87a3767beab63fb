//! Which files of a folder are the page's. The command reads a page by this, and its build script packs one by it.

use std::{
    io,
    path::{Path, PathBuf},
};

/// The files below a page's folder by their paths in it, sorted. Hidden ones are the builder's own.
pub(super) fn files(page: &Path) -> io::Result<Vec<PathBuf>> {
    let shown = |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(page).sort_by_file_name().into_iter().filter_entry(shown) {
        let entry = entry?;
        if !entry.file_type().is_dir() {
            files.push(entry.path().strip_prefix(page).map_err(io::Error::other)?.to_owned());
        }
    }
    Ok(files)
}
