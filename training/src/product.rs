//! Products of matrices on all cores.

use ndarray::{Array2, ArrayView2, Axis, linalg::general_mat_mul, parallel::prelude::*};

/// Rows that a core takes at a time.
const ROWS: usize = 128;

/// `a · b`, `[m, k]` by `[k, n]`. Each row of the result is computed by itself: the same on however many cores.
pub fn product(a: ArrayView2<f64>, b: ArrayView2<f64>) -> Array2<f64> {
    let mut y = Array2::zeros((a.nrows(), b.ncols()));
    let parts = y.axis_chunks_iter_mut(Axis(0), ROWS).into_par_iter();
    let parts = parts.zip(a.axis_chunks_iter(Axis(0), ROWS));
    parts.for_each(|(mut y, a)| general_mat_mul(1.0, &a, &b, 0.0, &mut y));
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_product_whatever_lies_how_in_memory() {
        let number = |(row, column): (usize, usize)| ((row * 7 + column * 3) % 11) as f64 - 4.5;
        let (a, b) = (Array2::from_shape_fn((300, 50), number), Array2::from_shape_fn((50, 9), number));
        let entry = |(row, column)| (0..50).map(|k| a[[row, k]] * b[[k, column]]).sum::<f64>();
        let slow = Array2::from_shape_fn((300, 9), entry);
        assert_eq!(product(a.view(), b.view()), slow);
        let transposed = a.t().as_standard_layout().into_owned();
        assert_eq!(product(transposed.t(), b.view()), slow);
        assert_eq!(product(Array2::zeros((0, 50)).view(), b.view()).dim(), (0, 9));
    }
}
