//! A model's folder.
//!
//! ```text
//! encoder.lka          configuration and weights, as a site ships them
//! decoder.lka          the decoder, which gives photos back
//! config.json          the training's options
//! loss.json, loss.png  the loss of each epoch, as numbers and drawn
//! reconstructions.png  photos of the validation split, each beside its reconstruction
//! checkpoint.lka       only while a training is unfinished
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use burn::tensor::Device;
use lookalike::{
    encoder::Encoder,
    gallery::{DecoderFile, EncoderFile, Stored},
};

use crate::{checkpoint, commands::Refusal, output, train::EpochLoss};

/// The encoder's file.
pub const ENCODER: &str = "encoder.lka";
/// The decoder's file.
pub const DECODER: &str = "decoder.lka";
/// The training's options.
pub const CONFIG: &str = "config.json";
/// The losses.
pub const LOSS: &str = "loss.json";
/// The losses, drawn.
pub const LOSS_PLOT: &str = "loss.png";
/// Originals and reconstructions.
pub const RECONSTRUCTIONS: &str = "reconstructions.png";

const FILES: [&str; 7] = [ENCODER, DECODER, CONFIG, LOSS, LOSS_PLOT, RECONSTRUCTIONS, checkpoint::FILE];

/// What a folder holds, as far as a training cares.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing, or not there.
    Free,
    /// A training that was interrupted.
    Unfinished,
    /// A model.
    Finished,
    /// Files of somebody else.
    Foreign,
}

/// Looks at a folder.
///
/// # Errors
/// A folder that can't be read.
pub fn state(folder: &Path) -> Result<State> {
    if folder.join(ENCODER).exists() {
        return Ok(State::Finished);
    }
    if folder.join(checkpoint::FILE).exists() {
        return Ok(State::Unfinished);
    }
    if !folder.exists() {
        return Ok(State::Free);
    }
    if !folder.is_dir() {
        return Ok(State::Foreign);
    }
    // A training that was killed may have left some of its files, whole or half written.
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<Vec<_>>>()?;
    let ours =
        |name: &std::ffi::OsString| FILES.iter().any(|file| name == file || *name == *output::partial_name(file));
    Ok(if names.iter().all(ours) { State::Free } else { State::Foreign })
}

/// Removes what a training wrote, and nothing else.
///
/// # Errors
/// A file that can't be removed.
pub fn clear(folder: &Path) -> Result<()> {
    for path in FILES.iter().flat_map(|file| [folder.join(file), folder.join(output::partial_name(file))]) {
        if path.exists() {
            fs::remove_file(&path).with_context(|| format!("{} can't be removed", path.display()))?;
        }
    }
    Ok(())
}

/// Ends a training: a folder with an encoder is a finished model, so this comes last.
///
/// # Errors
/// A disk that is full.
pub fn finish(folder: &Path, encoder: &EncoderFile) -> Result<()> {
    output::write_atomic(&folder.join(ENCODER), &encoder.to_file()?.0)?;
    fs::remove_file(folder.join(checkpoint::FILE)).ok();
    Ok(())
}

/// Reads the encoder of a model's folder.
///
/// # Errors
/// A folder without one, or a file that can't be used.
pub fn load(folder: &Path) -> Result<EncoderFile> {
    let path: PathBuf = folder.join(ENCODER);
    if !path.exists() {
        let shown = folder.display();
        let hint = match state(folder) {
            Ok(State::Unfinished) => {
                format!("its training is unfinished; `lookalike train PHOTOS --out {shown} --resume` goes on")
            }
            _ => format!("`lookalike train PHOTOS --out {shown}` makes one"),
        };
        return Err(Refusal::new(format!("{shown} holds no model: {hint}")).into());
    }
    let bytes = fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?;
    let file = EncoderFile::from_file(&bytes, &path.display().to_string()).map_err(|e| Refusal::new(e.to_string()))?;
    file.config.check().map_err(|e| Refusal::new(format!("{}: {e}", path.display())))?;
    Ok(file)
}

/// Reads the decoder of a model's folder; a model without one is a model, too.
///
/// # Errors
/// A file that can't be used, or that reads another encoder's latent.
pub fn decoder(folder: &Path, encoder: &EncoderFile) -> Result<Option<DecoderFile>> {
    let path = folder.join(DECODER);
    if !path.exists() {
        return Ok(None);
    }
    let bytes = fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?;
    let file = DecoderFile::from_file(&bytes, &path.display().to_string()).map_err(|e| Refusal::new(e.to_string()))?;
    file.config.check_for(&encoder.config).map_err(|e| Refusal::new(format!("{}: {e}", path.display())))?;
    Ok(Some(file))
}

/// The options that a finished model was trained with, as JSON.
///
/// # Errors
/// A file that can't be read.
pub fn config(folder: &Path) -> Result<String> {
    let path = folder.join(CONFIG);
    fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))
}

/// The losses of the training that made a model; none for a folder that holds no history.
///
/// # Errors
/// A file that can't be read, or holds something else.
pub fn history(folder: &Path) -> Result<Vec<EpochLoss>> {
    let path = folder.join(LOSS);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))?;
    serde_json::from_str(&text).map_err(|e| Refusal::new(format!("{} holds no losses: {e}", path.display())).into())
}

/// Builds the network of an encoder's file.
///
/// # Errors
/// Weights that do not fit their own configuration.
pub fn network(file: &EncoderFile, device: &Device) -> Result<Encoder> {
    Encoder::load(&file.config, &file.tensors, device).context("the model's files do not fit together; train it again")
}
