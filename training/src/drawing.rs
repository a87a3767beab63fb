//! A decoder alone learns to draw photos from the latent of an encoder that stays as it is.

use anyhow::Result;
use burn::tensor::{Device, Tensor};
use lookalike::{
    encoder::{Encoder, batch_tensor},
    preprocess::{Pixels, PreprocessConfig},
};
use rand_xoshiro::Xoshiro256Plus;

use crate::{
    autoencoder::Autoencoder,
    distill::{self, Pictures},
    train::Objective,
};

/// A training that draws.
pub struct Drawing<'a> {
    /// The photos.
    pub pictures: &'a Pictures,
    /// What the decoder draws from, without gradients.
    pub encoder: &'a Encoder,
    /// Its input.
    pub input: PreprocessConfig,
}

impl Drawing<'_> {
    /// Mean squared error of what the decoder draws, its bytes in [0, 1].
    fn loss(&self, network: &Autoencoder, views: &[Pixels], device: &Device) -> Tensor<1> {
        let views: Vec<_> = views.iter().collect();
        let plain = device.clone().inner();
        let latent = self.encoder.latent(batch_tensor(&views, &self.input, &plain)).into_data();
        let pictures = batch_tensor(&views, &PreprocessConfig::unit_range(self.input.side), device);
        network.decoder.error(Tensor::from_data(latent, device), pictures)
    }
}

impl Objective for Drawing<'_> {
    fn photos(&self) -> usize {
        self.pictures.len()
    }

    fn fingerprint(&self) -> u64 {
        self.pictures.fingerprint()
    }

    fn order(&self, training: &[usize], rng: &mut Xoshiro256Plus) -> Vec<usize> {
        distill::drawn(self.pictures, training, rng)
    }

    fn training_loss(
        &self,
        network: &Autoencoder,
        places: &[usize],
        rng: &(dyn Fn(usize) -> Xoshiro256Plus + Sync),
        device: &Device,
    ) -> Result<Tensor<1>> {
        Ok(self.loss(network, &self.pictures.single_views(places, rng, self.input.side), device))
    }

    fn validation_loss(&self, network: &Autoencoder, places: &[usize], device: &Device) -> Result<Tensor<1>> {
        Ok(self.loss(network, &self.pictures.squares(places, &self.input), device))
    }

    fn learning_rate_factor(&self, done: f64) -> f64 {
        distill::half_a_cosine(done)
    }
}
