//! A disk that is full or read-only: told by the name of what can't be written, and what was there stays.
//!
//! The disk is a file system in memory, a few hundred kilobytes large, that only the command sees.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(target_os = "linux")]

use std::{fs, path::PathBuf, process::Command};

use lookalike_tests::{
    command::{self, Ended, end},
    small::{path, small},
    whole::{contents, hidden},
};

/// Mounts it, fills it with what was there before, runs the command, and hands out what is there afterwards.
const SCRIPT: &str = r#"
disk=$1 before=$2 after=$3 room=$4 mode=$5
shift 5
mount -t tmpfs -o size=64m tmpfs "$disk" || exit 99
cp -a "$before/." "$disk/"
used=$(du -sk "$disk" | cut -f1)
case $mode in
  # A page more than is used: a size of 0 would be none.
  full) mount -o "remount,size=$((used + room + 4))k" "$disk" ;;
  closed) mount -o remount,ro "$disk" ;;
esac || exit 99
"$@"
code=$?
cp -a "$disk/." "$after/"
exit $code
"#;

/// How the file system is mounted for the command alone: as root as it is, else as root of a namespace.
fn namespace() -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["unshare", "-rm"], &["unshare", "-m"]];
    let works = |way: &&[&str]| {
        let mut probe = Command::new(way[0]);
        probe.args(&way[1..]).args(["sh", "-c", "mount -t tmpfs tmpfs /mnt"]).output().is_ok_and(|o| o.status.success())
    };
    let way = ways.into_iter().find(works);
    if way.is_none() {
        eprintln!("skipped: this machine lets nobody mount a file system of their own (unshare -rm)");
    }
    way
}

struct Disk {
    folder: tempfile::TempDir,
    way: &'static [&'static str],
}

impl Disk {
    fn new() -> Option<Self> {
        let disk = Self { folder: tempfile::tempdir().unwrap(), way: namespace()? };
        for name in ["disk", "before", "after"] {
            fs::create_dir(disk.path(name)).unwrap();
        }
        Some(disk)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the command on the disk with so many kilobytes left, or read-only.
    fn run(&self, room: Option<u32>, arguments: &[&str]) -> Ended {
        fs::remove_dir_all(self.path("after")).unwrap();
        fs::create_dir(self.path("after")).unwrap();
        let mut unshare = Command::new(self.way[0]);
        unshare.args(&self.way[1..]).args(["sh", "-c", SCRIPT, "sh"]);
        unshare.args(["disk", "before", "after"].map(|name| self.path(name)));
        unshare.arg(room.unwrap_or(0).to_string()).arg(if room.is_some() { "full" } else { "closed" });
        unshare.arg(std::path::absolute(command::path()).unwrap()).args(arguments).current_dir(self.folder.path());
        let ended = end(&mut unshare).unwrap();
        assert_ne!(ended.code, 99, "the disk can't be made: {}", ended.err);
        ended
    }

    /// The command has failed, said so in one sentence about this, and left everything as it was.
    fn assert_refused(&self, ended: &Ended, name: &str, what: &str) {
        assert_eq!(ended.code, 1, "{what}: {}", ended.err);
        let last = ended.err.lines().last().unwrap();
        let told = last.starts_with("lookalike: ") && last.contains(name) && last.contains("disk full");
        assert!(told && !ended.err.contains("panicked"), "{what}: {}", ended.err);
        assert!(contents(&self.path("before")) == contents(&self.path("after")), "{what}: something has changed");
        assert_eq!(hidden(&self.path("after")), Vec::<String>::new(), "{what}");
    }
}

/// Kilobytes left on the disk: the run fails at another stage each time.
const ROOMS: [u32; 7] = [0, 4, 16, 48, 96, 160, 240];

#[test]
fn a_build_that_finds_no_room_leaves_the_site_and_its_cache() {
    let Some(disk) = Disk::new() else { return };
    let (photos, model, page) = (path(small(), "photos"), path(small(), "model"), path(small(), "page"));
    let build = ["build", &photos, "--model", &model, "--page", &page, "--out", "disk/site"];
    // What was there before: a site of other options, and its cache.
    let ended = disk.run(Some(40_000), &[&build[..], &["--clusters", "3"]].concat());
    assert_eq!(ended.code, 0, "{}", ended.err);
    lookalike_tests::copy_folder(&disk.path("after"), &disk.path("before"));
    let (mut refused, mut built) = (0, 0);
    for room in ROOMS.into_iter().chain([20_000]) {
        let ended = disk.run(Some(room), &[&build[..], &["--clusters", "4"]].concat());
        if ended.code == 0 {
            built += 1;
            assert!(contents(&disk.path("after")) != contents(&disk.path("before")));
        } else {
            refused += 1;
            disk.assert_refused(&ended, "site", &format!("{room} kB"));
        }
    }
    assert!(refused >= 3 && built >= 1, "{refused} refused, {built} built");
    let ended = disk.run(None, &[&build[..], &["--clusters", "4"]].concat());
    disk.assert_refused(&ended, "site", "read-only");
}

#[test]
fn a_cache_that_finds_no_room_is_named() {
    let Some(disk) = Disk::new() else { return };
    let (photos, model, page) = (path(small(), "photos"), path(small(), "model"), path(small(), "page"));
    let build = ["build", &photos, "--model", &model, "--page", &page, "--out", "disk/site", "--large", "300"];
    for room in ROOMS {
        let ended = disk.run(Some(room), &build);
        assert_eq!(ended.code, 1, "{room} kB: {}", ended.err);
        assert!(ended.err.contains("site") && ended.err.contains("disk full"), "{room} kB: {}", ended.err);
        let left: Vec<_> = contents(&disk.path("after")).into_keys().collect();
        // What the cache has kept so far stays: the next run goes on from there.
        assert!(left.iter().all(|name| name.starts_with("site-cache")), "{room} kB: {left:?}");
        let again = disk.path("again");
        lookalike_tests::copy_folder(&disk.path("after"), &again);
        let site = again.join("site").display().to_string();
        let ended =
            command::run(["build", &photos, "--model", &model, "--page", &page, "--out", &site, "--large", "300"]);
        assert_eq!(ended.unwrap().code, 0, "{room} kB");
        fs::remove_dir_all(again).unwrap();
    }
}

#[test]
fn a_training_that_finds_no_room_says_so() {
    let Some(disk) = Disk::new() else { return };
    let photos = path(small(), "photos");
    lookalike_tests::copy_folder(&small().path("model"), &disk.path("before/old"));
    for (room, out) in ROOMS.into_iter().map(Some).chain([None]).map(|room| (room, "disk/new")) {
        let ended = disk.run(room, &["train", &photos, "--out", out, "--epochs", "2", "--device", "cpu"]);
        assert_eq!(ended.code, 1, "{room:?}: {}", ended.err);
        assert!(ended.err.contains("disk/new") && ended.err.contains("disk full"), "{room:?}: {}", ended.err);
        let left = contents(&disk.path("after"));
        for (name, bytes) in contents(&disk.path("before")) {
            assert!(left.get(&name) == Some(&bytes), "{room:?}: {} has changed", name.display());
        }
    }
    // A disk that can't be written keeps the model that was to be trained anew.
    let ended =
        disk.run(None, &["train", &photos, "--out", "disk/old", "--epochs", "2", "--device", "cpu", "--overwrite"]);
    assert!(ended.code == 1 && ended.err.contains("disk/old"), "{}", ended.err);
    assert!(contents(&disk.path("after")) == contents(&disk.path("before")));
}

#[test]
fn embeddings_that_find_no_room_leave_the_old_file() {
    let Some(disk) = Disk::new() else { return };
    let (photos, model) = (path(small(), "photos"), path(small(), "model"));
    for name in ["all.npy", "all.txt", "all.parquet"] {
        fs::write(disk.path("before").join(name), "old").unwrap();
    }
    for out in ["disk/all.npy", "disk/all.parquet"] {
        let mut arguments = vec!["embed", &photos, "--model", &model, "--out", out];
        arguments.extend(out.ends_with("parquet").then_some("--overwrite"));
        for room in [Some(0), Some(8), None] {
            let ended = disk.run(room, &arguments);
            disk.assert_refused(&ended, "disk/all.", &format!("{out} {room:?}"));
        }
    }
}
