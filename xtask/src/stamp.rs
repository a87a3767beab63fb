//! Content hashes: has anything that this was made from changed? Never by time stamps, which a clone, a checkout or a
//! restored cache sets anew.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use xxhash_rust::xxh3::Xxh3;

use crate::paths;

/// Collects whatever a result depends on. Every part carries its length, so that moving a byte from one part to the
/// next changes the hash.
#[derive(Default)]
pub(crate) struct Fingerprint(Xxh3);

impl Fingerprint {
    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// A file, or a folder with all that is in it. A missing one counts as such: its appearance is a change.
    pub(crate) fn path(&mut self, path: &Path) -> Result<()> {
        let mut files = Vec::new();
        collect(path, &mut files).with_context(|| format!("could not read {}", path.display()))?;
        files.sort();
        self.bytes(&(files.len() as u64).to_le_bytes());
        for file in files {
            let name = file.strip_prefix(path).unwrap_or(&file);
            self.text(&name.to_string_lossy().replace('\\', "/"));
            match fs::read(&file) {
                Ok(content) => self.bytes(&content),
                // Not for the stamp to judge: whoever reads it for its own sake says what is wrong with it.
                Err(error) => self.text(&error.kind().to_string()),
            }
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> String {
        format!("{:032x}", self.0.digest128())
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !metadata.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // A link to a folder may lead in a circle.
        if !(entry.file_type()?.is_symlink() && entry.path().is_dir()) {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

/// A file that says what a result was made from. It is removed before the work and written after it, so an interrupted
/// run leaves none.
pub(crate) struct Stamp(PathBuf);

impl Stamp {
    /// Beside the result: `target/page` has `target/page.stamp`.
    pub(crate) fn beside(result: &Path) -> Self {
        Self(result.with_extension("stamp"))
    }

    pub(crate) fn says(&self, fingerprint: &str) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|text| text.trim() == fingerprint)
    }

    pub(crate) fn remove(&self) -> Result<()> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("could not remove {}", self.0.display()))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn write(&self, fingerprint: &str) -> Result<()> {
        write_whole(&self.0, format!("{fingerprint}\n").as_bytes())
    }
}

/// Writes a file so that it is there whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("could not make the folder {}", folder.display()))?;
    }
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, path))
        .with_context(|| format!("could not write {}: is the disk full?", path.display()))
}

/// Hashes files and folders given relative to the root of the workspace.
pub(crate) fn of_workspace(fingerprint: &mut Fingerprint, inputs: &[&str]) -> Result<()> {
    for input in inputs {
        fingerprint.text(input);
        fingerprint.path(&paths::root().join(input))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for each test, gone afterwards.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(folder.join("inner")).unwrap();
            fs::write(folder.join("a"), "one").unwrap();
            fs::write(folder.join("inner").join("b"), "two").unwrap();
            Self(folder)
        }

        fn hash(&self) -> String {
            let mut fingerprint = Fingerprint::default();
            fingerprint.path(&self.0).unwrap();
            fingerprint.finish()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_folder_written_again_has_the_same_hash() {
        let scratch = Scratch::new("same");
        let before = scratch.hash();
        fs::write(scratch.0.join("a"), "one").unwrap();
        assert_eq!(scratch.hash(), before);
    }

    #[test]
    fn content_names_and_absence_all_count() {
        let scratch = Scratch::new("counts");
        let mut seen = vec![scratch.hash()];
        fs::write(scratch.0.join("a"), "onf").unwrap();
        seen.push(scratch.hash());
        fs::rename(scratch.0.join("a"), scratch.0.join("c")).unwrap();
        seen.push(scratch.hash());
        fs::remove_file(scratch.0.join("c")).unwrap();
        seen.push(scratch.hash());
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let hash = |parts: [&str; 2]| {
            let mut fingerprint = Fingerprint::default();
            parts.iter().for_each(|part| fingerprint.text(part));
            fingerprint.finish()
        };
        assert_ne!(hash(["ab", "c"]), hash(["a", "bc"]));
    }

    #[test]
    fn a_stamp_holds_until_it_is_removed() {
        let scratch = Scratch::new("stamp");
        let stamp = Stamp::beside(&scratch.0.join("result"));
        assert!(!stamp.says("x"));
        stamp.write("x").unwrap();
        assert!(stamp.says("x") && !stamp.says("y"));
        stamp.remove().unwrap();
        stamp.remove().unwrap();
        assert!(!stamp.says("x"));
    }
}
