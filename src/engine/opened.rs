//! A gallery that can be asked.

use std::sync::{Arc, OnceLock};

use burn::tensor::Device;
use thiserror::Error;

use super::{Answer, Reconstruction, Why};
use crate::{
    cells::ALL_AT_ONCE,
    colour,
    crop::Crop,
    embedding::{Embedding, EmbeddingError},
    encoder::{Decoder, EncodeError, Encoder, batch_tensor, pictures},
    gallery::{Gallery, GalleryError, GalleryFiles, Probe},
    map::places::Places,
    mix::{MixError, Weight, mix},
    photo::{Photo, PhotoError},
    preprocess::Pixels,
    search::{Search, SearchError},
    symmetry::Symmetry,
    why,
};

/// How far a coordinate of a probe's embedding may be from what the gallery says.
///
/// Seen: 5e-8 in wasm on the CPU, 2e-6 on WebGPU in f32. A wrong kernel is off by more than a tenth.
pub const TOLERANCE: f32 = 1e-3;

/// Why an engine can't be opened, or can't answer.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum EngineError {
    /// The photo.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// A file of the gallery.
    #[error(transparent)]
    Gallery(#[from] GalleryError),
    /// The encoder or its device.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The index.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// Photos that have no mix.
    #[error(transparent)]
    Mix(#[from] MixError),
    /// A question about a photo that the gallery does not hold.
    #[error("the collection has no photo number {0}; reload the page, it may have been published again")]
    NoSuchPhoto(u32),
    /// The device gives other embeddings than the gallery's.
    #[error("this device computes wrongly: a known photo came out {0} away from its embedding")]
    Deviates(f32),
    /// The device reads photos otherwise than where the gallery was built.
    #[error("this device computes wrongly: a known photo was read as another")]
    Misread,
}

impl EngineError {
    /// Whether the device is at fault, and not what it has been asked.
    pub fn is_of_device(&self) -> bool {
        matches!(
            self,
            Self::Deviates(_)
                | Self::Misread
                | Self::Encode(EncodeError::Device(_) | EncodeError::Embedding(EmbeddingError::NotFinite(_)))
        )
    }
}

/// A gallery that can be asked.
pub struct Engine {
    pub(super) gallery: Gallery,
    pub(super) search: Search,
    /// Indexed when somebody looks at the map.
    places: OnceLock<Option<Places>>,
    encoder: Encoder,
    pub(super) device: Device,
}

impl Engine {
    /// Reads a gallery's files and puts its encoder on a device.
    ///
    /// # Errors
    /// A file that can't be used, by its name.
    pub fn open(files: &GalleryFiles, device: Device) -> Result<Self, EngineError> {
        Self::of(Gallery::parse(files)?, device)
    }

    /// Puts a gallery's encoder on a device. Cells that are not there yet come by [`Engine::with_gallery`].
    ///
    /// # Errors
    /// An encoder that can't be used.
    pub fn of(mut gallery: Gallery, device: Device) -> Result<Self, EngineError> {
        let encoder = Encoder::load(&gallery.encoder.config, &gallery.encoder.tensors, &device)?;
        // They are on the device: a browser's tab need not hold them in their stored form, too.
        Arc::make_mut(&mut gallery.encoder).tensors = Vec::new();
        Ok(Self { search: search(&gallery)?, places: OnceLock::new(), gallery, encoder, device })
    }

    /// Opens another gallery of the same encoder, which stays on its device; `None`: it has another encoder.
    ///
    /// # Errors
    /// A collection that can't be indexed.
    pub fn with_gallery(&self, gallery: Gallery) -> Result<Option<Self>, EngineError> {
        if gallery.entry.encoder != self.gallery.entry.encoder {
            return Ok(None);
        }
        let gallery = Gallery { encoder: Arc::clone(&self.gallery.encoder), ..gallery };
        let (search, places) = (search(&gallery)?, OnceLock::new());
        Ok(Some(Self { gallery, search, places, encoder: self.encoder.clone(), device: self.device.clone() }))
    }

    /// The photo nearest to a place on the map, if it is no farther than `reach`: see [`Places::nearest`].
    pub fn at_place(&self, place: [f32; 2], reach: f32) -> Option<u32> {
        self.places.get_or_init(|| Places::of(&self.gallery.items)).as_ref()?.nearest(place, reach)
    }

    /// The gallery.
    pub fn gallery(&self) -> &Gallery {
        &self.gallery
    }

    /// Reads and encodes the gallery's first `count` probes, and returns the largest difference of a coordinate.
    ///
    /// # Errors
    /// A device that fails, whose pixels are others, or whose embeddings are wrong: right-shaped, finite, wrong numbers have
    /// been seen.
    pub async fn check(&self, count: usize) -> Result<f32, EngineError> {
        let probes = &self.gallery.probes.probes;
        let probes = &probes[..count.min(probes.len())];
        let pixels = probes.iter().map(|probe| self.known(probe)).collect::<Result<Vec<_>, _>>()?;
        let embeddings = self.embed(&pixels.iter().collect::<Vec<_>>()).await?;
        let deviation = embeddings
            .iter()
            .zip(probes)
            .flat_map(|(found, known)| found.as_slice().iter().zip(&known.embedding))
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        if deviation <= TOLERANCE { Ok(deviation) } else { Err(EngineError::Deviates(deviation)) }
    }

    fn known(&self, probe: &Probe) -> Result<Pixels, EngineError> {
        let pixels = self.seen(&probe.photo, None)?;
        if pixels.hash() == probe.pixels_hash { Ok(pixels) } else { Err(EngineError::Misread) }
    }

    /// Answers for the bytes of a JPEG, PNG or WebP photo, with the k most similar photos.
    ///
    /// # Errors
    /// Bytes that are no photo, or a device that fails.
    pub async fn ask(&self, photo: &[u8], k: usize) -> Result<Answer, EngineError> {
        let pixels = self.seen(photo, None)?;
        let embedding = self.encode(&pixels).await?;
        Ok(self.answer(&embedding, Some(pixels.hash()), &[], k))
    }

    /// The encoder's input for a photo, or for a part of one that somebody has chosen. Of a whole photo the encoder
    /// sees the middle; a part it sees to its edges, squeezed into a square.
    pub fn pixels(&self, photo: &Photo, part: Option<Crop>) -> Pixels {
        let preprocess = &self.gallery.encoder.config.preprocess;
        match part {
            Some(part) => preprocess.pixels_of(photo, part),
            None => preprocess.pixels(photo),
        }
    }

    /// The embedding of a photo's pixels.
    ///
    /// # Errors
    /// A device that fails.
    pub async fn encode(&self, pixels: &Pixels) -> Result<Embedding, EngineError> {
        Ok(self.embed(&[pixels]).await?.remove(0))
    }

    /// Answers for several photos together. Photos of the gallery that are among them, `without`, are not found.
    ///
    /// # Errors
    /// Photos that cancel each other out.
    pub fn ask_mix(&self, photos: &[(Embedding, Weight)], without: &[u32], k: usize) -> Result<Answer, EngineError> {
        Ok(self.answer(&mix(photos)?, None, without, k))
    }

    /// As [`Engine::ask`], with the photo turned and mirrored in all eight ways: each photo of the gallery counts as
    /// similar as it is to the most similar of them. Labels and place are those of the photo turned as its nearest
    /// photo wants it.
    ///
    /// # Errors
    /// As there.
    pub async fn ask_turned(&self, photo: &[u8], part: Option<Crop>, k: usize) -> Result<Answer, EngineError> {
        let pixels = self.seen(photo, part)?;
        let turned: Vec<Pixels> = Symmetry::all().map(|symmetry| symmetry.apply(&pixels)).collect();
        let embeddings = self.embed(&turned.iter().collect::<Vec<_>>()).await?;
        Ok(self.answer_turned(&embeddings, Some(pixels.hash()), k))
    }

    /// What makes two photos alike, as the encoder sees them; or a part of the first and the second.
    ///
    /// # Errors
    /// Bytes that are no photo, or a device that fails.
    pub async fn explain(&self, photos: [&[u8]; 2], part: Option<Crop>) -> Result<Why, EngineError> {
        let [one, other] = [self.seen(photos[0], part)?, self.seen(photos[1], None)?];
        let [grey_one, grey_other] = [colour::grey(&one), colour::grey(&other)];
        let (batch, preprocess) = ([&one, &other, &grey_one, &grey_other], &self.gallery.encoder.config.preprocess);
        let encoded = self.encoder.embed_with_maps(&batch, preprocess, &self.device).await?;
        Ok(Why {
            matches: why::matches(&encoded[0].1, &encoded[1].1).concat(),
            similarity: encoded[0].0.similarity(&encoded[1].0),
            grey: encoded[2].0.similarity(&encoded[3].0),
            colour: colour::similarity(&one, &other),
        })
    }

    /// What the gallery's decoder, given as the bytes of its file, draws from the latent of a photo or of a part of it.
    ///
    /// # Errors
    /// Bytes that are no photo or not the gallery's decoder, or a device that fails.
    pub async fn reconstruct(
        &self,
        photo: &[u8],
        part: Option<Crop>,
        decoder: &[u8],
    ) -> Result<Reconstruction, EngineError> {
        let file = self.gallery.decoder(decoder)?;
        let decoder = Decoder::load(&file.config, &file.tensors, &self.device)?;
        let preprocess = &self.gallery.encoder.config.preprocess;
        let pixels = self.seen(photo, part)?;
        let latent = self.encoder.latent(batch_tensor(&[&pixels], preprocess, &self.device));
        let picture = pictures(decoder.forward(latent)).await?.remove(0);
        Ok(Reconstruction { crop: if part.is_some() { 1.0 } else { preprocess.crop }, picture })
    }

    /// What the encoder sees of a photo's file. The photo itself, which may be 300 MB, is not kept.
    fn seen(&self, photo: &[u8], part: Option<Crop>) -> Result<Pixels, EngineError> {
        Ok(self.pixels(&Photo::decode(photo)?, part))
    }

    /// The embeddings of several photos' pixels, encoded at once.
    ///
    /// # Errors
    /// A device that fails.
    pub async fn embed(&self, pixels: &[&Pixels]) -> Result<Vec<Embedding>, EngineError> {
        let preprocess = &self.gallery.encoder.config.preprocess;
        Ok(self.encoder.embed(pixels, preprocess, &self.device).await?)
    }
}

/// An index, unless there is too much for the memory of a browser's tab, or more may come.
fn search(gallery: &Gallery) -> Result<Search, EngineError> {
    let photos = gallery.embeddings.clone();
    let indexed = photos.is_whole() && photos.len() <= ALL_AT_ONCE;
    Ok(if indexed { Search::indexing(photos)? } else { Search::scanning(photos) })
}
