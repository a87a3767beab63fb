//! The networks that a command is told to use; an autoencoder is trained on its photos first.

use std::path::Path;

use anyhow::{Context, Result};
use lookalike::{embedding::Embedding, gallery::EncoderFile};

use super::Refusal;
use crate::{
    choice::{Choice, Networks},
    cli::{Cli, Command, Train},
    dataset::Dataset,
    device::{self, DeviceChoice},
    embed,
    model::{self, State},
    photos::{PhotoFile, Skipped},
};

/// How to train without a model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scratch {
    /// The training's seed.
    pub(super) seed: u64,
    /// Where to train, and to embed.
    pub(super) device: DeviceChoice,
}

/// The model that a command is told to use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Its name.
    pub(super) model: &'a Choice,
    /// Side of its input in pixels, if not its own.
    pub(super) side: Option<u16>,
    /// How to train, if it is an autoencoder.
    pub(super) training: Scratch,
}

/// The networks of the wanted model; an autoencoder is trained on these photos in `folder`, or thrown away without.
pub(super) fn networks(
    wanted: Wanted<'_>,
    photos: &Path,
    files: &[PhotoFile],
    folder: Option<&Path>,
) -> Result<Networks> {
    if let Some(networks) = wanted.model.networks(wanted.side)? {
        return Ok(networks);
    }
    let temporary = tempfile::tempdir()?;
    let folder = folder.unwrap_or(temporary.path());
    let encoder = scratch_model(photos, files, folder, wanted.training)?;
    Networks { decoder: model::decoder(folder, &encoder)?, encoder }.at(wanted.side)
}

/// Embeds photos with the wanted model. Bad ones are noted and left out.
pub(super) fn embed_photos(
    wanted: Wanted<'_>,
    photos: &Path,
    files: Vec<PhotoFile>,
    skipped: &Skipped,
) -> Result<(Vec<PhotoFile>, Vec<Embedding>)> {
    let file = networks(wanted, photos, &files, None)?.encoder;
    let data = Dataset::load(files, &file.config.preprocess, skipped)?;
    if data.pixels.is_empty() {
        return Err(none_readable(photos, skipped));
    }
    let device = device::open(wanted.training.device)?;
    let (_, embeddings) = embed::index(file, &data.pixels, &device.device)?;
    Ok((data.files, embeddings))
}

/// The model in `folder`; trained on these photos with the default options if it is not there, or not finished.
fn scratch_model(photos: &Path, files: &[PhotoFile], folder: &Path, training: Scratch) -> Result<EncoderFile> {
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
    eprintln!("training an autoencoder on these photos first, in {shown}");
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
