//! A word for how alike two photos are, from thresholds that a gallery takes from its own distances.
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

use crate::{embedding::Embedding, gallery::Thresholds};

/// A collection of fewer photos, or fewer without a twin, says too little about what is usual.
const MIN_PHOTOS: usize = 20;

/// The share of pairs that are less than related.
const UNRELATED_PAIRS: f64 = 0.95;

/// The part of the usual distance of neighbours within which photos are near-duplicates.
const NEAR_DUPLICATE: f32 = 0.25;

/// Pairs that are looked at, about: enough for three digits of the percentile.
const PAIRS: usize = 500_000;

/// From this cosine similarity on two photos are the same to the encoder.
///
/// Rounding stays above it: the steps that a gallery is stored in move a unit vector of 64 coordinates by 0.009, which
/// costs 4·10⁻⁵ of the cosine, 6·10⁻⁵ at most among 17,152 photos; a device that is off by [`crate::engine`]'s tolerance
/// of 10⁻³ in each of them costs 3·10⁻⁵.
pub const IDENTICAL: f32 = 0.9999;

/// The words, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// More alike than most pairs of the collection.
    Related,
    /// As alike as neighbours in the collection usually are.
    LookAlike,
    /// Much closer than neighbours usually are: another size, crop or shot of the same.
    NearDuplicate,
    /// The same to the encoder.
    Identical,
}

impl Likeness {
    /// Its name in attributes, tables and reports; what people read is the page's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Related => "related",
            Self::LookAlike => "look-alike",
            Self::NearDuplicate => "near-duplicate",
            Self::Identical => "identical",
        }
    }
}

/// The strongest word whose threshold a similarity reaches; `None` below all of them.
pub fn likeness(similarity: f32, thresholds: &Thresholds) -> Option<Likeness> {
    let words = [
        (thresholds.identical, Likeness::Identical),
        (thresholds.near_duplicate, Likeness::NearDuplicate),
        (thresholds.look_alike, Likeness::LookAlike),
        (thresholds.related, Likeness::Related),
    ];
    words.into_iter().find(|(threshold, _)| similarity >= *threshold).map(|(_, likeness)| likeness)
}

/// Thresholds for a collection that can't tell what is usual: only identical photos get a word.
pub const UNCALIBRATED: Thresholds =
    Thresholds { related: IDENTICAL, look_alike: IDENTICAL, near_duplicate: IDENTICAL, identical: IDENTICAL };

/// Whether there is any word but identical.
pub fn is_calibrated(thresholds: &Thresholds) -> bool {
    thresholds.related < thresholds.identical
}

/// The thresholds of a collection, photos sorted by path. `neighbors`: the similarity of each photo to its nearest neighbour.
pub fn calibrate(mut neighbors: Vec<f32>, embeddings: &[Embedding]) -> Thresholds {
    neighbors.retain(|&similarity| similarity < IDENTICAL);
    if neighbors.len() < MIN_PHOTOS {
        return UNCALIBRATED;
    }
    let usual = quantile(&mut neighbors, 0.5);
    let near_duplicate = (1.0 - NEAR_DUPLICATE * (1.0 - usual)).clamp(0.0, IDENTICAL);
    // A cosine below 0 is no likeness, however rare it is.
    let look_alike = usual.clamp(0.0, near_duplicate);
    let related = quantile(&mut pair_similarities(embeddings), UNRELATED_PAIRS).clamp(0.0, look_alike);
    Thresholds { related, look_alike, near_duplicate, identical: IDENTICAL }
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

    const THRESHOLDS: Thresholds =
        Thresholds { related: 0.5, look_alike: 0.75, near_duplicate: 0.9375, identical: IDENTICAL };

    #[test]
    fn a_threshold_belongs_to_its_word() {
        let word = |similarity| likeness(similarity, &THRESHOLDS).map(Likeness::name);
        assert_eq!(word(1.0), Some("identical"));
        assert_eq!(word(IDENTICAL), Some("identical"));
        assert_eq!(word(0.999), Some("near-duplicate"));
        assert_eq!(word(0.9375), Some("near-duplicate"));
        assert_eq!(word(0.75), Some("look-alike"));
        assert_eq!(word(0.74), Some("related"));
        assert_eq!(word(0.49), None);
        assert_eq!(word(-1.0), None);
    }

    #[test]
    fn more_similar_is_never_a_weaker_word() {
        let words: Vec<_> = (-100..=100).map(|at| likeness(at as f32 / 100.0, &THRESHOLDS)).collect();
        assert!(words.is_sorted());
    }

    #[test]
    fn without_calibration_only_identical_photos_get_a_word() {
        assert!(is_calibrated(&THRESHOLDS) && !is_calibrated(&UNCALIBRATED));
        assert_eq!(likeness(1.0, &UNCALIBRATED), Some(Likeness::Identical));
        assert_eq!(likeness(0.999, &UNCALIBRATED), None);
    }

    #[test]
    fn a_large_collection_is_sampled_evenly() {
        let around = |at: usize| std::f32::consts::TAU * at as f32 / 3000.0;
        let point = |angle: f32| Embedding::from_features(vec![angle.cos(), angle.sin()]).unwrap();
        let all: Vec<_> = (0..3000).map(|at| point(around(at))).collect();
        let pairs = pair_similarities(&all);
        assert!((PAIRS / 2..=PAIRS + all.len()).contains(&pairs.len()), "{}", pairs.len());
        // All around the circle, the mean cosine is 0.
        let mean = pairs.iter().map(|&x| f64::from(x)).sum::<f64>() / pairs.len() as f64;
        assert!(mean.abs() < 0.01, "{mean}");
    }
}
