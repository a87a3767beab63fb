//! How good a ranking is: leave-one-out retrieval with class folders as labels (Manning et al., 2008, chapter 8).

use rayon::prelude::*;
use serde::Serialize;

/// Means over all queries, each in [0, 1]. A query is never its own neighbour.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Number of photos; each is a query once.
    pub images: usize,
    /// Number of classes.
    pub classes: usize,
    /// Share of queries whose nearest neighbour is of their class.
    pub precision_at_1: f64,
    /// Share of a query's six nearest neighbours that are of its class.
    pub precision_at_6: f64,
    /// Precision among the first R, where R is the number of other photos of the class.
    pub r_precision: f64,
    /// Precision at the place of each photo of the class, averaged.
    pub mean_average_precision: f64,
}

/// One query's figures, in the order of [`Evaluation`]'s.
type Figures = [f64; 4];

/// Evaluates unit vectors `[photos, D]` by cosine similarity; equals are ranked by their place.
pub fn evaluate(vectors: &[Vec<f32>], classes: &[&str]) -> Evaluation {
    let sums = (0..vectors.len())
        .into_par_iter()
        .map(|query| figures(&ranking(vectors, query), classes, query))
        // Summed in order: a parallel sum would differ in its last bits from run to run.
        .collect::<Vec<Figures>>()
        .into_iter()
        .fold([0.0; 4], |a, b| std::array::from_fn(|i| a[i] + b[i]));
    let [precision_at_1, precision_at_6, r_precision, mean_average_precision] =
        sums.map(|sum| sum / vectors.len().max(1) as f64);
    let mut distinct = classes.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let (images, classes) = (vectors.len(), distinct.len());
    Evaluation { images, classes, precision_at_1, precision_at_6, r_precision, mean_average_precision }
}

/// The other vectors' places, most similar first.
pub fn ranking(vectors: &[Vec<f32>], query: usize) -> Vec<usize> {
    let similarity = |at: usize| -> f32 { vectors[query].iter().zip(&vectors[at]).map(|(a, b)| a * b).sum() };
    let mut others: Vec<_> = (0..vectors.len()).filter(|&at| at != query).map(|at| (similarity(at), at)).collect();
    others.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    others.into_iter().map(|(_, at)| at).collect()
}

fn figures(ranking: &[usize], classes: &[&str], query: usize) -> Figures {
    let relevant: Vec<bool> = ranking.iter().map(|&at| classes[at] == classes[query]).collect();
    let total = relevant.iter().filter(|&&r| r).count();
    // A photo alone in its class can't be found: it counts as a miss.
    if total == 0 {
        return [0.0; 4];
    }
    let precision = |k: usize| relevant.iter().take(k).filter(|&&r| r).count() as f64 / k as f64;
    let (mut found, mut precisions) = (0, 0.0);
    for (place, _) in relevant.iter().enumerate().filter(|(_, relevant)| **relevant) {
        found += 1;
        precisions += f64::from(found) / (place + 1) as f64;
    }
    [precision(1), precision(6), precision(total), precisions / total as f64]
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // small fractions, added in a fixed order
mod tests {
    use super::*;

    #[test]
    fn figures_by_hand() {
        // Ranked: hit, miss, hit, miss; two relevant.
        let figures = figures(&[1, 2, 3, 4], &["a", "a", "b", "a", "b"], 0);
        assert_eq!(figures, [1.0, 2.0 / 6.0, 0.5, (1.0 + 2.0 / 3.0) / 2.0]);
    }

    #[test]
    fn a_perfect_ranking_is_one() {
        let vectors: Vec<_> = (0..14).map(|at| if at < 7 { vec![1.0, 0.0] } else { vec![0.0, 1.0] }).collect();
        let classes: Vec<_> = (0..14).map(|at| if at < 7 { "a" } else { "b" }).collect();
        let evaluation = evaluate(&vectors, &classes);
        let figures = [
            evaluation.precision_at_1,
            evaluation.precision_at_6,
            evaluation.r_precision,
            evaluation.mean_average_precision,
        ];
        assert_eq!(figures, [1.0; 4]);
        assert_eq!((evaluation.images, evaluation.classes), (14, 2));
    }

    #[test]
    fn a_photo_alone_in_its_class_is_a_miss() {
        let evaluation = evaluate(&[vec![1.0], vec![1.0]], &["a", "b"]);
        assert_eq!(evaluation.mean_average_precision, 0.0);
    }
}
