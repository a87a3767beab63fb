//! `cargo xtask deny`: licences, sources, duplicates and known advisories of all dependencies.

use anyhow::{Context as _, Result};

use crate::{install, progress, run, tools::CARGO_DENY};

pub(crate) fn command() -> Result<()> {
    let program = install::ensure(&CARGO_DENY)?;
    let deny = |words: &[&str]| {
        let mut deny = run::command(&program);
        deny.args(words);
        deny
    };
    let mut check = deny(&["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]);
    run::stage("deny", "licences, duplicates and sources", None, &mut check)
        .context("a dependency does not fit deny.toml, which says what is allowed and why")?;
    if !run::status(&mut deny(&["fetch", "db"]), None)?.success() {
        progress::note("advisories were NOT checked: their database could not be fetched (see above)");
        return Ok(());
    }
    let mut check = deny(&["check", "--disable-fetch", "advisories"]);
    run::stage("advisories", "known advisories", None, &mut check)
        .context("a dependency has an advisory: update it, or ignore it in deny.toml with a reason")
}
