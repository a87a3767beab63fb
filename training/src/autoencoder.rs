//! The convolutional autoencoder: the shared encoder, and a decoder that gives the photo back.

use burn::{
    module::Module,
    nn::conv::Conv2d,
    tensor::{
        Device, Tensor,
        activation::{relu, sigmoid},
    },
};
use lookalike::{
    encoder::{Architecture, Encoder, EncoderConfig, WeightTensor, convolution},
    gallery::{Stored, container::Kind},
};
use serde::{Deserialize, Serialize};

/// Channels of the decoder after each of its upsamplings; the last convolution gives red, green and blue.
const DECODER_CHANNELS: [usize; 3] = [32, 32, 16];

/// Encoder and decoder, trained together with the mean squared error of the pixels.
#[derive(Module, Debug)]
pub struct Autoencoder {
    /// The part that a site ships.
    pub encoder: Encoder,
    /// The part that shows what the latent keeps.
    pub decoder: Decoder,
}

/// From the latent back to pixels.
#[derive(Module, Debug)]
pub struct Decoder {
    layers: Vec<Conv2d>,
    last: Conv2d,
}

impl Autoencoder {
    /// Fresh, random weights. `config` has been checked.
    pub fn init(config: &EncoderConfig, device: &Device) -> Self {
        Self { encoder: Encoder::init(config, device), decoder: Decoder::init(config, device) }
    }

    /// The reconstruction, in [0, 1].
    ///
    /// # Shapes
    /// - pixels: `[batch, 3, side, side]` in [0, 1]
    /// - output: the same
    pub fn forward(&self, pixels: Tensor<4>) -> Tensor<4> {
        self.decoder.forward(self.encoder.latent(pixels))
    }

    /// Mean squared error of the reconstruction, a single number.
    pub fn loss(&self, pixels: Tensor<4>) -> Tensor<1> {
        let difference = self.forward(pixels.clone()) - pixels;
        (difference.clone() * difference).mean()
    }
}

impl Decoder {
    /// Fresh, random weights for the latent of `config`.
    pub fn init(config: &EncoderConfig, device: &Device) -> Self {
        let Architecture::ConvPool { channels } = &config.architecture;
        let [latent, ..] = config.latent_shape();
        // One upsampling for each pooling of the encoder.
        let outputs: Vec<_> =
            (0..channels.len()).map(|at| DECODER_CHANNELS[at.min(DECODER_CHANNELS.len() - 1)]).collect();
        let inputs = std::iter::once(latent).chain(outputs.iter().copied());
        let layers = inputs.zip(&outputs).map(|(input, &output)| convolution(input, output, device)).collect();
        Self { layers, last: convolution(outputs.last().copied().unwrap_or(latent), 3, device) }
    }

    /// # Shapes
    /// - latent: `[batch, channels, side / 2^layers, side / 2^layers]`
    /// - output: `[batch, 3, side, side]` in [0, 1]
    pub fn forward(&self, latent: Tensor<4>) -> Tensor<4> {
        let pixels = self.layers.iter().fold(latent, |x, layer| upsample(relu(layer.forward(x))));
        sigmoid(self.last.forward(pixels))
    }
}

/// Each pixel four times: `[b, c, h, w]` to `[b, c, 2h, 2w]`.
fn upsample(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height, 1, width, 1]).expand([batch, channels, height, 2, width, 2]).reshape([
        batch,
        channels,
        2 * height,
        2 * width,
    ])
}

/// A decoder on the disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecoderFile {
    /// The encoder whose latent it reads.
    pub config: EncoderConfig,
    /// What it has learnt.
    pub tensors: Vec<WeightTensor>,
}

impl Stored for DecoderFile {
    const KIND: Kind = Kind::Decoder;
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Distribution;

    #[test]
    fn a_reconstruction_has_the_shape_of_its_photo() {
        let device = Device::flex();
        let autoencoder = Autoencoder::init(&EncoderConfig::autoencoder(), &device);
        let pixels = Tensor::<4>::random([2, 3, 64, 64], Distribution::Uniform(0.0, 1.0), &device);
        assert_eq!(autoencoder.encoder.latent(pixels.clone()).dims(), [2, 8, 8, 8]);
        assert_eq!(autoencoder.forward(pixels).dims(), [2, 3, 64, 64]);
    }

    #[test]
    fn upsampling_repeats_pixels() {
        let device = Device::flex();
        let x = Tensor::<4>::from_data([[[[1.0, 2.0]]]], &device);
        let data = upsample(x).into_data();
        assert_eq!(data.iter::<f32>().collect::<Vec<_>>(), [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0]);
    }
}
