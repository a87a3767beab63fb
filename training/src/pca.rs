//! Principal components: the projection to the embedding, and the first layout of the map.

use anyhow::{Context, Result};
use linfa_linalg::{
    Order,
    eigh::{EigSort, Eigh},
};
use ndarray::{Array1, Array2, ArrayView2, Axis};

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
        let centred = &rows - &mean;
        let covariance = centred.t().dot(&centred) / rows.nrows() as f64;
        let (values, vectors) =
            covariance.eigh().context("the principal components can't be computed")?.sort_eig(Order::Largest);
        anyhow::ensure!(values.iter().all(|v| v.is_finite()), "the features are not finite");
        let count = components.min(rows.ncols());
        let mut directions = vectors.t().slice(ndarray::s![..count, ..]).to_owned();
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
        (&rows - &self.mean).dot(&self.components.t())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

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
}
