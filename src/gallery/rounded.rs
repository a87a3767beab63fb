//! Numbers in equal steps, as few bytes as their spread asks for.
//!
//! A number is the nearest multiple of a step. Numbers that lie close to each other need few different multiples, and
//! Huffman codes give each what it is worth: 64 coordinates around their cell's middle take 40 to 50 bytes, of which gzip
//! saves nothing more. Multiples are folded (0, −1, 1, −2 … become 0, 1, 2, 3 …); all low bytes come first, then all high
//! ones, which are zero nearly everywhere and take a byte in a thousand.

use miniz_oxide::{
    deflate::core::{
        CompressionStrategy, CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
    },
    inflate::decompress_to_vec_with_limit,
};
use serde::{Deserialize, Serialize};

use super::container::MAX_PAYLOAD;

/// Rows of numbers, `[rows, width]`; the number of both is written elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rounded {
    /// What all numbers are multiples of.
    pub step: f32,
    /// A deflate stream (RFC 1951): two bytes a number.
    pub packed: Vec<u8>,
}

impl Rounded {
    /// Rounds numbers; those beyond 32,767 steps come closer.
    pub fn of(numbers: &[f32], step: f32) -> Self {
        let folded: Vec<u16> = numbers.iter().map(|x| fold((x / step).round() as i16)).collect();
        let low = folded.iter().map(|&x| x as u8);
        let bytes: Vec<u8> = low.chain(folded.iter().map(|x| (x >> 8) as u8)).collect();
        // Runs are sought as well as codes: the high bytes are one.
        let flags = create_comp_flags_from_zip_params(6, 0, CompressionStrategy::RLE as i32);
        let mut packed = Vec::with_capacity(bytes.len());
        compress_to_output(&mut CompressorOxide::new(flags), &bytes, TDEFLFlush::Finish, |part| {
            packed.extend_from_slice(part);
            true
        });
        Self { step, packed }
    }

    /// The numbers, of which there must be this many, all finite. `None`: they are not, or unpacked they would fill more
    /// than a file may.
    pub fn numbers(&self, count: usize) -> Option<Vec<f32>> {
        let size = count.checked_mul(2).filter(|&size| size <= MAX_PAYLOAD)?;
        let bytes = decompress_to_vec_with_limit(&self.packed, size).ok()?;
        if bytes.len() != size || !self.step.is_finite() {
            return None;
        }
        let (low, high) = bytes.split_at(count);
        let number = |(&low, &high)| f32::from(unfold(u16::from_le_bytes([low, high]))) * self.step;
        Some(low.iter().zip(high).map(number).collect())
    }
}

fn fold(x: i16) -> u16 {
    ((x << 1) ^ (x >> 15)).cast_unsigned()
}

fn unfold(x: u16) -> i16 {
    (x >> 1).cast_signed() ^ -(x & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of dice, as coordinates are spread.
    fn spread(count: usize, by: f32) -> Vec<f32> {
        let mut next = crate::spread::numbers(1);
        let mut die = || next() - 0.5;
        (0..count).map(|_| (die() + die() + die()) * by).collect()
    }

    #[test]
    fn numbers_come_back_within_half_a_step() {
        let numbers = [spread(5000, 0.2), vec![0.0, 1.0, -1.0, 0.5, 2.0]].concat();
        let read = Rounded::of(&numbers, 1.0 / 256.0).numbers(numbers.len()).unwrap();
        assert!(numbers.iter().zip(&read).all(|(a, b)| (a - b).abs() <= 0.5 / 256.0));
        assert_eq!(&read[5000..], &[0.0, 1.0, -1.0, 0.5, 2.0]);
        assert_eq!(Rounded::of(&read, 1.0 / 256.0).numbers(read.len()).unwrap(), read, "once is enough");
    }

    #[test]
    fn every_multiple_folds_and_unfolds() {
        assert!((i16::MIN..=i16::MAX).all(|x| unfold(fold(x)) == x));
        assert_eq!([0, -1, 1, -2].map(fold), [0, 1, 2, 3]);
    }

    #[test]
    fn they_take_about_their_entropy() {
        let numbers = spread(16_000, 0.1);
        let mut counts = std::collections::BTreeMap::new();
        numbers.iter().for_each(|x| *counts.entry((x * 256.0).round() as i16).or_insert(0.0) += 1.0);
        let entropy: f64 = counts.values().map(|&count: &f64| -count * (count / 16_000.0).log2() / 8.0).sum();
        let packed = Rounded::of(&numbers, 1.0 / 256.0).packed.len() as f64;
        assert!(packed < 1.04 * entropy + 100.0, "{packed} for {entropy}");
    }

    #[test]
    fn another_number_of_numbers_or_none_is_refused() {
        let rounded = Rounded::of(&spread(100, 0.1), 0.25);
        assert_eq!((rounded.numbers(99), rounded.numbers(101)), (None, None));
        assert_eq!(Rounded { step: f32::NAN, ..rounded.clone() }.numbers(100), None);
        assert_eq!(Rounded { packed: vec![7; 9], ..rounded }.numbers(100), None);
    }

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        let packed = miniz_oxide::deflate::compress_to_vec(&vec![0; 1 << 22], 9);
        assert_eq!(Rounded { step: 1.0, packed }.numbers(64), None);
        // Whoever promises more photos than there can be has the same stream unpacked up to that many.
        let packed = miniz_oxide::deflate::compress_to_vec(&[0; 64], 9);
        assert_eq!(Rounded { step: 1.0, packed: packed.clone() }.numbers(MAX_PAYLOAD / 2 + 1), None);
        assert_eq!(Rounded { step: 1.0, packed }.numbers(usize::MAX / 2 + 1), None);
    }
}
