//! Scripts from npm that browsers run: axe-core, which judges the page's accessibility in the tests, and what the benches
//! compare the page with.

use std::path::PathBuf;

use anyhow::Result;

use crate::{install, lock, paths, progress, run, system, tools::Tool};

/// The script, which is installed first if need be. `None`: the machine has no npm, and what is left out then is said.
pub(crate) fn ensure(tool: &Tool, left_out: &str) -> Result<Option<PathBuf>> {
    let script = script(tool)?;
    if script.is_file() {
        return Ok(Some(script));
    }
    let npm = install::script("npm");
    let has_npm = || run::answer(run::command(&npm).arg("--version")).is_some();
    let brings = format!("which bring {}", tool.package);
    let has_it = has_npm() || (system::install(&["nodejs", "npm"], &brings)? && has_npm());
    if !has_it {
        progress::note(&format!("going on without {}: {left_out}. It comes with Node's npm.", tool.package));
        return Ok(None);
    }
    let cache = paths::cache()?;
    let _lock = lock::hold(&cache.join("lock"), "the tools")?;
    // Whoever held the lock may have installed it meanwhile.
    if !script.is_file() {
        install::by_npm(tool, &cache)?;
    }
    Ok(Some(script))
}

/// As [`ensure`], the folder of the whole package.
pub(crate) fn package(tool: &Tool, left_out: &str) -> Result<Option<PathBuf>> {
    ensure(tool, left_out)?.map(|_| folder(tool)).transpose()
}

fn script(tool: &Tool) -> Result<PathBuf> {
    Ok(folder(tool)?.join(tool.program))
}

fn folder(tool: &Tool) -> Result<PathBuf> {
    Ok(paths::cache()?.join(tool.folder()).join("node_modules").join(tool.package))
}
