//! Photos as phones take them: of many megapixels, with noise, lying on their side. Everything here asserts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
};

use image::{ImageEncoder as _, codecs::jpeg::JpegEncoder, imageops};

use crate::samples;

/// 12 megapixels, what most phones take.
pub const USUAL: (u32, u32) = (4000, 3000);
/// 48 megapixels, all that a sensor of that name has.
pub const LARGE: (u32, u32) = (8000, 6000);

/// EXIF that says no more than this: to be turned to the right, as of a phone that is held upright.
const UPRIGHT: &[u8] = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";

/// Writes the first sample as a phone with so many pixels would have taken it.
pub fn write(folder: &Path, (width, height): (u32, u32)) -> PathBuf {
    let sample = image::open(&samples()[0]).unwrap().into_rgb8();
    let mut picture = imageops::resize(&sample, width, height, imageops::FilterType::Triangle);
    let mut noise = 1_u32;
    for byte in picture.iter_mut() {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = byte.saturating_add((noise >> 28) as u8);
    }
    let path = folder.join(format!("{width}.jpg"));
    let mut encoder = JpegEncoder::new_with_quality(BufWriter::new(File::create(&path).unwrap()), 90);
    encoder.set_exif_metadata(UPRIGHT.to_vec()).unwrap();
    encoder.encode_image(&picture).unwrap();
    path
}
