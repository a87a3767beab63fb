//! The page about a gallery: how its encoder came to be, what k-means, DBSCAN and t-SNE made of the photos, and how far
//! each of them can be believed. One static file without a script, made of what the gallery was computed from.
//!
//! ```text
//! about.html                    the page
//! gallery/about/<hash>.css      its style, on top of the page's own
//! gallery/about/<hash>.jpg      reconstructions, and what the encoder saw of the photos
//! ```

mod clusters;
mod encoder;
mod groups;
mod map;
mod neighbors;
mod page;
mod photos;
mod reconstructions;

use std::{fs, path::Path};

use anyhow::{Context, Result};
use lookalike::gallery::{self, Entry, container};

pub use reconstructions::{Reconstruction, draw};

use crate::{
    choice::Choice,
    cluster::Candidates,
    export::Collection,
    output::{unmakable, unwritable},
    site,
    train::EpochLoss,
};

/// The folder of the page's files inside the gallery's.
const FOLDER: &str = "about";

/// Everything that the page tells.
pub struct About<'a> {
    /// What the gallery is made of.
    pub collection: &'a Collection<'a>,
    /// What the gallery says of itself.
    pub entry: &'a Entry,
    /// Where the encoder comes from.
    pub model: &'a Choice,
    /// The losses of its training; none where there is no history.
    pub history: &'a [EpochLoss],
    /// Some photos and what the decoder draws of them; none without a decoder.
    pub reconstructions: &'a [Reconstruction],
    /// What other numbers of clusters would have given.
    pub candidates: &'a Candidates,
    /// How far the map can be trusted.
    pub trustworthiness: Option<f64>,
    /// Each photo's similarity to its nearest neighbour.
    pub neighbors: &'a [f32],
}

/// Photos whose reconstruction the page shows: the nearest to the centre of each cluster, then the second nearest.
pub fn shown_photos(collection: &Collection<'_>) -> Vec<usize> {
    clusters::typical(collection, reconstructions::SHOWN)
}

/// Writes the page into a site under construction that has its gallery.
///
/// # Errors
/// A disk that is full.
pub fn write(site: &Path, about: &About<'_>) -> Result<()> {
    let folder = site.join(gallery::FOLDER).join(FOLDER);
    fs::create_dir_all(&folder).with_context(|| unmakable(&folder))?;
    let own_style = write_named(site, page::STYLE.as_bytes(), "css")?;
    let reconstructions = reconstructions::section(site, about)?;
    let sections = [
        encoder::section(about),
        reconstructions,
        clusters::section(about),
        groups::section(about),
        map::section(about),
        neighbors::section(about),
    ];
    let index = fs::read_to_string(site.join("index.html")).context("the site's index.html can't be read")?;
    let html = page::html(about, &index, &own_style, &sections.concat());
    let place = site.join(site::ABOUT);
    fs::write(&place, html).with_context(|| unwritable(&place))
}

/// Writes a file that is named by its content, and gives its address from the page.
fn write_named(site: &Path, bytes: &[u8], extension: &str) -> Result<String> {
    let address = format!("{}/{FOLDER}/{:016x}.{extension}", gallery::FOLDER, container::hash(bytes));
    let place = site.join(&address);
    fs::write(&place, bytes).with_context(|| unwritable(&place))?;
    Ok(address)
}
