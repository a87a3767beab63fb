//! The first half of an inverted residual: expand and depthwise convolution, sixteen channels at a time.
//!
//! The channels between the two convolutions are many, and each depends on none of its kind. So sixteen of them at a
//! time are expanded into a padded map that stays in the cache, and are convolved from there: the whole expanded
//! tensor, up to six times the block's input, is never in memory, and no edge needs a case of its own.

use std::array::from_fn;

use super::{
    lanes::{Kernel, LANES, Registers, Simd},
    ops::same_padding,
    product::Weight,
};

/// Neighbouring outputs at a time, which share the loads of weights and pixels.
const TILE: usize = 4;

/// What happens to an image, channels last: `[height, width, inputs]` to `[⌈height / stride⌉, ⌈width / stride⌉, channels]`.
pub(super) struct Hidden<'a> {
    pub(super) image: &'a [f32],
    /// Height and width of the image.
    pub(super) size: [usize; 2],
    /// Weight `[inputs, channels]` and bias; none: the input has the channels already.
    pub(super) expand: Option<(Weight<'a>, &'a [f32])>,
    /// Weight `[kernel, kernel, channels]` and bias of the depthwise convolution.
    pub(super) depthwise: (&'a [f32], &'a [f32]),
    /// Side of its kernel: 3 or 5.
    pub(super) kernel: usize,
    /// 1 or 2.
    pub(super) stride: usize,
    /// Where the result goes.
    pub(super) y: &'a mut [f32],
}

impl Hidden<'_> {
    pub(super) fn compute(self) {
        self.compute_on(Registers::widest());
    }

    fn compute_on(self, registers: Registers) {
        match (self.kernel, self.stride) {
            (3, 1) => registers.run(Known::<3, 1>(self)),
            (3, 2) => registers.run(Known::<3, 2>(self)),
            (5, 1) => registers.run(Known::<5, 1>(self)),
            _ => registers.run(Known::<5, 2>(self)),
        }
    }
}

/// With the kernel's side and the stride known to the compiler.
struct Known<'a, const K: usize, const S: usize>(Hidden<'a>);

impl<const K: usize, const S: usize> Kernel for Known<'_, K, S> {
    #[inline(always)]
    fn run<I: Simd<N, R>, const N: usize, const R: usize>(self, simd: I) {
        let Hidden { image, size, expand, depthwise, y, .. } = self.0;
        let channels = depthwise.1.len();
        let mut map = Map::new(simd, size, K, S);
        match expand {
            Some((weight, bias)) => {
                for panel in weight.panels(bias) {
                    panel.multiply(
                        simd,
                        image,
                        #[inline(always)]
                        |row, sums| map.put(row, simd.relu6(sums, true)),
                    );
                    map.convolve::<K, S>(depthwise, panel.first, y);
                }
            }
            None => {
                for first in (0..channels).step_by(LANES) {
                    for (row, pixel) in image.chunks_exact(channels).enumerate() {
                        map.put(row, simd.load_lanes(&pixel[first..]));
                    }
                    map.convolve::<K, S>(depthwise, first, y);
                }
            }
        }
    }
}

/// Sixteen channels of an image, with the zeros around it that "SAME" padding asks for.
struct Map<I: Simd<N, R>, const N: usize, const R: usize> {
    simd: I,
    pixels: Vec<[I::Register; N]>,
    /// Where each pixel of the image lies.
    places: Vec<usize>,
    /// Width with the padding.
    width: usize,
    /// Height and width of the output.
    out: [usize; 2],
}

impl<I: Simd<N, R>, const N: usize, const R: usize> Map<I, N, R> {
    #[inline(always)]
    fn new(simd: I, [height, width]: [usize; 2], kernel: usize, stride: usize) -> Self {
        let out = [height.div_ceil(stride), width.div_ceil(stride)];
        let (top, left) = (same_padding(height, kernel, stride).0, same_padding(width, kernel, stride).0);
        // Strides may leave a last row or column unseen, so either length may be the larger.
        let padded = |length: usize, before: usize, out: usize| (length + before).max((out - 1) * stride + kernel);
        let (padded_height, padded_width) = (padded(height, top, out[0]), padded(width, left, out[1]));
        let place = |at: usize| (at / width + top) * padded_width + at % width + left;
        Self {
            simd,
            pixels: vec![[simd.splat(0.0); N]; padded_height * padded_width],
            places: (0..height * width).map(place).collect(),
            width: padded_width,
            out,
        }
    }

    #[inline(always)]
    fn put(&mut self, at: usize, pixel: [I::Register; N]) {
        self.pixels[self.places[at]] = pixel;
    }

    /// Writes sixteen channels, from the `first` on, into `y`, `[height, width, channels]`.
    #[inline(always)]
    fn convolve<const K: usize, const S: usize>(&self, (weight, bias): (&[f32], &[f32]), first: usize, y: &mut [f32]) {
        let channels = bias.len();
        let taps = from_fn(
            #[inline(always)]
            |y| {
                from_fn(
                    #[inline(always)]
                    |x| self.simd.load_lanes(&weight[(y * K + x) * channels + first..]),
                )
            },
        );
        let bias = self.simd.load_lanes(&bias[first..]);
        let [_, width] = self.out;
        let tiled = width - width % TILE;
        for (out_y, row) in y.chunks_exact_mut(width * channels).enumerate() {
            for out_x in (0..tiled).step_by(TILE) {
                let sums = self.tile::<K, S, TILE>(&taps, bias, [out_y, out_x]);
                self.store(sums, &mut row[out_x * channels..], [first, channels]);
            }
            for out_x in tiled..width {
                let sums = self.tile::<K, S, 1>(&taps, bias, [out_y, out_x]);
                self.store(sums, &mut row[out_x * channels..], [first, channels]);
            }
        }
    }

    /// Puts neighbouring outputs into a row, after ReLU6.
    #[inline(always)]
    fn store<const T: usize>(&self, outputs: [[I::Register; N]; T], row: &mut [f32], [first, channels]: [usize; 2]) {
        for (sums, pixel) in outputs.into_iter().zip(row.chunks_exact_mut(channels)) {
            self.simd.store_lanes(self.simd.relu6(sums, true), &mut pixel[first..]);
        }
    }

    /// `T` neighbouring outputs, one SIMD register of channels after the other: what they share stays in registers.
    #[inline(always)]
    fn tile<const K: usize, const S: usize, const T: usize>(
        &self,
        taps: &[[[I::Register; N]; K]; K],
        bias: [I::Register; N],
        [out_y, out_x]: [usize; 2],
    ) -> [[I::Register; N]; T] {
        let mut outputs = [bias; T];
        for lane in 0..N {
            let mut sums = [bias[lane]; T];
            for (ky, taps) in taps.iter().enumerate() {
                let seen = &self.pixels[(out_y * S + ky) * self.width + out_x * S..][..(T - 1) * S + K];
                for (kx, tap) in taps.iter().enumerate() {
                    for (at, sum) in sums.iter_mut().enumerate() {
                        *sum = self.simd.add_product(*sum, seen[at * S + kx][lane], tap[lane]);
                    }
                }
            }
            for (output, sum) in outputs.iter_mut().zip(sums) {
                output[lane] = sum;
            }
        }
        outputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::kernels::{direct, product::packed};
    use burn::tensor::{Device, Distribution, Tensor};

    #[test]
    fn both_convolutions_at_once_are_those_one_after_the_other_and_on_all_registers_the_same() {
        let device = Device::flex();
        device.seed(8);
        // Every edge: odd sides, one pixel, whole tiles and parts, channels beside the SIMD width.
        let cases =
            [(9, 16, 3, 1), (8, 20, 3, 2), (7, 33, 5, 2), (10, 48, 5, 1), (1, 5, 5, 1), (2, 16, 5, 2), (3, 32, 3, 2)];
        for (side, channels, kernel, stride) in cases {
            let random = |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Normal(0.0, 1.5), &device);
            let values = |tensor: Tensor<4>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
            let x = random([1, side, side + 1, 7]);
            let (weight, bias) = (random([1, 1, 7, channels]), random([1, 1, 1, channels]));
            let (taps, tap_bias) = (random([1, kernel, kernel, channels]), random([1, 1, 1, channels]));
            let expanded = direct::pointwise(
                x.clone(),
                weight.clone().reshape([7, channels]),
                bias.clone().reshape([channels]),
                true,
            );
            let slow = |x: Tensor<4>| {
                let taps = taps.clone().reshape([kernel, kernel, channels]);
                values(direct::depthwise(x, taps, tap_bias.clone().reshape([channels]), stride))
            };
            let (weight, bias) = (packed(&values(weight), channels), values(bias));
            let (taps_values, tap_bias) = (values(taps.clone()), values(tap_bias.clone()));
            for (expand, image) in [(Some((Weight::Panels(&weight), &bias[..])), x), (None, expanded.clone())] {
                let (size, image, slow) = ([side, side + 1], values(image), slow(expanded.clone()));
                let compute = |registers: Registers| {
                    let mut y = vec![f32::NAN; slow.len()];
                    let depthwise = (&taps_values[..], &tap_bias[..]);
                    Hidden { image: &image, size, expand, depthwise, kernel, stride, y: &mut y }.compute_on(registers);
                    y
                };
                let (fast, case) =
                    (compute(Registers::Four), format!("side {side}, {channels} channels, {kernel}/{stride}"));
                for (fast, slow) in fast.iter().zip(&slow) {
                    assert!((fast - slow).abs() < 1e-4, "{case}: {fast} for {slow}");
                }
                for registers in Registers::there() {
                    assert_eq!(compute(registers), fast, "{case} on {registers:?}");
                }
            }
        }
    }
}
