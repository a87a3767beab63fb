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
}

/// Why a configuration describes no network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The embedding's width.
    #[error("an embedding has 1 to {MAX_WIDTH} numbers, not {0}")]
    Width(u16),
    /// The trunk's channels.
    #[error("a trunk has 1 to 8 convolutions of 1 to 1024 channels each")]
    Channels,
    /// The input's side does not survive the poolings.
    #[error("a side of {side} pixels can't be halved {halvings} times")]
    Side {
        /// Side of the input in pixels.
        side: u16,
        /// Number of poolings.
        halvings: usize,
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

    /// Checks what a file may have made up.
    ///
    /// # Errors
    /// The first thing that describes no network.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.width == 0 || usize::from(self.width) > MAX_WIDTH {
            return Err(ConfigError::Width(self.width));
        }
        let Architecture::ConvPool { channels } = &self.architecture;
        if channels.is_empty() || channels.len() > 8 || channels.iter().any(|&c| c == 0 || c > 1024) {
            return Err(ConfigError::Channels);
        }
        let side = self.preprocess.side;
        let halvings = channels.len();
        if side == 0 || side > 512 || !side.is_multiple_of(1 << halvings) {
            return Err(ConfigError::Side { side, halvings });
        }
        Ok(())
    }

    /// Shape of the latent, `[channels, height, width]`.
    pub fn latent_shape(&self) -> [usize; 3] {
        let Architecture::ConvPool { channels } = &self.architecture;
        let side = usize::from(self.preprocess.side) >> channels.len();
        [channels.last().copied().map_or(0, usize::from), side, side]
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
        assert_eq!(with(|c| c.preprocess.side = 60), Err(ConfigError::Side { side: 60, halvings: 3 }));
        assert_eq!(with(|c| c.architecture = Architecture::ConvPool { channels: vec![] }), Err(ConfigError::Channels));
    }
}
