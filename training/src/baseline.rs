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

#[cfg(test)]
#[allow(clippy::float_cmp)] // a unit vector along an axis is exact
mod tests {
    use super::*;

    #[test]
    fn raw_pixels_are_centred_and_have_unit_length() {
        let photos = [[0, 0, 10], [0, 0, 30]].map(|bytes| Pixels::new(1, bytes.to_vec()).unwrap());
        let raw = RawPixels::fit(&photos);
        assert_eq!([raw.embed(&photos[0]), raw.embed(&photos[1])], [[0.0, 0.0, -1.0], [0.0, 0.0, 1.0]]);
        assert_eq!(raw.embed(&Pixels::new(1, vec![0, 0, 20]).unwrap()), [0.0; 3]);
    }
}
