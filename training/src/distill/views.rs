//! Views of photos: crops, mirrored or not, at the sides that student and teacher want.

use image::{RgbImage, imageops, imageops::FilterType};
use lookalike::{
    gallery::container,
    preprocess::{Pixels, PreprocessConfig},
};
use rand::Rng;
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

use crate::photos::{self, PhotoFile, Skipped};

/// Short side of the photos in memory: what a view of 224 pixels needs.
const KEPT_SIDE: u32 = 224;

/// Longest side in short sides: what lies further out is cut off.
const KEPT_RATIO: u32 = 2;

/// The smallest share of a photo's area that a view shows.
const SMALLEST_AREA: f64 = 0.35;

/// Largest relative change of brightness and of contrast in what the student sees.
const MAX_JITTER: f32 = 0.1;

/// Photos in memory, each about as large as a view.
pub struct Pictures {
    pictures: Vec<RgbImage>,
    fingerprint: u64,
}

impl Pictures {
    /// Reads all photos; bad ones are noted and left out.
    ///
    /// # Errors
    /// Ctrl-C.
    pub fn load(files: Vec<PhotoFile>, skipped: &Skipped) -> anyhow::Result<Self> {
        let read = photos::read_all(files, skipped, |photo| Ok(reduced(photo.picture())))?;
        let line = |(file, picture): &(PhotoFile, RgbImage)| {
            format!("{} {:016x}\n", file.path, container::hash(picture.as_raw()))
        };
        let fingerprint = container::hash(read.iter().map(line).collect::<String>().as_bytes());
        Ok(Self { pictures: read.into_iter().map(|(_, picture)| picture).collect(), fingerprint })
    }

    /// Number of photos.
    pub fn len(&self) -> usize {
        self.pictures.len()
    }

    /// Whether no photo could be read.
    pub fn is_empty(&self) -> bool {
        self.pictures.is_empty()
    }

    /// A hash of paths and pixels.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Pixels of a photo in memory.
    pub(super) fn area(&self, place: usize) -> f64 {
        f64::from(self.pictures[place].width()) * f64::from(self.pictures[place].height())
    }

    /// A random view of each photo, once small and altered, once large. `rng` gives each its source of randomness.
    pub(super) fn views(
        &self,
        places: &[usize],
        rng: &(dyn Fn(usize) -> Xoshiro256Plus + Sync),
        small: u16,
        large: u16,
    ) -> Vec<(Pixels, Pixels)> {
        let view = |(at, &place): (usize, &usize)| {
            let rng = &mut rng(at);
            let view = self.view(place, u32::from(small), rng);
            (jittered(resized(&view, small), rng), pixels(&resized(&view, large)))
        };
        places.par_iter().enumerate().map(view).collect()
    }

    /// The small ones alone.
    pub(crate) fn single_views(
        &self,
        places: &[usize],
        rng: &(dyn Fn(usize) -> Xoshiro256Plus + Sync),
        side: u16,
    ) -> Vec<Pixels> {
        let view = |(at, &place): (usize, &usize)| {
            let rng = &mut rng(at);
            jittered(resized(&self.view(place, u32::from(side), rng), side), rng)
        };
        places.par_iter().enumerate().map(view).collect()
    }

    /// The centred square of each photo, as an encoder takes it.
    pub fn squares(&self, places: &[usize], input: &PreprocessConfig) -> Vec<Pixels> {
        places.par_iter().map(|&place| pixels(&resized(&square(&self.pictures[place], input), input.side))).collect()
    }

    /// What two encoders see of each photo.
    pub(super) fn whole(
        &self,
        places: &[usize],
        student: &PreprocessConfig,
        teacher: &PreprocessConfig,
    ) -> Vec<(Pixels, Pixels)> {
        let view = |&place: &usize| {
            let picture = &self.pictures[place];
            let seen = |input| pixels(&resized(&square(picture, input), input.side));
            (seen(student), seen(teacher))
        };
        places.par_iter().map(view).collect()
    }

    /// A part of a photo, mirrored or not.
    fn view(&self, place: usize, side: u32, rng: &mut impl Rng) -> RgbImage {
        let mut view = self.part(place, side, rng);
        if rng.gen_bool(0.5) {
            imageops::flip_horizontal_in_place(&mut view);
        }
        view
    }

    /// A crop of a photo; of four photos side by side where one is much smaller than what the student sees,
    /// so that it is not enlarged to a blur.
    fn part(&self, place: usize, side: u32, rng: &mut impl Rng) -> RgbImage {
        let picture = &self.pictures[place];
        if picture.width().min(picture.height()) * 2 > side || rng.gen_bool(0.4) {
            return crop(picture, rng);
        }
        let tile = side / 2;
        let mut mosaic = RgbImage::new(2 * tile, 2 * tile);
        for at in 0..4_u32 {
            let other = if at == 0 { picture } else { &self.pictures[rng.gen_range(0..self.pictures.len())] };
            let small = imageops::resize(&crop(other, rng), tile, tile, FilterType::Triangle);
            imageops::replace(&mut mosaic, &small, i64::from(at % 2 * tile), i64::from(at / 2 * tile));
        }
        crop(&mosaic, rng)
    }
}

/// A photo no larger than views need.
fn reduced(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let short = width.min(height);
    let (kept_width, kept_height) = (width.min(KEPT_RATIO * short), height.min(KEPT_RATIO * short));
    let kept =
        imageops::crop_imm(picture, (width - kept_width) / 2, (height - kept_height) / 2, kept_width, kept_height);
    if short <= KEPT_SIDE {
        return kept.to_image();
    }
    let scaled = |side: u32| (u64::from(side) * u64::from(KEPT_SIDE) / u64::from(short)) as u32;
    imageops::resize(&*kept, scaled(kept_width), scaled(kept_height), FilterType::Triangle)
}

/// A random part with a random aspect ratio between 3 : 4 and 4 : 3 ("Inception crop", Szegedy et al., 2014).
fn crop(picture: &RgbImage, rng: &mut impl Rng) -> RgbImage {
    let (width, height) = picture.dimensions();
    let area = f64::from(width) * f64::from(height) * rng.gen_range(SMALLEST_AREA..=1.0);
    let ratio = (4.0_f64 / 3.0).powf(rng.gen_range(-1.0..=1.0));
    let cut_width = ((area * ratio).sqrt() as u32).clamp(1, width);
    let cut_height = ((area / ratio).sqrt() as u32).clamp(1, height);
    let (x, y) = (rng.gen_range(0..=width - cut_width), rng.gen_range(0..=height - cut_height));
    imageops::crop_imm(picture, x, y, cut_width, cut_height).to_image()
}

fn square(picture: &RgbImage, input: &PreprocessConfig) -> RgbImage {
    let (width, height) = picture.dimensions();
    let side = input.square(width, height);
    imageops::crop_imm(picture, (width - side) / 2, (height - side) / 2, side, side).to_image()
}

fn resized(picture: &RgbImage, side: u16) -> RgbImage {
    imageops::resize(picture, u32::from(side), u32::from(side), FilterType::Triangle)
}

/// Brighter or darker, with more or less contrast.
fn jittered(mut picture: RgbImage, rng: &mut impl Rng) -> Pixels {
    let brightness = rng.gen_range(-MAX_JITTER..=MAX_JITTER) * 255.0;
    let contrast = 1.0 + rng.gen_range(-MAX_JITTER..=MAX_JITTER);
    for byte in picture.iter_mut() {
        *byte = ((f32::from(*byte) - 127.5) * contrast + 127.5 + brightness).round().clamp(0.0, 255.0) as u8;
    }
    pixels(&picture)
}

/// Interleaved bytes as planes.
fn pixels(picture: &RgbImage) -> Pixels {
    Pixels::from_interleaved(picture.width() as u16, picture.as_raw())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn pictures(sides: &[(u32, u32)]) -> Pictures {
        let gradient = |&(width, height): &(u32, u32)| {
            RgbImage::from_fn(width, height, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 77]))
        };
        Pictures { pictures: sides.iter().map(gradient).collect(), fingerprint: 0 }
    }

    #[test]
    fn views_follow_their_seed_and_have_both_sides() {
        let pictures = pictures(&[(300, 200), (64, 64), (1, 1)]);
        let draw = |seed| pictures.views(&[0, 1, 2], &|at| Xoshiro256Plus::seed_from_u64(seed + at as u64), 48, 64);
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        for (small, large) in draw(1) {
            assert_eq!((small.side(), large.side()), (48, 64));
        }
    }

    #[test]
    fn large_photos_are_kept_small_and_long_ones_are_cut() {
        assert_eq!(reduced(&RgbImage::new(448, 896)).dimensions(), (224, 448));
        assert_eq!(reduced(&RgbImage::new(1000, 100)).dimensions(), (200, 100));
        assert_eq!(reduced(&RgbImage::new(64, 60)).dimensions(), (64, 60));
    }
}
