//! What is dear about a photo, kept between builds: its features, its thumbnail and whatever else is made of its pixels.
//!
//! `SITE-cache` lies beside the site and is not published. A photo is known by what is in its file, not by its name, and
//! what is kept ends before the projection, which is fitted to the collection anew each time: a build that finds
//! everything here gives the same bytes as one that finds nothing.

mod log;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context, Result};
use lookalike::{
    gallery::{EncoderFile, GalleryError, Stored, codec, container},
    placeholder::Placeholder,
    preprocess::Pixels,
    thumbnail::{self, Thumbnail},
};
use serde::{Deserialize, Serialize};

use self::log::Log;
use crate::{
    output::unwritable,
    photos::{Content, plural},
};

/// The file in the cache's folder.
const FILE: &str = "photos.cache";

/// What is kept of a photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What the encoder says before the projection.
    pub features: Vec<f32>,
    /// The photo at 16 × 16 pixels, if methods are compared.
    pub miniature: Option<Pixels>,
    /// Its embedding by the autoencoder that is compared.
    pub by_rival: Option<Vec<f32>>,
    thumbnail: Vec<u8>,
    large: Option<Vec<u8>>,
    size: [u16; 2],
    placeholder: Placeholder,
}

impl Kept {
    /// Puts it together. `compared`: what methods that are compared make of the photo.
    pub fn new(features: Vec<f32>, thumbnail: Thumbnail, compared: (Option<Pixels>, Option<Vec<f32>>)) -> Self {
        let Thumbnail { bytes, large, size, placeholder, .. } = thumbnail;
        let (miniature, by_rival) = compared;
        Self { features, miniature, by_rival, thumbnail: bytes, large, size, placeholder }
    }

    /// The thumbnail, by the same name as ever.
    pub fn thumbnail(self) -> Thumbnail {
        let hash = thumbnail::name(&self.thumbnail, self.large.as_deref());
        Thumbnail { bytes: self.thumbnail, large: self.large, hash, size: self.size, placeholder: self.placeholder }
    }
}

/// What photos are made into: what is kept of them is of use only if that is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(u64);

impl Key {
    /// Of an encoder and the options of a build; `rival` is the autoencoder that is compared.
    ///
    /// # Errors
    /// An encoder over its format's limits.
    pub fn new(
        encoder: &EncoderFile,
        large: Option<u16>,
        miniatures: bool,
        rival: Option<&EncoderFile>,
        device: &str,
    ) -> Result<Self> {
        let rival = rival.map(|rival| Ok::<_, GalleryError>(rival.to_file()?.1.hash)).transpose()?;
        let options = format!("{} {large:?} {miniatures} {rival:?} {device}", env!("CARGO_PKG_VERSION"));
        Ok(Self(container::hash(&[&encoder.to_file()?.0, options.as_bytes()].concat())))
    }
}

/// The cache of a site.
#[derive(Debug)]
pub struct Cache {
    log: Mutex<Log>,
    /// None for one that goes with the run.
    path: Option<PathBuf>,
    key: Key,
    damaged: AtomicUsize,
}

/// `SITE-cache`, beside the site.
///
/// # Errors
/// A site without a name.
pub fn folder(site: &Path) -> Result<PathBuf> {
    let site = std::path::absolute(site)?;
    let name = site.file_name().context("--out needs a name")?.to_string_lossy().into_owned();
    Ok(site.with_file_name(format!("{name}-cache")))
}

impl Cache {
    /// The cache in a folder. What can't be used of it is said and made anew; a folder that can't be written costs
    /// the next build its time, and this one nothing.
    ///
    /// # Errors
    /// As [`Cache::temporary`].
    pub fn open(folder: &Path, key: Key) -> Result<Self> {
        let path = folder.join(FILE);
        match fs::create_dir_all(folder).and_then(|()| Log::open(&path, key.0)) {
            Ok((log, reason)) => {
                fs::remove_file(log::partial(&path)).ok();
                reason.inspect(|reason| eprintln!("cache        {} {reason}", path.display()));
                Ok(Self { log: Mutex::new(log), path: Some(path), key, damaged: AtomicUsize::new(0) })
            }
            Err(error) => {
                eprintln!("cache        {} can't be used ({error}); the build goes without it", path.display());
                Self::temporary(folder, key)
            }
        }
    }

    /// A cache that is empty, lies beside where `folder` would be, and goes with the run.
    ///
    /// # Errors
    /// A disk that can't be written.
    pub fn temporary(folder: &Path, key: Key) -> Result<Self> {
        let beside = folder.parent().unwrap_or(Path::new("."));
        let log = Log::temporary(beside, key.0).with_context(|| unwritable(beside))?;
        Ok(Self { log: Mutex::new(log), path: None, key, damaged: AtomicUsize::new(0) })
    }

    /// Where it is, if it stays.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept of a photo. What is damaged is counted and forgotten.
    pub fn get(&self, content: Content) -> Option<Kept> {
        let mut log = self.log();
        let kept = log.get(content.bits()).ok().flatten().and_then(|value| codec::decode(&value).ok());
        if kept.is_none() && log.forget(content.bits()) {
            self.damaged.fetch_add(1, Ordering::Relaxed);
        }
        kept
    }

    /// Keeps a photo.
    ///
    /// # Errors
    /// A disk that is full.
    pub fn put(&self, content: Content, kept: &Kept) -> Result<()> {
        let value = codec::encode(kept).map_err(anyhow::Error::msg)?;
        self.log().put(content.bits(), &value).with_context(|| match &self.path {
            Some(path) => unwritable(path),
            None => "the cache of this run can't be written; is the disk full?".to_owned(),
        })
    }

    /// Says how much of it was damaged.
    pub fn report(&self) {
        let damaged = self.damaged.load(Ordering::Relaxed);
        if let (1.., Some(path)) = (damaged, &self.path) {
            let photos = plural(damaged, "photo");
            eprintln!("cache        {} was damaged in {photos}, read anew", path.display());
        }
    }

    /// Drops what these photos have no use for, when that is worth it.
    ///
    /// # Errors
    /// A disk that is full.
    pub fn prune(&self, used: impl Iterator<Item = Content>) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let used: BTreeSet<_> = used.map(|content| content.bits()).collect();
        self.log().prune(path, self.key.0, &used).with_context(|| unwritable(path))
    }
}
