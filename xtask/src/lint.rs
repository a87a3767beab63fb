//! `cargo xtask lint`: format and lints, for this machine and for the browser.

use anyhow::{Context as _, Result};

use crate::{deny, install, progress, run, tools::CARGO_DENY, wasm_target};

/// Two of the page's programs, which are all of its code: the third, for WebGPU, is the second with another device, and its
/// crates would be checked for minutes.
const WEB: [&str; 6] = ["--bin", "page", "--bin", "worker_cpu", "--features", "page,worker-cpu"];

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

pub(crate) fn format() -> Result<()> {
    wasm_target::ensure_component("rustfmt", "fmt")?;
    run::stage("format", "cargo fmt --check", None, run::cargo().args(["fmt", "--all", "--check"]))
        .context("some files are not formatted. `cargo fmt --all` formats them.")
}

/// In the release profile: build scripts and macros are then compiled once for lints and builds.
fn native() -> Result<()> {
    wasm_target::ensure_component("clippy", "clippy")?;
    let mut clippy = run::cargo();
    // All but the page in the command, which would have to be built for it.
    clippy.args(["clippy", "--release", "--workspace", "--all-targets", "--no-default-features"]);
    clippy.args(["--features", "lookalike/cpu,lookalike-training/gpu"]);
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
    let mut clippy = run::cargo();
    clippy.args(["clippy", "--release", "--package", "lookalike", "--target", wasm_target::TARGET]);
    clippy.args(WEB).args(["--", "-D", "warnings"]);
    run::stage("clippy web", "lints for the browser", Some(90), &mut clippy)
        .context("clippy found something in the page")
}
