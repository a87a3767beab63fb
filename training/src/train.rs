//! The training loop: Adam on the loss of an objective, early stopping, exact resumption.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use burn::{
    module::Module,
    optim::{AdamConfig, GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor},
};
use lookalike::encoder::{DecoderConfig, EncoderConfig};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256Plus;
use serde::{Deserialize, Serialize};

use crate::{
    autoencoder::Autoencoder,
    checkpoint::{self, Checkpoint},
    dataset::Split,
    interrupt::{self, Interrupted},
    progress::Progress,
};

/// A checkpoint at least this often, apart from the end of each epoch: what `kill -9` may cost.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(60);

/// What a training wants from the network.
pub trait Objective: Sync {
    /// Number of photos.
    fn photos(&self) -> usize;

    /// A hash of the photos: a training goes on only with its own.
    fn fingerprint(&self) -> u64;

    /// The photos of an epoch, in their order.
    fn order(&self, training: &[usize], rng: &mut Xoshiro256Plus) -> Vec<usize>;

    /// The loss of a batch, a single number; `rng` gives the source of randomness of its nth photo.
    ///
    /// # Errors
    /// A device that fails.
    fn training_loss(
        &self,
        network: &Autoencoder,
        places: &[usize],
        rng: &(dyn Fn(usize) -> Xoshiro256Plus + Sync),
        device: &Device,
    ) -> Result<Tensor<1>>;

    /// The loss of photos as they are.
    ///
    /// # Errors
    /// A device that fails.
    fn validation_loss(&self, network: &Autoencoder, places: &[usize], device: &Device) -> Result<Tensor<1>>;

    /// What the step size is multiplied with, when this share of all steps is done.
    fn learning_rate_factor(&self, done: f64) -> f64;
}

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
    /// What the training starts from; nothing: random weights.
    pub from: Option<String>,
    /// What it agrees with.
    pub teacher: Option<String>,
    /// The encoder.
    pub encoder: EncoderConfig,
    /// The decoder, which reads that encoder's latent.
    pub decoder: DecoderConfig,
}

/// Losses of one epoch: for an autoencoder, mean squared errors of pixels in [0, 1].
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
    objective: &'a dyn Objective,
    split: Split,
    /// Photos of an epoch: the same for each.
    views: usize,
    device: &'a Device,
    folder: &'a Path,
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
    /// Starts from a network, or goes on from the checkpoint in `folder` if there is one.
    ///
    /// # Errors
    /// A checkpoint that does not belong to this run.
    pub fn begin(
        config: &'a TrainConfig,
        network: Autoencoder,
        objective: &'a dyn Objective,
        device: &'a Device,
        folder: &'a Path,
    ) -> Result<Self> {
        let mut training = Self {
            config,
            objective,
            split: Split::new(objective.photos(), config.validation_share, config.seed),
            views: 0,
            device,
            folder,
            network,
            optimizer: AdamConfig::new().init(),
            epoch: 0,
            batch: 0,
            loss_sum: 0.0,
            history: Vec::new(),
            best: Vec::new(),
            saved: Instant::now(),
        };
        training.views = training.order().len();
        if folder.join(checkpoint::FILE).exists() {
            let saved = Checkpoint::load(folder, config, objective.fingerprint())?;
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
        let batches = self.batches();
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

    /// Steps of an epoch.
    fn batches(&self) -> usize {
        self.views.div_ceil(self.config.batch_size)
    }

    fn run_epoch(&mut self, progress: &Progress) -> Result<()> {
        let order = self.order();
        for (at, places) in order.chunks(self.config.batch_size).enumerate().skip(self.batch) {
            let loss = self.step(places, at)?;
            if !loss.is_finite() {
                return self.give_up(at);
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

    fn give_up(&self, batch: usize) -> Result<()> {
        let (epoch, batch) = (self.epoch + 1, batch + 1);
        let kept = self.folder.join(checkpoint::FILE);
        bail!(
            "the loss is no longer a number in epoch {epoch}, batch {batch}; {} holds the last good state. \
             Try a smaller --learning-rate",
            kept.display()
        )
    }

    fn end_epoch(&mut self) -> Result<()> {
        let validation = self.validate()?;
        if self.history.iter().all(|epoch| validation < epoch.validation) {
            self.best = checkpoint::network_bytes(&self.network)?;
        }
        let training = self.loss_sum / self.views as f64;
        self.epoch += 1;
        self.history.push(EpochLoss { epoch: self.epoch, training, validation });
        (self.batch, self.loss_sum) = (0, 0.0);
        self.save()
    }

    /// The photos of this epoch: known from the seed alone, so that a resumed epoch goes on exactly.
    fn order(&self) -> Vec<usize> {
        self.objective.order(&self.split.training, &mut self.rng(0))
    }

    /// A source of randomness for one purpose of one epoch.
    fn rng(&self, purpose: u64) -> Xoshiro256Plus {
        let stream = (self.epoch as u64) << 32 | purpose;
        Xoshiro256Plus::seed_from_u64(self.config.seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn step(&mut self, places: &[usize], batch: usize) -> Result<f64> {
        let device = self.device.clone().autodiff();
        let rng = |at: usize| self.rng(1 + (batch * self.config.batch_size + at) as u64);
        let loss = self.objective.training_loss(&self.network, places, &rng, &device)?;
        let value = f64::from(loss.clone().into_scalar::<f32>());
        if value.is_finite() {
            let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
            let rate = self.config.learning_rate * self.objective.learning_rate_factor(self.done(batch));
            self.network = self.optimizer.step(rate, self.network.clone(), gradients);
        }
        Ok(value)
    }

    /// The share of all steps that is behind, this one's middle included.
    fn done(&self, batch: usize) -> f64 {
        let batches = self.batches() as f64;
        (self.epoch as f64 * batches + batch as f64 + 0.5) / (self.config.epochs as f64 * batches)
    }

    fn validate(&self) -> Result<f64> {
        let network = self.network.valid();
        let mut sum = 0.0;
        for places in self.split.validation.chunks(self.config.batch_size) {
            let loss = self.objective.validation_loss(&network, places, self.device)?;
            sum += f64::from(loss.into_scalar::<f32>()) * places.len() as f64;
        }
        Ok(sum / self.split.validation.len() as f64)
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
            photos: self.objective.fingerprint(),
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
