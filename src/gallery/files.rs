//! From the bytes of a gallery's files to a gallery that has been checked throughout.

use std::sync::Arc;

use half::f16;
use serde::{Deserialize, Serialize};

use super::{
    AutoencoderFile, Cell, CellRef, DecoderFile, Details, EncoderFile, Entry, FileRef, GalleryError, Item, Miniatures,
    Photos, Probes, Rounded, Stored, Thresholds, container::Kind,
};
use crate::{
    embedding::{Embedding, EmbeddingError},
    preprocess::Pixels,
};

/// The files of a gallery as they lie on the disk or came over the network.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GalleryFiles {
    /// `gallery.lka`.
    pub entry: Vec<u8>,
    /// `encoder-….lka`.
    pub encoder: Vec<u8>,
    /// `probes-….lka`.
    pub probes: Vec<u8>,
    /// `cell-….lka`, in the entry's order.
    pub cells: Vec<Vec<u8>>,
}

/// A gallery whose parts are known to fit together. A clone is cheap.
#[derive(Debug, Clone)]
pub struct Gallery {
    /// The entry.
    pub entry: Arc<Entry>,
    /// The middles of the cells, `[cells, D]`.
    pub middles: Arc<[f32]>,
    /// The encoder.
    pub encoder: Arc<EncoderFile>,
    /// The probes.
    pub probes: Arc<Probes>,
    /// The photos.
    pub items: Photos<Item>,
    /// Their embeddings.
    pub embeddings: Photos<Embedding>,
}

impl GalleryFiles {
    /// Gathers the files that an entry names, through `read(name)`.
    ///
    /// # Errors
    /// What `read` says, or an entry that can't be read.
    pub fn gather<E: From<GalleryError>>(mut read: impl FnMut(&str) -> Result<Vec<u8>, E>) -> Result<Self, E> {
        let entry = read(super::ENTRY)?;
        let root = Entry::from_file(&entry, super::ENTRY)?;
        let encoder = read(&root.encoder.name(Kind::Encoder))?;
        let probes = read(&root.probes.name(Kind::Probes))?;
        let cells = root.cells.iter().map(|cell| read(&cell.file.name(Kind::Cell))).collect::<Result<_, E>>()?;
        Ok(Self { entry, encoder, probes, cells })
    }
}

impl Gallery {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// The first thing that is wrong, by the name of its file.
    pub fn parse(files: &GalleryFiles) -> Result<Self, GalleryError> {
        let mut gallery = Self::without_cells(files)?;
        if files.cells.len() != gallery.entry.cells.len() {
            return Err(GalleryError::Missing { file: "a cell of the gallery".to_owned() });
        }
        for (place, bytes) in (0_u32..).zip(&files.cells) {
            gallery.put(place, bytes)?;
        }
        Ok(gallery)
    }

    /// Reads and checks everything but the cells, which are to come.
    ///
    /// # Errors
    /// The first thing that is wrong, by the name of its file.
    pub fn without_cells(files: &GalleryFiles) -> Result<Self, GalleryError> {
        let entry = Entry::from_file(&files.entry, super::ENTRY)?;
        check_entry(&entry)?;
        let encoder = referred::<EncoderFile>(&files.encoder, &entry.encoder)?;
        check_encoder(&encoder, &entry)?;
        let probes = referred::<Probes>(&files.probes, &entry.probes)?;
        check_probes(&probes, &entry)?;
        let sizes = || entry.cells.iter().map(|cell| cell.photos);
        Ok(Self {
            middles: middles(&entry)?.into(),
            items: Photos::none(sizes()),
            embeddings: Photos::none(sizes()),
            entry: Arc::new(entry),
            encoder: Arc::new(encoder),
            probes: Arc::new(probes),
        })
    }

    /// Reads, checks and adds a cell, by its place in the entry.
    ///
    /// # Errors
    /// The first thing that is wrong, by the name of the file.
    pub fn put(&mut self, place: u32, bytes: &[u8]) -> Result<(), GalleryError> {
        let cell = self.entry.cell(place, bytes)?;
        self.check_details(&cell, place)?;
        let width = usize::from(self.entry.width);
        let middle = self.middles.chunks_exact(width).nth(place as usize).unwrap_or_default();
        self.embeddings.put(place, embeddings(&cell, &self.entry.cells[place as usize], middle)?);
        self.items.put(place, cell.items);
        Ok(())
    }

    /// Who shows a link without this has to see to it that it leads to a page.
    fn check_details(&self, cell: &Cell, place: u32) -> Result<(), GalleryError> {
        let is_listed = |tag: &String| self.entry.tags.binary_search_by(|listed| listed.name.cmp(tag)).is_ok();
        for item in &cell.items {
            let listed = item.tags().iter().all(is_listed);
            let listed = if listed { Ok(()) } else { Err("has a tag that the entry does not list") };
            if let Err(reason) = item.details.as_deref().map_or(Ok(()), Details::check).and(listed) {
                let file = self.entry.cells[place as usize].file.name(Kind::Cell);
                return Err(GalleryError::malformed(&file, format!("{} {reason}", item.path)));
            }
        }
        Ok(())
    }

    /// Reads and checks the decoder's file, which is none of the [`GalleryFiles`].
    ///
    /// # Errors
    /// A gallery without a decoder, or the first thing that is wrong, by the name of the file.
    pub fn decoder(&self, bytes: &[u8]) -> Result<DecoderFile, GalleryError> {
        let missing = || GalleryError::Missing { file: "the gallery's decoder".to_owned() };
        let reference = self.entry.decoder.ok_or_else(missing)?;
        let decoder = referred::<DecoderFile>(bytes, &reference)?;
        check_decoder(&decoder, &self.encoder, &reference.name(Kind::Decoder))?;
        Ok(decoder)
    }

    /// Reads and checks the miniatures' file, which is none of the [`GalleryFiles`]: a picture of each photo.
    ///
    /// # Errors
    /// A gallery without miniatures, or the first thing that is wrong, by the name of the file.
    pub fn miniatures(&self, bytes: &[u8]) -> Result<Vec<Pixels>, GalleryError> {
        let missing = || GalleryError::Missing { file: "the gallery's miniatures".to_owned() };
        let reference = self.entry.miniatures.ok_or_else(missing)?;
        let Miniatures { side, bytes } = referred(bytes, &reference)?;
        let size = 3 * usize::from(side) * usize::from(side);
        let malformed = |reason| GalleryError::malformed(&reference.name(Kind::Miniatures), reason);
        if !(1..=MAX_MINIATURE).contains(&side) || bytes.len() != (self.items.of() as usize).saturating_mul(size) {
            return Err(malformed("it does not hold one small picture a photo"));
        }
        let picture = |bytes: &[u8]| Pixels::new(side, bytes.to_vec());
        bytes.chunks_exact(size).map(picture).collect::<Option<_>>().ok_or_else(|| malformed("it holds no pictures"))
    }

    /// Reads and checks the autoencoder's file, which is none of the [`GalleryFiles`]: its encoder, and the embedding of
    /// each photo by it.
    ///
    /// # Errors
    /// A gallery without an autoencoder, or the first thing that is wrong, by the name of the file.
    pub fn autoencoder(&self, bytes: &[u8]) -> Result<(EncoderFile, Vec<Embedding>), GalleryError> {
        let missing = || GalleryError::Missing { file: "the gallery's autoencoder".to_owned() };
        let reference = self.entry.autoencoder.ok_or_else(missing)?;
        let AutoencoderFile { encoder, embeddings } = referred(bytes, &reference)?;
        let malformed = |reason: String| GalleryError::malformed(&reference.name(Kind::Autoencoder), reason);
        encoder.config.check().map_err(|e| malformed(e.to_string()))?;
        let middle = vec![0.0; usize::from(encoder.config.width)];
        let numbers = embeddings.numbers((self.entry.photos as usize).saturating_mul(middle.len()));
        let numbers = numbers.ok_or_else(|| malformed("it does not hold one embedding a photo".to_owned()))?;
        let embeddings = beside(&middle, &numbers).collect::<Result<_, _>>().map_err(|e| malformed(e.to_string()))?;
        Ok((encoder, embeddings))
    }
}

/// The longest side of a miniature, in pixels.
const MAX_MINIATURE: u16 = 64;

/// Reads a file and checks that it is the one that the entry means.
fn referred<T: Stored>(bytes: &[u8], reference: &FileRef) -> Result<T, GalleryError> {
    let file = reference.name(T::KIND);
    let value = T::from_file(bytes, &file)?;
    // `from_file` has compared the payload with the header; here the header is compared with the entry.
    if bytes[16..24] != reference.hash.to_le_bytes() {
        return Err(GalleryError::Foreign { file });
    }
    Ok(value)
}

fn check_entry(entry: &Entry) -> Result<(), GalleryError> {
    let malformed = |reason: &str| Err(GalleryError::malformed(super::ENTRY, reason));
    if entry.photos == 0 {
        return malformed("it holds no photo");
    }
    if entry.cells.iter().map(|cell| u64::from(cell.photos)).sum::<u64>() != u64::from(entry.photos) {
        return malformed("its cells do not hold as many photos as it promises");
    }
    if !entry.efforts.iter().all(|effort| (0.0..=1.0).contains(&effort.recall)) {
        return malformed("a recall is not between 0 and 1");
    }
    if entry.clusters.is_empty() {
        return malformed("it holds no cluster");
    }
    let fits = |c: &super::Cluster| c.centroid.len() == usize::from(entry.width) && finite(&c.centroid);
    if !entry.clusters.iter().all(fits) {
        return malformed("a centroid does not have the embedding's width, or is not finite");
    }
    if entry.areas.len() != if entry.is_large() { entry.cells.len() } else { 0 } {
        return malformed("it does not hold one area of the map a cell");
    }
    if !entry.areas.iter().all(|area| usize::from(area.cluster) < entry.clusters.len()) {
        return malformed("a cell is in a cluster that there is not");
    }
    if !entry.tags.is_sorted_by(|one, next| one.name < next.name) {
        return malformed("its tags are not in order");
    }
    if !(0.0..=2.0).contains(&entry.density.eps) {
        return malformed("eps is no cosine distance");
    }
    if !ascend(&entry.likeness) {
        return malformed("the thresholds of likeness are no ascending cosine similarities");
    }
    Ok(())
}

/// No comparison holds for NaN.
fn ascend(thresholds: &Thresholds) -> bool {
    let Thresholds { related, look_alike, near_duplicate, identical } = *thresholds;
    [-1.0, related, look_alike, near_duplicate, identical, 1.0].windows(2).all(|pair| pair[0] <= pair[1])
}

fn check_encoder(encoder: &EncoderFile, entry: &Entry) -> Result<(), GalleryError> {
    let file = entry.encoder.name(Kind::Encoder);
    encoder.config.check().map_err(|e| GalleryError::malformed(&file, e.to_string()))?;
    if encoder.config.width != entry.width {
        return Err(GalleryError::malformed(&file, "its width is not the gallery's"));
    }
    Ok(())
}

fn check_decoder(decoder: &DecoderFile, encoder: &EncoderFile, file: &str) -> Result<(), GalleryError> {
    decoder.config.check_for(&encoder.config).map_err(|e| GalleryError::malformed(file, e.to_string()))
}

fn check_probes(probes: &Probes, entry: &Entry) -> Result<(), GalleryError> {
    let fits = |p: &super::Probe| p.embedding.len() == usize::from(entry.width) && finite(&p.embedding);
    if probes.probes.is_empty() || !probes.probes.iter().all(fits) {
        let file = entry.probes.name(Kind::Probes);
        return Err(GalleryError::malformed(&file, "it holds no probe that fits the collection"));
    }
    Ok(())
}

/// The middles of the cells, `[cells, D]`.
fn middles(entry: &Entry) -> Result<Vec<f32>, GalleryError> {
    let middles = entry.middles.numbers(entry.cells.len().saturating_mul(entry.width.into()));
    middles.ok_or_else(|| GalleryError::malformed(super::ENTRY, "it does not hold one middle a cell"))
}

impl Entry {
    /// Reads and checks a cell, all but its embeddings and what is said of its photos, which not everybody needs.
    ///
    /// # Errors
    /// The first thing that is wrong, by the name of the file.
    pub fn cell(&self, place: u32, bytes: &[u8]) -> Result<Cell, GalleryError> {
        let missing = || GalleryError::Missing { file: "a cell of the gallery".to_owned() };
        let reference = self.cells.get(place as usize).ok_or_else(missing)?;
        let cell = referred::<Cell>(bytes, &reference.file)?;
        let malformed = |reason| Err(GalleryError::malformed(&reference.file.name(Kind::Cell), reason));
        if cell.items.len() != reference.photos as usize {
            return malformed(format!("it holds {} photos, not {}", cell.items.len(), reference.photos));
        }
        for item in &cell.items {
            let grouped = item.density_group.is_none_or(|group| group < self.density.groups);
            if item.cluster as usize >= self.clusters.len() || !grouped {
                return malformed(format!("the labels of {} are out of range", item.path));
            }
        }
        Ok(cell)
    }
}

fn embeddings(cell: &Cell, reference: &CellRef, middle: &[f32]) -> Result<Vec<Embedding>, GalleryError> {
    let malformed = |reason| Err(GalleryError::malformed(&reference.file.name(Kind::Cell), reason));
    let Some(numbers) = cell.embeddings.numbers(cell.items.len() * middle.len()) else {
        return malformed("it does not hold one embedding a photo".to_owned());
    };
    beside(middle, &numbers).collect::<Result<_, _>>().or_else(|e| malformed(e.to_string()))
}

/// Embeddings as a [`Cell`] stores them.
pub fn from_middle<'a>(middle: &[f32], embeddings: impl Iterator<Item = &'a Embedding>, step: f32) -> Rounded {
    let less = |e: &'a Embedding| e.as_slice().iter().zip(middle).map(|(x, m)| x - m);
    Rounded::of(&embeddings.flat_map(less).collect::<Vec<_>>(), step)
}

/// The embeddings that readers of a [`Cell`] make of its numbers. Computing with these alone keeps every number of a site
/// consistent.
pub fn beside<'a>(
    middle: &'a [f32],
    numbers: &'a [f32],
) -> impl Iterator<Item = Result<Embedding, EmbeddingError>> + 'a {
    let whole = move |row: &[f32]| Embedding::from_features(row.iter().zip(middle).map(|(x, m)| x + m).collect());
    numbers.chunks_exact(middle.len().max(1)).map(whole)
}

fn finite(values: &[f32]) -> bool {
    values.iter().all(|x| x.is_finite())
}

/// Rounds an embedding to what a [`Part`](super::Part) stores.
pub fn stored_form(embedding: &Embedding) -> Vec<u16> {
    embedding.as_slice().iter().map(|&x| f16::from_f32(x).to_bits()).collect()
}

/// The embedding that readers of a [`Part`](super::Part) will see.
///
/// # Errors
/// As [`Embedding::from_features`].
pub fn as_read(bits: &[u16]) -> Result<Embedding, EmbeddingError> {
    Embedding::from_features(bits.iter().map(|&b| f16::from_bits(b).to_f32()).collect())
}
