//! Reconstruction alone: the objective of the plain autoencoder.

use std::path::Path;

use anyhow::Result;
use burn::{
    module::Module as _,
    tensor::{Device, Tensor},
};
use lookalike::{
    encoder::batch_tensor,
    gallery::container,
    preprocess::{Pixels, PreprocessConfig},
};
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

use crate::{
    autoencoder::Autoencoder,
    dataset::{self, Dataset},
    train::{Objective, TrainConfig, Trained, Training},
};

/// A training that gives photos back.
pub struct Reconstruction<'a> {
    /// The photos.
    pub data: &'a Dataset,
    /// How they become the network's input.
    pub input: PreprocessConfig,
    /// Whether they are varied while training.
    pub augment: bool,
}

impl Reconstruction<'_> {
    fn loss(&self, network: &Autoencoder, pixels: &[&Pixels], device: &Device) -> Tensor<1> {
        network.loss(batch_tensor(pixels, &self.input, device))
    }
}

/// Trains an autoencoder from random weights, or goes on from the checkpoint in `folder`.
///
/// # Errors
/// As [`Training::begin`] and [`Training::run`].
pub fn train(config: &TrainConfig, data: &Dataset, device: &Device, folder: &Path) -> Result<Trained> {
    let objective = Reconstruction { data, input: config.encoder.preprocess, augment: config.augment };
    let autodiff = device.clone().autodiff();
    autodiff.seed(config.seed);
    let network = Autoencoder::init(&config.encoder, &config.decoder, &autodiff).materialize();
    Training::begin(config, network, &objective, device, folder)?.run()
}

impl Objective for Reconstruction<'_> {
    fn photos(&self) -> usize {
        self.data.pixels.len()
    }

    fn fingerprint(&self) -> u64 {
        let photos = self.data.files.iter().zip(&self.data.pixels);
        let lines: Vec<_> = photos.map(|(file, pixels)| format!("{} {:016x}\n", file.path, pixels.hash())).collect();
        container::hash(lines.concat().as_bytes())
    }

    fn order(&self, training: &[usize], rng: &mut Xoshiro256Plus) -> Vec<usize> {
        let mut order = training.to_vec();
        order.shuffle(rng);
        order
    }

    fn training_loss(
        &self,
        network: &Autoencoder,
        places: &[usize],
        rng: &(dyn Fn(usize) -> Xoshiro256Plus + Sync),
        device: &Device,
    ) -> Result<Tensor<1>> {
        let photo = |(at, &place): (usize, &usize)| {
            let pixels = &self.data.pixels[place];
            if self.augment { dataset::augment(pixels, &mut rng(at)) } else { pixels.clone() }
        };
        let pixels: Vec<_> = places.par_iter().enumerate().map(photo).collect();
        Ok(self.loss(network, &pixels.iter().collect::<Vec<_>>(), device))
    }

    fn validation_loss(&self, network: &Autoencoder, places: &[usize], device: &Device) -> Result<Tensor<1>> {
        let pixels: Vec<_> = places.iter().map(|&place| &self.data.pixels[place]).collect();
        Ok(self.loss(network, &pixels, device))
    }

    fn learning_rate_factor(&self, _: f64) -> f64 {
        1.0
    }
}
