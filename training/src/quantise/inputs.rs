//! What the pointwise convolutions of a trunk see: the second moments of their inputs.

use anyhow::Result;
use burn::tensor::{Device, Slice, Tensor};
use lookalike::{
    encoder::{Encoder, EncoderConfig, Trunk, batch_tensor},
    preprocess::Pixels,
};
use ndarray::Array2;

use crate::interrupt;

/// Photos a pass.
const BATCH: usize = 16;

/// Places of a photo's map that count, about: more say little new.
const PLACES: usize = 100;

/// The path of a convolution, and the mean of `x · xᵀ` over its inputs `x`, a last one of 1 included, which stands
/// for the bias: `[inputs + 1, inputs + 1]`.
pub(super) type Moments = (String, Array2<f64>);

/// The moments of every pointwise convolution but the stem; none for a trunk without.
///
/// # Errors
/// Ctrl-C.
pub(super) fn moments(
    encoder: &Encoder,
    config: &EncoderConfig,
    photos: &[Pixels],
    device: &Device,
) -> Result<Vec<Moments>> {
    let mut sums: Vec<Moments> = Vec::new();
    for photos in photos.chunks(BATCH) {
        interrupt::check()?;
        let photos: Vec<_> = photos.iter().collect();
        let inputs = inputs(&encoder.trunk, batch_tensor(&photos, &config.preprocess, device));
        for (at, (name, x)) in inputs.into_iter().enumerate() {
            let moment = moment(x)?;
            match sums.get_mut(at) {
                Some((_, sum)) => *sum += &moment,
                None => sums.push((name, moment)),
            }
        }
    }
    for (_, sum) in &mut sums {
        let ones = sum.last().copied().unwrap_or(1.0);
        *sum /= ones;
    }
    Ok(sums)
}

/// Names and inputs, `[batch, height, width, channels]`.
fn inputs(trunk: &Trunk, pixels: Tensor<4>) -> Vec<(String, Tensor<4>)> {
    let Trunk::InvertedResidual(network) = trunk else { return Vec::new() };
    let mut inputs = Vec::new();
    let mut seen = |name: &str, x: &Tensor<4>| inputs.push((format!("trunk.InvertedResidual.{name}"), x.clone()));
    let mut x = network.stem(pixels);
    for (at, block) in network.blocks.iter().enumerate() {
        if block.expand.is_some() {
            seen(&format!("blocks.{at}.expand"), &x);
        }
        seen(&format!("blocks.{at}.project"), &block.hidden(x.clone()));
        x = block.forward(x);
    }
    seen("head", &x);
    inputs
}

/// The sum of `x · xᵀ` over some places of a map.
fn moment(x: Tensor<4>) -> Result<Array2<f64>> {
    let [batch, height, width, channels] = x.dims();
    let rows = batch * height * width;
    let step = (height * width / PLACES).max(1);
    let x = x.reshape([rows, channels]).slice([Slice::new(0, None, step as isize), Slice::full()]);
    let [rows, _] = x.dims();
    let ones = Tensor::ones([rows, 1], &x.device());
    let x = Tensor::cat(vec![x, ones], 1); // [rows, channels + 1]
    let sum = x.clone().transpose().matmul(x).into_data();
    Ok(Array2::from_shape_vec((channels + 1, channels + 1), sum.iter::<f32>().map(f64::from).collect())?)
}
