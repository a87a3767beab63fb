//! Matrix products for WebAssembly, fused with bias and ReLU6.
//!
//! The general library behind burn's product spends its time packing both operands, which pays for large matrices only.
//! Here the products are thin: a few dozen to a few thousand rows, weights that fit the cache one panel at a time.

use wide::f32x4;

use super::lanes::{load, relu6, store};

/// Columns of a panel: four SIMD registers of four.
const COLUMNS: usize = 16;

/// `x · weight + bias`, then perhaps ReLU6: `x` `[rows, inputs]`, `weight` `[inputs, outputs]`, all row by row.
pub(super) fn product(x: &[f32], weight: &[f32], bias: &[f32], clip: bool, y: &mut [f32]) {
    let outputs = bias.len();
    let inputs = weight.len() / outputs.max(1);
    let mut panel = vec![[f32x4::ZERO; 4]; inputs];
    for first in (0..outputs).step_by(COLUMNS) {
        // A panel side by side in memory; what it lacks at the end stays zero.
        for (packed, row) in panel.iter_mut().zip(weight.chunks_exact(outputs)) {
            *packed = load(&row[first..]);
        }
        let rows = Rows { x, inputs, y: &mut *y, outputs, first, clip };
        let bias = load(&bias[first..]);
        // Half a panel's columns need half the arithmetic.
        if outputs - first > COLUMNS / 2 { rows.multiply::<4>(&panel, bias) } else { rows.multiply::<2>(&panel, bias) }
    }
}

/// Rows of input and output, and the columns under way.
struct Rows<'a> {
    x: &'a [f32],
    inputs: usize,
    y: &'a mut [f32],
    outputs: usize,
    first: usize,
    clip: bool,
}

impl Rows<'_> {
    /// All rows times the first `4 · C` columns of a panel, two rows at a time: more would not fit the registers.
    fn multiply<const C: usize>(self, panel: &[[f32x4; 4]], bias: [f32x4; 4]) {
        let mut inputs = self.x.chunks_exact(2 * self.inputs);
        let mut outputs = self.y.chunks_exact_mut(2 * self.outputs);
        for (pair, y) in inputs.by_ref().zip(outputs.by_ref()) {
            let (above, below) = pair.split_at(self.inputs);
            let mut sums = [bias; 2];
            for ((&above, &below), weights) in above.iter().zip(below).zip(panel) {
                let (above, below) = (f32x4::splat(above), f32x4::splat(below));
                for c in 0..C {
                    sums[0][c] += above * weights[c];
                    sums[1][c] += below * weights[c];
                }
            }
            let (above, below) = y.split_at_mut(self.outputs);
            store(relu6(sums[0], self.clip), &mut above[self.first..]);
            store(relu6(sums[1], self.clip), &mut below[self.first..]);
        }
        let mut sum = bias;
        for (&x, weights) in inputs.remainder().iter().zip(panel) {
            for c in 0..C {
                sum[c] += f32x4::splat(x) * weights[c];
            }
        }
        if let Some(y) = outputs.into_remainder().get_mut(self.first..) {
            store(relu6(sum, self.clip), y);
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
