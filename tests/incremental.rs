//! A site built again: only what is new is encoded, and the bytes are those of a build from scratch.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use lookalike_tests::{
    command::{self, Ended, run},
    demo_photos, files,
    small::done,
};
use lookalike_training::{
    cache::{Cache, Key},
    choice::Choice,
    device::NamedDevice,
    export, model,
    parts::Known,
    photos::{self, Skipped},
    reading::{self, Recipe},
};

/// A folder with photos and a stand-in page.
struct Work(tempfile::TempDir);

impl Work {
    fn new(class: &str, count: usize) -> Self {
        let work = Self(tempfile::tempdir().unwrap());
        for folder in ["photos/sub", "page"] {
            fs::create_dir_all(work.path(folder)).unwrap();
        }
        fs::write(work.path("page/index.html"), "<!DOCTYPE html>").unwrap();
        for (at, photo) in files(&demo_photos().join(class), &["jpg"]).iter().take(count).enumerate() {
            fs::copy(photo, work.photo(at)).unwrap();
        }
        work
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn photo(&self, at: usize) -> PathBuf {
        self.path(&format!("photos/{at:02}.jpg"))
    }

    fn cache(&self) -> PathBuf {
        self.path("site-cache/photos.cache")
    }

    fn arguments(&self, site: &str, options: &[&str]) -> Vec<String> {
        let [photos, site, page] = ["photos", site, "page"].map(|name| self.path(name).display().to_string());
        let fixed = ["build", &photos, "--out", &site, "--page", &page].map(str::to_owned);
        fixed.into_iter().chain(options.iter().map(|&option| option.to_owned())).collect()
    }

    fn build(&self, site: &str, options: &[&str]) -> Ended {
        run(self.arguments(site, options)).unwrap()
    }

    /// Asserts that the site holds what a build from scratch gives.
    fn as_from_scratch(&self, options: &[&str]) {
        let scratch = self.build("scratch", &[options, &["--no-cache"]].concat());
        assert!([0, 3].contains(&scratch.code), "{}", scratch.err);
        assert!(!self.path("scratch-cache").exists());
        let (ours, theirs) = (contents(&self.path("site")), contents(&self.path("scratch")));
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
        assert!(ours == theirs, "a file differs from that of a build from scratch");
    }
}

/// Every file below a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let below = contents(&path).into_iter();
            all.extend(below.map(|(name, bytes)| (Path::new(path.file_name().unwrap()).join(name), bytes)));
        } else {
            all.insert(path.file_name().unwrap().into(), fs::read(&path).unwrap());
        }
    }
    all
}

#[track_caller]
fn encoded(ended: &Ended, count: usize) {
    let words = format!(", {count} of them encoded");
    assert!(ended.err.contains(&words), "{words:?} is not in {}", ended.err);
}

#[track_caller]
fn says(ended: &Ended, words: &str) {
    assert!(ended.out.contains(words), "{words:?} is not in {}", ended.out);
}

#[test]
fn what_changed_alone_is_encoded_and_the_bytes_are_those_of_a_build_from_scratch() {
    // Over 64 photos the projection is fitted around their mean, and each photo moves it.
    let work = Work::new("birds", 30);
    for (at, photo) in files(&demo_photos().join("flowers"), &["jpg"]).iter().take(40).enumerate() {
        fs::copy(photo, work.photo(30 + at)).unwrap();
    }
    let count = files(&work.path("photos"), &["jpg"]).len();
    let first = work.build("site", &[]);
    done(&first);
    encoded(&first, count);
    assert!(!first.out.contains("as before"), "{}", first.out);
    let before = contents(&work.path("site/gallery/thumbs"));

    let again = work.build("site", &[]);
    encoded(&again, 0);
    says(&again, &format!("the same {count} photos"));

    let new = files(&demo_photos().join("galaxies"), &["jpg"]);
    fs::copy(&new[0], work.path("photos/new.jpg")).unwrap();
    fs::copy(&new[1], work.path("photos/sub/new.jpg")).unwrap();
    fs::copy(work.photo(2), work.path("photos/copy.jpg")).unwrap();
    fs::copy(&new[2], work.photo(5)).unwrap();
    fs::remove_file(work.photo(7)).unwrap();
    fs::rename(work.photo(9), work.path("photos/sub/other name.jpg")).unwrap();
    let changed = work.build("site", &[]);
    done(&changed);
    encoded(&changed, 3);
    says(&changed, &format!("+3 photos, 1 changed, 1 renamed, 1 removed; {} as before", count - 3));
    work.as_from_scratch(&[]);
    let after = contents(&work.path("site/gallery/thumbs"));
    let kept = before.iter().filter(|(name, bytes)| after.get(*name) == Some(bytes)).count();
    assert_eq!((kept, after.len()), (count - 2, count + 1), "unchanged photos keep their files");
}

#[test]
fn what_else_is_made_of_photos_comes_from_the_cache_too() {
    let work = Work::new("birds", 12);
    let options = ["--large", "320", "--compare-methods"];
    done(&work.build("site", &options));
    fs::remove_file(work.photo(0)).unwrap();
    let again = work.build("site", &options);
    encoded(&again, 0);
    work.as_from_scratch(&options);
    let other = work.build("site", &[]);
    encoded(&other, 11);
    assert!(other.err.contains("another encoder or other options"), "{}", other.err);
    work.as_from_scratch(&[]);
}

#[test]
fn a_damaged_cache_is_said_in_a_sentence_and_made_anew() {
    let work = Work::new("birds", 12);
    done(&work.build("site", &[]));
    let whole = fs::read(work.cache()).unwrap();
    // Photos come in whatever order they are encoded: only where the last one ends is the same in every run.
    let cut = whole.len() - 1;
    let mut flipped = whole.clone();
    flipped[cut] ^= 1;
    let mut old = whole.clone();
    old[8] = 0;
    let mut other_key = whole.clone();
    other_key[12] ^= 1;
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("a changed byte", flipped, "was damaged in 1 photo, read anew"),
        ("cut off", whole[..cut].to_vec(), "is cut off or damaged behind 11 photos"),
        ("nonsense", b"nonsense, and more of it than a header has".to_vec(), "is damaged; it is made anew"),
        ("empty", Vec::new(), ""),
        ("an older version", old, "is of another version of lookalike"),
        ("another encoder", other_key, "another encoder or other options"),
    ];
    for (name, bytes, words) in cases {
        fs::write(work.cache(), bytes).unwrap();
        let ended = work.build("site", &[]);
        done(&ended);
        assert!(ended.err.contains(words), "{name}: {}", ended.err);
        says(&ended, "the same 12 photos");
        let healed = work.build("site", &[]);
        encoded(&healed, 0);
        assert!(!healed.err.contains("cache  "), "{name}: {}", healed.err);
    }
    work.as_from_scratch(&[]);
    fs::remove_dir_all(work.path("site-cache")).unwrap();
    fs::write(work.path("site-cache"), "somebody else's").unwrap();
    let without = work.build("site", &[]);
    done(&without);
    assert!(without.err.contains("the build goes without it"), "{}", without.err);
    assert_eq!(fs::read_to_string(work.path("site-cache")).unwrap(), "somebody else's");
}

#[test]
fn a_photo_that_vanishes_or_is_cut_between_listing_and_reading_is_reported_and_skipped() {
    let work = Work::new("birds", 8);
    let found = photos::find(&work.path("photos"), &Skipped::default()).unwrap();
    fs::remove_file(work.photo(1)).unwrap();
    let whole = fs::read(work.photo(3)).unwrap();
    fs::write(work.photo(3), &whole[..whole.len() / 2]).unwrap();
    fs::write(work.photo(5), "").unwrap();
    let (device, file) = (NamedDevice::cpu(), Choice::Default.networks(None).unwrap().unwrap().encoder);
    let site = work.path("half");
    export::make_folders(&site, false).unwrap();
    let recipe = Recipe {
        encoder: &model::network(&file, &device.device).unwrap(),
        config: &file.config,
        device: &device.device,
        gpu: device.gpu,
        site: &site,
        large: None,
        miniatures: false,
        rival: None,
        known: &Known::default(),
    };
    let cache = Cache::temporary(&work.path("cache"), Key::new(&file, None, false, None, "CPU").unwrap()).unwrap();
    let skipped = Skipped::default();
    let read = reading::read(found, recipe, &cache, &skipped).unwrap();
    let names: Vec<_> = read.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(names, ["00.jpg", "02.jpg", "04.jpg", "06.jpg", "07.jpg"]);
    assert_eq!(skipped.count(), 3);
    // And what changes after it was read is not taken for what was read.
    assert!(read.photo(1).is_some());
    fs::copy(work.photo(0), work.photo(2)).unwrap();
    assert!(read.photo(1).is_none());
}

#[cfg(unix)]
#[test]
fn a_killed_build_keeps_what_it_has_encoded() {
    let work = Work::new("birds", 30);
    let count = files(&work.path("photos"), &["jpg"]).len();
    let mut command = command::command(work.arguments("site", &[]));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while fs::metadata(work.cache()).map_or(0, |file| file.len()) < 60_000 {
        assert!(started.elapsed() < Duration::from_secs(120), "nothing is written");
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!work.path("site").exists());
    let again = work.build("site", &[]);
    done(&again);
    let left = |count: usize| again.err.contains(&format!(", {count} of them encoded"));
    assert!((0..count - 2).any(left), "{}", again.err);
    work.as_from_scratch(&[]);
}
