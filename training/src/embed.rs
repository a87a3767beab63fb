//! Embeddings of many photos.

use anyhow::Result;
use burn::tensor::Device;
use lookalike::{
    embedding::Embedding,
    encoder::{Encoder, EncoderConfig, batch_tensor},
    preprocess::Pixels,
};
use ndarray::{Array2, Axis};

use crate::{interrupt, pca::Pca, photos::plural, progress::Progress};

/// Photos a pass: enough to keep every core busy, few enough to bound memory.
const BATCH: usize = 64;

/// Embeds photos in their order.
///
/// # Errors
/// A device that fails, or Ctrl-C.
pub fn embed(encoder: &Encoder, config: &EncoderConfig, pixels: &[Pixels], device: &Device) -> Result<Vec<Embedding>> {
    let progress = Progress::new("embedding", pixels.len());
    let mut embeddings = Vec::with_capacity(pixels.len());
    for batch in pixels.chunks(BATCH) {
        interrupt::check()?;
        let batch: Vec<_> = batch.iter().collect();
        embeddings.extend(pollster::block_on(encoder.embed(&batch, &config.preprocess, device))?);
        progress.advance(batch.len());
    }
    progress.finish(plural(pixels.len(), "photo"));
    Ok(embeddings)
}

/// Embeddings as rows, `[photos, D]`.
pub fn rows(embeddings: &[Embedding]) -> Array2<f64> {
    let width = embeddings.first().map_or(0, Embedding::width);
    let mut rows = Array2::zeros((embeddings.len(), width));
    for (mut row, embedding) in rows.axis_iter_mut(Axis(0)).zip(embeddings) {
        row.iter_mut().zip(embedding.as_slice()).for_each(|(to, &from)| *to = f64::from(from));
    }
    rows
}

/// Fits the projection from the latent to the embedding on some photos: their first principal components.
///
/// # Errors
/// A device that fails, or Ctrl-C.
pub fn fit_projection(
    mut encoder: Encoder,
    config: &EncoderConfig,
    pixels: &[Pixels],
    device: &Device,
) -> Result<Encoder> {
    let size: usize = config.latent_shape().iter().product();
    let mut latents = Vec::with_capacity(pixels.len() * size);
    for batch in pixels.chunks(BATCH) {
        interrupt::check()?;
        let batch: Vec<_> = batch.iter().collect();
        let latent = encoder.latent(batch_tensor(&batch, &config.preprocess, device)).into_data();
        latents.extend(latent.iter::<f32>().map(f64::from));
    }
    let rows = Array2::from_shape_vec((pixels.len(), size), latents)?;
    let pca = Pca::fit(rows.view(), usize::from(config.width))?;
    encoder.projection = projection(&pca, device);
    Ok(encoder)
}

/// `x ↦ components · (x − mean)` as a linear layer.
fn projection(pca: &Pca, device: &Device) -> burn::nn::Linear {
    use burn::{
        module::Param,
        tensor::{Tensor, TensorData},
    };
    let (outputs, inputs) = pca.components.dim();
    let weight: Vec<f32> = pca.components.t().iter().map(|&x| x as f32).collect(); // [inputs, outputs]
    let bias: Vec<f32> = pca.components.dot(&pca.mean).iter().map(|&x| -x as f32).collect(); // [outputs]
    let mut linear = burn::nn::LinearConfig::new(inputs, outputs).init(device);
    linear.weight = Param::from_tensor(Tensor::from_data(TensorData::new(weight, [inputs, outputs]), device));
    linear.bias = Some(Param::from_tensor(Tensor::from_data(TensorData::new(bias, [outputs]), device)));
    linear
}
