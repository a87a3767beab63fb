//! A depthwise convolution over one image, channels last, and its gradients: safe Rust in a form that compilers turn into
//! SIMD.

use super::{
    lanes::{LANES, Lanes, load, relu6, store},
    ops::same_padding,
};

/// The geometry of a depthwise convolution over one image, channels last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    height: usize,
    width: usize,
    channels: usize,
    kernel: usize,
    stride: usize,
    pub(super) out_height: usize,
    pub(super) out_width: usize,
    top: usize,
    left: usize,
}

impl Plane {
    pub(super) fn new(height: usize, width: usize, channels: usize, kernel: usize, stride: usize) -> Self {
        Self {
            height,
            width,
            channels,
            kernel,
            stride,
            out_height: height.div_ceil(stride),
            out_width: width.div_ceil(stride),
            top: same_padding(height, kernel, stride).0,
            left: same_padding(width, kernel, stride).0,
        }
    }

    pub(super) fn image(&self) -> usize {
        self.height * self.width * self.channels
    }

    pub(super) fn out_row(&self) -> usize {
        self.out_width * self.channels
    }

    pub(super) fn out_image(&self) -> usize {
        self.out_height * self.out_row()
    }

    /// The taps that meet the image from an output place: `(tap, input place)` of one axis.
    fn taps(&self, out: usize, padding: usize, length: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let first = out * self.stride;
        let skipped = padding.saturating_sub(first);
        let end = self.kernel.min(length + padding - first.min(length + padding));
        (skipped..end).map(move |tap| (tap, first + tap - padding))
    }

    /// One row of the output, `[out_width, channels]`.
    pub(super) fn forward_row(&self, image: &[f32], weight: &[f32], bias: &[f32], out_y: usize, row: &mut [f32]) {
        let inner = self.inner();
        for first in (0..self.channels).step_by(LANES) {
            let last = (first + LANES).min(self.channels);
            let bias = load(&bias[first..]);
            let mut out_x = 0;
            while out_x < self.out_width {
                let places = [out_y, out_x, first];
                // Two outputs side by side share the loads of their weights; at the edges taps meet only some.
                if inner.contains(&out_x) && inner.contains(&(out_x + 1)) {
                    let [left, right] = self.pair(image, weight, bias, places);
                    store(relu6(left, true), &mut row[out_x * self.channels + first..out_x * self.channels + last]);
                    out_x += 1;
                    store(relu6(right, true), &mut row[out_x * self.channels + first..out_x * self.channels + last]);
                } else {
                    let sum = self.single(image, weight, bias, places);
                    store(relu6(sum, true), &mut row[out_x * self.channels + first..out_x * self.channels + last]);
                }
                out_x += 1;
            }
        }
    }

    /// The outputs of a row whose taps all meet the image.
    fn inner(&self) -> std::ops::Range<usize> {
        let end = (self.width + self.left).checked_sub(self.kernel).map_or(0, |last| last / self.stride + 1);
        self.left.div_ceil(self.stride)..end.min(self.out_width)
    }

    /// Sixteen channels of two neighbouring outputs inside the image.
    fn pair(&self, image: &[f32], weight: &[f32], bias: Lanes, [out_y, out_x, first]: [usize; 3]) -> [Lanes; 2] {
        let mut sums = [bias; 2];
        let step = self.stride * self.channels;
        for (ky, y) in self.taps(out_y, self.top, self.height) {
            let seen = &image[(y * self.width + out_x * self.stride - self.left) * self.channels + first..];
            let taps = &weight[ky * self.kernel * self.channels + first..];
            for kx in 0..self.kernel {
                let tap = load(&taps[kx * self.channels..]);
                let left = load(&seen[kx * self.channels..]);
                let right = load(&seen[kx * self.channels + step..]);
                for at in 0..4 {
                    sums[0][at] += left[at] * tap[at];
                    sums[1][at] += right[at] * tap[at];
                }
            }
        }
        sums
    }

    /// Sixteen channels of one output.
    fn single(&self, image: &[f32], weight: &[f32], bias: Lanes, [out_y, out_x, first]: [usize; 3]) -> Lanes {
        let mut sum = bias;
        for (ky, y) in self.taps(out_y, self.top, self.height) {
            for (kx, x) in self.taps(out_x, self.left, self.width) {
                let seen = load(&image[(y * self.width + x) * self.channels + first..]);
                let tap = load(&weight[(ky * self.kernel + kx) * self.channels + first..]);
                for at in 0..4 {
                    sum[at] += seen[at] * tap[at];
                }
            }
        }
        sum
    }

    /// Calls `visit(out place, image place, tap)` for each meeting of an output pixel, an input pixel and a tap, each
    /// the start of its channels.
    fn meetings(&self, mut visit: impl FnMut(usize, usize, usize)) {
        for out_y in 0..self.out_height {
            for (ky, y) in self.taps(out_y, self.top, self.height) {
                for out_x in 0..self.out_width {
                    for (kx, x) in self.taps(out_x, self.left, self.width) {
                        visit(
                            (out_y * self.out_width + out_x) * self.channels,
                            (y * self.width + x) * self.channels,
                            (ky * self.kernel + kx) * self.channels,
                        );
                    }
                }
            }
        }
    }

    /// Adds each output's gradient to the inputs it saw.
    pub(super) fn scatter(&self, gradients: &[f32], weight: &[f32], image: &mut [f32]) {
        self.meetings(|out, place, tap| {
            let gradient = &gradients[out..][..self.channels];
            let tap = &weight[tap..][..self.channels];
            for ((to, &gradient), &weight) in image[place..][..self.channels].iter_mut().zip(gradient).zip(tap) {
                *to += gradient * weight;
            }
        });
    }

    /// Adds each output's gradient, times what a tap saw, to that tap.
    pub(super) fn correlate(&self, image: &[f32], gradients: &[f32], sum: &mut [f32]) {
        self.meetings(|out, place, tap| {
            let gradient = &gradients[out..][..self.channels];
            let seen = &image[place..][..self.channels];
            for ((to, &gradient), &seen) in sum[tap..][..self.channels].iter_mut().zip(gradient).zip(seen) {
                *to += gradient * seen;
            }
        });
    }
}
