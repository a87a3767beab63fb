//! The convolutional encoder and the decoder that shows what it keeps: what they are ([`EncoderConfig`],
//! [`DecoderConfig`]), what they have learnt ([`WeightTensor`]), and, with the feature `encoder`, the networks themselves.

mod config;
#[cfg(feature = "encoder")]
mod decoder;
mod decoder_config;
#[cfg(feature = "encoder")]
mod kernels;
#[cfg(feature = "encoder")]
pub mod layers;
#[cfg(feature = "encoder")]
pub mod mobile;
#[cfg(feature = "encoder")]
mod network;
mod packed;
mod weights;

pub use config::{Architecture, BlockConfig, ConfigError, EncoderConfig};
#[cfg(feature = "encoder")]
pub use decoder::{Decoder, at_side, pictures};
pub use decoder_config::DecoderConfig;
#[cfg(feature = "encoder")]
pub use network::{EncodeError, Encoder, Trunk, batch_tensor, load_weights, store_weights};
pub(crate) use weights::bounded;
pub use weights::{TensorValues, WeightTensor};

/// The processor as a device, for those who do not speak burn.
#[cfg(feature = "cpu")]
pub fn cpu() -> burn::tensor::Device {
    burn::tensor::Device::flex()
}
