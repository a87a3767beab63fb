//! The inverted-residual trunk (Sandler et al., "MobileNetV2", 2018) as EfficientNet-Lite lays it out
//! (Tan & Le, "EfficientNet", 2019; the Lite variants drop squeeze-and-excitation and use ReLU6).
//!
//! There is no batch norm: an import folds it into the convolutions, and training goes on from there.

#[cfg(feature = "train")]
mod autodiff;
// The gradients are for training alone: without it, nobody calls them.
#[cfg(feature = "cpu")]
#[cfg_attr(not(feature = "train"), allow(dead_code, unused_imports))]
mod flex;
#[cfg(all(feature = "cpu", any(test, target_arch = "wasm32")))]
mod hidden;
#[cfg(feature = "cpu")]
mod lanes;
#[cfg_attr(not(feature = "train"), allow(dead_code, unused_imports))]
mod ops;
#[cfg(feature = "cpu")]
#[cfg_attr(not(feature = "train"), allow(dead_code, unused_imports))]
mod plane;
#[cfg(all(feature = "cpu", any(test, target_arch = "wasm32")))]
mod product;
#[cfg(feature = "cpu")]
#[cfg_attr(not(feature = "train"), allow(dead_code, unused_imports))]
mod tiles;

use burn::{
    module::{Module, Param},
    nn::Initializer,
    tensor::{Device, Tensor},
};

use super::BlockConfig;

/// Side of the stem's kernel; its stride is 2.
const STEM_KERNEL: usize = 3;

/// Stem, blocks and head.
#[derive(Module, Debug)]
pub struct InvertedResidual {
    /// 3 × 3 convolution of the pixels with stride 2, as a pointwise one over 3 × 3 × 3 neighbourhoods.
    pub stem: Pointwise,
    /// The inverted residuals.
    pub blocks: Vec<Block>,
    /// The last pointwise convolution, before the pooling.
    pub head: Pointwise,
}

/// Expand, convolve each channel, project; added to the input where the shapes allow.
#[derive(Module, Debug)]
pub struct Block {
    /// To the hidden channels; none where the input has as many.
    pub expand: Option<Pointwise>,
    /// Over each hidden channel.
    pub depthwise: Depthwise,
    /// To the output's channels, without activation.
    pub project: Pointwise,
    /// Whether the input is added.
    #[module(skip)]
    pub residual: bool,
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

impl InvertedResidual {
    /// Fresh, random weights.
    pub fn init(stem: u16, blocks: &[BlockConfig], head: u16, device: &Device) -> Self {
        let mut inputs = usize::from(stem);
        let block = |config: &BlockConfig| {
            let block = Block::init(inputs, config, device);
            inputs = usize::from(config.channels);
            block
        };
        let blocks = blocks.iter().map(block).collect();
        Self {
            stem: Pointwise::init(STEM_KERNEL * STEM_KERNEL * 3, usize::from(stem), device),
            blocks,
            head: Pointwise::init(inputs, usize::from(head), device),
        }
    }

    /// The feature map of the last block.
    ///
    /// # Shapes
    /// - pixels: `[batch, 3, side, side]`
    /// - output: `[batch, channels, side / 2^halvings, side / 2^halvings]`, rounded up
    pub fn latent(&self, pixels: Tensor<4>) -> Tensor<4> {
        self.blocks.iter().fold(self.stem(pixels), |x, block| block.forward(x)).permute([0, 3, 1, 2])
    }

    /// What the first block sees, `[batch, side / 2, side / 2, channels]`.
    pub fn stem(&self, pixels: Tensor<4>) -> Tensor<4> {
        self.stem.forward(ops::neighbourhoods(pixels), true)
    }

    /// The head's features, averaged over the map.
    ///
    /// # Shapes
    /// - latent: `[batch, channels, height, width]`
    /// - output: `[batch, head]`
    pub fn features(&self, latent: Tensor<4>) -> Tensor<2> {
        let x = self.feature_map(latent); // [batch, cells, head]
        let [batch, _, channels] = x.dims();
        x.mean_dim(1).reshape([batch, channels])
    }

    /// The head's features at each place of the map, row by row.
    ///
    /// # Shapes
    /// - latent: `[batch, channels, height, width]`
    /// - output: `[batch, height · width, head]`
    pub fn feature_map(&self, latent: Tensor<4>) -> Tensor<3> {
        let x = self.head.forward(latent.permute([0, 2, 3, 1]), true); // [batch, height, width, head]
        let [batch, height, width, channels] = x.dims();
        x.reshape([batch, height * width, channels])
    }
}

impl Block {
    fn init(inputs: usize, config: &BlockConfig, device: &Device) -> Self {
        let (hidden, outputs) = (usize::from(config.hidden), usize::from(config.channels));
        Self {
            expand: (hidden != inputs).then(|| Pointwise::init(inputs, hidden, device)),
            depthwise: Depthwise::init(usize::from(config.kernel), hidden, usize::from(config.stride), device),
            project: Pointwise::init(hidden, outputs, device),
            residual: config.stride == 1 && inputs == outputs,
        }
    }

    /// `[batch, height, width, inputs]` to `[batch, height / stride, width / stride, outputs]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let input = self.residual.then(|| x.clone());
        let x = self.project.forward(self.hidden(x), false);
        match input {
            Some(input) => x + input,
            None => x,
        }
    }

    /// What is projected, `[batch, height / stride, width / stride, hidden]`.
    pub fn hidden(&self, x: Tensor<4>) -> Tensor<4> {
        let Some(expand) = &self.expand else { return self.depthwise.forward(x) };
        let Depthwise { weight, bias, stride } = &self.depthwise;
        ops::expand_depthwise(x, (expand.weight.val(), expand.bias.val()), weight.val(), bias.val(), *stride)
    }
}

impl Pointwise {
    fn init(inputs: usize, outputs: usize, device: &Device) -> Self {
        Self {
            weight: kaiming().init_with([inputs, outputs], Some(inputs), None, device),
            bias: Initializer::Zeros.init([outputs], device),
        }
    }

    /// `[batch, height, width, inputs]` to `[batch, height, width, outputs]`.
    fn forward(&self, x: Tensor<4>, relu6: bool) -> Tensor<4> {
        ops::pointwise(x, self.weight.val(), self.bias.val(), relu6)
    }
}

impl Depthwise {
    fn init(kernel: usize, channels: usize, stride: usize, device: &Device) -> Self {
        let seen = kernel * kernel;
        Self {
            weight: kaiming().init_with([kernel, kernel, channels], Some(seen), None, device),
            bias: Initializer::Zeros.init([channels], device),
            stride,
        }
    }

    /// `[batch, height, width, channels]` to `[batch, height / stride, width / stride, channels]`.
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        ops::depthwise(x, self.weight.val(), self.bias.val(), self.stride)
    }
}

/// He et al., "Delving Deep into Rectifiers", 2015.
fn kaiming() -> Initializer {
    Initializer::KaimingNormal { gain: std::f64::consts::SQRT_2, fan_out_only: false }
}
