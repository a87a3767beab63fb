//! Parts: the embeddings of some photos of a folder as Parquet, for whoever embeds on many machines or searches
//! beyond a static host. `lookalike embed` writes them, `lookalike build --embeddings` reads any number of them.
//!
//! ```text
//! path      string           below the folder of photos, with `/` on every system; sorted within a part
//! hash      string           XXH3-128 of the file's content, thirty-two hexadecimal digits
//! embedding list<float>?     unit length, by the encoder's own projection; null if it has none of its own
//! features  list<float>      what the encoder says before any projection: `build` fits the collection's on these
//! width     int32            of the upright photo, in pixels
//! height    int32
//! tags      list<string>     those of `embed --metadata`, or whatever somebody has put there since
//!
//! key-value metadata, text:
//! lookalike.version          1
//! lookalike.encoder          XXH3-64 of the encoder's file without its projection: what the features depend on
//! lookalike.model            what the encoder is called
//! lookalike.preprocess       how a photo becomes the encoder's input, as JSON
//! lookalike.embedding_width  numbers in each embedding
//! lookalike.feature_width    numbers in each features
//! lookalike.share            XXH3-64 of the paths that were asked for, each with its tags
//! lookalike.skipped          how many of them could not be read
//! lookalike.content          XXH3-64 over the rows, tags apart
//! ```
//!
//! A collection's projection is fitted to all of its photos, so that no part can hold it; the features can. An
//! embedding by the encoder's own projection can be compared with any other of the same encoder, at some cost in
//! precision.

mod known;
mod read;
mod share;
mod source;
mod stamp;
mod write;

pub use known::{Known, find};
pub use read::Part;
pub use share::Share;
pub use stamp::Stamp;
pub use write::PartWriter;

use std::sync::Arc;

use anyhow::Result;
use lookalike::gallery::container::hash;
use parquet::schema::{
    parser::parse_message_type,
    types::{Type, TypePtr},
};

use crate::photos::Content;

/// The end of a part's name.
pub const EXTENSION: &str = "parquet";

/// As Parquet itself writes it down.
const SCHEMA: &str = "
message lookalike {
  REQUIRED BYTE_ARRAY path (STRING);
  REQUIRED BYTE_ARRAY hash (STRING);
  OPTIONAL GROUP embedding (LIST) { REPEATED GROUP list { REQUIRED FLOAT element; } }
  REQUIRED GROUP features (LIST) { REPEATED GROUP list { REQUIRED FLOAT element; } }
  REQUIRED INT32 width;
  REQUIRED INT32 height;
  REQUIRED GROUP tags (LIST) { REPEATED GROUP list { REQUIRED BYTE_ARRAY element (STRING); } }
}";

/// A photo, embedded.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Below the folder of photos.
    pub path: String,
    /// Of the file's content.
    pub hash: Content,
    /// Width and height of the upright photo, in pixels.
    pub size: [u32; 2],
    /// What the encoder says before any projection.
    pub features: Vec<f32>,
    /// By the encoder's own projection, if it has one.
    pub embedding: Option<Vec<f32>>,
    /// Words for it.
    pub tags: Vec<String>,
}

impl Row {
    /// The hash over all rows so far, this one included.
    fn chain(&self, before: u64) -> u64 {
        let mut bytes = before.to_le_bytes().to_vec();
        bytes.extend(self.hash.bits().to_le_bytes());
        bytes.extend(self.size.iter().flat_map(|side| side.to_le_bytes()));
        bytes.extend(self.features.iter().chain(self.embedding.iter().flatten()).flat_map(|x| x.to_le_bytes()));
        bytes.extend(self.path.as_bytes());
        hash(&bytes)
    }
}

fn schema() -> Result<TypePtr> {
    Ok(Arc::<Type>::new(parse_message_type(SCHEMA)?))
}

/// As names and hashes are written.
fn hex(hash: u64) -> String {
    format!("{hash:016x}")
}
