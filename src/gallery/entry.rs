//! The values that the files of a gallery hold.

use serde::{Deserialize, Serialize};

use super::{Area, Details, GalleryError, Rounded, Tag, codec, container, container::Kind, place};
use crate::{
    encoder::{DecoderConfig, EncoderConfig, WeightTensor, bounded},
    placeholder::Placeholder,
};

/// The root of a gallery: small, and the only file whose name stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What the collection is called.
    pub title: String,
    /// The program that wrote it, e.g. `lookalike 0.1.0`.
    pub generator: String,
    /// Number of photos, over all cells.
    pub photos: u32,
    /// Width D of the embeddings.
    pub width: u16,
    /// The encoder's file.
    pub encoder: FileRef,
    /// The decoder's file, which nobody needs for an answer: it is fetched when it is wanted.
    pub decoder: Option<FileRef>,
    /// The probes' file.
    pub probes: FileRef,
    /// The cells. Photos are numbered through all cells, in this order.
    pub cells: Vec<CellRef>,
    /// The middle of each cell, `[cells, D]`.
    pub middles: Rounded,
    /// What each cell covers of the map; empty where all cells are meant to be fetched.
    pub areas: Vec<Area>,
    /// What a query finds that fetches so much, the least first. Empty: all cells are meant to be fetched.
    pub efforts: Vec<Effort>,
    /// The k-means clusters; photos refer to them by place.
    pub clusters: Vec<Cluster>,
    /// Mean silhouette of the clustering in [−1, 1]; `None` with fewer than two clusters.
    pub silhouette: Option<f32>,
    /// The density-based grouping.
    pub density: Density,
    /// Perplexity of the map; 0 for a collection too small for t-SNE.
    pub perplexity: f32,
    /// From which similarity on two photos deserve a word.
    pub likeness: Thresholds,
    /// Long side in pixels of the pictures in [`LARGE`](super::LARGE); 0: there are none.
    pub large: u16,
    /// The photos' miniatures, for descriptors without weights: fetched when somebody wants to compare.
    pub miniatures: Option<FileRef>,
    /// An autoencoder to compare with, and the photos as it sees them: fetched when somebody wants to compare.
    pub autoencoder: Option<FileRef>,
    /// All tags of the photos, sorted: what can be chosen before any cell is there.
    pub tags: Vec<Tag>,
}

impl Entry {
    /// Whether questions fetch the cells that they want; those of a small gallery are all fetched at the start.
    pub fn is_large(&self) -> bool {
        !self.efforts.is_empty()
    }
}

/// A file of the gallery, by the hash of its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// XXH3-64 of the payload.
    pub hash: u64,
    /// Size of the file in bytes, for progress.
    pub bytes: u32,
}

/// A cell's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellRef {
    /// The file.
    pub file: FileRef,
    /// Number of its photos.
    pub photos: u32,
}

/// What fetching costs and brings, measured where the gallery was built.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Effort {
    /// Size of the files that are fetched, nearest cell first.
    pub bytes: u32,
    /// The share of a query's ten nearest photos that are in them, in [0, 1].
    pub recall: f32,
}

/// One k-means cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// Mean of its embeddings, `[D]`; not a unit vector.
    pub centroid: Vec<f32>,
    /// Number of its photos.
    pub size: u32,
}

/// What DBSCAN was run with and found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Density {
    /// Radius of a neighbourhood: cosine distance in [0, 2].
    pub eps: f32,
    /// Photos in a neighbourhood that make its centre a core point.
    pub min_points: u32,
    /// Number of groups.
    pub groups: u32,
    /// Number of photos in no group.
    pub noise: u32,
}

/// Cosine similarities in [−1, 1] from which on two photos deserve a word; each at least as high as the one before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// More alike than most pairs.
    pub related: f32,
    /// As alike as neighbours usually are.
    pub look_alike: f32,
    /// Much closer than neighbours usually are.
    pub near_duplicate: f32,
    /// The same to the encoder.
    pub identical: f32,
}

/// A part of the collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The photos, sorted by path.
    pub items: Vec<Item>,
    /// Their embeddings less the cell's middle, `[items, D]`. Readers add it, and scale each to unit length.
    pub embeddings: Rounded,
}

/// One photo of the collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Path relative to the photo folder, with `/` on every system.
    pub path: String,
    /// Hash that names its thumbnail, and its larger picture where the gallery has those.
    pub thumb: u64,
    /// Width and height of its thumbnail in pixels.
    pub thumb_size: [u16; 2],
    /// What stands in its place until it has come.
    pub placeholder: Placeholder,
    /// What is said of it, if anything is.
    pub details: Option<Box<Details>>,
    /// Its k-means cluster.
    pub cluster: u32,
    /// Its density group; `None`: noise.
    pub density_group: Option<u32>,
    /// Its place on the map, which spans [−1, 1] in both directions.
    #[serde(with = "place")]
    pub map: [f32; 2],
}

/// An encoder: configuration and weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncoderFile {
    /// A name for people, e.g. `autoencoder`.
    pub name: String,
    /// What the network is.
    pub config: EncoderConfig,
    /// What it has learnt.
    #[serde(deserialize_with = "bounded")]
    pub tensors: Vec<WeightTensor>,
}

/// A decoder: configuration and weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecoderFile {
    /// What the network is.
    pub config: DecoderConfig,
    /// What it has learnt.
    #[serde(deserialize_with = "bounded")]
    pub tensors: Vec<WeightTensor>,
}

/// Photos with known embeddings: a device that gives others computes wrongly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probes {
    /// At least one.
    pub probes: Vec<Probe>,
}

/// A small photo, and what comes out of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// A JPEG file.
    pub photo: Vec<u8>,
    /// The hash of the encoder's input that it must give: [`Pixels::hash`](crate::preprocess::Pixels::hash).
    pub pixels_hash: u64,
    /// The embedding that burn-flex gave where the gallery was built, `[D]`.
    pub embedding: Vec<f32>,
}

/// All photos of a gallery, tiny, in its order: what descriptors without weights are made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miniatures {
    /// Side S in pixels, 1 to 64.
    pub side: u16,
    /// `[photos, 3, S, S]`.
    pub bytes: Vec<u8>,
}

/// A plain autoencoder's encoder, and all photos of a gallery by it, in its order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AutoencoderFile {
    /// The encoder.
    pub encoder: EncoderFile,
    /// The embeddings by it, `[photos, D]`. Readers scale each to unit length.
    pub embeddings: Rounded,
}

/// A value with a file kind of its own.
pub trait Stored: Serialize + serde::de::DeserializeOwned {
    /// Its kind.
    const KIND: Kind;

    /// The whole file, and the reference that names it.
    ///
    /// # Errors
    /// A value over the size limit.
    fn to_file(&self) -> Result<(Vec<u8>, FileRef), GalleryError> {
        let file = Self::KIND.name();
        let payload = codec::encode(self).map_err(|reason| GalleryError::malformed(file, reason))?;
        let bytes = container::seal(Self::KIND, &payload, file)?;
        let reference = FileRef { hash: container::hash(&payload), bytes: bytes.len() as u32 };
        Ok((bytes, reference))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Everything that can be wrong with it, by the name of `file`.
    fn from_file(bytes: &[u8], file: &str) -> Result<Self, GalleryError> {
        let payload = container::open(Self::KIND, bytes, file)?;
        codec::decode(payload).map_err(|reason| GalleryError::malformed(file, reason))
    }
}

impl Stored for Entry {
    const KIND: Kind = Kind::Entry;
}

impl Stored for Cell {
    const KIND: Kind = Kind::Cell;
}

impl Stored for EncoderFile {
    const KIND: Kind = Kind::Encoder;
}

impl Stored for DecoderFile {
    const KIND: Kind = Kind::Decoder;
}

impl Stored for Probes {
    const KIND: Kind = Kind::Probes;
}

impl Stored for Miniatures {
    const KIND: Kind = Kind::Miniatures;
}

impl Stored for AutoencoderFile {
    const KIND: Kind = Kind::Autoencoder;
}

impl FileRef {
    /// The file's name inside the gallery's folder.
    pub fn name(&self, kind: Kind) -> String {
        let stem = match kind {
            Kind::Entry => return super::ENTRY.to_owned(),
            Kind::Encoder => "encoder",
            Kind::Cell => "cell",
            Kind::Probes => "probes",
            Kind::Decoder => "decoder",
            Kind::Checkpoint => "checkpoint",
            Kind::Miniatures => "miniatures",
            Kind::Part => "part",
            Kind::Autoencoder => "autoencoder",
        };
        format!("{stem}-{:016x}.lka", self.hash)
    }
}

impl Item {
    /// What people know it by: its title, or its path.
    pub fn name(&self) -> &str {
        match self.details.as_deref() {
            Some(Details { title, .. }) if !title.is_empty() => title,
            _ => &self.path,
        }
    }

    /// Where it leads; empty: nowhere.
    pub fn link(&self) -> &str {
        self.details.as_deref().map_or("", |details| &details.link)
    }

    /// Its tags, sorted.
    pub fn tags(&self) -> &[String] {
        self.details.as_deref().map_or(&[], |details| &details.tags)
    }

    /// The thumbnail's path inside the gallery's folder.
    pub fn thumb_path(&self) -> String {
        thumb_path(self.thumb)
    }

    /// The path of the larger picture inside the gallery's folder, where the gallery has those.
    pub fn large_path(&self) -> String {
        large_path(self.thumb)
    }
}

/// The path of the thumbnail with this hash inside the gallery's folder.
pub fn thumb_path(hash: u64) -> String {
    format!("{}/{hash:016x}.webp", super::THUMBS)
}

/// The path of the larger picture with this hash inside the gallery's folder.
pub fn large_path(hash: u64) -> String {
    format!("{}/{hash:016x}.webp", super::LARGE)
}
