//! The vectors that all are asked about, and what an exact scan finds among them.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use lookalike::{
    cells::{ALL_AT_ONCE, Layout, most},
    embedding::Embedding,
    gallery::{ENTRY, Entry, FOLDER, Stored, container::Kind},
    search::linear_scan,
};
use lookalike_tests::synthetic::{Division, draw, write};
use rayon::prelude::*;

use super::{K, QUERIES};
use crate::{bytes::gzip, million};

/// Photos lie anywhere between two of the demo's, and not in heaps around one.
const BETWEEN: f32 = 0.5;

/// Bytes of a file as it is, and as a host sends it.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    pub(super) raw: usize,
    pub(super) zipped: usize,
}

impl Size {
    pub(super) fn of(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
        Ok(Self { raw: bytes.len(), zipped: gzip(&bytes)? })
    }

    /// Of several files together.
    pub(super) fn sum(sizes: impl IntoIterator<Item = Self>) -> Self {
        sizes
            .into_iter()
            .fold(Self::default(), |all, one| Self { raw: all.raw + one.raw, zipped: all.zipped + one.zipped })
    }
}

/// A collection, and questions about it.
pub(super) struct Data {
    /// What it is made of, in words.
    pub(super) made_of: String,
    pub(super) embeddings: Vec<Embedding>,
    pub(super) queries: Vec<Embedding>,
    /// How our gallery holds them.
    pub(super) layout: Layout,
    /// The files of our gallery's cells, in their order.
    pub(super) cells: Vec<Size>,
    /// Its entry, which has the middles of the cells.
    pub(super) entry: Size,
    /// The vectors as they are.
    pub(super) vectors: Size,
    /// Of each query, what an exact scan of the vectors finds.
    truth: Vec<Vec<u32>>,
}

impl Data {
    /// Draws the collection, or takes real embeddings as far as there are, and writes it into a folder: the vectors, the
    /// queries, and our gallery as a site, `ours`.
    pub(super) fn make(folder: &Path, photos: usize, real: Option<&Path>) -> Result<Self> {
        let mut made_of = "The demo's photos multiplied, each somewhere between two of them".to_owned();
        let mut collection = draw(photos, QUERIES, BETWEEN);
        if let Some(real) = real {
            let real = million::collection(real, photos, QUERIES)?;
            made_of = format!(
                "{} real photos, the rest drawn from a mixture of Gaussians around them, as for a million",
                real.real
            );
            (collection.embeddings, collection.held_out) = (real.embeddings, real.held_out);
        }
        let division = if photos <= ALL_AT_ONCE { Division::Usual } else { Division::ByQuestion(most(photos)) };
        let layout = write(&folder.join("ours"), &collection, division);
        let (embeddings, queries) = (collection.embeddings, collection.held_out);
        let vectors = folder.join("vectors.f32");
        save(&vectors, &embeddings)?;
        save(&folder.join("queries.f32"), &queries)?;
        let exact = |query: &Embedding| linear_scan(query, &embeddings, K).iter().map(|found| found.id).collect();
        let truth = queries.par_iter().map(exact).collect();
        let gallery = folder.join("ours").join(FOLDER);
        let entry = Size::of(&gallery.join(ENTRY))?;
        let cells = sizes(&gallery, photos)?;
        Ok(Self { made_of, truth, layout, cells, entry, vectors: Size::of(&vectors)?, embeddings, queries })
    }

    pub(super) fn photos(&self) -> usize {
        self.embeddings.len()
    }

    /// The share of the truth that was found, by places in the collection; for the first queries, if they are not all.
    pub(super) fn recall(&self, found: &[Vec<u32>]) -> f64 {
        let hits =
            found.iter().zip(&self.truth).flat_map(|(found, truth)| truth.iter().filter(|id| found.contains(id)));
        hits.count() as f64 / (found.len() * K) as f64
    }

    /// From our gallery's numbers for photos, which go through its cells, to places in the collection.
    pub(super) fn places(&self, found: Vec<Vec<u32>>) -> Vec<Vec<u32>> {
        let places = self.layout.cells.concat();
        let place = |id: u32| places.get(id as usize).copied().unwrap_or(u32::MAX);
        found.into_iter().map(|ids| ids.into_iter().map(place).collect()).collect()
    }
}

fn save(path: &Path, embeddings: &[Embedding]) -> Result<()> {
    let bytes: Vec<u8> = embeddings.iter().flat_map(|e| e.as_slice().iter().flat_map(|x| x.to_le_bytes())).collect();
    fs::write(path, bytes).with_context(|| format!("{} can't be written", path.display()))
}

/// The files of the cells, in the order of the entry.
fn sizes(gallery: &Path, photos: usize) -> Result<Vec<Size>> {
    let entry = Entry::from_file(&fs::read(gallery.join(ENTRY))?, ENTRY)?;
    ensure!(entry.photos as usize == photos, "the gallery holds {} photos", entry.photos);
    entry.cells.iter().map(|cell| Size::of(&gallery.join(cell.file.name(Kind::Cell)))).collect()
}
