//! From a file's bytes to an upright picture. The only decoder: training and the browser both call it.

mod kinds;
mod png;
mod webp;

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage, RgbaImage, metadata::Orientation,
};
use thiserror::Error;

pub use kinds::kind;

/// Larger pictures are refused before they are decoded: 100 megapixels are 300 MB of RGB.
pub const MAX_PIXELS: u64 = 100_000_000;

/// What a decoder may allocate: a picture of [`MAX_PIXELS`] at four 16-bit channels, and as much again to work in.
const MAX_ALLOCATION: u64 = 16 * MAX_PIXELS;

/// An upright picture, 8 bits a channel, red, green, blue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    picture: RgbImage,
}

/// The formats that are read, alike natively and in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JPEG, with EXIF orientation.
    Jpeg,
    /// PNG; transparent parts are put on white.
    Png,
    /// WebP, lossy or lossless; the first frame.
    WebP,
}

/// Why bytes are no photo.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PhotoError {
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// Another kind of file.
    #[error("this is {0}; only JPEG, PNG and WebP photos can be read")]
    Unknown(&'static str),
    /// Over [`MAX_PIXELS`].
    #[error("the photo has {width} × {height} pixels, more than 100 megapixels; make it smaller and try again")]
    TooLarge {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// The bytes stop too early.
    #[error("the photo is cut off: its end is missing")]
    CutOff,
    /// The decoder gave up.
    #[error("the photo is damaged: {0}")]
    Damaged(String),
}

impl Format {
    /// Looks at the first bytes, never at a name.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match image::guess_format(bytes).ok()? {
            ImageFormat::Jpeg => Some(Self::Jpeg),
            ImageFormat::Png => Some(Self::Png),
            ImageFormat::WebP => Some(Self::WebP),
            _ => None,
        }
    }

    /// The usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
        }
    }

    /// File name extensions in lower case, the usual one first.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Png => &["png"],
            Self::WebP => &["webp"],
        }
    }

    /// All of them.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::WebP];

    fn image_format(self) -> ImageFormat {
        match self {
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Png => ImageFormat::Png,
            Self::WebP => ImageFormat::WebP,
        }
    }
}

impl Photo {
    /// Decodes JPEG, PNG or WebP and turns the picture upright.
    ///
    /// 16-bit channels are rounded to 8, grey and CMYK become RGB, transparent parts are put on white.
    ///
    /// # Errors
    /// What is wrong with the bytes, as a sentence for people.
    pub fn decode(bytes: &[u8]) -> Result<Self, PhotoError> {
        if bytes.is_empty() {
            return Err(PhotoError::Empty);
        }
        let format = Format::sniff(bytes).ok_or_else(|| PhotoError::Unknown(kind(bytes).unwrap_or("no photo")))?;
        if format == Format::Jpeg && !jpeg_ends(bytes) {
            // The decoder would fill the missing part with grey and say nothing.
            return Err(PhotoError::CutOff);
        }
        if format == Format::Png {
            png::check(bytes)?;
        }
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format.image_format());
        let mut limits = Limits::default();
        limits.max_alloc = Some(MAX_ALLOCATION);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(damaged)?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > MAX_PIXELS {
            return Err(PhotoError::TooLarge { width, height });
        }
        if format == Format::WebP {
            webp::check(bytes, width, height)?;
        }
        // Unreadable EXIF is no reason to refuse a photo.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut decoded = DynamicImage::from_decoder(decoder).map_err(damaged)?;
        decoded.apply_orientation(orientation);
        Ok(Self { picture: on_white(decoded) })
    }

    /// Takes a picture that is already upright.
    pub fn from_picture(picture: RgbImage) -> Self {
        Self { picture }
    }

    /// The picture.
    pub fn picture(&self) -> &RgbImage {
        &self.picture
    }
}

fn damaged(error: image::ImageError) -> PhotoError {
    match &error {
        image::ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => PhotoError::CutOff,
        _ => PhotoError::Damaged(error.to_string()),
    }
}

/// Whether an end-of-image marker (FF D9) follows the first scan. In a scan, FF is never followed by D9;
/// before it, the marker may belong to a thumbnail inside the EXIF block.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xFF, marker]) = bytes.get(at..at + 2) {
        match marker {
            0xFF => at += 1,
            0xDA => return bytes[at..].windows(2).any(|pair| pair == [0xFF, 0xD9]),
            0x01 | 0xD0..=0xD8 => at += 2,
            _ => match bytes.get(at + 2..at + 4) {
                Some(&[high, low]) => at += 2 + usize::from(u16::from_be_bytes([high, low])),
                _ => return false,
            },
        }
    }
    // No scan in reach: cut off, unless the markers are garbage, which the decoder tells better.
    at < bytes.len()
}

fn on_white(decoded: DynamicImage) -> RgbImage {
    if decoded.color().has_alpha() { blend_on_white(&decoded.into_rgba8()) } else { decoded.into_rgb8() }
}

/// Integers throughout: floats would differ between targets.
fn blend_on_white(picture: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let blend = |channel: u8| {
            let (channel, alpha) = (u32::from(channel), u32::from(alpha));
            ((channel * alpha + 255 * (255 - alpha) + 127) / 255) as u8
        };
        Rgb([red, green, blue].map(blend))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(picture: DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn jpeg() -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        RgbImage::from_fn(40, 30, |x, y| Rgb([x as u8, y as u8, 7])).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn transparent_parts_are_white() {
        let picture = RgbaImage::from_fn(3, 1, |x, _| image::Rgba([0, 0, 0, [0, 128, 255][x as usize]]));
        let photo = Photo::decode(&png(picture.into())).unwrap();
        assert_eq!(photo.picture().as_raw(), &[255, 255, 255, 127, 127, 127, 0, 0, 0]);
    }

    #[test]
    fn every_cut_of_a_jpeg_is_refused() {
        let whole = jpeg();
        assert!(Photo::decode(&whole).is_ok());
        for end in 0..whole.len() {
            assert!(Photo::decode(&whole[..end]).is_err(), "cut at {end} of {}", whole.len());
        }
    }

    #[test]
    fn bytes_after_the_end_do_no_harm() {
        let mut bytes = jpeg();
        bytes.extend_from_slice(b"a camera's trailer");
        assert!(Photo::decode(&bytes).is_ok());
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_decoded() {
        // A PNG header that claims 60,000 × 60,000 pixels, with its right checksum and nothing behind it.
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0]);
        bytes.extend_from_slice(&png_crc(&bytes[12..]).to_be_bytes());
        bytes.extend_from_slice(b"\0\0\0\x01IDAT\0\0\0\0\0");
        assert_eq!(Photo::decode(&bytes), Err(PhotoError::TooLarge { width: 60_000, height: 60_000 }));
    }

    fn png_crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 })
        })
    }

    #[test]
    fn what_is_no_photo_is_told_by_name() {
        assert_eq!(Photo::decode(b""), Err(PhotoError::Empty));
        assert_eq!(Photo::decode(b"%PDF-1.7"), Err(PhotoError::Unknown("a PDF document")));
        assert_eq!(Photo::decode(b"GIF89a...."), Err(PhotoError::Unknown("a GIF picture")));
        assert_eq!(Photo::decode(b"hello"), Err(PhotoError::Unknown("no photo")));
    }
}
