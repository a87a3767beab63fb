//! `lookalike train`.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use burn::tensor::Device;
use image::RgbImage;
use lookalike::{
    encoder::{DecoderConfig, EncoderConfig, TensorValues, at_side, batch_tensor, pictures, store_weights},
    gallery::{DecoderFile, EncoderFile, Stored},
    preprocess::{Pixels, PreprocessConfig},
};

use super::{Outcome, Refusal, refuse_inside, scratch::none_readable};
use crate::{
    autoencoder::Autoencoder,
    cli::Train,
    dataset::{Dataset, Split},
    device, embed,
    model::{self, State},
    output::{unmakable, write_atomic},
    photos::{self, Skipped},
    plot,
    progress::say,
    reconstruct,
    train::{TrainConfig, Trained},
};

/// Photos in the picture of reconstructions.
pub(super) const SHOWN: usize = 8;

pub(super) fn run(options: &Train) -> Result<Outcome> {
    let skipped = Skipped::default();
    let files = photos::find(&options.photos, &skipped)?;
    refuse_inside(&options.photos, &options.out)?;
    if prepare(options)? == Prepared::AlreadyDone {
        say(format!("{} holds a finished model; nothing to do", options.out.display()));
        return Ok(Outcome::Done);
    }
    if options.epochs == 0 && (options.from.is_none() || options.decoder_only) {
        return Err(Refusal::new("--epochs 0 trains nothing; give at least 1".to_owned()).into());
    }
    if options.decoder_only {
        return super::draw::run(options, files, &skipped);
    }
    if options.from.is_some() {
        return super::adapt::run(options, files, &skipped);
    }
    let config = config(options);
    let data = Dataset::load(files, &config.encoder.preprocess, &skipped)?;
    if data.pixels.is_empty() {
        return Err(none_readable(&options.photos, &skipped));
    }
    skipped.report();
    let device = device::open(options.device)?;
    eprintln!("device       {}", device.name);
    begin(options)?;
    train(&config, &data, &device.device, &options.out)?;
    say(format!("model        {}", options.out.display()));
    Ok(Outcome::from(&skipped))
}

/// Makes the model's folder, without what was there if that is to be thrown away.
pub(super) fn begin(options: &Train) -> Result<()> {
    if options.overwrite {
        // Only now: until here anything may be refused, and the old model is still whole.
        model::clear(&options.out)?;
    }
    fs::create_dir_all(&options.out).with_context(|| unmakable(&options.out))
}

/// What was typed as what is meant.
pub(super) fn config(options: &Train) -> TrainConfig {
    TrainConfig {
        seed: options.seed,
        epochs: options.epochs,
        patience: options.patience,
        batch_size: options.batch_size,
        learning_rate: options.learning_rate,
        validation_share: options.validation,
        augment: !options.no_augment,
        from: None,
        teacher: None,
        encoder: EncoderConfig::autoencoder(),
        decoder: DecoderConfig::autoencoder(),
    }
}

#[derive(PartialEq, Eq)]
enum Prepared {
    Ready,
    AlreadyDone,
}

/// Makes sure that nothing is overwritten unasked.
fn prepare(options: &Train) -> Result<Prepared> {
    let shown = options.out.display();
    let refusal = match model::state(&options.out)? {
        State::Foreign => format!("{shown} holds something that is not a model; choose another --out"),
        State::Finished if options.resume => return Ok(Prepared::AlreadyDone),
        State::Finished if !options.overwrite => {
            format!("{shown} holds a model; choose another --out, or add --overwrite")
        }
        State::Unfinished if !options.overwrite && !options.resume => {
            format!("{shown} holds an unfinished training; --resume goes on, --overwrite starts anew")
        }
        _ => return Ok(Prepared::Ready),
    };
    Err(Refusal::new(refusal).into())
}

/// Trains, or goes on, and leaves a model in `folder`.
pub(super) fn train(config: &TrainConfig, data: &Dataset, device: &Device, folder: &Path) -> Result<EncoderFile> {
    write_atomic(&folder.join(model::CONFIG), config.to_json()?.as_bytes())?;
    let trained = reconstruct::train(config, data, device, folder)?;
    let split = Split::new(data.pixels.len(), config.validation_share, config.seed);
    // A small collection's split is smaller than the picture: fill up with others.
    let places = split.validation.iter().chain(&split.training).take(SHOWN.min(data.pixels.len()));
    let shown: Vec<&Pixels> = places.map(|&place| &data.pixels[place]).collect();
    let autoencoder = leave_pictures(config, trained, &shown, device, folder)?;
    let encoder = embed::fit_projection(autoencoder.encoder, &config.encoder, &data.pixels, device)?;
    let file = EncoderFile {
        name: "autoencoder".to_owned(),
        config: config.encoder.clone(),
        tensors: store_weights(&encoder, TensorValues::half),
    };
    model::finish(folder, &file)?;
    Ok(file)
}

/// Leaves everything but the encoder in a model's folder: curve, reconstructions of some photos, decoder.
pub(super) fn leave_pictures(
    config: &TrainConfig,
    trained: Trained,
    shown: &[&Pixels],
    device: &Device,
    folder: &Path,
) -> Result<Autoencoder> {
    let Trained { autoencoder, history } = trained;
    write_atomic(&folder.join(model::LOSS), serde_json::to_string_pretty(&history)?.as_bytes())?;
    write_atomic(&folder.join(model::LOSS_PLOT), &plot::png(&plot::loss_curve(&history)?)?)?;
    let pairs = reconstructions(&autoencoder, config, shown, device)?;
    write_atomic(&folder.join(model::RECONSTRUCTIONS), &plot::png(&plot::pairs(&pairs))?)?;
    let decoder = DecoderFile {
        config: config.decoder.clone(),
        tensors: store_weights(&autoencoder.decoder, TensorValues::half),
    };
    write_atomic(&folder.join(model::DECODER), &decoder.to_file()?.0)?;
    Ok(autoencoder)
}

/// Photos, each with its reconstruction.
fn reconstructions(
    autoencoder: &Autoencoder,
    config: &TrainConfig,
    originals: &[&Pixels],
    device: &Device,
) -> Result<Vec<(RgbImage, RgbImage)>> {
    let reconstructions = autoencoder.forward(batch_tensor(originals, &config.encoder.preprocess, device));
    let photos = batch_tensor(originals, &PreprocessConfig::unit_range(config.encoder.preprocess.side), device);
    let photos = at_side(photos, config.decoder.side());
    let [photos, reconstructions] = [photos, reconstructions].map(|values| pollster::block_on(pictures(values)));
    Ok(photos?.iter().map(picture).zip(reconstructions?.iter().map(picture)).collect())
}

fn picture(pixels: &Pixels) -> RgbImage {
    let side = u32::from(pixels.side());
    RgbImage::from_raw(side, side, pixels.interleaved()).unwrap_or_default()
}
