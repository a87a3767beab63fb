//! The convolutional autoencoder: the shared encoder, and the decoder that gives the photo back.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use lookalike::encoder::{Decoder, DecoderConfig, Encoder, EncoderConfig};

/// Encoder and decoder, trained together.
#[derive(Module, Debug)]
pub struct Autoencoder {
    /// The part that answers.
    pub encoder: Encoder,
    /// The part that shows what the latent keeps.
    pub decoder: Decoder,
}

impl Autoencoder {
    /// Fresh, random weights. The configurations have been checked, and fit each other.
    pub fn init(encoder: &EncoderConfig, decoder: &DecoderConfig, device: &Device) -> Self {
        Self { encoder: Encoder::init(encoder, device), decoder: Decoder::init(decoder, device) }
    }

    /// The reconstruction, in [0, 1].
    ///
    /// # Shapes
    /// - pixels: `[batch, 3, side, side]`, scaled for the encoder
    /// - output: `[batch, 3, side, side]` with the decoder's side
    pub fn forward(&self, pixels: Tensor<4>) -> Tensor<4> {
        self.decoder.forward(self.encoder.latent(pixels))
    }

    /// Mean squared error of the reconstruction, a single number.
    ///
    /// # Shapes
    /// - pixels: `[batch, 3, side, side]` in [0, 1], which is what the encoder must take
    pub fn loss(&self, pixels: Tensor<4>) -> Tensor<1> {
        self.decoder.error(self.encoder.latent(pixels.clone()), pixels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Distribution;

    #[test]
    fn a_reconstruction_has_the_shape_of_its_photo() {
        let device = Device::flex();
        let autoencoder = Autoencoder::init(&EncoderConfig::autoencoder(), &DecoderConfig::autoencoder(), &device);
        let pixels = Tensor::<4>::random([2, 3, 64, 64], Distribution::Uniform(0.0, 1.0), &device);
        assert_eq!(autoencoder.encoder.latent(pixels.clone()).dims(), [2, 8, 8, 8]);
        assert_eq!(autoencoder.forward(pixels).dims(), [2, 3, 64, 64]);
    }
}
