//! `lookalike embed`, as typed.

use std::path::PathBuf;

use clap::Args;

use crate::{choice::Choice, device::DeviceChoice, parts::Share};

/// Options of `embed`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lookalike embed my-photos --model my-model --out embeddings.npy
  python3 -c 'import numpy; print(numpy.load(\"embeddings.npy\").shape)'
  lookalike embed my-photos --part 1/3 --out parts/1.parquet      on one machine
  lookalike embed my-photos --part 2/3 --out parts/2.parquet      on another, and so on
  lookalike embed my-photos --files list.txt --out parts/1.parquet  just these, one path a line
  lookalike build my-photos --embeddings parts --out my-site

Row i of the array [photos, D] (32-bit floats, unit length) belongs to line i of the list beside it:
embeddings.txt for embeddings.npy.
Parquet holds path, hash, embedding, features, width, height and tags of each photo: `build` makes the
site of any number of such files that it would make of the photos, and databases read them. A file that
is there and whole is left as it is, so that what failed can be started again as it was. Machines of one kind
give the same bytes; others may differ in the last bit of a number.")]
pub struct Embed {
    /// Folder of photos.
    pub photos: PathBuf,
    /// The file to write: .npy for NumPy, .parquet for `build --embeddings` and everybody else.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Only these of the photos, to a .parquet file: part I of N, which follow from the photos' paths.
    #[arg(long, value_name = "I/N")]
    pub part: Option<Share>,
    /// Only these of the photos: a text file of paths below the folder, one a line; `-` is standard input.
    #[arg(long, value_name = "LIST", conflicts_with = "part")]
    pub files: Option<PathBuf>,
    /// A .csv or .json file as for `build`; its tags go into a .parquet file.
    #[arg(long, value_name = "FILE")]
    pub metadata: Option<PathBuf>,
    /// Write a .parquet file anew even if it is there.
    #[arg(long)]
    pub overwrite: bool,
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
