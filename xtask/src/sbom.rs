//! `cargo xtask sbom`: what the published programs are made of, for whoever has to know.

use std::{fs, fs::File, path::Path};

use anyhow::{Context as _, Result};

use crate::{install, paths, run, tools::CARGO_SBOM};

/// The command, and the page with its workers; each with everything that is built into it.
const PACKAGES: [&str; 2] = ["lookalike-training", "lookalike"];

pub(crate) fn command() -> Result<()> {
    let program = install::ensure(&CARGO_SBOM)?;
    let folder = paths::target().join("sbom");
    fs::create_dir_all(&folder).with_context(|| format!("could not make the folder {}", folder.display()))?;
    for package in PACKAGES {
        let place = folder.join(format!("{package}.cdx.json"));
        write(&program, package, &place)?;
        eprintln!("{package}: {}", place.display());
    }
    Ok(())
}

fn write(program: &Path, package: &str, place: &Path) -> Result<()> {
    let file = File::create(place).with_context(|| format!("could not write {}", place.display()))?;
    let mut sbom = run::command(program);
    // As cargo would call it.
    sbom.args(["sbom", "--cargo-package", package, "--output-format", "cyclone_dx_json_1_6"]).stdout(file);
    run::stage(&format!("sbom {package}"), "the bill of materials, as CycloneDX", None, &mut sbom)
}
