//! Where things lie, as absolute paths.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// The root of the workspace. Cargo names the crate's folder when it starts us; the folder known at compile time
/// stands in when the program is started by hand.
pub(crate) fn root() -> PathBuf {
    let crate_folder = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&crate_folder).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// What we make ourselves, beside cargo's own output. Trunk.toml names `target/page` too.
pub(crate) fn page() -> PathBuf {
    root().join("target").join("page")
}

pub(crate) fn demo() -> PathBuf {
    root().join("target").join("demo")
}

/// The user guide as a book; www/guide/book.toml names it too.
pub(crate) fn guide() -> PathBuf {
    root().join("target").join("guide")
}

/// The finished site.
pub(crate) fn site() -> PathBuf {
    root().join("dist")
}

/// The native command, once `cargo build --release -p lookalike-training` has run.
pub(crate) fn lookalike() -> PathBuf {
    target().join("release").join(executable("lookalike"))
}

/// Cargo's own output.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// The native command with the page in it.
pub(crate) fn one_file() -> PathBuf {
    root().join("target").join("one-file").join(executable("lookalike"))
}

/// That command for npm and Python's tools.
pub(crate) fn packages() -> PathBuf {
    root().join("target").join("packages")
}

/// The folder of installed tools, shared by all clones of one user.
pub(crate) fn cache() -> Result<PathBuf> {
    let folder = match set("LOOKALIKE_CACHE") {
        Some(folder) => PathBuf::from(folder),
        None => user_cache()?.join("lookalike"),
    };
    std::path::absolute(&folder).with_context(|| format!("the cache folder {} is no path", folder.display()))
}

fn user_cache() -> Result<PathBuf> {
    let (variable, inside) = if cfg!(windows) {
        ("LOCALAPPDATA", "")
    } else if cfg!(target_os = "macos") {
        ("HOME", "Library/Caches")
    } else if set("XDG_CACHE_HOME").is_some() {
        ("XDG_CACHE_HOME", "")
    } else {
        ("HOME", ".cache")
    };
    let base = set(variable).with_context(|| {
        format!("there is no cache folder, because {variable} is not set. Name one with LOOKALIKE_CACHE=DIR.")
    })?;
    Ok(PathBuf::from(base).join(inside))
}

/// A variable of the environment; an empty one counts as not set.
pub(crate) fn set(variable: &str) -> Option<std::ffi::OsString> {
    env::var_os(variable).filter(|value| !value.is_empty())
}

pub(crate) fn executable(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}

/// The first program of this name on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(executable(name))).find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_this_crate() {
        assert!(root().join("xtask").join("Cargo.toml").is_file());
    }

    #[test]
    fn cargo_is_on_path_and_nonsense_is_not() {
        assert!(on_path("cargo").is_some());
        assert_eq!(on_path("lookalike-no-such-program"), None);
    }
}
