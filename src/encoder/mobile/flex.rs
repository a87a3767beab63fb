//! The two convolutions on the processor: each a single pass over its output, safe Rust in a form that compilers turn
//! into SIMD, the same on every target.

use burn::backend::{Flex, TensorMetadata as _, ops::FloatTensorOps as _, tensor::FloatTensor};
use burn::tensor::{Shape, TensorData};

use super::{
    lanes::{LANES, Lanes, load, relu6, store},
    ops::{MobileOps, SIX, same_padding},
    tiles::{for_each_chunk, sum_over_images},
};

impl MobileOps for Flex {
    #[cfg(not(target_arch = "wasm32"))]
    fn pointwise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        relu6: bool,
    ) -> FloatTensor<Self> {
        let [batch, height, width, inputs] = x.shape().dims();
        let [_, outputs] = weight.shape().dims();
        // Natively the gemm library picks the widest instructions of the machine.
        let mut y = Self::float_matmul(x.reshape(Shape::new([batch * height * width, inputs])), weight);
        let bias = contiguous(&bias);
        for_each_chunk(y.storage_mut::<f32>(), 256 * outputs, |_, rows| {
            for row in rows.chunks_exact_mut(outputs) {
                add_bias(row, &bias, relu6);
            }
        });
        y.reshape(Shape::new([batch, height, width, outputs]))
    }

    #[cfg(target_arch = "wasm32")]
    fn pointwise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        relu6: bool,
    ) -> FloatTensor<Self> {
        let [batch, height, width, _] = x.shape().dims();
        let [_, outputs] = weight.shape().dims();
        let (x, weight, bias) = (x.to_contiguous(), weight.to_contiguous(), contiguous(&bias));
        let mut y = vec![0.0; batch * height * width * outputs];
        super::product::product(x.storage(), weight.storage(), &bias, relu6, &mut y);
        tensor(y, [batch, height, width, outputs])
    }

    fn depthwise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let [batch, height, width, channels] = x.shape().dims();
        let [kernel, ..] = weight.shape().dims::<3>();
        let plane = Plane::new(height, width, channels, kernel, stride);
        let (x, weight, bias) = (x.to_contiguous(), contiguous(&weight), contiguous(&bias));
        let pixels = x.storage::<f32>();
        let mut y = vec![0.0; batch * plane.out_height * plane.out_row()];
        for_each_chunk(&mut y, plane.out_row(), |at, row| {
            let image = &pixels[at / plane.out_height * plane.image()..][..plane.image()];
            plane.forward_row(image, &weight, &bias, at % plane.out_height, row);
        });
        tensor(y, [batch, plane.out_height, plane.out_width, channels])
    }

    fn relu6_backward(y: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        let y = y.to_contiguous();
        let mut gradient = gradient.to_contiguous();
        let outputs = y.storage::<f32>();
        for_each_chunk(gradient.storage_mut::<f32>(), 1 << 14, |at, chunk| {
            for (gradient, &y) in chunk.iter_mut().zip(&outputs[at << 14..]) {
                *gradient = if y > 0.0 && y < SIX { *gradient } else { 0.0 };
            }
        });
        gradient
    }

    fn depthwise_x_backward(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
        height: usize,
        width: usize,
    ) -> FloatTensor<Self> {
        let [kernel, _, channels] = weight.shape().dims();
        let [batch, ..] = gradient.shape().dims::<4>();
        let plane = Plane::new(height, width, channels, kernel, stride);
        let (gradient, weight) = (gradient.to_contiguous(), contiguous(&weight));
        let gradients = gradient.storage::<f32>();
        let mut x = vec![0.0; batch * plane.image()];
        for_each_chunk(&mut x, plane.image(), |at, image| {
            plane.scatter(&gradients[at * plane.out_image()..][..plane.out_image()], &weight, image);
        });
        tensor(x, [batch, height, width, channels])
    }

    fn depthwise_weight_backward(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
        kernel: usize,
    ) -> FloatTensor<Self> {
        let [batch, height, width, channels] = x.shape().dims();
        let plane = Plane::new(height, width, channels, kernel, stride);
        let (x, gradient) = (x.to_contiguous(), gradient.to_contiguous());
        let (pixels, gradients) = (x.storage::<f32>(), gradient.storage::<f32>());
        let sum = sum_over_images(batch, kernel * kernel * channels, |at, sum| {
            let image = &pixels[at * plane.image()..][..plane.image()];
            plane.correlate(image, &gradients[at * plane.out_image()..][..plane.out_image()], sum);
        });
        tensor(sum, [kernel, kernel, channels])
    }
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FloatTensor<Flex> {
    FloatTensor::<Flex>::from_data(TensorData::new(values, shape))
}

fn contiguous(tensor: &FloatTensor<Flex>) -> Vec<f32> {
    tensor.to_contiguous().storage::<f32>().to_vec()
}

#[cfg(not(target_arch = "wasm32"))]
fn add_bias(row: &mut [f32], bias: &[f32], clip: bool) {
    for (row, bias) in row.chunks_mut(LANES).zip(bias.chunks(LANES)) {
        let (sums, bias) = (load(row), load(bias));
        store(relu6(std::array::from_fn(|at| sums[at] + bias[at]), clip), row);
    }
}

/// The geometry of a depthwise convolution over one image, channels last.
#[derive(Debug, Clone, Copy)]
struct Plane {
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
    fn new(height: usize, width: usize, channels: usize, kernel: usize, stride: usize) -> Self {
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

    fn image(&self) -> usize {
        self.height * self.width * self.channels
    }

    fn out_row(&self) -> usize {
        self.out_width * self.channels
    }

    fn out_image(&self) -> usize {
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
    fn forward_row(&self, image: &[f32], weight: &[f32], bias: &[f32], out_y: usize, row: &mut [f32]) {
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
    fn scatter(&self, gradients: &[f32], weight: &[f32], image: &mut [f32]) {
        self.meetings(|out, place, tap| {
            let gradient = &gradients[out..][..self.channels];
            let tap = &weight[tap..][..self.channels];
            for ((to, &gradient), &weight) in image[place..][..self.channels].iter_mut().zip(gradient).zip(tap) {
                *to += gradient * weight;
            }
        });
    }

    /// Adds each output's gradient, times what a tap saw, to that tap.
    fn correlate(&self, image: &[f32], gradients: &[f32], sum: &mut [f32]) {
        self.meetings(|out, place, tap| {
            let gradient = &gradients[out..][..self.channels];
            let seen = &image[place..][..self.channels];
            for ((to, &gradient), &seen) in sum[tap..][..self.channels].iter_mut().zip(gradient).zip(seen) {
                *to += gradient * seen;
            }
        });
    }
}
