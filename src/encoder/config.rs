//! What an encoder is, apart from its weights.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{embedding::MAX_WIDTH, preprocess::PreprocessConfig};

/// Everything needed to build the network and to feed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncoderConfig {
    /// How a photo becomes the network's input.
    pub preprocess: PreprocessConfig,
    /// The trunk, from pixels to the latent.
    pub architecture: Architecture,
    /// Width D of the embedding, 1 to 64: the latent is projected to it.
    pub width: u16,
}

/// The kinds of trunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Architecture {
    /// 3 × 3 convolutions, each followed by ReLU and 2 × 2 max pooling: the encoder of the classic autoencoder.
    ConvPool {
        /// Channels after each convolution; the last are the latent's.
        channels: Vec<u16>,
    },
    /// Inverted residuals between a stem and a head, as in MobileNet and EfficientNet-Lite.
    InvertedResidual {
        /// Channels after the stem, a 3 × 3 convolution with stride 2.
        stem: u16,
        /// The blocks; the channels of the last are the latent's.
        blocks: Vec<BlockConfig>,
        /// Channels of the last pointwise convolution, whose mean over the map is projected.
        head: u16,
    },
}

/// One inverted residual: expand, depthwise convolution, project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockConfig {
    /// Side of the depthwise kernel: 3 or 5.
    pub kernel: u8,
    /// 1, or 2 to halve the side.
    pub stride: u8,
    /// Channels of the depthwise convolution; as many as the block's input: no expansion.
    pub hidden: u16,
    /// Channels of the block's output. With stride 1 and as many as the input, the input is added.
    pub channels: u16,
}

impl BlockConfig {
    /// Names the numbers.
    pub const fn new(kernel: u8, stride: u8, hidden: u16, channels: u16) -> Self {
        Self { kernel, stride, hidden, channels }
    }

    fn is_possible(&self) -> bool {
        let sizes = (1..=2048).contains(&self.hidden) && (1..=1024).contains(&self.channels);
        sizes && [3, 5].contains(&self.kernel) && [1, 2].contains(&self.stride)
    }
}

/// The blocks of EfficientNet-Lite0.
const LITE0: [BlockConfig; 16] = [
    BlockConfig::new(3, 1, 32, 16),
    BlockConfig::new(3, 2, 96, 24),
    BlockConfig::new(3, 1, 144, 24),
    BlockConfig::new(5, 2, 144, 40),
    BlockConfig::new(5, 1, 240, 40),
    BlockConfig::new(3, 2, 240, 80),
    BlockConfig::new(3, 1, 480, 80),
    BlockConfig::new(3, 1, 480, 80),
    BlockConfig::new(5, 1, 480, 112),
    BlockConfig::new(5, 1, 672, 112),
    BlockConfig::new(5, 1, 672, 112),
    BlockConfig::new(5, 2, 672, 192),
    BlockConfig::new(5, 1, 1152, 192),
    BlockConfig::new(5, 1, 1152, 192),
    BlockConfig::new(5, 1, 1152, 192),
    BlockConfig::new(3, 1, 1152, 320),
];

/// Why a configuration describes no network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The embedding's width.
    #[error("an embedding has 1 to {MAX_WIDTH} numbers, not {0}")]
    Width(u16),
    /// The trunk's channels.
    #[error("a trunk has 1 to 8 convolutions of 1 to 1024 channels each")]
    Channels,
    /// The trunk's inverted residuals.
    #[error(
        "a trunk has 1 to 32 inverted residuals with a kernel of 3 or 5, a stride of 1 or 2 and at most 2048 channels"
    )]
    Blocks,
    /// The input's side does not survive the poolings.
    #[error("a side of {side} pixels can't be halved {halvings} times")]
    Side {
        /// Side of the input in pixels.
        side: u16,
        /// Number of poolings.
        halvings: usize,
    },
    /// The square that is seen.
    #[error("a crop is a share over 0 and up to 1 of a photo's shorter side")]
    Crop,
    /// What a decoder reads.
    #[error("a decoder reads a square latent of 1 to 1024 channels, not {0:?}")]
    DecoderLatent([u16; 3]),
    /// A decoder's channels.
    #[error("a decoder has 1 to 8 convolutions of 1 to 1024 channels each before its last")]
    DecoderChannels,
    /// A decoder's picture.
    #[error("a decoder's picture has at most 512 pixels a side, not {0}")]
    DecoderSide(usize),
    /// A decoder of another encoder.
    #[error("the decoder reads a latent of shape {reads:?}, the encoder gives {given:?}")]
    OtherLatent {
        /// The latent that the decoder reads.
        reads: [usize; 3],
        /// The latent that the encoder gives.
        given: [usize; 3],
    },
}

impl EncoderConfig {
    /// The autoencoder of the reference systems: 64 × 64 pixels to an 8 × 8 × 8 latent, projected to 64.
    pub fn autoencoder() -> Self {
        Self {
            preprocess: PreprocessConfig::unit_range(64),
            architecture: Architecture::ConvPool { channels: vec![16, 32, 8] },
            width: 64,
        }
    }

    /// EfficientNet-Lite0 without its classifier, at a side of `side` pixels.
    pub fn lite0(side: u16) -> Self {
        Self {
            preprocess: PreprocessConfig { side, crop: 1.0, offset: 127.0, scale: 1.0 / 128.0 },
            architecture: Architecture::InvertedResidual { stem: 32, blocks: LITE0.to_vec(), head: 1280 },
            width: 64,
        }
    }

    /// Checks what a file may have made up.
    ///
    /// # Errors
    /// The first thing that describes no network.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.width == 0 || usize::from(self.width) > MAX_WIDTH {
            return Err(ConfigError::Width(self.width));
        }
        let PreprocessConfig { side, crop, .. } = self.preprocess;
        if !(crop > 0.0 && crop <= 1.0) {
            return Err(ConfigError::Crop);
        }
        match &self.architecture {
            Architecture::ConvPool { channels } => {
                if channels.is_empty() || channels.len() > 8 || channels.iter().any(|&c| c == 0 || c > 1024) {
                    return Err(ConfigError::Channels);
                }
                let halvings = channels.len();
                if side == 0 || side > 512 || !side.is_multiple_of(1 << halvings) {
                    return Err(ConfigError::Side { side, halvings });
                }
            }
            Architecture::InvertedResidual { stem, blocks, head } => {
                let ends = (1..=256).contains(stem) && (1..=2048).contains(head);
                if !ends || blocks.is_empty() || blocks.len() > 32 || !blocks.iter().all(BlockConfig::is_possible) {
                    return Err(ConfigError::Blocks);
                }
                let halvings = 1 + blocks.iter().filter(|block| block.stride == 2).count();
                if !(32..=512).contains(&side) {
                    return Err(ConfigError::Side { side, halvings });
                }
            }
        }
        Ok(())
    }

    /// Shape of the latent, `[channels, height, width]`.
    pub fn latent_shape(&self) -> [usize; 3] {
        let side = usize::from(self.preprocess.side);
        let (channels, side) = match &self.architecture {
            Architecture::ConvPool { channels } => (channels.last().copied(), side >> channels.len()),
            Architecture::InvertedResidual { blocks, .. } => {
                let halve = |side: usize, block: &BlockConfig| side.div_ceil(usize::from(block.stride));
                (blocks.last().map(|block| block.channels), blocks.iter().fold(side.div_ceil(2), halve))
            }
        };
        [channels.map_or(0, usize::from), side, side]
    }

    /// Number of features that the projection turns into the embedding.
    pub fn feature_width(&self) -> usize {
        match &self.architecture {
            Architecture::ConvPool { .. } => self.latent_shape().iter().product(),
            Architecture::InvertedResidual { head, .. } => usize::from(*head),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_autoencoder_has_the_latent_of_the_reference() {
        let config = EncoderConfig::autoencoder();
        assert_eq!(config.check(), Ok(()));
        assert_eq!(config.latent_shape(), [8, 8, 8]);
    }

    #[test]
    fn made_up_configurations_are_refused() {
        let good = EncoderConfig::autoencoder();
        let with = |change: fn(&mut EncoderConfig)| {
            let mut config = good.clone();
            change(&mut config);
            config.check()
        };
        assert_eq!(with(|c| c.width = 0), Err(ConfigError::Width(0)));
        assert_eq!(with(|c| c.width = 65), Err(ConfigError::Width(65)));
        assert_eq!(with(|c| c.preprocess.crop = 0.0), Err(ConfigError::Crop));
        assert_eq!(with(|c| c.preprocess.crop = f32::NAN), Err(ConfigError::Crop));
        assert_eq!(with(|c| c.preprocess.side = 60), Err(ConfigError::Side { side: 60, halvings: 3 }));
        assert_eq!(with(|c| c.architecture = Architecture::ConvPool { channels: vec![] }), Err(ConfigError::Channels));
    }
}
