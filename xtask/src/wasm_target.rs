//! The compiler's side of wasm: the target `wasm32-unknown-unknown` of one toolchain.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};

use crate::{paths, progress, run};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The toolchain that builds the page, where it is not the active one.
const OVERRIDE: &str = "LOOKALIKE_WASM_TOOLCHAIN";

/// Makes a command build with the page's toolchain.
pub(crate) fn apply(command: &mut Command) -> &mut Command {
    if let Some(name) = paths::set(OVERRIDE) {
        command.env("RUSTUP_TOOLCHAIN", name);
    }
    command
}

/// Does the page's toolchain have the target?
fn is_there() -> bool {
    has_target(apply(&mut run::command("rustc")))
}

/// Does the active toolchain have it, whichever builds the page?
pub(crate) fn is_active() -> bool {
    has_target(&mut run::command("rustc"))
}

fn has_target(rustc: &mut Command) -> bool {
    let folder = run::answer(rustc.args(["--print", "target-libdir", "--target", TARGET]));
    folder.is_some_and(|folder| PathBuf::from(folder).is_dir())
}

/// The compiler, in words: a part of what the page is made from.
pub(crate) fn compiler() -> String {
    run::answer(apply(run::command("rustc").arg("-vV"))).unwrap_or_default()
}

pub(crate) fn ensure() -> Result<()> {
    if is_there() {
        return Ok(());
    }
    if run::answer(run::command("rustup").arg("--version")).is_none() {
        bail!(
            "this Rust cannot build for the browser: the target {TARGET} is missing, and so is rustup, which installs \
             it.\nEither install Rust with rustup (https://rustup.rs), or add the target with whatever installed this \
             Rust (on Debian and Fedora a package with `wasm32` in its name). Then run the same command again."
        );
    }
    let added = run::stage(
        "wasm target",
        "adding the compiler's browser target with rustup",
        Some(5),
        apply(run::command("rustup").args(["target", "add", TARGET])),
    );
    match added {
        Ok(()) if is_there() => Ok(()),
        Ok(()) => bail!(
            "rustup added {TARGET}, but `rustc --print target-libdir --target {TARGET}` does not show it: the rustc on \
             PATH is not the one rustup cares for. Put ~/.cargo/bin first on PATH and run the same command again."
        ),
        Err(error) if error.is::<run::Interrupted>() => Err(error),
        Err(error) => Err(error.context(format!(
            "rustup could not add the target {TARGET}; the network or a read-only toolchain is the usual cause.\nRun \
             `rustup target add {TARGET}` by hand. If another installed toolchain has the target, name it: \
             {OVERRIDE}=NAME"
        ))),
    }
}

/// A component of the active toolchain, such as clippy.
pub(crate) fn ensure_component(component: &str, subcommand: &str) -> Result<()> {
    if run::answer(run::cargo().args([subcommand, "--version"])).is_some() {
        return Ok(());
    }
    progress::note(&format!("{component} is missing: asking rustup for it"));
    run::stage(component, "rustup component add", None, run::command("rustup").args(["component", "add", component]))
        .map_err(|error| error.context(format!("run `rustup component add {component}` by hand, then try again")))
}
