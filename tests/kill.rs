//! `kill -9` and a full disk: the old output or none, never half.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::Duration,
};

use lookalike_tests::{
    command::{self, run},
    demo_photos,
};

/// Kills a run; enough to hit each stage, few enough for every test run.
const KILLS: u64 = 10;

fn prepare(folder: &Path, photos: usize) -> [PathBuf; 3] {
    let [source, page, model] = ["photos", "page", "model"].map(|name| folder.join(name));
    fs::create_dir_all(&source).unwrap();
    fs::create_dir_all(&page).unwrap();
    fs::write(page.join("index.html"), "<!DOCTYPE html>").unwrap();
    for photo in lookalike_tests::files(&demo_photos().join("birds"), &["jpg"]).iter().take(photos) {
        fs::copy(photo, source.join(photo.file_name().unwrap())).unwrap();
    }
    [source, page, model]
}

fn build(folder: &Path, [photos, page, model]: &[PathBuf; 3], clusters: &str) -> std::process::Command {
    let site = folder.join("site");
    let mut command = command::command([
        Path::new("build"),
        photos,
        Path::new("--out"),
        &site,
        Path::new("--model"),
        model,
        Path::new("--page"),
        page,
    ]);
    command.args(["--clusters", clusters]).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn is_whole(site: &Path) -> bool {
    run([Path::new("inspect"), site]).unwrap().code == 0
}

#[test]
fn a_killed_build_leaves_the_old_site_or_the_new() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = prepare(folder.path(), 40);
    let trained = run([
        Path::new("train"),
        &inputs[0],
        Path::new("--out"),
        &inputs[2],
        Path::new("--epochs"),
        Path::new("1"),
        Path::new("--device"),
        Path::new("cpu"),
    ]);
    assert_eq!(trained.unwrap().code, 0);
    let started = std::time::Instant::now();
    assert!(build(folder.path(), &inputs, "3").status().unwrap().success());
    let whole = started.elapsed();
    for kill in 1..=KILLS {
        let mut child = build(folder.path(), &inputs, if kill % 2 == 0 { "3" } else { "4" }).spawn().unwrap();
        thread::sleep(whole.mul_f64(kill as f64 / (KILLS as f64 - 0.5)).min(Duration::from_secs(60)));
        child.kill().unwrap();
        child.wait().unwrap();
        // Between the two renames there is none for a moment; the next run puts the old one back.
        let site = folder.path().join("site");
        assert!(is_whole(&site) || !site.exists(), "kill {kill}");
    }
    assert!(build(folder.path(), &inputs, "4").status().unwrap().success(), "a build after the kills works");
    assert!(is_whole(&folder.path().join("site")));
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().all(|name| !name.starts_with('.')), "nothing is left lying about: {names:?}");
}

#[test]
fn a_killed_training_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let [photos, _, _] = prepare(folder.path(), 40);
    let train = |model: &Path, options: &[&str]| {
        let mut command = command::command([
            Path::new("train"),
            &photos,
            Path::new("--out"),
            model,
            Path::new("--epochs"),
            Path::new("4"),
        ]);
        command.args(["--device", "cpu"]).args(options).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let [whole, killed] = ["whole", "killed"].map(|name| folder.path().join(name));
    let started = std::time::Instant::now();
    assert!(train(&whole, &[]).status().unwrap().success());
    let step = started.elapsed().mul_f64(0.4);
    for _ in 0..3 {
        let mut child = train(&killed, &["--resume"]).spawn().unwrap();
        thread::sleep(step);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(train(&killed, &["--resume"]).status().unwrap().success());
    assert_eq!(fs::read(whole.join("encoder.lka")).unwrap(), fs::read(killed.join("encoder.lka")).unwrap());
}

/// `/dev/full` refuses every byte, as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_the_old_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("file");
    fs::write(&target, "old").unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.path().join(".file.partial")).unwrap();
    let error = lookalike_training::output::write_atomic(&target, b"new").unwrap_err();
    assert!(error.to_string().contains("is the disk full"), "{error}");
    assert_eq!(fs::read_to_string(&target).unwrap(), "old");
}
