//! A gallery that can be asked.

use burn::tensor::Device;
use thiserror::Error;

use super::{Answer, Reconstruction, Why};
use crate::{
    cluster, colour,
    crop::Crop,
    duplicates::{self, Scan},
    embedding::Embedding,
    encoder::{Decoder, EncodeError, Encoder, batch_tensor, pictures},
    filter::Filter,
    gallery::{Gallery, GalleryError, GalleryFiles},
    map,
    mix::{MixError, Weight, mix},
    photo::{Photo, PhotoError},
    preprocess::Pixels,
    search::{Neighbor, Search, SearchError, best_turned},
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
}

/// A gallery that can be asked.
pub struct Engine {
    gallery: Gallery,
    search: Search,
    encoder: Encoder,
    pub(super) device: Device,
}

impl Engine {
    /// Reads a gallery's files and puts its encoder on a device.
    ///
    /// # Errors
    /// A file that can't be used, by its name.
    pub fn open(files: &GalleryFiles, device: Device) -> Result<Self, EngineError> {
        let gallery = Gallery::parse(files)?;
        let encoder = Encoder::load(&gallery.encoder.config, &gallery.encoder.tensors, &device)?;
        let search = Search::new(gallery.embeddings.clone())?;
        Ok(Self { gallery, search, encoder, device })
    }

    /// Opens another gallery of the same encoder, which stays on its device; `None`: it has another encoder.
    ///
    /// # Errors
    /// A file that can't be used, by its name.
    pub fn with_gallery(&self, files: &GalleryFiles) -> Result<Option<Self>, EngineError> {
        let gallery = Gallery::parse(files)?;
        if gallery.entry.encoder != self.gallery.entry.encoder {
            return Ok(None);
        }
        let search = Search::new(gallery.embeddings.clone())?;
        Ok(Some(Self { gallery, search, encoder: self.encoder.clone(), device: self.device.clone() }))
    }

    /// The gallery.
    pub fn gallery(&self) -> &Gallery {
        &self.gallery
    }

    /// Encodes the gallery's first `count` probes and returns the largest difference of a coordinate.
    ///
    /// # Errors
    /// A device that fails, or whose embeddings are wrong: right-shaped, finite, wrong numbers have been seen.
    pub async fn check(&self, count: usize) -> Result<f32, EngineError> {
        let probes = &self.gallery.probes.probes;
        let probes = &probes[..count.min(probes.len())];
        let pixels: Vec<_> = probes.iter().map(|p| &p.pixels).collect();
        let embeddings = self.embed(&pixels).await?;
        let deviation = embeddings
            .iter()
            .zip(probes)
            .flat_map(|(found, known)| found.as_slice().iter().zip(&known.embedding))
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        if deviation <= TOLERANCE { Ok(deviation) } else { Err(EngineError::Deviates(deviation)) }
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

    /// The stored embedding of a photo of the gallery.
    ///
    /// # Errors
    /// An id that is no place in the gallery.
    pub fn embedding(&self, id: u32) -> Result<&Embedding, EngineError> {
        self.gallery.embeddings.get(id as usize).ok_or(EngineError::NoSuchPhoto(id))
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
        let answers: Vec<_> = embeddings.iter().map(|embedding| self.search.nearest(embedding, k)).collect();
        let (neighbors, symmetries) = best_turned(&answers, k);
        let nearest = Symmetry::all().position(|symmetry| symmetries.first() == Some(&symmetry)).unwrap_or(0);
        let answer = self.answer(&embeddings[nearest], Some(pixels.hash()), &[], k);
        let turned = embeddings.iter().map(|embedding| embedding.as_slice().to_vec()).collect();
        Ok(Answer { neighbors, symmetries, turned, ..answer })
    }

    /// Answers for a photo of the gallery, from what the gallery knows of it: nothing is encoded or estimated.
    /// The photo is none of its own neighbours.
    ///
    /// # Errors
    /// An id that is no place in the gallery.
    pub fn near(&self, id: u32, k: usize) -> Result<Answer, EngineError> {
        let place = id as usize;
        let known = self.gallery.items.get(place).zip(self.gallery.embeddings.get(place));
        let (item, embedding) = known.ok_or(EngineError::NoSuchPhoto(id))?;
        let [x, y] = item.map;
        Ok(Answer {
            pixels_hash: None,
            embedding: embedding.as_slice().to_vec(),
            cluster: item.cluster,
            density_group: item.density_group,
            map: map::MapPoint { x, y },
            neighbors: self.search.near(id, k).ok_or(EngineError::NoSuchPhoto(id))?,
            symmetries: Vec::new(),
            turned: Vec::new(),
        })
    }

    /// The photos that pass a filter and are most similar to what an answer was about, by its embedding or by those of its
    /// photo turned in all ways. `left_out`: photos that are none of their own neighbours.
    ///
    /// # Errors
    /// Numbers that are no embedding.
    pub fn among(
        &self,
        embeddings: &[Vec<f32>],
        filter: &Filter,
        left_out: &[u32],
        k: usize,
    ) -> Result<(Vec<Neighbor>, Vec<Symmetry>), EngineError> {
        let mut answers = Vec::new();
        for embedding in embeddings {
            let embedding = Embedding::from_features(embedding.clone()).map_err(EncodeError::from)?;
            let ids = filter.admitted(&self.gallery.items).filter(|id| !left_out.contains(id));
            answers.push(self.search.among(&embedding, ids, k));
        }
        Ok(match <[_; 1]>::try_from(answers) {
            Ok([neighbors]) => (neighbors, Vec::new()),
            Err(answers) => best_turned(&answers, k),
        })
    }

    /// What each k-means cluster looks like, and each density group: the photos nearest to its mean.
    pub fn exemplars(&self, count: usize) -> [Vec<Vec<u32>>; 2] {
        let Gallery { entry, items, embeddings, .. } = &self.gallery;
        let clusters = items.iter().map(|item| Some(item.cluster));
        let groups = items.iter().map(|item| item.density_group);
        [
            cluster::exemplars(embeddings, clusters, entry.clusters.len(), count),
            cluster::exemplars(embeddings, groups, entry.density.groups as usize, count),
        ]
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

    /// A search for pairs of photos that are at least look-alikes.
    pub fn scan(&self) -> Scan {
        Scan::new(self.gallery.entry.likeness.look_alike)
    }

    /// Goes on with such a search, by one photo; `true` at its end.
    pub fn step(&self, scan: &mut Scan) -> bool {
        scan.step(&self.search, &self.gallery.embeddings)
    }

    /// The groups of photos of at least this similarity, from a search at its end.
    pub fn duplicates(&self, scan: &Scan, least: f32) -> Vec<Vec<Neighbor>> {
        duplicates::groups(scan.pairs(), least, &self.gallery.embeddings)
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

    /// Answers for an embedding. `pixels_hash`: of what it comes from; `without`: photos of the gallery that are left out.
    pub fn answer(&self, embedding: &Embedding, pixels_hash: Option<u64>, without: &[u32], k: usize) -> Answer {
        let Gallery { entry, items, .. } = &self.gallery;
        let mut neighbors = self.search.nearest(embedding, k.max(map::NEIGHBORS) + without.len());
        neighbors.retain(|neighbor| !without.contains(&neighbor.id));
        let map = map::estimate(&neighbors, items).unwrap_or(map::MapPoint { x: 0.0, y: 0.0 });
        neighbors.truncate(k);
        let within_eps = self.search.within(embedding, entry.density.eps);
        Answer {
            pixels_hash,
            embedding: embedding.as_slice().to_vec(),
            cluster: cluster::nearest_centroid(embedding, &entry.clusters).unwrap_or(0),
            density_group: cluster::density_group(&within_eps, items),
            map,
            neighbors,
            symmetries: Vec::new(),
            turned: Vec::new(),
        }
    }

    /// What the encoder sees of a photo's file. The photo itself, which may be 300 MB, is not kept.
    fn seen(&self, photo: &[u8], part: Option<Crop>) -> Result<Pixels, EngineError> {
        Ok(self.pixels(&Photo::decode(photo)?, part))
    }

    async fn embed(&self, pixels: &[&Pixels]) -> Result<Vec<Embedding>, EngineError> {
        let preprocess = &self.gallery.encoder.config.preprocess;
        Ok(self.encoder.embed(pixels, preprocess, &self.device).await?)
    }
}
