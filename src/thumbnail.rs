//! Thumbnails: small JPEGs named by their content. No metadata of the photo reaches them.

use image::{
    ExtendedColorType, RgbImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
};
use xxhash_rust::xxh3::xxh3_64;

use crate::photo::{Photo, PhotoError};

/// Long side in pixels: sharp at 128 CSS pixels on a dense screen.
const LONG_SIDE: u32 = 256;

/// JPEG quality, 1 to 100.
const QUALITY: u8 = 80;

/// A thumbnail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// The file.
    pub bytes: Vec<u8>,
    /// What names it.
    pub hash: u64,
    /// Width and height in pixels.
    pub size: [u16; 2],
}

/// Makes a photo's thumbnail; smaller photos keep their size.
///
/// # Errors
/// What the JPEG encoder says.
pub fn thumbnail(photo: &Photo) -> Result<Thumbnail, PhotoError> {
    let small = shrink(photo.picture(), LONG_SIDE);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode(small.as_raw(), small.width(), small.height(), ExtendedColorType::Rgb8)
        .map_err(|e| PhotoError::Damaged(format!("no thumbnail could be made: {e}")))?;
    let hash = xxh3_64(&bytes);
    Ok(Thumbnail { bytes, hash, size: [small.width() as u16, small.height() as u16] })
}

/// Scales a picture down so that its long side has at most `long_side` pixels.
pub fn shrink(picture: &RgbImage, long_side: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= long_side {
        return picture.clone();
    }
    let scaled = |side: u32| (u64::from(side) * u64::from(long_side) / u64::from(longest)).max(1) as u32;
    imageops::resize(picture, scaled(width), scaled(height), FilterType::Triangle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> [u16; 2] {
        thumbnail(&Photo::from_picture(RgbImage::new(width, height))).unwrap().size
    }

    #[test]
    fn the_long_side_is_bounded_and_nothing_grows() {
        assert_eq!(size(1024, 512), [256, 128]);
        assert_eq!(size(100, 200), [100, 200]);
        assert_eq!(size(1, 4000), [1, 256]);
    }
}
