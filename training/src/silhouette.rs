//! How well clusters part a collection's photos.

use lookalike::{embedding::Embedding, lanes};
use ndarray::{Array2, Axis};
use rand::{SeedableRng, seq::index};
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

/// A silhouette compares all pairs: past this many photos, of a seeded sample.
const SAMPLE: usize = 2000;

/// Places of a collection's photos, in order: all of a small one, some of a large one.
pub fn sample(count: usize, seed: u64) -> Vec<usize> {
    if count <= SAMPLE {
        return (0..count).collect();
    }
    let mut sample = index::sample(&mut Xoshiro256Plus::seed_from_u64(seed), count, SAMPLE).into_vec();
    sample.sort_unstable();
    sample
}

/// The distances of a sample's photos from each other: the same whatever their clusters are.
pub struct Pairs {
    sample: Vec<usize>,
    /// Euclidean, `[photo, photo]`.
    distances: Array2<f32>,
}

impl Pairs {
    /// Those of a collection.
    pub fn new(embeddings: &[Embedding], seed: u64) -> Self {
        let sample = sample(embeddings.len(), seed);
        let mut distances = Array2::zeros((sample.len(), sample.len()));
        distances.axis_iter_mut(Axis(0)).into_par_iter().zip(&sample).for_each(|(mut row, &photo)| {
            for (distance, &other) in row.iter_mut().zip(&sample) {
                let [photo, other] = [photo, other].map(|at| embeddings[at].as_slice());
                *distance = lanes::squared_distance(photo, other).sqrt();
            }
        });
        Self { sample, distances }
    }

    /// The sample's mean silhouette in [−1, 1] (Rousseeuw, "Silhouettes: a graphical aid to the interpretation and
    /// validation of cluster analysis", 1987), given the cluster of each of the collection's photos. A photo alone in its
    /// cluster has 0. `None` if all are in one.
    pub fn silhouette(&self, labels: &[u32]) -> Option<f64> {
        let labels: Vec<_> = self.sample.iter().map(|&at| labels[at] as usize).collect();
        let mut sizes = vec![0_u32; labels.iter().max()? + 1];
        labels.iter().for_each(|&label| sizes[label] += 1);
        if sizes.iter().filter(|&&size| size > 0).count() < 2 {
            return None;
        }
        let one = |(row, &own): (ndarray::ArrayView1<f32>, &usize)| {
            let mut sums = vec![0.0; sizes.len()];
            row.iter().zip(&labels).for_each(|(&distance, &label)| sums[label] += f64::from(distance));
            of_photo(&sums, &sizes, own)
        };
        Some(self.distances.rows().into_iter().zip(&labels).map(one).sum::<f64>() / labels.len() as f64)
    }
}

/// One photo's, given the sum of its distances from each cluster's photos.
fn of_photo(sums: &[f64], sizes: &[u32], own: usize) -> f64 {
    if sizes[own] == 1 {
        return 0.0;
    }
    let within = sums[own] / f64::from(sizes[own] - 1);
    let others = (0..sums.len()).filter(|&label| label != own && sizes[label] > 0);
    let nearest = others.map(|label| sums[label] / f64::from(sizes[label])).fold(f64::INFINITY, f64::min);
    let larger = within.max(nearest);
    if larger > 0.0 { (nearest - within) / larger } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linfa::{DatasetBase, prelude::SilhouetteScore};
    use ndarray::Array1;
    use rand::Rng;

    fn photos(count: usize) -> Vec<Embedding> {
        let mut rng = Xoshiro256Plus::seed_from_u64(6);
        let mut photo = || Embedding::from_features((0..11).map(|_| rng.gen_range(-1.0..1.0)).collect()).unwrap();
        (0..count).map(|_| photo()).collect()
    }

    #[test]
    fn it_is_that_of_linfa() {
        let embeddings = photos(90);
        let rows = crate::embed::rows(&embeddings);
        let pairs = Pairs::new(&embeddings, 1);
        for clusters in [2, 3, 7] {
            let labels: Vec<u32> = (0..90).map(|at| at * at % clusters).collect();
            let targets: Array1<usize> = labels.iter().map(|&label| label as usize).collect();
            let slow: f64 = DatasetBase::new(rows.clone(), targets).silhouette_score().unwrap();
            let fast = pairs.silhouette(&labels).unwrap();
            assert!((fast - slow).abs() < 1e-6, "{fast} for {slow}");
        }
    }

    #[test]
    fn who_is_alone_or_has_copies_everywhere_counts_nothing() {
        let embeddings = photos(2);
        assert_eq!(Pairs::new(&embeddings, 1).silhouette(&[0, 1]), Some(0.0));
        assert_eq!(Pairs::new(&embeddings, 1).silhouette(&[3, 3]), None);
        let same = vec![embeddings[0].clone(); 4];
        assert_eq!(Pairs::new(&same, 1).silhouette(&[0, 1, 0, 1]), Some(0.0));
    }

    #[test]
    fn a_large_collection_is_sampled() {
        let places = sample(SAMPLE + 500, 3);
        assert_eq!(places.len(), SAMPLE);
        assert!(places.is_sorted() && places != sample(SAMPLE + 500, 4));
        assert_eq!(sample(SAMPLE, 3), (0..SAMPLE).collect::<Vec<_>>());
    }
}
