//! Matrix products for WebAssembly, fused with bias and ReLU6.
//!
//! The general library behind burn's product spends its time packing both operands, which pays for large matrices only.
//! Here the products are thin: a few dozen to a few thousand rows, against weights that are the same for every photo. So
//! weights are packed once, when they are loaded ([`packed`]), and fit the cache one panel at a time.

use wide::f32x4;

use super::lanes::{Lanes, load, relu6, store};

/// Columns of a panel: four SIMD registers of four.
pub(super) const COLUMNS: usize = 16;

/// A weight `[inputs, outputs]`, row by row, as the products here want it: its panels of sixteen columns (the last may have
/// fewer) one after the other, each row by row.
pub(super) fn packed(weight: &[f32], outputs: usize) -> Vec<f32> {
    let panels = (0..outputs).step_by(COLUMNS).map(|first| first..outputs.min(first + COLUMNS));
    panels
        .flat_map(|panel| weight.chunks_exact(outputs).flat_map(move |row| row[panel.clone()].iter().copied()))
        .collect()
}

/// `x · weight + bias`, then perhaps ReLU6: `x` `[rows, inputs]`, row by row; `weight` `[inputs, outputs]`, [`packed`].
pub(super) fn product(x: &[f32], weight: &[f32], bias: &[f32], clip: bool, y: &mut [f32]) {
    let outputs = bias.len();
    for_each_panel(weight, bias, |first, panel| {
        panel.multiply(x, |row, sums| store(relu6(sums, clip), &mut y[row * outputs..][first..outputs]));
    });
}

/// Calls `work(first column, panel)` for each panel of a [`packed`] weight, from the first to the last.
#[inline(always)]
pub(super) fn for_each_panel(weight: &[f32], bias: &[f32], mut work: impl FnMut(usize, &Panel<'_>)) {
    let inputs = weight.len() / bias.len().max(1);
    for (at, bias) in bias.chunks(COLUMNS).enumerate() {
        let first = at * COLUMNS;
        let weights = &weight[first * inputs..][..bias.len() * inputs];
        work(first, &Panel { weights, bias: load(bias), columns: bias.len() });
    }
}

/// Some columns of a weight, side by side in memory.
pub(super) struct Panel<'a> {
    /// `[inputs, columns]`.
    weights: &'a [f32],
    bias: Lanes,
    /// 1 to [`COLUMNS`].
    columns: usize,
}

impl Panel<'_> {
    /// Calls `put(row, x · weights + bias)` for each row of `x`, `[rows, inputs]`, from the first to the last.
    #[inline(always)]
    pub(super) fn multiply(&self, x: &[f32], put: impl FnMut(usize, Lanes)) {
        match self.columns {
            16 => rows::<16, 4>(self.weights, self.bias, x, put),
            8 => rows::<8, 2>(self.weights, self.bias, x, put),
            _ => rows::<16, 4>(&self.filled(), self.bias, x, put),
        }
    }

    /// With zeros for the columns that are lacking: a width that the networks here do not have.
    #[cold]
    fn filled(&self) -> Vec<f32> {
        let filled = |row: &[f32]| std::array::from_fn::<f32, COLUMNS, _>(|at| row.get(at).copied().unwrap_or(0.0));
        self.weights.chunks_exact(self.columns).flat_map(filled).collect()
    }
}

/// Columns `W = 4 · C`, two rows at a time: more would not fit the registers.
#[inline(always)]
fn rows<const W: usize, const C: usize>(weights: &[f32], bias: Lanes, x: &[f32], mut put: impl FnMut(usize, Lanes)) {
    let weights = weights.as_chunks::<W>().0;
    let registers = |weights: &[f32; W]| {
        let (registers, _) = weights.as_chunks::<4>();
        std::array::from_fn::<f32x4, C, _>(|c| f32x4::new(registers[c]))
    };
    let mut pairs = x.chunks_exact(2 * weights.len());
    let mut row = 0;
    for pair in pairs.by_ref() {
        let (above, below) = pair.split_at(weights.len());
        let mut sums = [bias; 2];
        for ((&above, &below), weights) in above.iter().zip(below).zip(weights) {
            let (above, below) = (f32x4::splat(above), f32x4::splat(below));
            let weights = registers(weights);
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
        let mut sums = bias;
        for (&x, weights) in pairs.remainder().iter().zip(weights) {
            let weights = registers(weights);
            for c in 0..C {
                sums[c] += f32x4::splat(x) * weights[c];
            }
        }
        put(row, sums);
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
                let weight = packed(&values(weight.clone()), outputs);
                product(&values(x.clone()), &weight, &values(bias.clone()), clip, &mut fast);
                for (fast, slow) in fast.iter().zip(&slow) {
                    assert!((fast - slow).abs() < 1e-4, "{rows} × {inputs} × {outputs}: {fast} for {slow}");
                }
            }
        }
    }
}
