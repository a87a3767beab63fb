//! `cargo xtask bench build`: the whole of `lookalike build` beside the same steps in Python, in turn.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use lookalike_tests::{command, root};

/// How it is called.
pub(crate) const USAGE: &str = "\
build --photos DIR --python PYTHON --network FILE.onnx [--rounds N]

PYTHON has numpy, pillow, onnxruntime, scikit-learn and openTSNE; FILE.onnx is EfficientNet-Lite0 without its classifier.";

/// Seconds of each step, over the rounds.
type Steps = BTreeMap<String, Vec<f64>>;

/// Measures both in turn and prints a table.
///
/// # Errors
/// Options that are missing, or a side that fails.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let option = |name: &str| arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1));
    let needed = |name: &str| option(name).map(PathBuf::from).with_context(|| format!("{name} is missing\n\n{USAGE}"));
    let (photos, python, network) = (needed("--photos")?, needed("--python")?, needed("--network")?);
    let rounds = option("--rounds").map_or(Ok(3), |rounds| rounds.parse())?;
    let (mut ours, mut theirs) = (Steps::new(), Steps::new());
    for _ in 0..rounds {
        build(&photos, &mut ours)?;
        rival(&photos, &python, &network, &mut theirs)?;
    }
    println!("| step | Python, s | ours, s | ratio |\n| --- | --: | --: | --: |");
    let sum = |steps: &mut Steps, names: &[&str]| {
        names.iter().filter_map(|&name| Some(median(steps.get_mut(name)?))).sum::<f64>()
    };
    let rows: [(&str, &[&str], &[&str]); 4] = [
        ("decode, encode, thumbnails", &["decode and thumbnails", "encode"], &["reading"]),
        ("k-means, k = 2 to 20, with silhouette", &["k-means, k = 2 to 20"], &["k-means"]),
        ("t-SNE", &["t-SNE"], &["t-SNE"]),
        ("everything", &["everything"], &["everything"]),
    ];
    for (name, python, rust) in rows {
        let (python, rust) = (sum(&mut theirs, python), sum(&mut ours, rust));
        println!("| {name} | {python:.1} | {rust:.1} | {:.2} |", python / rust);
    }
    Ok(())
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

/// One run of the script beside this file.
fn rival(photos: &Path, python: &Path, network: &Path, steps: &mut Steps) -> Result<()> {
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
    eprintln!("{} photos, {}", report["photos"], report["versions"]);
    Ok(())
}

fn note(steps: &mut Steps, step: &str, seconds: f64) {
    steps.entry(step.to_owned()).or_default().push(seconds);
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
