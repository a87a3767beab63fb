//! How large a site is, what a first visit takes of it, and what GitHub Pages allows.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use flate2::{Compression, read::GzEncoder};
use lookalike::{cells, gallery};

use crate::commands::Refusal;

// GitHub's own figures, of November 2026: "GitHub Pages limits" and "About large files on GitHub" in its documentation.
// A larger site or file is refused there; the traffic is a soft limit, over which somebody writes to you.
const SITE: u64 = 1_000_000_000;
const FILE: u64 = 100 << 20;
const TRAFFIC: u64 = 100_000_000_000;

/// What hosts send in gzip; pictures are compressed already, and of our own files no host knows that they would shrink.
const ZIPPED: [&str; 6] = ["html", "js", "css", "svg", "json", "wasm"];

/// A site in figures.
pub struct Size {
    /// Its files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// What a first visit downloads before it has an answer, on a machine without a GPU.
    pub first_visit: u64,
    largest: (u64, PathBuf),
    large: u64,
}

impl Size {
    /// Measures a site with so many photos.
    ///
    /// # Errors
    /// A file that can't be read.
    pub fn of(site: &Path, photos: usize) -> Result<Self> {
        let mut size = Self { files: 0, bytes: 0, first_visit: 0, largest: (0, PathBuf::new()), large: 0 };
        // A site that is a repository itself: what git keeps is not published.
        let published = |entry: &walkdir::DirEntry| entry.file_name() != ".git";
        for entry in walkdir::WalkDir::new(site).sort_by_file_name().into_iter().filter_entry(published) {
            let entry = entry?;
            if !entry.file_type().is_file() {
                continue;
            }
            let (bytes, path) = (entry.metadata()?.len(), entry.path().strip_prefix(site)?);
            size.files += 1;
            size.bytes += bytes;
            if bytes > size.largest.0 {
                size.largest = (bytes, path.to_owned());
            }
            if path.starts_with(Path::new(gallery::FOLDER).join(gallery::LARGE)) {
                size.large += bytes;
            }
            if is_waited_for(path, photos) {
                size.first_visit += sent(entry.path()).with_context(|| format!("{} can't be read", path.display()))?;
            }
        }
        Ok(size)
    }

    /// How many first visits the traffic of a month pays for.
    pub fn visits(&self) -> u64 {
        TRAFFIC / self.first_visit.max(1)
    }

    /// Whether GitHub Pages takes it.
    ///
    /// # Errors
    /// A site or a file that is too large, with what makes it smaller.
    pub fn check(&self, site: &Path) -> Result<()> {
        let (bytes, path) = &self.largest;
        if *bytes > FILE {
            return Err(Refusal::new(format!(
                "{} has {} MiB, and GitHub takes files of at most {} MiB: remove it if it is not part of the site, or \
                 publish on another host",
                site.join(path).display(),
                bytes >> 20,
                FILE >> 20
            ))
            .into());
        }
        if self.bytes <= SITE {
            return Ok(());
        }
        let way_out = match self.large {
            0 => "build a site of fewer photos".to_owned(),
            large => {
                format!("build without --large (its pictures are {:.2} GB), or with a smaller one", gigabytes(large))
            }
        };
        Err(Refusal::new(format!(
            "{} has {:.2} GB, and GitHub Pages takes sites of at most {:.0} GB: {way_out}, or publish on another host",
            site.display(),
            gigabytes(self.bytes),
            gigabytes(SITE)
        ))
        .into())
    }
}

fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e9
}

/// Is a file on the way to the first answer? Thumbnails and the visitor's photo apart, as in BENCHMARKS.md.
fn is_waited_for(path: &Path, photos: usize) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    match path.parent().and_then(|parent| parent.to_str()) {
        Some("") => !begins(&["about.html", "worker_webgpu", "."]),
        Some(gallery::FOLDER) if begins(&["cell-"]) => photos <= cells::ALL_AT_ONCE,
        Some(gallery::FOLDER) => !begins(&["decoder-", "miniatures-", "autoencoder-"]),
        Some("samples/small") => true,
        _ => false,
    }
}

/// The bytes of a file as a host sends them.
fn sent(path: &Path) -> io::Result<u64> {
    if path.extension().is_none_or(|extension| ZIPPED.iter().all(|zipped| extension != *zipped)) {
        return Ok(fs::metadata(path)?.len());
    }
    io::copy(&mut GzEncoder::new(File::open(path)?, Compression::default()), &mut io::sink())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(bytes: u64, largest: u64, large: u64) -> Size {
        Size { files: 9, bytes, first_visit: 3_000_000, largest: (largest, "gallery/cell-1.lka".into()), large }
    }

    #[test]
    fn a_site_at_the_limits_is_taken_and_over_them_the_way_out_is_told() {
        let site = Path::new("site");
        size(SITE, FILE, 0).check(site).unwrap();
        let refusal = |size: Size| size.check(site).unwrap_err().to_string();
        let file = refusal(size(SITE, FILE + (1 << 20), 0));
        assert!(file.contains("cell-1.lka has 101 MiB") && file.contains("at most 100 MiB"), "{file}");
        let photos = refusal(size(1_240_000_000, FILE, 0));
        assert!(photos.contains("1.24 GB") && photos.contains("at most 1 GB") && photos.contains("fewer"), "{photos}");
        let large = refusal(size(1_240_000_000, FILE, 900_000_000));
        assert!(large.contains("--large (its pictures are 0.90 GB)"), "{large}");
        assert_eq!(size(1, 1, 0).visits(), 33_333);
    }

    #[test]
    fn a_first_visit_takes_what_the_first_answer_waits_for() {
        let waited = |path: &str| is_waited_for(Path::new(path), 700);
        for path in
            ["index.html", "worker_cpu_bg.wasm", "gallery/cell-0.lka", "gallery/gallery.lka", "samples/small/a.jpg"]
        {
            assert!(waited(path), "{path}");
        }
        for path in
            ["about.html", "worker_webgpu.js", "gallery/decoder-0.lka", "gallery/thumbs/0.webp", "samples/a.jpg"]
        {
            assert!(!waited(path), "{path}");
        }
        assert!(!is_waited_for(Path::new("gallery/cell-0.lka"), cells::ALL_AT_ONCE + 1));
    }
}
