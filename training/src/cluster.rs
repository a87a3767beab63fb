//! k-means (linfa), and the choice of k by silhouette.

use anyhow::{Context, Result};
use linfa::{
    DatasetBase,
    prelude::{Fit, SilhouetteScore},
};
use linfa_clustering::KMeans;
use lookalike::{cluster::nearest_centroid, embedding::Embedding, gallery::Cluster};
use ndarray::{Array1, Array2, Axis};
use rand::{SeedableRng, seq::index};
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

use crate::{
    embed::rows,
    interrupt,
    progress::{Progress, say},
};

/// Independent starts, of which the best counts.
const RUNS: usize = 10;

/// The largest k that `auto` tries.
const MAX_AUTO: usize = 20;

/// The silhouette compares all pairs: past this many photos, of a seeded sample.
const SAMPLE: usize = 2000;

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
    match count {
        ClusterCount::Fixed(k) if k > most => {
            eprintln!("k-means      {k} clusters need {k} different photos; there are {most}, so k = {most}");
            k_means(embeddings, most, seed)
        }
        ClusterCount::Fixed(k) => k_means(embeddings, k, seed),
        ClusterCount::Auto => best_k(embeddings, most, seed),
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
    let figures = try_all(&sample, distinct(&sample), seed)?.iter().map(Candidate::of).collect();
    Ok(Candidates { figures, photos: sample.len() })
}

impl Candidate {
    fn of(clustering: &Clustering) -> Self {
        let Clustering { clusters, inertia, silhouette, .. } = clustering;
        Self { k: clusters.len(), inertia: *inertia, silhouette: *silhouette }
    }
}

/// Each k from two on.
fn try_all(embeddings: &[Embedding], most: usize, seed: u64) -> Result<Vec<Clustering>> {
    // A cluster a photo would have the best inertia and say nothing.
    let largest = MAX_AUTO.min(most.saturating_sub(1)).max(1);
    let progress = Progress::new("k-means", largest.saturating_sub(1));
    let one = |k| {
        interrupt::check()?;
        let clustering = k_means(embeddings, k, seed)?;
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

fn best_k(embeddings: &[Embedding], most: usize, seed: u64) -> Result<Clustering> {
    let tried = try_all(embeddings, most, seed)?;
    if tried.is_empty() {
        return k_means(embeddings, 1, seed);
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

fn k_means(embeddings: &[Embedding], k: usize, seed: u64) -> Result<Clustering> {
    let rows = rows(embeddings);
    let dataset = DatasetBase::from(rows.clone());
    let rng = Xoshiro256Plus::seed_from_u64(seed);
    let model = KMeans::params_with_rng(k, rng).n_runs(RUNS).max_n_iterations(300).tolerance(1e-4).fit(&dataset)?;
    let centroids = model.centroids().axis_iter(Axis(0)).map(|c| c.iter().map(|&x| x as f32).collect());
    let unsorted: Vec<_> = centroids.map(|centroid| Cluster { centroid, size: 0 }).collect();
    let clusters = by_size(unsorted, embeddings);
    let labels: Vec<_> = embeddings.iter().map(|e| nearest_centroid(e, &clusters).unwrap_or(0)).collect();
    let silhouette = silhouette(&rows, &labels, seed);
    Ok(Clustering { clusters, labels, inertia: model.inertia(), silhouette, tried: Vec::new() })
}

/// Counts each cluster's photos, drops empty ones, and puts the larger first.
fn by_size(mut clusters: Vec<Cluster>, embeddings: &[Embedding]) -> Vec<Cluster> {
    let labels: Vec<_> = embeddings.iter().filter_map(|e| nearest_centroid(e, &clusters)).collect();
    labels.into_iter().for_each(|label| clusters[label as usize].size += 1);
    clusters.retain(|c| c.size > 0);
    clusters.sort_by_key(|c| std::cmp::Reverse(c.size));
    clusters
}

/// Places of a collection's photos, in order: all of a small one, some of a large one.
fn sample(count: usize, seed: u64) -> Vec<usize> {
    if count <= SAMPLE {
        return (0..count).collect();
    }
    let mut sample = index::sample(&mut Xoshiro256Plus::seed_from_u64(seed), count, SAMPLE).into_vec();
    sample.sort_unstable();
    sample
}

fn silhouette(rows: &Array2<f64>, labels: &[u32], seed: u64) -> Option<f64> {
    let sample = sample(labels.len(), seed);
    let targets: Array1<usize> = sample.iter().map(|&at| labels[at] as usize).collect();
    if targets.iter().all(|&label| label == targets[0]) {
        return None;
    }
    let score: f64 = DatasetBase::new(rows.select(Axis(0), &sample), targets).silhouette_score().ok()?;
    score.is_finite().then_some(score)
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
