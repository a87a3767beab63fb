//! `lookalike eval`.

use std::path::Path;

use anyhow::{Context, Result};
use lookalike::{
    gallery::EncoderFile,
    preprocess::{Pixels, PreprocessConfig},
};

use super::{Outcome, Refusal};
use crate::{
    cli::{Cli, Command, Eval, Train},
    dataset::Dataset,
    device::{self, DeviceChoice},
    embed,
    evaluate::{Evaluation, evaluate},
    model::{self, State},
    photos::{self, PhotoFile, Skipped},
    progress::say,
};

/// The name that stands for no model at all.
const PIXELS: &str = "pixels";

/// Side of the raw pixels that a model is compared with.
const PIXELS_SIDE: u16 = 32;

pub(super) fn run(options: &Eval) -> Result<Outcome> {
    let skipped = Skipped::default();
    let files = photos::find(&options.photos, &skipped)?;
    let (files, vectors) = if options.model.as_deref() == Some(Path::new(PIXELS)) {
        raw_pixels(files, &skipped)?
    } else {
        embeddings(options, files, &skipped)?
    };
    if vectors.is_empty() {
        return Err(none_readable(&options.photos, &skipped));
    }
    skipped.report();
    if vectors.len() < 2 {
        return Err(Refusal::new("leave-one-out needs at least two photos".to_owned()).into());
    }
    let classes: Vec<_> = files.iter().map(PhotoFile::class).collect();
    let evaluation = evaluate(&vectors, &classes);
    say(if options.json { serde_json::to_string(&evaluation)? } else { table(&evaluation) });
    Ok(Outcome::from(&skipped))
}

fn table(e: &Evaluation) -> String {
    let percent = |x: f64| format!("{:5.1} %", 100.0 * x);
    format!(
        "{} images, {} classes\nprecision@1             {}\nprecision@6             {}\nR-precision             {}\nmean average precision  {}",
        e.images,
        e.classes,
        percent(e.precision_at_1),
        percent(e.precision_at_6),
        percent(e.r_precision),
        percent(e.mean_average_precision)
    )
}

type Vectors = (Vec<PhotoFile>, Vec<Vec<f32>>);

fn embeddings(options: &Eval, files: Vec<PhotoFile>, skipped: &Skipped) -> Result<Vectors> {
    let file = model_or_scratch(
        options.model.as_deref(),
        &options.photos,
        &files,
        Scratch { seed: options.seed, device: options.device },
    )?;
    let data = Dataset::load(files, &file.config.preprocess, skipped)?;
    let device = device::open(options.device)?;
    let network = model::network(&file, &device.device)?;
    let embeddings = embed::embed(&network, &file.config, &data.pixels, &device.device)?;
    Ok((data.files, embeddings.iter().map(|e| e.as_slice().to_vec()).collect()))
}

/// Raw pixels as unit vectors, each pixel less its mean over the collection.
fn raw_pixels(files: Vec<PhotoFile>, skipped: &Skipped) -> Result<Vectors> {
    let data = Dataset::load(files, &PreprocessConfig::unit_range(PIXELS_SIDE), skipped)?;
    let count = data.pixels.len().max(1) as f64;
    let size = 3 * usize::from(PIXELS_SIDE) * usize::from(PIXELS_SIDE);
    let mut mean = vec![0.0_f64; size];
    for pixels in &data.pixels {
        mean.iter_mut().zip(pixels.bytes()).for_each(|(sum, &byte)| *sum += f64::from(byte) / count);
    }
    let vectors = data.pixels.iter().map(|pixels| centred(pixels, &mean)).collect();
    Ok((data.files, vectors))
}

fn centred(pixels: &Pixels, mean: &[f64]) -> Vec<f32> {
    let difference: Vec<f64> = pixels.bytes().iter().zip(mean).map(|(&byte, mean)| f64::from(byte) - mean).collect();
    let norm = difference.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    difference.iter().map(|x| (x / norm) as f32).collect()
}

/// The named model, or one trained on these photos and thrown away.
pub(super) fn model_or_scratch(
    model: Option<&Path>,
    photos: &Path,
    files: &[PhotoFile],
    training: Scratch,
) -> Result<EncoderFile> {
    match model {
        Some(folder) => model::load(folder),
        None => scratch_model(photos, files, tempfile::tempdir()?.path(), training),
    }
}

/// How to train without a model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scratch {
    /// The training's seed.
    pub(super) seed: u64,
    /// Where to train.
    pub(super) device: DeviceChoice,
}

/// The model in `folder`; trained on these photos with the default options if it is not there, or not finished.
pub(super) fn scratch_model(
    photos: &Path,
    files: &[PhotoFile],
    folder: &Path,
    training: Scratch,
) -> Result<EncoderFile> {
    let shown = folder.display();
    let config = super::train::config(&Train { seed: training.seed, ..default_options()? });
    match model::state(folder)? {
        State::Finished if model::config(folder)? != config.to_json()? => {
            let message =
                format!("{shown} was trained with other options or another seed; remove it, or name it with --model");
            return Err(Refusal::new(message).into());
        }
        State::Finished => {
            eprintln!("model        {shown} is there already; remove it to train anew");
            return model::load(folder);
        }
        State::Foreign => return Err(Refusal::new(format!("{shown} holds something that is not a model")).into()),
        State::Free | State::Unfinished => {}
    }
    eprintln!("no --model: training an autoencoder on these photos first, in {shown}");
    let skipped = Skipped::default();
    let data = Dataset::load(files.to_vec(), &config.encoder.preprocess, &skipped)?;
    if data.pixels.is_empty() {
        return Err(none_readable(photos, &skipped));
    }
    // With some good ones, the bad are named when the photos are read for their own sake.
    std::fs::create_dir_all(folder).with_context(|| format!("{shown} can't be made"))?;
    super::train::train(&config, &data, &device::open(training.device)?.device, folder)
        .with_context(|| format!("the model in {shown}: the same command goes on; remove the folder to start anew"))
}

/// Names every photo, then refuses the folder.
pub(super) fn none_readable(photos: &Path, skipped: &Skipped) -> anyhow::Error {
    skipped.report();
    Refusal::new(format!("none of the photos in {} can be read", photos.display())).into()
}

/// What `lookalike train` does unless told otherwise: the defaults stand in one place, the command line.
fn default_options() -> Result<Train> {
    use clap::Parser as _;
    match Cli::try_parse_from(["lookalike", "train", ".", "--out", "."])?.command {
        Command::Train(options) => Ok(options),
        _ => anyhow::bail!("the defaults of `train` can't be read"),
    }
}
