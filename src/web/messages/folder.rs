//! What the page and a worker say to each other about the visitor's own folder.

use serde::{Deserialize, Serialize};

/// What the page asks about the visitor's own folder, one request after the other.
#[derive(Debug, Serialize, Deserialize)]
pub enum FolderRequest {
    /// What is kept?
    Look,
    /// A folder is to be indexed; what is kept of another is forgotten.
    Begin {
        /// Its name, with which all its paths begin.
        title: String,
    },
    /// Index this photo, unless it is known; answered by [`FolderResponse::Taken`]. Attached: the file.
    Take {
        /// Its path, with the folder's name in front.
        path: String,
        /// When it was changed last: milliseconds since 1970.
        modified: u64,
    },
    /// Enough for now: keep what has been indexed.
    Stop,
    /// That was the last photo: make the collection. Answered by [`FolderResponse::Collected`].
    Finish,
    /// Make the collection of what is kept. Answered by [`FolderResponse::Collected`].
    Open,
    /// Keep nothing.
    Forget,
    /// Write the open collection's paths and embeddings; answered by [`FolderResponse::Index`].
    Index,
}

/// What a worker says about the visitor's own folder.
#[derive(Debug, Serialize, Deserialize)]
pub enum FolderResponse {
    /// What is kept.
    Kept(Kept),
    /// The photo has been dealt with.
    Taken {
        /// Why it is left out.
        problem: Option<String>,
    },
    /// The collection. Attached: its entry and its cell, as `Uint8Array`s, and its thumbnails: a `Map` from the path of
    /// each in a gallery to a `Blob`.
    Collected(Kept),
    /// Attached: a `Blob`, CSV.
    Index,
    /// One clear sentence on what went wrong.
    Failed(String),
}

/// What the browser's storage holds.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The folder's name.
    pub title: String,
    /// The number of photos; 0: nothing is kept.
    pub photos: u32,
    /// The size of all files.
    pub bytes: u32,
    /// What is worth knowing about it.
    pub note: Option<Note>,
}

/// What has become of what is kept.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Note {
    /// There is no room for it.
    NoRoom,
    /// It was damaged, and is forgotten in part.
    Damaged,
    /// It is of another encoder.
    Older,
}
