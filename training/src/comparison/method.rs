//! What is compared: ways from a photo's pixels to a unit vector, and what each of them takes.

use std::{hint::black_box, time::Instant};

use anyhow::Result;
use lookalike::{
    colour,
    descriptor::RawPixels,
    gallery::{EncoderFile, Stored as _},
    preprocess::{Pixels, PreprocessConfig},
};
use serde::Serialize;

use crate::{device::NamedDevice, embed, model, quantise::gzip_size};

/// Side of the photos that methods without weights look at, in pixels.
pub const BASELINE_SIDE: u16 = 32;

/// Photos whose time is taken, spread over the folder.
const TIMED: usize = 50;

/// Bytes of a number in half precision.
const HALF: usize = 2;

/// A way from pixels to a unit vector.
pub enum Method {
    /// See [`RawPixels`].
    RawPixels,
    /// See [`colour::histogram`].
    ColourHistogram,
    /// A network, and what to call it.
    Encoder(String, Box<EncoderFile>),
}

/// What a method takes.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Cost {
    /// Bytes of the file with the weights; 0 for a method without.
    pub weights_bytes: usize,
    /// Bytes of that file in gzip's usual compression, as a static host sends it.
    pub weights_gzip_bytes: usize,
    /// Bytes of a photo's vector in half precision, as a gallery stores it.
    pub embedding_bytes: usize,
    /// From decoded pixels to the vector, one photo at a time on the processor: the median.
    pub milliseconds_per_photo: f64,
}

impl Method {
    /// What it is called.
    pub fn name(&self) -> &str {
        match self {
            Self::RawPixels => "raw pixels",
            Self::ColourHistogram => "colour histogram",
            Self::Encoder(name, _) => name,
        }
    }

    /// How its photos become pixels.
    pub fn preprocess(&self) -> PreprocessConfig {
        match self {
            Self::RawPixels | Self::ColourHistogram => PreprocessConfig::unit_range(BASELINE_SIDE),
            Self::Encoder(_, file) => file.config.preprocess,
        }
    }

    /// The vectors `[photos, D]` of some photos, and what they took.
    ///
    /// # Errors
    /// Weights that do not fit their own configuration, or Ctrl-C.
    pub fn embed(&self, pixels: &[Pixels]) -> Result<(Vec<Vec<f32>>, Cost)> {
        match self {
            Self::RawPixels => {
                let raw = RawPixels::fit(pixels);
                without_weights(pixels, |photo| raw.embed(photo))
            }
            Self::ColourHistogram => without_weights(pixels, colour::histogram),
            Self::Encoder(_, file) => encoded(file, pixels),
        }
    }
}

fn without_weights(pixels: &[Pixels], embed: impl Fn(&Pixels) -> Vec<f32>) -> Result<(Vec<Vec<f32>>, Cost)> {
    let vectors: Vec<_> = pixels.iter().map(&embed).collect();
    let milliseconds = median_milliseconds(pixels, |photo| {
        black_box(embed(photo));
        Ok(())
    })?;
    let cost = cost(&vectors, &[], milliseconds)?;
    Ok((vectors, cost))
}

fn encoded(file: &EncoderFile, pixels: &[Pixels]) -> Result<(Vec<Vec<f32>>, Cost)> {
    let device = NamedDevice::cpu().device;
    let (file, embeddings) = embed::index(file.clone(), pixels, &device)?;
    let network = model::network(&file, &device)?;
    let vectors: Vec<_> = embeddings.iter().map(|embedding| embedding.as_slice().to_vec()).collect();
    let milliseconds = median_milliseconds(pixels, |photo| {
        pollster::block_on(network.embed(&[photo], &file.config.preprocess, &device))?;
        Ok(())
    })?;
    // As a site ships it, with the projection that was fitted to these photos.
    let cost = cost(&vectors, &file.to_file()?.0, milliseconds)?;
    Ok((vectors, cost))
}

fn cost(vectors: &[Vec<f32>], weights: &[u8], milliseconds_per_photo: f64) -> Result<Cost> {
    let weights_gzip_bytes = if weights.is_empty() { 0 } else { gzip_size(weights)? };
    let embedding_bytes = HALF * vectors.first().map_or(0, Vec::len);
    Ok(Cost { weights_bytes: weights.len(), weights_gzip_bytes, embedding_bytes, milliseconds_per_photo })
}

fn median_milliseconds(pixels: &[Pixels], mut embed: impl FnMut(&Pixels) -> Result<()>) -> Result<f64> {
    let count = TIMED.min(pixels.len());
    let mut times = Vec::with_capacity(count);
    for at in 0..count {
        let photo = &pixels[at * pixels.len() / count];
        let started = Instant::now();
        embed(photo)?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times.get(count / 2).copied().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn baselines_cost_a_vector_and_no_weights() {
        let photos: Vec<_> = (0..4).map(|at| Pixels::new(32, vec![at * 60; 3072]).unwrap()).collect();
        for (method, bytes) in [(Method::RawPixels, 6144), (Method::ColourHistogram, 1024)] {
            let (vectors, cost) = method.embed(&photos).unwrap();
            assert_eq!((vectors.len(), cost.embedding_bytes, cost.weights_bytes), (4, bytes, 0), "{}", method.name());
            assert!(cost.milliseconds_per_photo > 0.0 && cost.weights_gzip_bytes == 0);
        }
    }

    #[test]
    fn what_repeats_itself_is_small_when_compressed() {
        assert!((20..200).contains(&gzip_size(&[7; 10_000]).unwrap()));
    }
}
