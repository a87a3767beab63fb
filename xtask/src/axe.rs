//! axe-core, which judges the page's accessibility in the tests: a script from npm.

use std::path::PathBuf;

use anyhow::Result;

use crate::{
    install, lock, paths, progress, run, system,
    tools::{AXE, Tool},
};

/// The script, which is installed first if need be. `None`: the machine has no npm, and those tests are skipped.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    let script = script(&AXE)?;
    if script.is_file() {
        return Ok(Some(script));
    }
    let npm = install::script("npm");
    let has_npm = || run::answer(run::command(&npm).arg("--version")).is_some();
    let has_it = has_npm() || (system::install(&["nodejs", "npm"], "which bring axe-core")? && has_npm());
    if !has_it {
        progress::note("going on without axe-core: the tests of accessibility are skipped. It comes with Node's npm.");
        return Ok(None);
    }
    let cache = paths::cache()?;
    let _lock = lock::hold(&cache.join("lock"), "the tools")?;
    // Whoever held the lock may have installed it meanwhile.
    if !script.is_file() {
        install::by_npm(&AXE, &cache)?;
    }
    Ok(Some(script))
}

fn script(tool: &Tool) -> Result<PathBuf> {
    Ok(paths::cache()?.join(tool.folder()).join("node_modules").join(tool.package).join(tool.program))
}
