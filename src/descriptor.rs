//! Descriptors without weights, which a model must beat: unit vectors from a photo's pixels alone.

use crate::{
    colour,
    preprocess::{Pixels, PreprocessConfig},
    search::Neighbor,
};

/// How a photo becomes the miniature of it that a gallery may carry for these descriptors: 16 × 16 pixels.
pub fn miniature() -> PreprocessConfig {
    PreprocessConfig::unit_range(16)
}

/// Some photos by their descriptors.
pub struct Descriptors {
    raw: RawPixels,
    /// For each photo, `[3 · S · S]`.
    pixels: Vec<Vec<f32>>,
    /// For each photo, `[512]`.
    histograms: Vec<Vec<f32>>,
}

impl Descriptors {
    /// Describes photos of one side.
    pub fn new(photos: &[Pixels]) -> Self {
        let raw = RawPixels::fit(photos);
        let pixels = photos.iter().map(|photo| raw.embed(photo)).collect();
        Self { raw, pixels, histograms: photos.iter().map(colour::histogram).collect() }
    }

    /// The k photos most similar to one of the same side, by raw pixels and by colour histogram, equals by place;
    /// `without` one of them, if the photo is that one.
    pub fn nearest(&self, photo: &Pixels, without: Option<u32>, k: usize) -> [Vec<Neighbor>; 2] {
        let by = |query: Vec<f32>, all: &[Vec<f32>]| {
            let similarity = |other: &Vec<f32>| query.iter().zip(other).map(|(a, b)| a * b).sum();
            let all = (0..).zip(all).map(|(id, other)| Neighbor { id, similarity: similarity(other) });
            let mut neighbors: Vec<_> = all.filter(|neighbor| Some(neighbor.id) != without).collect();
            neighbors.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.id.cmp(&b.id)));
            neighbors.truncate(k);
            neighbors
        };
        [by(self.raw.embed(photo), &self.pixels), by(colour::histogram(photo), &self.histograms)]
    }
}

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
    fn photos_are_found_by_place_of_colours_and_by_colours_alone() {
        // Two by two pixels in a channel: the same colours elsewhere, other colours in the same place.
        let grey = |bytes: [u8; 4]| Pixels::new(2, [bytes; 3].concat()).unwrap();
        let photos = [grey([0, 0, 200, 200]), grey([200, 200, 0, 0]), grey([60, 60, 140, 140]), grey([100; 4])];
        let descriptors = Descriptors::new(&photos);
        let ids = |neighbors: &[Neighbor]| neighbors.iter().map(|neighbor| neighbor.id).collect::<Vec<_>>();
        let [pixels, histogram] = descriptors.nearest(&photos[0], Some(0), 1);
        assert_eq!((ids(&pixels), ids(&histogram)), (vec![2], vec![1]));
        let [pixels, histogram] = descriptors.nearest(&photos[0], None, 9);
        assert_eq!((pixels.len(), pixels[0].id, histogram[0].id), (4, 0, 0));
        assert!((pixels[0].similarity - 1.0).abs() < 1e-6 && (histogram[1].similarity - 1.0).abs() < 1e-6);
    }

    #[test]
    fn raw_pixels_are_centred_and_have_unit_length() {
        let photos = [[0, 0, 10], [0, 0, 30]].map(|bytes| Pixels::new(1, bytes.to_vec()).unwrap());
        let raw = RawPixels::fit(&photos);
        assert_eq!([raw.embed(&photos[0]), raw.embed(&photos[1])], [[0.0, 0.0, -1.0], [0.0, 0.0, 1.0]]);
        assert_eq!(raw.embed(&Pixels::new(1, vec![0, 0, 20]).unwrap()), [0.0; 3]);
    }
}
