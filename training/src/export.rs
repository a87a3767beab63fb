//! From computed values to the files of a site.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use lookalike::{
    cells::{self, Layout},
    embedding::Embedding,
    gallery::{
        self, Area, AutoencoderFile, Cell, CellRef, DecoderFile, Details, Effort, EncoderFile, Entry, FileRef, Item,
        Miniatures, Probes, Rounded, Stored, Thresholds,
    },
    map::discs,
    placeholder::Placeholder,
    thumbnail::Thumbnail,
};

use crate::{
    cluster::Clustering,
    density::Grouping,
    metadata,
    output::{unmakable, unwritable},
    photos::PhotoFile,
    tsne::Map,
};

/// The program, as an entry names it.
pub const GENERATOR: &str = concat!("lookalike ", env!("CARGO_PKG_VERSION"));

/// A photo's thumbnail, once it is written.
#[derive(Debug, Clone, Copy)]
pub struct WrittenThumbnail {
    /// What names it.
    pub hash: u64,
    /// Width and height in pixels.
    pub size: [u16; 2],
    /// What stands in its place until it has come.
    pub placeholder: Placeholder,
}

/// Everything that a gallery is made of.
pub struct Collection<'a> {
    /// What it is called.
    pub title: String,
    /// The encoder.
    pub encoder: &'a EncoderFile,
    /// The decoder, if the model has one.
    pub decoder: Option<&'a DecoderFile>,
    /// All photos, tiny, if visitors may compare methods.
    pub miniatures: Option<Miniatures>,
    /// An autoencoder that they may compare with, too.
    pub autoencoder: Option<AutoencoderFile>,
    /// Photos with known embeddings.
    pub probes: Probes,
    /// The photos, sorted by path; the lists below are in the same order.
    pub files: &'a [PhotoFile],
    /// What is said of them.
    pub details: &'a [Option<Details>],
    /// Their thumbnails.
    pub thumbnails: &'a [WrittenThumbnail],
    /// Their embeddings, as stored.
    pub embeddings: &'a [Embedding],
    /// What is stored, and where.
    pub layout: &'a Layout,
    /// Their clusters.
    pub clustering: &'a Clustering,
    /// Their density groups.
    pub grouping: &'a Grouping,
    /// Long side of their larger pictures in pixels; 0: there are none.
    pub large: u16,
    /// From which similarity on they deserve a word.
    pub likeness: Thresholds,
    /// Their places.
    pub map: &'a Map,
}

/// Writes one thumbnail, and its larger picture, into a site under construction.
///
/// # Errors
/// A disk that is full.
pub fn write_thumbnail(site: &Path, thumbnail: &Thumbnail) -> Result<WrittenThumbnail> {
    let folder = site.join(gallery::FOLDER);
    write_bytes(&folder.join(gallery::thumb_path(thumbnail.hash)), &thumbnail.bytes)?;
    if let Some(large) = &thumbnail.large {
        write_bytes(&folder.join(gallery::large_path(thumbnail.hash)), large)?;
    }
    let Thumbnail { hash, size, placeholder, .. } = *thumbnail;
    Ok(WrittenThumbnail { hash, size, placeholder })
}

/// Makes the folders of a gallery in a site under construction.
///
/// # Errors
/// A disk that is full.
pub fn make_folders(site: &Path, large: bool) -> Result<()> {
    let folders = [Some(gallery::THUMBS), large.then_some(gallery::LARGE)];
    folders.into_iter().flatten().try_for_each(|folder| {
        let folder = site.join(gallery::FOLDER).join(folder);
        fs::create_dir_all(&folder).with_context(|| unmakable(&folder))
    })
}

/// Writes the gallery's files into a site under construction, and gives their entry.
///
/// # Errors
/// A disk that is full, or a collection over the format's limits.
pub fn write_gallery(site: &Path, collection: &Collection<'_>) -> Result<Entry> {
    let folder = site.join(gallery::FOLDER);
    let encoder = write(&folder, collection.encoder)?;
    let decoder = collection.decoder.map(|decoder| write(&folder, decoder)).transpose()?;
    let miniatures = collection.miniatures.as_ref().map(|miniatures| in_order(miniatures, collection.layout));
    let miniatures = miniatures.map(|miniatures| write(&folder, &miniatures)).transpose()?;
    let autoencoder = collection.autoencoder.as_ref().map(|autoencoder| write(&folder, autoencoder)).transpose()?;
    let probes = write(&folder, &collection.probes)?;
    let (cells, areas) = write_cells(&folder, collection)?;
    let efforts = efforts(collection, &cells);
    let clustering = collection.clustering;
    let entry = Entry {
        title: collection.title.clone(),
        generator: GENERATOR.to_owned(),
        photos: u32::try_from(collection.files.len())?,
        width: collection.encoder.config.width,
        encoder,
        decoder,
        probes,
        // A page that fetches all cells has no need of them.
        areas: if efforts.is_empty() { Vec::new() } else { areas },
        efforts,
        cells,
        middles: collection.layout.middles.clone(),
        clusters: clustering.clusters.clone(),
        silhouette: clustering.silhouette.map(|s| s as f32),
        density: collection.grouping.density,
        perplexity: collection.map.perplexity,
        likeness: collection.likeness,
        large: collection.large,
        miniatures,
        autoencoder,
        tags: metadata::tags(collection.details.iter().flatten())?,
    };
    write(&folder, &entry)?;
    Ok(entry)
}

fn write<T: Stored>(folder: &Path, value: &T) -> Result<FileRef> {
    let (bytes, reference) = value.to_file()?;
    write_bytes(&folder.join(reference.name(T::KIND)), &bytes)?;
    Ok(reference)
}

fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| unwritable(path))
}

fn write_cells(folder: &Path, collection: &Collection<'_>) -> Result<(Vec<CellRef>, Vec<Area>)> {
    let item = |&at: &u32| {
        let at = at as usize;
        Item {
            path: collection.files[at].path.clone(),
            thumb: collection.thumbnails[at].hash,
            thumb_size: collection.thumbnails[at].size,
            placeholder: collection.thumbnails[at].placeholder,
            details: collection.details[at].clone().map(Box::new),
            cluster: collection.clustering.labels[at],
            density_group: collection.grouping.labels[at],
            map: collection.map.points[at],
        }
    };
    let Layout { cells, embeddings, .. } = collection.layout;
    let cell = |(places, embeddings): (&Vec<u32>, &Rounded)| {
        let cell = Cell { items: places.iter().map(item).collect(), embeddings: embeddings.clone() };
        let reference = CellRef { file: write(folder, &cell)?, photos: u32::try_from(places.len())? };
        Ok((reference, discs::area(&cell.items)))
    };
    cells.iter().zip(embeddings).map(cell).collect()
}

/// What a query finds by what it fetches; nothing where a page fetches everything.
fn efforts(collection: &Collection<'_>, cells: &[CellRef]) -> Vec<Effort> {
    if collection.files.len() <= cells::ALL_AT_ONCE {
        return Vec::new();
    }
    let bytes: Vec<u32> = cells.iter().map(|cell| cell.file.bytes).collect();
    let queries = cells::queries(collection.embeddings.len());
    cells::efforts(&cells::needed(collection.embeddings, collection.layout, &bytes, &queries))
}

/// The pictures in the order of the cells' photos.
fn in_order(miniatures: &Miniatures, layout: &Layout) -> Miniatures {
    let size = 3 * usize::from(miniatures.side) * usize::from(miniatures.side);
    let picture = |&at: &u32| &miniatures.bytes[at as usize * size..][..size];
    let bytes = layout.cells.iter().flatten().flat_map(picture).copied().collect();
    Miniatures { bytes, ..miniatures.clone() }
}
