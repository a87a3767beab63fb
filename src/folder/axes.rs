//! A map by principal components: the two directions in which the photos differ most.

use crate::{embedding::Embedding, gallery::place::as_read, lanes::dot};

/// Rounds of the power iteration: two directions of nearly equal weight may come out turned, which shows as much.
const ROUNDS: usize = 100;

/// Each photo's place in [−1, 1]², around the middle of all. Both axes have one scale: distances stay comparable.
pub fn axes(embeddings: &[Embedding]) -> Vec<[f32; 2]> {
    let width = embeddings.first().map_or(0, Embedding::width);
    let count = embeddings.len() as f32;
    let mean: Vec<f32> =
        (0..width).map(|at| embeddings.iter().map(|e| e.as_slice()[at]).sum::<f32>() / count).collect();
    let centred: Vec<Vec<f32>> =
        embeddings.iter().map(|e| e.as_slice().iter().zip(&mean).map(|(x, m)| x - m).collect()).collect();
    let first = direction(&centred, width, None);
    let second = direction(&centred, width, Some(&first));
    let places: Vec<[f32; 2]> = centred.iter().map(|row| [dot(row, &first), dot(row, &second)]).collect();
    let longest = places.iter().flatten().fold(0.0_f32, |longest, x| longest.max(x.abs())).max(f32::MIN_POSITIVE);
    places.into_iter().map(|[x, y]| as_read([x / longest, y / longest])).collect()
}

/// The direction of the largest variance, at a right angle to `other`. All zero where the photos do not differ.
fn direction(rows: &[Vec<f32>], width: usize, other: Option<&[f32]>) -> Vec<f32> {
    // Any start that is not at a right angle to the answer; no two coordinates are alike.
    let mut direction: Vec<f32> = (0..width).map(|at| 1.0 / (at + 1) as f32).collect();
    for _ in 0..ROUNDS {
        let mut next = vec![0.0_f32; width];
        for row in rows {
            let along = dot(row, &direction);
            next.iter_mut().zip(row).for_each(|(sum, x)| *sum += along * x);
        }
        if let Some(other) = other {
            let along = dot(&next, other);
            next.iter_mut().zip(other).for_each(|(x, o)| *x -= along * o);
        }
        let length = dot(&next, &next).sqrt();
        if length < 1e-6 {
            return vec![0.0; width];
        }
        direction = next.into_iter().map(|x| x / length).collect();
    }
    direction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embeddings(features: &[[f32; 3]]) -> Vec<Embedding> {
        features.iter().map(|features| Embedding::from_features(features.to_vec()).unwrap()).collect()
    }

    #[test]
    fn the_wider_spread_is_the_first_axis() {
        let places = axes(&embeddings(&[[1.0, 0.5, 0.0], [1.0, -0.5, 0.0], [1.0, 0.0, 0.2], [1.0, 0.0, -0.2]]));
        assert!(places[0][0].abs() > 0.99 && places[0][1].abs() < 0.05, "{places:?}");
        assert!((places[0][0] + places[1][0]).abs() < 1e-3, "{places:?}");
        assert!(places[2][1].abs() > 0.2 && places[2][0].abs() < 0.05, "{places:?}");
        assert!((places[2][1] + places[3][1]).abs() < 1e-3, "{places:?}");
    }

    #[test]
    fn equal_photos_lie_in_the_middle() {
        assert_eq!(axes(&embeddings(&[[1.0, 0.0, 0.0]; 4])), [[0.0; 2]; 4]);
        assert_eq!(axes(&embeddings(&[[0.0, 1.0, 0.0]])), [[0.0; 2]]);
        assert_eq!(axes(&[]), Vec::<[f32; 2]>::new());
    }
}
