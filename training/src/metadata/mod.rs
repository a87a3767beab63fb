//! What somebody says of the photos, in a file of theirs: `--metadata FILE`.
//!
//! ```text
//! CSV, with a line of names first (a comma or a semicolon between them):
//!   path,title,link,tags
//!   birds/robin.jpg,A robin in the snow,https://example.org/robin,bird; winter
//! JSON:
//!   [{"path": "birds/robin.jpg", "title": "A robin in the snow", "tags": ["bird", "winter"]}]
//! ```
//!
//! `path` is that of the photo below its folder, with `/` on every system. The others may be missing or empty.

mod file;

use std::{
    collections::{BTreeMap, btree_map},
    path::{Path, PathBuf},
};

use anyhow::Result;
use lookalike::gallery::{Details, Tag};

use self::file::Line;
use crate::{
    commands::Refusal,
    photos::{PhotoFile, plural},
};

/// More tags in all are no list to choose from.
const MOST_TAGS: usize = 2000;

/// Photos that are named in a note; the others are counted.
const NAMED: usize = 3;

/// What is said of photos, by their paths.
#[derive(Debug, Default)]
pub struct Metadata {
    file: PathBuf,
    details: BTreeMap<String, Details>,
    unknown: Vec<String>,
}

impl Metadata {
    /// Reads a file; without one nothing is said of any photo.
    ///
    /// # Errors
    /// A file that can't be read, names a photo twice, or says what can't be shown.
    pub fn read(file: Option<&Path>) -> Result<Self> {
        let Some(file) = file else { return Ok(Self::default()) };
        let refused = |what: String| anyhow::Error::from(Refusal::new(format!("{}: {what}", file.display())));
        let (lines, unknown) = file::read(file).map_err(|error| refused(format!("{error:#}")))?;
        let mut metadata = Self { file: file.to_owned(), details: BTreeMap::new(), unknown };
        for Line { place, path, details } in lines {
            let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
            if path.is_empty() {
                return Err(refused(format!("{place} has no path; it is the photo's below its folder")));
            }
            details.check().map_err(|reason| refused(format!("{path} ({place}) {reason}")))?;
            match metadata.details.entry(path) {
                btree_map::Entry::Vacant(new) => drop(new.insert(details)),
                btree_map::Entry::Occupied(old) => {
                    return Err(refused(format!("{} stands there twice, again in {place}; keep one", old.key())));
                }
            }
        }
        tags(metadata.details.values()).map_err(|error| refused(error.to_string()))?;
        Ok(metadata)
    }

    /// What is said of a photo.
    pub fn of(&self, path: &str) -> Option<&Details> {
        self.details.get(path)
    }

    /// Says what is not used: columns, and photos that are not there.
    ///
    /// # Errors
    /// None of the photos is there: the file is of another folder.
    pub fn compare(&self, folder: &Path, found: &[PhotoFile]) -> Result<Vec<String>> {
        let file = self.file.display();
        let is_found = |path: &str| found.binary_search_by(|photo| photo.path.as_str().cmp(path)).is_ok();
        let strange: Vec<_> = self.details.keys().map(String::as_str).filter(|path| !is_found(path)).collect();
        if let (Some(first), true) = (strange.first(), strange.len() == self.details.len()) {
            let folder = folder.display();
            let message = format!(
                "none of the photos that {file} names is in {folder} (the first is {first}); paths are those below that folder"
            );
            return Err(Refusal::new(message).into());
        }
        let mut notes = Vec::new();
        if !self.unknown.is_empty() {
            let (unknown, used) = (self.unknown.join(", "), file::COLUMNS.join(", "));
            notes.push(format!("not used of {file}: {unknown}; {used} are"));
        }
        if !strange.is_empty() {
            let (named, others) = strange.split_at(strange.len().min(NAMED));
            let named = named.join(", ");
            let others = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
            notes.push(format!("{} of {file} not in the folder: {named}{others}", plural(strange.len(), "photo")));
        }
        Ok(notes)
    }
}

/// All tags of a collection, sorted, with the number of photos that have each.
///
/// # Errors
/// More than anybody would choose from.
pub fn tags<'a>(photos: impl Iterator<Item = &'a Details>) -> Result<Vec<Tag>> {
    let mut counts = BTreeMap::<&str, u32>::new();
    for tag in photos.flat_map(|details| &details.tags) {
        *counts.entry(tag).or_default() += 1;
    }
    if counts.len() > MOST_TAGS {
        let message = format!(
            "the photos have {} different tags, and a visitor can't choose from more than {MOST_TAGS}; a tag is a word that photos share",
            counts.len()
        );
        return Err(Refusal::new(message).into());
    }
    Ok(counts.into_iter().map(|(name, photos)| Tag { name: name.to_owned(), photos }).collect())
}
