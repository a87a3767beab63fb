//! burn's operations, called where its backends take them.
//!
//! A method of `Tensor` also knows quantised numbers and every precision, and what those need would be most of the program
//! that the page downloads. Here all numbers are f32.

#[cfg(all(feature = "cpu", target_arch = "wasm32"))]
use burn::backend::DispatchDevice;
use burn::{
    backend::{
        Dispatch,
        ops::{FloatTensorOps as _, ModuleOps as _},
    },
    tensor::{Device, Shape, Tensor, TensorData},
};

use super::{super::EncodeError, ops::NetworkOps};

/// Numbers on a device, the last axis running fastest.
pub(crate) fn from_values<const D: usize>(values: Vec<f32>, shape: impl Into<Shape>, device: &Device) -> Tensor<D> {
    let data = TensorData::new(values, shape.into());
    Tensor::from_dispatch(Dispatch::float_from_data(data, device.as_dispatch()))
}

/// A stored parameter on a device. A pointwise convolution's weight, the only parameter with two axes, lies there as the
/// kernels for WebAssembly want it.
pub(crate) fn parameter<const D: usize>(values: Vec<f32>, shape: Shape, device: &Device) -> Tensor<D> {
    #[cfg(all(feature = "cpu", target_arch = "wasm32"))]
    let values = match (device.as_dispatch(), shape.as_slice()) {
        (DispatchDevice::Flex(_), &[_, outputs]) => super::product::packed(&values, outputs),
        _ => values,
    };
    from_values(values, shape, device)
}

/// The numbers of a tensor, its last axis running fastest. Asynchronous, because a browser can't wait for its GPU.
///
/// # Errors
/// A device that fails.
pub(crate) async fn to_values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, EncodeError> {
    let data = Dispatch::float_into_data(tensor.into_dispatch()).await;
    let data = data.map_err(|e| EncodeError::Device(format!("{e:?}")))?;
    data.try_into_vec().map_err(|e| EncodeError::Device(format!("{e:?}")))
}

/// The same numbers in another shape.
pub(crate) fn reshape<const D: usize, const E: usize>(x: Tensor<D>, shape: [usize; E]) -> Tensor<E> {
    Tensor::from_dispatch(Dispatch::float_reshape(x.into_dispatch(), Shape::new(shape)))
}

/// The same numbers, their axes in another order.
pub(crate) fn permute<const D: usize>(x: Tensor<D>, axes: [usize; D]) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::float_permute(x.into_dispatch(), &axes))
}

/// Each pixel four times: `[b, c, h, w]` to `[b, c, 2h, 2w]`.
pub(crate) fn upsample(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    let x = reshape(x, [batch, channels, height, 1, width, 1]).into_dispatch();
    let x = Dispatch::float_expand(x, Shape::new([batch, channels, height, 2, width, 2]));
    reshape(Tensor::<6>::from_dispatch(x), [batch, channels, 2 * height, 2 * width])
}

/// The largest of each two by two: `[b, c, h, w]` to `[b, c, h / 2, w / 2]`.
pub(crate) fn max_pool(x: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::max_pool2d(x.into_dispatch(), [2, 2], [2, 2], [0, 0], [1, 1], false))
}

/// A pointwise convolution of `[batch, height, width, inputs]` to `[batch, height, width, outputs]`.
pub(crate) fn pointwise(x: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>, relu6: bool) -> Tensor<4> {
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as NetworkOps>::pointwise(x, weight, bias, relu6))
}

/// A depthwise convolution of `[batch, height, width, channels]` to
/// `[batch, ⌈height / stride⌉, ⌈width / stride⌉, channels]`, with ReLU6.
pub(crate) fn depthwise(x: Tensor<4>, weight: Tensor<3>, bias: Tensor<1>, stride: usize) -> Tensor<4> {
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as NetworkOps>::depthwise(x, weight, bias, stride))
}

/// A [`pointwise`] convolution with ReLU6 and a [`depthwise`] one.
pub(crate) fn expand_depthwise(
    x: Tensor<4>,
    expand: (Tensor<2>, Tensor<1>),
    weight: Tensor<3>,
    bias: Tensor<1>,
    stride: usize,
) -> Tensor<4> {
    let (expand_weight, expand_bias) = (expand.0.into_dispatch(), expand.1.into_dispatch());
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as NetworkOps>::expand_depthwise(
        x,
        expand_weight,
        expand_bias,
        weight,
        bias,
        stride,
    ))
}

/// What a 3 × 3 kernel with stride 2 sees at each of its places: `[batch, 3, height, width]` to
/// `[batch, ⌈height / 2⌉, ⌈width / 2⌉, 27]`.
pub(crate) fn neighbourhoods(pixels: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as NetworkOps>::neighbourhoods(pixels.into_dispatch()))
}

/// A 3 × 3 convolution that keeps the side: `[batch, inputs, height, width]` to `[batch, outputs, height, width]`.
pub(crate) fn convolve(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as NetworkOps>::convolve(x, weight, bias))
}

/// ReLU: what is above zero; the rest becomes zero.
pub(crate) fn relu(x: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as NetworkOps>::rectify(x.into_dispatch()))
}

/// To numbers between 0 and 1, by the logistic function.
pub(crate) fn sigmoid(x: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as NetworkOps>::logistic(x.into_dispatch()))
}

/// The sum of two tensors of one shape.
pub(crate) fn add(x: Tensor<4>, y: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as NetworkOps>::add(x.into_dispatch(), y.into_dispatch()))
}

/// The mean over the cells of a map: `[batch, cells, channels]` to `[batch, channels]`.
pub(crate) fn mean_of_cells(x: Tensor<3>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as NetworkOps>::mean_of_cells(x.into_dispatch()))
}
