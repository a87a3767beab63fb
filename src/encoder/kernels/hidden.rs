//! The first half of an inverted residual for WebAssembly: expand and depthwise convolution, sixteen channels at a time.
//!
//! The channels between the two convolutions are many, and each depends on none of its kind. So sixteen of them at a
//! time are expanded into a padded map that stays in the cache, and are convolved from there: the whole expanded
//! tensor, up to six times the block's input, is never in memory, and no edge needs a case of its own.

use wide::f32x4;

use super::{
    lanes::{Lanes, load, relu6, store},
    ops::same_padding,
    product::{COLUMNS, for_each_panel},
};

/// Neighbouring outputs at a time, which share the loads of weights and pixels.
const TILE: usize = 4;

/// What happens to an image, channels last.
pub(super) struct Hidden<'a> {
    /// Height and width of the input.
    pub(super) size: [usize; 2],
    /// Weight `[inputs, channels]`, [packed](super::product::packed), and bias; none: the input has the channels already.
    pub(super) expand: Option<(&'a [f32], &'a [f32])>,
    /// Weight `[kernel, kernel, channels]` and bias of the depthwise convolution.
    pub(super) depthwise: (&'a [f32], &'a [f32]),
    /// Side of its kernel: 3 or 5.
    pub(super) kernel: usize,
    /// 1 or 2.
    pub(super) stride: usize,
}

impl Hidden<'_> {
    /// `[height, width, inputs]` to `[⌈height / stride⌉, ⌈width / stride⌉, channels]`.
    pub(super) fn compute(&self, image: &[f32], y: &mut [f32]) {
        match (self.kernel, self.stride) {
            (3, 1) => self.all_channels::<3, 1>(image, y),
            (3, 2) => self.all_channels::<3, 2>(image, y),
            (5, 1) => self.all_channels::<5, 1>(image, y),
            _ => self.all_channels::<5, 2>(image, y),
        }
    }

    fn all_channels<const K: usize, const S: usize>(&self, image: &[f32], y: &mut [f32]) {
        let (weight, bias) = self.depthwise;
        let channels = bias.len();
        let mut map = Map::new(self.size, K, S);
        let mut convolve = |first: usize, map: &Map| {
            let tap = |y: usize, x: usize| load(&weight[(y * K + x) * channels + first..]);
            let taps = std::array::from_fn(|y| std::array::from_fn(|x| tap(y, x)));
            map.convolve::<K, S>(&taps, load(&bias[first..]), y, [first, channels]);
        };
        match self.expand {
            Some((weight, bias)) => for_each_panel(weight, bias, |first, panel| {
                panel.multiply(image, |row, sums| map.put(row, relu6(sums, true)));
                convolve(first, &map);
            }),
            None => {
                for first in (0..channels).step_by(COLUMNS) {
                    for (row, pixel) in image.chunks_exact(channels).enumerate() {
                        map.put(row, load(&pixel[first..]));
                    }
                    convolve(first, &map);
                }
            }
        }
    }
}

/// Sixteen channels of an image, with the zeros around it that "SAME" padding asks for.
struct Map {
    pixels: Vec<Lanes>,
    /// Where each pixel of the image lies.
    places: Vec<usize>,
    /// Width with the padding.
    width: usize,
    /// Height and width of the output.
    out: [usize; 2],
}

impl Map {
    fn new([height, width]: [usize; 2], kernel: usize, stride: usize) -> Self {
        let out = [height.div_ceil(stride), width.div_ceil(stride)];
        let (top, left) = (same_padding(height, kernel, stride).0, same_padding(width, kernel, stride).0);
        // Strides may leave a last row or column unseen, so either length may be the larger.
        let padded = |length: usize, before: usize, out: usize| (length + before).max((out - 1) * stride + kernel);
        let (padded_height, padded_width) = (padded(height, top, out[0]), padded(width, left, out[1]));
        let place = |at: usize| (at / width + top) * padded_width + at % width + left;
        Self {
            pixels: vec![[f32x4::ZERO; 4]; padded_height * padded_width],
            places: (0..height * width).map(place).collect(),
            width: padded_width,
            out,
        }
    }

    #[inline(always)]
    fn put(&mut self, at: usize, pixel: Lanes) {
        self.pixels[self.places[at]] = pixel;
    }

    /// Writes the sixteen channels into `y`, `[height, width, channels]`, from channel `first` on.
    fn convolve<const K: usize, const S: usize>(
        &self,
        taps: &[[Lanes; K]; K],
        bias: Lanes,
        y: &mut [f32],
        [first, channels]: [usize; 2],
    ) {
        let [_, width] = self.out;
        for (out_y, row) in y.chunks_exact_mut(width * channels).enumerate() {
            let mut put = |out_x: usize, sums: &[Lanes]| {
                for (sums, pixel) in sums.iter().zip(row[out_x * channels..].chunks_exact_mut(channels)) {
                    store(relu6(*sums, true), &mut pixel[first..]);
                }
            };
            let tiled = width - width % TILE;
            for out_x in (0..tiled).step_by(TILE) {
                put(out_x, &self.tile::<K, S, TILE>(taps, bias, [out_y, out_x]));
            }
            for out_x in tiled..width {
                put(out_x, &self.tile::<K, S, 1>(taps, bias, [out_y, out_x]));
            }
        }
    }

    /// `T` neighbouring outputs, one SIMD register of channels after the other: what they share stays in registers.
    #[inline(always)]
    fn tile<const K: usize, const S: usize, const T: usize>(
        &self,
        taps: &[[Lanes; K]; K],
        bias: Lanes,
        [out_y, out_x]: [usize; 2],
    ) -> [Lanes; T] {
        let mut outputs = [bias; T];
        for lane in 0..4 {
            let mut sums = [bias[lane]; T];
            for (ky, taps) in taps.iter().enumerate() {
                let seen = &self.pixels[(out_y * S + ky) * self.width + out_x * S..][..(T - 1) * S + K];
                for (kx, tap) in taps.iter().enumerate() {
                    for (at, sum) in sums.iter_mut().enumerate() {
                        *sum += seen[at * S + kx][lane] * tap[lane];
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
    fn both_convolutions_at_once_are_those_one_after_the_other() {
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
            for (expand, image) in [(Some((&weight[..], &bias[..])), x), (None, expanded.clone())] {
                let size = [side, side + 1];
                let hidden = Hidden { size, expand, depthwise: (&taps_values, &tap_bias), kernel, stride };
                let slow = slow(expanded.clone());
                let mut fast = vec![f32::NAN; slow.len()];
                hidden.compute(&values(image), &mut fast);
                for (fast, slow) in fast.iter().zip(&slow) {
                    assert!(
                        (fast - slow).abs() < 1e-4,
                        "side {side}, {channels} channels, {kernel}/{stride}: {fast} for {slow}"
                    );
                }
            }
        }
    }
}
