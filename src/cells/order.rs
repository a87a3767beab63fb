//! In which order cells are looked through.

use crate::{embedding::Embedding, lanes::dot};

/// The cells, nearest middle first, equals by place; of several queries the nearest counts. `centroids` is `[cells, D]`.
pub fn nearest_first(centroids: &[f32], queries: &[&Embedding]) -> Vec<u32> {
    let width = queries.first().map_or(1, |query| query.width());
    // |q − c|² = 1 − 2 (q · c − |c|² / 2), as q has unit length.
    let far = |centroid: &[f32]| {
        let along = queries.iter().map(|query| dot(query.as_slice(), centroid)).fold(f32::MIN, f32::max);
        dot(centroid, centroid) / 2.0 - along
    };
    let mut order: Vec<_> = (0_u32..).zip(centroids.chunks_exact(width).map(far)).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    order.into_iter().map(|(cell, _)| cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_middle_comes_first_and_equals_by_place() {
        let query = Embedding::from_features(vec![1.0, 0.0]).unwrap();
        let middles = [0.0, 1.0, 0.9, 0.1, 0.0, -1.0, 0.9, 0.1, -1.0, 0.0];
        assert_eq!(nearest_first(&middles, &[&query]), [1, 3, 0, 2, 4]);
    }

    #[test]
    fn lengths_count_as_well_as_directions() {
        let query = Embedding::from_features(vec![1.0, 0.0]).unwrap();
        assert_eq!(nearest_first(&[0.1, 0.0, 0.7, 0.2], &[&query]), [1, 0]);
    }

    #[test]
    fn of_several_queries_the_nearest_counts() {
        let queries = [[1.0, 0.0], [0.0, -1.0]].map(|at| Embedding::from_features(at.to_vec()).unwrap());
        let middles = [0.0, 1.0, 0.8, 0.0, 0.0, -0.9];
        assert_eq!(nearest_first(&middles, &[&queries[0], &queries[1]]), [2, 1, 0]);
    }
}
