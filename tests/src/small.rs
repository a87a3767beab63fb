//! A small collection with a model, a stand-in page and a site, for the tests of the command. Everything here asserts.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use serde_json::Value;

use crate::{
    built_page,
    command::{Ended, run},
    demo_photos, files,
};

/// 48 demo photos of four classes, a model trained on them for two epochs, a stand-in page, and a site. Made once.
pub struct Small {
    folder: tempfile::TempDir,
}

impl Small {
    /// A path in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The small collection.
pub fn small() -> &'static Small {
    static SMALL: OnceLock<Small> = OnceLock::new();
    SMALL.get_or_init(|| {
        let small = Small { folder: tempfile::tempdir().unwrap() };
        for class in ["birds", "castles-and-temples", "flowers", "galaxies"] {
            let target = small.path("photos").join(class);
            fs::create_dir_all(&target).unwrap();
            for photo in files(&demo_photos().join(class), &["jpg"]).iter().take(12) {
                fs::copy(photo, target.join(photo.file_name().unwrap())).unwrap();
            }
        }
        fs::create_dir(small.path("page")).unwrap();
        fs::write(small.path("page/index.html"), "<!DOCTYPE html>").unwrap();
        done(&train(&small, "photos", "model", &["--epochs", "2"]));
        done(&build(&small, "photos", "site", &[]));
        small
    })
}

/// A site of the small collection by its plain autoencoder, which an imitated GPU computes in a moment, with the page
/// itself. Made once.
pub fn plain_site() -> &'static Path {
    static SITE: OnceLock<PathBuf> = OnceLock::new();
    SITE.get_or_init(|| {
        let (site, page) = (small().path("site-plain"), built_page());
        let (photos, model) = (path(small(), "photos"), path(small(), "model"));
        let page = page.to_str().unwrap();
        done(&run(["build", &photos, "--out", site.to_str().unwrap(), "--model", &model, "--page", page]).unwrap());
        site
    })
}

/// Asserts that a run ended well.
pub fn done(ended: &Ended) {
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
}

/// Asserts that a run was refused with exit code 2, and that the reason holds these words.
pub fn refused(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, 2, "{}{}", ended.out, ended.err);
    for word in words {
        assert!(ended.err.contains(word), "{word:?} is not in {}", ended.err);
    }
}

/// `lookalike train` on a folder of the collection.
pub fn train(small: &Small, photos: &str, model: &str, options: &[&str]) -> Ended {
    let fixed = ["train", path(small, photos).as_str(), "--out", path(small, model).as_str(), "--device", "cpu"]
        .map(str::to_owned);
    run(fixed.into_iter().chain(options.iter().map(|&o| o.to_owned()))).unwrap()
}

/// `lookalike build` with the collection's model and page.
pub fn build(small: &Small, photos: &str, site: &str, options: &[&str]) -> Ended {
    let (photos, site, model, page) =
        (path(small, photos), path(small, site), path(small, "model"), path(small, "page"));
    let fixed = ["build", &photos, "--out", &site, "--model", &model, "--page", &page].map(str::to_owned);
    run(fixed.into_iter().chain(options.iter().map(|&o| o.to_owned()))).unwrap()
}

/// `lookalike build` of the collection with another model.
pub fn build_with(small: &Small, model: &str, site: &str) -> Ended {
    let (photos, site, model, page) =
        (path(small, "photos"), path(small, site), path(small, model), path(small, "page"));
    run(["build", &photos, "--out", &site, "--model", &model, "--page", &page]).unwrap()
}

/// A path in the collection's folder, as an argument.
pub fn path(small: &Small, name: &str) -> String {
    small.path(name).display().to_string()
}

/// What `lookalike inspect --json` says.
pub fn inspect(site: &Path) -> Value {
    let ended = run([Path::new("inspect"), site, Path::new("--json")]).unwrap();
    done(&ended);
    serde_json::from_str(&ended.out).unwrap()
}

/// A folder of its own for one test, made of the first photos of the small collection.
pub fn few(name: &str, count: usize) -> PathBuf {
    let target = small().path(name);
    fs::create_dir_all(&target).unwrap();
    let photos = files(&small().path("photos/birds"), &["jpg"]);
    for photo in photos.iter().take(count) {
        fs::copy(photo, target.join(photo.file_name().unwrap())).unwrap();
    }
    target
}
