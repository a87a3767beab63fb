//! burn's operations, called where its backends take them.
//!
//! A method of `Tensor` also knows quantised numbers and every precision, and what those need would be most of the program
//! that the page downloads. Here all numbers are f32.

use burn::{
    backend::{
        Dispatch,
        ops::{FloatTensorOps as _, ModuleOps as _},
    },
    tensor::{Device, Shape, Tensor, TensorData},
};

use super::super::EncodeError;

/// Numbers on a device, the last axis running fastest.
pub(crate) fn from_values<const D: usize>(values: Vec<f32>, shape: impl Into<Shape>, device: &Device) -> Tensor<D> {
    let data = TensorData::new(values, shape.into());
    Tensor::from_dispatch(Dispatch::float_from_data(data, device.as_dispatch()))
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
