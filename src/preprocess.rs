//! From a photo to the encoder's input: the only place that knows size, crop, filter and scaling.
//!
//! The pixels are equal to the byte on every target: crop and Triangle filter give the same `u8` natively
//! and in wasm (Lanczos and Gaussian do not: they go through the platform's `sin` and `exp`).

use image::imageops::{self, FilterType};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::{crop::Crop, photo::Photo};

/// How a photo becomes numbers: a centred square, resized to `side`, each byte `u` to `(u − offset) · scale`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PreprocessConfig {
    /// Side S of the input, in pixels.
    pub side: u16,
    /// Side of the square that is seen, as a share of the photo's shorter side: over 0, up to 1. Less than 1 shows
    /// things larger, which suits a network that has learnt from larger pictures (Touvron et al., "Fixing the
    /// train-test resolution discrepancy", 2019).
    pub crop: f32,
    /// Subtracted from each byte.
    pub offset: f32,
    /// Then multiplied with.
    pub scale: f32,
}

impl PreprocessConfig {
    /// Bytes to [0, 1].
    pub fn unit_range(side: u16) -> Self {
        Self { side, crop: 1.0, offset: 0.0, scale: 1.0 / 255.0 }
    }

    /// Side of the centred square that is seen of a photo, in the photo's pixels: at least 1.
    pub fn square(&self, width: u32, height: u32) -> u32 {
        let shorter = width.min(height);
        ((f64::from(shorter) * f64::from(self.crop)).round() as u32).clamp(1, shorter.max(1))
    }

    /// Crops and resizes a photo.
    pub fn pixels(&self, photo: &Photo) -> Pixels {
        let picture = photo.picture();
        let (width, height) = picture.dimensions();
        let square = self.square(width, height);
        let crop = imageops::crop_imm(picture, (width - square) / 2, (height - square) / 2, square, square);
        let side = u32::from(self.side);
        let small = imageops::resize(&*crop, side, side, FilterType::Triangle);
        Pixels::from_interleaved(self.side, small.as_raw())
    }

    /// Resizes a part of a photo.
    pub fn pixels_of(&self, photo: &Photo, part: Crop) -> Pixels {
        let picture = photo.picture();
        let [left, top, width, height] = part.pixels(picture.width(), picture.height());
        let side = u32::from(self.side);
        let part = imageops::crop_imm(picture, left, top, width, height);
        let small = imageops::resize(&*part, side, side, FilterType::Triangle);
        Pixels::from_interleaved(self.side, small.as_raw())
    }

    /// Appends the input of one photo, `[3, S, S]`, to a batch.
    pub fn push_scaled(&self, pixels: &Pixels, batch: &mut Vec<f32>) {
        batch.extend(pixels.bytes.iter().map(|&u| (f32::from(u) - self.offset) * self.scale));
    }
}

/// Interleaved RGB to three planes.
fn planes(interleaved: &[u8]) -> Vec<u8> {
    (0..3).flat_map(|channel| interleaved.iter().skip(channel).step_by(3).copied()).collect()
}

/// The encoder's input before scaling, or what a decoder has drawn: bytes `[3, S, S]`, red, green, blue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pixels {
    side: u16,
    bytes: Vec<u8>,
}

impl Pixels {
    /// Takes bytes `[3, S, S]`; `None` if their number is another.
    pub fn new(side: u16, bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == 3 * usize::from(side) * usize::from(side)).then_some(Self { side, bytes })
    }

    /// Takes the bytes of a square RGB picture, pixel by pixel: what is missing is black.
    pub fn from_interleaved(side: u16, bytes: &[u8]) -> Self {
        let size = 3 * usize::from(side) * usize::from(side);
        let mut bytes = planes(bytes);
        bytes.resize(size, 0);
        Self { side, bytes }
    }

    /// The bytes of the same picture, pixel by pixel.
    pub fn interleaved(&self) -> Vec<u8> {
        let plane = self.bytes.len() / 3;
        (0..plane).flat_map(|at| (0..3).map(move |channel| self.bytes[channel * plane + at])).collect()
    }

    /// Side S in pixels.
    pub fn side(&self) -> u16 {
        self.side
    }

    /// The bytes, `[3, S, S]`.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// XXH3-64 of the bytes: two machines that agree on it have the same input.
    pub fn hash(&self) -> u64 {
        xxh3_64(&self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;

    #[test]
    fn a_wide_photo_is_cropped_to_its_centre() {
        // Red on both sides, blue in the middle square.
        let picture =
            RgbImage::from_fn(12, 4, |x, _| image::Rgb(if (4..8).contains(&x) { [0, 0, 255] } else { [255, 0, 0] }));
        let pixels = PreprocessConfig::unit_range(4).pixels(&Photo::from_picture(picture));
        assert_eq!(pixels.bytes(), [[0; 32].as_slice(), &[255; 16]].concat());
    }

    #[test]
    fn a_crop_shows_the_middle_larger() {
        // Only the middle two of eight columns and rows are blue.
        let middle = |at: u32| (3..5).contains(&at);
        let picture = RgbImage::from_fn(8, 8, |x, y| image::Rgb([0, 0, if middle(x) && middle(y) { 255 } else { 0 }]));
        let config = PreprocessConfig { crop: 0.25, ..PreprocessConfig::unit_range(4) };
        let pixels = config.pixels(&Photo::from_picture(picture));
        assert_eq!(pixels.bytes(), [[0; 32].as_slice(), &[255; 16]].concat());
        assert_eq!((config.square(1, 3), config.square(100, 50)), (1, 13));
    }

    #[test]
    fn one_pixel_and_one_line_are_photos_too() {
        for (width, height) in [(1, 1), (1, 4000), (4000, 1)] {
            let picture = RgbImage::from_pixel(width, height, image::Rgb([9, 8, 7]));
            let pixels = PreprocessConfig::unit_range(64).pixels(&Photo::from_picture(picture));
            assert_eq!([pixels.bytes()[0], pixels.bytes()[4096], pixels.bytes()[8192]], [9, 8, 7]);
        }
    }

    #[test]
    fn planes_and_pixels_hold_the_same() {
        let bytes: Vec<u8> = (0..12).collect();
        let pixels = Pixels::from_interleaved(2, &bytes);
        assert_eq!(pixels.bytes(), [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
        assert_eq!(pixels.interleaved(), bytes);
    }

    #[test]
    fn scaling_is_offset_then_factor() {
        let config = PreprocessConfig { side: 1, crop: 1.0, offset: 127.0, scale: 1.0 / 128.0 };
        let mut batch = Vec::new();
        config.push_scaled(&Pixels::new(1, vec![127, 255, 0]).unwrap(), &mut batch);
        assert_eq!(batch, [0.0, 1.0, -127.0 / 128.0]);
    }
}
