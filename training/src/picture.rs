//! The pictures of a site as files: WebP, which every browser reads.

use image::RgbImage;
use lookalike::photo::PhotoError;
use webp::{Encoder, WebPConfig};

/// From 0 to 100: photos come out as like themselves as JPEG's 80 leaves them (structural similarity 0.98), in seven tenths
/// of its bytes. BENCHMARKS.md has the measurement.
const QUALITY: f32 = 84.0;
/// How long is looked for fewer bytes, from 0 to 6. From 3 on a photo of 256 pixels takes twice the time, for a twentieth of its bytes.
const METHOD: i32 = 2;

/// A picture as the bytes of a WebP file.
///
/// # Errors
/// What the encoder says: no memory is left, or a side is over 16,383 pixels.
pub fn webp(picture: &RgbImage) -> Result<Vec<u8>, PhotoError> {
    let failed = |why: String| PhotoError::Damaged(format!("no WebP could be made: {why}"));
    let mut config = WebPConfig::new().map_err(|()| failed("its encoder is of another version".to_owned()))?;
    (config.quality, config.method) = (QUALITY, METHOD);
    let encoder = Encoder::from_rgb(picture.as_raw(), picture.width(), picture.height());
    Ok(encoder.encode_advanced(&config).map_err(|e| failed(format!("{e:?}")))?.to_vec())
}

#[cfg(test)]
mod tests {
    use image::Rgb;
    use lookalike::photo::Photo;

    use super::*;

    #[test]
    fn a_picture_comes_back_much_as_it_was() {
        let picture = RgbImage::from_fn(97, 64, |x, y| Rgb([(x * 2) as u8, (y * 3) as u8, 128]));
        let file = webp(&picture).unwrap();
        assert_eq!(file, webp(&picture).unwrap());
        let again = Photo::decode(&file).unwrap();
        assert_eq!(again.picture().dimensions(), picture.dimensions());
        let off = again.picture().iter().zip(picture.iter()).map(|(a, b)| f64::from(a.abs_diff(*b)));
        assert!(off.sum::<f64>() / (97.0 * 64.0 * 3.0) < 3.0);
    }

    #[test]
    fn a_picture_too_large_is_refused() {
        assert!(webp(&RgbImage::new(16_384, 1)).unwrap_err().to_string().contains("no WebP could be made"));
    }
}
