//! `lookalike build`, as typed.

use std::path::PathBuf;

use clap::Args;

use super::{Eps, clusters, eps, perplexity};
use crate::{choice::Choice, cluster::ClusterCount, device::DeviceChoice};

/// Options of `build`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lookalike build my-photos --out my-site
  lookalike build my-photos --out my-site --model lite0 --clusters auto
  lookalike build my-photos --out my-site --eps 0.05 --perplexity 50 --title \"My photos\"
  lookalike build my-photos --out my-site --embeddings parts      what `embed` wrote on many machines
  lookalike build my-photos --out my-site --compare-methods --autoencoder my-model
  lookalike build my-photos --out my-site --metadata my-photos.csv  titles, links and tags

The default encoder needs no training: only its last projection is fitted to the photos. With
`--model autoencoder`, one is trained on them first, into SITE-model beside the site; the next build
uses it again. `--model lite0` is the pretrained EfficientNet-Lite0. The site is a folder of files for
any static host, with a page about the gallery in about.html; `lookalike serve SITE` shows it. A
site that is there is replaced as a whole, at the end; a folder that holds something else is refused.

What was made of each photo is kept in SITE-cache, beside the site and not for publishing: the next
build reads only photos that are new or changed, and gives the same bytes as one from scratch. Some
12 kB a photo; it may be removed at any time.")]
pub struct Build {
    /// Folder of photos.
    pub photos: PathBuf,
    /// Folder for the site.
    #[arg(long)]
    pub out: PathBuf,
    /// `default`, `lite0`, `autoencoder` (trained on these photos first), or a model's folder.
    #[arg(long, default_value = "default")]
    pub model: Choice,
    /// Side of the encoder's input in pixels, if not its own: larger is slower and better.
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(32..=512))]
    pub side: Option<u16>,
    /// Parquet files of `lookalike embed`, or folders of them: their photos need not be embedded again.
    #[arg(long, value_name = "PARTS", num_args = 1..)]
    pub embeddings: Vec<PathBuf>,
    /// A .csv or .json file with `path`, `title`, `link` and `tags` of photos, which visitors see and filter by.
    #[arg(long, value_name = "FILE")]
    pub metadata: Option<PathBuf>,
    /// Number of k-means clusters; `auto` takes the number with the highest silhouette.
    #[arg(long, default_value = "4", allow_negative_numbers = true, value_parser = clusters, value_name = "K|auto")]
    pub clusters: ClusterCount,
    /// Radius of DBSCAN, a cosine distance over 0 and up to 2; `auto` is the median distance to the fifth neighbour.
    #[arg(long, default_value = "auto", allow_negative_numbers = true, value_parser = eps, value_name = "E|auto")]
    pub eps: Eps,
    /// Perplexity of t-SNE: about how many neighbours matter to a photo.
    #[arg(long, default_value_t = 30.0, allow_negative_numbers = true, value_parser = perplexity)]
    pub perplexity: f32,
    /// Larger pictures for the page's large view, and for results on screens of double density: 23 kB a photo at 480 pixels,
    /// 43 kB at 640; thumbnails, at 256, have 7 kB.
    #[arg(long, value_name = "SIDE", value_parser = clap::value_parser!(u16).range(257..=4096))]
    pub large: Option<u16>,
    /// Let visitors compare the encoder with raw pixels and a colour histogram: 768 bytes a photo more, which the page
    /// fetches when somebody asks for it.
    #[arg(long)]
    pub compare_methods: bool,
    /// Compare with a plain autoencoder as well, which `train` has made: its folder. About 100 kB, and 60 bytes a photo.
    #[arg(long, value_name = "MODEL", requires = "compare_methods")]
    pub autoencoder: Option<PathBuf>,
    /// Read and encode every photo anew, and keep nothing for the next build.
    #[arg(long)]
    pub no_cache: bool,
    /// Decides k-means' starts, and the training of an autoencoder.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// What the collection is called; the photo folder's name by default.
    #[arg(long)]
    pub title: Option<String>,
    /// Folder of a built page, in the place of the one that the command holds.
    #[arg(long)]
    pub page: Option<PathBuf>,
    /// Where to compute: the processor gives the same bytes each time.
    #[arg(long, value_enum, default_value_t = DeviceChoice::Cpu)]
    pub device: DeviceChoice,
}
