//! More embeddings than there are photos: drawn from a mixture of Gaussians around the real ones.

use lookalike::{cells::split, embedding::Embedding};

use super::chance::Chance;

/// Photos a Gaussian is fitted to, at most: those of one cell.
const COMPONENT: usize = 160;

/// As many photos the spread of all components weighs in each one's own.
const PRIOR: f64 = 64.0;

struct Gaussian {
    mean: Vec<f64>,
    /// Lower triangular, `[D, D]`: its product with its transpose is the covariance.
    root: Vec<Vec<f64>>,
}

/// The real embeddings, then drawn ones up to `count`: from component to component in proportion to their photos.
///
/// # Errors
/// None that real embeddings have.
pub(super) fn fill(real: Vec<Embedding>, count: usize) -> anyhow::Result<Vec<Embedding>> {
    let cells = split(&real, COMPONENT);
    let gaussians = fit(&real, &cells);
    let mut chance = Chance::new(2);
    let home: Vec<usize> = cells.iter().enumerate().flat_map(|(at, cell)| cell.iter().map(move |_| at)).collect();
    let mut all = real;
    all.reserve(count.saturating_sub(all.len()));
    while all.len() < count {
        let Gaussian { mean, root } = &gaussians[home[chance.below(home.len())]];
        let normal: Vec<f64> = mean.iter().map(|_| chance.normal()).collect();
        let along = |row: &Vec<f64>| row.iter().zip(&normal).map(|(a, b)| a * b).sum::<f64>();
        let features = mean.iter().zip(root).map(|(mean, row)| (mean + along(row)) as f32).collect();
        all.push(Embedding::from_features(features)?);
    }
    Ok(all)
}

/// The lower half of a symmetric matrix, row by row.
type Lower = Vec<Vec<f64>>;

fn fit(real: &[Embedding], cells: &[Vec<u32>]) -> Vec<Gaussian> {
    let width = real.first().map_or(0, Embedding::width);
    let spread: Vec<_> = cells.iter().map(|cell| scatter(real, cell, width)).collect();
    let within = |row: usize, column: usize| {
        spread.iter().map(|(_, scatter)| scatter[row][column]).sum::<f64>() / real.len() as f64
    };
    let within: Lower = (0..width).map(|row| (0..=row).map(|column| within(row, column)).collect()).collect();
    let gaussian = |((mean, scatter), cell): ((Vec<f64>, Lower), &Vec<u32>)| {
        let weight = cell.len() as f64 + PRIOR;
        let shrunk = |(own, all): (&Vec<f64>, &Vec<f64>)| -> Vec<f64> {
            own.iter().zip(all).map(|(own, all)| (own + PRIOR * all) / weight).collect()
        };
        Gaussian { mean, root: cholesky(&scatter.iter().zip(&within).map(shrunk).collect::<Vec<_>>()) }
    };
    spread.into_iter().zip(cells).map(gaussian).collect()
}

/// Mean of some photos, and the lower half of the sum of their outer products around it.
fn scatter(real: &[Embedding], cell: &[u32], width: usize) -> (Vec<f64>, Lower) {
    let points: Vec<Vec<f64>> =
        cell.iter().map(|&at| real[at as usize].as_slice().iter().map(|&x| f64::from(x)).collect()).collect();
    let mean: Vec<f64> =
        (0..width).map(|axis| points.iter().map(|p| p[axis]).sum::<f64>() / points.len() as f64).collect();
    let product = |a: usize, b: usize| points.iter().map(|p| (p[a] - mean[a]) * (p[b] - mean[b])).sum();
    let scatter = (0..width).map(|row| (0..=row).map(|column| product(row, column)).collect()).collect();
    (mean, scatter)
}

fn cholesky(lower: &[Vec<f64>]) -> Lower {
    let mut root: Lower = Vec::new();
    for (row, values) in lower.iter().enumerate() {
        let mut next: Vec<f64> = Vec::with_capacity(row + 1);
        for (column, value) in values.iter().enumerate() {
            let above = if column < row { &root[column] } else { &next };
            let rest = value - next.iter().zip(above).take(column).map(|(a, b)| a * b).sum::<f64>();
            let entry = if column < row { rest / root[column][column] } else { rest.max(1e-12).sqrt() };
            next.push(entry);
        }
        root.push(next);
    }
    root
}
