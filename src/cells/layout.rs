//! A collection in its cells, as a site stores it.

use super::split::{centroids, split};
use crate::{
    embedding::{Embedding, EmbeddingError},
    gallery::{Rounded, beside, from_middle},
};

/// What coordinates are stored in multiples of.
///
/// It moves an embedding of 64 coordinates by 0.009, which costs 4·10⁻⁵ of a cosine: [`crate::likeness`] allows for that.
/// Of the six nearest among 17,152 real photos one in a hundred changes; twice the step saves 8 bytes a photo of 56, and
/// changes two.
pub const STEP: f32 = 1.0 / 256.0;

/// Which photos lie in which cell, and what the cells store.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The photos of each cell, by their place in the collection.
    pub cells: Vec<Vec<u32>>,
    /// The middle of each cell, `[cells, D]`.
    pub middles: Rounded,
    /// The embeddings of each cell, less its middle.
    pub embeddings: Vec<Rounded>,
}

impl Layout {
    /// Divides a collection into cells of at most `most` photos.
    pub fn new(embeddings: &[Embedding], most: usize) -> Self {
        let cells = split(embeddings, most);
        let middles = Rounded::of(&centroids(embeddings, &cells), STEP);
        let stored = cells
            .iter()
            .zip(rows(&middles, &cells, width(embeddings)))
            .map(|(cell, middle)| from_middle(&middle, cell.iter().map(|&photo| &embeddings[photo as usize]), STEP));
        Self { embeddings: stored.collect(), cells, middles }
    }

    /// The embeddings as readers see them, in the order of the collection, `D` numbers each.
    ///
    /// # Errors
    /// As [`Embedding::from_features`].
    pub fn as_read(&self, width: usize) -> Result<Vec<Embedding>, EmbeddingError> {
        let mut all = Vec::new();
        for ((cell, stored), middle) in
            self.cells.iter().zip(&self.embeddings).zip(rows(&self.middles, &self.cells, width))
        {
            let numbers = stored.numbers(cell.len() * width).unwrap_or_default();
            for (&photo, embedding) in cell.iter().zip(beside(&middle, &numbers)) {
                all.push((photo, embedding?));
            }
        }
        all.sort_by_key(|(photo, _)| *photo);
        Ok(all.into_iter().map(|(_, embedding)| embedding).collect())
    }
}

fn width(embeddings: &[Embedding]) -> usize {
    embeddings.first().map_or(1, Embedding::width)
}

fn rows(middles: &Rounded, cells: &[Vec<u32>], width: usize) -> Vec<Vec<f32>> {
    let numbers = middles.numbers(cells.len() * width).unwrap_or_default();
    numbers.chunks_exact(width).map(<[f32]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cells::tests::spread, likeness::IDENTICAL};

    #[test]
    fn what_is_read_is_the_same_to_the_encoder() {
        for width in [1, 2, 64] {
            let all = spread(500, width);
            for most in [60, usize::MAX] {
                let read = Layout::new(&all, most).as_read(width).unwrap();
                assert!(all.iter().zip(&read).all(|(a, b)| a.similarity(b) > IDENTICAL), "width {width}");
            }
        }
    }

    #[test]
    fn equal_photos_stay_equal() {
        let mut all = spread(300, 16);
        all[200] = all[3].clone();
        let read = Layout::new(&all, usize::MAX).as_read(16).unwrap();
        assert_eq!(read[200], read[3]);
    }

    #[test]
    fn nothing_is_a_layout_too() {
        assert_eq!(Layout::new(&[], 10).as_read(4), Ok(Vec::new()));
    }
}
