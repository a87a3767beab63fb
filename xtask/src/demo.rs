//! `cargo xtask demo`: photos → site → server. Also the site that the tests use.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::{Context as _, Result, bail};

use crate::{
    args, lock, page, paths,
    progress::{self, Stage},
    run,
    stamp::{Fingerprint, Stamp},
};

/// The demo is the same on every machine.
const SEED: &str = "1";
/// Passes over the photos, for the autoencoder that the encoder is compared with: then its losses hardly fall any more.
const EPOCHS: &str = "8";
/// `lookalike` says with this exit code: done, but some photos could not be read and were skipped.
const SOME_SKIPPED: i32 = 3;

pub(crate) fn command(options: &args::Demo) -> Result<()> {
    make(options)?;
    if options.serve {
        return serve(options.port);
    }
    eprintln!("The site is in {}: upload it to any static host.", paths::site().display());
    Ok(())
}

/// The demo site of training/demo, for tests and benches.
pub(crate) fn make_default() -> Result<()> {
    make(&args::Demo::default())
}

/// How the workspace is built and tested: without the GPU's compilers, which would double the time. No part of the
/// demo needs one.
pub(crate) const WORKSPACE: [&str; 5] = ["--release", "--workspace", "--no-default-features", "--features", FEATURES];
const FEATURES: &str = "lookalike/cpu";

/// The native command, in target/release.
pub(crate) fn build_native() -> Result<()> {
    run::stage(
        "lookalike",
        "building the native command",
        Some(240),
        // As `cargo test` will build it: another choice of packages would unite features otherwise and build burn twice.
        run::cargo()
            .args(["build", "--bins"])
            .args(WORKSPACE)
            // Its bar and that of the page's build would draw over each other.
            .env("CARGO_TERM_PROGRESS_WHEN", "never"),
    )
    .context("could not build the `lookalike` command")
}

/// The command with the page in itself, as a release has it: all of the native command but its own two crates is there.
pub(crate) fn build_one_file() -> Result<()> {
    let with_page = WORKSPACE.map(|word| if word == FEATURES { "lookalike/cpu,lookalike-training/page" } else { word });
    let mut build = run::cargo();
    build.args(["build", "--bin", "lookalike"]).args(with_page).env("LOOKALIKE_PAGE_DIR", paths::page());
    run::stage("one file", "packing the page into the command", Some(60), &mut build)
        .context("could not build the command with the page in it")?;
    let one = paths::one_file();
    if let Some(folder) = one.parent() {
        fs::create_dir_all(folder).with_context(|| format!("could not make the folder {}", folder.display()))?;
    }
    fs::copy(paths::lookalike(), &one).with_context(|| format!("could not write {}", one.display()))?;
    // Puts the command without it back into its place, which is a matter of a second.
    build_native()
}

fn make(options: &args::Demo) -> Result<()> {
    let photos = photos(options)?;
    fs::create_dir_all(paths::demo()).context("could not make target/demo: is the folder writable?")?;
    let _lock = lock::hold(&paths::demo().join("lock"), "the demo")?;
    page_and_command()?;
    let mut build = run::command(paths::lookalike());
    build.arg("build").arg(&photos).arg("--out").arg(paths::site());
    build.arg("--page").arg(paths::page()).args(["--seed", SEED, "--compare-methods"]);
    if options.photos.is_none() {
        build.arg("--metadata").arg(photos.join("metadata.csv"));
        // Other collections are called what their folder is called, and do not wait for a training.
        build.args(["--title", "Lookalike demo"]).arg("--autoencoder").arg(autoencoder(&photos)?);
    }
    lookalike("site", "computing dist/ from photos and page", 60, &mut build)
}

/// An autoencoder to compare with, trained on the photos: again only where they, or the command, are others.
fn autoencoder(photos: &Path) -> Result<PathBuf> {
    let model = paths::demo().join("autoencoder");
    let mut fingerprint = Fingerprint::default();
    fingerprint.path(photos)?;
    fingerprint.path(&paths::lookalike())?;
    fingerprint.text(EPOCHS);
    let (fingerprint, stamp) = (fingerprint.finish(), Stamp::beside(&model));
    if stamp.says(&fingerprint) && model.is_dir() {
        progress::note("the autoencoder to compare with is up to date");
        return Ok(model);
    }
    stamp.remove()?;
    let mut train = run::command(paths::lookalike());
    train.arg("train").arg(photos).arg("--out").arg(&model).arg("--overwrite");
    train.args(["--epochs", EPOCHS, "--seed", SEED, "--device", "cpu"]);
    lookalike("autoencoder", "training what the encoder is compared with", 30, &mut train)?;
    stamp.write(&fingerprint)?;
    Ok(model)
}

/// Side by side: linking the page keeps one core busy for minutes, and the native side has work for the other.
fn page_and_command() -> Result<()> {
    thread::scope(|scope| {
        let page = scope.spawn(|| page::build(true));
        let native = build_native();
        match page.join() {
            Ok(page) => page.and(native),
            Err(_) => bail!("building the page has stopped by a mistake in this program"),
        }
    })
}

fn photos(options: &args::Demo) -> Result<PathBuf> {
    let folder = match &options.photos {
        // Relative to where the command was typed, which need not be the root.
        Some(folder) => std::path::absolute(folder)?,
        None => paths::root().join("training").join("demo"),
    };
    if !folder.is_dir() {
        bail!("there is no folder {}. Name the folder of your photos: --photos DIR", folder.display());
    }
    Ok(folder)
}

fn lookalike(name: &str, what: &str, seconds: u64, command: &mut Command) -> Result<()> {
    let mut stage = Stage::start(name, what, Some(seconds));
    // On a terminal the command draws a bar with a time of its own.
    let status = run::status(command, if progress::on_terminal() { None } else { Some(&mut stage) })?;
    match status.code() {
        Some(0) => {}
        Some(SOME_SKIPPED) => progress::note("some photos could not be read and were skipped; their names are above"),
        _ => bail!("{}\nended with {status}; its own words are above", run::shown(command)),
    }
    stage.done();
    Ok(())
}

/// Until Ctrl-C, which is how a server ends well.
fn serve(port: u16) -> Result<()> {
    progress::summary();
    let mut serve = run::command(paths::lookalike());
    serve.arg("serve").arg(paths::site()).args(["--port", &port.to_string()]);
    match run::status(&mut serve, None) {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => bail!(
            "the server could not go on; its own words are above.\nIf port {port} is taken: cargo xtask demo --port {}",
            if port < u16::MAX { port + 1 } else { 8080 }
        ),
        Err(error) if error.is::<run::Interrupted>() => Ok(()),
        Err(error) => Err(error),
    }
}
