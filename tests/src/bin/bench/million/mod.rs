//! Search in a million photos: what an answer costs, and how much of the exact answer it finds.

mod chance;
mod crops;
mod measure;
mod mixture;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

const USAGE: &str = "\
million embed OUT PHOTOS…            the default encoder's embeddings of photos and of parts of them, until it is ended
million measure FROM [COUNT [MOST]]  a collection of COUNT (1,000,000) photos in cells of at most MOST";

/// Runs a part of this benchmark.
///
/// # Errors
/// Files that are not there, or a disk that is full.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["embed", out, ref folders @ ..] if !folders.is_empty() => {
            let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
            crops::embed_crops(&folders, 4, Path::new(out))
        }
        ["measure", from] => measure::measure(Path::new(from), 1_000_000, None),
        ["measure", from, count] => measure::measure(Path::new(from), count.parse()?, None),
        ["measure", from, count, most] => measure::measure(Path::new(from), count.parse()?, Some(most.parse()?)),
        _ => bail!("{USAGE}"),
    }
}
