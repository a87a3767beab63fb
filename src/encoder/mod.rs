//! The convolutional encoder: what it is ([`EncoderConfig`]), what it has learnt ([`WeightTensor`]),
//! and, with the feature `encoder`, the network itself.

mod config;
#[cfg(feature = "encoder")]
mod network;
mod weights;

pub use config::{Architecture, ConfigError, EncoderConfig};
#[cfg(feature = "encoder")]
pub use network::{EncodeError, Encoder, batch_tensor, convolution, load_weights, store_weights};
pub use weights::{TensorValues, WeightTensor};

/// The processor as a device, for those who do not speak burn.
#[cfg(feature = "cpu")]
pub fn cpu() -> burn::tensor::Device {
    burn::tensor::Device::flex()
}
