//! A word for how alike two photos are, from thresholds that a gallery takes from its own distances.

use crate::gallery::Thresholds;

/// From this cosine similarity on two photos are the same to the encoder.
///
/// Rounding stays above it: half precision moves a unit vector by at most 2⁻¹¹, which costs 10⁻⁷ of the cosine, and a
/// device that is off by [`crate::engine`]'s tolerance of 10⁻³ in each of 64 coordinates costs 3·10⁻⁵.
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
    /// For people.
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
}
