//! The strongest directions of many rows.

use anyhow::Result;
use ndarray::Array2;
use rand::{Rng as _, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;

use crate::{orthonormal::orthonormal, product::product};

/// Orthonormal columns `[features, count]` that span about the `count` strongest directions of rows `[rows, features]`, by
/// seeded subspace iteration (Halko et al., "Finding structure with randomness", 2011, algorithm 4.4). Each pass comes
/// closer. Which axes within the subspace the columns are is arbitrary.
///
/// # Errors
/// Numbers that are not finite.
pub fn subspace(rows: &Array2<f64>, count: usize, passes: usize, seed: u64) -> Result<Array2<f64>> {
    // Features' products with each other are fewer numbers than many rows.
    let products = (rows.nrows() > rows.ncols()).then(|| product(rows.t(), rows.view()));
    let mut rng = Xoshiro256Plus::seed_from_u64(seed);
    let mut basis = Array2::from_shape_simple_fn((rows.ncols(), count), || rng.gen_range(-1.0..1.0));
    for _ in 0..passes {
        // In the place of the one before: two would be held otherwise.
        basis = match &products {
            Some(products) => product(products.view(), basis.view()),
            None => product(rows.t(), product(rows.view(), basis.view()).view()),
        };
        basis = orthonormal(basis)?;
    }
    Ok(basis)
}
