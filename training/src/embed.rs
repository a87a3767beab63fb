//! Embeddings of many photos.

use anyhow::{Context, Result};
use burn::tensor::Device;
use lookalike::{
    embedding::Embedding,
    encoder::{
        Architecture, Encoder, EncoderConfig, TensorValues, WeightTensor, batch_tensor, cpu, layers::Pointwise,
        store_weights,
    },
    gallery::EncoderFile,
    preprocess::Pixels,
};
use ndarray::{Array2, ArrayView1, Axis, NdFloat};
use rayon::prelude::*;

use crate::{dataset::spread, interrupt, model, pca::Pca, photos::plural, progress::Progress, projection, quantise};

/// Photos a pass: enough to keep every core busy, few enough to bound memory.
pub const BATCH: usize = 64;

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
pub fn rows<T: NdFloat + From<f32>>(embeddings: &[Embedding]) -> Array2<T> {
    let width = embeddings.first().map_or(0, Embedding::width);
    let mut rows = Array2::zeros((embeddings.len(), width));
    for (mut row, embedding) in rows.axis_iter_mut(Axis(0)).zip(embeddings) {
        row.iter_mut().zip(embedding.as_slice()).for_each(|(to, &from)| *to = from.into());
    }
    rows
}

/// Embeds the photos of a collection. An encoder that was trained on other photos gets a projection of its own for
/// them: what tells the photos of other collections apart loses several points of precision. The encoder's file comes back with that projection.
///
/// # Errors
/// A device that fails, or Ctrl-C.
pub fn index(file: EncoderFile, pixels: &[Pixels], device: &Device) -> Result<(EncoderFile, Vec<Embedding>)> {
    let encoder = model::network(&file, device)?;
    let rows = features(&encoder, &file.config, &pixels.iter().collect::<Vec<_>>(), device)?;
    index_features(file, pixels.len(), |place| Ok(rows.row(place).mapv(|x| x as f32).to_vec()), device)
}

/// The same for photos whose features are known; they are asked for one by one, and no more than
/// [`projection::FITTED`] are held at a time.
///
/// # Errors
/// Features that can't be had, or a device that fails.
pub fn index_features(
    file: EncoderFile,
    count: usize,
    features: impl Fn(usize) -> Result<Vec<f32>>,
    device: &Device,
) -> Result<(EncoderFile, Vec<Embedding>)> {
    if matches!(file.config.architecture, Architecture::ConvPool { .. }) {
        let embeddings = project(&model::network(&file, device)?, count, features, device)?;
        return Ok((file, embeddings));
    }
    let width = file.config.feature_width();
    let mut rows = Vec::new();
    for place in spread(count, projection::FITTED) {
        rows.extend(features(place)?.into_iter().map(f64::from));
    }
    let rows = Array2::from_shape_vec((rows.len() / width, width), rows)?;
    let pca = projection::fit(rows.view(), usize::from(file.config.width))?;
    drop(rows);
    let mut tensors = file.tensors;
    let stored = store_weights(&linear(&pca, device), |values| TensorValues::F32(values.to_vec()));
    replace(&mut tensors, stored.iter().map(quantise::projection), "projection")?;
    let file = EncoderFile { tensors, ..file };
    // Through the stored projection, so that the browser computes the same.
    let embeddings = project(&model::network(&file, device)?, count, features, device)?;
    Ok((file, embeddings))
}

/// Puts tensors of one part of a network in the place of those with the same names.
fn replace(tensors: &mut [WeightTensor], part: impl Iterator<Item = WeightTensor>, path: &str) -> Result<()> {
    for new in part {
        let name = format!("{path}.{}", new.name);
        let old = tensors.iter_mut().find(|tensor| tensor.name == name);
        let old = old.with_context(|| format!("the model has no {name}"))?;
        *old = WeightTensor { name, ..new };
    }
    Ok(())
}

/// The features of photos, `[photos, features]`.
fn features(encoder: &Encoder, config: &EncoderConfig, pixels: &[&Pixels], device: &Device) -> Result<Array2<f64>> {
    let progress = Progress::new("encoding", pixels.len());
    let mut values = Vec::with_capacity(pixels.len() * config.feature_width());
    for batch in pixels.chunks(BATCH) {
        interrupt::check()?;
        values.extend(batch_features(encoder, config, batch, device).into_iter().map(f64::from));
        progress.advance(batch.len());
    }
    progress.finish(plural(pixels.len(), "photo"));
    Ok(Array2::from_shape_vec((pixels.len(), config.feature_width()), values)?)
}

/// Those of a batch, one photo's after the other's. A processor computes each photo by itself: what is found for it
/// does not depend on what else is in the batch.
pub fn batch_features(encoder: &Encoder, config: &EncoderConfig, batch: &[&Pixels], device: &Device) -> Vec<f32> {
    let compute = |batch: &[&Pixels]| -> Vec<f32> {
        encoder.features(batch_tensor(batch, &config.preprocess, device)).into_data().iter::<f32>().collect()
    };
    if *device == cpu() { batch.par_chunks(1).flat_map_iter(compute).collect() } else { compute(batch) }
}

/// The features of photos before the projection, less their mean, at unit length: `[photos, features]`.
///
/// # Errors
/// A device that fails, or Ctrl-C.
pub fn centred_features(file: &EncoderFile, pixels: &[Pixels], device: &Device) -> Result<Vec<Vec<f32>>> {
    let rows = features(&model::network(file, device)?, &file.config, &pixels.iter().collect::<Vec<_>>(), device)?;
    let mean = rows.mean_axis(Axis(0)).context("there are no photos")?;
    let centred = rows - mean;
    let unit = |row: ArrayView1<f64>| {
        let length = row.dot(&row).sqrt().max(f64::MIN_POSITIVE);
        row.iter().map(|&x| (x / length) as f32).collect()
    };
    Ok(centred.rows().into_iter().map(unit).collect())
}

/// Features to embeddings, by the projection that the encoder has; they are asked for one by one.
///
/// # Errors
/// Features that can't be had, or numbers that are not finite.
pub fn project(
    encoder: &Encoder,
    count: usize,
    features: impl Fn(usize) -> Result<Vec<f32>>,
    device: &Device,
) -> Result<Vec<Embedding>> {
    use burn::tensor::{Tensor, TensorData};
    let mut embeddings = Vec::with_capacity(count);
    for first in (0..count).step_by(BATCH) {
        let places = first..(first + BATCH).min(count);
        let rows = places.len();
        let values = places.map(&features).collect::<Result<Vec<_>>>()?.concat();
        let batch = TensorData::new(values, [rows, encoder.projection.weight.dims()[0]]);
        let projected = encoder.project(Tensor::<2>::from_data(batch, device));
        let [_, width] = projected.dims();
        let values: Vec<f32> = projected.into_data().iter::<f32>().collect();
        for row in values.chunks_exact(width) {
            embeddings.push(Embedding::from_features(row.to_vec())?);
        }
    }
    Ok(embeddings)
}

/// Fits the projection from the features to the embedding on some photos: their first principal components.
///
/// # Errors
/// A device that fails, or Ctrl-C.
pub fn fit_projection(
    mut encoder: Encoder,
    config: &EncoderConfig,
    pixels: &[Pixels],
    device: &Device,
) -> Result<Encoder> {
    let rows = features(&encoder, config, &pixels.iter().collect::<Vec<_>>(), device)?;
    let pca = Pca::fit(rows.view(), usize::from(config.width))?;
    encoder.projection = linear(&pca, device);
    Ok(encoder)
}

/// `x ↦ components · (x − mean)` as a layer.
fn linear(pca: &Pca, device: &Device) -> Pointwise {
    use burn::{
        module::Param,
        tensor::{Tensor, TensorData},
    };
    let (outputs, inputs) = pca.components.dim();
    let weight: Vec<f32> = pca.components.t().iter().map(|&x| x as f32).collect(); // [inputs, outputs]
    let bias: Vec<f32> = pca.components.dot(&pca.mean).iter().map(|&x| -x as f32).collect(); // [outputs]
    Pointwise {
        weight: Param::from_tensor(Tensor::from_data(TensorData::new(weight, [inputs, outputs]), device)),
        bias: Param::from_tensor(Tensor::from_data(TensorData::new(bias, [outputs]), device)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{choice::Choice, device::NamedDevice};

    #[test]
    fn features_do_not_depend_on_the_batch() {
        let device = NamedDevice::cpu().device;
        for side in [32, 96] {
            let file = Choice::Default.networks(Some(side)).unwrap().unwrap().encoder;
            let network = model::network(&file, &device).unwrap();
            let area = 3 * usize::from(side) * usize::from(side);
            let photo = |at: usize| Pixels::new(side, (0..area).map(|x| (x * (at + 7) / 13) as u8).collect()).unwrap();
            let photos: Vec<_> = (0..BATCH + 5).map(photo).collect();
            let photos: Vec<_> = photos.iter().collect();
            let inside = |sizes: usize| -> Vec<f32> {
                photos.chunks(sizes).flat_map(|batch| batch_features(&network, &file.config, batch, &device)).collect()
            };
            let whole = inside(BATCH);
            assert!([1, 2, 3, 17].into_iter().all(|size| inside(size) == whole), "{side}");
        }
    }
}
