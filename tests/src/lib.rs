//! What the tests of the whole product share.

pub mod command;
pub mod documents;
pub mod driver;
pub mod engines;
pub mod hand;
pub mod journey;
pub mod kept;
pub mod line;
pub mod map_side;
pub mod own_folder;
pub mod page;
pub mod phone_photo;
pub mod server;
pub mod small;
pub mod steps;
pub mod synthetic;
pub mod tab;
pub mod tiny;
pub mod tour;
pub mod ways_in;
pub mod whole;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A path from the environment, as `cargo xtask test` sets it, or its usual place in the checkout.
pub fn configured(variable: &str, usual: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| root().join(usual), PathBuf::from)
}

/// `cargo xtask test --no-browser` builds no page; anything else must have one.
pub fn skipped() -> bool {
    let skipped = std::env::var_os("LOOKALIKE_NO_BROWSER").is_some();
    if skipped {
        eprintln!("skipped: LOOKALIKE_NO_BROWSER is set");
    }
    skipped
}

/// How often a test kills something: as often as `LOOKALIKE_KILLS` says, or `usually`.
pub fn kills(usually: u32) -> u32 {
    std::env::var("LOOKALIKE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(usually)
}

/// The demo site, as `cargo xtask demo` builds it.
pub fn demo_site() -> PathBuf {
    configured("LOOKALIKE_SITE", "dist")
}

/// The page without photos, as it is built for every site.
pub fn built_page() -> PathBuf {
    configured("LOOKALIKE_PAGE", "target/page")
}

/// The photos of the demo site.
pub fn demo_photos() -> PathBuf {
    root().join("training/demo")
}

/// The pictures of every kind that a photo may be.
pub fn fixtures() -> Vec<PathBuf> {
    files(&root().join("tests/fixtures"), &["jpg", "png", "webp"])
}

/// Photos that the demo gallery does not hold.
pub fn samples() -> Vec<PathBuf> {
    files(&root().join("www/samples"), &["jpg"])
}

/// Copies a folder and everything in it.
#[allow(clippy::unwrap_used, clippy::missing_panics_doc)]
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for from in fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let to = to.join(from.file_name().unwrap());
        if from.is_dir() { copy_folder(&from, &to) } else { fs::copy(from, to).map(drop).unwrap() }
    }
}

/// Everything in a folder, by its path in there.
#[allow(clippy::unwrap_used, clippy::missing_panics_doc)]
pub fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The files of a folder with one of these extensions, sorted.
pub fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let wanted = |path: &PathBuf| path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x));
    let mut files: Vec<_> = entries.filter(wanted).collect();
    files.sort();
    files
}
