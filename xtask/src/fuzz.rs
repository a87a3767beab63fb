//! `cargo xtask fuzz`: bytes that nobody would send, for everything that reads bytes from outside.
//!
//! The targets and libFuzzer are built by cargo-fuzz. Without a sanitizer, so that any stable compiler will do: the code is safe
//! Rust, in which an address sanitizer finds what a bounds check has told already; what it would be missed for, the limit of
//! a single allocation, is in the targets themselves (tests/fuzz/src/memory.rs). Numbers that overflow are findings.

use std::{fs, process::Command};

use anyhow::{Context as _, Result};

use crate::{args, install, paths, run, tools::CARGO_FUZZ};

/// Without a word of how long: this for each target.
const SECONDS: u64 = 20;

/// Something that reads bytes from outside.
struct Target {
    name: &'static str,
    /// The longest input, in bytes: enough for each branch, few enough to be quick.
    longest: usize,
    /// The folders that it begins with, in `tests`.
    seeds: &'static [&'static str],
    /// Whether it talks at each input.
    talks: bool,
}

const fn target(name: &'static str, longest: usize, seeds: &'static [&'static str]) -> Target {
    Target { name, longest, seeds, talks: false }
}

const TARGETS: [Target; 9] = [
    target("photo", 4096, &["fuzz/seeds/photo"]),
    target("entry", 4096, &["golden"]),
    target("cell", 4096, &["golden"]),
    target("files", 4096, &["golden"]),
    target("weights", 4096, &["golden", "fuzz/seeds/weights"]),
    target("codec", 4096, &["golden", "fuzz/seeds/codec"]),
    target("parts", 4096, &["fuzz/seeds/parts"]),
    Target { talks: true, ..target("cache", 2048, &["fuzz/seeds/cache"]) },
    target("address", 512, &["fuzz/seeds/address"]),
];

pub(crate) fn command(options: &args::Fuzz) -> Result<()> {
    if let Some(name) = options.target.as_deref().filter(|name| TARGETS.iter().all(|target| target.name != *name)) {
        let names = TARGETS.map(|target| target.name).join(", ");
        return Err(args::misuse(format!("`{name}` is no target; there are {names}.")));
    }
    let program = install::ensure(&CARGO_FUZZ)?;
    let fuzz = |words: &[&str]| {
        let mut fuzz = run::command(&program);
        fuzz.args(words).args(["--fuzz-dir", "tests/fuzz", "--sanitizer", "none", "--strip-dead-code=true"]);
        fuzz.env("CARGO_TARGET_DIR", paths::target().join("fuzz"));
        fuzz
    };
    run::stage("fuzz build", "building the targets, with every branch counted", Some(900), &mut fuzz(&["build"]))
        .context("the fuzz targets can't be built; libFuzzer needs a C++ compiler")?;
    for target in TARGETS.iter().filter(|target| options.target.as_deref().is_none_or(|name| name == target.name)) {
        let mut command = fuzz(&["run", target.name]);
        begin(&mut command, target, options)?;
        run::stage(&format!("fuzz {}", target.name), "as many inputs as there is time for", None, &mut command)
            .with_context(|| {
                format!("{} has found something: the input lies in tests/fuzz/artifacts/{0}", target.name)
            })?;
    }
    Ok(())
}

/// Where it begins, what it keeps, and when it ends.
fn begin(command: &mut Command, target: &Target, options: &args::Fuzz) -> Result<()> {
    let kept = paths::target().join("fuzz/corpus").join(target.name);
    fs::create_dir_all(&kept).with_context(|| format!("could not make the folder {}", kept.display()))?;
    command.arg(kept).args(target.seeds.iter().map(|folder| paths::root().join("tests").join(folder)));
    command.args(["--", "-rss_limit_mb=2048", "-malloc_limit_mb=64", "-timeout=20", "-print_final_stats=1"]);
    command.arg(format!("-max_len={}", target.longest));
    if target.talks {
        command.arg("-close_fd_mask=2");
    }
    if let Some(runs) = options.runs {
        command.arg(format!("-runs={runs}"));
    }
    if let Some(seconds) = options.seconds.or(options.runs.is_none().then_some(SECONDS)) {
        command.arg(format!("-max_total_time={seconds}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_run_and_begins_with_something() {
        let manifest = fs::read_to_string(paths::root().join("tests/fuzz/Cargo.toml")).unwrap();
        let built: Vec<_> =
            manifest.split("[[bin]]\nname = \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(built.len(), TARGETS.len());
        for target in &TARGETS {
            assert!(built.contains(&target.name), "{} is not built", target.name);
            for folder in target.seeds {
                let folder = paths::root().join("tests").join(folder);
                assert!(fs::read_dir(&folder).unwrap().next().is_some(), "{} is empty", folder.display());
            }
        }
    }
}
