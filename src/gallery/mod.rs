//! The files of a site's gallery. This module stores and never computes.
//!
//! ```text
//! gallery/gallery.lka              the entry: the only name that does not change    [`Entry`]
//! gallery/encoder-<hash>.lka       the encoder's configuration and weights          [`EncoderFile`]
//! gallery/decoder-<hash>.lka       not in every gallery: what draws photos again     [`DecoderFile`]
//! gallery/cell-<hash>.lka          photos: paths, embeddings, labels, map points, what is said of them    [`Cell`]
//! gallery/probes-<hash>.lka        small photos with known embeddings, to check a device    [`Probes`]
//! gallery/miniatures-<hash>.lka    not in every gallery: all photos tiny, to compare methods     [`Miniatures`]
//! gallery/autoencoder-<hash>.lka   not in every gallery: another encoder and the photos by it, to compare     [`AutoencoderFile`]
//! gallery/thumbs/<hash>.webp       thumbnails: files of their own, as a host without range requests can't send a part of one
//! gallery/large/<hash>.webp        not in every gallery: the same pictures, larger
//! ```
//!
//! `<hash>` is the XXH3-64 of the file's payload (of the whole file for a thumbnail; of both files, one behind the
//! other, for a thumbnail and its larger picture) in 16 hexadecimal digits: a file whose content changes gets another
//! name, and a visitor's cache is never stale.
//! A cell is a whole file for the same reason. Thumbnails don't come in packs, one a cell: a cell's hundred are 0.7 MB, of
//! which an answer shows two or three.
//! Every `.lka` file is a [`container`] around a [`codec`] payload.

mod area;
pub mod codec;
pub mod container;
mod details;
mod entry;
mod error;
mod files;
mod part;
mod photos;
pub mod place;
mod rounded;

pub use area::Area;
pub use details::{Details, Tag};
pub use entry::{
    AutoencoderFile, Cell, CellRef, Cluster, DecoderFile, Density, Effort, EncoderFile, Entry, FileRef, Item,
    Miniatures, Probe, Probes, Stored, Thresholds, large_path, thumb_path,
};
pub use error::GalleryError;
pub use files::{Gallery, GalleryFiles, as_read, beside, from_middle, stored_form};
pub use part::{Indexed, Part};
pub use photos::Photos;
pub use rounded::Rounded;

/// The folder of the gallery inside a site.
pub const FOLDER: &str = "gallery";

/// The name of the entry inside [`FOLDER`].
pub const ENTRY: &str = "gallery.lka";

/// The folder of the thumbnails inside [`FOLDER`].
pub const THUMBS: &str = "thumbs";

/// The folder of the larger pictures inside [`FOLDER`].
pub const LARGE: &str = "large";
