//! The layers of the networks, and how their parameters begin.

use burn::{
    module::{Module, Param, ParamId},
    nn::Initializer,
    tensor::{Device, Shape, Tensor},
};

use super::kernels::direct::{self, reshape};

/// Makes parameters. A type and not a value: a program that only loads networks is not linked with burn's random
/// numbers and decompositions, a third of it.
pub(super) trait Start {
    /// A parameter of a layer in which each output sees `inputs` numbers.
    fn parameter<const D: usize>(
        initializer: &Initializer,
        shape: [usize; D],
        inputs: usize,
        device: &Device,
    ) -> Param<Tensor<D>>;
}

/// Fresh ones, to be trained.
pub(super) struct Fresh;

/// None yet: stored ones take their places.
pub(super) struct Vacant;

impl Start for Fresh {
    fn parameter<const D: usize>(
        initializer: &Initializer,
        shape: [usize; D],
        inputs: usize,
        device: &Device,
    ) -> Param<Tensor<D>> {
        initializer.init_with(shape, Some(inputs), None, device)
    }
}

impl Start for Vacant {
    fn parameter<const D: usize>(_: &Initializer, shape: [usize; D], _: usize, device: &Device) -> Param<Tensor<D>> {
        let zeros = move |device: &Device, _| Tensor::zeros(shape, device);
        Param::uninitialized(ParamId::new(), zeros, device.clone(), false, Shape::new(shape))
    }
}

/// A 3 × 3 convolution that keeps the side.
#[derive(Module, Debug)]
pub struct Convolution {
    /// `[outputs, inputs, 3, 3]`.
    pub weight: Param<Tensor<4>>,
    /// `[outputs]`.
    pub bias: Param<Tensor<1>>,
}

/// A pointwise convolution.
#[derive(Module, Debug)]
pub struct Pointwise {
    /// `[inputs, outputs]`.
    pub weight: Param<Tensor<2>>,
    /// `[outputs]`.
    pub bias: Param<Tensor<1>>,
}

/// A depthwise convolution.
#[derive(Module, Debug)]
pub struct Depthwise {
    /// `[kernel, kernel, channels]`.
    pub weight: Param<Tensor<3>>,
    /// `[channels]`.
    pub bias: Param<Tensor<1>>,
    /// Places from one output to the next.
    #[module(skip)]
    pub stride: usize,
}

impl Convolution {
    pub(super) fn start<S: Start>(inputs: usize, outputs: usize, device: &Device) -> Self {
        let seen = 9 * inputs;
        Self {
            weight: S::parameter(&uniform(), [outputs, inputs, 3, 3], seen, device),
            bias: S::parameter(&uniform(), [outputs], seen, device),
        }
    }

    /// `[batch, inputs, height, width]` to `[batch, outputs, height, width]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        direct::convolve(x, self.weight.val(), self.bias.val())
    }
}

impl Pointwise {
    /// A layer of its own, `[batch, inputs]` to `[batch, outputs]`.
    pub(super) fn projection<S: Start>(inputs: usize, outputs: usize, device: &Device) -> Self {
        Self {
            weight: S::parameter(&uniform(), [inputs, outputs], inputs, device),
            bias: S::parameter(&uniform(), [outputs], inputs, device),
        }
    }

    /// Before an activation.
    pub(super) fn start<S: Start>(inputs: usize, outputs: usize, device: &Device) -> Self {
        Self {
            weight: S::parameter(&kaiming(), [inputs, outputs], inputs, device),
            bias: S::parameter(&Initializer::Zeros, [outputs], inputs, device),
        }
    }

    /// `[batch, inputs]` to `[batch, outputs]`: pictures of one pixel.
    pub(super) fn rows(&self, x: Tensor<2>) -> Tensor<2> {
        let [batch, inputs] = x.dims();
        let y = self.forward(reshape(x, [batch, 1, 1, inputs]), false);
        let [.., outputs] = y.dims();
        reshape(y, [batch, outputs])
    }

    /// `[batch, height, width, inputs]` to `[batch, height, width, outputs]`.
    pub(super) fn forward(&self, x: Tensor<4>, relu6: bool) -> Tensor<4> {
        direct::pointwise(x, self.weight.val(), self.bias.val(), relu6)
    }
}

impl Depthwise {
    pub(super) fn start<S: Start>(kernel: usize, channels: usize, stride: usize, device: &Device) -> Self {
        let seen = kernel * kernel;
        Self {
            weight: S::parameter(&kaiming(), [kernel, kernel, channels], seen, device),
            bias: S::parameter(&Initializer::Zeros, [channels], seen, device),
            stride,
        }
    }

    /// `[batch, height, width, channels]` to `[batch, height / stride, width / stride, channels]`.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        direct::depthwise(x, self.weight.val(), self.bias.val(), self.stride)
    }
}

/// He et al., "Delving Deep into Rectifiers", 2015.
fn kaiming() -> Initializer {
    Initializer::KaimingNormal { gain: std::f64::consts::SQRT_2, fan_out_only: false }
}

/// What burn begins its layers with.
pub(super) fn uniform() -> Initializer {
    Initializer::KaimingUniform { gain: 1.0 / 3.0_f64.sqrt(), fan_out_only: false }
}
