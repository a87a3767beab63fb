//! Matrix products, fused with bias and ReLU6.
//!
//! The general library behind burn's product spends its time packing both operands, which pays for large matrices only.
//! Here the products are thin: a few dozen to a few thousand rows, against weights that fit the cache one panel of sixteen
//! columns at a time.

use super::lanes::{Kernel, LANES, Registers, Simd};

/// A weight `[inputs, outputs]`.
#[derive(Clone, Copy)]
pub(super) enum Weight<'a> {
    /// Row by row, as a network in training has it.
    #[cfg_attr(target_arch = "wasm32", allow(dead_code))]
    Rows(&'a [f32]),
    /// [`packed`], as a network in the browser has it.
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
    Panels(&'a [f32]),
}

/// A weight `[inputs, outputs]`, row by row, with its panels of sixteen columns (the last may have fewer) one after the
/// other, each row by row: some 6 % off a photo where the same weights are for every one of them.
#[cfg(any(test, target_arch = "wasm32"))]
pub(super) fn packed(weight: &[f32], outputs: usize) -> Vec<f32> {
    // Collected, they would have room for up to twice as many, and keep it as long as the network lives.
    let mut panels = Vec::with_capacity(weight.len());
    for first in (0..outputs).step_by(LANES) {
        let panel = first..outputs.min(first + LANES);
        weight.chunks_exact(outputs).for_each(|row| panels.extend_from_slice(&row[panel.clone()]));
    }
    panels
}

/// `x · weight + bias`, then perhaps ReLU6.
pub(super) struct Product<'a> {
    /// `[rows, inputs]`, row by row.
    pub(super) x: &'a [f32],
    /// `[inputs, outputs]`.
    pub(super) weight: Weight<'a>,
    /// `[outputs]`.
    pub(super) bias: &'a [f32],
    pub(super) clip: bool,
    /// `[rows, outputs]`, row by row.
    pub(super) y: &'a mut [f32],
}

impl Product<'_> {
    pub(super) fn compute(self) {
        Registers::widest().run(self);
    }
}

impl Kernel for Product<'_> {
    #[inline(always)]
    fn run<S: Simd<N, R>, const N: usize, const R: usize>(self, simd: S) {
        let Self { x, weight, bias, clip, y } = self;
        let outputs = bias.len();
        for panel in weight.panels(bias) {
            panel.multiply(
                simd,
                x,
                #[inline(always)]
                |row, sums| {
                    simd.store_lanes(
                        simd.relu6(sums, clip),
                        &mut y[row * outputs..][panel.first..][..panel.bias.len()],
                    );
                },
            );
        }
    }
}

impl<'a> Weight<'a> {
    /// The panels, from the first to the last.
    #[inline(always)]
    pub(super) fn panels(self, bias: &'a [f32]) -> impl Iterator<Item = Panel<'a>> {
        let outputs = bias.len();
        bias.chunks(LANES).enumerate().map(move |(at, bias)| {
            let first = at * LANES;
            match self {
                Self::Rows(weight) => Panel { weights: &weight[first..], stride: outputs, first, bias },
                Self::Panels(weight) => {
                    let inputs = weight.len() / outputs;
                    let weights = &weight[first * inputs..][..bias.len() * inputs];
                    Panel { weights, stride: bias.len(), first, bias }
                }
            }
        })
    }
}

/// Some columns of a weight.
pub(super) struct Panel<'a> {
    /// Rows of `stride` values, the first columns of which are the panel's. The last may be shorter.
    weights: &'a [f32],
    stride: usize,
    /// Which of the weight's columns is the panel's first.
    pub(super) first: usize,
    /// One to [`LANES`].
    bias: &'a [f32],
}

impl Panel<'_> {
    /// Calls `put(row, x · weights + bias)` for each row of `x`, `[rows, inputs]`, from the first to the last.
    #[inline(always)]
    pub(super) fn multiply<S: Simd<N, R>, const N: usize, const R: usize>(
        &self,
        simd: S,
        x: &[f32],
        put: impl FnMut(usize, [S::Register; N]),
    ) {
        let (inputs, bias) = (self.weights.len().div_ceil(self.stride), simd.load_lanes(self.bias));
        match (self.bias.len(), N) {
            (16, _) if self.stride == 16 => multiply::<_, N, R, 16, N>(simd, self.packed(), inputs, bias, x, put),
            (16, _) => multiply::<_, N, R, 16, N>(simd, self.rows(), inputs, bias, x, put),
            (8, 4) => multiply::<_, N, R, 8, 2>(simd, self.rows(), inputs, bias, x, put),
            (8, 2) => multiply::<_, N, R, 8, 1>(simd, self.rows(), inputs, bias, x, put),
            _ => multiply::<_, N, R, 16, N>(simd, self.filled().as_chunks().0.iter(), inputs, bias, x, put),
        }
    }

    #[inline(always)]
    fn packed<const W: usize>(&self) -> impl Iterator<Item = &[f32; W]> + Clone {
        self.weights.as_chunks().0.iter()
    }

    #[inline(always)]
    fn rows<const W: usize>(&self) -> impl Iterator<Item = &[f32; W]> + Clone {
        self.weights.chunks(self.stride).filter_map(|row| row.first_chunk())
    }

    /// With zeros for the columns that are lacking.
    #[cold]
    fn filled(&self) -> Vec<f32> {
        let columns = self.bias.len();
        let filled =
            |row: &[f32]| std::array::from_fn::<f32, LANES, _>(|at| row[..columns].get(at).copied().unwrap_or(0.0));
        self.weights.chunks(self.stride).flat_map(filled).collect()
    }
}

/// Columns `W` in `C` registers, `R` rows at a time: as many as the registers have room for.
#[inline(always)]
fn multiply<'a, S: Simd<N, R>, const N: usize, const R: usize, const W: usize, const C: usize>(
    simd: S,
    weights: impl Iterator<Item = &'a [f32; W]> + Clone,
    inputs: usize,
    bias: [S::Register; N],
    x: &[f32],
    mut put: impl FnMut(usize, [S::Register; N]),
) {
    let (tiles, rest) = x.split_at(x.len() - x.len() % (R * inputs));
    let mut row = 0;
    for tile in tiles.chunks_exact(R * inputs) {
        for sums in sums::<_, N, R, W, C, R>(simd, weights.clone(), bias, tile) {
            put(row, sums);
            row += 1;
        }
    }
    // Four rows take as long as one: the processor waits for each sum before it adds to it.
    let (four, rest) = rest.split_at(if R > 4 && rest.len() >= 4 * inputs { 4 * inputs } else { 0 });
    if R > 4 && !four.is_empty() {
        for sums in sums::<_, N, R, W, C, 4>(simd, weights.clone(), bias, four) {
            put(row, sums);
            row += 1;
        }
    }
    for x in rest.chunks_exact(inputs) {
        let [sums] = sums::<_, N, R, W, C, 1>(simd, weights.clone(), bias, x);
        put(row, sums);
        row += 1;
    }
}

/// Those of `T` rows.
#[inline(always)]
fn sums<'a, S: Simd<N, R>, const N: usize, const R: usize, const W: usize, const C: usize, const T: usize>(
    simd: S,
    weights: impl Iterator<Item = &'a [f32; W]>,
    bias: [S::Register; N],
    x: &[f32],
) -> [[S::Register; N]; T] {
    let inputs = x.len() / T;
    let rows: [&[f32]; T] = std::array::from_fn(|at| &x[at * inputs..][..inputs]);
    let mut sums = [bias; T];
    for (at, weights) in (0..inputs).zip(weights) {
        let weights: [_; C] = std::array::from_fn(
            #[inline(always)]
            |c| simd.load(&weights[c * (W / C)..][..W / C]),
        );
        for (sums, row) in sums.iter_mut().zip(rows) {
            let x = simd.splat(row[at]);
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum = simd.add_product(*sum, x, weight);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, Tensor};

    #[test]
    fn products_are_those_of_burn_and_on_all_registers_the_same() {
        let device = Device::flex();
        device.seed(4);
        // Odd rows, single ones, whole tiles and parts; columns that fill whole, half and parts of panels.
        for (rows, inputs, outputs) in
            [(1, 1, 1), (7, 27, 32), (6, 16, 96), (25, 144, 24), (9, 30, 40), (3, 5, 19), (17, 8, 16)]
        {
            let random = |shape| Tensor::<2>::random(shape, Distribution::Normal(0.0, 1.5), &device);
            let (x, weight) = (random([rows, inputs]), random([inputs, outputs]));
            let bias = random([1, outputs]);
            let values = |tensor: Tensor<2>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
            for clip in [false, true] {
                let slow = x.clone().matmul(weight.clone()) + bias.clone();
                let slow = values(if clip { slow.clamp(0.0, 6.0) } else { slow });
                let (x, rows_first, bias) = (values(x.clone()), values(weight.clone()), values(bias.clone()));
                let panels = packed(&rows_first, outputs);
                assert_eq!(panels.capacity(), rows_first.len(), "the network keeps them as long as it lives");
                let mut fast = vec![f32::NAN; slow.len()];
                Product { x: &x, weight: Weight::Rows(&rows_first), bias: &bias, clip, y: &mut fast }.compute();
                for (fast, slow) in fast.iter().zip(&slow) {
                    assert!((fast - slow).abs() < 1e-4, "{rows} × {inputs} × {outputs}: {fast} for {slow}");
                }
                for registers in Registers::there() {
                    for weight in [Weight::Rows(&rows_first), Weight::Panels(&panels)] {
                        let mut same = vec![f32::NAN; slow.len()];
                        registers.run(Product { x: &x, weight, bias: &bias, clip, y: &mut same });
                        assert_eq!(same, fast, "{rows} × {inputs} × {outputs} on {registers:?}");
                    }
                }
            }
        }
    }
}
