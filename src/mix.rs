//! Several photos as one query: what they have in common, or what one has and another has not.
//!
//! The embedding of a mix is the sum of its photos' unit embeddings, each times its weight, at unit length again:
//! the direction that is nearest to those with a positive weight and away from those with a negative one.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::embedding::{Embedding, EmbeddingError};

/// As many photos are taken together at most.
pub const MOST: usize = 6;

/// A sum shorter than this has lost its direction: what is left of it is rounding.
const LEAST_NORM: f64 = 1e-3;

/// A photo's weight in tenths, −10 to 10: exact, whoever counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weight(pub i8);

impl Weight {
    /// A photo as it is.
    pub const ONE: Self = Self(10);

    /// Half of what another photo shows is taken away.
    pub const LESS: Self = Self(-5);

    /// As a factor.
    pub fn factor(self) -> f64 {
        f64::from(self.0) / 10.0
    }
}

/// Why photos have no mix.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MixError {
    /// Nothing is left of them.
    #[error("the photos cancel each other out; give one of them another weight")]
    Nothing,
    /// Embeddings of different galleries, or none.
    #[error(transparent)]
    Embedding(#[from] EmbeddingError),
}

/// The embedding of several photos together.
///
/// # Errors
/// Weights that are all zero, or photos that cancel each other out.
pub fn mix(photos: &[(Embedding, Weight)]) -> Result<Embedding, MixError> {
    let width = photos.first().map_or(0, |(embedding, _)| embedding.width());
    let mut sum = vec![0.0_f64; width];
    for (embedding, weight) in photos {
        if embedding.width() != width {
            return Err(EmbeddingError::Width(embedding.width()).into());
        }
        sum.iter_mut().zip(embedding.as_slice()).for_each(|(sum, &x)| *sum += weight.factor() * f64::from(x));
    }
    if sum.iter().map(|x| x * x).sum::<f64>().sqrt() < LEAST_NORM {
        return Err(MixError::Nothing);
    }
    Ok(Embedding::from_features(sum.into_iter().map(|x| x as f32).collect())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(features: &[f32]) -> Embedding {
        Embedding::from_features(features.to_vec()).unwrap()
    }

    #[test]
    fn one_photo_is_itself_whatever_its_weight() {
        let photo = unit(&[0.6, 0.8]);
        assert_eq!(mix(&[(photo.clone(), Weight::ONE)]).unwrap(), photo);
        assert!(mix(&[(photo.clone(), Weight(3))]).unwrap().similarity(&photo) > 0.999_999);
        assert!(mix(&[(photo.clone(), Weight(-10))]).unwrap().similarity(&photo) < -0.999_999);
    }

    #[test]
    fn a_mix_lies_between_its_photos_nearer_to_the_heavier() {
        let (one, other) = (unit(&[1.0, 0.0]), unit(&[0.0, 1.0]));
        let middle = mix(&[(one.clone(), Weight::ONE), (other.clone(), Weight::ONE)]).unwrap();
        assert!((middle.similarity(&one) - middle.similarity(&other)).abs() < 1e-6);
        let less = mix(&[(one, Weight::ONE), (other, Weight::LESS)]).unwrap();
        let expected = unit(&[1.0, -0.5]);
        assert!(less.as_slice().iter().zip(expected.as_slice()).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn what_cancels_out_is_told() {
        let photo = unit(&[0.6, 0.8]);
        let pair = |weight| [(photo.clone(), Weight::ONE), (photo.clone(), Weight(weight))];
        assert_eq!(mix(&pair(-10)), Err(MixError::Nothing));
        assert_eq!(mix(&[(photo.clone(), Weight(0))]), Err(MixError::Nothing));
        assert!(mix(&pair(-9)).is_ok());
        assert_eq!(mix(&[]), Err(MixError::Nothing));
    }

    #[test]
    fn embeddings_of_different_widths_do_not_mix() {
        let photos = [(unit(&[1.0]), Weight::ONE), (unit(&[1.0, 1.0]), Weight::ONE)];
        assert_eq!(mix(&photos), Err(MixError::Embedding(EmbeddingError::Width(2))));
    }
}
