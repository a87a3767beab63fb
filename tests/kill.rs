//! `kill -9` at any moment: what is there afterwards is the old state or the new one, to the last byte, and the next run
//! makes the new one of it.
//!
//! `LOOKALIKE_KILLS=100` kills each kind of run that often.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use lookalike::gallery::Stored as _;
use lookalike_tests::{
    command, demo_photos,
    whole::{contents, hidden},
};
use lookalike_training::checkpoint::Checkpoint;

type Contents = BTreeMap<PathBuf, Vec<u8>>;

/// Of each kind of run: enough to hit its stages, few enough for every test run.
fn kills() -> u32 {
    lookalike_tests::kills(6)
}

/// A folder with photos, a stand-in page and a model.
struct Work(tempfile::TempDir);

impl Work {
    fn new() -> Self {
        let work = Self(tempfile::tempdir().unwrap());
        for folder in ["photos", "page"] {
            fs::create_dir(work.path(folder)).unwrap();
        }
        fs::write(work.path("page/index.html"), "<!DOCTYPE html>").unwrap();
        for photo in lookalike_tests::files(&demo_photos().join("birds"), &["jpg"]).iter().take(30) {
            fs::copy(photo, work.path("photos").join(photo.file_name().unwrap())).unwrap();
        }
        work
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command::command(arguments);
        command.current_dir(self.0.path()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn train(&self) {
        assert!(self.command(&["train", "photos", "--out", "model", "--epochs", "1"]).status().unwrap().success());
    }

    /// Three photos come or go.
    fn change(&self) {
        for photo in lookalike_tests::files(&demo_photos().join("flowers"), &["jpg"]).iter().take(3) {
            let place = self.path("photos").join(photo.file_name().unwrap());
            if place.exists() { fs::remove_file(place).unwrap() } else { fs::copy(photo, place).map(drop).unwrap() }
        }
    }
}

/// Runs to the end, and tells how long that took.
fn whole(command: &mut Command) -> Duration {
    let started = Instant::now();
    assert!(command.status().unwrap().success(), "{command:?}");
    started.elapsed()
}

/// Kills a run at one of many moments, spread evenly however many there are (the golden ratio's multiples).
fn kill(command: &mut Command, number: u32, whole: Duration) {
    let mut child = command.spawn().unwrap();
    thread::sleep(whole.mul_f64((f64::from(number) * 0.618_034).fract() * 1.05));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Kills runs that each turn one state into the other, and back, `LOOKALIKE_KILLS` times; checks what is left each time.
fn kill_builds(options: &[&str]) {
    let work = Work::new();
    work.train();
    let arguments = ["build", "photos", "--out", "site", "--model", "model", "--page", "page"];
    let build = || work.command(&[&arguments[..], options].concat());
    let site = work.path("site");
    let mut states = Vec::new();
    let mut longest = Duration::ZERO;
    for _ in 0..2 {
        longest = longest.max(whole(&mut build()));
        states.push(contents(&site));
        work.change();
    }
    assert!(states[0] != states[1], "two states, or nothing is shown");
    // The folder of photos is as it was for the first state, the site is the second.
    let mut wanted = 0;
    let (mut old, mut new) = (0, 0);
    for number in 1..=kills() {
        kill(&mut build(), number, longest);
        assert!(site.exists(), "kill {number}: there is always a site");
        let left = contents(&site);
        let state = states.iter().position(|state| *state == left);
        let state = state.unwrap_or_else(|| panic!("kill {number} has left a site that is neither old nor new"));
        if state == wanted {
            new += 1;
            work.change();
            wanted = 1 - wanted;
        } else {
            old += 1;
        }
    }
    eprintln!("build {options:?}: {old} kills left the old site, {new} the new one");
    whole(&mut build());
    assert!(contents(&site) == states[wanted], "a build after the kills gives what one without them gives");
    assert_eq!(hidden(work.0.path()), Vec::<String>::new(), "nothing is left lying about");
}

/// Linux lets the old site and the new one change places; elsewhere there is none for a moment, and the next run heals that.
#[cfg(target_os = "linux")]
#[test]
fn a_killed_build_leaves_the_old_site_or_the_new() {
    kill_builds(&["--no-cache"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_incremental_build_leaves_the_old_site_or_the_new_and_is_gone_on_with() {
    kill_builds(&[]);
}

#[test]
fn a_killed_training_goes_on_and_ends_as_if_nothing_had_happened() {
    let work = Work::new();
    let train = |model: &str| {
        work.command(&["train", "photos", "--out", model, "--epochs", "4", "--device", "cpu", "--resume"])
    };
    let longest = whole(&mut train("whole"));
    let expected = contents(&work.path("whole"));
    let killed = work.path("killed");
    let mut finished = 0;
    for number in 1..=kills() {
        kill(&mut train("killed"), number, longest);
        if killed.exists() {
            check_model(&contents(&killed), &expected, number);
        }
        // A model that is finished is not touched again: the next kill begins another.
        if killed.join("encoder.lka").exists() {
            whole(&mut train("killed"));
            assert!(contents(&killed) == expected, "kill {number}");
            fs::remove_dir_all(&killed).unwrap();
            finished += 1;
        }
    }
    eprintln!("train: {finished} trainings were finished over the kills");
    whole(&mut train("killed"));
    assert!(contents(&killed) == expected, "a model over all kills is that of one run");
}

/// Each file is whole: a checkpoint can be read, and what is finished is what a run without kills leaves.
fn check_model(left: &Contents, expected: &Contents, number: u32) {
    for (name, bytes) in left {
        match name.to_str().unwrap() {
            "checkpoint.lka" => drop(Checkpoint::from_file(bytes, "checkpoint.lka").unwrap()),
            // Written out of sight, and not yet put in its place.
            name if name.starts_with('.') => assert!(name.ends_with(".partial"), "kill {number}: {name}"),
            _ => assert!(expected.get(name) == Some(bytes), "kill {number}: {}", name.display()),
        }
    }
}

#[test]
fn a_killed_embedding_leaves_the_old_file_or_the_new() {
    let work = Work::new();
    work.train();
    let embed = || work.command(&["embed", "photos", "--model", "model", "--out", "all.parquet", "--overwrite"]);
    let (mut states, mut longest) = (Vec::new(), Duration::ZERO);
    for _ in 0..2 {
        longest = longest.max(whole(&mut embed()));
        states.push(fs::read(work.path("all.parquet")).unwrap());
        work.change();
    }
    assert!(states[0] != states[1]);
    for number in 1..=kills() {
        kill(&mut embed(), number, longest);
        assert!(states.contains(&fs::read(work.path("all.parquet")).unwrap()), "kill {number}");
        work.change();
    }
    work.change();
    whole(&mut embed());
    let expected = states[usize::from(kills().is_multiple_of(2))].clone();
    assert!(fs::read(work.path("all.parquet")).unwrap() == expected, "the next run succeeds");
    assert_eq!(hidden(work.0.path()), Vec::<String>::new());
}
