//! Photos beside what the decoder draws of them.

use std::path::Path;

use anyhow::{Context, Result};
use burn::tensor::Device;
use image::RgbImage;
use lookalike::{
    encoder::{Decoder, at_side, batch_tensor, pictures},
    gallery::{DecoderFile, EncoderFile},
    preprocess::{Pixels, PreprocessConfig},
};

use super::{
    About,
    page::{self, figure},
    write_named,
};
use crate::{
    html::{escaped, grouped},
    model, picture,
};

/// How many photos are shown.
pub(super) const SHOWN: usize = 6;

/// A photo, and what the decoder draws from its latent.
pub struct Reconstruction {
    /// The photo's place in the collection.
    pub photo: usize,
    /// What the encoder saw.
    pub seen: Pixels,
    /// What the decoder drew.
    pub drawn: Pixels,
    /// Mean squared difference of both at the decoder's side, of bytes in [0, 1].
    pub error: f64,
}

/// Draws some photos again: places, and what the encoder saw.
///
/// # Errors
/// Weights that do not fit their configuration, or a device that fails.
pub fn draw(
    encoder: &EncoderFile,
    decoder: &DecoderFile,
    photos: Vec<(usize, Pixels)>,
    device: &Device,
) -> Result<Vec<Reconstruction>> {
    let input = encoder.config.preprocess;
    let network = model::network(encoder, device)?;
    let decoder = Decoder::load(&decoder.config, &decoder.tensors, device).context("the decoder can't be used")?;
    let one = |(photo, seen): (usize, Pixels)| {
        let picture = decoder.forward(network.latent(batch_tensor(&[&seen], &input, device)));
        let [_, _, side, _] = picture.dims();
        let original = batch_tensor(&[&seen], &PreprocessConfig::unit_range(input.side), device);
        let difference = picture.clone() - at_side(original, side);
        let error = (difference.clone() * difference).mean().into_scalar::<f32>();
        let drawn = pollster::block_on(pictures(picture))?.pop().context("nothing was drawn")?;
        Ok(Reconstruction { photo, seen, drawn, error: f64::from(error) })
    };
    photos.into_iter().map(one).collect()
}

/// The section; its pictures are written into the site.
pub(super) fn section(site: &Path, about: &About<'_>) -> Result<String> {
    let all = about.reconstructions;
    if all.is_empty() {
        return Ok(String::new());
    }
    let tiles = all.iter().map(|one| tile(site, about, one)).collect::<Result<String>>()?;
    let mean = all.iter().map(|one| one.error).sum::<f64>() / all.len() as f64;
    let [channels, height, width] = about.collection.encoder.config.latent_shape();
    let numbers = grouped((channels * height * width) as u64);
    let body = format!(
        "<p class=\"prose\">A second network, the <strong>decoder</strong>, draws a photo again from the encoder's latent, {numbers} \
         numbers, and from nothing else. What can still be recognised is in them. What is lost is lost for the search as well, or the \
         decoder has not learnt to read it: of a reconstruction, only what is there proves something. Left is what the encoder saw, right what was \
         drawn; the figure is the mean squared error of a pixel from 0 to 1, {} on average.</p>\n\
         <ul class=\"drawn\">\n{tiles}</ul>\n\
         <p class=\"small\">Try it with your own photo: give it to <a href=\"./\">the search</a>, then press “What the encoder keeps”.</p>\n",
        figure("reconstruction-error", mean, format!("{mean:.4}"))
    );
    Ok(page::section("reconstructions", "Reconstructions: what the numbers still know", &body))
}

fn tile(site: &Path, about: &About<'_>, one: &Reconstruction) -> Result<String> {
    let name = escaped(&about.collection.files[one.photo].path);
    let image = |pixels: &Pixels, what: &str| -> Result<String> {
        let side = u32::from(pixels.side());
        let drawing = RgbImage::from_raw(side, side, pixels.interleaved()).context("a reconstruction is no picture")?;
        let address = write_named(site, &picture::webp(&drawing)?, "webp")?;
        Ok(format!("<img src=\"{address}\" alt=\"{what}\" width=\"{side}\" height=\"{side}\" loading=\"lazy\">"))
    };
    let (seen, drawn) = (image(&one.seen, &name)?, image(&one.drawn, "Its reconstruction")?);
    Ok(format!(
        "<li><figure><div>{seen}{drawn}</div><figcaption>{name} <span>{:.4}</span></figcaption></figure></li>\n",
        one.error
    ))
}
