//! How values become bytes: what serde tells of them, one behind the other, little endian.
//!
//! ```text
//! integers, floats     their bytes: most numbers in these files are the bits of half-precision floats, which a variable
//!                      length would make longer
//! bool, Option         a byte, 0 or 1; then what there is
//! text, lists          their length as u64; then the bytes, or the elements
//! arrays, structs      their elements or fields
//! enums                the number of the variant as u32; then its fields
//! ```
//!
//! Nothing in the bytes says what they are: that is the [container](super::container)'s part, and its version rises when
//! any of these types changes.
//!
//! These are bincode's bytes with integers of fixed length, and the tests and the fuzzer hold this codec against it. bincode
//! itself is no longer maintained (RUSTSEC-2025-0141), takes 16 kB of a visitor's download, and asks for as much memory as
//! the bytes claim, up to its limit, before it looks whether they are there.

mod reader;
mod writer;

use std::fmt::Display;

use serde::{
    Serialize,
    de::{self, DeserializeOwned},
    ser,
};

use super::container::MAX_PAYLOAD;

/// Writes a value.
///
/// # Errors
/// A value over the limit, in words.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    value.serialize(writer::Writer(&mut bytes)).map_err(|Refused(words)| words)?;
    if bytes.len() > MAX_PAYLOAD { Err("it is too large".to_owned()) } else { Ok(bytes) }
}

/// Reads a value, and refuses bytes that are left over. Whatever lengths the bytes claim, no more memory is asked for than
/// so many bytes could fill.
///
/// # Errors
/// What does not fit the type, in words.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut rest = bytes;
    let value = T::deserialize(reader::Reader(&mut rest)).map_err(|Refused(words)| words)?;
    match rest.len() {
        0 => Ok(value),
        rest => Err(format!("{rest} bytes are left over")),
    }
}

/// Why there is no value, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

impl Refused {
    fn new(words: &str) -> Self {
        Self(words.to_owned())
    }
}

/// A type that no file has.
fn unknown() -> Refused {
    Refused::new("there are no bytes for such a type")
}

impl ser::Error for Refused {
    fn custom<T: Display>(words: T) -> Self {
        Self(words.to_string())
    }
}

/// serde's own words show every kind of value; the code for that would be a part of what a visitor downloads.
impl de::Error for Refused {
    fn custom<T: Display>(words: T) -> Self {
        Self(words.to_string())
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::new("the bytes are no such value")
    }

    fn invalid_value(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self::new("the bytes are no such value")
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// The same by bincode.
    mod library {
        use super::*;

        const CONFIG: bincode::config::Configuration<bincode::config::LittleEndian, bincode::config::Fixint> =
            bincode::config::standard().with_fixed_int_encoding();

        pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, bincode::error::EncodeError> {
            bincode::serde::encode_to_vec(value, CONFIG)
        }

        /// Within the limit of its memory.
        pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
            let (value, used) = bincode::serde::decode_from_slice(bytes, CONFIG.with_limit::<MAX_PAYLOAD>())
                .map_err(|error| error.to_string())?;
            if used == bytes.len() { Ok(value) } else { Err("bytes are left over".to_owned()) }
        }
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Nothing,
        Circle(f32),
        Path(u8, Option<i16>),
        Text { words: String, places: Vec<[u16; 2]> },
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Unit(i64);

    fn survives<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T, bytes: &[u8]) {
        assert_eq!(encode(&value).unwrap(), bytes);
        assert_eq!(decode::<T>(bytes).unwrap(), value);
        assert_eq!(library::encode(&value).unwrap(), bytes);
        assert_eq!(library::decode::<T>(bytes).unwrap(), value);
    }

    #[test]
    fn each_type_has_its_bytes() {
        survives((true, 7_u8, -2_i8, 0x1234_u16), &[1, 7, 254, 0x34, 0x12]);
        survives((1_u32, -1_i32), &[1, 0, 0, 0, 255, 255, 255, 255]);
        survives(u64::MAX - 1, &[254, 255, 255, 255, 255, 255, 255, 255]);
        survives((1.0_f32, -2.0_f64), &[0, 0, 0x80, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0]);
        survives("é".to_owned(), &[2, 0, 0, 0, 0, 0, 0, 0, 0xc3, 0xa9]);
        survives(vec![3_u16, 4], &[2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 4, 0]);
        survives((None::<u8>, Some(5_u8), ()), &[0, 1, 5]);
        survives(Unit(3), &[3, 0, 0, 0, 0, 0, 0, 0]);
        survives(Ok::<u8, bool>(1), &[0, 0, 0, 0, 1]);
        survives(Shape::Nothing, &[0, 0, 0, 0]);
        survives(Shape::Circle(1.0), &[1, 0, 0, 0, 0, 0, 0x80, 0x3f]);
        survives(Shape::Path(9, Some(-1)), &[2, 0, 0, 0, 9, 1, 255, 255]);
        let text = Shape::Text { words: "a".to_owned(), places: vec![[1, 2]] };
        survives(text, &[3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, b'a', 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0]);
    }

    #[test]
    fn every_cut_is_refused() {
        let whole = encode(&Shape::Text { words: "photo".to_owned(), places: vec![[1, 2], [3, 4]] }).unwrap();
        for end in 0..whole.len() {
            assert_eq!(decode::<Shape>(&whole[..end]).unwrap_err(), "the bytes end too early", "{end}");
            assert!(library::decode::<Shape>(&whole[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn what_is_no_such_value_is_refused() {
        assert_eq!(decode::<Shape>(&[4, 0, 0, 0]).unwrap_err(), "the bytes are no such value");
        assert_eq!(decode::<bool>(&[2]).unwrap_err(), "the bytes are no such value");
        assert_eq!(decode::<Option<u8>>(&[2, 0]).unwrap_err(), "the bytes are no such value");
        assert_eq!(decode::<String>(&[1, 0, 0, 0, 0, 0, 0, 0, 0xff]).unwrap_err(), "the bytes are no such value");
    }

    #[test]
    fn left_over_bytes_are_refused() {
        let mut bytes = encode(&1_u8).unwrap();
        bytes.push(0);
        assert_eq!(decode::<u8>(&bytes).unwrap_err(), "1 bytes are left over");
        assert!(library::decode::<u8>(&bytes).is_err());
    }

    #[test]
    fn a_length_that_lies_is_refused() {
        for length in [1_u64 << 60, 1 << 31, 2] {
            let bytes = length.to_le_bytes();
            assert_eq!(decode::<Vec<f32>>(&bytes).unwrap_err(), "the bytes end too early");
            assert!(library::decode::<Vec<f32>>(&bytes).is_err());
            assert_eq!(decode::<String>(&bytes).unwrap_err(), "the bytes end too early");
            assert!(decode::<Vec<()>>(&bytes).is_err(), "nothing at all is not so many things");
        }
    }
}
