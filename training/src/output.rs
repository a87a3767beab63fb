//! Writing so that a run that is killed leaves the old output or none, never half.

use std::{
    fs::{self, File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;

/// Writes a file beside its place, flushes it to the disk, then puts it in place.
///
/// # Errors
/// A disk that is full or read-only; the old file is then untouched.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    write_together(&[(path, bytes)])
}

/// Likewise for files that belong together: none is put in place before all are written.
///
/// # Errors
/// A disk that is full or read-only; the old files are then untouched.
pub fn write_together(files: &[(&Path, &[u8])]) -> Result<()> {
    let partials = files.iter().map(|(path, _)| sibling(path, "partial")).collect::<Result<Vec<_>>>()?;
    let write = |partial: &Path, bytes: &[u8]| -> std::io::Result<()> {
        let mut file = File::create(partial)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    let all = || {
        for ((path, bytes), partial) in files.iter().zip(&partials) {
            write(partial, bytes).with_context(|| unwritable(path))?;
        }
        for ((path, _), partial) in files.iter().zip(&partials) {
            fs::rename(partial, path).with_context(|| unwritable(path))?;
        }
        Ok(())
    };
    all().inspect_err(|_| partials.iter().for_each(|partial| drop(fs::remove_file(partial))))
}

/// What to say of a file that can't be written.
pub fn unwritable(path: &Path) -> String {
    format!("{} can't be written; is the disk full, or the folder read-only?", path.display())
}

/// What to say of a folder that can't be made.
pub fn unmakable(path: &Path) -> String {
    format!("{} can't be made; is the disk full, or the folder around it read-only?", path.display())
}

/// A file out of sight beside `path`, which is removed unless it is put in place. Its name is its own: a run that is
/// taken for dead and the one in its stead may write the same output. What killed runs have left there is cleaned up.
///
/// # Errors
/// A place that can't be written.
pub fn hidden_beside(path: &Path) -> Result<NamedTempFile> {
    let path = std::path::absolute(path)?;
    let Some((folder, name)) = path.parent().zip(path.file_name()) else { bail!("{}", unwritable(&path)) };
    let prefix = format!(".{}.", name.to_string_lossy());
    let make = || -> std::io::Result<NamedTempFile> {
        fs::create_dir_all(folder)?;
        for left in fs::read_dir(folder)?.flatten() {
            let name = left.file_name().to_string_lossy().into_owned();
            let ours = name.starts_with(&prefix) && name.ends_with(".partial");
            // Whoever still writes one holds its lock.
            if ours && File::open(left.path()).is_ok_and(|file| file.try_lock().is_ok()) {
                fs::remove_file(left.path())?;
            }
        }
        let file = tempfile::Builder::new().prefix(&prefix).suffix(".partial").tempfile_in(folder)?;
        readable(file.as_file())?;
        file.as_file().lock()?;
        Ok(file)
    };
    make().with_context(|| unwritable(&path))
}

/// Temporary files are their owner's alone; what becomes of this one is for whoever merges it.
#[cfg(unix)]
fn readable(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &File) -> std::io::Result<()> {
    Ok(())
}

/// A folder that is filled out of sight and then takes the place of the old one.
pub struct StagedFolder {
    target: PathBuf,
    staging: PathBuf,
    backup: PathBuf,
    /// Held until the end: two runs into one folder would mix.
    _guard: File,
}

impl StagedFolder {
    /// Starts an empty folder beside `target`. Leftovers of a run that was killed are cleaned up first.
    ///
    /// # Errors
    /// Another run into the same folder, or a place that can't be written.
    pub fn begin(target: &Path) -> Result<Self> {
        let target = std::path::absolute(target)?;
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).with_context(|| unmakable(parent))?;
        }
        let (staging, backup, lock) = (sibling(&target, "partial")?, sibling(&target, "old")?, lock_of(&target));
        let guard = File::create(&lock).with_context(|| format!("{} can't be written", lock.display()))?;
        match guard.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("another run is writing {}; wait for it", target.display()),
            Err(TryLockError::Error(error)) => return Err(error).context("the output folder can't be locked"),
        }
        if backup.exists() {
            // Killed between the two renames of `commit`: the old output is still whole.
            if target.exists() { fs::remove_dir_all(&backup)? } else { fs::rename(&backup, &target)? }
        }
        if staging.exists() {
            fs::remove_dir_all(&staging)?;
        }
        fs::create_dir(&staging).with_context(|| unmakable(&target))?;
        Ok(Self { target, staging, backup, _guard: guard })
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.staging
    }

    /// Puts the folder in place.
    ///
    /// # Errors
    /// A rename that the system refuses; the old folder is then still there.
    pub fn commit(self) -> Result<()> {
        let old = if self.target.exists() && exchange(&self.staging, &self.target).is_ok() {
            &self.staging
        } else {
            self.replace()?;
            &self.backup
        };
        if old.exists() && fs::remove_dir_all(old).is_err() {
            eprintln!("the old output is left in {}; it may be removed", old.display());
        }
        Ok(())
    }

    /// Where two folders can't change places at once: for a moment there is neither, and [`Self::begin`] heals what is
    /// killed in it.
    fn replace(&self) -> Result<()> {
        if self.target.exists() {
            fs::rename(&self.target, &self.backup).context("the old output can't be moved aside")?;
        }
        if let Err(error) = fs::rename(&self.staging, &self.target) {
            fs::rename(&self.backup, &self.target).ok();
            return Err(error).context("the new output can't be put in place");
        }
        Ok(())
    }
}

/// Lets two folders change places, so that there is always one of them.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

impl Drop for StagedFolder {
    fn drop(&mut self) {
        // Nothing to report to: what can't be removed now is removed by the next run.
        fs::remove_dir_all(&self.staging).ok();
    }
}

/// The name under which [`write_atomic`] writes a file before it is whole.
pub fn partial_name(name: &str) -> String {
    format!(".{name}.partial")
}

/// `folder/.name.suffix`, beside `folder/name`, on the same disk.
fn sibling(path: &Path, suffix: &str) -> Result<PathBuf> {
    let Some(name) = path.file_name() else { bail!("{} is no place to write to", path.display()) };
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{suffix}"));
    Ok(path.with_file_name(hidden))
}

/// One lock a target, apart from it: a lock file beside the site would be published, or removed under a waiting run.
fn lock_of(target: &Path) -> PathBuf {
    let hash = lookalike::gallery::container::hash(target.as_os_str().as_encoded_bytes());
    std::env::temp_dir().join(format!("lookalike-{hash:016x}.lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(root: &Path) -> PathBuf {
        let target = root.join("site");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("old"), "old").unwrap();
        target
    }

    #[test]
    fn an_abandoned_run_leaves_the_old_output() {
        let root = tempfile::tempdir().unwrap();
        let target = site(root.path());
        let staged = StagedFolder::begin(&target).unwrap();
        fs::write(staged.path().join("new"), "new").unwrap();
        drop(staged);
        assert!(target.join("old").exists() && !target.join("new").exists());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1, "nothing is left lying about");
    }

    #[test]
    fn a_finished_run_replaces_everything() {
        let root = tempfile::tempdir().unwrap();
        let target = site(root.path());
        let staged = StagedFolder::begin(&target).unwrap();
        fs::write(staged.path().join("new"), "new").unwrap();
        staged.commit().unwrap();
        assert!(!target.join("old").exists() && target.join("new").exists());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[test]
    fn where_folders_can_not_change_places_they_are_renamed() {
        let root = tempfile::tempdir().unwrap();
        let target = site(root.path());
        let staged = StagedFolder::begin(&target).unwrap();
        fs::write(staged.path().join("new"), "new").unwrap();
        staged.replace().unwrap();
        drop(staged);
        assert!(!target.join("old").exists() && target.join("new").exists());
        drop(StagedFolder::begin(&target).unwrap());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1, "the old one is gone");
    }

    #[test]
    fn a_run_killed_between_the_renames_is_healed() {
        let root = tempfile::tempdir().unwrap();
        let target = site(root.path());
        fs::rename(&target, root.path().join(".site.old")).unwrap();
        fs::create_dir(root.path().join(".site.partial")).unwrap();
        drop(StagedFolder::begin(&target).unwrap());
        assert!(target.join("old").exists());
    }

    #[test]
    fn two_runs_into_one_folder_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let target = site(root.path());
        let _first = StagedFolder::begin(&target).unwrap();
        assert!(StagedFolder::begin(&target).is_err_and(|e| e.to_string().contains("another run")));
    }

    #[test]
    fn hidden_files_do_not_meet_and_those_of_killed_runs_are_cleaned_up() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("new/part");
        let first = hidden_beside(&target).unwrap();
        let second = hidden_beside(&target).unwrap();
        assert!(first.path().exists() && first.path() != second.path());
        // As a kill leaves it: there, and nobody's.
        let left = second.into_temp_path().keep().unwrap();
        let third = hidden_beside(&target).unwrap();
        assert!(first.path().exists() && !left.exists());
        drop((first, third));
        assert_eq!(fs::read_dir(root.path().join("new")).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named() {
        let error = write_atomic(Path::new("/nowhere/at/all"), b"x").unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all"));
    }
}
