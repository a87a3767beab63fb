//! `cargo xtask setup`: everything that the page's build needs, and what it found.

use std::{env, ffi::OsString, fs, path::PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::{
    browser, install, paths, progress, run, system,
    tools::{self, TRUNK, WASM_BINDGEN, WASM_OPT},
    wasm_target,
};

/// Ready for use.
pub(crate) struct Tools {
    pub(crate) trunk: PathBuf,
    wasm_bindgen: PathBuf,
    /// `None` where there is no npm: the page is then a little larger.
    pub(crate) wasm_opt: Option<PathBuf>,
}

pub(crate) fn command(with_browser: bool) -> Result<()> {
    let tools = ensure(true)?;
    let version = |program: &PathBuf| install::version_of(program).unwrap_or_default();
    eprintln!("trunk         {:<16} {}", version(&tools.trunk), tools.trunk.display());
    eprintln!("wasm-bindgen  {:<16} {}", version(&tools.wasm_bindgen), tools.wasm_bindgen.display());
    if let Some(program) = &tools.wasm_opt {
        eprintln!("wasm-opt      {:<16} {}", version(program), program.display());
    }
    if with_browser {
        let browser = browser::ensure()?;
        eprintln!("chromium      {:<16} {}", version(&browser.chromium), browser.chromium.display());
        eprintln!("chromedriver  {:<16} {}", version(&browser.driver), browser.driver.display());
    }
    eprintln!("Everything is there.");
    Ok(())
}

pub(crate) fn ensure(optimise: bool) -> Result<Tools> {
    agree_on_wasm_bindgen()?;
    wasm_target::ensure()?;
    Ok(Tools {
        // The quick ones first: what can go wrong goes wrong early.
        wasm_opt: if optimise { ensure_wasm_opt()? } else { None },
        wasm_bindgen: install::ensure(&WASM_BINDGEN)?,
        trunk: install::ensure(&TRUNK)?,
    })
}

impl Tools {
    /// PATH with our tools in front.
    pub(crate) fn path(&self) -> Result<OsString> {
        let ours = [&self.trunk, &self.wasm_bindgen].into_iter().filter_map(|program| program.parent());
        let path = env::var_os("PATH").unwrap_or_default();
        env::join_paths(ours.map(PathBuf::from).chain(env::split_paths(&path)))
            .context("the cache folder's path holds a character that PATH cannot; set LOOKALIKE_CACHE to another")
    }
}

/// The crate and the command-line tool speak a private language that changes with every version.
fn agree_on_wasm_bindgen() -> Result<()> {
    let lock = fs::read_to_string(paths::root().join("Cargo.lock")).context("could not read Cargo.lock")?;
    match tools::locked(&lock, "wasm-bindgen") {
        Some(version) if version != WASM_BINDGEN.version => bail!(
            "Cargo.lock has wasm-bindgen {version}, but xtask/src/tools.rs pins wasm-bindgen-cli {}. The two must be \
             equal: change whichever of them was not meant to move.",
            WASM_BINDGEN.version
        ),
        _ => Ok(()),
    }
}

/// Optional by design: whatever goes wrong here costs a tenth of the page's size and no more.
fn ensure_wasm_opt() -> Result<Option<PathBuf>> {
    if let Some(program) = install::find(&WASM_OPT)? {
        return Ok(Some(program));
    }
    let npm = install::script("npm");
    let has_npm = || run::answer(run::command(&npm).arg("--version")).is_some();
    if has_npm() || (system::install(&["nodejs", "npm"], "which bring wasm-opt")? && has_npm()) {
        match install::ensure(&WASM_OPT) {
            Ok(program) => return Ok(Some(program)),
            Err(error) if error.is::<run::Interrupted>() => return Err(error),
            Err(error) => progress::note(&format!("{error:#}")),
        }
    }
    progress::note("going on without wasm-opt: the page works, and is about a tenth larger. It comes with Node's npm.");
    Ok(None)
}
