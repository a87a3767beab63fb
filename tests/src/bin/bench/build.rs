//! The whole of `lookalike build` beside the same steps in Python, in turn.

use std::{collections::BTreeMap, path::Path, process::Command, time::Instant};

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use lookalike_tests::{command, root};

use super::report::{median, stamp};

/// How often each side builds.
const ROUNDS: usize = 3;

/// Seconds of each step, over the rounds.
type Steps = BTreeMap<String, Vec<f64>>;

/// Measures both in turn. `None`: there is nothing to compare with, which is said.
///
/// # Errors
/// A side that fails.
pub(crate) fn measure(photos: &Path, python: Option<&Path>, network: Option<&Path>) -> Result<Option<String>> {
    let (Some(python), Some(network)) = (python, network) else {
        eprintln!(
            "build is skipped: --python names a Python with what tests/bench/build.py needs, --peer-model its network"
        );
        return Ok(None);
    };
    let (mut ours, mut theirs, mut used) = (Steps::new(), Steps::new(), String::new());
    for round in 1..=ROUNDS {
        build(photos, &mut ours)?;
        used = rival(photos, python, network, &mut theirs)?;
        let last = |steps: &Steps| steps.get("everything").and_then(|all| all.last()).copied().unwrap_or_default();
        eprintln!("build, round {round} of {ROUNDS}: {:.0} s, Python {:.0} s", last(&ours), last(&theirs));
    }
    let sum = |steps: &mut Steps, names: &[&str]| {
        names.iter().filter_map(|&name| Some(median(steps.get_mut(name)?))).sum::<f64>()
    };
    let steps: [(&str, &[&str], &[&str]); 4] = [
        ("decode, encode, thumbnails", &["reading"], &["decode and thumbnails", "encode"]),
        ("k-means, k = 2 to 20, with silhouette", &["k-means"], &["k-means, k = 2 to 20"]),
        ("t-SNE", &["t-SNE"], &["t-SNE"]),
        ("**everything**", &["everything"], &["everything"]),
    ];
    let rows = steps.map(|(name, rust, python)| {
        let (rust, python) = (sum(&mut ours, rust), sum(&mut theirs, python));
        format!("| {name} | {python:.1} | {rust:.1} | {:.2} |\n", python / rust)
    });
    Ok(Some(format!(
        "{} The whole of `lookalike build --no-cache --clusters auto` and the same steps in Python (`tests/bench/build.py`), in turn, \
         {ROUNDS} rounds, medians of the clock: {used}, its network at 224 px.\n\n\
         | step | Python, s | ours, s | ratio |\n| --- | --: | --: | --: |\n{}",
        stamp(),
        rows.concat(),
    )))
}

/// One build from scratch; its steps say themselves how long they took.
fn build(photos: &Path, steps: &mut Steps) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (site, page) = (folder.path().join("site"), folder.path().join("page"));
    std::fs::create_dir(&page)?;
    std::fs::write(page.join("index.html"), "<!DOCTYPE html>")?;
    let mut command =
        command::command([Path::new("build"), photos, Path::new("--out"), &site, Path::new("--page"), &page]);
    command.args(["--no-cache", "--clusters", "auto"]);
    let started = Instant::now();
    let ended = command::end(&mut command)?;
    note(steps, "everything", started.elapsed().as_secs_f64());
    ensure!([0, 3].contains(&ended.code), "{}", ended.err);
    for line in ended.err.lines() {
        let seconds = line.rsplit_once(" (").and_then(|(_, end)| end.strip_suffix(" s)")?.parse().ok());
        if let (Some(step), Some(seconds)) = (line.split_whitespace().next(), seconds) {
            note(steps, step, seconds);
        }
    }
    Ok(())
}

/// One run of the script, and what it has used.
fn rival(photos: &Path, python: &Path, network: &Path, steps: &mut Steps) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let script = root().join("tests/bench/build.py");
    let started = Instant::now();
    let output = Command::new(python).arg(script).args([photos, network, folder.path()]).output()?;
    note(steps, "everything", started.elapsed().as_secs_f64());
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let report: Value = serde_json::from_slice(&output.stdout)?;
    for (step, seconds) in report["seconds"].as_object().into_iter().flatten() {
        note(steps, step, seconds.as_f64().unwrap_or(f64::NAN));
    }
    let versions = report["versions"].as_object().into_iter().flatten();
    let versions = versions.map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or_default()));
    Ok(format!("{} photos, {}", report["photos"], versions.collect::<Vec<_>>().join(", ")))
}

fn note(steps: &mut Steps, step: &str, seconds: f64) {
    steps.entry(step.to_owned()).or_default().push(seconds);
}
