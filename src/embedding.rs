//! A photo's embedding: a unit vector by construction, and the only distance.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::lanes;

/// The widest embedding there is. Past it a k-d tree is slower than a linear scan.
pub const MAX_WIDTH: usize = 64;

/// Features shorter than this have no direction worth speaking of.
const MIN_NORM: f64 = 1e-12;

/// A point on the unit sphere: `[D]` numbers, 1 ≤ D ≤ [`MAX_WIDTH`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Embedding(Vec<f32>);

/// Why features are no embedding.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum EmbeddingError {
    /// No numbers, or more than [`MAX_WIDTH`].
    #[error("an embedding has 1 to {MAX_WIDTH} numbers, not {0}")]
    Width(usize),
    /// NaN or infinite: the encoder, or the device that ran it, is at fault.
    #[error("the encoder gave a number that is not finite at place {0}; the device may compute wrongly")]
    NotFinite(usize),
}

impl Embedding {
    /// Scales features `[D]` to unit length.
    ///
    /// Features that are all zero (a photo exactly like the mean of its gallery) get the first axis,
    /// so that equal photos stay equal and every photo has a place.
    ///
    /// # Errors
    /// A width outside 1 to [`MAX_WIDTH`], or a number that is not finite.
    pub fn from_features(mut features: Vec<f32>) -> Result<Self, EmbeddingError> {
        if features.is_empty() || features.len() > MAX_WIDTH {
            return Err(EmbeddingError::Width(features.len()));
        }
        if let Some(place) = features.iter().position(|x| !x.is_finite()) {
            return Err(EmbeddingError::NotFinite(place));
        }
        // f64: the square of a large f32 is no longer finite.
        let norm = features.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
        if norm < MIN_NORM {
            features.fill(0.0);
            features[0] = 1.0;
        } else {
            features.iter_mut().for_each(|x| *x = (f64::from(*x) / norm) as f32);
        }
        Ok(Self(features))
    }

    /// The coordinates, `[D]`.
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// The number of coordinates, D.
    pub fn width(&self) -> usize {
        self.0.len()
    }

    /// Squared Euclidean distance in [0, 4]; on the unit sphere it orders as cosine does.
    pub fn squared_distance(&self, other: &Self) -> f32 {
        lanes::squared_distance(&self.0, &other.0)
    }

    /// Cosine similarity in [−1, 1], from the one distance: cos = 1 − d²/2.
    pub fn similarity(&self, other: &Self) -> f32 {
        similarity_from_squared_distance(self.squared_distance(other))
    }
}

/// Cosine similarity in [−1, 1] of two unit vectors whose squared distance is `squared`.
pub fn similarity_from_squared_distance(squared: f32) -> f32 {
    (1.0 - squared / 2.0).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_become_a_unit_vector() {
        let embedding = Embedding::from_features(vec![3.0, 4.0]).unwrap();
        assert_eq!(embedding.as_slice(), [0.6, 0.8]);
    }

    #[test]
    fn huge_features_do_not_overflow() {
        let embedding = Embedding::from_features(vec![3e38, 3e38]).unwrap();
        assert!((embedding.as_slice()[0] - 0.5_f32.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn zero_features_get_the_first_axis() {
        assert_eq!(Embedding::from_features(vec![0.0; 3]).unwrap().as_slice(), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn bad_features_are_refused_by_name() {
        assert_eq!(Embedding::from_features(vec![]), Err(EmbeddingError::Width(0)));
        assert_eq!(Embedding::from_features(vec![0.0; 65]), Err(EmbeddingError::Width(65)));
        assert_eq!(Embedding::from_features(vec![1.0, f32::NAN]), Err(EmbeddingError::NotFinite(1)));
    }

    #[test]
    fn similarity_is_the_cosine() {
        let a = Embedding::from_features(vec![1.0, 0.0]).unwrap();
        let b = Embedding::from_features(vec![1.0, 1.0]).unwrap();
        let c = Embedding::from_features(vec![-1.0, 0.0]).unwrap();
        assert!((a.similarity(&b) - 0.5_f32.sqrt()).abs() < 1e-6);
        assert!((a.similarity(&c) + 1.0).abs() < 1e-6);
        assert!((a.similarity(&a) - 1.0).abs() < 1e-6);
    }
}
