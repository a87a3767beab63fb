//! A photo: decoding, orientation, thumbnail, the encoder's input.

use std::io::Cursor;

use lookalike::{
    photo::{Format, Photo, kind},
    preprocess::PreprocessConfig,
    thumbnail,
};

/// Larger pictures take their time, and are decoded alike: that their size is refused has tests of its own.
const MOST_PIXELS: u64 = 1 << 14;

fn is_small(bytes: &[u8]) -> bool {
    let reader = image::ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let size = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    size.is_none_or(|(width, height)| u64::from(width) * u64::from(height) <= MOST_PIXELS)
}

/// Reads these.
pub fn run(bytes: &[u8]) {
    let _ = (kind(bytes), Format::sniff(bytes));
    if !is_small(bytes) {
        return;
    }
    if let Ok(photo) = Photo::decode(bytes) {
        let (width, height) = photo.picture().dimensions();
        assert!(width > 0 && height > 0 && photo.picture().as_raw().len() == 3 * width as usize * height as usize);
        assert_eq!(PreprocessConfig::unit_range(8).pixels(&photo).bytes().len(), 3 * 8 * 8);
        if width * height <= 1 << 10 || width.max(height) > 1 << 12 {
            let thumbnail = thumbnail::thumbnail(&photo, None, thumbnail::jpeg).unwrap();
            assert!(Photo::decode(&thumbnail.bytes).is_ok(), "our own thumbnail can't be read");
        }
    }
}
