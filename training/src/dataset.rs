//! The encoder's inputs of a folder, the validation split, and augmentation.

use lookalike::preprocess::{Pixels, PreprocessConfig};
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256Plus;

use crate::photos::{self, PhotoFile, Skipped};

/// Largest shift in pixels of an augmented photo, in each direction.
const MAX_SHIFT: i32 = 3;

/// Largest relative change of brightness and of contrast.
const MAX_JITTER: f32 = 0.15;

/// The photos that could be read, in the folder's order, each with its pixels.
pub struct Dataset {
    /// The files.
    pub files: Vec<PhotoFile>,
    /// Their pixels, in the same order.
    pub pixels: Vec<Pixels>,
}

impl Dataset {
    /// Reads and preprocesses all photos; bad ones are noted and left out.
    ///
    /// # Errors
    /// Ctrl-C.
    pub fn load(files: Vec<PhotoFile>, preprocess: &PreprocessConfig, skipped: &Skipped) -> anyhow::Result<Self> {
        let read = photos::read_all(files, skipped, |photo| Ok(preprocess.pixels(photo)))?;
        let (files, pixels) = read.into_iter().unzip();
        Ok(Self { files, pixels })
    }
}

/// Places of the photos to train on and to validate with, both sorted.
pub struct Split {
    /// At least one photo.
    pub training: Vec<usize>,
    /// At least one; with a single photo, that photo.
    pub validation: Vec<usize>,
}

impl Split {
    /// Holds back `share` of `count` photos, chosen by the seed.
    pub fn new(count: usize, share: f64, seed: u64) -> Self {
        let mut places: Vec<_> = (0..count).collect();
        if count < 2 {
            return Self { training: places.clone(), validation: places };
        }
        places.shuffle(&mut Xoshiro256Plus::seed_from_u64(seed));
        let held = ((count as f64 * share).round() as usize).clamp(1, count - 1);
        let mut training = places.split_off(held);
        training.sort_unstable();
        places.sort_unstable();
        Self { training, validation: places }
    }
}

/// A variant of a photo, after the shared preprocessing: perhaps mirrored, shifted by a few pixels (edges repeated),
/// brighter or darker, with more or less contrast.
pub fn augment(pixels: &Pixels, rng: &mut impl Rng) -> Pixels {
    let side = i32::from(pixels.side());
    let mirror = rng.gen_bool(0.5);
    let (right, down) = (rng.gen_range(-MAX_SHIFT..=MAX_SHIFT), rng.gen_range(-MAX_SHIFT..=MAX_SHIFT));
    let brightness = rng.gen_range(-MAX_JITTER..=MAX_JITTER) * 255.0;
    let contrast = 1.0 + rng.gen_range(-MAX_JITTER..=MAX_JITTER);
    let bytes = pixels.bytes();
    let mut out = Vec::with_capacity(bytes.len());
    for channel in 0..3 {
        for y in 0..side {
            for x in 0..side {
                let x = if mirror { side - 1 - x } else { x };
                let (x, y) = ((x + right).clamp(0, side - 1), (y + down).clamp(0, side - 1));
                let value = f32::from(bytes[((channel * side + y) * side + x) as usize]);
                out.push(((value - 127.5) * contrast + 127.5 + brightness).round().clamp(0.0, 255.0) as u8);
            }
        }
    }
    Pixels::new(pixels.side(), out).unwrap_or_else(|| pixels.clone())
}

/// Places of at most `wanted` of `count` photos, evenly spread.
pub fn spread(count: usize, wanted: usize) -> impl Iterator<Item = usize> {
    let taken = wanted.min(count);
    (0..taken).map(move |at| at * count / taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_holds_back_its_share_and_no_photo_twice() {
        let split = Split::new(500, 0.02, 1);
        assert_eq!((split.training.len(), split.validation.len()), (490, 10));
        assert!(split.validation.iter().all(|place| !split.training.contains(place)));
        assert_ne!(split.validation, Split::new(500, 0.02, 2).validation);
    }

    #[test]
    fn tiny_folders_still_have_both_parts() {
        for count in 1..5 {
            let split = Split::new(count, 0.02, 1);
            assert!(!split.training.is_empty() && !split.validation.is_empty());
        }
    }

    #[test]
    fn augmentation_follows_its_seed() {
        let pixels = Pixels::new(8, (0..192).collect()).unwrap();
        let draw = |seed| augment(&pixels, &mut Xoshiro256Plus::seed_from_u64(seed));
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_eq!((draw(1).side(), draw(1).bytes().len()), (8, 192));
    }
}
