//! A visitor's own folder as a collection: clusters, density groups, words and a map, computed in the browser.
//!
//! Much is as where a site is built: k by silhouette, DBSCAN with eps from the collection, the thresholds of likeness.
//! The map is not: t-SNE of some thousand photos would take a browser minutes. [`axes`] shows principal components
//! instead, and the entry says so: its perplexity is 0.

mod axes;
pub mod density;
mod kmeans;

pub use axes::axes;
pub use density::{Grouping, group};
pub use kmeans::{Clustering, cluster};

use crate::{
    cells::Layout,
    embedding::Embedding,
    gallery::{Cell, CellRef, Entry, GalleryError, Item, Stored, as_read, container},
    likeness,
    placeholder::Placeholder,
    search::Search,
};

/// Neighbours that eps and the words are taken from; the photo itself comes on top.
const NEIGHBORS: usize = 5;

/// The files of a folder's gallery that are not those of the site.
pub struct FolderFiles {
    /// The entry.
    pub entry: Vec<u8>,
    /// The one cell.
    pub cell: Vec<u8>,
}

/// A photo, as far as a collection needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Photo {
    /// Its path.
    pub path: String,
    /// Hash that names its thumbnail.
    pub thumb: u64,
    /// Width and height of its thumbnail in pixels.
    pub thumb_size: [u16; 2],
    /// Its embedding, `[D]`, as half-precision bits.
    pub embedding: Vec<u16>,
}

/// What names a thumbnail.
pub fn thumb_hash(thumb: &[u8]) -> u64 {
    container::hash(thumb)
}

/// Makes a gallery of a folder's photos, for the encoder, the decoder and the probes of `site`.
///
/// # Errors
/// No photo, or more than a gallery's file can hold.
pub fn gallery(title: &str, site: &Entry, photos: &[&Photo]) -> Result<FolderFiles, GalleryError> {
    let wrong = |reason: String| GalleryError::malformed("your folder", reason);
    let kept: Vec<Embedding> = photos
        .iter()
        .map(|photo| as_read(&photo.embedding))
        .collect::<Result<_, _>>()
        .map_err(|e| wrong(e.to_string()))?;
    // One cell, whatever its size: it lies on this machine.
    let mut layout = Layout::new(&kept, usize::MAX);
    let embeddings = layout.as_read(usize::from(site.width)).map_err(|e| wrong(e.to_string()))?;
    let search = Search::new(embeddings.clone()).map_err(|e| wrong(e.to_string()))?;
    let near: Vec<_> = (0..photos.len() as u32).map(|id| search.near(id, NEIGHBORS).unwrap_or_default()).collect();
    let nearest = near.iter().filter_map(|near| Some(near.first()?.similarity)).collect();
    let usual = near.iter().map(|near| near.last().map_or(0.0, |last| 1.0 - last.similarity)).collect();
    let Clustering { clusters, labels, silhouette } = cluster(&embeddings);
    let Grouping { density, labels: groups } = group(&embeddings, &search, usual);
    let places = axes(&embeddings);
    let items = photos.iter().enumerate().map(|(at, photo)| Item {
        path: photo.path.clone(),
        thumb: photo.thumb,
        thumb_size: photo.thumb_size,
        placeholder: Placeholder::default(), // its thumbnail is at hand
        details: None,
        cluster: labels[at],
        density_group: groups[at],
        map: places[at],
    });
    let stored = layout.embeddings.pop().ok_or_else(|| wrong("it holds no photo".to_owned()))?;
    let (cell, file) = Cell { items: items.collect(), embeddings: stored }.to_file()?;
    let (entry, _) = Entry {
        title: title.to_owned(),
        photos: photos.len() as u32,
        cells: vec![CellRef { file, photos: photos.len() as u32 }],
        middles: layout.middles,
        areas: Vec::new(),
        efforts: Vec::new(),
        clusters,
        silhouette,
        density,
        perplexity: 0.0,
        large: 0,
        miniatures: None,
        autoencoder: None,
        tags: Vec::new(),
        likeness: likeness::calibrate(nearest, &embeddings),
        ..site.clone()
    }
    .to_file()?;
    Ok(FolderFiles { entry, cell })
}
