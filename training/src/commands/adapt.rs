//! `lookalike train --from`: an encoder that is there already learns from photos, without labels.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use burn::{
    module::{Module as _, ModuleMapper, Param},
    tensor::{Device, Tensor},
};
use lookalike::{
    encoder::{
        Architecture, Decoder, DecoderConfig, Encoder, EncoderConfig, TensorValues, WeightTensor, store_weights,
    },
    gallery::{DecoderFile, EncoderFile, Stored},
    preprocess::{Pixels, PreprocessConfig},
};

use super::{
    Outcome, Refusal,
    scratch::none_readable,
    train::{SHOWN, begin, leave_pictures},
};
use crate::{
    autoencoder::Autoencoder,
    choice::Networks,
    cli::Train,
    dataset::{Split, spread},
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

/// Weight of the reconstruction's error beside the agreement with the teacher.
const RECONSTRUCTION: f64 = 1.0;

/// Channels of the decoder after each of its upsamplings.
const DECODER_CHANNELS: [u16; 4] = [96, 64, 32, 16];

/// Fewer photos than this judge by chance: of small collections, up to a fifth is held back.
const FEWEST_HELD_BACK: f64 = 16.0;

/// What an encoder's file may take after gzip unless told otherwise, in kB: two megabytes are the page's limit.
const BUDGET: usize = 1860;

/// Photos on which the projection is fitted that a model carries; a collection gets its own when it is built.
const FITTED: usize = 4096;

pub(super) fn run(options: &Train, files: Vec<PhotoFile>, skipped: &Skipped) -> Result<Outcome> {
    let Networks { encoder: start, decoder: start_decoder } = start(options)?;
    let device = device::open(options.device)?;
    eprintln!("device       {}", device.name);
    let (teacher, teacher_config, teacher_name) = teacher(&start, &device.device)?;
    eprintln!("teacher      {teacher_name} at {TEACHER_SIDE} pixels");
    let config = TrainConfig { teacher: Some(teacher_name), ..config(options, &start, files.len())? };
    // At another side the latent has another shape, and this decoder would be refused beside the encoder.
    let start_decoder = start_decoder.filter(|decoder| decoder.config.check_for(&config.encoder).is_ok());
    let pictures = Pictures::load(files, skipped)?;
    if pictures.is_empty() {
        return Err(none_readable(&options.photos, skipped));
    }
    skipped.report();
    let sample: Vec<_> = spread(pictures.len(), FITTED).collect();
    let pixels = pictures.squares(&sample, &config.encoder.preprocess);
    let start = EncoderFile { config: config.encoder.clone(), ..start };
    let start = round(start, options.budget, &pixels, &device.device)?;
    begin(options)?;
    let objective = Distillation {
        pictures: &pictures,
        teacher: &teacher,
        teacher_input: teacher_config.preprocess,
        input: config.encoder.preprocess,
        reconstruction: RECONSTRUCTION,
    };
    write_atomic(&options.out.join(model::CONFIG), config.to_json()?.as_bytes())?;
    let network = network(&start, start_decoder.as_ref(), &config, &device.device)?;
    let encoder = if config.epochs == 0 {
        if let Some(decoder) = &start_decoder {
            write_atomic(&options.out.join(model::DECODER), &decoder.to_file()?.0)?;
        }
        network.encoder.valid()
    } else {
        learn(&objective, network, start_decoder.as_ref(), &config, &pixels, &device.device, &options.out)?
    };
    let encoder = embed::fit_projection(encoder, &config.encoder, &pixels, &device.device)?;
    finish(&start, &encoder, &options.out)?;
    say(format!("model        {}", options.out.display()));
    Ok(Outcome::from(skipped))
}

/// The start with weights in eight bits.
fn round(start: EncoderFile, budget: Option<usize>, pixels: &[Pixels], device: &Device) -> Result<EncoderFile> {
    match budget {
        Some(_) if quantise::is_done(&start) => {
            let message = format!("{} is rounded already; leave out --budget, or start from `lite0`", start.name);
            Err(Refusal::new(message).into())
        }
        None if quantise::is_done(&start) => Ok(start),
        budget => quantise::quantise(&start, 1000 * budget.unwrap_or(BUDGET), pixels, device),
    }
}

/// Trains, and gives the better of the encoders before and after; leaves everything else in a model's folder.
fn learn(
    objective: &Distillation,
    network: Autoencoder,
    start_decoder: Option<&DecoderFile>,
    config: &TrainConfig,
    pixels: &[Pixels],
    device: &Device,
    folder: &Path,
) -> Result<Encoder> {
    let before = network.encoder.clone().valid();
    let network = Autoencoder { encoder: network.encoder.map(&mut BiasesOnly), decoder: network.decoder };
    let trained = Training::begin(config, network, objective, device, folder)?.run()?;
    let shown: Vec<&Pixels> = spread(pixels.len(), SHOWN).map(|at| &pixels[at]).collect();
    let after = leave_pictures(config, trained, &shown, device, folder)?.encoder;
    let held_back = Split::new(objective.pictures.len(), config.validation_share, config.seed).validation;
    let was = objective.disagreement(&before, &held_back, device)?;
    let is = objective.disagreement(&after, &held_back, device)?;
    let judged = plural(held_back.len(), "held-back photo");
    if is < was {
        say(format!("better       disagreement with the teacher on {judged}: {was:.4} before, {is:.4} now"));
        return Ok(after);
    }
    say(format!(
        "not better   disagreement with the teacher on {judged}: {was:.4} before, {is:.4} after training. \
         The model keeps the weights it started from; more photos or a smaller --learning-rate may help"
    ));
    keep_decoder(start_decoder, folder)?;
    Ok(before)
}

/// The networks to start from.
pub(super) fn start(options: &Train) -> Result<Networks> {
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

/// What was typed as what is meant for a start.
pub(super) fn config(options: &Train, start: &EncoderFile, photos: usize) -> Result<TrainConfig> {
    let side = options.side.unwrap_or(start.config.preprocess.side);
    let crop = options.crop.unwrap_or(start.config.preprocess.crop);
    let preprocess = PreprocessConfig { side, crop, ..start.config.preprocess };
    let encoder = EncoderConfig { preprocess, ..start.config.clone() };
    encoder.check().map_err(|e| Refusal::new(e.to_string()))?;
    let latent = encoder.latent_shape().map(|axis| axis as u16);
    Ok(TrainConfig {
        validation_share: options.validation.max((FEWEST_HELD_BACK / photos.max(1) as f64).min(0.2)),
        from: options.from.as_ref().map(ToString::to_string),
        decoder: DecoderConfig { latent, channels: DECODER_CHANNELS.to_vec() },
        encoder,
        ..super::train::config(options)
    })
}

/// The start's encoder, with its decoder if that draws from the same latent, else with a fresh one.
pub(super) fn network(
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

/// Lets biases learn, and leaves the weights as they are.
///
/// Biases move what each channel stands for, which is what another kind of photos, another side and the rounding of the
/// weights have changed, and there are too few of them to learn some photos by heart (Ben Zaken et al., "BitFit",
/// 2022, for language models).
struct BiasesOnly;

impl ModuleMapper for BiasesOnly {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if D > 1 { param.set_require_grad(false) } else { param }
    }
}

/// Leaves the encoder in a model's folder: the start's weights with other biases and another projection.
fn finish(start: &EncoderFile, encoder: &Encoder, folder: &Path) -> Result<()> {
    let learnt = store_weights(encoder, |values| TensorValues::F32(values.to_vec()));
    let stays = |tensor: &WeightTensor| tensor.shape.len() > 1 && tensor.name.starts_with("trunk");
    let tensors = start.tensors.iter().zip(&learnt);
    let file = EncoderFile {
        name: "inverted-residual autoencoder".to_owned(),
        tensors: tensors.map(|(old, new)| if stays(old) { old.clone() } else { quantise::projection(new) }).collect(),
        ..start.clone()
    };
    model::finish(folder, &file)
}
