//! The training loop: Adam on the mean squared error, early stopping, exact resumption.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use burn::{
    module::Module,
    optim::{AdamConfig, GradientsParams, ModuleOptimizer},
    tensor::Device,
};
use lookalike::{
    encoder::{EncoderConfig, batch_tensor},
    preprocess::Pixels,
};
use rand::{SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    autoencoder::Autoencoder,
    checkpoint::{self, Checkpoint},
    dataset::{self, Dataset, Split},
    interrupt::{self, Interrupted},
    progress::Progress,
};

/// A checkpoint at least this often, apart from the end of each epoch: what `kill -9` may cost.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(60);

/// Everything that decides what a training gives, apart from the photos.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainConfig {
    /// Decides first weights, split, order and augmentation.
    pub seed: u64,
    /// Passes over the photos, at most.
    pub epochs: usize,
    /// Passes without a lower validation loss after which training stops.
    pub patience: usize,
    /// Photos a step.
    pub batch_size: usize,
    /// Step size of Adam.
    pub learning_rate: f64,
    /// Share of the photos that is held back for validation.
    pub validation_share: f64,
    /// Whether photos are varied while training.
    pub augment: bool,
    /// The encoder.
    pub encoder: EncoderConfig,
}

/// Mean squared errors of one epoch, of pixels in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EpochLoss {
    /// From 1.
    pub epoch: usize,
    /// Over the (augmented) training photos, while the weights changed.
    pub training: f64,
    /// Over the validation photos, after the epoch.
    pub validation: f64,
}

/// What a training leaves.
pub struct Trained {
    /// The weights of the epoch with the lowest validation loss.
    pub autoencoder: Autoencoder,
    /// All epochs.
    pub history: Vec<EpochLoss>,
}

impl TrainConfig {
    /// As JSON, for people and for comparison.
    ///
    /// # Errors
    /// None in practice.
    pub fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}

/// A training under way.
pub struct Training<'a> {
    config: &'a TrainConfig,
    data: &'a Dataset,
    split: Split,
    device: &'a Device,
    folder: &'a Path,
    photos: u64,
    network: Autoencoder,
    optimizer: ModuleOptimizer,
    epoch: usize,
    batch: usize,
    loss_sum: f64,
    history: Vec<EpochLoss>,
    best: Vec<u8>,
    saved: Instant,
}

impl<'a> Training<'a> {
    /// Starts, or goes on from the checkpoint in `folder` if there is one.
    ///
    /// # Errors
    /// A checkpoint that does not belong to this run.
    pub fn begin(config: &'a TrainConfig, data: &'a Dataset, device: &'a Device, folder: &'a Path) -> Result<Self> {
        let autodiff = device.clone().autodiff();
        autodiff.seed(config.seed);
        let mut training = Self {
            config,
            data,
            split: Split::new(data.pixels.len(), config.validation_share, config.seed),
            device,
            folder,
            photos: photos_hash(data),
            network: Autoencoder::init(&config.encoder, &autodiff).materialize(),
            optimizer: AdamConfig::new().init(),
            epoch: 0,
            batch: 0,
            loss_sum: 0.0,
            history: Vec::new(),
            best: Vec::new(),
            saved: Instant::now(),
        };
        if folder.join(checkpoint::FILE).exists() {
            let saved = Checkpoint::load(folder, config, training.photos)?;
            training.network = checkpoint::load_network(training.network, &saved.network)?;
            training.optimizer = checkpoint::load_optimizer(training.optimizer, &saved.optimizer)?;
            training.epoch = saved.epoch;
            training.batch = saved.batch;
            training.loss_sum = saved.loss_sum;
            training.history = saved.history;
            training.best = saved.best;
            eprintln!("going on after {} epochs and {} batches", training.epoch, training.batch);
        }
        Ok(training)
    }

    /// Trains to the end.
    ///
    /// # Errors
    /// Ctrl-C, with a checkpoint; a loss that is not finite; a disk that is full.
    pub fn run(mut self) -> Result<Trained> {
        let batches = self.split.training.len().div_ceil(self.config.batch_size);
        let progress = Progress::new("training", self.config.epochs * batches);
        progress.advance(self.epoch * batches + self.batch);
        while self.epoch < self.config.epochs && !self.has_stalled() {
            self.run_epoch(&progress)?;
            self.end_epoch()?;
            progress.message(self.history.last().map_or(String::new(), |last| {
                format!("epoch {}: loss {:.5}, validation {:.5}", last.epoch, last.training, last.validation)
            }));
        }
        let best = self.best_epoch();
        let stopped = if self.epoch < self.config.epochs { ", stopped early" } else { "" };
        progress.finish(format!(
            "{} epochs{stopped}, validation loss {:.5} after epoch {}",
            self.epoch,
            self.history.get(best).map_or(f64::NAN, |e| e.validation),
            best + 1
        ));
        let autoencoder = checkpoint::load_network(self.network, &self.best)?.valid();
        Ok(Trained { autoencoder, history: self.history })
    }

    fn run_epoch(&mut self, progress: &Progress) -> Result<()> {
        let order = self.order();
        for (at, places) in order.chunks(self.config.batch_size).enumerate().skip(self.batch) {
            let pixels = self.batch_pixels(places, at);
            let loss = self.step(&pixels);
            if !loss.is_finite() {
                let (epoch, batch) = (self.epoch + 1, at + 1);
                let kept = self.folder.join(checkpoint::FILE);
                bail!(
                    "the loss is no longer a number in epoch {epoch}, batch {batch}; {} holds the last good state. \
                     Try a smaller --learning-rate",
                    kept.display()
                );
            }
            self.loss_sum += loss * places.len() as f64;
            self.batch = at + 1;
            progress.advance(1);
            if interrupt::asked() {
                self.save()?;
                let kept =
                    format!("{} keeps everything; the same command with --resume goes on", self.folder.display());
                return Err(Interrupted(kept).into());
            }
            if self.saved.elapsed() > CHECKPOINT_EVERY {
                self.save()?;
            }
        }
        Ok(())
    }

    fn end_epoch(&mut self) -> Result<()> {
        let validation = self.validate();
        if self.history.iter().all(|epoch| validation < epoch.validation) {
            self.best = checkpoint::network_bytes(&self.network)?;
        }
        self.epoch += 1;
        let training = self.loss_sum / self.split.training.len() as f64;
        self.history.push(EpochLoss { epoch: self.epoch, training, validation });
        (self.batch, self.loss_sum) = (0, 0.0);
        self.save()
    }

    /// The order of the photos in this epoch: known from the seed alone, so that a resumed epoch goes on exactly.
    fn order(&self) -> Vec<usize> {
        let mut order = self.split.training.clone();
        order.shuffle(&mut self.rng(0));
        order
    }

    fn batch_pixels(&self, places: &[usize], batch: usize) -> Vec<Pixels> {
        let photo = |(at, &place): (usize, &usize)| {
            let pixels = &self.data.pixels[place];
            let mut rng = self.rng(1 + (batch * self.config.batch_size + at) as u64);
            if self.config.augment { dataset::augment(pixels, &mut rng) } else { pixels.clone() }
        };
        places.par_iter().enumerate().map(photo).collect()
    }

    /// A source of randomness for one purpose of one epoch.
    fn rng(&self, purpose: u64) -> Xoshiro256Plus {
        let stream = (self.epoch as u64) << 32 | purpose;
        Xoshiro256Plus::seed_from_u64(self.config.seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn step(&mut self, pixels: &[Pixels]) -> f64 {
        let device = self.device.clone().autodiff();
        let batch = batch_tensor(&pixels.iter().collect::<Vec<_>>(), &self.config.encoder.preprocess, &device);
        let loss = self.network.loss(batch);
        let value = f64::from(loss.clone().into_scalar::<f32>());
        if value.is_finite() {
            let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
            self.network = self.optimizer.step(self.config.learning_rate, self.network.clone(), gradients);
        }
        value
    }

    fn validate(&self) -> f64 {
        let network = self.network.valid();
        let mut sum = 0.0;
        for places in self.split.validation.chunks(self.config.batch_size) {
            let pixels: Vec<_> = places.iter().map(|&place| &self.data.pixels[place]).collect();
            let batch = batch_tensor(&pixels, &self.config.encoder.preprocess, self.device);
            sum += f64::from(network.loss(batch).into_scalar::<f32>()) * places.len() as f64;
        }
        sum / self.split.validation.len() as f64
    }

    fn best_epoch(&self) -> usize {
        let losses = self.history.iter().map(|epoch| epoch.validation).enumerate();
        losses.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(at, _)| at)
    }

    fn has_stalled(&self) -> bool {
        self.history.len() > self.best_epoch() + self.config.patience
    }

    fn save(&mut self) -> Result<()> {
        self.saved = Instant::now();
        let checkpoint = Checkpoint {
            config: self.config.to_json()?,
            photos: self.photos,
            epoch: self.epoch,
            batch: self.batch,
            loss_sum: self.loss_sum,
            history: self.history.clone(),
            network: checkpoint::network_bytes(&self.network)?,
            best: self.best.clone(),
            optimizer: checkpoint::optimizer_bytes(&self.optimizer)?,
        };
        checkpoint.save(self.folder)
    }
}

fn photos_hash(data: &Dataset) -> u64 {
    let lines: Vec<_> = data
        .files
        .iter()
        .zip(&data.pixels)
        .map(|(file, pixels)| format!("{} {:016x}\n", file.path, pixels.hash()))
        .collect();
    lookalike::gallery::container::hash(lines.concat().as_bytes())
}
