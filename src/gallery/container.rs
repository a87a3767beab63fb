//! The envelope of every `.lka` file.
//!
//! ```text
//! offset  bytes  what
//!      0      8  magic "LOOKALIK"
//!      8      2  version, little endian: 10
//!     10      2  kind: 1 entry, 2 encoder, 3 cell, 4 probes, 5 decoder, 6 checkpoint, 7 miniatures,
//!                8 part of a visitor's folder, 9 autoencoder to compare with
//!     12      4  length of the payload in bytes, at most 256 MiB
//!     16      8  XXH3-64 of the payload
//!     24      …  payload: see `codec`
//! ```
//!
//! Nothing is allocated from a number in a file before that number has been checked against the file's real length.

use xxhash_rust::xxh3::xxh3_64;

use super::GalleryError;

/// The first bytes of every file.
pub const MAGIC: &[u8; 8] = b"LOOKALIK";

/// The version of the format that this program reads and writes.
///
/// It rises with every change after which an older program would misread a file.
pub const VERSION: u16 = 10;

/// The largest payload, in bytes.
pub const MAX_PAYLOAD: usize = 256 << 20;

const HEADER: usize = 24;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Kind {
    /// The entry of a gallery.
    Entry = 1,
    /// An encoder.
    Encoder = 2,
    /// Photos of a gallery.
    Cell = 3,
    /// Photos with known embeddings.
    Probes = 4,
    /// A decoder, which reconstructs photos.
    Decoder = 5,
    /// The state of an unfinished training.
    Checkpoint = 6,
    /// The photos of a gallery, tiny.
    Miniatures = 7,
    /// Photos of a visitor's own folder.
    Part = 8,
    /// An autoencoder, and the photos of a gallery by it.
    Autoencoder = 9,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Entry,
        Self::Encoder,
        Self::Cell,
        Self::Probes,
        Self::Decoder,
        Self::Checkpoint,
        Self::Miniatures,
        Self::Part,
        Self::Autoencoder,
    ];

    /// In words, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entry => "the entry of a gallery",
            Self::Encoder => "an encoder",
            Self::Cell => "photos of a gallery",
            Self::Probes => "probes of a gallery",
            Self::Decoder => "a decoder",
            Self::Checkpoint => "a training's checkpoint",
            Self::Miniatures => "miniatures of a gallery",
            Self::Part => "photos of a visitor's folder",
            Self::Autoencoder => "an autoencoder to compare with",
        }
    }
}

/// The hash that names a payload: XXH3-64. It finds damage; it is no protection against malice.
pub fn hash(payload: &[u8]) -> u64 {
    xxh3_64(payload)
}

/// Puts a payload into its envelope.
///
/// # Errors
/// A payload over [`MAX_PAYLOAD`], by the name of `file`.
pub fn seal(kind: Kind, payload: &[u8], file: &str) -> Result<Vec<u8>, GalleryError> {
    let length = u32::try_from(payload.len())
        .ok()
        .filter(|_| payload.len() <= MAX_PAYLOAD)
        .ok_or_else(|| GalleryError::malformed(file, format!("{} bytes are over the limit", payload.len())))?;
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(kind as u16).to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&hash(payload).to_le_bytes());
    bytes.extend_from_slice(payload);
    Ok(bytes)
}

/// Checks an envelope and returns what is in it.
///
/// # Errors
/// Wrong magic, version, kind, length or checksum, each by the name of `file`.
pub fn open<'a>(kind: Kind, bytes: &'a [u8], file: &str) -> Result<&'a [u8], GalleryError> {
    let named = || file.to_owned();
    let magic = bytes.len().min(MAGIC.len());
    if bytes[..magic] != MAGIC[..magic] || magic == 0 {
        return Err(GalleryError::Magic { file: named() });
    }
    if bytes.len() < HEADER {
        return Err(GalleryError::Length { file: named(), found: bytes.len(), expected: HEADER });
    }
    let version = u16::from_le_bytes([bytes[8], bytes[9]]);
    if version != VERSION {
        return Err(GalleryError::Version { file: named(), found: version, expected: VERSION });
    }
    let found = u16::from_le_bytes([bytes[10], bytes[11]]);
    if found != kind as u16 {
        let found = Kind::ALL.into_iter().find(|k| *k as u16 == found).map_or("something else", Kind::name);
        return Err(GalleryError::Kind { file: named(), found: found.to_owned(), expected: kind.name() });
    }
    let length = u32::from_le_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]) as usize;
    if length > MAX_PAYLOAD {
        return Err(GalleryError::malformed(file, format!("its header promises {length} bytes")));
    }
    let payload = &bytes[HEADER..];
    if payload.len() != length {
        return Err(GalleryError::Length { file: named(), found: bytes.len(), expected: HEADER + length });
    }
    let mut checksum = [0; 8];
    checksum.copy_from_slice(&bytes[16..HEADER]);
    if hash(payload) != u64::from_le_bytes(checksum) {
        return Err(GalleryError::Checksum { file: named() });
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed() -> Vec<u8> {
        seal(Kind::Cell, b"photos", "x.lka").unwrap()
    }

    fn refusal(bytes: &[u8]) -> GalleryError {
        open(Kind::Cell, bytes, "x.lka").unwrap_err()
    }

    #[test]
    fn what_was_sealed_is_opened() {
        assert_eq!(open(Kind::Cell, &sealed(), "x.lka").unwrap(), b"photos");
    }

    #[test]
    fn a_foreign_file_is_refused() {
        assert!(matches!(refusal(b"<!DOCTYPE html>"), GalleryError::Magic { .. }));
        assert!(matches!(refusal(b""), GalleryError::Magic { .. }));
    }

    #[test]
    fn every_cut_is_found() {
        let whole = sealed();
        for end in 1..whole.len() {
            assert!(matches!(refusal(&whole[..end]), GalleryError::Length { .. }), "cut at {end}");
        }
    }

    #[test]
    fn a_longer_file_is_refused() {
        let mut bytes = sealed();
        bytes.push(0);
        assert!(matches!(refusal(&bytes), GalleryError::Length { .. }));
    }

    #[test]
    fn another_version_is_told_with_both_numbers() {
        let mut bytes = sealed();
        bytes[8] = 6;
        assert_eq!(refusal(&bytes), GalleryError::Version { file: "x.lka".into(), found: 6, expected: VERSION });
    }

    #[test]
    fn another_kind_is_told_in_words() {
        let error = open(Kind::Entry, &sealed(), "x.lka").unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.lka holds photos of a gallery, not the entry of a gallery. Publish the site again"
        );
    }

    #[test]
    fn a_flipped_bit_is_found() {
        for place in HEADER..sealed().len() {
            let mut bytes = sealed();
            bytes[place] ^= 1;
            assert!(matches!(refusal(&bytes), GalleryError::Checksum { .. }));
        }
    }

    #[test]
    fn a_huge_promise_allocates_nothing() {
        let mut bytes = sealed();
        bytes[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(refusal(&bytes), GalleryError::Malformed { .. }));
    }
}
