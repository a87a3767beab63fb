//! How far a map can be trusted (Venna and Kaski, "Neighborhood preservation in nonlinear projection methods", 2001).

use lookalike::embedding::Embedding;
use rayon::prelude::*;

/// Neighbours on the map that are looked at.
pub const NEIGHBORS: usize = 6;

/// All ranks of a photo take time in proportion to the collection: past this many photos, so many are asked, spread evenly.
const ASKED: usize = 2000;

/// Trustworthiness of a map in [0, 1]: 1 if the photos nearest on it are also the nearest in truth. A neighbour on the map
/// that is not among the k nearest costs the number of ranks by which it misses them.
///
/// `None`: fewer than four photos, among which nothing can be wrong.
pub fn trustworthiness(embeddings: &[Embedding], points: &[[f32; 2]]) -> Option<f64> {
    let count = embeddings.len();
    // The measure is defined for k below n / 2.
    let k = NEIGHBORS.min(count.saturating_sub(1) / 2);
    if k == 0 || count < 4 {
        return None;
    }
    let asked: Vec<_> = (0..count).step_by(count.div_ceil(ASKED)).collect();
    let excess: usize = asked.par_iter().map(|&photo| excess_ranks(embeddings, points, photo, k)).sum();
    let worst = (k * (2 * count - 3 * k - 1)) as f64 / 2.0;
    Some(1.0 - excess as f64 / asked.len() as f64 / worst)
}

/// By how many ranks the k nearest on the map miss the k nearest in truth, in all.
fn excess_ranks(embeddings: &[Embedding], points: &[[f32; 2]], photo: usize, k: usize) -> usize {
    let on_map = |other: usize| {
        let [x, y] = [0, 1].map(|axis| points[photo][axis] - points[other][axis]);
        x * x + y * y
    };
    let others = || (0..embeddings.len()).filter(|&other| other != photo);
    let mut nearest: Vec<_> = others().map(|other| (on_map(other), other)).collect();
    if nearest.len() > k {
        nearest.select_nth_unstable_by(k - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        nearest.truncate(k);
    }
    let distance: Vec<_> =
        (0..embeddings.len()).map(|at| embeddings[photo].squared_distance(&embeddings[at])).collect();
    // Equals are ranked by their place, here as everywhere.
    let rank = |of: usize| 1 + others().filter(|&other| (distance[other], other) < (distance[of], of)).count();
    nearest.iter().map(|&(_, near)| rank(near).saturating_sub(k)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, sorted out in full.
    fn slow(embeddings: &[Embedding], points: &[[f32; 2]], k: usize) -> f64 {
        let n = embeddings.len();
        let ranked = |distance: &dyn Fn(usize) -> f32, own: usize| {
            let mut all: Vec<_> = (0..n).filter(|&at| at != own).collect();
            all.sort_by(|&a, &b| distance(a).total_cmp(&distance(b)).then(a.cmp(&b)));
            all
        };
        let mut sum = 0.0;
        for own in 0..n {
            let truth = ranked(&|at| embeddings[own].squared_distance(&embeddings[at]), own);
            let map = ranked(&|at| (0..2).map(|x| (points[own][x] - points[at][x]).powi(2)).sum(), own);
            for near in &map[..k] {
                let rank = truth.iter().position(|at| at == near).unwrap() + 1;
                sum += rank.saturating_sub(k) as f64;
            }
        }
        1.0 - 2.0 / (n * k * (2 * n - 3 * k - 1)) as f64 * sum
    }

    /// Numbers without order, the same each time.
    fn noise(at: usize) -> f32 {
        let mixed = (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f32 / (1 << 24) as f32
    }

    fn scattered(count: usize) -> (Vec<Embedding>, Vec<[f32; 2]>) {
        let features = |at: usize| (0..5).map(|axis| noise(5 * at + axis) - 0.5).collect();
        let embeddings: Vec<_> = (0..count).map(|at| Embedding::from_features(features(at)).unwrap()).collect();
        let points = (0..count).map(|at| [noise(at + 7000), noise(at + 9000)]).collect();
        (embeddings, points)
    }

    #[test]
    fn it_is_what_the_definition_says() {
        for count in [4, 9, 13, 14, 60, 150] {
            let (embeddings, points) = scattered(count);
            let fast = trustworthiness(&embeddings, &points).unwrap();
            let k = NEIGHBORS.min((count - 1) / 2);
            assert!((fast - slow(&embeddings, &points, k)).abs() < 1e-9, "{count} photos: {fast}");
            assert!((0.0..=1.0).contains(&fast));
        }
    }

    #[test]
    fn a_map_that_is_the_truth_is_trusted_and_chance_is_not() {
        let on_an_arc = |at: usize| {
            let angle = 0.03 * at as f32;
            [angle.cos(), angle.sin()]
        };
        let points: Vec<_> = (0..100).map(on_an_arc).collect();
        let embeddings: Vec<_> = points.iter().map(|p| Embedding::from_features(p.to_vec()).unwrap()).collect();
        assert!(trustworthiness(&embeddings, &points).unwrap() > 0.999);
        let (embeddings, points) = scattered(400);
        let chance = trustworthiness(&embeddings, &points).unwrap();
        assert!((0.4..0.6).contains(&chance), "{chance}");
    }

    #[test]
    fn a_large_collection_is_asked_in_part() {
        let (embeddings, points) = scattered(2 * ASKED + 1);
        let part = trustworthiness(&embeddings, &points).unwrap();
        assert!((0.4..0.6).contains(&part), "{part}");
    }

    #[test]
    fn too_few_photos_have_none() {
        for count in 0..4 {
            let (embeddings, points) = scattered(count);
            assert_eq!(trustworthiness(&embeddings, &points), None);
        }
    }
}
