//! `cargo xtask guide`: the user guide, www/guide, as a book for the browser.

use anyhow::{Context as _, Result, bail};

use crate::{install, paths, run, tools::MDBOOK};

pub(crate) fn command() -> Result<()> {
    let mdbook = install::ensure(&MDBOOK)?;
    let mut build = run::command(mdbook);
    build.arg("build").arg(paths::root().join("www").join("guide"));
    run::stage("guide", "making the user guide into target/guide", Some(2), &mut build)
        .context("could not make the guide: does SUMMARY.md name a chapter that is not there?")?;
    let index = paths::guide().join("index.html");
    if !index.is_file() {
        bail!("mdbook ended well, but there is no {}: does book.toml name another `build-dir`?", index.display());
    }
    eprintln!("The guide is in {}", index.display());
    Ok(())
}
