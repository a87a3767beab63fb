//! The inverted-residual trunk (Sandler et al., "MobileNetV2", 2018) as EfficientNet-Lite lays it out
//! (Tan & Le, "EfficientNet", 2019; the Lite variants drop squeeze-and-excitation and use ReLU6).
//!
//! There is no batch norm: an import folds it into the convolutions, and training goes on from there.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    BlockConfig,
    kernels::direct::{self, permute, reshape},
    layers::{Depthwise, Pointwise, Start},
};

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

impl InvertedResidual {
    pub(super) fn start<S: Start>(stem: u16, blocks: &[BlockConfig], head: u16, device: &Device) -> Self {
        let mut inputs = usize::from(stem);
        let block = |config: &BlockConfig| {
            let block = Block::start::<S>(inputs, config, device);
            inputs = usize::from(config.channels);
            block
        };
        let blocks = blocks.iter().map(block).collect();
        Self {
            stem: Pointwise::start::<S>(STEM_KERNEL * STEM_KERNEL * 3, usize::from(stem), device),
            blocks,
            head: Pointwise::start::<S>(inputs, usize::from(head), device),
        }
    }

    /// The feature map of the last block.
    ///
    /// # Shapes
    /// - pixels: `[batch, 3, side, side]`
    /// - output: `[batch, channels, side / 2^halvings, side / 2^halvings]`, rounded up
    pub fn latent(&self, pixels: Tensor<4>) -> Tensor<4> {
        permute(self.blocks.iter().fold(self.stem(pixels), |x, block| block.forward(x)), [0, 3, 1, 2])
    }

    /// What the first block sees, `[batch, side / 2, side / 2, channels]`.
    pub fn stem(&self, pixels: Tensor<4>) -> Tensor<4> {
        self.stem.forward(direct::neighbourhoods(pixels), true)
    }

    /// The head's features, averaged over the map.
    ///
    /// # Shapes
    /// - latent: `[batch, channels, height, width]`
    /// - output: `[batch, head]`
    pub fn features(&self, latent: Tensor<4>) -> Tensor<2> {
        direct::mean_of_cells(self.feature_map(latent))
    }

    /// The head's features at each place of the map, row by row.
    ///
    /// # Shapes
    /// - latent: `[batch, channels, height, width]`
    /// - output: `[batch, height · width, head]`
    pub fn feature_map(&self, latent: Tensor<4>) -> Tensor<3> {
        let x = self.head.forward(permute(latent, [0, 2, 3, 1]), true); // [batch, height, width, head]
        let [batch, height, width, channels] = x.dims();
        reshape(x, [batch, height * width, channels])
    }
}

impl Block {
    fn start<S: Start>(inputs: usize, config: &BlockConfig, device: &Device) -> Self {
        let (hidden, outputs) = (usize::from(config.hidden), usize::from(config.channels));
        Self {
            expand: (hidden != inputs).then(|| Pointwise::start::<S>(inputs, hidden, device)),
            depthwise: Depthwise::start::<S>(usize::from(config.kernel), hidden, usize::from(config.stride), device),
            project: Pointwise::start::<S>(hidden, outputs, device),
            residual: config.stride == 1 && inputs == outputs,
        }
    }

    /// `[batch, height, width, inputs]` to `[batch, height / stride, width / stride, outputs]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let input = self.residual.then(|| x.clone());
        let x = self.project.forward(self.hidden(x), false);
        match input {
            Some(input) => direct::add(x, input),
            None => x,
        }
    }

    /// What is projected, `[batch, height / stride, width / stride, hidden]`.
    pub fn hidden(&self, x: Tensor<4>) -> Tensor<4> {
        let Some(expand) = &self.expand else { return self.depthwise.forward(x) };
        let Depthwise { weight, bias, stride } = &self.depthwise;
        direct::expand_depthwise(x, (expand.weight.val(), expand.bias.val()), weight.val(), bias.val(), *stride)
    }
}
