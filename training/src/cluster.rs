//! k-means (linfa), and the choice of k by silhouette.

use anyhow::{Context, Result};
use linfa::{DatasetBase, prelude::Fit};
use linfa_clustering::KMeans;
use linfa_nn::distance::Distance;
use lookalike::{cluster::nearest_centroid, embedding::Embedding, gallery::Cluster, lanes};
use ndarray::{Array1, Array2, ArrayView, Axis, Dimension};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

use crate::{
    embed::rows,
    interrupt,
    progress::{Progress, say},
    silhouette::{Pairs, sample},
};

/// Independent starts, of which the best counts.
const RUNS: usize = 10;

/// The largest k that `auto` tries.
const MAX_AUTO: usize = 20;

/// How many clusters the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterCount {
    /// So many.
    Fixed(usize),
    /// The number with the highest silhouette.
    Auto,
}

/// A clustering; larger clusters come first.
#[derive(Debug, Clone)]
pub struct Clustering {
    /// The clusters.
    pub clusters: Vec<Cluster>,
    /// Each photo's cluster.
    pub labels: Vec<u32>,
    /// Mean squared distance to the centroid.
    pub inertia: f64,
    /// Mean silhouette in [−1, 1] (Rousseeuw, 1987); `None` with fewer than two clusters.
    pub silhouette: Option<f64>,
    /// Every k that was tried, in ascending order; none if k was given.
    pub tried: Vec<Candidate>,
}

/// The figures of one k.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// How many clusters there are.
    pub k: usize,
    /// As [`Clustering::inertia`].
    pub inertia: f64,
    /// As [`Clustering::silhouette`].
    pub silhouette: Option<f64>,
}

/// The figures of several k, of which one was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidates {
    /// In ascending order.
    pub figures: Vec<Candidate>,
    /// How many photos they come from.
    pub photos: usize,
}

/// Clusters a collection. Too many clusters for its different photos are lowered, and said.
///
/// # Errors
/// What linfa says, or Ctrl-C.
pub fn cluster(embeddings: &[Embedding], count: ClusterCount, seed: u64) -> Result<Clustering> {
    let most = distinct(embeddings);
    let points = Points::new(embeddings, seed);
    match count {
        ClusterCount::Fixed(k) if k > most => {
            eprintln!("k-means      {k} clusters need {k} different photos; there are {most}, so k = {most}");
            points.k_means(most)
        }
        ClusterCount::Fixed(k) => points.k_means(k),
        ClusterCount::Auto => best_k(&points, most),
    }
}

/// What other k would have given: as tried when k was chosen. For a k that was given they are tried now, on a seeded
/// sample of a large collection.
///
/// # Errors
/// What linfa says, or Ctrl-C.
pub fn candidates(clustering: &Clustering, embeddings: &[Embedding], seed: u64) -> Result<Candidates> {
    if !clustering.tried.is_empty() {
        return Ok(Candidates { figures: clustering.tried.clone(), photos: embeddings.len() });
    }
    let sample: Vec<_> = sample(embeddings.len(), seed).into_iter().map(|at| embeddings[at].clone()).collect();
    let figures = try_all(&Points::new(&sample, seed), distinct(&sample))?.iter().map(Candidate::of).collect();
    Ok(Candidates { figures, photos: sample.len() })
}

impl Candidate {
    fn of(clustering: &Clustering) -> Self {
        let Clustering { clusters, inertia, silhouette, .. } = clustering;
        Self { k: clusters.len(), inertia: *inertia, silhouette: *silhouette }
    }
}

/// Each k from two on.
fn try_all(points: &Points<'_>, most: usize) -> Result<Vec<Clustering>> {
    // A cluster a photo would have the best inertia and say nothing.
    let largest = MAX_AUTO.min(most.saturating_sub(1)).max(1);
    let progress = Progress::new("k-means", largest.saturating_sub(1));
    let one = |k| {
        interrupt::check()?;
        let clustering = points.k_means(k)?;
        progress.advance(1);
        Ok(clustering)
    };
    // Each k has a seed of its own. The largest takes longest and comes first, so that no core waits for it in the end.
    let tried = (2..=largest).rev().collect::<Vec<_>>().into_par_iter().with_max_len(1).map(one);
    let mut tried = tried.collect::<Result<Vec<_>>>()?;
    tried.reverse();
    progress.finish(format!("k from 2 to {largest}"));
    Ok(tried)
}

fn best_k(points: &Points<'_>, most: usize) -> Result<Clustering> {
    let tried = try_all(points, most)?;
    if tried.is_empty() {
        return points.k_means(1);
    }
    say("  k    inertia  silhouette");
    for clustering in &tried {
        let silhouette = clustering.silhouette.map_or("–".to_owned(), |s| format!("{s:.4}"));
        say(format!("{:>3} {:>10.5} {silhouette:>11}", clustering.clusters.len(), clustering.inertia));
    }
    let score = |c: &Clustering| c.silhouette.unwrap_or(-1.0);
    let figures = tried.iter().map(Candidate::of).collect();
    // The first of equals: fewer clusters.
    let best = tried.into_iter().reduce(|a, b| if score(&b) > score(&a) { b } else { a }).context("no k was tried")?;
    eprintln!("k-means      k = {} has the highest silhouette", best.clusters.len());
    Ok(Clustering { tried: figures, ..best })
}

/// What is clustered, for whatever k.
struct Points<'a> {
    embeddings: &'a [Embedding],
    /// The embeddings, `[photos, D]`.
    rows: DatasetBase<Array2<f32>, Array1<()>>,
    pairs: Pairs,
    seed: u64,
}

impl<'a> Points<'a> {
    fn new(embeddings: &'a [Embedding], seed: u64) -> Self {
        Self { embeddings, rows: rows(embeddings).into(), pairs: Pairs::new(embeddings, seed), seed }
    }

    fn k_means(&self, k: usize) -> Result<Clustering> {
        let rng = Xoshiro256Plus::seed_from_u64(self.seed);
        let settings = KMeans::params_with(k, rng, InLanes).n_runs(RUNS).max_n_iterations(300).tolerance(1e-4);
        let model = settings.fit(&self.rows)?;
        let centroids = model.centroids().axis_iter(Axis(0)).map(|c| c.to_vec());
        let unsorted: Vec<_> = centroids.map(|centroid| Cluster { centroid, size: 0 }).collect();
        let clusters = by_size(unsorted, self.embeddings);
        let labels: Vec<_> = self.embeddings.iter().map(|e| nearest_centroid(e, &clusters).unwrap_or(0)).collect();
        let silhouette = self.pairs.silhouette(&labels);
        Ok(Clustering { clusters, labels, inertia: model.inertia().into(), silhouette, tried: Vec::new() })
    }
}

/// Euclidean distances, many times as fast as linfa's own, which go number by number.
#[derive(Clone)]
struct InLanes;

impl Distance<f32> for InLanes {
    fn distance<D: Dimension>(&self, a: ArrayView<f32, D>, b: ArrayView<f32, D>) -> f32 {
        self.rdistance(a, b).sqrt()
    }

    fn rdistance<D: Dimension>(&self, a: ArrayView<f32, D>, b: ArrayView<f32, D>) -> f32 {
        match (a.as_slice(), b.as_slice()) {
            (Some(a), Some(b)) => lanes::squared_distance(a, b),
            // Not side by side in memory: rows always are.
            _ => a.iter().zip(&b).map(|(a, b)| (a - b) * (a - b)).sum(),
        }
    }

    fn rdist_to_dist(&self, rdist: f32) -> f32 {
        rdist.sqrt()
    }

    fn dist_to_rdist(&self, dist: f32) -> f32 {
        dist * dist
    }
}

/// Counts each cluster's photos, drops empty ones, and puts the larger first.
fn by_size(mut clusters: Vec<Cluster>, embeddings: &[Embedding]) -> Vec<Cluster> {
    let labels: Vec<_> = embeddings.iter().filter_map(|e| nearest_centroid(e, &clusters)).collect();
    labels.into_iter().for_each(|label| clusters[label as usize].size += 1);
    clusters.retain(|c| c.size > 0);
    clusters.sort_by_key(|c| std::cmp::Reverse(c.size));
    clusters
}

fn distinct(embeddings: &[Embedding]) -> usize {
    let mut bits: Vec<Vec<u32>> =
        embeddings.iter().map(|e| e.as_slice().iter().map(|x| x.to_bits()).collect()).collect();
    bits.sort_unstable();
    bits.dedup();
    bits.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sizes[i]` points close to axis i.
    fn blobs(sizes: &[usize]) -> Vec<Embedding> {
        let point = |axis: usize, at: usize| {
            let mut features = vec![0.0; sizes.len()];
            features[axis] = 1.0;
            features[(axis + 1) % sizes.len()] = 0.02 * (at % 7) as f32;
            Embedding::from_features(features).unwrap()
        };
        sizes.iter().enumerate().flat_map(|(axis, &size)| (0..size).map(move |at| point(axis, at))).collect()
    }

    #[test]
    fn blobs_are_found_and_sorted_by_size() {
        let embeddings = blobs(&[10, 40, 20]);
        let clustering = cluster(&embeddings, ClusterCount::Fixed(3), 1).unwrap();
        let candidates = candidates(&clustering, &embeddings, 1).unwrap();
        assert_eq!(clustering.clusters.iter().map(|c| c.size).collect::<Vec<_>>(), [40, 20, 10]);
        assert_eq!(clustering.labels, [vec![2; 10], vec![0; 40], vec![1; 20]].concat());
        assert!(clustering.silhouette.unwrap() > 0.8);
        let own = candidates.figures.iter().find(|candidate| candidate.k == 3).unwrap();
        assert_eq!(*own, Candidate::of(&clustering));
        assert!(candidates.figures.windows(2).all(|pair| pair[0].k < pair[1].k));
        assert!(candidates.figures[0].inertia > 10.0 * own.inertia);
    }

    #[test]
    fn auto_finds_the_number_of_blobs() {
        let embeddings = blobs(&[20, 20, 20, 20, 20]);
        let clustering = cluster(&embeddings, ClusterCount::Auto, 1).unwrap();
        let candidates = candidates(&clustering, &embeddings, 1).unwrap();
        assert_eq!(clustering.clusters.len(), 5);
        let highest = candidates.figures.iter().max_by(|a, b| a.silhouette.partial_cmp(&b.silhouette).unwrap());
        assert_eq!((highest.unwrap().k, candidates.photos), (5, 100));
    }

    #[test]
    fn more_clusters_than_different_photos_are_lowered() {
        let same = vec![Embedding::from_features(vec![1.0, 0.0]).unwrap(); 3];
        for count in [ClusterCount::Fixed(4), ClusterCount::Auto] {
            let clustering = cluster(&same, count, 1).unwrap();
            assert!(candidates(&clustering, &same, 1).unwrap().figures.is_empty());
            assert_eq!((clustering.clusters.len(), clustering.silhouette), (1, None));
        }
    }
}
