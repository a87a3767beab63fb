//! The whole chain from a photo's bytes to an answer: the only owner of the order of the steps.

use serde::{Deserialize, Serialize};

use crate::{map::MapPoint, preprocess::Pixels, search::Neighbor};

/// What is known about a query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// XXH3-64 of the encoder's input: equal on every machine that decoded and resized alike.
    /// `None` for a photo of the gallery, which nobody encodes again.
    pub pixels_hash: Option<u64>,
    /// The embedding, `[D]`.
    pub embedding: Vec<f32>,
    /// Its k-means cluster.
    pub cluster: u32,
    /// Its density group; `None`: noise.
    pub density_group: Option<u32>,
    /// An estimate of its place on the map; for a photo of the gallery, its place.
    pub map: MapPoint,
    /// The most similar photos, most similar first.
    pub neighbors: Vec<Neighbor>,
}

/// What a decoder makes of a photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reconstruction {
    /// Side of the centred square that the picture shows, as a share of the photo's shorter side.
    pub crop: f32,
    /// The picture.
    pub picture: Pixels,
}

#[cfg(feature = "encoder")]
pub use opened::{Engine, EngineError, TOLERANCE};

#[cfg(feature = "encoder")]
mod opened {
    use burn::tensor::Device;
    use thiserror::Error;

    use super::{Answer, Reconstruction};
    use crate::{
        cluster,
        embedding::Embedding,
        encoder::{Decoder, EncodeError, Encoder, batch_tensor, pictures},
        gallery::{Gallery, GalleryError, GalleryFiles},
        map,
        photo::{Photo, PhotoError},
        preprocess::Pixels,
        search::{Search, SearchError},
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
        device: Device,
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

        /// Embeds a photo, for a collection that is being made.
        ///
        /// # Errors
        /// A device that fails.
        pub async fn embedding(&self, photo: &Photo) -> Result<Embedding, EngineError> {
            let pixels = self.gallery.encoder.config.preprocess.pixels(photo);
            Ok(self.embed(&[&pixels]).await?.remove(0))
        }

        /// The gallery.
        pub fn gallery(&self) -> &Gallery {
            &self.gallery
        }

        /// Encodes the gallery's probes and returns the largest difference of a coordinate.
        ///
        /// # Errors
        /// A device that fails, or whose embeddings are wrong: right-shaped, finite, wrong numbers have been seen.
        pub async fn check(&self) -> Result<f32, EngineError> {
            let probes = &self.gallery.probes.probes;
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
            let photo = Photo::decode(photo)?;
            let pixels = self.gallery.encoder.config.preprocess.pixels(&photo);
            drop(photo); // a large photo is 300 MB
            let embedding = self.embed(&[&pixels]).await?.remove(0);
            Ok(self.answer(&embedding, pixels.hash(), k))
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
            })
        }

        /// What the gallery's decoder, given as the bytes of its file, draws from the latent of a photo.
        ///
        /// # Errors
        /// Bytes that are no photo or not the gallery's decoder, or a device that fails.
        pub async fn reconstruct(&self, photo: &[u8], decoder: &[u8]) -> Result<Reconstruction, EngineError> {
            let file = self.gallery.decoder(decoder)?;
            let decoder = Decoder::load(&file.config, &file.tensors, &self.device)?;
            let preprocess = &self.gallery.encoder.config.preprocess;
            let pixels = preprocess.pixels(&Photo::decode(photo)?);
            let latent = self.encoder.latent(batch_tensor(&[&pixels], preprocess, &self.device));
            let picture = pictures(decoder.forward(latent)).await?.remove(0);
            Ok(Reconstruction { crop: preprocess.crop, picture })
        }

        fn answer(&self, embedding: &Embedding, pixels_hash: u64, k: usize) -> Answer {
            let Gallery { entry, items, .. } = &self.gallery;
            let mut neighbors = self.search.nearest(embedding, k.max(map::NEIGHBORS));
            let map = map::estimate(&neighbors, items).unwrap_or(map::MapPoint { x: 0.0, y: 0.0 });
            neighbors.truncate(k);
            let within_eps = self.search.within(embedding, entry.density.eps);
            Answer {
                pixels_hash: Some(pixels_hash),
                embedding: embedding.as_slice().to_vec(),
                cluster: cluster::nearest_centroid(embedding, &entry.clusters).unwrap_or(0),
                density_group: cluster::density_group(&within_eps, items),
                map,
                neighbors,
            }
        }

        async fn embed(&self, pixels: &[&Pixels]) -> Result<Vec<Embedding>, EngineError> {
            let preprocess = &self.gallery.encoder.config.preprocess;
            Ok(self.encoder.embed(pixels, preprocess, &self.device).await?)
        }
    }
}
