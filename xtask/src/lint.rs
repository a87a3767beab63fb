//! `cargo xtask lint`: format and lints, for this machine and for the browser.

use anyhow::{Context as _, Result};

use crate::{deny, install, progress, run, tools::CARGO_DENY, wasm_target};

/// The page's programs and the feature each is built with.
const WEB_PROGRAMS: [(&str, &str); 3] =
    [("page", "page"), ("worker_cpu", "worker-cpu"), ("worker_webgpu", "worker-webgpu")];

pub(crate) fn command() -> Result<()> {
    all()?;
    if install::find(&CARGO_DENY)?.is_some() {
        return deny::command();
    }
    progress::note("cargo-deny is not installed; `cargo xtask deny` installs and runs it");
    Ok(())
}

pub(crate) fn all() -> Result<()> {
    format()?;
    native()?;
    web()
}

fn format() -> Result<()> {
    wasm_target::ensure_component("rustfmt", "fmt")?;
    run::stage("format", "cargo fmt --check", None, run::cargo().args(["fmt", "--all", "--check"]))
        .context("some files are not formatted. `cargo fmt --all` formats them.")
}

/// In the release profile: build scripts and macros are then compiled once for lints and builds.
fn native() -> Result<()> {
    wasm_target::ensure_component("clippy", "clippy")?;
    let mut clippy = run::cargo();
    clippy.args(["clippy", "--release", "--workspace", "--all-targets", "--features", "lookalike/cpu"]);
    clippy.args(["--", "-D", "warnings"]);
    run::stage("clippy", "lints for this machine", Some(120), &mut clippy).context("clippy found something")
}

/// With the active toolchain: another one that builds the page may have no clippy.
fn web() -> Result<()> {
    wasm_target::ensure()?;
    if !wasm_target::is_active() {
        progress::note("no lints for the browser: the active toolchain has no wasm target");
        return Ok(());
    }
    for (program, feature) in WEB_PROGRAMS {
        let mut clippy = run::cargo();
        clippy.args(["clippy", "--release", "--package", "lookalike", "--target", wasm_target::TARGET]);
        clippy.args(["--bin", program, "--features", feature, "--", "-D", "warnings"]);
        run::stage(&format!("clippy {program}"), "lints for the browser", Some(60), &mut clippy)
            .with_context(|| format!("clippy found something in the browser's {program}"))?;
    }
    Ok(())
}
