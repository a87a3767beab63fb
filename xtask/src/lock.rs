//! One run at a time: a second one waits, and says so.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use crate::{progress, run};

/// Held until it is dropped; the system lets go of it too when the process dies.
pub(crate) struct Lock {
    _file: File,
}

/// Takes the lock file at `path`, which guards `what`.
pub(crate) fn hold(path: &Path, what: &str) -> Result<Lock> {
    let context = || format!("could not take the lock {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("could not make the folder {}: is it writable?", folder.display()))?;
    }
    let file = File::create(path).with_context(context)?;
    let mut told = false;
    // Asked again and again instead of waited for, so that Ctrl-C is heard.
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(TryLockError::Error(error)) => return Err(error).with_context(context),
            Err(TryLockError::WouldBlock) if run::interrupted() => bail!(run::Interrupted),
            Err(TryLockError::WouldBlock) if !told => {
                progress::note(&format!("another `cargo xtask` is at work on {what}: waiting for it"));
                told = true;
            }
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(200)),
        }
    }
}
