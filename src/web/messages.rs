//! What the page and a worker say to each other.
//!
//! A message of the page is an array: first a `Uint8Array` written by [`crate::gallery::codec`], then the
//! message's attachments as they are. Photos travel as `Blob`s and files of the gallery as `Uint8Array`s, so
//! that the page's thread neither reads nor copies them through its own memory. A message of a worker is one
//! `Uint8Array`; anything else says that its program could not be started.

mod folder;

use serde::{Deserialize, Serialize};

pub use self::folder::{FolderRequest, FolderResponse, Kept, Note};
use crate::{
    crop::Crop,
    engine::{Answer, Comparison, Reconstruction, Why},
    filter::Filter,
    mix::Weight,
    search::Neighbor,
    symmetry::Symmetry,
};

/// What the page asks of a worker.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Open a gallery; answered by [`Response::Opened`], or by [`Response::Failed`] without an id.
    ///
    /// Attached: the bytes of the entry, the encoder, the probes and some cells, in this order.
    Open {
        /// The cells' places in the entry.
        places: Vec<u32>,
        /// Whether a folder's photos are to be timed, too, where the device takes several at once.
        timed: bool,
    },
    /// Find the photos nearest to this one; answered by [`Response::Answered`] or [`Response::Failed`].
    ///
    /// Attached: the file as the visitor gave it, a `Blob`: JPEG, PNG or WebP.
    Ask {
        /// Chosen by the page; the answer carries it back.
        id: u32,
        /// How many neighbours, at least 1.
        k: u32,
        /// What is looked at.
        photo: Given,
        /// The photo's place in the gallery, if it is one of its own: then it is left out.
        item: Option<u32>,
    },
    /// Find the photos nearest to one of the gallery's own; answered as [`Request::Ask`] is. Nothing is attached.
    Near {
        /// Chosen by the page; the answer carries it back.
        id: u32,
        /// The photo's place in the gallery.
        item: u32,
        /// How many neighbours, at least 1.
        k: u32,
    },
    /// Draw this photo again from its latent; answered by [`Response::Reconstructed`].
    ///
    /// Attached: the file as for [`Request::Ask`], and the bytes of the gallery's decoder.
    Reconstruct {
        /// Chosen by the page; the answer carries it back.
        id: u32,
        /// The part of the photo, if it is not the whole one.
        part: Option<Crop>,
    },
    /// Find the photos nearest to several together; answered as [`Request::Ask`] is.
    ///
    /// Attached: a `Blob` for each [`Source::Given`], in their order.
    Mix {
        /// Chosen by the page; the answer carries it back.
        id: u32,
        /// How many neighbours, at least 1.
        k: u32,
        /// The photos.
        photos: Vec<(Source, Weight)>,
    },
    /// Find the photos that pass a filter and are nearest to what an answer was about; answered by
    /// [`Response::Among`]. Nothing is attached.
    Among {
        /// Chosen by the page; the answer carries it back.
        id: u32,
        /// The answer's embedding, or those of its photo turned in all ways.
        embeddings: Vec<Vec<f32>>,
        /// Which photos count.
        filter: Filter,
        /// Photos that are none of their own neighbours.
        left_out: Vec<u32>,
        /// How many neighbours, at least 1.
        k: u32,
    },
    /// As [`Request::Ask`], with the photo turned and mirrored as well.
    AskTurned {
        /// Chosen by the page; the answer carries it back.
        id: u32,
        /// How many neighbours, at least 1.
        k: u32,
        /// The part of the upright photo that is looked at; `None`: the whole photo.
        part: Option<Crop>,
    },
    /// What makes two photos alike? Answered by [`Response::Explained`].
    ///
    /// Attached: the two files, as for [`Request::Ask`].
    Why {
        /// Chosen by the page; the answer carries it back.
        id: u32,
        /// The part of the first photo, if it is not the whole one.
        part: Option<Crop>,
    },
    /// Find groups of photos that are at least this similar; answered by [`Response::Scanned`] again and again, then by
    /// [`Response::Grouped`]. It takes the place of such a request before it, whose search it goes on with.
    Duplicates {
        /// Chosen by the page; the answers carry it back. 0: let the search rest, nobody waits for it.
        id: u32,
        /// Cosine similarity; below the gallery's look-alikes there is nothing more.
        least: f32,
    },
    /// Find the photos nearest to this one by other methods; answered by [`Response::Compared`].
    ///
    /// Attached: the bytes of the gallery's miniatures, those of its autoencoder or `null`, and without an item the file as
    /// for [`Request::Ask`].
    Compare {
        /// Chosen by the page; the answer carries it back.
        id: u32,
        /// The photo's place in the gallery, if it is one of the gallery's own.
        item: Option<u32>,
        /// How many neighbours, at least 1.
        k: u32,
    },
    /// About the visitor's own folder; answered by [`Response::Folder`].
    Folder(FolderRequest),
    /// Write these results as a file; answered by [`Response::Table`]. Nothing is attached.
    Table {
        /// JSON; else CSV.
        json: bool,
        /// The results, most similar first.
        neighbors: Vec<Neighbor>,
    },
    /// More cells of the open gallery; one that can't be used is told by [`Response::Refused`]. Attached: their bytes.
    Cells {
        /// Their places in the entry.
        places: Vec<u32>,
    },
    /// Answer once more, from the cells that are there now; answered by [`Response::Improved`]. Nothing is attached.
    Again {
        /// Chosen by the page; the answer carries it back.
        id: u32,
        /// The photo's place in the gallery, if the answer was about a whole one of its own.
        item: Option<u32>,
        /// The answer's embedding, or those of its photo turned in all ways.
        embeddings: Vec<Vec<f32>>,
        /// As in the answer.
        pixels_hash: Option<u64>,
        /// Photos that are none of their own neighbours.
        left_out: Vec<u32>,
        /// How many neighbours, at least 1.
        k: u32,
        /// Whether the groups' looks are wanted as well.
        exemplars: bool,
    },
    /// Which photo lies at this place of the map? Answered by [`Response::AtPlace`]. Nothing is attached.
    AtPlace {
        /// Chosen by the page; the answer carries it back.
        id: u32,
        /// The place.
        place: [f32; 2],
        /// How far from it the photo may lie, in units of the map.
        reach: f32,
    },
    /// Encode all of the gallery's probes; answered by [`Response::Checked`], or by [`Response::Failed`] without an id if one
    /// of them comes out wrong.
    Check,
}

/// A photo that comes as a file, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The page's number for the photo: what the worker remembers of it goes by this.
    pub key: u32,
    /// The part of the upright photo that is looked at; `None`: the whole photo.
    pub part: Option<Crop>,
}

/// A photo of a mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// A photo of the gallery, by its place there.
    Item(u32),
    /// A photo that is attached.
    Given {
        /// The photo.
        photo: Given,
        /// Its place in the gallery, if it is one of its own.
        item: Option<u32>,
    },
}

/// What a worker tells the page.
#[derive(Debug, Serialize, Deserialize)]
pub enum Response {
    /// The module has started and listens; sent once, before anything else.
    Started,
    /// A stage of opening has begun.
    Stage(Stage),
    /// The gallery is open and this engine has been checked against it.
    Opened(EngineReport),
    /// The answer to the question of this id.
    Answered {
        /// The id of the question.
        id: u32,
        /// What was found.
        answer: Answer,
        /// Milliseconds from bytes to answer, as the worker's clock saw them.
        milliseconds: f32,
    },
    /// What the decoder has drawn for the request of this id.
    Reconstructed {
        /// The id of the request.
        id: u32,
        /// The picture, or a sentence on what went wrong.
        picture: Result<Reconstruction, String>,
    },
    /// What went wrong: a detail, which follows a sentence of the page's.
    Failed {
        /// The question that failed; `None`: the engine itself can't be used.
        id: Option<u32>,
        /// The detail.
        message: String,
    },
    /// The neighbours that pass the filter of the request of this id.
    Among {
        /// The id of the request.
        id: u32,
        /// The neighbours, and how the photo was turned for each if it was; or a sentence on what went wrong.
        found: Result<(Vec<Neighbor>, Vec<Symmetry>), String>,
    },
    /// What makes the two photos of this request alike.
    Explained {
        /// The id of the request.
        id: u32,
        /// The reasons, or a sentence on what went wrong.
        why: Result<Why, String>,
    },
    /// How far the search for groups is.
    Scanned {
        /// The id of the request.
        id: u32,
        /// Photos that have had their turn.
        photos: u32,
    },
    /// The groups of photos, most similar first.
    Grouped {
        /// The id of the request.
        id: u32,
        /// See [`crate::duplicates::groups`].
        groups: Vec<Vec<Neighbor>>,
    },
    /// What was found for the [`Request::Compare`] of this id.
    Compared {
        /// The id of the request.
        id: u32,
        /// The neighbours, or a sentence on what went wrong.
        found: Result<Comparison, String>,
    },
    /// About the visitor's own folder.
    ///
    /// With attachments the message is an array: they follow the `Uint8Array`.
    Folder(FolderResponse),
    /// The results of a [`Request::Table`]: its `json`, or a sentence on what went wrong. Attached: a `Blob`.
    Table(Result<bool, String>),
    /// The answer of a [`Request::Again`].
    Improved {
        /// The id of the request.
        id: u32,
        /// The answer, or a sentence on what went wrong.
        answer: Result<Answer, String>,
        /// As in [`EngineReport`], if they are wanted.
        exemplars: Option<[Vec<Vec<u32>>; 2]>,
    },
    /// A cell that can't be used: the engine goes on without it.
    Refused {
        /// Its place in the entry.
        place: u32,
        /// One sentence on what is wrong with it.
        reason: String,
    },
    /// The photo that lies at the place of the request of this id, if there is one.
    AtPlace {
        /// The id of the request.
        id: u32,
        /// The photo's place in the gallery.
        item: Option<u32>,
    },
    /// The device computes right: all probes came out as they should.
    Checked,
}

/// What an engine does before it is open.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Stage {
    /// It starts its device.
    Engine,
    /// It reads the collection.
    Collection,
    /// It checks the device.
    Check,
}

/// Which device computes, and how far from the gallery's own embeddings it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EngineReport {
    /// For people: `CPU (SIMD)`, `WebGPU (nvidia, ada)`.
    pub device: String,
    /// The largest difference of a coordinate from the known embeddings of the gallery's probes.
    pub deviation: f32,
    /// Milliseconds to encode a photo, not the first one, which includes compiling shaders: one alone, and one of a folder.
    pub milliseconds: [f32; 2],
    /// The photos that each cluster looks like, then those of each density group.
    pub exemplars: [Vec<Vec<u32>>; 2],
    /// Side of the centred square that the encoder sees, as a share of a photo's shorter side.
    pub crop: f32,
}
