//! The whole chain from a photo's bytes to an answer: the only owner of the order of the steps.

use serde::{Deserialize, Serialize};

use crate::{map::MapPoint, preprocess::Pixels, search::Neighbor, symmetry::Symmetry, why::Match};

/// What is known about a query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// XXH3-64 of the encoder's input: equal on every machine that decoded and resized alike.
    /// `None` for a photo of the gallery, which nobody encodes again, and for a mix.
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
    /// How the photo was turned for each of them; empty if it was not.
    pub symmetries: Vec<Symmetry>,
    /// The embeddings of the photo turned and mirrored in all ways, `[8, D]`; empty if it was not.
    pub turned: Vec<Vec<f32>>,
    /// All cells of a large gallery, in the order in which the question wants them; empty for a small one.
    pub cells: Vec<u32>,
}

impl Answer {
    /// What it is about: one embedding, or those of a photo turned in all ways.
    pub fn embeddings(&self) -> Vec<Vec<f32>> {
        if self.turned.is_empty() { vec![self.embedding.clone()] } else { self.turned.clone() }
    }
}

/// What a decoder makes of a photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reconstruction {
    /// Side of the centred square that the picture shows, as a share of the photo's shorter side; 1 for a chosen part,
    /// which it shows to its edges.
    pub crop: f32,
    /// The picture.
    pub picture: Pixels,
}

/// What makes two photos alike to the encoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// For each cell of the first photo its match in the second, then for each of the second: as many rows as columns,
    /// over what the encoder sees of a photo.
    pub matches: Vec<Match>,
    /// The similarity of the two pictures as they are.
    pub similarity: f32,
    /// Their similarity once both are grey: what shapes, textures and brightness alone say.
    pub grey: f32,
    /// The similarity of their colours alone, wherever they lie, in [0, 1]: see [`crate::colour`].
    pub colour: f32,
}

impl Why {
    /// The matches of one photo's cells, 0 or 1.
    pub fn of(&self, photo: usize) -> &[Match] {
        let (first, second) = self.matches.split_at(self.matches.len() / 2);
        if photo == 0 { first } else { second }
    }
}

/// The photos most similar by other methods than the gallery's encoder, most similar first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// By raw pixels.
    pub pixels: Vec<Neighbor>,
    /// By colour histogram.
    pub histogram: Vec<Neighbor>,
    /// By the gallery's autoencoder, if it has one.
    pub autoencoder: Option<Vec<Neighbor>>,
}

/// Which photo is compared.
#[derive(Debug, Clone, Copy)]
pub enum Compared<'a> {
    /// One that is given, by its bytes.
    Given(&'a [u8]),
    /// One of the gallery's, by its place: it is none of its own neighbours.
    Item(u32),
}

#[cfg(feature = "encoder")]
mod compare;
#[cfg(feature = "encoder")]
mod loaded;
#[cfg(feature = "encoder")]
mod opened;

#[cfg(feature = "encoder")]
pub use opened::{Engine, EngineError, TOLERANCE};
