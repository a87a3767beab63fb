//! Eight-bit weights within a budget of bytes.
//!
//! The finer a tensor's steps, the more its numbers cost after compression: each halving is one more bit a number.
//! How much a coarse step hurts differs a thousandfold from layer to layer, so each tensor's harm is measured, and the
//! steps are chosen such that the total harm is least for the bytes (rate-distortion allocation; Cover & Thomas,
//! "Elements of Information Theory", chapter 10: at the optimum a bit more helps every tensor alike). Rounding itself is
//! done with [feedback].

mod feedback;
mod inputs;

use std::{collections::HashMap, io::Write as _};

use anyhow::{Context, Result};
use burn::tensor::Device;
use flate2::{Compression, write::GzEncoder};
use lookalike::{
    encoder::{Encoder, EncoderConfig, TensorValues, WeightTensor, batch_tensor},
    gallery::{EncoderFile, Stored},
    preprocess::Pixels,
};

use rayon::prelude::*;

use crate::{dataset::spread, interrupt, progress::Progress};
use feedback::Feedback;

/// The step at which harm is measured, in standard deviations of a channel's numbers.
const TRIAL: f32 = 0.25;

/// The coarsest step: beyond, hardly any number is left.
const COARSEST: f32 = 0.6;

/// The step of a projection, in standard deviations of a channel's numbers. Gallery and photos go through the same rounded
/// one, so that rounding turns its directions a little and harms nothing: precision and mean average precision stay
/// within 0.1 points, with three bits a number in the place of seven.
const PROJECTION: f32 = 0.5;

/// Photos on which harm is measured.
const PHOTOS: usize = 32;

/// Halvings of the interval in which the common factor of all steps is sought.
const ROUNDS: usize = 12;

/// Photos whose features say how weights can stand in for each other.
const SEEN: usize = 256;

/// Quantises an encoder's weights such that its file takes at most `budget` bytes after gzip. Biases keep half
/// precision, and so does everything if that fits.
///
/// # Errors
/// A budget that no steps meet, a device that fails, or Ctrl-C.
pub fn quantise(file: &EncoderFile, budget: usize, photos: &[Pixels], device: &Device) -> Result<EncoderFile> {
    let halves = EncoderFile { tensors: file.tensors.iter().map(half).collect(), ..file.clone() };
    if size(&halves)? <= budget {
        return Ok(halves);
    }
    let plan = Plan::new(file, photos, device)?;
    let with = |factor: f32| -> Result<(EncoderFile, usize)> {
        let file = plan.rounded(factor);
        let bytes = size(&file)?;
        Ok((file, bytes))
    };
    // The steps grow with the factor and the bytes shrink: halve the interval until it hardly matters.
    let (mut fine, mut coarse) = (1e-3_f32, 1e3_f32);
    let (mut best, bytes) = with(coarse)?;
    anyhow::ensure!(bytes <= budget, "the weights can't be brought to {budget} bytes; {bytes} is the least");
    let progress = Progress::new("rounding", ROUNDS);
    for _ in 0..ROUNDS {
        interrupt::check()?;
        let middle = (fine * coarse).sqrt();
        let (candidate, bytes) = with(middle)?;
        if bytes <= budget {
            (coarse, best) = (middle, candidate);
        } else {
            fine = middle;
        }
        progress.advance(1);
    }
    progress.finish(format!("to {budget} bytes"));
    Ok(best)
}

/// Whether a trunk's weights are in eight bits already.
pub fn is_done(file: &EncoderFile) -> bool {
    let mut trunk = file.tensors.iter().filter(|tensor| tensor.name.starts_with("trunk"));
    trunk.any(|tensor| matches!(tensor.values, TensorValues::I8 { .. }))
}

/// Bytes of an encoder's file after gzip. Each collection gets a projection of its own, so that counts with what it can
/// take at most: half a byte a number.
fn size(file: &EncoderFile) -> Result<usize> {
    let (projection, trunk): (Vec<_>, Vec<_>) =
        file.tensors.iter().cloned().partition(|tensor| tensor.name.starts_with("projection"));
    let projection: usize = projection.iter().map(|tensor| tensor.values.len()).sum();
    Ok(projection / 2 + gzip_size(&EncoderFile { tensors: trunk, ..file.clone() }.to_file()?.0)?)
}

/// How each tensor of a network is rounded.
struct Plan<'a> {
    file: &'a EncoderFile,
    layers: Vec<Layer>,
}

/// A tensor that is rounded.
struct Layer {
    /// Its place.
    at: usize,
    /// What rounding it does.
    harm: Harm,
    /// The place of its bias, and how that and the weights make up for each other.
    feedback: Option<(usize, Feedback)>,
}

/// What rounding one tensor does.
struct Harm {
    /// Numbers in it.
    size: usize,
    /// Relative squared change of the features at the trial step.
    change: f64,
}

impl Harm {
    /// The best step for a common factor: squared, it goes with the numbers over the harm.
    fn step(&self, factor: f32) -> f32 {
        let balance = (self.size as f64 / self.change.max(f64::MIN_POSITIVE)).sqrt() as f32;
        (1e-4 * factor * balance).min(COARSEST)
    }
}

impl<'a> Plan<'a> {
    fn new(file: &'a EncoderFile, photos: &[Pixels], device: &Device) -> Result<Self> {
        let encoder = Encoder::load(&file.config, &file.tensors, device).context("the weights do not fit together")?;
        let seen: Vec<_> = spread(photos.len(), SEEN).map(|at| photos[at].clone()).collect();
        let moments = inputs::moments(&encoder, &file.config, &seen, device)?;
        let feedbacks = moments.par_iter().map(|(path, moments)| Ok((path.as_str(), Feedback::new(moments)?)));
        let mut feedbacks: HashMap<_, _> = feedbacks.collect::<Result<_>>()?;
        let mut layers = Vec::new();
        for (at, tensor) in file.tensors.iter().enumerate().filter(|(_, tensor)| tensor.shape.len() > 1) {
            let path = tensor.name.trim_end_matches(".weight");
            let bias = file.tensors.iter().position(|other| other.name == format!("{path}.bias"));
            let harm = Harm { size: tensor.values.len(), change: f64::MAX };
            layers.push(Layer { at, harm, feedback: bias.zip(feedbacks.remove(path)) });
        }
        let mut plan = Self { file, layers };
        let weighed: Vec<_> = spread(photos.len(), PHOTOS).map(|at| photos[at].clone()).collect();
        plan.weigh(&weighed, device)?;
        Ok(plan)
    }

    /// Measures what rounding each tensor does.
    fn weigh(&mut self, photos: &[Pixels], device: &Device) -> Result<()> {
        let exact = features(&self.file.config, &self.file.tensors, photos, device)?;
        let progress = Progress::new("quantising", self.layers.len());
        for at in 0..self.layers.len() {
            interrupt::check()?;
            // The projection comes behind the features.
            if !self.file.tensors[self.layers[at].at].name.starts_with("projection") {
                let mut tensors = self.file.tensors.clone();
                self.round(&self.layers[at], TRIAL, &mut tensors);
                let rounded = features(&self.file.config, &tensors, photos, device)?;
                self.layers[at].harm.change = relative_change(&exact, &rounded);
            }
            progress.advance(1);
        }
        progress.finish(format!("{} tensors weighed", self.layers.len()));
        Ok(())
    }

    /// The network with steps that go with a common factor.
    fn rounded(&self, factor: f32) -> EncoderFile {
        let mut tensors = self.file.tensors.clone();
        for layer in &self.layers {
            let own = self.file.tensors[layer.at].name.starts_with("projection");
            self.round(layer, if own { PROJECTION } else { layer.harm.step(factor) }, &mut tensors);
        }
        for tensor in tensors.iter_mut().filter(|tensor| tensor.shape.len() < 2) {
            *tensor = half(tensor);
        }
        EncoderFile { tensors, ..self.file.clone() }
    }

    /// Rounds a tensor of the network in the list of all, with steps of this share of each channel's spread.
    fn round(&self, layer: &Layer, share: f32, tensors: &mut [WeightTensor]) {
        let exact = &self.file.tensors[layer.at];
        let Some((bias, feedback)) = &layer.feedback else {
            tensors[layer.at] = quantised(exact, share);
            return;
        };
        let numbers = exact.values.to_f32();
        let steps = steps(&numbers, &exact.shape, share);
        let (rounded, moved) = feedback.round(&numbers, &self.file.tensors[*bias].values.to_f32(), &steps);
        tensors[layer.at].values = TensorValues::quantised(&rounded, &steps);
        tensors[*bias].values = TensorValues::F32(moved);
    }
}

/// A tensor in half precision.
fn half(tensor: &WeightTensor) -> WeightTensor {
    WeightTensor { values: TensorValues::half(&tensor.values.to_f32()), ..tensor.clone() }
}

/// A tensor with steps of this share of each channel's spread.
fn quantised(tensor: &WeightTensor, share: f32) -> WeightTensor {
    let numbers = tensor.values.to_f32();
    let values = TensorValues::quantised(&numbers, &steps(&numbers, &tensor.shape, share));
    WeightTensor { values, ..tensor.clone() }
}

/// A projection as it is stored: its matrix in few bits, its bias in half precision.
pub fn projection(tensor: &WeightTensor) -> WeightTensor {
    if tensor.shape.len() > 1 { quantised(tensor, PROJECTION) } else { half(tensor) }
}

/// A step for each channel: no finer than eight bits allow.
fn steps(numbers: &[f32], shape: &[u32], share: f32) -> Vec<f32> {
    let channels = shape.last().map_or(1, |&axis| axis as usize);
    let step = |channel: usize| {
        let own = numbers.iter().skip(channel).step_by(channels);
        let (mut sum, mut largest, mut count) = (0.0_f32, 0.0_f32, 0.0_f32);
        for &x in own {
            (sum, largest, count) = (sum + x * x, largest.max(x.abs()), count + 1.0);
        }
        TensorValues::stored_step((share * (sum / count.max(1.0)).sqrt()).max(largest / 127.0).max(1e-12))
    };
    (0..channels).map(step).collect()
}

fn features(config: &EncoderConfig, tensors: &[WeightTensor], photos: &[Pixels], device: &Device) -> Result<Vec<f32>> {
    let encoder = Encoder::load(config, tensors, device).context("the weights do not fit together")?;
    let photos: Vec<_> = photos.iter().collect();
    Ok(encoder.features(batch_tensor(&photos, &config.preprocess, device)).into_data().iter::<f32>().collect())
}

fn relative_change(exact: &[f32], rounded: &[f32]) -> f64 {
    let square = |x: f32| f64::from(x) * f64::from(x);
    let change: f64 = exact.iter().zip(rounded).map(|(exact, rounded)| square(exact - rounded)).sum();
    change / exact.iter().map(|&x| square(x)).sum::<f64>().max(f64::MIN_POSITIVE)
}

/// Bytes after gzip at its usual level, as a static host sends them.
///
/// # Errors
/// None in practice.
pub fn gzip_size(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lookalike::encoder::{Architecture, BlockConfig, cpu, store_weights};
    use lookalike::preprocess::PreprocessConfig;

    fn small() -> (EncoderFile, Vec<Pixels>) {
        let config = EncoderConfig {
            preprocess: PreprocessConfig { side: 32, crop: 1.0, offset: 127.0, scale: 1.0 / 128.0 },
            architecture: Architecture::InvertedResidual {
                stem: 8,
                blocks: vec![BlockConfig::new(3, 1, 8, 8), BlockConfig::new(5, 2, 64, 32)],
                head: 256,
            },
            width: 8,
        };
        cpu().seed(3);
        let encoder = Encoder::init(&config, &cpu());
        let tensors = store_weights(&encoder, |values| TensorValues::F32(values.to_vec()));
        let photo = |seed: usize| Pixels::new(32, (0..3 * 32 * 32).map(|at| (at * (seed + 7) % 251) as u8).collect());
        let file = EncoderFile { name: "small".to_owned(), config, tensors };
        (file, (0..8).filter_map(photo).collect())
    }

    #[test]
    fn fewer_bytes_change_the_features_more_and_the_budget_holds() {
        let (file, photos) = small();
        let exact = features(&file.config, &file.tensors, &photos, &cpu()).unwrap();
        let whole = gzip_size(&file.to_file().unwrap().0).unwrap();
        let within = |budget: usize| {
            let small = quantise(&file, budget, &photos, &cpu()).unwrap();
            let bytes = gzip_size(&small.to_file().unwrap().0).unwrap();
            assert!(bytes <= budget);
            let rounded = features(&small.config, &small.tensors, &photos, &cpu()).unwrap();
            (bytes, relative_change(&exact, &rounded))
        };
        let (bytes, fine) = within(whole);
        let (_, coarse) = within(bytes * 4 / 5);
        assert!(fine < 1e-3 && 2.0 * fine < coarse, "{fine} and {coarse}");
    }

    #[test]
    fn a_budget_too_small_is_refused() {
        let (file, photos) = small();
        assert!(quantise(&file, 100, &photos, &cpu()).unwrap_err().to_string().contains("100 bytes"));
    }
}
