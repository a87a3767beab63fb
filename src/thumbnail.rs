//! Thumbnails, and larger pictures where they are wanted, named by their content. No metadata of the photo reaches them.
//!
//! Whoever makes them says how they are encoded: WebP for a site, which hosts send; JPEG in a browser, where they stay.

use image::{
    ExtendedColorType, RgbImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
};
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    photo::{Photo, PhotoError},
    placeholder::Placeholder,
};

/// Long side in pixels: sharp at 128 CSS pixels on a dense screen.
const LONG_SIDE: u32 = 256;

/// JPEG quality, 1 to 100.
const QUALITY: u8 = 80;

/// A thumbnail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// The file.
    pub bytes: Vec<u8>,
    /// The file of the larger picture, if one is wanted.
    pub large: Option<Vec<u8>>,
    /// What names both.
    pub hash: u64,
    /// Width and height in pixels.
    pub size: [u16; 2],
    /// What stands in its place until it has come.
    pub placeholder: Placeholder,
}

/// How a picture becomes a file.
pub type Encode = fn(&RgbImage) -> Result<Vec<u8>, PhotoError>;

/// Makes a photo's thumbnail, and a larger picture of this long side; smaller photos keep their size.
///
/// # Errors
/// What the encoder says.
pub fn thumbnail(photo: &Photo, large: Option<u16>, encode: Encode) -> Result<Thumbnail, PhotoError> {
    let small = shrink(photo.picture(), LONG_SIDE);
    let bytes = encode(&small)?;
    let large = large.map(|side| encode(&shrink(photo.picture(), side.into()))).transpose()?;
    let hash = name(&bytes, large.as_deref());
    let size = [small.width() as u16, small.height() as u16];
    Ok(Thumbnail { bytes, large, hash, size, placeholder: Placeholder::of(&small) })
}

/// What names a thumbnail, and its larger picture if there is one.
pub fn name(thumbnail: &[u8], large: Option<&[u8]>) -> u64 {
    xxh3_64(&[thumbnail, large.unwrap_or_default()].concat())
}

/// A picture as the bytes of a JPEG file.
///
/// # Errors
/// What the JPEG encoder says.
pub fn jpeg(picture: &RgbImage) -> Result<Vec<u8>, PhotoError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .map_err(|e| PhotoError::Damaged(format!("no JPEG could be made: {e}")))?;
    Ok(bytes)
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
        thumbnail(&Photo::from_picture(RgbImage::new(width, height)), None, jpeg).unwrap().size
    }

    #[test]
    fn the_long_side_is_bounded_and_nothing_grows() {
        assert_eq!(size(1024, 512), [256, 128]);
        assert_eq!(size(100, 200), [100, 200]);
        assert_eq!(size(1, 4000), [1, 256]);
    }

    #[test]
    fn a_larger_picture_has_its_own_bound_and_changes_the_name() {
        let photo = Photo::from_picture(RgbImage::new(1024, 512));
        let (plain, both) = (thumbnail(&photo, None, jpeg).unwrap(), thumbnail(&photo, Some(640), jpeg).unwrap());
        let large = Photo::decode(both.large.as_deref().unwrap()).unwrap();
        assert_eq!(large.picture().dimensions(), (640, 320));
        assert_eq!((plain.bytes == both.bytes, plain.large), (true, None));
        assert_eq!(plain.hash, xxh3_64(&plain.bytes));
        assert_ne!(plain.hash, both.hash);
    }
}
