//! From which similarity on two photos deserve a word, by the collection's own distances.
//!
//! What a cosine of 0.8 means depends on encoder, projection and photos; what a collection holds tells what is usual:
//!
//! - `related`: the 95th percentile of pairs. Two photos taken at random are that similar once in twenty times.
//! - `look-alike`: the median similarity of a photo to its nearest neighbour. Half of the photos have one as similar.
//! - `near-duplicate`: a quarter of the median neighbour's cosine distance, which is half of its angle (1 − cos ≈ θ² / 2).
//!   Copies, crops and the next shot of the same thing lie far inside of what separates neighbours. A part of the
//!   median rather than a low percentile: a percentile would find duplicates in a collection that has none.
//! - `identical`: no more than rounding away, [`IDENTICAL`]; the same in every collection.
//!
//! Median and percentile stay where they are while fewer than half of the photos are unusual. Photos with an identical
//! twin do not count for the median: a folder of copies says nothing about neighbours. Each threshold is at most the next.

use lookalike::{
    embedding::Embedding,
    gallery::Thresholds,
    likeness::{IDENTICAL, UNCALIBRATED},
    search::{Search, SearchError},
};
use rayon::prelude::*;

/// A collection of fewer photos, or fewer without a twin, says too little about what is usual.
const MIN_PHOTOS: usize = 20;

/// The share of pairs that are less than related.
const UNRELATED_PAIRS: f64 = 0.95;

/// The part of the usual distance of neighbours within which photos are near-duplicates.
const NEAR_DUPLICATE: f32 = 0.25;

/// Pairs that are looked at, about: enough for three digits of the percentile.
const PAIRS: usize = 500_000;

/// The thresholds of a collection, photos sorted by path.
///
/// # Errors
/// A collection without a photo.
pub fn calibrate(embeddings: &[Embedding]) -> Result<Thresholds, SearchError> {
    let mut neighbors = neighbor_similarities(embeddings)?;
    neighbors.retain(|&similarity| similarity < IDENTICAL);
    if neighbors.len() < MIN_PHOTOS {
        return Ok(UNCALIBRATED);
    }
    let usual = quantile(&mut neighbors, 0.5);
    let near_duplicate = (1.0 - NEAR_DUPLICATE * (1.0 - usual)).clamp(0.0, IDENTICAL);
    // A cosine below 0 is no likeness, however rare it is.
    let look_alike = usual.clamp(0.0, near_duplicate);
    let related = quantile(&mut pair_similarities(embeddings), UNRELATED_PAIRS).clamp(0.0, look_alike);
    Ok(Thresholds { related, look_alike, near_duplicate, identical: IDENTICAL })
}

/// The similarity of each photo to its nearest neighbour; none for a photo alone.
///
/// # Errors
/// A collection without a photo.
pub fn neighbor_similarities(embeddings: &[Embedding]) -> Result<Vec<f32>, SearchError> {
    let search = Search::new(embeddings.to_vec())?;
    let nearest = |id: u32| search.near(id, 1).and_then(|near| Some(near.first()?.similarity));
    Ok((0..embeddings.len() as u32).into_par_iter().filter_map(nearest).collect())
}

/// The similarities of pairs, in no order that means anything: all pairs of a small collection; of a large one those
/// whose places are certain numbers apart, spread evenly, so that folders count as much as they do among all pairs.
fn pair_similarities(embeddings: &[Embedding]) -> Vec<f32> {
    let count = embeddings.len();
    let apart = (1..=count / 2).step_by((count * (count / 2)).div_ceil(PAIRS).max(1));
    let at = |apart: usize| (0..count).map(move |at| embeddings[at].similarity(&embeddings[(at + apart) % count]));
    apart.flat_map(at).collect()
}

/// The value below which this part of the values lies; of none, 1: nothing reaches it.
fn quantile(values: &mut [f32], part: f64) -> f32 {
    values.sort_by(f32::total_cmp);
    let place = (values.len() as f64 * part) as usize;
    values.get(place).or(values.last()).copied().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(angle: f32) -> Embedding {
        Embedding::from_features(vec![angle.cos(), angle.sin()]).unwrap()
    }

    /// Photos along an arc, this many rad apart.
    fn arc(count: usize, step: f32) -> Vec<Embedding> {
        (0..count).map(|at| point(at as f32 * step)).collect()
    }

    fn ascends(t: &Thresholds) -> bool {
        let all = [0.0, t.related, t.look_alike, t.near_duplicate, t.identical, 1.0];
        all.is_sorted()
    }

    #[test]
    fn a_look_alike_is_as_near_as_neighbours_are_and_a_near_duplicate_at_half_the_angle() {
        let thresholds = calibrate(&arc(60, 0.05)).unwrap();
        assert!((thresholds.look_alike - 0.05_f32.cos()).abs() < 1e-5, "{thresholds:?}");
        assert!((thresholds.near_duplicate - 0.025_f32.cos()).abs() < 1e-5, "{thresholds:?}");
        assert!(thresholds.related < thresholds.look_alike && ascends(&thresholds), "{thresholds:?}");
    }

    #[test]
    fn one_pair_in_twenty_is_related() {
        // No two pairs equally far apart.
        let all: Vec<_> = (0..60).map(|at| point((at * at) as f32 * 7e-4)).collect();
        let related = calibrate(&all).unwrap().related;
        let mut pairs = 0;
        let mut reached = 0;
        for (at, a) in all.iter().enumerate() {
            for b in &all[at + 1..] {
                pairs += 1;
                reached += usize::from(a.similarity(b) >= related);
            }
        }
        let part = f64::from(reached as u32) / f64::from(pairs);
        assert!((0.04..0.06).contains(&part), "{part}");
    }

    #[test]
    fn too_few_or_too_equal_photos_leave_only_identical() {
        for count in [1, 2, 5, MIN_PHOTOS - 1] {
            assert_eq!(calibrate(&arc(count, 0.1)).unwrap(), UNCALIBRATED, "{count} photos");
        }
        assert_eq!(calibrate(&vec![point(1.0); 100]).unwrap(), UNCALIBRATED);
        assert!(calibrate(&[]).is_err());
    }

    #[test]
    fn copies_change_nothing_about_neighbours() {
        let alone = arc(30, 0.1);
        let with_copies: Vec<_> = alone.iter().cloned().chain(vec![point(5.0); 40]).collect();
        let (without, with) = (calibrate(&alone).unwrap(), calibrate(&with_copies).unwrap());
        assert!((without.look_alike - with.look_alike).abs() < 1e-6);
        assert!(ascends(&with), "{with:?}");
    }

    #[test]
    fn neighbours_at_right_angles_keep_the_order() {
        // Forty axes and their opposites: neighbours at a right angle, cosine 0.
        let axis = |at: usize, sign: f32| {
            let mut features = vec![0.0; 40];
            features[at] = sign;
            Embedding::from_features(features).unwrap()
        };
        let all: Vec<_> = (0..40).flat_map(|at| [axis(at, 1.0), axis(at, -1.0)]).collect();
        let thresholds = calibrate(&all).unwrap();
        assert!(ascends(&thresholds), "{thresholds:?}");
    }

    #[test]
    fn a_large_collection_is_sampled_evenly() {
        let all = arc(3000, std::f32::consts::TAU / 3000.0);
        let pairs = pair_similarities(&all);
        assert!((PAIRS / 2..=PAIRS + all.len()).contains(&pairs.len()), "{}", pairs.len());
        // All around the circle, the mean cosine is 0.
        let mean = pairs.iter().map(|&x| f64::from(x)).sum::<f64>() / pairs.len() as f64;
        assert!(mean.abs() < 0.01, "{mean}");
    }
}
