//! `lookalike train --from`: an encoder that is there already learns from photos, without labels.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use burn::{module::Module as _, tensor::Device};
use lookalike::{
    encoder::{Architecture, Decoder, DecoderConfig, Encoder, EncoderConfig, TensorValues, store_weights},
    gallery::{DecoderFile, EncoderFile, Stored},
    preprocess::{Pixels, PreprocessConfig},
};

use super::{
    Outcome, Refusal,
    scratch::none_readable,
    train::{begin, leave_pictures},
};
use crate::{
    autoencoder::Autoencoder,
    checkpoint,
    choice::Networks,
    cli::Train,
    dataset::Split,
    device,
    distill::{Distillation, Pictures, TEACHER_SIDE},
    embed, model,
    output::write_atomic,
    photos::{PhotoFile, Skipped, plural},
    progress::say,
    quantise,
    teacher::{self, Teacher},
    train::{TrainConfig, Training},
};

/// Step size of Adam for weights that are good already.
const LEARNING_RATE: f64 = 2e-4;

/// Weight of the reconstruction's error beside the agreement with the teacher.
const RECONSTRUCTION: f64 = 1.0;

/// Channels of the decoder after each of its upsamplings.
const DECODER_CHANNELS: [u16; 4] = [96, 64, 32, 16];

/// Bytes of the encoder's file after gzip: what a visitor waits for.
const WEIGHTS_BUDGET: usize = 1_930_000;

/// Fewer photos than this judge by chance: of small collections, up to a fifth is held back.
const FEWEST_HELD_BACK: f64 = 16.0;

/// Photos in the picture of reconstructions.
const SHOWN: usize = 8;

/// Photos on which the projection is fitted that a model carries; a collection gets its own when it is built.
const FITTED: usize = 4096;

pub(super) fn run(options: &Train, files: Vec<PhotoFile>, skipped: &Skipped) -> Result<Outcome> {
    let Networks { encoder: start, decoder: start_decoder } = start(options)?;
    let device = device::open(options.device)?;
    eprintln!("device       {}", device.name);
    let (teacher, teacher_config, teacher_name) = teacher(&start, &device.device)?;
    eprintln!("teacher      {teacher_name} at {TEACHER_SIDE} pixels");
    let config = config(options, &start, &teacher_name, files.len())?;
    // At another side the latent has another shape, and this decoder would be refused beside the encoder.
    let start_decoder = start_decoder.filter(|decoder| decoder.config.check_for(&config.encoder).is_ok());
    let pictures = Pictures::load(files, skipped)?;
    if pictures.is_empty() {
        return Err(none_readable(&options.photos, skipped));
    }
    skipped.report();
    begin(options)?;
    let objective = Distillation {
        pictures: &pictures,
        teacher: &teacher,
        teacher_input: teacher_config.preprocess,
        input: config.encoder.preprocess,
        reconstruction: RECONSTRUCTION,
    };
    let network = network(&start, start_decoder.as_ref(), &config, &device.device)?;
    let before = network.encoder.clone().valid();
    write_atomic(&options.out.join(model::CONFIG), config.to_json()?.as_bytes())?;
    let trained = Training::begin(&config, network, &objective, &device.device, &options.out)?.run()?;
    let sample: Vec<_> = spread(pictures.len(), FITTED).collect();
    let pixels = pictures.squares(&sample, config.encoder.preprocess.side);
    let shown: Vec<&Pixels> = spread(pixels.len(), SHOWN).map(|at| &pixels[at]).collect();
    let autoencoder = leave_pictures(&config, trained, &shown, &device.device, &options.out)?;
    let held_back = Split::new(pictures.len(), config.validation_share, config.seed).validation;
    let was = objective.disagreement(&before, &held_back, &device.device)?;
    let is = objective.disagreement(&autoencoder.encoder, &held_back, &device.device)?;
    let judged = plural(held_back.len(), "held-back photo");
    let encoder = if is < was {
        say(format!("better       disagreement with the teacher on {judged}: {was:.4} before, {is:.4} now"));
        autoencoder.encoder
    } else {
        say(format!(
            "not better   disagreement with the teacher on {judged}: {was:.4} before, {is:.4} after training. \
             The model keeps the weights it started from; more photos or a smaller --learning-rate may help"
        ));
        keep_decoder(start_decoder.as_ref(), &options.out)?;
        before
    };
    let encoder = embed::fit_projection(encoder, &config.encoder, &pixels, &device.device)?;
    finish(&config, &encoder, &pixels, &device.device, &options.out)?;
    say(format!("model        {}", options.out.display()));
    Ok(Outcome::from(skipped))
}

/// The networks to start from.
fn start(options: &Train) -> Result<Networks> {
    let networks = options.from.as_ref().map(|model| model.networks(None)).transpose()?.flatten();
    let networks = networks.ok_or_else(|| Refusal::new("an autoencoder is trained without --from".to_owned()))?;
    if !matches!(networks.encoder.config.architecture, Architecture::InvertedResidual { .. }) {
        let name = &networks.encoder.name;
        return Err(Refusal::new(format!("{name} was trained from scratch; train another one without --from")).into());
    }
    Ok(networks)
}

/// Puts the decoder of the start in the place of the trained one, which reads another encoder's latent.
fn keep_decoder(decoder: Option<&DecoderFile>, folder: &Path) -> Result<()> {
    let path = folder.join(model::DECODER);
    match decoder {
        Some(decoder) => write_atomic(&path, &decoder.to_file()?.0),
        None => fs::remove_file(&path).with_context(|| format!("{} can't be removed", path.display())),
    }
}

/// Places of at most `wanted` of `count` photos, evenly spread.
fn spread(count: usize, wanted: usize) -> impl Iterator<Item = usize> {
    let taken = wanted.min(count);
    (0..taken).map(move |at| at * count / taken)
}

/// EfficientNet-Lite0 where its weights are at hand, else the encoder that the training starts from.
fn teacher(start: &EncoderFile, device: &Device) -> Result<(Encoder, EncoderConfig, String)> {
    match teacher::find() {
        Ok(path) => {
            let (config, encoder) = Teacher::load(&path)?.encoder(TEACHER_SIDE, device)?;
            Ok((encoder, config, "EfficientNet-Lite0".to_owned()))
        }
        Err(_) => {
            let mut file = start.clone();
            file.config.preprocess.side = TEACHER_SIDE;
            Ok((model::network(&file, device)?, file.config, start.name.clone()))
        }
    }
}

fn config(options: &Train, start: &EncoderFile, teacher: &str, photos: usize) -> Result<TrainConfig> {
    let side = options.side.unwrap_or(start.config.preprocess.side);
    let preprocess = PreprocessConfig { side, ..start.config.preprocess };
    let encoder = EncoderConfig { preprocess, ..start.config.clone() };
    encoder.check().map_err(|e| Refusal::new(e.to_string()))?;
    let latent = encoder.latent_shape().map(|axis| axis as u16);
    Ok(TrainConfig {
        learning_rate: options.learning_rate.unwrap_or(LEARNING_RATE),
        validation_share: options.validation.max((FEWEST_HELD_BACK / photos.max(1) as f64).min(0.2)),
        from: options.from.as_ref().map(ToString::to_string),
        teacher: Some(teacher.to_owned()),
        decoder: DecoderConfig { latent, channels: DECODER_CHANNELS.to_vec() },
        encoder,
        ..super::train::config(options)
    })
}

/// The start's encoder, with its decoder if that draws from the same latent, else with a fresh one.
fn network(
    start: &EncoderFile,
    decoder: Option<&DecoderFile>,
    config: &TrainConfig,
    device: &Device,
) -> Result<Autoencoder> {
    let autodiff = device.clone().autodiff();
    autodiff.seed(config.seed);
    let mut network = Autoencoder::init(&config.encoder, &config.decoder, &autodiff).materialize();
    network.encoder = Encoder::load(&config.encoder, &start.tensors, &autodiff)?;
    if let Some(decoder) = decoder.filter(|decoder| decoder.config == config.decoder) {
        network.decoder = Decoder::load(&decoder.config, &decoder.tensors, &autodiff)?;
    }
    Ok(network)
}

fn finish(config: &TrainConfig, encoder: &Encoder, pixels: &[Pixels], device: &Device, folder: &Path) -> Result<()> {
    let exact = EncoderFile {
        name: "inverted-residual autoencoder".to_owned(),
        config: config.encoder.clone(),
        tensors: store_weights(encoder, |values| TensorValues::F32(values.to_vec())),
    };
    let file = quantise::quantise(&exact, WEIGHTS_BUDGET, pixels, device)?;
    // Last: a folder with an encoder is a finished model.
    write_atomic(&folder.join(model::ENCODER), &file.to_file()?.0)?;
    fs::remove_file(folder.join(checkpoint::FILE)).ok();
    Ok(())
}
