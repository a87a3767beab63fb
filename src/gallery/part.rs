//! A part of a visitor's own folder, as the page keeps it in the browser's storage.
//!
//! ```text
//! part-<hash>.lka    a container of kind 7 around this payload:
//!   encoder          the hash of the encoder that the embeddings come from     u64
//!   photos           at most a few dozen, each with
//!     path           with the folder's name in front, `/` between              text
//!     size, modified of the file: in bytes, in milliseconds since 1970         u64, u64
//!     embedding      as in a cell: the bits of half-precision floats           [D] u16
//!     thumb          a JPEG, and its width and height in pixels                bytes, 2 × u16
//! ```
//!
//! A part is written once, under the hash of its content, and never changed: two pages that write at the same time can't
//! spoil each other's, and of a page that is closed in the middle of a part nothing but that part is lost.

use serde::{Deserialize, Serialize};

use super::{FileRef, GalleryError, Stored, as_read, container::Kind};

/// Some photos of a folder, as they were when they were looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// XXH3-64 of the encoder's payload: embeddings of another encoder mean nothing.
    pub encoder: u64,
    /// The photos.
    pub photos: Vec<Indexed>,
}

/// A photo of a visitor's folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Indexed {
    /// Its path, with the folder's name in front.
    pub path: String,
    /// Size of its file in bytes.
    pub size: u64,
    /// When its file was changed last: milliseconds since 1970.
    pub modified: u64,
    /// Its embedding, `[D]`, as half-precision bits.
    pub embedding: Vec<u16>,
    /// Its thumbnail, a JPEG.
    pub thumb: Vec<u8>,
    /// Width and height of its thumbnail in pixels.
    pub thumb_size: [u16; 2],
}

impl Stored for Part {
    const KIND: Kind = Kind::Part;
}

impl Part {
    /// Reads a part and checks it; `Ok(None)`: it comes from another encoder.
    ///
    /// # Errors
    /// Everything that can be wrong with it, by the name of `file`.
    pub fn read(bytes: &[u8], file: &str, encoder: &FileRef, width: u16) -> Result<Option<Self>, GalleryError> {
        let part = Self::from_file(bytes, file)?;
        if part.encoder != encoder.hash {
            return Ok(None);
        }
        for photo in &part.photos {
            if photo.embedding.len() != usize::from(width) {
                return Err(GalleryError::malformed(file, "it does not hold one embedding a photo"));
            }
            as_read(&photo.embedding).map_err(|e| GalleryError::malformed(file, e.to_string()))?;
        }
        Ok(Some(part))
    }
}
