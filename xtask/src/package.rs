//! `cargo xtask package`: the command as packages for npm and Python's tools, in `target/packages`.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result};

use crate::{args, demo, install, page, paths, progress, run};

/// All crates of the workspace have one version, the packages too.
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(crate) fn command(options: &args::Package) -> Result<()> {
    match &options.binary {
        Some(binary) => pack(&std::path::absolute(binary)?, &options.target.clone().map_or_else(host, Ok)?)?,
        None => {
            page::build(true)?;
            demo::build_one_file()?;
            pack(&paths::one_file(), &host()?)?;
        }
    }
    eprintln!("The packages are in {}", paths::packages().display());
    Ok(())
}

/// Packs a command that was built for a target. What this machine can't pack, it says.
pub(crate) fn pack(binary: &Path, target: &str) -> Result<()> {
    install::remove_folder(&paths::packages())?;
    fs::create_dir_all(paths::packages()).context("could not make target/packages: is the folder writable?")?;
    let scripts = paths::root().join("training").join("packages");
    let npm = run::answer(run::command(install::script("npm")).arg("--version"));
    let python = run::answer(python().arg("--version"));
    for (tool, there, script, mut packer) in [
        ("npm", npm, scripts.join("npm").join("pack.mjs"), run::command("node")),
        ("Python", python, scripts.join("pypi").join("wheel.py"), self::python()),
    ] {
        if there.is_none() {
            progress::note(&format!("no package for {tool}: it is not installed"));
            continue;
        }
        packer.arg(script).arg("--binary").arg(binary).args(["--target", target, "--version", VERSION]);
        packer.arg("--out").arg(paths::packages());
        run::stage("package", &format!("packing the command for {tool}"), Some(4), &mut packer)
            .with_context(|| format!("could not make the package for {tool}"))?;
    }
    Ok(())
}

fn python() -> Command {
    run::command(if cfg!(windows) { "python" } else { "python3" })
}

/// The target that this machine's compiler builds for by itself.
pub(crate) fn host() -> Result<String> {
    let said = run::answer(run::command("rustc").arg("-vV")).context("rustc does not say what it builds for")?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not name its host")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_a_target_that_both_scripts_know() {
        let host = host().unwrap();
        for script in ["npm/pack.mjs", "pypi/wheel.py"] {
            let path = paths::root().join("training").join("packages").join(script);
            assert!(fs::read_to_string(path).unwrap().contains(&format!("\"{host}\": ")), "{script}: {host}");
        }
    }
}
