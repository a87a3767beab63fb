//! k-means (Lloyd, 1982) from seeds that lie apart (k-means++: Arthur and Vassilvitskii, 2007), and k by silhouette.

use crate::{cluster::nearest_centroid, embedding::Embedding, gallery::Cluster};

/// The largest k that is tried.
const MOST: usize = 12;

/// Rounds after which a clustering counts as settled.
const ROUNDS: usize = 30;

/// The silhouette compares all pairs: past this many photos, those of an evenly spaced sample.
const SAMPLE: usize = 400;

/// The same photos always get the same clusters.
const SEED: u64 = 0x6C6F_6F6B_616C_696B;

/// A clustering; larger clusters come first.
#[derive(Debug, Clone)]
pub struct Clustering {
    /// The clusters.
    pub clusters: Vec<Cluster>,
    /// Each photo's cluster.
    pub labels: Vec<u32>,
    /// Mean silhouette in [−1, 1] (Rousseeuw, 1987); `None` with fewer than two clusters.
    pub silhouette: Option<f32>,
}

/// The clustering with the highest silhouette for k from 2 to 12; the first of equals.
pub fn cluster(embeddings: &[Embedding]) -> Clustering {
    let sample: Vec<usize> = (0..embeddings.len()).step_by(embeddings.len().div_ceil(SAMPLE).max(1)).collect();
    let largest = MOST.min(embeddings.len().saturating_sub(1));
    let tried = (2..=largest).map(|k| {
        let mut clustering = k_means(embeddings, k);
        clustering.silhouette = silhouette(embeddings, &clustering.labels, &sample);
        clustering
    });
    let score = |clustering: &Clustering| clustering.silhouette.unwrap_or(-1.0);
    let best = tried.reduce(|a, b| if score(&b) > score(&a) { b } else { a });
    best.filter(|best| best.silhouette.is_some()).unwrap_or_else(|| k_means(embeddings, 1))
}

fn k_means(embeddings: &[Embedding], k: usize) -> Clustering {
    let mut clusters = seeds(embeddings, k);
    let mut labels = Vec::new();
    for _ in 0..ROUNDS {
        let next: Vec<u32> = embeddings.iter().map(|e| nearest_centroid(e, &clusters).unwrap_or(0)).collect();
        if next == labels {
            break;
        }
        labels = next;
        move_centroids(&mut clusters, embeddings, &labels);
    }
    clusters.retain(|cluster| cluster.size > 0);
    clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.size));
    let labels: Vec<u32> = embeddings.iter().map(|e| nearest_centroid(e, &clusters).unwrap_or(0)).collect();
    for (id, cluster) in (0..).zip(&mut clusters) {
        cluster.size = labels.iter().filter(|&&label| label == id).count() as u32;
    }
    Clustering { clusters, labels, silhouette: None }
}

/// Each next one is drawn with a chance that grows with the squared distance to those before.
fn seeds(embeddings: &[Embedding], k: usize) -> Vec<Cluster> {
    let seed = |at: usize| Cluster { centroid: embeddings[at].as_slice().to_vec(), size: 0 };
    let mut state = SEED;
    let mut clusters = vec![seed(embeddings.len() / 2)];
    let mut nearest: Vec<f32> =
        embeddings.iter().map(|e| e.squared_distance(&embeddings[embeddings.len() / 2])).collect();
    while clusters.len() < k {
        let total: f32 = nearest.iter().sum();
        let mut rest = uniform(&mut state) * total;
        let Some(at) = nearest.iter().position(|&d| {
            rest -= d;
            rest <= 0.0 && d > 0.0
        }) else {
            break; // all photos are seeds, or equal to one
        };
        clusters.push(seed(at));
        nearest.iter_mut().zip(embeddings).for_each(|(d, e)| *d = d.min(e.squared_distance(&embeddings[at])));
    }
    clusters
}

/// The next number in [0, 1) of SplitMix64 (Steele, Lea and Flood, 2014).
fn uniform(state: &mut u64) -> f32 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 40) as f32 / (1 << 24) as f32
}

fn move_centroids(clusters: &mut [Cluster], embeddings: &[Embedding], labels: &[u32]) {
    for (id, cluster) in (0..).zip(clusters) {
        let members: Vec<_> =
            embeddings.iter().zip(labels).filter(|&(_, &label)| label == id).map(|(e, _)| e).collect();
        cluster.size = members.len() as u32;
        if members.is_empty() {
            continue;
        }
        for (axis, place) in cluster.centroid.iter_mut().enumerate() {
            *place = members.iter().map(|e| e.as_slice()[axis]).sum::<f32>() / members.len() as f32;
        }
    }
}

fn silhouette(embeddings: &[Embedding], labels: &[u32], sample: &[usize]) -> Option<f32> {
    let of = |at: usize| labels[at] as usize;
    let clusters = sample.iter().map(|&at| of(at) + 1).max()?;
    let mut sum = 0.0;
    for &at in sample {
        let mut distances = vec![(0.0_f32, 0_u32); clusters];
        for &other in sample.iter().filter(|&&other| other != at) {
            let (distance, count) = &mut distances[of(other)];
            *distance += embeddings[at].squared_distance(&embeddings[other]).sqrt();
            *count += 1;
        }
        let mean = |&(distance, count): &(f32, u32)| (count > 0).then(|| distance / count as f32);
        let others = distances.iter().enumerate().filter(|(id, _)| *id != of(at)).filter_map(|(_, d)| mean(d));
        let nearest = others.reduce(f32::min)?; // all in one cluster
        // A photo alone in its cluster counts as 0.
        let Some(own) = mean(&distances[of(at)]) else { continue };
        sum += if own.max(nearest) > 0.0 { (nearest - own) / own.max(nearest) } else { 0.0 };
    }
    Some(sum / sample.len() as f32)
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
        let clustering = cluster(&blobs(&[10, 40, 20]));
        assert_eq!(clustering.clusters.iter().map(|c| c.size).collect::<Vec<_>>(), [40, 20, 10]);
        assert_eq!(clustering.labels, [vec![2; 10], vec![0; 40], vec![1; 20]].concat());
        assert!(clustering.silhouette.unwrap() > 0.8);
    }

    #[test]
    fn more_photos_than_the_sample_change_nothing() {
        assert_eq!(cluster(&blobs(&[300; 5])).clusters.len(), 5);
    }

    #[test]
    fn equal_or_few_photos_are_one_cluster() {
        let same = vec![Embedding::from_features(vec![1.0, 0.0]).unwrap(); 5];
        for few in [&same[..], &blobs(&[1]), &blobs(&[1, 1])] {
            let clustering = cluster(few);
            assert_eq!((clustering.clusters.len(), clustering.silhouette), (1, None));
            assert_eq!(clustering.labels, vec![0; few.len()]);
        }
    }

    #[test]
    fn chance_is_spread_and_always_the_same() {
        let draw = || {
            let mut state = SEED;
            (0..1000).map(|_| uniform(&mut state)).collect::<Vec<_>>()
        };
        let mean = draw().iter().sum::<f32>() / 1000.0;
        assert!((mean - 0.5).abs() < 0.05 && draw().iter().all(|x| (0.0..1.0).contains(x)), "{mean}");
        assert_eq!(draw(), draw());
    }
}
