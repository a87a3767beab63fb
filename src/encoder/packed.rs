//! Eight-bit numbers as they are stored: a deflate stream (RFC 1951) of Huffman codes alone.
//!
//! Weights hardly repeat themselves. The gzip of a host looks for repetitions all the same, and each one that it finds by
//! chance costs more than it saves: it leaves the weights a sixth larger than their entropy. Codes of their own for each
//! tensor come within two per cent, and gzip finds nothing to spoil in them.

use miniz_oxide::{
    deflate::core::{
        CompressionStrategy, CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
    },
    inflate::decompress_to_vec_with_limit,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Numbers of a tensor, at most: what a damaged or made-up file may ask memory for.
const MOST: usize = 1 << 22;

pub(super) fn serialize<S: Serializer>(values: &[i8], serializer: S) -> Result<S::Ok, S::Error> {
    pack(values).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<i8>, D::Error> {
    let packed = Vec::<u8>::deserialize(deserializer)?;
    let bytes = decompress_to_vec_with_limit(&packed, MOST)
        .map_err(|_| de::Error::custom("its weights are not a deflate stream of a tensor's size"))?;
    let mut values: Vec<i8> = bytes.into_iter().map(u8::cast_signed).collect();
    // The stream does not say how long it is: there may be room for twice as many.
    values.shrink_to_fit();
    Ok(values)
}

fn pack(values: &[i8]) -> Vec<u8> {
    let bytes: Vec<u8> = values.iter().map(|&value| value.cast_unsigned()).collect();
    let flags = create_comp_flags_from_zip_params(6, 0, CompressionStrategy::HuffmanOnly as i32);
    let mut packed = Vec::with_capacity(bytes.len());
    // The stream goes where it always finds room.
    compress_to_output(&mut CompressorOxide::new(flags), &bytes, TDEFLFlush::Finish, |part| {
        packed.extend_from_slice(part);
        true
    });
    packed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{encoder::TensorValues, gallery::codec, spread};

    fn stored(values: Vec<i8>) -> Vec<u8> {
        codec::encode(&TensorValues::I8 { scales: vec![0x3f80], values }).unwrap()
    }

    #[test]
    fn numbers_come_back_and_take_about_their_entropy() {
        // Sums of dice: few large numbers, no repetition worth naming.
        let mut next = spread::numbers(1);
        let mut die = || (8.0 * next()) as i8;
        let values: Vec<i8> = (0..100_000).map(|_| die() + die() + die() - 10).collect();
        let bytes = stored(values.clone());
        let mut counts = [0.0_f64; 256];
        values.iter().for_each(|&value| counts[usize::from(value.cast_unsigned())] += 1.0);
        let entropy = |&count: &f64| if count > 0.0 { -count * (count / 1e5).log2() / 8.0 } else { 0.0 };
        let entropy: f64 = counts.iter().map(entropy).sum();
        assert!((bytes.len() as f64) < 1.03 * entropy + 200.0, "{} for {entropy}", bytes.len());
        let read: TensorValues = codec::decode(&bytes).unwrap();
        assert!(matches!(&read, TensorValues::I8 { values, .. } if values.capacity() == values.len()));
        assert_eq!(read, TensorValues::I8 { scales: vec![0x3f80], values });
    }

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        // Zeros as matches: thousands of them in a few bytes, as only a made-up file has them.
        let bomb = miniz_oxide::deflate::compress_to_vec(&vec![0; MOST + 1], 9);
        assert!(bomb.len() < MOST / 500);
        assert!(decompress_to_vec_with_limit(&bomb, MOST).is_err());
        let mut cut = stored(vec![1; 5000]);
        cut.truncate(cut.len() - 3);
        assert!(codec::decode::<TensorValues>(&cut).is_err());
    }
}
