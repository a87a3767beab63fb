//! The projection of a collection: from an encoder's many features to the few numbers of an embedding.
//!
//! Principal components keep what varies most between photos, which includes what varies between photos that look
//! alike. The directions kept here are those in which photos differ much more than neighbours do: the generalised
//! eigenvectors of the photos' covariance against that of the differences between nearest neighbours (the idea of
//! Fisher's discriminant with neighbours for classes; He & Niyogi, "Locality Preserving Projections", 2003). No label
//! is needed.

use anyhow::{Context, Result};
use linfa_linalg::{
    Order,
    eigh::{EigSort, Eigh},
};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::{dataset::spread, orthonormal::orthonormal, pca::Pca, product::product};

/// Photos from which on their mean is what they have in common, and no longer what one of them shows.
const ENOUGH_TO_CENTRE: usize = 64;

/// Photos that a projection is fitted on, at most, evenly spread.
pub const FITTED: usize = 8192;

/// Principal components among which the directions are sought: beyond them there is little but noise.
const COMPONENTS: usize = 384;

/// Neighbours of a photo.
const NEIGHBOURS: usize = 5;

/// Photos whose cosines with all others are in memory at a time.
const BLOCK: usize = 512;

/// Share of plain variance in what neighbours differ by: without it, directions in which they happen to agree would win.
const SMOOTHING: f64 = 0.1;

/// Mean and directions `[width, features]`, orthonormal, for the features of a collection, `[photos, features]`.
///
/// # Errors
/// Features that are not finite.
pub fn fit(features: ArrayView2<f64>, width: usize) -> Result<Pca> {
    if features.nrows() < ENOUGH_TO_CENTRE {
        return Pca::fit_around(features, Array1::zeros(features.ncols()), width);
    }
    let some = || features.select(Axis(0), &spread(features.nrows(), FITTED).collect::<Vec<_>>());
    let selected = (features.nrows() > FITTED).then(some);
    let rows = selected.as_ref().map_or(features.view(), Array2::view);
    let pca = Pca::fit(rows, COMPONENTS.min(rows.nrows() - 1).max(width))?;
    let within = discriminant(&pca.transform(rows), width)?;
    Ok(Pca { components: within.t().dot(&pca.components), mean: pca.mean })
}

/// Orthonormal columns `[components, width]`: the directions that tell photos apart, for photos `[photos, components]`.
fn discriminant(photos: &Array2<f64>, width: usize) -> Result<Array2<f64>> {
    let all = scaled(product(photos.t(), photos.view()));
    let differences = differences(photos);
    let near = scaled(product(differences.t(), differences.view())) * (1.0 - SMOOTHING)
        + Array2::<f64>::eye(photos.ncols()) * (SMOOTHING / photos.ncols() as f64);
    let (values, vectors) = near.eigh().context("the projection can't be computed")?;
    let whitening = &vectors / &values.mapv(f64::sqrt); // [components, components]
    let between = whitening.t().dot(&all).dot(&whitening);
    let (_, directions) = between.eigh().context("the projection can't be computed")?.sort_eig(Order::Largest);
    let directions = whitening.dot(&directions.slice(ndarray::s![.., ..width]));
    orthonormal(directions)
}

/// A covariance with a trace of one.
fn scaled(covariance: Array2<f64>) -> Array2<f64> {
    let trace = covariance.diag().sum();
    if trace > 0.0 { covariance / trace } else { covariance }
}

/// Each photo less each of its nearest neighbours by cosine, `[photos · neighbours, components]`.
fn differences(photos: &Array2<f64>) -> Array2<f64> {
    let lengths = photos.map_axis(Axis(1), |row| row.dot(&row).sqrt().max(f64::MIN_POSITIVE)).insert_axis(Axis(1));
    let directions = photos / &lengths;
    let mut differences = Vec::with_capacity(photos.nrows() * NEIGHBOURS * photos.ncols());
    for (block, rows) in directions.axis_chunks_iter(Axis(0), BLOCK).enumerate() {
        let cosines = product(rows, directions.t()); // [block, photos]
        for (at, cosines) in (block * BLOCK..).zip(cosines.rows()) {
            for neighbour in nearest(cosines, at) {
                differences.extend(photos.row(at).iter().zip(photos.row(neighbour)).map(|(a, b)| a - b));
            }
        }
    }
    let rows = differences.len() / photos.ncols().max(1);
    Array2::from_shape_vec((rows, photos.ncols()), differences).unwrap_or_default()
}

/// Places of the largest cosines but one's own; the lower place first among equals.
fn nearest(cosines: ArrayView1<f64>, own: usize) -> Vec<usize> {
    let mut places: Vec<_> = (0..cosines.len()).filter(|&place| place != own).collect();
    let order = |a: &usize, b: &usize| cosines[*b].total_cmp(&cosines[*a]).then(a.cmp(b));
    if places.len() > NEIGHBOURS {
        places.select_nth_unstable_by(NEIGHBOURS, order);
        places.truncate(NEIGHBOURS);
    }
    places.sort_unstable_by(order);
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256Plus;

    /// Ten kinds of ten photos: kinds differ in ten features, and photos of a kind more than that in four others.
    fn kinds(features: usize) -> Array2<f64> {
        let mut rng = Xoshiro256Plus::seed_from_u64(7);
        let mut noise = || rng.gen_range(-1.0..1.0);
        Array2::from_shape_fn((100, features), |(photo, feature)| match feature {
            0..10 => f64::from(photo / 10 == feature) * 4.0 + 0.1 * noise(),
            10..14 => 2.5 * noise(),
            _ => 0.01 * noise(),
        })
    }

    /// Share of the nearest neighbours that are of the same kind.
    fn precision(pca: &Pca, rows: &Array2<f64>) -> f64 {
        let embedded = pca.transform(rows.view());
        let lengths = embedded.map_axis(Axis(1), |row| row.dot(&row).sqrt()).insert_axis(Axis(1));
        let directions = embedded / lengths;
        let right = |at: usize| {
            let near = nearest(directions.dot(&directions.row(at)).view(), at);
            near.iter().filter(|&&place| place / 10 == at / 10).count()
        };
        (0..100).map(right).sum::<usize>() as f64 / (100.0 * NEIGHBOURS as f64)
    }

    #[test]
    fn what_tells_photos_apart_is_kept_before_what_varies_most() {
        let rows = kinds(40);
        let own = precision(&fit(rows.view(), 4).unwrap(), &rows);
        let components = precision(&Pca::fit(rows.view(), 4).unwrap(), &rows);
        assert!(own > components + 0.2, "{own} against {components}");
    }

    #[test]
    fn directions_are_orthonormal_and_as_many_as_wanted() {
        for photos in [1, 2, 63, 64, 100] {
            let rows = kinds(80);
            let pca = fit(rows.slice(ndarray::s![..photos, ..]), 64).unwrap();
            assert_eq!(pca.components.dim(), (64, 80));
            let products = pca.components.dot(&pca.components.t());
            let error = (&products - &Array2::<f64>::eye(64)).mapv(f64::abs).fold(0.0, |a: f64, &b| a.max(b));
            assert!(error < 1e-6, "{photos} photos: {error}");
        }
    }

    #[test]
    fn photos_that_are_all_the_same_give_a_projection() {
        let pca = fit(Array2::ones((70, 80)).view(), 64).unwrap();
        assert!(pca.components.iter().all(|x| x.is_finite()));
    }
}
