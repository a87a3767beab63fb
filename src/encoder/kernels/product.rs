//! Matrix products for WebAssembly, fused with bias and ReLU6.
//!
//! The general library behind burn's product spends its time packing both operands, which pays for large matrices only.
//! Here the products are thin: a few dozen to a few thousand rows, weights that fit the cache one panel at a time.

use wide::f32x4;

use super::lanes::{Lanes, load, relu6, store};

/// Columns of a panel: four SIMD registers of four.
pub(super) const COLUMNS: usize = 16;

/// Panels packed at a time: they lie side by side in each row of a weight, which is long and comes from far away.
const TOGETHER: usize = 4;

/// `x · weight + bias`, then perhaps ReLU6: `x` `[rows, inputs]`, `weight` `[inputs, outputs]`, all row by row.
pub(super) fn product(x: &[f32], weight: &[f32], bias: &[f32], clip: bool, y: &mut [f32]) {
    let outputs = bias.len();
    Panels::new(weight, bias).for_each(|first, panel| {
        panel.multiply(x, |row, sums| store(relu6(sums, clip), &mut y[row * outputs..][first..outputs]));
    });
}

/// A weight `[inputs, outputs]` and its bias, to be taken panel by panel.
pub(super) struct Panels<'a> {
    weight: &'a [f32],
    bias: &'a [f32],
    panels: [Panel; TOGETHER],
}

/// Some columns of a weight, side by side in memory.
pub(super) struct Panel {
    weights: Vec<Lanes>,
    bias: Lanes,
    /// Columns in use, at most [`COLUMNS`].
    columns: usize,
}

impl<'a> Panels<'a> {
    pub(super) fn new(weight: &'a [f32], bias: &'a [f32]) -> Self {
        let inputs = weight.len() / bias.len().max(1);
        let panel = |_| Panel { weights: vec![[f32x4::ZERO; 4]; inputs], bias: [f32x4::ZERO; 4], columns: 0 };
        Self { weight, bias, panels: std::array::from_fn(panel) }
    }

    /// Calls `work(first column, panel)` for each panel, from the first to the last.
    #[inline(always)]
    pub(super) fn for_each(mut self, mut work: impl FnMut(usize, &Panel)) {
        let outputs = self.bias.len();
        for first in (0..outputs).step_by(COLUMNS * TOGETHER) {
            self.pack(first);
            for (at, panel) in self.panels.iter().enumerate().take((outputs - first).div_ceil(COLUMNS)) {
                work(first + at * COLUMNS, panel);
            }
        }
    }

    /// Takes the columns from `first` on; what is lacking at the end becomes zero.
    fn pack(&mut self, first: usize) {
        let outputs = self.bias.len();
        let firsts = std::array::from_fn::<_, TOGETHER, _>(|at| (first + at * COLUMNS).min(outputs));
        for (panel, first) in self.panels.iter_mut().zip(firsts) {
            panel.columns = COLUMNS.min(outputs - first);
            panel.bias = load(&self.bias[first..]);
        }
        for (input, row) in self.weight.chunks_exact(outputs).enumerate() {
            for (panel, first) in self.panels.iter_mut().zip(firsts) {
                panel.weights[input] = load(&row[first..]);
            }
        }
    }
}

impl Panel {
    /// Calls `put(row, x · weights + bias)` for each row of `x`, `[rows, inputs]`, from the first to the last.
    #[inline(always)]
    pub(super) fn multiply(&self, x: &[f32], put: impl FnMut(usize, Lanes)) {
        // Half a panel's columns need half the arithmetic.
        if self.columns > COLUMNS / 2 { self.multiply_lanes::<4>(x, put) } else { self.multiply_lanes::<2>(x, put) }
    }

    /// The first `4 · C` columns, two rows at a time: more would not fit the registers.
    #[inline(always)]
    fn multiply_lanes<const C: usize>(&self, x: &[f32], mut put: impl FnMut(usize, Lanes)) {
        let inputs = self.weights.len();
        let mut pairs = x.chunks_exact(2 * inputs);
        let mut row = 0;
        for pair in pairs.by_ref() {
            let (above, below) = pair.split_at(inputs);
            let mut sums = [self.bias; 2];
            for ((&above, &below), weights) in above.iter().zip(below).zip(&self.weights) {
                let (above, below) = (f32x4::splat(above), f32x4::splat(below));
                for c in 0..C {
                    sums[0][c] += above * weights[c];
                    sums[1][c] += below * weights[c];
                }
            }
            put(row, sums[0]);
            put(row + 1, sums[1]);
            row += 2;
        }
        if let [_, ..] = pairs.remainder() {
            let mut sums = self.bias;
            for (&x, weights) in pairs.remainder().iter().zip(&self.weights) {
                for c in 0..C {
                    sums[c] += f32x4::splat(x) * weights[c];
                }
            }
            put(row, sums);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, Tensor};

    #[test]
    fn products_are_those_of_burn() {
        let device = Device::flex();
        device.seed(4);
        // Odd rows, single ones, and columns that fill whole, half and parts of panels.
        for (rows, inputs, outputs) in [(1, 1, 1), (7, 27, 32), (6, 16, 96), (25, 144, 24), (9, 30, 40), (3, 5, 19)] {
            let random = |shape| Tensor::<2>::random(shape, Distribution::Normal(0.0, 1.5), &device);
            let (x, weight) = (random([rows, inputs]), random([inputs, outputs]));
            let bias = random([1, outputs]);
            let values = |tensor: Tensor<2>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
            for clip in [false, true] {
                let slow = x.clone().matmul(weight.clone()) + bias.clone();
                let slow = values(if clip { slow.clamp(0.0, 6.0) } else { slow });
                let mut fast = vec![f32::NAN; rows * outputs];
                product(&values(x.clone()), &values(weight.clone()), &values(bias.clone()), clip, &mut fast);
                for (fast, slow) in fast.iter().zip(&slow) {
                    assert!((fast - slow).abs() < 1e-4, "{rows} × {inputs} × {outputs}: {fast} for {slow}");
                }
            }
        }
    }
}
