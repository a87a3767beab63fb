//! The operations on the processor: networks give the same bits on every one.

use burn::backend::{Flex, TensorMetadata as _, tensor::FloatTensor};
use burn::tensor::TensorData;

use super::{
    hidden::Hidden,
    ops::{NetworkOps, SIX, same_padding},
    plane::Plane,
    product::{Product, Weight},
    tiles::{for_each_chunk, sum_over_images},
};

/// What a 3 × 3 kernel sees of three channels.
const TAPS: usize = 27;

/// Rows of a product that a core computes before it takes others: what they need stays in its cache.
const ROWS: usize = 256;

impl NetworkOps for Flex {
    fn pointwise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        relu6: bool,
    ) -> FloatTensor<Self> {
        let [batch, height, width, inputs] = x.shape().dims();
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.to_contiguous());
        let (x, weight, bias) = (x.storage::<f32>(), self::weight(&weight), bias.storage::<f32>());
        let outputs = bias.len();
        let mut y = vec![0.0; batch * height * width * outputs];
        for_each_chunk(&mut y, ROWS * outputs, |at, y| {
            let x = &x[at * ROWS * inputs..][..y.len() / outputs * inputs];
            Product { x, weight, bias, clip: relu6, y }.compute();
        });
        tensor(y, [batch, height, width, outputs])
    }

    fn depthwise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        hidden(x, None, [weight, bias], stride)
    }

    fn expand_depthwise(
        x: FloatTensor<Self>,
        expand_weight: FloatTensor<Self>,
        expand_bias: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        hidden(x, Some([expand_weight, expand_bias]), [weight, bias], stride)
    }

    fn neighbourhoods(pixels: FloatTensor<Self>) -> FloatTensor<Self> {
        let [batch, _, height, width] = pixels.shape().dims();
        let pixels = pixels.to_contiguous();
        let planes: Vec<_> = pixels.storage::<f32>().chunks_exact(height * width).collect();
        let [rows, columns] = [height, width].map(|length| length.div_ceil(2));
        let [top, left] = [height, width].map(|length| same_padding(length, 3, 2).0);
        let mut y = vec![0.0; batch * rows * columns * TAPS];
        for (at, row) in y.chunks_exact_mut(columns * TAPS).enumerate() {
            for tap in 0..TAPS {
                let (tap_y, tap_x, channel) = (tap / 9, tap / 3 % 3, tap % 3);
                // What lies outside stays zero.
                let Some(seen) = (2 * (at % rows) + tap_y).checked_sub(top).filter(|&y| y < height) else { continue };
                let line = &planes[3 * (at / rows) + channel][seen * width..][..width];
                let outside = left.saturating_sub(tap_x).div_ceil(2);
                let inside = line.iter().skip(2 * outside + tap_x - left).step_by(2);
                row[tap..].iter_mut().step_by(TAPS).skip(outside).zip(inside).for_each(|(to, &from)| *to = from);
            }
        }
        tensor(y, [batch, rows, columns, TAPS])
    }

    #[cfg(target_arch = "wasm32")]
    fn convolve(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        let [batch, inputs, height, width] = x.shape().dims();
        let [outputs, ..] = weight.shape().dims::<4>();
        let (x, weight, bias) = (x.to_contiguous(), weight.to_contiguous(), contiguous(&bias));
        let mut y = vec![0.0; batch * outputs * height * width];
        let images = x.storage::<f32>().chunks_exact(inputs * height * width);
        for (image, y) in images.zip(y.chunks_exact_mut(outputs * height * width)) {
            super::convolve::convolve(image, [height, width], weight.storage(), &bias, y);
        }
        tensor(y, [batch, outputs, height, width])
    }

    fn rectify(x: FloatTensor<Self>) -> FloatTensor<Self> {
        map(x, |x| x.max(0.0))
    }

    fn logistic(x: FloatTensor<Self>) -> FloatTensor<Self> {
        map(x, |x| 1.0 / (1.0 + (-x).exp()))
    }

    fn add(x: FloatTensor<Self>, y: FloatTensor<Self>) -> FloatTensor<Self> {
        let (mut x, y) = (x.to_contiguous(), y.to_contiguous());
        x.storage_mut::<f32>().iter_mut().zip(y.storage::<f32>()).for_each(|(x, y)| *x += y);
        x
    }

    fn mean_of_cells(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let [batch, cells, channels] = x.shape().dims();
        let x = x.to_contiguous();
        let mut y = vec![0.0; batch * channels];
        for (mean, map) in y.chunks_exact_mut(channels).zip(x.storage::<f32>().chunks_exact(cells * channels)) {
            for cell in map.chunks_exact(channels) {
                mean.iter_mut().zip(cell).for_each(|(sum, x)| *sum += x);
            }
            mean.iter_mut().for_each(|sum| *sum /= cells as f32);
        }
        tensor(y, [batch, channels])
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

/// Expand, if asked for, and depthwise convolution.
fn hidden(
    x: FloatTensor<Flex>,
    expand: Option<[FloatTensor<Flex>; 2]>,
    [weight, bias]: [FloatTensor<Flex>; 2],
    stride: usize,
) -> FloatTensor<Flex> {
    let [batch, height, width, inputs] = x.shape().dims();
    let [kernel, _, channels] = weight.shape().dims();
    let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.to_contiguous());
    let expand = expand.map(|tensors| tensors.map(|tensor| tensor.to_contiguous()));
    let shape = [batch, height.div_ceil(stride), width.div_ceil(stride), channels];
    let mut y = vec![0.0; shape.iter().product()];
    for_each_chunk(&mut y, shape[1] * shape[2] * channels, |at, y| {
        let image = &x.storage::<f32>()[at * height * width * inputs..][..height * width * inputs];
        let expand = expand.as_ref().map(|[weight, bias]| (self::weight(weight), bias.storage::<f32>()));
        let depthwise = (weight.storage(), bias.storage());
        Hidden { image, size: [height, width], expand, depthwise, kernel, stride, y }.compute();
    });
    tensor(y, shape)
}

/// A pointwise convolution's weight, as this program keeps it.
fn weight(tensor: &FloatTensor<Flex>) -> Weight<'_> {
    let weight = tensor.storage();
    if cfg!(target_arch = "wasm32") { Weight::Panels(weight) } else { Weight::Rows(weight) }
}

/// Each number of a tensor by itself.
fn map(x: FloatTensor<Flex>, f: impl Fn(f32) -> f32) -> FloatTensor<Flex> {
    let mut x = x.to_contiguous();
    x.storage_mut::<f32>().iter_mut().for_each(|x| *x = f(*x));
    x
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FloatTensor<Flex> {
    FloatTensor::<Flex>::from_data(TensorData::new(values, shape))
}

fn contiguous(tensor: &FloatTensor<Flex>) -> Vec<f32> {
    tensor.to_contiguous().storage::<f32>().to_vec()
}
