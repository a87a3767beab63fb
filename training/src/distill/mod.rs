//! Distillation without labels: an encoder learns to agree with a teacher on views of photos, and to keep what
//! its decoder needs.
//!
//! The teacher sees each view larger and without changes of light. It may be EfficientNet-Lite0, or, where that is not
//! at hand, the very encoder that the training starts from: what it says about a view of 224 pixels is more reliable
//! than what it says about a small and altered one.
//!
//! The loss of a batch is the sum of
//! - one minus the cosine between student's and teacher's features of a view, both centred;
//! - the squared difference of all pairwise cosines (Park et al., "Relational Knowledge Distillation", 2019);
//! - a small share of the squared difference of the features, which keeps their scale;
//! - the mean squared error of the decoder's picture.

mod loss;
mod views;

use anyhow::Result;
use burn::tensor::{Device, Tensor};
use lookalike::{
    encoder::{Encoder, batch_tensor},
    preprocess::{Pixels, PreprocessConfig},
};
use rand::distributions::{Distribution as _, WeightedIndex};
use rand_xoshiro::Xoshiro256Plus;

pub use views::Pictures;

use crate::{autoencoder::Autoencoder, train::Objective};

/// Side of what the teacher sees, in pixels: what EfficientNet-Lite0 was made for.
pub const TEACHER_SIDE: u16 = 224;

/// Views in an epoch, at most: an epoch is what is judged, logged and compared.
const EPOCH_VIEWS: usize = 4096;

/// Photos of one comparison of all with all, where encoders are judged.
const JUDGED_TOGETHER: usize = 64;

/// A training that agrees with a teacher.
pub struct Distillation<'a> {
    /// The photos.
    pub pictures: &'a Pictures,
    /// What to agree with.
    pub teacher: &'a Encoder,
    /// How the teacher's input is scaled.
    pub teacher_input: PreprocessConfig,
    /// The student's input.
    pub input: PreprocessConfig,
    /// Weight of the reconstruction's error.
    pub reconstruction: f64,
}

impl Distillation<'_> {
    /// How far an encoder is from the teacher on some photos as they are; 0 when their features are the same.
    ///
    /// # Errors
    /// A device that fails.
    pub fn disagreement(&self, encoder: &Encoder, places: &[usize], device: &Device) -> Result<f64> {
        let mut sum = 0.0;
        for places in places.chunks(JUDGED_TOGETHER) {
            let views = self.pictures.whole(places, &self.input, &self.teacher_input);
            let (small, large): (Vec<_>, Vec<_>) = views.iter().map(|(small, large)| (small, large)).unzip();
            let teacher = self.teacher_features(&large, device);
            let student = encoder.features(batch_tensor(&small, &self.input, device));
            sum += f64::from(loss::agreement(student, teacher).into_scalar::<f32>()) * places.len() as f64;
        }
        Ok(sum / places.len().max(1) as f64)
    }

    fn loss(&self, network: &Autoencoder, views: &[(Pixels, Pixels)], device: &Device) -> Result<Tensor<1>> {
        let (small, large): (Vec<_>, Vec<_>) = views.iter().map(|(small, large)| (small, large)).unzip();
        let teacher = self.teacher_features(&large, device);
        let pixels = batch_tensor(&small, &self.input, device);
        let latent = network.encoder.latent(pixels);
        let student = network.encoder.trunk.features(latent.clone());
        let picture = batch_tensor(&small, &PreprocessConfig::unit_range(self.input.side), device);
        let error = network.decoder.error(latent, picture);
        Ok(loss::agreement(student, teacher) + error * self.reconstruction)
    }

    /// Constants for the student: `[batch, features]` on its device.
    fn teacher_features(&self, views: &[&Pixels], device: &Device) -> Tensor<2> {
        let plain = device.clone().inner();
        Tensor::from_data(self.teacher.features(batch_tensor(views, &self.teacher_input, &plain)).into_data(), device)
    }
}

impl Objective for Distillation<'_> {
    fn photos(&self) -> usize {
        self.pictures.len()
    }

    fn fingerprint(&self) -> u64 {
        self.pictures.fingerprint()
    }

    fn order(&self, training: &[usize], rng: &mut Xoshiro256Plus) -> Vec<usize> {
        drawn(self.pictures, training, rng)
    }

    fn training_loss(
        &self,
        network: &Autoencoder,
        places: &[usize],
        rng: &(dyn Fn(usize) -> Xoshiro256Plus + Sync),
        device: &Device,
    ) -> Result<Tensor<1>> {
        let views = self.pictures.views(places, rng, self.input.side, self.teacher_input.side);
        self.loss(network, &views, device)
    }

    fn validation_loss(&self, network: &Autoencoder, places: &[usize], device: &Device) -> Result<Tensor<1>> {
        let views = self.pictures.whole(places, &self.input, &self.teacher_input);
        self.loss(network, &views, device)
    }

    fn learning_rate_factor(&self, done: f64) -> f64 {
        half_a_cosine(done)
    }
}

/// The photos of an epoch, drawn in proportion to their pixels: a small one enlarged teaches what blur looks like.
pub(crate) fn drawn(pictures: &Pictures, training: &[usize], rng: &mut Xoshiro256Plus) -> Vec<usize> {
    let areas = training.iter().map(|&place| pictures.area(place));
    // Fails where there are no photos or too many pixels to count: then there is nothing to draw.
    let Ok(weighted) = WeightedIndex::new(areas) else { return Vec::new() };
    let views = training.len().min(EPOCH_VIEWS);
    (0..views).map(|_| training[weighted.sample(rng)]).collect()
}

/// Step sizes over a training: half a cosine, after a short rise (Loshchilov & Hutter, "SGDR", 2016).
pub(crate) fn half_a_cosine(done: f64) -> f64 {
    (done / 0.02).min(1.0) * 0.5 * (1.0 + (std::f64::consts::PI * done).cos())
}
