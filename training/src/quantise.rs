//! Eight-bit weights within a budget of bytes.
//!
//! The finer a tensor's steps, the more its numbers cost after compression: each halving is one more bit a number.
//! How much a coarse step hurts differs a thousandfold from layer to layer, so each tensor's harm is measured, and the
//! steps are chosen such that the total harm is least for the bytes (rate-distortion allocation; Cover & Thomas,
//! "Elements of Information Theory", chapter 10: at the optimum a bit more helps every tensor alike).

use std::io::Write as _;

use anyhow::{Context, Result};
use burn::tensor::Device;
use flate2::{Compression, write::GzEncoder};
use lookalike::{
    encoder::{Encoder, EncoderConfig, TensorValues, WeightTensor, batch_tensor},
    gallery::{EncoderFile, Stored},
    preprocess::Pixels,
};

use crate::{interrupt, progress::Progress};

/// The step at which harm is measured, in standard deviations of a channel's numbers.
const TRIAL: f32 = 0.25;

/// The coarsest step: beyond, hardly any number is left.
const COARSEST: f32 = 0.6;

/// Photos on which harm is measured.
const PHOTOS: usize = 32;

/// Halvings of the interval in which the common factor of all steps is sought.
const ROUNDS: usize = 12;

/// Quantises an encoder's weights such that its file takes at most `budget` bytes after gzip. Biases keep half
/// precision, and so does everything if that fits.
///
/// # Errors
/// A budget that no steps meet, a device that fails, or Ctrl-C.
pub fn quantise(file: &EncoderFile, budget: usize, photos: &[Pixels], device: &Device) -> Result<EncoderFile> {
    let harms = harms(file, &photos[..photos.len().min(PHOTOS)], device)?;
    let with = |factor: f32| -> Result<(EncoderFile, usize)> {
        let steps = |harm: &Option<Harm>| harm.as_ref().map(|harm| harm.step(factor));
        let tensors = file.tensors.iter().zip(&harms).map(|(tensor, harm)| stored(tensor, steps(harm))).collect();
        let file = EncoderFile { tensors, ..file.clone() };
        let bytes = gzip_size(&file.to_file()?.0)?;
        Ok((file, bytes))
    };
    // The steps grow with the factor and the bytes shrink: halve the interval until it hardly matters.
    let (mut fine, mut coarse) = (1e-3_f32, 1e3_f32);
    let (mut best, bytes) = with(coarse)?;
    anyhow::ensure!(bytes <= budget, "the weights can't be brought to {budget} bytes; {bytes} is the least");
    for _ in 0..ROUNDS {
        interrupt::check()?;
        let middle = (fine * coarse).sqrt();
        let (candidate, bytes) = with(middle)?;
        if bytes <= budget {
            (coarse, best) = (middle, candidate);
        } else {
            fine = middle;
        }
    }
    Ok(best)
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

/// The harm of each tensor; none for those that are not rounded.
fn harms(file: &EncoderFile, photos: &[Pixels], device: &Device) -> Result<Vec<Option<Harm>>> {
    let exact = features(&file.config, &file.tensors, photos, device)?;
    let progress = Progress::new("quantising", file.tensors.len());
    let mut harms = Vec::with_capacity(file.tensors.len());
    for (at, tensor) in file.tensors.iter().enumerate() {
        interrupt::check()?;
        let harm = if tensor.shape.len() < 2 {
            None
        } else if tensor.name.starts_with("projection") {
            // Behind the features: the finest steps.
            Some(Harm { size: 1, change: f64::MAX })
        } else {
            let mut tensors = file.tensors.clone();
            tensors[at] = stored(tensor, Some(TRIAL));
            let rounded = features(&file.config, &tensors, photos, device)?;
            Some(Harm { size: tensor.values.len(), change: relative_change(&exact, &rounded) })
        };
        harms.push(harm);
        progress.advance(1);
    }
    progress.finish(format!("{} tensors weighed", harms.iter().flatten().count()));
    Ok(harms)
}

/// A tensor with steps of this share of each channel's spread; half precision without.
fn stored(tensor: &WeightTensor, share: Option<f32>) -> WeightTensor {
    let numbers = tensor.values.to_f32();
    let values = match share {
        Some(share) => TensorValues::quantised(&numbers, &steps(&numbers, &tensor.shape, share)),
        None => TensorValues::half(&numbers),
    };
    WeightTensor { values, ..tensor.clone() }
}

/// A matrix with the finest steps of eight bits; anything else in half precision.
pub fn finest(tensor: &WeightTensor) -> WeightTensor {
    stored(tensor, (tensor.shape.len() > 1).then_some(0.0))
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
        (share * (sum / count.max(1.0)).sqrt()).max(largest / 127.0).max(1e-12)
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
            preprocess: PreprocessConfig { side: 32, offset: 127.0, scale: 1.0 / 128.0 },
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
