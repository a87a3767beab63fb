//! The command line: what was typed, checked as far as one option alone can be.

mod build;
mod compare;
mod embed;
mod publish;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use build::Build;
pub use compare::Compare;
pub use embed::Embed;
pub use publish::Publish;

use crate::{choice::Choice, cluster::ClusterCount, device::DeviceChoice};

/// Visual search over a folder of photos, computed in the visitor's browser.
#[derive(Debug, Parser)]
#[command(name = "lookalike", bin_name = "lookalike", version = crate::page::VERSION, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
From a folder to a site:
  lookalike build my-photos --out my-site
  lookalike serve my-site
  lookalike publish my-site

Photos are .jpg, .jpeg, .png and .webp files, in subfolders too. A bad photo is reported and skipped.

Exit codes: 0 done · 1 failed · 2 refused (wrong options, no photos) · 3 done, but some photos
were skipped · 130 interrupted, nothing lost.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train an encoder on the photos: from scratch, or from one that is there.
    Train(Train),
    /// Build the complete static site: page, encoder, gallery.
    Build(Build),
    /// Find the photos of a site that look most like a photo.
    Query(Query),
    /// Measure a model: class folders as labels, leave-one-out retrieval.
    Eval(Eval),
    /// Compare models with each other and with baselines: figures, examples, costs.
    Compare(Compare),
    /// Write the embedding of every photo as a NumPy or Parquet file.
    Embed(Embed),
    /// Check a site's gallery and tell what is in it.
    Inspect(Inspect),
    /// Serve a site on this machine, to look at it.
    Serve(Serve),
    /// Check that a site is whole and fits GitHub Pages, and tell how it gets there.
    Publish(Publish),
}

/// Options of `train`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lookalike train my-photos --out my-model
  lookalike train my-photos --out my-model --resume      go on after Ctrl-C, exactly where it stopped
  lookalike train my-photos --out my-model --epochs 200 --patience 20 --device gpu
  lookalike train my-photos --out my-model --from default          fit the default encoder to them
  lookalike train my-photos --out my-model --from lite0 --decoder-only

The model's folder then holds encoder.lka, decoder.lka, config.json, loss.json, loss.png and
reconstructions.png. Two cores train some 200 photos a second.")]
pub struct Train {
    /// Folder of photos.
    pub photos: PathBuf,
    /// Folder for the model.
    #[arg(long)]
    pub out: PathBuf,
    /// Passes over the photos, at most; 0, with --from: only round the start's weights until they fit the budget.
    #[arg(long, default_value_t = 40)]
    pub epochs: usize,
    /// Stop after so many passes without a lower validation loss.
    #[arg(long, default_value_t = 5, value_parser = positive)]
    pub patience: usize,
    /// Photos a step.
    #[arg(long, default_value_t = 32, value_parser = positive)]
    pub batch_size: usize,
    /// Step size of Adam.
    #[arg(long, default_value_t = 0.001, allow_negative_numbers = true, value_parser = positive_number)]
    pub learning_rate: f64,
    /// Start from an encoder instead of from scratch, and agree with a teacher: `default`, `lite0`,
    /// or a model's folder.
    #[arg(long, value_name = "MODEL")]
    pub from: Option<Choice>,
    /// With --from: leave the encoder as it is, and train only the decoder, which shows what the encoder keeps.
    #[arg(long, requires = "from", conflicts_with = "budget")]
    pub decoder_only: bool,
    /// With --from: side of the encoder's input in pixels, if it is to be another.
    #[arg(long, requires = "from", value_parser = clap::value_parser!(u16).range(32..=512))]
    pub side: Option<u16>,
    /// With --from: side of the square that the encoder sees, as a share of a photo's shorter side.
    #[arg(long, requires = "from", value_name = "SHARE", allow_negative_numbers = true, value_parser = crop)]
    pub crop: Option<f32>,
    /// With --from: what the encoder's file may take after gzip, in kB; weights that are not rounded yet are rounded
    /// until they fit [default: 1860].
    #[arg(long, requires = "from", value_name = "KB", value_parser = positive)]
    pub budget: Option<usize>,
    /// Share of the photos that is held back for validation.
    #[arg(long, default_value_t = 0.02, allow_negative_numbers = true, value_parser = share)]
    pub validation: f64,
    /// Train on the photos as they are, without mirroring, shifts and changes of light; not with --from, where views
    /// of a photo are what there is to agree on.
    #[arg(long, conflicts_with = "from")]
    pub no_augment: bool,
    /// Decides first weights, split, order and augmentation: the same seed gives the same model.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where to compute: `auto` takes a real GPU if there is one.
    #[arg(long, value_enum, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// Go on from the checkpoint of a training that was interrupted; starts anew if there is none.
    #[arg(long)]
    pub resume: bool,
    /// Throw away the model that is there.
    #[arg(long, conflicts_with = "resume")]
    pub overwrite: bool,
}

/// Options of `query`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lookalike query my-site holiday.jpg
  lookalike query my-site https://example.org/cat.jpg -k 12 --json
  lookalike query my-site holiday.jpg --plot result.png")]
pub struct Query {
    /// Folder of the site.
    pub site: PathBuf,
    /// A photo's file name, or its http(s) address.
    #[arg(value_name = "PHOTO_OR_URL")]
    pub photo: String,
    /// How many similar photos to show.
    #[arg(short, default_value_t = 6, value_parser = positive)]
    pub k: usize,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Also draw the photo and its results into a PNG file.
    #[arg(long, value_name = "OUT.png")]
    pub plot: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceChoice::Cpu)]
    pub device: DeviceChoice,
}

/// Options of `eval`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lookalike eval my-photos --model my-model
  lookalike eval my-photos --model pixels --json      raw 32 × 32 pixels, the least a model must beat
  lookalike eval my-photos --features                 before the projection: what is lost by 64 numbers

The first folder below PHOTOS is a photo's class. Each photo is a query once and never its own neighbour.
With `--model autoencoder`, one is trained on the photos first, and thrown away.")]
pub struct Eval {
    /// Folder of photos in class folders.
    pub photos: PathBuf,
    /// `default`, `lite0`, `autoencoder` (trained on these photos first), `pixels`, or a model's folder.
    #[arg(long, default_value = "default")]
    pub model: Choice,
    /// Side of the encoder's input in pixels, if not its own: larger is slower and better.
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(32..=512))]
    pub side: Option<u16>,
    /// Judge all of the encoder's features, around their mean, in place of the embedding.
    #[arg(long)]
    pub features: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Decides the training of an autoencoder.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceChoice::Cpu)]
    pub device: DeviceChoice,
}

/// Options of `inspect`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lookalike inspect my-site")]
pub struct Inspect {
    /// Folder of the site.
    pub site: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  lookalike serve my-site --port 8080

Only this machine can reach it (127.0.0.1). To publish, copy the folder to any static host; for GitHub
Pages, `lookalike publish SITE` tells how.")]
pub struct Serve {
    /// Folder of the site.
    pub site: PathBuf,
    /// Port; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
}

/// DBSCAN's radius as typed; `None` is `auto`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Eps(pub Option<f32>);

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&n| n > 0).ok_or_else(|| "give a whole number of at least 1".to_owned())
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|x| x.is_finite())
}

fn positive_number(text: &str) -> Result<f64, String> {
    number(text).filter(|&x| x > 0.0).ok_or_else(|| "give a number over 0".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    number(text).filter(|x| (0.0..=0.5).contains(x)).ok_or_else(|| "give a share from 0 to 0.5".to_owned())
}

fn crop(text: &str) -> Result<f32, String> {
    let share = number(text).filter(|x| (0.1..=1.0).contains(x)).ok_or("give a share from 0.1 to 1")?;
    Ok(share as f32)
}

fn clusters(text: &str) -> Result<ClusterCount, String> {
    match text {
        "auto" => Ok(ClusterCount::Auto),
        _ => positive(text).map(ClusterCount::Fixed).map_err(|e| format!("{e}, or `auto`")),
    }
}

fn eps(text: &str) -> Result<Eps, String> {
    match text {
        "auto" => Ok(Eps(None)),
        _ => number(text)
            .filter(|&x| x > 0.0 && x <= 2.0)
            .map(|x| Eps(Some(x as f32)))
            .ok_or_else(|| "give a cosine distance over 0 and up to 2, or `auto`".to_owned()),
    }
}

fn perplexity(text: &str) -> Result<f32, String> {
    number(text).filter(|&x| x >= 1.0).map(|x| x as f32).ok_or_else(|| "give a number of at least 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn senseless_values_are_refused_with_the_reason() {
        let refusal = |arguments: &[&str]| Cli::try_parse_from(arguments).unwrap_err().to_string();
        let build = |option: &'static str, value: &'static str| {
            refusal(&["lookalike", "build", "p", "--out", "s", option, value])
        };
        assert!(build("--clusters", "0").contains("at least 1"));
        assert!(build("--clusters", "many").contains("auto"));
        assert!(build("--eps", "-1").contains("cosine distance"));
        assert!(build("--eps", "nan").contains("cosine distance"));
        assert!(build("--perplexity", "0").contains("at least 1"));
        assert!(build("--colour", "red").contains("--colour"));
    }
}
