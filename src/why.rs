//! Which regions of two photos match.
//!
//! An encoder's last feature map has a vector for each cell of a coarse grid over the photo. Much of such a vector is
//! the same everywhere, so each is taken less the mean over all cells of both photos; then a cell's match is the cell of
//! the other photo with the highest cosine. A cell that is nothing but the mean matches nothing: its cosine is 0.

use serde::{Deserialize, Serialize};

use crate::lanes::dot;

/// A vector for each cell of a photo, row by row: `[cells, channels]`.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMap {
    /// Numbers a cell, at least 1.
    pub channels: usize,
    /// The vectors, one behind the other.
    pub values: Vec<f32>,
}

/// The cell of the other photo that is most like a cell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// Its place, row by row; the first of equals.
    pub cell: u32,
    /// The cosine of the two, in [−1, 1].
    pub similarity: f32,
}

/// For each cell of each photo its match in the other.
pub fn matches(one: &FeatureMap, other: &FeatureMap) -> [Vec<Match>; 2] {
    let mean = mean(one, other);
    let [one, other] = [one, other].map(|map| directions(map, &mean));
    [best(&one, &other), best(&other, &one)]
}

/// Over all cells of both photos, `[channels]`.
fn mean(one: &FeatureMap, other: &FeatureMap) -> Vec<f32> {
    let mut sum = vec![0.0_f64; one.channels];
    let cells = [one, other].into_iter().flat_map(|map| map.values.chunks_exact(map.channels));
    cells.clone().for_each(|cell| sum.iter_mut().zip(cell).for_each(|(sum, &x)| *sum += f64::from(x)));
    let count = cells.count().max(1) as f64;
    sum.iter().map(|sum| (sum / count) as f32).collect()
}

/// Unit vectors away from the mean; zero where there is nothing but the mean.
fn directions(map: &FeatureMap, mean: &[f32]) -> Vec<Vec<f32>> {
    let cells = map.values.chunks_exact(map.channels);
    let centred = cells.map(|cell| cell.iter().zip(mean).map(|(x, mean)| x - mean).collect::<Vec<f32>>());
    centred
        .map(|cell| {
            let norm = dot(&cell, &cell).sqrt();
            // Rounding alone leaves less than this beside numbers of the size of the mean.
            let nothing = norm <= 1e-5 * dot(mean, mean).sqrt();
            cell.iter().map(|x| if nothing { 0.0 } else { x / norm }).collect()
        })
        .collect()
}

fn best(cells: &[Vec<f32>], others: &[Vec<f32>]) -> Vec<Match> {
    let best_of = |cell: &Vec<f32>| {
        let all = (0..)
            .zip(others)
            .map(|(place, other)| Match { cell: place, similarity: dot(cell, other).clamp(-1.0, 1.0) });
        all.reduce(|best, next| if next.similarity > best.similarity { next } else { best })
    };
    cells.iter().filter_map(best_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spread;

    fn map(channels: usize, values: &[f32]) -> FeatureMap {
        FeatureMap { channels, values: values.to_vec() }
    }

    /// Numbers without a pattern, in [0, 1), as after an activation.
    fn noise(seed: u64, cells: usize, channels: usize) -> FeatureMap {
        let mut next = spread::numbers(seed);
        FeatureMap { channels, values: (0..cells * channels).map(|_| next()).collect() }
    }

    /// The slow twin: straight from the definition, in f64.
    fn slowly(one: &FeatureMap, other: &FeatureMap) -> Vec<(usize, f64)> {
        let cells = |map: &FeatureMap| {
            map.values
                .chunks(map.channels)
                .map(|c| c.iter().map(|&x| f64::from(x)).collect::<Vec<_>>())
                .collect::<Vec<_>>()
        };
        let (one, other) = (cells(one), cells(other));
        let all: Vec<_> = one.iter().chain(&other).collect();
        let mean: Vec<f64> =
            (0..one[0].len()).map(|at| all.iter().map(|cell| cell[at]).sum::<f64>() / all.len() as f64).collect();
        let cosine = |a: &[f64], b: &[f64]| {
            let [mut ab, mut aa, mut bb] = [0.0; 3];
            for (at, mean) in mean.iter().enumerate() {
                let (a, b) = (a[at] - mean, b[at] - mean);
                ab += a * b;
                aa += a * a;
                bb += b * b;
            }
            ab / (aa * bb).sqrt()
        };
        one.iter()
            .map(|cell| {
                let all = other.iter().map(|other| cosine(cell, other)).enumerate();
                all.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
            })
            .collect()
    }

    #[test]
    fn the_matches_are_those_of_the_definition() {
        let (one, other) = (noise(1, 36, 40), noise(2, 36, 40));
        let [there, back] = matches(&one, &other);
        for (fast, slow) in [(there, slowly(&one, &other)), (back, slowly(&other, &one))] {
            assert_eq!(fast.len(), 36);
            for (fast, (cell, similarity)) in fast.iter().zip(slow) {
                assert_eq!(fast.cell as usize, cell);
                assert!((f64::from(fast.similarity) - similarity).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn a_photo_matches_itself_cell_by_cell() {
        let one = noise(3, 16, 8);
        let [there, back] = matches(&one, &one);
        for (cell, found) in there.iter().chain(&back).enumerate() {
            assert_eq!(found.cell as usize, cell % 16);
            assert!(found.similarity > 0.9999);
        }
    }

    #[test]
    fn what_has_moved_is_found_where_it_is_now() {
        // One cell has something in the second channel, here the first, there the last.
        let (one, other) = (map(2, &[1.0, 5.0, 1.0, 0.0, 1.0, 0.0]), map(2, &[1.0, 0.0, 1.0, 0.0, 1.0, 5.0]));
        let [there, back] = matches(&one, &other);
        assert_eq!((there[0].cell, back[2].cell), (2, 0));
        assert!(there[0].similarity > 0.999);
    }

    #[test]
    fn where_all_is_the_same_nothing_matches() {
        let flat = map(3, &[0.3; 12]);
        let [there, back] = matches(&flat, &flat);
        assert!(there.iter().chain(&back).all(|found| found.similarity.abs() < 1e-6 && found.cell == 0));
    }
}
