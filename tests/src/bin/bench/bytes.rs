//! What a cold visit downloads, by part.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Result;
use flate2::{Compression, write::GzEncoder};

use super::report::stamp;

/// Bytes after gzip -9.
pub(crate) fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(9));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// The rows of the table: what a part holds, and whether a first answer waits for it.
const PARTS: [(&str, bool); 12] = [
    ("page (HTML, style, scripts, wasm of the main thread, icons)", true),
    ("processor engine", true),
    ("encoder", true),
    ("gallery (entry, probes, embeddings, labels, map)", true),
    ("small pictures of the samples, on the first screen", true),
    ("decoder, when somebody wants to see what the encoder keeps", false),
    ("miniatures and autoencoder, when somebody wants to compare the methods", false),
    ("the page about the gallery, with its pictures", false),
    ("WebGPU engine, only where there is a GPU, behind the first answer", false),
    ("sample photos, one when it is chosen", false),
    ("thumbnails and larger pictures, all of them", false),
    ("search for other pages: element, module, types, example", false),
];

/// The part that a file of the site belongs to.
fn part(site: &Path, path: &Path) -> usize {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let inside = |folder: &str| path.starts_with(site.join(folder));
    match () {
        () if inside("gallery/thumbs") || inside("gallery/large") => 10,
        () if inside("samples/small") => 4,
        () if inside("samples") => 9,
        () if inside("gallery/about") || name == "about.html" => 7,
        () if name.starts_with("encoder") => 2,
        () if name.starts_with("decoder") => 5,
        () if name.starts_with("miniatures") || name.starts_with("autoencoder") => 6,
        () if inside("gallery") => 3,
        () if name.starts_with("worker_webgpu") => 8,
        () if name.starts_with("lookalike") || ["example.html", "worker_search.js"].contains(&name.as_str()) => 11,
        () if name.starts_with("worker_cpu") => 1,
        () => 0,
    }
}

pub(crate) fn measure(site: &Path) -> Result<String> {
    let mut sums = [(0, 0, 0); PARTS.len()];
    for file in files(site) {
        let content = fs::read(&file)?;
        let sum = &mut sums[part(site, &file)];
        *sum = (sum.0 + 1, sum.1 + content.len(), sum.2 + gzip(&content)?);
    }
    let row = |name: &str, (files, raw, zipped): (usize, usize, usize)| {
        format!("| {name} | {files} | {:.1} | {:.1} |\n", raw as f64 / 1e3, zipped as f64 / 1e3)
    };
    let mut text = format!(
        "{} The demo site with the default encoder; gzip is what a host sends.\n\n| part | files | raw kB | gzip kB |\n| --- | --: | --: | --: |\n",
        stamp()
    );
    let first = PARTS.iter().zip(sums).filter(|((_, first), _)| *first).map(|(_, sum)| sum);
    let first = first.fold((0, 0, 0), |all, sum| (all.0 + sum.0, all.1 + sum.1, all.2 + sum.2));
    for ((name, waits), sum) in PARTS.iter().zip(sums) {
        if *waits {
            text += &row(name, sum);
        }
    }
    text += &row("**to the first answer, thumbnails and the photo itself apart**", first);
    for ((name, waits), sum) in PARTS.iter().zip(sums) {
        if !waits {
            text += &row(name, sum);
        }
    }
    Ok(text)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
