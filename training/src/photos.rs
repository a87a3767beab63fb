//! The photos of a folder: found, sorted, read, and the bad ones named.

use std::{
    fmt, fs,
    num::ParseIntError,
    panic,
    path::{Component, Path, PathBuf},
    str::FromStr,
    sync::Mutex,
};

use anyhow::{Context, Result};
use lookalike::photo::{Format, Photo};
use rayon::prelude::*;
use walkdir::WalkDir;
use xxhash_rust::xxh3::xxh3_128;

use crate::{
    commands::Refusal,
    interrupt,
    progress::{Progress, one_line, tell},
};

/// Larger files are not read, nor fetched.
pub const MAX_BYTES: u64 = 200_000_000;

/// A file that looks like a photo by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoFile {
    /// Relative to the folder, with `/` on every system.
    pub path: String,
    /// Where it is.
    pub location: PathBuf,
}

/// Photos that could not be used, and why.
#[derive(Debug, Default)]
pub struct Skipped(Mutex<Vec<(String, String)>>);

impl Skipped {
    /// Notes a photo. Never loses one: a poisoned lock is taken all the same.
    pub fn add(&self, path: &str, reason: impl std::fmt::Display) {
        let mut list = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !list.iter().any(|(known, _)| known == path) {
            list.push((path.to_owned(), reason.to_string()));
        }
    }

    /// Forgets those that are not this run's.
    pub fn retain(&self, keep: impl Fn(&str) -> bool) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).retain(|(path, _)| keep(path));
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).len()
    }

    /// Prints them, sorted, on standard error.
    pub fn report(&self) {
        let mut list = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        list.sort();
        for (path, reason) in &list {
            tell(format!("skipped {}: {reason}", one_line(path)));
        }
        if !list.is_empty() {
            eprintln!("{} skipped; the rest was used.", plural(list.len(), "photo"));
        }
    }
}

/// What is in a photo's file, by a hash (XXH3-128): equal for copies, whatever they are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Content(u128);

impl Content {
    /// Of the file's bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxh3_128(bytes))
    }

    /// The hash.
    pub fn bits(self) -> u128 {
        self.0
    }
}

/// Thirty-two hexadecimal digits.
impl fmt::Display for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

impl FromStr for Content {
    type Err = ParseIntError;

    fn from_str(digits: &str) -> Result<Self, ParseIntError> {
        u128::from_str_radix(digits, 16).map(Self)
    }
}

/// `1 photo`, `2 photos`.
pub fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Finds the photos below a folder, sorted by path, so that the same folder always gives the same order.
///
/// # Errors
/// A folder that is missing, is no folder, or holds no file with a photo's extension.
pub fn find(folder: &Path, skipped: &Skipped) -> Result<Vec<PhotoFile>> {
    let shown = folder.display();
    if !folder.exists() {
        return Err(Refusal::new(format!("the photo folder {shown} does not exist; check the path")).into());
    }
    if !folder.is_dir() {
        return Err(Refusal::new(format!("{shown} is a file; give the folder that holds the photos")).into());
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        match entry {
            Ok(entry) => files.extend(candidate(folder, entry.path(), skipped)),
            Err(error) => skip_unreadable(folder, &error, skipped),
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if files.is_empty() {
        let count = skipped.count();
        skipped.report();
        let looked = "looked for .jpg, .jpeg, .png and .webp files in it and its subfolders";
        let others = if count > 0 { format!("; {count} more could not be read") } else { String::new() };
        return Err(Refusal::new(format!("no photo found in {shown}: {looked}{others}")).into());
    }
    Ok(files)
}

/// The photos of a folder, or those that a list names by their paths below it, one a line; `-` is standard input. What
/// the list names and is not there is noted: a folder may change while others work on it.
///
/// # Errors
/// As [`find`], and a list that can't be read, leads out of the folder, or names no photo that is there.
pub fn chosen(folder: &Path, list: Option<&Path>, skipped: &Skipped) -> Result<Vec<PhotoFile>> {
    let Some(list) = list else { return find(folder, skipped) };
    let text =
        if list == Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { fs::read_to_string(list) };
    let refused = |what: String| Refusal::new(format!("the list {}: {what}", list.display()));
    let text = text.map_err(|error| refused(format!("{error}")))?;
    let mut files = Vec::new();
    for path in text.lines().filter(|line| !line.trim().is_empty()) {
        let below = Path::new(path.strip_prefix("./").unwrap_or(path));
        if !below.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(refused(format!("{path} leads out of {}; give paths below it", folder.display())).into());
        }
        let location = folder.join(below);
        match format_by_name(&location) {
            None => skipped.add(path, "no photo by its name"),
            Some(_) if !location.exists() => skipped.add(path, "not there"),
            Some(_) => files.extend(candidate(folder, &location, skipped)),
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    if files.is_empty() {
        skipped.report();
        return Err(refused(format!("it names no photo that is in {}", folder.display())).into());
    }
    Ok(files)
}

/// A photo by its name; a folder with a photo's name is reported.
fn candidate(folder: &Path, location: &Path, skipped: &Skipped) -> Option<PhotoFile> {
    let format = format_by_name(location)?;
    let path = relative(folder, location);
    if let Some(reason) = nameless(folder, location, &path) {
        skipped.add(&path, reason);
        return None;
    }
    if location.is_dir() {
        skipped.add(&path, format!("a folder, not a {} photo", format.name()));
        return None;
    }
    if !location.is_file() {
        // Reading a pipe or a device would wait for ever.
        skipped.add(&path, "not a file");
        return None;
    }
    Some(PhotoFile { path, location: location.to_owned() })
}

/// Why a photo can't be told by its path, which is what addresses, lists of names and other programs know it by. Whatever
/// else a name holds is shown as it is.
fn nameless(folder: &Path, location: &Path, path: &str) -> Option<&'static str> {
    match location.strip_prefix(folder).unwrap_or(location).to_str() {
        // Several such names would all be told alike.
        None => Some("its name is no Unicode; rename it"),
        Some(_) if path.contains(char::is_control) => Some("its name holds a control character; rename it"),
        Some(_) => None,
    }
}

/// A dangling link, a loop or a closed folder is worth a word; other files are not.
fn skip_unreadable(folder: &Path, error: &walkdir::Error, skipped: &Skipped) {
    let location = error.path().unwrap_or(folder);
    let reason = match error.io_error().map(std::io::Error::kind) {
        Some(std::io::ErrorKind::NotFound) => "a link to nothing".to_owned(),
        Some(kind) => format!("unreadable: {kind}"),
        None => "a link back to a folder above it".to_owned(),
    };
    skipped.add(&relative(folder, location), reason);
}

fn relative(folder: &Path, location: &Path) -> String {
    let inside = location.strip_prefix(folder).unwrap_or(location);
    inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn format_by_name(location: &Path) -> Option<Format> {
    let extension = location.extension()?.to_str()?.to_ascii_lowercase();
    Format::ALL.into_iter().find(|format| format.extensions().contains(&extension.as_str()))
}

/// Reads all photos on all cores and makes something of each, in their order; bad ones are noted and left out.
///
/// # Errors
/// What is made of a photo can't be had, or Ctrl-C.
pub fn read_all<T: Send>(
    files: Vec<PhotoFile>,
    skipped: &Skipped,
    make: impl Fn(&Photo) -> Result<T> + Sync,
) -> Result<Vec<(PhotoFile, T)>> {
    let progress = Progress::new("reading", files.len());
    let one = |file: PhotoFile| {
        let photo = (!interrupt::asked()).then(|| file.decode());
        progress.advance(1);
        match photo? {
            Ok(photo) => Some(make(&photo).map(|made| (file, made))),
            Err(error) => {
                skipped.add(&file.path, format!("{error:#}"));
                None
            }
        }
    };
    let read = files.into_par_iter().filter_map(one).collect::<Result<Vec<_>>>()?;
    interrupt::check()?;
    progress.finish(plural(read.len(), "photo"));
    Ok(read)
}

impl PhotoFile {
    /// The first folder of the path: the class, for measuring. Photos outside any folder are one class.
    pub fn class(&self) -> &str {
        self.path.split_once('/').map_or("", |(folder, _)| folder)
    }

    /// Reads and decodes.
    ///
    /// # Errors
    /// As both.
    pub fn decode(&self) -> Result<Photo> {
        Ok(self.open()?.0)
    }

    /// Reads and decodes; with the photo comes what is in its file.
    ///
    /// # Errors
    /// As both.
    pub fn open(&self) -> Result<(Photo, Content)> {
        let bytes = self.read()?;
        Ok((Self::decoded(&bytes)?, Content::of(&bytes)))
    }

    /// Reads the file.
    ///
    /// # Errors
    /// A file that can't be read, or is not what its name says.
    pub fn read(&self) -> Result<Vec<u8>> {
        let size = fs::metadata(&self.location).with_context(|| "it can't be read".to_owned())?.len();
        anyhow::ensure!(
            size <= MAX_BYTES,
            "it has more than {} MB; that is no photo to search with",
            MAX_BYTES / 1_000_000
        );
        let bytes = fs::read(&self.location).with_context(|| "it can't be read".to_owned())?;
        if let (Some(named), Some(found)) = (format_by_name(&self.location), Format::sniff(&bytes))
            && named != found
        {
            let extension = found.extensions()[0];
            anyhow::bail!("a {} photo with the name of a {}; rename it to .{extension}", found.name(), named.name());
        }
        Ok(bytes)
    }

    /// Decodes what was read.
    ///
    /// # Errors
    /// What is no photo.
    pub fn decoded(bytes: &[u8]) -> Result<Photo> {
        // A decoder that panics costs its photo, not the run.
        let decoded = panic::catch_unwind(|| Photo::decode(bytes));
        Ok(decoded.map_err(|_| anyhow::anyhow!("the decoder has given up on it"))??)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"x").unwrap();
        }
        folder
    }

    #[test]
    fn photos_are_sorted_and_other_files_ignored() {
        let folder = folder_with(&["b/2.JPG", "b/1.webp", "a.png", "notes.txt", "c.jpeg"]);
        let found = find(folder.path(), &Skipped::default()).unwrap();
        assert_eq!(
            found.iter().map(|p| p.path.as_str()).collect::<Vec<_>>(),
            ["a.png", "b/1.webp", "b/2.JPG", "c.jpeg"]
        );
        assert_eq!(found.iter().map(PhotoFile::class).collect::<Vec<_>>(), ["", "b", "b", ""]);
    }

    #[test]
    fn missing_and_empty_folders_are_refused_by_name() {
        let folder = folder_with(&["notes.txt"]);
        let empty = find(folder.path(), &Skipped::default()).unwrap_err().to_string();
        assert!(empty.contains("no photo found in") && empty.contains(".jpg"), "{empty}");
        let missing = find(&folder.path().join("gone"), &Skipped::default()).unwrap_err().to_string();
        assert!(missing.contains("gone does not exist"), "{missing}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_nobody_could_tell_are_refused_and_any_other_is_taken() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
        let taken = [
            "<b>&\".jpg",
            "%2e%2e.jpg",
            "-rf.jpg",
            "..jpg",
            "CON.jpg",
            "a\\b.jpg",
            "x\u{202e}gpj.png",
            "\u{1f600}.webp",
        ];
        let folder = folder_with(&taken);
        let refused: [&[u8]; 5] = [b"\xff.jpg", b"\xfe.jpg", b"a\nb.jpg", b"\x1b[31m.jpg", b"f\x07/b.jpg"];
        for name in refused {
            let path = folder.path().join(OsStr::from_bytes(name));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"x").unwrap();
        }
        let skipped = Skipped::default();
        let found = find(folder.path(), &skipped).unwrap();
        let mut taken = taken.to_vec();
        taken.sort_unstable();
        assert_eq!(found.iter().map(|photo| photo.path.as_str()).collect::<Vec<_>>(), taken);
        assert_eq!(skipped.count(), 4, "two that are told alike are one");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_named_like_a_photo_and_a_dangling_link_are_reported() {
        let folder = folder_with(&["good.jpg", "x.jpg/readme.txt"]);
        std::os::unix::fs::symlink("nowhere.jpg", folder.path().join("link.jpg")).unwrap();
        let skipped = Skipped::default();
        assert_eq!(find(folder.path(), &skipped).unwrap().len(), 1);
        assert_eq!(skipped.count(), 2);
    }
}
