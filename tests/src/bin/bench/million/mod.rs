//! Search in a million photos: what an answer costs, and how much of the exact answer it finds.

mod chance;
mod crops;
pub(crate) mod measure;
mod mixture;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use lookalike::embedding::Embedding;

const USAGE: &str = "\
million embed OUT PHOTOS…            the default encoder's embeddings of photos and of parts of them, until it is ended
million measure FROM [COUNT [MOST]]  a collection of COUNT (1,000,000) photos in cells of at most MOST";

/// Photos of a large collection.
pub(crate) const MILLION: usize = 1_000_000;

/// Embeddings of real photos and others.
pub(crate) struct Collection {
    /// Real ones, then drawn ones.
    pub(crate) embeddings: Vec<Embedding>,
    /// How many are real.
    pub(crate) real: usize,
    /// Real ones that are none of them.
    pub(crate) held_out: Vec<Embedding>,
}

/// What `million embed` has written into a folder, and drawn ones up to `count`.
///
/// # Errors
/// Files that are not there.
pub(crate) fn collection(folder: &Path, count: usize, held_out: usize) -> Result<Collection> {
    let real: Vec<_> = measure::read(&folder.join("photos.f32"))?.into_iter().take(count).collect();
    let held_out = measure::read(&folder.join("held-out.f32"))?.into_iter().take(held_out).collect();
    Ok(Collection { real: real.len(), embeddings: mixture::fill(real, count)?, held_out })
}

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
        ["measure", from] => print(measure::measure(Path::new(from), MILLION, None)),
        ["measure", from, count] => print(measure::measure(Path::new(from), count.parse()?, None)),
        ["measure", from, count, most] => print(measure::measure(Path::new(from), count.parse()?, Some(most.parse()?))),
        _ => bail!("{USAGE}"),
    }
}

fn print(text: Result<String>) -> Result<()> {
    println!("{}", text?);
    Ok(())
}
