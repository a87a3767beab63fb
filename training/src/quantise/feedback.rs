//! Rounding with feedback: what rounding one weight changes in a convolution's output is made up for by the weights
//! that are yet to be rounded, and at last by the bias.
//!
//! How well weights can stand in for each other depends on how their inputs go together, so it needs the inputs' second
//! moments (Frantar et al., "GPTQ", 2022, after Hassibi & Stork, "Optimal Brain Surgeon", 1992). The squared error of
//! the output is several times smaller than when each weight is rounded by itself.

use anyhow::{Context, Result};
use linfa_linalg::{
    cholesky::Cholesky as _,
    triangular::{SolveTriangular as _, UPLO},
};
use ndarray::{Array2, s};
use rayon::prelude::*;

/// What is added to each input's mean square, as a share of their mean: inputs that are never seen must not count as free.
const DAMPING: f64 = 0.01;

/// Outputs that one core rounds at a time.
const OUTPUTS: usize = 32;

/// How errors are passed on among the inputs of a convolution.
pub(super) struct Feedback {
    /// The inputs in the order of rounding: the strongest first, while there is much left to make up for them.
    order: Vec<usize>,
    /// What an error of the nth weight takes off each later one, and off the bias: `[inputs, inputs + 1]`.
    passed: Array2<f32>,
}

impl Feedback {
    /// From the moments `[inputs + 1, inputs + 1]`, the last input being the bias's 1.
    ///
    /// # Errors
    /// Moments that are not finite.
    pub(super) fn new(moments: &Array2<f64>) -> Result<Self> {
        let inputs = moments.nrows() - 1;
        let mut order: Vec<_> = (0..inputs).collect();
        order.sort_by(|&a, &b| moments[[b, b]].total_cmp(&moments[[a, a]]).then(a.cmp(&b)));
        let damping = DAMPING * moments.diag().slice(s![..inputs]).mean().unwrap_or(0.0) + f64::MIN_POSITIVE;
        let all: Vec<_> = order.iter().copied().chain([inputs]).collect();
        let ordered = Array2::from_shape_fn(moments.dim(), |(row, column)| {
            let added = if row == column { damping } else { 0.0 };
            moments[[all[row], all[column]]] + added
        });
        let factor = inverse_factor(&ordered).context("the photos' features are not finite")?;
        let passed = Array2::from_shape_fn((inputs, inputs + 1), |(row, column)| {
            if column > row { (factor[[row, column]] / factor[[row, row]]) as f32 } else { 0.0 }
        });
        Ok(Self { order, passed })
    }

    /// Rounds weights `[inputs, outputs]` to at most 127 multiples of each output's step, and moves the biases `[outputs]`.
    pub(super) fn round(&self, weight: &[f32], bias: &[f32], steps: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let outputs = bias.len();
        let parts: Vec<_> = (0..outputs)
            .into_par_iter()
            .step_by(OUTPUTS)
            .map(|first| self.round_outputs(weight, bias, steps, first..(first + OUTPUTS).min(outputs)))
            .collect();
        let (mut rounded, mut biases) = (vec![0.0; weight.len()], Vec::with_capacity(outputs));
        for (at, rows) in parts.iter().enumerate() {
            let first = at * OUTPUTS;
            for (&input, row) in self.order.iter().zip(rows) {
                rounded[input * outputs + first..][..row.len()].copy_from_slice(row);
            }
            biases.extend_from_slice(&rows[self.order.len()]);
        }
        (rounded, biases)
    }

    /// Some outputs' weights in the order of rounding, and behind them their biases.
    fn round_outputs(
        &self,
        weight: &[f32],
        bias: &[f32],
        steps: &[f32],
        outputs: std::ops::Range<usize>,
    ) -> Vec<Vec<f32>> {
        let row = |&input: &usize| weight[input * bias.len()..][outputs.clone()].to_vec();
        let mut rows: Vec<_> = self.order.iter().map(row).chain([bias[outputs.clone()].to_vec()]).collect();
        let steps = &steps[outputs];
        for at in 0..self.order.len() {
            let (done, left) = rows.split_at_mut(at + 1);
            let error: Vec<f32> =
                done[at].iter_mut().zip(steps).map(|(weight, &step)| round_off(weight, step)).collect();
            for (row, &passed) in left.iter_mut().zip(&self.passed.row(at).as_slice().unwrap_or_default()[at + 1..]) {
                row.iter_mut().zip(&error).for_each(|(weight, error)| *weight -= passed * error);
            }
        }
        rows
    }
}

/// Rounds to at most 127 steps; what that took off.
fn round_off(weight: &mut f32, step: f32) -> f32 {
    let exact = *weight;
    *weight = (exact / step).round().clamp(-127.0, 127.0) * step;
    exact - *weight
}

/// The upper triangle U with `Uᵀ · U` the inverse of a positive definite matrix.
fn inverse_factor(matrix: &Array2<f64>) -> Result<Array2<f64>> {
    // With rows and columns in reverse, the lower Cholesky factor is an upper one: A = R · Rᵀ, and U is R's inverse.
    let lower = matrix.slice(s![..;-1, ..;-1]).to_owned().cholesky()?;
    let inverse = lower.solve_triangular(&Array2::eye(matrix.nrows()), UPLO::Lower)?;
    Ok(inverse.slice(s![..;-1, ..;-1]).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256Plus;

    /// Inputs that go together, `[rows, inputs + 1]` with a last column of ones, and their moments.
    fn inputs(count: usize) -> (Array2<f64>, Array2<f64>) {
        let mut rng = Xoshiro256Plus::seed_from_u64(5);
        let rows = 400;
        let causes = Array2::from_shape_fn((rows, 6), |_| rng.gen_range(0.0..1.0));
        let mix = Array2::from_shape_fn((6, count), |_| rng.gen_range(-1.0..1.0));
        let noise = Array2::from_shape_fn((rows, count), |_| rng.gen_range(-0.1..0.1));
        let mut x = Array2::ones((rows, count + 1));
        x.slice_mut(s![.., ..count]).assign(&(causes.dot(&mix) + noise));
        let moments = x.t().dot(&x) / rows as f64;
        (x, moments)
    }

    /// Mean squared error of the outputs.
    fn error(x: &Array2<f64>, exact: (&[f32], &[f32]), rounded: (&[f32], &[f32])) -> f64 {
        let outputs = exact.1.len();
        let difference: Vec<f64> = exact
            .0
            .iter()
            .chain(exact.1)
            .zip(rounded.0.iter().chain(rounded.1))
            .map(|(exact, rounded)| f64::from(exact - rounded))
            .collect();
        let difference = Array2::from_shape_vec((x.ncols(), outputs), difference).unwrap();
        x.dot(&difference).mapv(|x| x * x).mean().unwrap()
    }

    #[test]
    fn feedback_keeps_the_outputs_closer_than_rounding_each_weight_by_itself() {
        let (x, moments) = inputs(24);
        let mut rng = Xoshiro256Plus::seed_from_u64(6);
        let weight: Vec<f32> = (0..24 * 40).map(|_| rng.gen_range(-1.0..1.0)).collect();
        let bias: Vec<f32> = (0..40).map(|_| rng.gen_range(-1.0..1.0)).collect();
        let steps: Vec<f32> = (0..40).map(|at| 0.1 + 0.01 * at as f32).collect();
        let (rounded, moved) = Feedback::new(&moments).unwrap().round(&weight, &bias, &steps);
        for (at, value) in rounded.iter().enumerate() {
            let count = value / steps[at % 40];
            assert!((count - count.round()).abs() < 1e-4 && count.abs() < 127.5, "{value} is no multiple");
        }
        let alone: Vec<f32> =
            weight.iter().enumerate().map(|(at, x)| (x / steps[at % 40]).round() * steps[at % 40]).collect();
        let with = error(&x, (&weight, &bias), (&rounded, &moved));
        let without = error(&x, (&weight, &bias), (&alone, &bias));
        assert!(with * 3.0 < without, "{with} with, {without} without");
    }

    #[test]
    fn the_factor_is_that_of_the_inverse() {
        let (_, moments) = inputs(5);
        let factor = inverse_factor(&moments).unwrap();
        let product = factor.t().dot(&factor).dot(&moments);
        for ((row, column), value) in product.indexed_iter() {
            let identity = f64::from(u8::from(row == column));
            assert!((value - identity).abs() < 1e-6, "{value} at {row}, {column}");
            assert!(column >= row || factor[[row, column]] == 0.0);
        }
    }
}
