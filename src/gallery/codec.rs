//! The one place that knows how values become bytes: bincode 2, little endian, integers of fixed length:
//! most numbers in these files are the bits of half-precision floats, which variable length would make longer.
//!
//! bincode is no longer maintained (RUSTSEC-2025-0141). It stands behind these two functions and the version
//! of the [container](super::container), so that another codec can take its place with one version bump.

use bincode::{
    config::{Configuration, Fixint, Limit, LittleEndian},
    error::DecodeError,
};
use serde::{Serialize, de::DeserializeOwned};

use super::container::MAX_PAYLOAD;

/// Decoding stops before it has taken more than this, whatever lengths the bytes claim.
const CONFIG: Configuration<LittleEndian, Fixint, Limit<MAX_PAYLOAD>> =
    bincode::config::standard().with_fixed_int_encoding().with_limit::<MAX_PAYLOAD>();

/// Writes a value.
///
/// # Errors
/// A value over the limit, in words.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    bincode::serde::encode_to_vec(value, CONFIG).map_err(|_| "it is too large".to_owned())
}

/// bincode's own words show every field of every error; the code for that is a part of what a visitor downloads.
fn in_words(error: DecodeError) -> String {
    match error {
        DecodeError::UnexpectedEnd { .. } => "the bytes end too early".to_owned(),
        DecodeError::LimitExceeded => "a length is over the limit".to_owned(),
        DecodeError::OtherString(words) => words,
        _ => "the bytes are no such value".to_owned(),
    }
}

/// Reads a value, and refuses bytes that are left over.
///
/// # Errors
/// What does not fit the type, in words.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let (value, used) = bincode::serde::decode_from_slice(bytes, CONFIG).map_err(in_words)?;
    match bytes.len() - used {
        0 => Ok(value),
        rest => Err(format!("{rest} bytes are left over")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives() {
        let value = (7_u32, "photo".to_owned(), vec![0.5_f32, -1.0]);
        assert_eq!(decode::<(u32, String, Vec<f32>)>(&encode(&value).unwrap()).unwrap(), value);
    }

    #[test]
    fn left_over_bytes_are_refused() {
        let mut bytes = encode(&1_u8).unwrap();
        bytes.push(0);
        assert_eq!(decode::<u8>(&bytes).unwrap_err(), "1 bytes are left over");
    }

    #[test]
    fn a_length_that_lies_is_refused() {
        let bytes = (1_u64 << 60).to_le_bytes();
        assert!(decode::<Vec<f32>>(&bytes).is_err());
    }
}
