//! DBSCAN (linfa) with cosine distance, and the choice of eps from the collection itself.

use anyhow::{Result, anyhow};
use linfa::{ParamGuard, traits::Transformer};
use linfa_clustering::Dbscan;
pub use lookalike::folder::density::{MIN_POINTS, NEIGHBOR};
use lookalike::{embedding::Embedding, folder::density::typical_distance, gallery::Density, search::Search};
use rayon::prelude::*;

use crate::embed::rows;

/// A density-based grouping.
#[derive(Debug, Clone)]
pub struct Grouping {
    /// What was run with and found.
    pub density: Density,
    /// Each photo's group; `None`: noise.
    pub labels: Vec<Option<u32>>,
    /// Each photo's cosine distance to its fifth neighbour.
    pub distances: Vec<f32>,
}

/// Groups a collection; `eps` in cosine distance, or the collection's own.
///
/// On unit vectors the Euclidean distance d and the cosine distance c are one: c = d² / 2.
///
/// # Errors
/// What linfa says.
pub fn group(embeddings: &[Embedding], eps: Option<f32>) -> Result<Grouping> {
    let distances = neighbor_distances(embeddings)?;
    let eps = eps.unwrap_or_else(|| typical_distance(distances.clone()));
    let euclidean = (2.0 * f64::from(eps)).sqrt();
    let params = Dbscan::params::<f64>(MIN_POINTS).tolerance(euclidean).check().map_err(|e| anyhow!("DBSCAN: {e}"))?;
    let labels: Vec<_> = params.transform(&rows(embeddings)).iter().map(|label| label.map(|l| l as u32)).collect();
    let groups = labels.iter().flatten().max().map_or(0, |&last| last + 1);
    let noise = labels.iter().filter(|label| label.is_none()).count() as u32;
    Ok(Grouping { density: Density { eps, min_points: MIN_POINTS as u32, groups, noise }, labels, distances })
}

/// Each photo's cosine distance to its fifth neighbour, or to its last if there are fewer.
fn neighbor_distances(embeddings: &[Embedding]) -> Result<Vec<f32>> {
    let search = Search::new(embeddings.to_vec())?;
    // The photo itself is the nearest.
    let distance = |e: &Embedding| search.nearest(e, NEIGHBOR + 1).last().map_or(0.0, |n| 1.0 - n.similarity);
    Ok(embeddings.par_iter().map(distance).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(angle: f32) -> Embedding {
        Embedding::from_features(vec![angle.cos(), angle.sin()]).unwrap()
    }

    #[test]
    fn two_dense_arcs_and_a_lonely_point() {
        let arc = |start: f32| (0..10).map(move |at| point(start + 0.01 * at as f32));
        let embeddings: Vec<_> = arc(0.0).chain(arc(2.0)).chain([point(4.0)]).collect();
        let grouping = group(&embeddings, None).unwrap();
        assert_eq!(grouping.labels, [vec![Some(0); 10], vec![Some(1); 10], vec![None]].concat());
        assert_eq!((grouping.density.groups, grouping.density.noise), (2, 1));
    }

    #[test]
    fn eps_is_a_cosine_distance() {
        // Neighbours 0.1 rad apart: cosine distance 0.005.
        let embeddings: Vec<_> = (0..12).map(|at| point(0.1 * at as f32)).collect();
        assert_eq!(group(&embeddings, Some(0.0051 * 4.0)).unwrap().density.groups, 1);
        assert_eq!(group(&embeddings, Some(0.0049)).unwrap().density.noise, 12);
    }

    #[test]
    fn the_fifth_neighbour_is_that_of_a_naive_scan() {
        let embeddings: Vec<_> = (0..40).map(|at| point((at * at) as f32 * 0.003)).collect();
        let naive = |own: &Embedding| {
            let mut all: Vec<_> = embeddings.iter().map(|other| 1.0 - own.similarity(other)).collect();
            all.sort_by(f32::total_cmp);
            all[NEIGHBOR]
        };
        let grouping = group(&embeddings, None).unwrap();
        for (own, distance) in embeddings.iter().zip(&grouping.distances) {
            assert!((naive(own) - distance).abs() < 1e-6);
        }
        let mut sorted = grouping.distances;
        sorted.sort_by(f32::total_cmp);
        assert!((grouping.density.eps - sorted[20]).abs() < 1e-9, "eps is the median");
    }

    #[test]
    fn tiny_collections_are_noise() {
        for count in 1..4 {
            let embeddings: Vec<_> = (0..count).map(|at| point(at as f32)).collect();
            assert_eq!(group(&embeddings, None).unwrap().density.noise, count);
        }
    }
}
