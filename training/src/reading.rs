//! One pass over a folder: each photo is read once and made into all that a site needs of it, from its file to its
//! features, by one core; every core has a photo of its own, and takes the next when it is done.
//!
//! So a core holds one decoded photo at a time, however many there are, and decoding, encoding and thumbnails overlap.
//! A photo's features don't depend on which others are there, or on the number of cores.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::{Context, Result, anyhow};
use burn::tensor::Device;
use lookalike::{
    descriptor,
    encoder::{Encoder, EncoderConfig},
    photo::Photo,
    preprocess::Pixels,
    thumbnail::{self, Thumbnail},
};

use crate::{
    cache::{Cache, Kept},
    embed,
    export::{self, WrittenThumbnail},
    interrupt::{self, Interrupted},
    parts::Known,
    photos::{Content, PhotoFile, Skipped, plural},
    picture,
    progress::Progress,
    rival::Rival,
};

/// Photos that a graphics processor takes at once; a core takes one.
const GPU_BATCH: usize = 64;

/// What is made of each photo.
#[derive(Clone, Copy)]
pub struct Recipe<'a> {
    /// The network.
    pub encoder: &'a Encoder,
    /// Its input.
    pub config: &'a EncoderConfig,
    /// Where it computes.
    pub device: &'a Device,
    /// Whether that is a graphics processor.
    pub gpu: bool,
    /// The site under construction, for thumbnails.
    pub site: &'a Path,
    /// Long side of the larger pictures beside them.
    pub large: Option<u16>,
    /// Whether descriptors without weights are to be compared.
    pub miniatures: bool,
    /// The autoencoder that is to be compared as well.
    pub rival: Option<&'a Rival>,
    /// Features that are known already.
    pub known: &'a Known,
}

/// The photos that could be read, in the order of their paths.
#[derive(Debug, Default)]
pub struct Read {
    /// Their files.
    pub files: Vec<PhotoFile>,
    /// What was in them.
    pub contents: Vec<Content>,
    /// Their thumbnails.
    pub thumbnails: Vec<WrittenThumbnail>,
}

/// A photo that is read, and its place among the files.
#[derive(Clone, Copy)]
struct ReadPhoto {
    place: usize,
    content: Content,
    thumbnail: WrittenThumbnail,
}

/// A photo that is yet to be encoded.
struct Fresh {
    place: usize,
    content: Content,
    pixels: Pixels,
    thumbnail: Thumbnail,
    miniature: Option<Pixels>,
    by_rival: Option<Vec<f32>>,
}

/// What the cores share.
struct Pass<'a> {
    files: &'a [PhotoFile],
    recipe: Recipe<'a>,
    cache: &'a Cache,
    skipped: &'a Skipped,
    progress: Progress,
    next: AtomicUsize,
    encoded: AtomicUsize,
}

/// Reads all photos, on all cores. What is made of them is in the cache then, and their thumbnails in the site; bad ones
/// are noted and left out.
///
/// # Errors
/// A disk that is full, a device that fails, or Ctrl-C.
pub fn read(files: Vec<PhotoFile>, recipe: Recipe<'_>, cache: &Cache, skipped: &Skipped) -> Result<Read> {
    let progress = Progress::new("reading", files.len());
    let (next, encoded) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let pass = Pass { files: &files, recipe, cache, skipped, progress, next, encoded };
    let workers = rayon::current_num_threads().min(files.len()).max(1);
    let mut photos = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| pass.work())).collect();
        let ended = workers.into_iter().map(|w| w.join().unwrap_or_else(|_| Err(anyhow!("the encoder has given up"))));
        Ok::<_, anyhow::Error>(ended.collect::<Result<Vec<_>>>()?.concat())
    })?;
    if interrupt::asked() {
        let kept = cache.path().map(|path| format!("; what was read is kept in {}", path.display()));
        return Err(Interrupted(format!("nothing was changed{}", kept.unwrap_or_default())).into());
    }
    photos.sort_by_key(|photo| photo.place);
    let Pass { progress, encoded, .. } = pass;
    let encoded = encoded.into_inner();
    progress.finish(format!("{}, {encoded} of them encoded", plural(photos.len(), "photo")));
    let mut files: Vec<_> = files.into_iter().map(Some).collect();
    let mut read = Read::default();
    for photo in photos {
        read.files.extend(files[photo.place].take());
        read.contents.push(photo.content);
        read.thumbnails.push(photo.thumbnail);
    }
    Ok(read)
}

impl Pass<'_> {
    /// Takes photos until there are no more.
    fn work(&self) -> Result<Vec<ReadPhoto>> {
        // The encoder finds one core and shares its sums with no other: each photo is computed alike, and whoever waits
        // for a part of one never starts another.
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
        let batch = if self.recipe.gpu { GPU_BATCH } else { 1 };
        let mut read = Vec::new();
        while !interrupt::asked() {
            let first = self.next.fetch_add(batch, Ordering::Relaxed);
            if first >= self.files.len() {
                break;
            }
            let places = first..(first + batch).min(self.files.len());
            let count = places.len();
            match alone.install(|| self.read(places)) {
                Ok(photos) => read.extend(photos),
                Err(error) => {
                    self.next.store(self.files.len(), Ordering::Relaxed);
                    return Err(error);
                }
            }
            self.progress.advance(count);
        }
        Ok(read)
    }

    fn read(&self, places: std::ops::Range<usize>) -> Result<Vec<ReadPhoto>> {
        let mut read = Vec::new();
        let mut fresh = Vec::new();
        for place in places {
            match self.files[place].read() {
                Ok(bytes) => {
                    let content = Content::of(&bytes);
                    match self.cache.get(content) {
                        Some(kept) => read.push(self.written(place, content, &kept.thumbnail())?),
                        None => fresh.extend(self.decode(place, content, &bytes)?),
                    }
                }
                Err(error) => self.skipped.add(&self.files[place].path, format!("{error:#}")),
            }
        }
        read.extend(self.encode(fresh)?);
        Ok(read)
    }

    /// Everything but the features; none if it is no photo.
    fn decode(&self, place: usize, content: Content, bytes: &[u8]) -> Result<Option<Fresh>> {
        let photo = match PhotoFile::decoded(bytes) {
            Ok(photo) => photo,
            Err(error) => {
                self.skipped.add(&self.files[place].path, format!("{error:#}"));
                return Ok(None);
            }
        };
        let Recipe { config, large, miniatures, rival, .. } = self.recipe;
        let thumbnail = thumbnail::thumbnail(&photo, large, picture::webp)?;
        let miniature = miniatures.then(|| descriptor::miniature().pixels(&photo));
        let by_rival = rival.map(|rival| rival.embed(&photo)).transpose()?;
        Ok(Some(Fresh { place, content, pixels: config.preprocess.pixels(&photo), thumbnail, miniature, by_rival }))
    }

    fn encode(&self, fresh: Vec<Fresh>) -> Result<Vec<ReadPhoto>> {
        let Recipe { encoder, config, device, .. } = self.recipe;
        let unknown: Vec<_> =
            fresh.iter().filter(|photo| self.known(photo).is_none()).map(|photo| &photo.pixels).collect();
        let mut computed = Vec::new();
        if !unknown.is_empty() {
            computed = embed::batch_features(encoder, config, &unknown, device);
            self.encoded.fetch_add(unknown.len(), Ordering::Relaxed);
        }
        let mut computed = computed.chunks_exact(config.feature_width());
        let one = |photo: Fresh| {
            let features =
                self.known(&photo).or_else(|| computed.next()).context("the encoder has left out a photo")?;
            let read = self.written(photo.place, photo.content, &photo.thumbnail)?;
            let compared = (photo.miniature, photo.by_rival);
            self.cache.put(photo.content, &Kept::new(features.to_vec(), photo.thumbnail, compared))?;
            Ok(read)
        };
        fresh.into_iter().map(one).collect()
    }

    fn known(&self, photo: &Fresh) -> Option<&[f32]> {
        self.recipe.known.features(&self.files[photo.place].path, photo.content)
    }

    fn written(&self, place: usize, content: Content, thumbnail: &Thumbnail) -> Result<ReadPhoto> {
        Ok(ReadPhoto { place, content, thumbnail: export::write_thumbnail(self.recipe.site, thumbnail)? })
    }
}

impl Read {
    /// The photos by their paths, and what is in their files.
    pub fn found(&self) -> Vec<(&str, Content)> {
        self.files.iter().map(|file| file.path.as_str()).zip(self.contents.iter().copied()).collect()
    }

    /// What is kept of a photo.
    ///
    /// # Errors
    /// A cache that somebody else has changed since.
    pub fn kept(&self, cache: &Cache, place: usize) -> Result<Kept> {
        cache.get(self.contents[place]).with_context(|| {
            format!("the cache has lost {} while the site was built; build again", self.files[place].path)
        })
    }

    /// A photo, read once more; none if its file is no longer what it was.
    pub fn photo(&self, place: usize) -> Option<Photo> {
        let bytes = self.files[place].read().ok().filter(|bytes| Content::of(bytes) == self.contents[place])?;
        PhotoFile::decoded(&bytes).ok()
    }
}
