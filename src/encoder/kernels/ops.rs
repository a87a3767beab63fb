//! The operations of an inverted-residual network on any burn device, channels last.
//!
//! With channels last, `[batch, height, width, channels]`, a pointwise convolution is one matrix product over all
//! pixels, and a depthwise one runs along contiguous channels. burn's own convolutions are not fused with bias and
//! ReLU6, and its gradient of a depthwise convolution is a loop over channels: both cost several times the arithmetic.
//! So the processor has kernels of its own (`flex`); other devices compose burn's operations, and so do the tests.

use burn::{
    backend::{
        Backend, TensorMetadata as _, backend_extension,
        ops::{ConvOptions, ConvTransposeOptions},
        tensor::FloatTensor,
    },
    tensor::{Shape, Slice, ops::PadMode},
};

/// What a ReLU6 lets through at most (Howard et al., "MobileNets", 2017).
pub(super) const SIX: f32 = 6.0;

/// Padding before and after an axis such that the output has ⌈length / stride⌉ places: TensorFlow's "SAME",
/// which puts an odd zero at the end.
pub(super) fn same_padding(length: usize, kernel: usize, stride: usize) -> (usize, usize) {
    let needed = ((length.div_ceil(stride) - 1) * stride + kernel).saturating_sub(length);
    (needed / 2, needed - needed / 2)
}

/// The two convolutions of an inverted residual, and the gradients that burn lacks or computes slowly.
///
/// Shapes: activations `[batch, height, width, channels]`, pointwise weights `[inputs, outputs]`,
/// depthwise weights `[kernel, kernel, channels]`, biases `[channels]`.
#[backend_extension(Flex: cfg(feature = "cpu"), Cube: cfg(feature = "gpu"), Autodiff: cfg(feature = "train"))]
pub(crate) trait NetworkOps: Backend {
    /// `x · weight + bias` at each pixel, then perhaps ReLU6.
    fn pointwise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        relu6: bool,
    ) -> FloatTensor<Self> {
        let [batch, height, width, inputs] = x.shape().dims();
        let [_, outputs] = weight.shape().dims();
        let rows = Self::float_reshape(x, Shape::new([batch * height * width, inputs]));
        let bias = Self::float_reshape(bias, Shape::new([1, outputs]));
        let y = Self::float_add(Self::float_matmul(rows, weight), bias);
        let y = if relu6 { Self::float_clamp(y, 0.0.into(), SIX.into()) } else { y };
        Self::float_reshape(y, Shape::new([batch, height, width, outputs]))
    }

    /// Depthwise convolution with "SAME" padding, bias and ReLU6.
    fn depthwise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let options = depthwise_options(&x.shape(), &weight.shape(), stride);
        let y = Self::conv2d(channels_first::<Self>(x), grouped::<Self>(weight), Some(bias), options);
        Self::float_clamp(channels_last::<Self>(y), 0.0.into(), SIX.into())
    }

    /// [`pointwise`](Self::pointwise) with ReLU6 and [`depthwise`](Self::depthwise), one after the other.
    fn expand_depthwise(
        x: FloatTensor<Self>,
        expand_weight: FloatTensor<Self>,
        expand_bias: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        Self::depthwise(Self::pointwise(x, expand_weight, expand_bias, true), weight, bias, stride)
    }

    /// What a 3 × 3 kernel with stride 2 sees at each of its places, "SAME" padding included:
    /// `[batch, 3, height, width]` to `[batch, ⌈height / 2⌉, ⌈width / 2⌉, 27]`, the last axis ordered by row, column,
    /// channel of the kernel.
    fn neighbourhoods(pixels: FloatTensor<Self>) -> FloatTensor<Self> {
        let [_, _, height, width] = pixels.shape().dims();
        let padding = [(0, 0), same_padding(height, 3, 2), same_padding(width, 3, 2), (0, 0)];
        let padded = Self::float_pad(channels_last::<Self>(pixels), &padding, PadMode::Constant(0.0));
        let reach = |from: usize, out: usize| Slice::new(from as isize, Some((from + 2 * out - 1) as isize), 2);
        let taps = (0..9).map(|tap| {
            let (row, column) = (reach(tap / 3, height.div_ceil(2)), reach(tap % 3, width.div_ceil(2)));
            Self::float_slice(padded.clone(), &[Slice::full(), row, column, Slice::full()])
        });
        Self::float_cat(taps.collect(), 3)
    }

    /// The sum of two tensors of one shape.
    fn add(x: FloatTensor<Self>, y: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_add(x, y)
    }

    /// The mean over the cells of a map: `[batch, cells, channels]` to `[batch, channels]`.
    fn mean_of_cells(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let [batch, _, channels] = x.shape().dims();
        Self::float_reshape(Self::float_mean_dim(x, 1), Shape::new([batch, channels]))
    }

    /// A 3 × 3 convolution that keeps the side, channels first; `weight` is `[outputs, inputs, 3, 3]`.
    fn convolve(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::conv2d(x, weight, Some(bias), ConvOptions::new([1; 2], [1; 2], [1; 2], 1))
    }

    /// What is above zero; the rest becomes zero.
    fn rectify(x: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::relu(x)
    }

    /// To numbers between 0 and 1, by the logistic function.
    fn logistic(x: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::sigmoid(x)
    }

    /// The part of a gradient that passes a ReLU6 whose output was `y`.
    fn relu6_backward(y: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        let from_above = Self::float_add_scalar(Self::float_neg(y.clone()), SIX.into());
        Self::relu_backward(from_above, Self::relu_backward(y, gradient))
    }

    /// Gradient of a depthwise convolution's input of `height` × `width`, given that of its sums.
    fn depthwise_x_backward(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
        height: usize,
        width: usize,
    ) -> FloatTensor<Self> {
        let [kernel, _, channels] = weight.shape().dims();
        let [_, out_height, out_width, _] = gradient.shape().dims();
        let (top, _) = same_padding(height, kernel, stride);
        let (left, _) = same_padding(width, kernel, stride);
        // The transposed convolution without padding gives the padded input; what the padding got is cut off.
        let options = ConvTransposeOptions::new([stride; 2], [0; 2], [stride - 1; 2], [1; 2], channels);
        let padded = Self::conv_transpose2d(channels_first::<Self>(gradient), grouped::<Self>(weight), None, options);
        let reach = |out: usize| (out - 1) * stride + kernel + stride - 1;
        debug_assert!(reach(out_height) >= top + height && reach(out_width) >= left + width);
        let rows = Slice::from(top..top + height);
        let columns = Slice::from(left..left + width);
        let x = Self::float_slice(padded, &[Slice::full(), Slice::full(), rows, columns]);
        channels_last::<Self>(x)
    }

    /// Gradient of a depthwise convolution's weight, `[kernel, kernel, channels]`, given that of its sums.
    fn depthwise_weight_backward(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
        kernel: usize,
    ) -> FloatTensor<Self> {
        let [_, height, width, channels] = x.shape().dims();
        let [_, out_height, out_width, _] = gradient.shape().dims();
        let x = Self::float_pad(
            x,
            &[(0, 0), same_padding(height, kernel, stride), same_padding(width, kernel, stride), (0, 0)],
            PadMode::Constant(0.0),
        );
        let reach = |from: usize, out: usize| {
            Slice::new(from as isize, Some((from + (out - 1) * stride + 1) as isize), stride as isize)
        };
        let taps = (0..kernel * kernel).map(|tap| {
            let (row, column) = (reach(tap / kernel, out_height), reach(tap % kernel, out_width));
            let seen = Self::float_slice(x.clone(), &[Slice::full(), row, column, Slice::full()]);
            Self::float_sum_dims(Self::float_mul(seen, gradient.clone()), &[0, 1, 2])
        });
        Self::float_reshape(Self::float_cat(taps.collect(), 0), Shape::new([kernel, kernel, channels]))
    }
}

#[cfg(feature = "gpu")]
impl NetworkOps for burn::backend::Wgpu {}

fn depthwise_options(x: &Shape, weight: &Shape, stride: usize) -> ConvOptions<2> {
    let [_, height, width, channels] = x.dims();
    let [kernel, ..] = weight.dims::<3>();
    let padding = [same_padding(height, kernel, stride), same_padding(width, kernel, stride)];
    ConvOptions { stride: [stride; 2], padding, dilation: [1; 2], groups: channels }
}

/// `[b, h, w, c]` to `[b, c, h, w]`.
fn channels_first<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    B::float_permute(x, &[0, 3, 1, 2])
}

/// `[b, c, h, w]` to `[b, h, w, c]`.
fn channels_last<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    B::float_permute(x, &[0, 2, 3, 1])
}

/// `[kernel, kernel, channels]` to burn's `[channels, 1, kernel, kernel]`.
fn grouped<B: Backend>(weight: FloatTensor<B>) -> FloatTensor<B> {
    let [kernel, _, channels] = weight.shape().dims();
    B::float_reshape(B::float_permute(weight, &[2, 0, 1]), Shape::new([channels, 1, kernel, kernel]))
}

#[cfg(feature = "train")]
#[cfg(test)]
mod tests {
    use super::super::direct::{add, depthwise, mean_of_cells, neighbourhoods, pointwise, relu, sigmoid};
    use super::*;
    use burn::tensor::{Device, Distribution, Tensor, TensorData, module::conv2d};

    /// Sides, channels, kernel and stride that meet every edge: odd sides, one pixel, channels beside the SIMD width.
    const CASES: [(usize, usize, usize, usize); 7] =
        [(9, 16, 3, 1), (8, 20, 3, 2), (7, 33, 5, 2), (10, 48, 5, 1), (1, 5, 5, 1), (2, 16, 5, 2), (3, 32, 3, 2)];

    fn random<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
        Tensor::random(shape, Distribution::Normal(0.0, 1.5), device)
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    fn assert_close(fast: &[f32], slow: &[f32], what: &str) {
        assert_eq!(fast.len(), slow.len());
        let largest = slow.iter().fold(1.0_f32, |max, x| max.max(x.abs()));
        for (at, (fast, slow)) in fast.iter().zip(slow).enumerate() {
            assert!((fast - slow).abs() < 1e-5 * largest, "{what}, value {at}: {fast} for {slow}");
        }
    }

    /// What burn's own convolution gives, as a function of the same arguments.
    fn slow_depthwise(x: Tensor<4>, weight: Tensor<3>, bias: Tensor<1>, stride: usize) -> Tensor<4> {
        let [_, height, width, channels] = x.dims();
        let [kernel, ..] = weight.dims();
        let (top, bottom) = same_padding(height, kernel, stride);
        let (left, right) = same_padding(width, kernel, stride);
        let x = x.pad([(0, 0), (top, bottom), (left, right), (0, 0)], 0.0).permute([0, 3, 1, 2]);
        let weight = weight.permute([2, 0, 1]).reshape([channels, 1, kernel, kernel]);
        let options = ConvOptions::new([stride; 2], [0; 2], [1; 2], channels);
        conv2d(x, weight, Some(bias), options).clamp(0.0, 6.0).permute([0, 2, 3, 1])
    }

    fn slow_pointwise(x: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>, relu6: bool) -> Tensor<4> {
        let [inputs, outputs] = weight.dims();
        let weight = weight.transpose().reshape([outputs, inputs, 1, 1]);
        let options = ConvOptions::new([1; 2], [0; 2], [1; 2], 1);
        let y = conv2d(x.permute([0, 3, 1, 2]), weight, Some(bias), options).permute([0, 2, 3, 1]);
        if relu6 { y.clamp(0.0, 6.0) } else { y }
    }

    /// Values and all three gradients of `f`, whose output is weighted so that no two places count alike.
    fn with_gradients<const D: usize>(
        inputs: &(TensorData, TensorData, TensorData),
        f: impl Fn(Tensor<4>, Tensor<D>, Tensor<1>) -> Tensor<4>,
    ) -> [Vec<f32>; 4] {
        let device = Device::flex().autodiff();
        let x = Tensor::<4>::from_data(inputs.0.clone(), &device).require_grad();
        let weight = Tensor::<D>::from_data(inputs.1.clone(), &device).require_grad();
        let bias = Tensor::<1>::from_data(inputs.2.clone(), &device).require_grad();
        let y = f(x.clone(), weight.clone(), bias.clone());
        let count = y.shape().num_elements();
        let factors: Vec<f32> = (0..count).map(|at| 0.5 + (at * 7 % 13) as f32 / 13.0).collect();
        let loss = (y.clone() * Tensor::from_data(TensorData::new(factors, y.dims()), &device)).sum();
        let gradients = loss.backward();
        [
            values(y.inner()),
            values(x.grad(&gradients).unwrap()),
            values(weight.grad(&gradients).unwrap()),
            values(bias.grad(&gradients).unwrap()),
        ]
    }

    const NAMES: [&str; 4] = ["output", "gradient of x", "gradient of the weight", "gradient of the bias"];

    #[test]
    fn the_depthwise_kernel_and_its_gradients_are_those_of_burn() {
        let device = Device::flex();
        device.seed(1);
        for (side, channels, kernel, stride) in CASES {
            let inputs = (
                random([2, side, side + 1, channels], &device).into_data(),
                random([kernel, kernel, channels], &device).into_data(),
                random([channels], &device).into_data(),
            );
            let fast = with_gradients::<3>(&inputs, |x, w, b| depthwise(x, w, b, stride));
            let slow = with_gradients::<3>(&inputs, |x, w, b| slow_depthwise(x, w, b, stride));
            for ((fast, slow), name) in fast.iter().zip(&slow).zip(NAMES) {
                assert_close(fast, slow, &format!("{name}, side {side}, {channels} channels, {kernel}/{stride}"));
            }
        }
    }

    #[test]
    fn the_pointwise_kernel_and_its_gradients_are_those_of_burn() {
        let device = Device::flex();
        device.seed(2);
        for (side, inputs, outputs, relu6) in
            [(1, 3, 5, true), (5, 27, 32, true), (6, 40, 24, false), (3, 17, 50, true)]
        {
            let data = (
                random([3, side, side + 2, inputs], &device).into_data(),
                random([inputs, outputs], &device).into_data(),
                random([outputs], &device).into_data(),
            );
            let fast = with_gradients::<2>(&data, |x, w, b| pointwise(x, w, b, relu6));
            let slow = with_gradients::<2>(&data, |x, w, b| slow_pointwise(x, w, b, relu6));
            for ((fast, slow), name) in fast.iter().zip(&slow).zip(NAMES) {
                assert_close(fast, slow, &format!("{name}, {inputs} to {outputs}, ReLU6 {relu6}"));
            }
        }
    }

    #[test]
    fn neighbourhoods_are_what_a_dense_kernel_sees() {
        let device = Device::flex();
        device.seed(3);
        for (height, width) in [(8, 8), (9, 7), (1, 2), (6, 1)] {
            let x = random([2, 3, height, width], &device);
            let weight = random([27, 4], &device);
            let seen = neighbourhoods(x.clone());
            assert_eq!(seen.dims(), [2, height.div_ceil(2), width.div_ceil(2), 27]);
            let fast = pointwise(seen, weight.clone(), Tensor::zeros([4], &device), false);
            let (top, bottom) = same_padding(height, 3, 2);
            let (left, right) = same_padding(width, 3, 2);
            let x = x.pad([(0, 0), (0, 0), (top, bottom), (left, right)], 0.0);
            let weight = weight.reshape([3, 3, 3, 4]).permute([3, 2, 0, 1]);
            let slow = conv2d(x, weight, None, ConvOptions::new([2; 2], [0; 2], [1; 2], 1)).permute([0, 2, 3, 1]);
            assert_close(&values(fast), &values(slow), &format!("{height} × {width}"));
        }
    }

    #[test]
    fn small_operations_are_those_of_burn() {
        use burn::tensor::activation;
        let device = Device::flex();
        device.seed(5);
        let random = |shape| random::<4>(shape, &device);
        let (x, y) = (random([2, 3, 4, 5]), random([2, 3, 4, 5]));
        assert_close(&values(add(x.clone(), y.clone())), &values(x.clone() + y), "add");
        assert_close(&values(relu(x.clone())), &values(activation::relu(x.clone())), "relu");
        assert_close(&values(sigmoid(x.clone())), &values(activation::sigmoid(x.clone())), "sigmoid");
        let cells = x.reshape([2, 12, 5]);
        let means = mean_of_cells(cells.clone());
        assert_eq!(means.dims(), [2, 5]);
        assert_close(&values(means), &values(cells.mean_dim(1)), "mean of cells");
    }

    #[test]
    fn same_padding_is_that_of_tensorflow() {
        assert_eq!(same_padding(128, 3, 2), (0, 1));
        assert_eq!(same_padding(128, 5, 2), (1, 2));
        assert_eq!(same_padding(7, 3, 2), (1, 1));
        assert_eq!(same_padding(7, 5, 1), (2, 2));
        assert_eq!(same_padding(1, 5, 2), (2, 2));
    }
}
