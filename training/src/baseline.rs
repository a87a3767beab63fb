//! What a model must beat: unit vectors that need no weights.

use lookalike::preprocess::Pixels;

/// Side of the photos that baselines look at, in pixels.
pub const SIDE: u16 = 32;

/// Raw pixels: each less its mean over a collection, the whole at unit length.
#[derive(Debug, Clone)]
pub struct RawPixels {
    /// `[3 · S · S]`.
    mean: Vec<f64>,
}

impl RawPixels {
    /// Takes the mean of some photos of one side S.
    pub fn fit(photos: &[Pixels]) -> Self {
        let mut mean = vec![0.0; photos.first().map_or(0, |pixels| pixels.bytes().len())];
        for pixels in photos {
            mean.iter_mut().zip(pixels.bytes()).for_each(|(sum, &byte)| *sum += f64::from(byte));
        }
        mean.iter_mut().for_each(|sum| *sum /= photos.len() as f64);
        Self { mean }
    }

    /// A photo's vector, `[3 · S · S]`; all zero for a photo that is the mean.
    pub fn embed(&self, photo: &Pixels) -> Vec<f32> {
        let centred: Vec<f64> =
            photo.bytes().iter().zip(&self.mean).map(|(&byte, mean)| f64::from(byte) - mean).collect();
        let norm = centred.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        centred.iter().map(|x| (x / norm) as f32).collect()
    }
}

/// Bins of a colour channel.
const BINS: usize = 8;

/// Colour histogram, `[512]`: the square roots of the shares of the photo's pixels in 8 × 8 × 8 equal boxes of RGB.
///
/// The roots of shares have unit length, and their cosine is the Hellinger kernel of the shares (Arandjelović and
/// Zisserman, 2012), which lets no large area of one colour drown the others.
pub fn colour_histogram(photo: &Pixels) -> Vec<f32> {
    let planes = photo.bytes();
    let area = planes.len() / 3;
    let bin = |byte: u8| usize::from(byte) * BINS / 256;
    let mut counts = vec![0_u32; BINS * BINS * BINS];
    for at in 0..area {
        let [red, green, blue] = [0, 1, 2].map(|channel| bin(planes[channel * area + at]));
        counts[(red * BINS + green) * BINS + blue] += 1;
    }
    counts.iter().map(|&count| (f64::from(count) / area.max(1) as f64).sqrt() as f32).collect()
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // roots of quarters are exact
mod tests {
    use super::*;

    /// Two by two pixels: red, red, red, and a dark blue.
    fn photo() -> Pixels {
        Pixels::new(2, [[255, 255, 255, 0], [0; 4], [0, 0, 0, 32]].concat()).unwrap()
    }

    #[test]
    fn a_histogram_by_hand() {
        let histogram = colour_histogram(&photo());
        assert_eq!(histogram.len(), 512);
        // Red is box (7, 0, 0); 32 is the first value of the second bin.
        assert_eq!((histogram[7 * 64], histogram[1]), (0.75_f32.sqrt(), 0.5));
        assert_eq!(histogram.iter().filter(|&&x| x > 0.0).count(), 2);
    }

    #[test]
    fn a_histogram_has_unit_length_and_forgets_places() {
        let turned = Pixels::new(2, [[0, 255, 255, 255], [0; 4], [32, 0, 0, 0]].concat()).unwrap();
        assert_eq!(colour_histogram(&photo()), colour_histogram(&turned));
        let length: f32 = colour_histogram(&photo()).iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-6);
    }

    #[test]
    fn raw_pixels_are_centred_and_have_unit_length() {
        let photos = [[0, 0, 10], [0, 0, 30]].map(|bytes| Pixels::new(1, bytes.to_vec()).unwrap());
        let raw = RawPixels::fit(&photos);
        assert_eq!([raw.embed(&photos[0]), raw.embed(&photos[1])], [[0.0, 0.0, -1.0], [0.0, 0.0, 1.0]]);
        assert_eq!(raw.embed(&Pixels::new(1, vec![0, 0, 20]).unwrap()), [0.0; 3]);
    }
}
