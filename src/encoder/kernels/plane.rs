//! The gradients of a depthwise convolution over one image, channels last: safe Rust in a form that compilers turn into SIMD.

use super::ops::same_padding;

/// The geometry of a depthwise convolution over one image, channels last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    height: usize,
    width: usize,
    channels: usize,
    kernel: usize,
    stride: usize,
    out_height: usize,
    out_width: usize,
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

    pub(super) fn out_image(&self) -> usize {
        self.out_height * self.out_width * self.channels
    }

    /// The taps that meet the image from an output place: `(tap, input place)` of one axis.
    fn taps(&self, out: usize, padding: usize, length: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let first = out * self.stride;
        let skipped = padding.saturating_sub(first);
        let end = self.kernel.min(length + padding - first.min(length + padding));
        (skipped..end).map(move |tap| (tap, first + tap - padding))
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
