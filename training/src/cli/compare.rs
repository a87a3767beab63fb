//! Options of `compare`.

use std::path::PathBuf;

use clap::Args;

use super::positive;
use crate::choice::Choice;

/// Options of `compare`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lookalike compare my-photos
  lookalike compare my-photos --model small --model large --plot table.png
  lookalike compare my-photos --model my-model --page my-page      open my-page/index.html
  lookalike compare my-photos --model my-model --json > figures.json

The first folder below PHOTOS is a photo's class. Each photo is a query once and never its own
neighbour. Raw pixels (32 × 32 RGB, less their mean) and a colour histogram (8 × 8 × 8 RGB) come
first: a model should beat both. Purity and NMI are of as many k-means clusters as there are
classes; vectors wider than 64 numbers are reduced to 64 for them.
An autoencoder is trained on the photos first, and thrown away; the others are ready.")]
pub struct Compare {
    /// Folder of photos in class folders.
    pub photos: PathBuf,
    /// `default`, `lite0`, `autoencoder`, or a model's folder; may be given several times. Without: all three.
    #[arg(long = "model", value_name = "NAME_OR_DIR")]
    pub models: Vec<Choice>,
    /// Decides k-means' starts, the examples of the page, and the training without --model.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Also draw the table into a PNG file.
    #[arg(long, value_name = "OUT.png")]
    pub plot: Option<PathBuf>,
    /// Also write a page with the table and example queries into a folder.
    #[arg(long, value_name = "OUT_DIR")]
    pub page: Option<PathBuf>,
    /// Example queries of the page, spread evenly over the classes.
    #[arg(long, default_value_t = 12, value_parser = positive, requires = "page")]
    pub queries: usize,
}
