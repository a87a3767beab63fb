//! The similarities of neighbours, from which a collection's thresholds of likeness follow, on all cores.

use lookalike::{
    embedding::Embedding,
    gallery::Thresholds,
    likeness,
    search::{Search, SearchError},
};
use rayon::prelude::*;

/// The thresholds of a collection, photos sorted by path.
///
/// # Errors
/// A collection without a photo.
pub fn calibrate(embeddings: &[Embedding]) -> Result<Thresholds, SearchError> {
    Ok(likeness::calibrate(neighbor_similarities(embeddings)?, embeddings))
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

#[cfg(test)]
mod tests {
    use lookalike::likeness::UNCALIBRATED;

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
        for count in [1, 2, 5, 19] {
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
}
