//! `lookalike embed`, as typed.

use std::path::PathBuf;

use clap::Args;

use crate::{choice::Choice, device::DeviceChoice};

/// Options of `embed`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lookalike embed my-photos --model my-model --out embeddings.npy
  python3 -c 'import numpy; print(numpy.load(\"embeddings.npy\").shape)'

Row i of the array [photos, D] (32-bit floats, unit length) belongs to line i of the list beside it:
embeddings.txt for embeddings.npy.")]
pub struct Embed {
    /// Folder of photos.
    pub photos: PathBuf,
    /// The .npy file to write.
    #[arg(long, value_name = "FILE.npy")]
    pub out: PathBuf,
    /// `default`, `lite0`, `autoencoder` (trained on these photos first), or a model's folder.
    #[arg(long, default_value = "default")]
    pub model: Choice,
    /// Side of the encoder's input in pixels, if not its own: larger is slower and better.
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(32..=512))]
    pub side: Option<u16>,
    /// Decides the training of an autoencoder.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceChoice::Cpu)]
    pub device: DeviceChoice,
}
