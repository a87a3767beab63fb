//! `lookalike train`.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use burn::tensor::Device;
use image::RgbImage;
use lookalike::{
    encoder::{EncoderConfig, TensorValues, batch_tensor, store_weights},
    gallery::{EncoderFile, Stored},
    preprocess::Pixels,
};

use super::{Outcome, Refusal, refuse_inside, scratch::none_readable};
use crate::{
    autoencoder::{Autoencoder, DecoderFile},
    checkpoint,
    cli::Train,
    dataset::{Dataset, Split},
    device, embed,
    model::{self, State},
    output::write_atomic,
    photos::{self, Skipped},
    plot,
    progress::say,
    train::{TrainConfig, Trained, Training},
};

/// Photos in the picture of reconstructions.
const SHOWN: usize = 8;

pub(super) fn run(options: &Train) -> Result<Outcome> {
    let skipped = Skipped::default();
    let files = photos::find(&options.photos, &skipped)?;
    refuse_inside(&options.photos, &options.out)?;
    if prepare(options)? == Prepared::AlreadyDone {
        say(format!("{} holds a finished model; nothing to do", options.out.display()));
        return Ok(Outcome::Done);
    }
    let config = config(options);
    let data = Dataset::load(files, &config.encoder.preprocess, &skipped)?;
    if data.pixels.is_empty() {
        return Err(none_readable(&options.photos, &skipped));
    }
    skipped.report();
    let device = device::open(options.device)?;
    eprintln!("device       {}", device.name);
    if options.overwrite {
        // Only now: until here anything may be refused, and the old model is still whole.
        model::clear(&options.out)?;
    }
    fs::create_dir_all(&options.out).with_context(|| format!("{} can't be made", options.out.display()))?;
    train(&config, &data, &device.device, &options.out)?;
    say(format!("model        {}", options.out.display()));
    Ok(Outcome::from(&skipped))
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
        encoder: EncoderConfig::autoencoder(),
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
    let training = Training::begin(config, data, device, folder)?;
    write_atomic(&folder.join(model::CONFIG), config.to_json()?.as_bytes())?;
    let Trained { autoencoder, history } = training.run()?;
    write_atomic(&folder.join(model::LOSS), serde_json::to_string_pretty(&history)?.as_bytes())?;
    write_atomic(&folder.join(model::LOSS_PLOT), &plot::png(&plot::loss_curve(&history)?)?)?;
    let pairs = reconstructions(&autoencoder, config, data, device)?;
    write_atomic(&folder.join(model::RECONSTRUCTIONS), &plot::png(&plot::pairs(&pairs))?)?;
    let decoder = DecoderFile {
        config: config.encoder.clone(),
        tensors: store_weights(&autoencoder.decoder, TensorValues::half),
    };
    write_atomic(&folder.join(model::DECODER), &decoder.to_file()?.0)?;
    let encoder = embed::fit_projection(autoencoder.encoder, &config.encoder, &data.pixels, device)?;
    let file = EncoderFile {
        name: "autoencoder".to_owned(),
        config: config.encoder.clone(),
        tensors: store_weights(&encoder, TensorValues::half),
    };
    // Last: a folder with an encoder is a finished model.
    write_atomic(&folder.join(model::ENCODER), &file.to_file()?.0)?;
    fs::remove_file(folder.join(checkpoint::FILE)).ok();
    Ok(file)
}

/// Photos of the validation split, each with its reconstruction.
fn reconstructions(
    autoencoder: &Autoencoder,
    config: &TrainConfig,
    data: &Dataset,
    device: &Device,
) -> Result<Vec<(RgbImage, RgbImage)>> {
    let split = Split::new(data.pixels.len(), config.validation_share, config.seed);
    // A small collection's split is smaller than the picture: fill up with others.
    let places = split.validation.iter().chain(&split.training).take(SHOWN.min(data.pixels.len()));
    let originals: Vec<&Pixels> = places.map(|&place| &data.pixels[place]).collect();
    let batch = batch_tensor(&originals, &config.encoder.preprocess, device);
    let values: Vec<f32> = autoencoder.forward(batch).into_data().iter::<f32>().collect();
    let size = originals.first().map_or(1, |pixels| pixels.bytes().len());
    let bytes =
        values.chunks_exact(size).map(|photo| photo.iter().map(|x| (x * 255.0).round() as u8).collect::<Vec<_>>());
    Ok(originals
        .iter()
        .zip(bytes)
        .map(|(original, bytes)| (picture(original.side(), original.bytes()), picture(original.side(), &bytes)))
        .collect())
}

/// Three planes as a picture.
fn picture(side: u16, planes: &[u8]) -> RgbImage {
    let side = u32::from(side);
    let plane = (side * side) as usize;
    RgbImage::from_fn(side, side, |x, y| {
        let at = (y * side + x) as usize;
        image::Rgb([planes[at], planes[plane + at], planes[2 * plane + at]])
    })
}
