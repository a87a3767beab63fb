//! The map: t-SNE (van der Maaten, 2014), started from the first two principal components.

use anyhow::Result;
use bhtsne::{Neighbor, tSNE};
use lookalike::{embedding::Embedding, gallery::place::as_read, search::Search};
use rayon::prelude::*;

use crate::{embed::rows, pca::Pca, photos::plural, progress::Progress};

/// Steps of gradient descent.
const EPOCHS: usize = 1000;

/// Accuracy of Barnes-Hut: 0 is exact.
const THETA: f32 = 0.5;

/// t-SNE looks at three times the perplexity of neighbours; below this it has nothing to say.
const MIN_PERPLEXITY: f32 = 2.0;

/// Spread of the starting layout (Kobak and Berens, 2019).
const START_SPREAD: f32 = 1e-4;

/// Parts photos that are equal, which nothing else would.
const JITTER: f32 = 1e-6;

/// A map of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Each photo's place; both directions span [−1, 1], one of them fully.
    pub points: Vec<[f32; 2]>,
    /// The perplexity used; 0: too few photos, the points are the first two principal components.
    pub perplexity: f32,
}

/// Lays out a collection. A perplexity that is too large for it is lowered, and said.
///
/// # Errors
/// Embeddings that are not finite.
pub fn layout(embeddings: &[Embedding], wanted: f32) -> Result<Map> {
    let start = principal_layout(embeddings)?;
    let largest = (embeddings.len().saturating_sub(1) as f32 / 3.0).floor();
    let perplexity = wanted.min(largest);
    if perplexity < MIN_PERPLEXITY {
        eprintln!(
            "map          too few for t-SNE ({}): principal components instead",
            plural(embeddings.len(), "photo")
        );
        return Ok(Map { points: normalised(&start), perplexity: 0.0 });
    }
    if perplexity < wanted {
        eprintln!("map          perplexity {wanted} needs {} photos: lowered to {perplexity}", wanted * 3.0 + 1.0);
    }
    let progress = Progress::new("t-SNE", 1);
    let neighbors = neighbors(embeddings, (3.0 * perplexity) as usize)?;
    // On one thread: sums shared among several come out in another order, and so another map, each time.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let points = pool.install(|| descend(embeddings, &start, perplexity, &neighbors));
    progress.finish(format!("{} at perplexity {perplexity}", plural(embeddings.len(), "photo")));
    // Should the descent ever run away, the principal components are still a map.
    let finite = points.iter().flatten().all(|x| x.is_finite());
    Ok(Map { points: normalised(if finite { &points } else { &start }), perplexity })
}

/// Each photo's nearest others, from the exact search: bhtsne's own tree is built by chance.
fn neighbors(embeddings: &[Embedding], count: usize) -> Result<Vec<Vec<Neighbor<f32>>>> {
    let search = Search::new(embeddings.to_vec())?;
    let row = |(own, embedding): (usize, &Embedding)| {
        let others = search.nearest(embedding, count + 1).into_iter().filter(|n| n.id as usize != own).take(count);
        let euclidean = |similarity: f32| (2.0 * (1.0 - similarity)).max(0.0).sqrt();
        others.map(|n| Neighbor { index: n.id as usize, distance: euclidean(n.similarity) }).collect()
    };
    Ok(embeddings.par_iter().enumerate().map(row).collect())
}

fn descend(
    embeddings: &[Embedding],
    start: &[[f32; 2]],
    perplexity: f32,
    neighbors: &[Vec<Neighbor<f32>>],
) -> Vec<[f32; 2]> {
    let data: Vec<&[f32]> = embeddings.iter().map(Embedding::as_slice).collect();
    let mut tsne: tSNE<f32, &[f32], 2> = tSNE::new(&data);
    tsne.perplexity(perplexity).epochs(EPOCHS).initial_embedding(start.concat());
    tsne.barnes_hut_with_neighbors(THETA, neighbors);
    tsne.embedding().chunks_exact(2).map(|point| [point[0], point[1]]).collect()
}

/// The first two principal components, scaled to the starting spread.
fn principal_layout(embeddings: &[Embedding]) -> Result<Vec<[f32; 2]>> {
    let rows = rows(embeddings);
    let coordinates = Pca::fit(rows.view(), 2)?.transform(rows.view());
    let deviation = (coordinates.column(0).mapv(|x| x * x).mean().unwrap_or(0.0)).sqrt().max(1e-12);
    let at = |place: usize, axis: usize| {
        let value = coordinates.row(place).get(axis).copied().unwrap_or(0.0) / deviation;
        // The golden angle spreads the jitter evenly.
        let angle = place as f32 * 2.399_963 + axis as f32 * std::f32::consts::FRAC_PI_2;
        value as f32 * START_SPREAD + JITTER * angle.cos()
    };
    Ok((0..embeddings.len()).map(|place| [at(place, 0), at(place, 1)]).collect())
}

/// Centred, and scaled alike in both directions so that the farthest point is at 1.
fn normalised(points: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let bounds = |axis: usize| {
        let values = || points.iter().map(|p| p[axis]);
        (values().fold(f32::INFINITY, f32::min), values().fold(f32::NEG_INFINITY, f32::max))
    };
    let [(left, right), (bottom, top)] = [bounds(0), bounds(1)];
    let half = ((right - left).max(top - bottom) / 2.0).max(f32::MIN_POSITIVE);
    let centre = [(left + right) / 2.0, (bottom + top) / 2.0];
    let place = |value: f32, axis: usize| ((value - centre[axis]) / half).clamp(-1.0, 1.0);
    points.iter().map(|p| as_read([place(p[0], 0), place(p[1], 1)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blobs() -> Vec<Embedding> {
        let point = |at: usize| {
            let mut features = vec![0.0; 8];
            features[at % 3] = 1.0;
            features[3 + at % 5] = 0.1 + 0.01 * (at / 5) as f32;
            Embedding::from_features(features).unwrap()
        };
        (0..90).map(point).collect()
    }

    #[test]
    fn the_same_input_gives_the_same_map() {
        assert_eq!(layout(&blobs(), 10.0).unwrap(), layout(&blobs(), 10.0).unwrap());
    }

    #[test]
    fn neighbours_stay_neighbours() {
        let points = layout(&blobs(), 10.0).unwrap().points;
        let squared = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2);
        let same_blob = |at: usize| {
            let others = (0..points.len()).filter(|&other| other != at);
            others.min_by(|&a, &b| squared(points[at], points[a]).total_cmp(&squared(points[at], points[b]))).unwrap()
                % 3
                == at % 3
        };
        let kept = (0..points.len()).filter(|&at| same_blob(at)).count();
        assert!(kept * 10 >= points.len() * 9, "{kept} of {}", points.len());
    }

    #[test]
    fn the_map_spans_its_square() {
        let points = layout(&blobs(), 10.0).unwrap().points;
        let farthest = points.iter().flatten().fold(0.0_f32, |a, b| a.max(b.abs()));
        assert!((farthest - 1.0).abs() < 1e-5);
    }

    #[test]
    fn tiny_and_equal_collections_have_a_map() {
        let same = Embedding::from_features(vec![1.0, 0.0, 0.0]).unwrap();
        for count in [1, 2, 3, 6, 40] {
            let map = layout(&vec![same.clone(); count], 30.0).unwrap();
            assert_eq!(map.points.len(), count);
            assert!(map.points.iter().flatten().all(|x| x.is_finite() && x.abs() <= 1.0));
        }
    }
}
