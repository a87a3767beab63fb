//! Sums of many terms, in eight parts that a processor adds up side by side. Their order is always the same: every device has the same bits.

const LANES: usize = 8;

/// The sum of what `term` makes of each pair of numbers.
#[inline]
fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(&a, &b)| term(a, b)).sum();
    for (a, b) in a.zip(b) {
        (0..LANES).for_each(|lane| lanes[lane] += term(a[lane], b[lane]));
    }
    lanes.iter().sum::<f32>() + rest
}

/// The squared Euclidean distance of two points.
#[inline]
pub fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    sum(a, b, |a, b| (a - b) * (a - b))
}

/// The inner product of two vectors.
#[inline]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    sum(a, b, |a, b| a * b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spread;

    #[test]
    fn the_sum_in_lanes_is_that_in_order() {
        let mut next = spread::numbers(3);
        for length in (0..=17).chain([64, 1280]) {
            let [a, b] = [(); 2].map(|()| (0..length).map(|_| next() - 0.5).collect::<Vec<f32>>());
            let exact = |term: fn(f64, f64) -> f64| -> f64 {
                a.iter().zip(&b).map(|(&a, &b)| term(f64::from(a), f64::from(b))).sum()
            };
            assert!((f64::from(dot(&a, &b)) - exact(|a, b| a * b)).abs() < 1e-4, "{length}");
            assert!((f64::from(squared_distance(&a, &b)) - exact(|a, b| (a - b).powi(2))).abs() < 1e-4, "{length}");
        }
    }

    #[test]
    fn a_point_has_no_distance_to_itself() {
        let a = [0.1, -0.7, 0.3, 0.9, 0.2, 0.4, -0.8, 0.6, 0.5];
        assert_eq!(squared_distance(&a, &a).to_bits(), 0);
    }
}
