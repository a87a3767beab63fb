//! All parts of a collection, as one.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use lookalike::gallery::EncoderFile;

use super::{EXTENSION, Part, Stamp};
use crate::{
    commands::Refusal,
    photos::{Content, PhotoFile, plural},
};

/// What parts say of photos, by their paths.
#[derive(Debug, Default)]
pub struct Known {
    rows: BTreeMap<String, KnownRow>,
    parts: Vec<PathBuf>,
}

#[derive(Debug)]
struct KnownRow {
    hash: Content,
    features: Vec<f32>,
    tags: Vec<String>,
    /// Which part it stands in.
    part: usize,
}

/// The parts that are named: files, and the files of folders, in the order of their names.
///
/// # Errors
/// A place that is missing, or a folder without parts.
pub fn find(places: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut parts = Vec::new();
    for place in places {
        let shown = place.display();
        if !place.exists() {
            return Err(Refusal::new(format!("the embeddings in {shown} do not exist; check the path")).into());
        }
        if !place.is_dir() {
            parts.push(place.clone());
            continue;
        }
        let entries = fs::read_dir(place).with_context(|| format!("{shown} can't be read"))?;
        let mut files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == EXTENSION));
        if files.is_empty() {
            let message = format!(
                "{shown} holds no .{EXTENSION} file: `lookalike embed PHOTOS --out {shown}/1.{EXTENSION}` writes one"
            );
            return Err(Refusal::new(message).into());
        }
        files.sort();
        parts.extend(files);
    }
    let mut seen = BTreeSet::new();
    parts.retain(|part| seen.insert(part.canonicalize().unwrap_or_else(|_| part.clone())));
    Ok(parts)
}

impl Known {
    /// Reads parts that this encoder has written.
    ///
    /// # Errors
    /// A part that can't be used, of another encoder, or a photo that stands in two.
    pub fn read(parts: &[PathBuf], encoder: &EncoderFile) -> Result<Self> {
        let wanted = Stamp::new(encoder, false, std::iter::empty())?;
        let mut known = Self { rows: BTreeMap::new(), parts: parts.to_vec() };
        for (at, path) in parts.iter().enumerate() {
            let part = Part::open(path)?;
            if !part.stamp.agrees(&wanted) {
                let message = format!(
                    "the part {} is by another encoder ({}) than this site's ({wanted}): give the --model and --side that it was embedded with, or embed its photos again",
                    path.display(),
                    part.stamp
                );
                return Err(Refusal::new(message).into());
            }
            part.rows(|row| {
                let new = KnownRow { hash: row.hash, features: row.features, tags: row.tags, part: at };
                known.add(row.path, new)
            })?;
        }
        Ok(known)
    }

    fn add(&mut self, path: String, new: KnownRow) -> Result<()> {
        match self.rows.entry(path) {
            btree_map::Entry::Vacant(place) => {
                place.insert(new);
                Ok(())
            }
            btree_map::Entry::Occupied(old) => {
                let (first, second) = (self.parts[old.get().part].display(), self.parts[new.part].display());
                let path = old.key();
                let message = if old.get().part == new.part {
                    format!("{path} stands twice in the part {first}; embed its photos again")
                } else {
                    format!("{path} stands in two parts, {first} and {second}; give one of them")
                };
                Err(Refusal::new(message).into())
            }
        }
    }

    /// The features of a photo whose content is still the same.
    pub fn features(&self, path: &str, hash: Content) -> Option<&[f32]> {
        self.rows.get(path).filter(|row| row.hash == hash).map(|row| &row.features[..])
    }

    /// The tags of a photo whose content is still the same.
    pub fn tags(&self, path: &str, hash: Content) -> Option<&[String]> {
        self.rows.get(path).filter(|row| row.hash == hash).map(|row| &row.tags[..])
    }

    /// Says what does not fit together: rows without a photo, photos without a row, and photos that have changed.
    /// `read` are those photos that can be read, with the hashes of their content.
    ///
    /// # Errors
    /// No row that belongs to any of the photos: they are of another folder.
    pub fn compare(&self, folder: &Path, found: &[PhotoFile], read: &[(&str, Content)]) -> Result<Vec<String>> {
        let strange: Vec<_> = self.rows.keys().filter(|path| !is_found(found, path)).map(String::as_str).collect();
        let folder = folder.display();
        if strange.len() == self.rows.len() {
            let first = strange.first().map_or(String::new(), |path| format!(" (the first is {path})"));
            let message = format!(
                "none of the {} in the parts is of a photo in {folder}{first}; give the folder that they were embedded from",
                plural(self.rows.len(), "row")
            );
            return Err(Refusal::new(message).into());
        }
        let unknown: Vec<_> =
            read.iter().filter(|(path, _)| !self.rows.contains_key(*path)).map(|(path, _)| *path).collect();
        let changed: Vec<_> = read
            .iter()
            .filter(|(path, hash)| self.rows.get(*path).is_some_and(|row| row.hash != *hash))
            .map(|(path, _)| *path)
            .collect();
        let notes = [
            note(&strange, "row", "of the parts without a photo in the folder, left out"),
            note(&unknown, "photo", "without a row in the parts, embedded here"),
            note(&changed, "photo", "changed since the parts were written, embedded here"),
        ];
        Ok(notes.into_iter().flatten().collect())
    }
}

/// How many there are, and the first by name.
fn note(paths: &[&str], noun: &str, what: &str) -> Option<String> {
    let others = if paths.len() > 1 { " and others" } else { "" };
    paths.first().map(|first| format!("{} {what}: {first}{others}", plural(paths.len(), noun)))
}

/// `found` is sorted by path.
fn is_found(found: &[PhotoFile], path: &str) -> bool {
    found.binary_search_by(|file| file.path.as_str().cmp(path)).is_ok()
}
