//! The codec by bincode 2.

use bincode::{
    config::{Configuration, Fixint, Limit, LittleEndian},
    error::DecodeError,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::gallery::container::MAX_PAYLOAD;

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

/// bincode's own words show every field of every error; the code for that would be a part of what a visitor downloads.
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
