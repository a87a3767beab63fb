//! Principal components: the projection to the embedding, and the first layout of the map.

use anyhow::{Context, Result};
use linfa_linalg::{
    Order,
    eigh::{EigSort, Eigh},
};
use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::{product::product, subspace::subspace};

/// Mean and principal directions of some vectors (Pearson, 1901). Not whitened: whitening with the statistics of a
/// small collection costs half of the accuracy.
pub struct Pca {
    /// `[features]`.
    pub mean: Array1<f64>,
    /// `[components, features]`: orthonormal rows, largest variance first, each with a positive largest entry.
    pub components: Array2<f64>,
}

impl Pca {
    /// Fits to rows `[vectors, features]`; gives at most as many components as there are features.
    ///
    /// # Errors
    /// Numbers that are not finite.
    pub fn fit(rows: ArrayView2<f64>, components: usize) -> Result<Self> {
        let mean = rows.mean_axis(Axis(0)).context("there is nothing to fit")?;
        Self::fit_around(rows, mean, components)
    }

    /// Fits to rows likewise, around a point that is given instead of their mean.
    ///
    /// # Errors
    /// Numbers that are not finite.
    pub fn fit_around(rows: ArrayView2<f64>, mean: Array1<f64>, components: usize) -> Result<Self> {
        let centred = &rows - &mean;
        anyhow::ensure!(centred.iter().all(|x| x.is_finite()), "the features are not finite");
        let mut directions = directions(&centred, components.min(rows.ncols()))?;
        // An eigenvector's sign is chance: fix it, so that the same photos give the same bytes.
        for mut row in directions.rows_mut() {
            let largest = row.iter().copied().fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
            if largest < 0.0 {
                row.mapv_inplace(|x| -x);
            }
        }
        Ok(Self { mean, components: directions })
    }

    /// Coordinates `[vectors, components]` of rows `[vectors, features]`.
    pub fn transform(&self, rows: ArrayView2<f64>) -> Array2<f64> {
        // Centred afterwards: they are fewer numbers then.
        product(rows, self.components.t()) - self.components.dot(&self.mean)
    }
}

/// Features up to which all eigenvectors are computed: beyond, that takes minutes.
const EXACT: usize = 512;

/// Dimensions beyond those wanted, and passes, of the subspace iteration.
const SPARE: usize = 32;
const PASSES: usize = 8;

/// Directions of the largest variance, `[count, features]`, of centred rows.
fn directions(centred: &Array2<f64>, count: usize) -> Result<Array2<f64>> {
    if centred.ncols() <= EXACT.max(count + SPARE) {
        return largest(&(product(centred.t(), centred.view()) / centred.nrows() as f64), count);
    }
    // More directions than rows have are not there to be found, and made up one by one.
    let sought = (count + SPARE).min(centred.nrows().saturating_sub(1).max(count));
    let basis = subspace(centred, sought, PASSES, 1)?; // [features, sought]
    let inside = product(centred.view(), basis.view()); // [rows, sought]
    let within = largest(&(product(inside.t(), inside.view()) / centred.nrows() as f64), count)?;
    Ok(product(within.view(), basis.t()))
}

/// The eigenvectors of a symmetric matrix with the largest eigenvalues, as rows.
fn largest(matrix: &Array2<f64>, count: usize) -> Result<Array2<f64>> {
    let (_, vectors) = matrix.eigh().context("the principal components can't be computed")?.sort_eig(Order::Largest);
    Ok(vectors.t().slice(ndarray::s![..count, ..]).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use rand::{Rng as _, SeedableRng};
    use rand_xoshiro::Xoshiro256Plus;

    #[test]
    fn the_longest_direction_comes_first() {
        let rows = array![[-2.0, 0.1, 5.0], [-1.0, -0.1, 5.0], [1.0, -0.1, 5.0], [2.0, 0.1, 5.0]];
        let pca = Pca::fit(rows.view(), 2).unwrap();
        assert!((pca.components[[0, 0]] - 1.0).abs() < 1e-9);
        assert!((pca.components[[1, 1]] - 1.0).abs() < 1e-9);
        let coordinates = pca.transform(rows.view());
        assert!((coordinates[[3, 0]] - 2.0).abs() < 1e-9 && (coordinates[[3, 1]] - 0.1).abs() < 1e-9);
    }

    #[test]
    fn equal_vectors_have_components_too() {
        let pca = Pca::fit(Array2::from_elem((2, 5), 3.0).view(), 5).unwrap();
        let product = pca.components.dot(&pca.components.t());
        assert!((product - Array2::<f64>::eye(5)).iter().all(|x| x.abs() < 1e-9));
    }

    #[test]
    fn wide_features_have_the_components_of_the_exact_way() {
        let mut rng = Xoshiro256Plus::seed_from_u64(5);
        let factors = Array2::from_shape_simple_fn((80, 12), || rng.gen_range(-1.0..1.0));
        let scales = Array1::from_shape_fn(12, |at| 0.7_f64.powi(at as i32));
        let loadings = Array2::from_shape_simple_fn((12, 600), || rng.gen_range(-1.0..1.0));
        let rows: Array2<f64> = (&factors * &scales).dot(&loadings);
        let pca = Pca::fit(rows.view(), 6).unwrap();
        let centred = &rows - &pca.mean;
        let exact = largest(&(centred.t().dot(&centred) / 80.0), 6).unwrap();
        for (fast, exact) in pca.components.rows().into_iter().zip(exact.rows()) {
            assert!(fast.dot(&exact).abs() > 1.0 - 1e-6, "{}", fast.dot(&exact));
        }
    }
}
