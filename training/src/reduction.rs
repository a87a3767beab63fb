//! Wide vectors brought to the width of an embedding, so that what takes embeddings can take them.

use anyhow::Result;
use lookalike::embedding::{Embedding, MAX_WIDTH};
use ndarray::Array2;

use crate::subspace::subspace;

/// Passes over the vectors; each brings the subspace closer to that of the largest singular values.
const PASSES: usize = 6;

/// Embeddings of unit vectors `[photos, D]`: themselves if they are narrow enough, else their coordinates in the
/// [`MAX_WIDTH`] dimensions that keep their cosines best.
///
/// That is a truncated singular value decomposition. Its axes within the [`subspace`] are arbitrary, which no distance
/// sees.
///
/// # Errors
/// Numbers that are not finite.
pub fn embeddings(vectors: &[Vec<f32>], seed: u64) -> Result<Vec<Embedding>> {
    let width = vectors.first().map_or(0, Vec::len);
    if width <= MAX_WIDTH {
        return vectors.iter().map(|vector| Ok(Embedding::from_features(vector.clone())?)).collect();
    }
    let rows = Array2::from_shape_fn((vectors.len(), width), |(row, column)| f64::from(vectors[row][column]));
    let coordinates = rows.dot(&subspace(&rows, MAX_WIDTH.min(vectors.len()), PASSES, seed)?); // [photos, kept]
    let narrow = coordinates.rows().into_iter().map(|row| row.iter().map(|&x| x as f32).collect());
    narrow.map(|features| Ok(Embedding::from_features(features)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng as _, SeedableRng};
    use rand_xoshiro::Xoshiro256Plus;

    #[test]
    fn narrow_vectors_stay_as_they_are() {
        let embeddings = embeddings(&[vec![0.6, 0.8], vec![1.0, 0.0]], 1).unwrap();
        assert_eq!(embeddings.iter().map(Embedding::width).collect::<Vec<_>>(), [2, 2]);
        assert!((embeddings[0].similarity(&embeddings[1]) - 0.6).abs() < 1e-6);
    }

    #[test]
    fn few_wide_vectors_keep_their_cosines() {
        let mut rng = Xoshiro256Plus::seed_from_u64(3);
        let unit = |features: Vec<f32>| {
            let norm = features.iter().map(|x| x * x).sum::<f32>().sqrt();
            features.iter().map(|x| x / norm).collect::<Vec<_>>()
        };
        let vectors: Vec<_> = (0..20).map(|_| unit((0..300).map(|_| rng.gen_range(-1.0..1.0)).collect())).collect();
        let embeddings = embeddings(&vectors, 1).unwrap();
        assert_eq!(embeddings[0].width(), 20);
        for (at, vector) in vectors.iter().enumerate() {
            let cosine: f32 = vector.iter().zip(&vectors[0]).map(|(a, b)| a * b).sum();
            assert!((embeddings[at].similarity(&embeddings[0]) - cosine).abs() < 1e-4);
        }
    }

    #[test]
    fn vectors_without_direction_are_embeddings_too() {
        assert_eq!(embeddings(&vec![vec![0.0; 100]; 3], 1).unwrap().len(), 3);
    }
}
