//! Orthonormal columns.

use anyhow::Result;
use linfa_linalg::{
    cholesky::Cholesky as _,
    qr::QR as _,
    triangular::{SolveTriangular as _, UPLO},
};
use ndarray::Array2;

use crate::product::product;

/// How far the columns' products may be from those of orthonormal ones.
const TOLERANCE: f64 = 1e-10;

/// Passes until they are that near: two for all but nearly dependent columns.
const PASSES: usize = 3;

/// Orthonormal columns, `[rows, columns]`, that span what these do, of which there must not be more than rows.
///
/// By the Cholesky factor of their products (Yamamoto et al., "Roundoff error analysis of the CholeskyQR2 algorithm",
/// 2015), which is nearly all matrix products, and so ten times as fast as reflections. Those are for columns that
/// depend on each other.
///
/// # Errors
/// Numbers that are not finite.
pub fn orthonormal(mut columns: Array2<f64>) -> Result<Array2<f64>> {
    let identity = Array2::<f64>::eye(columns.ncols());
    for _ in 0..=PASSES {
        let products = product(columns.t(), columns.view());
        if products.iter().zip(&identity).all(|(a, b)| (a - b).abs() < TOLERANCE) {
            return Ok(columns);
        }
        let Ok(lower) = products.cholesky() else { break };
        let Ok(inverse) = lower.solve_triangular(&identity, UPLO::Lower) else { break };
        columns = product(columns.view(), inverse.t());
    }
    Ok(columns.qr()?.generate_q())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng as _, SeedableRng};
    use rand_xoshiro::Xoshiro256Plus;

    /// Random columns, the last of which is the first one but for so much.
    fn columns(apart: f64) -> Array2<f64> {
        let mut rng = Xoshiro256Plus::seed_from_u64(2);
        let mut columns = Array2::from_shape_simple_fn((40, 7), || rng.gen_range(-1.0..1.0));
        for row in 0..40 {
            columns[[row, 6]] = columns[[row, 0]] + apart * columns[[row, 6]];
        }
        columns
    }

    #[test]
    fn they_are_orthonormal_and_span_what_reflections_do() {
        for apart in [1.0, 1e-3, 1e-6] {
            let columns = columns(apart);
            let fast = orthonormal(columns.clone()).unwrap();
            assert!((fast.t().dot(&fast) - Array2::<f64>::eye(7)).iter().all(|x| x.abs() < TOLERANCE));
            let slow = columns.qr().unwrap().generate_q();
            let projection = |q: &Array2<f64>| q.dot(&q.t());
            let difference = projection(&fast) - projection(&slow);
            assert!(difference.iter().all(|x| x.abs() < 1e-15 / apart.powi(2).max(1e-10) + 1e-9), "{apart}");
        }
    }

    #[test]
    fn columns_that_depend_on_each_other_are_orthonormal_afterwards_too() {
        for columns in [columns(0.0), Array2::zeros((9, 3))] {
            let fast = orthonormal(columns).unwrap();
            let count = fast.ncols();
            assert!((fast.t().dot(&fast) - Array2::<f64>::eye(count)).iter().all(|x| x.abs() < 1e-9));
        }
    }
}
