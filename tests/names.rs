//! Names that nobody gives a photo in good faith: shown as text, or refused by name.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(target_os = "linux")]

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt as _, path::Path};

use lookalike_tests::{
    command::{self, run},
    small::{build, done, few, inspect, path, small},
};

/// Taken as they are.
const TAKEN: [&str; 14] = [
    "<script>alert(1)<",
    "\"><img src=x onerror=alert(1)>.jpg",
    "' onmouseover='x",
    "javascript:alert(1).jpg",
    "%2e%2e%2fpasswd.jpg",
    "&lt;b&gt;.jpg",
    "-rf.jpg",
    "=1+1.jpg",
    "..jpg",
    "CON.jpg",
    "a\\..\\b.jpg",
    "photo\u{202e}gpj.jpg",
    "#photo=x&mix=y?.jpg",
    "\u{1f600} e\u{301} \u{fe0f}.jpg",
];

/// Refused, each with a word of the reason.
const REFUSED: [(&[u8], &str); 5] = [
    (b"\xff\xfe.jpg", "no Unicode"),
    (b"two\nlines.jpg", "control character"),
    (b"\x1b[2J\x1b[31mred.jpg", "control character"),
    (b"bell\x07.jpg", "control character"),
    (b"\xc2\x9b1mc1.jpg", "control character"),
];

/// Photos with such names; a name without an extension gets one, and one is as long as a name can be.
fn hostile() -> usize {
    let photos = lookalike_tests::files(&few("good", 8), &["jpg"]);
    let folder = small().path("hostile");
    fs::create_dir_all(folder.join("<i>folder</i>")).unwrap();
    let long = format!("{}.jpg", "ü".repeat(125));
    let with_extension = |name: &str| if name.ends_with(".jpg") { name.to_owned() } else { format!("{name}.jpg") };
    let taken: Vec<_> = TAKEN.iter().map(|name| with_extension(name)).chain([long]).collect();
    for (at, name) in taken.iter().enumerate() {
        fs::copy(&photos[at % photos.len()], folder.join(name)).unwrap();
    }
    fs::copy(&photos[0], folder.join("<i>folder</i>").join(with_extension(TAKEN[0]))).unwrap();
    for (name, _) in REFUSED {
        fs::copy(&photos[1], folder.join(OsStr::from_bytes(name))).unwrap();
    }
    taken.len() + 1
}

/// Nothing that a terminal would obey.
fn assert_harmless(words: &str) {
    let obeyed =
        |letter: char| (letter.is_control() && !"\n\t".contains(letter)) || ('\u{202a}'..='\u{202e}').contains(&letter);
    assert!(!words.contains(obeyed), "{words:?}");
}

#[test]
fn hostile_names_are_shown_as_text_or_refused_by_name() {
    let small = small();
    let taken = hostile();
    let ended = build(small, "hostile", "site-hostile", &["--title", "<h1>\u{1b}]0;x\u{7}\"&"]);
    assert_eq!(ended.code, 3, "{}", ended.err);
    assert_harmless(&ended.err);
    assert_harmless(&ended.out);
    for (_, reason) in REFUSED {
        assert!(ended.err.contains(reason), "{reason}: {}", ended.err);
    }
    assert!(ended.err.contains("skipped two\\u000alines.jpg: its name holds a control character; rename it"));
    assert!(ended.err.contains(&format!("{} photos skipped", REFUSED.len())), "{}", ended.err);
    let site = small.path("site-hostile");
    assert_eq!(inspect(&site)["photos"], taken);

    // Their paths are in the gallery as they are; a query tells them, and its JSON holds them whole.
    let photo = lookalike_tests::files(&small.path("good"), &["jpg"]).remove(0);
    let told = run([Path::new("query"), &site, &photo]).unwrap();
    done(&told);
    assert_harmless(&told.out);
    let report = command::query(&site, &photo).unwrap();
    let found: Vec<_> = report["results"].as_array().unwrap().iter().map(|r| r["path"].as_str().unwrap()).collect();
    assert!(found.contains(&"<i>folder</i>/<script>alert(1)<.jpg"), "{found:?}");

    // The page about the gallery has them as text, in the title too.
    let about = fs::read_to_string(site.join("about.html")).unwrap();
    for markup in ["<script", "<img src=x", "<h1>\u{1b}", "<i>folder", "' onmouseover='"] {
        assert!(!about.contains(markup), "{markup}");
    }
}

#[test]
fn every_command_survives_hostile_names() {
    let small = small();
    hostile();
    let (photos, model) = (path(small, "hostile"), path(small, "model"));
    for arguments in [
        vec!["eval", &photos, "--model", &model],
        vec!["compare", &photos, "--model", &model],
        vec!["embed", &photos, "--model", &model, "--out", &path(small, "hostile.parquet")],
        vec!["embed", &photos, "--model", &model, "--out", &path(small, "hostile.npy")],
    ] {
        let ended = run(&arguments).unwrap();
        assert_eq!(ended.code, 3, "{arguments:?}: {}", ended.err);
        assert_harmless(&ended.err);
        assert_harmless(&ended.out);
    }
    // A name a line, and no line of a name.
    let names = fs::read_to_string(small.path("hostile.txt")).unwrap();
    assert!(names.lines().any(|name| name == "=1+1.jpg") && names.lines().count() == TAKEN.len() + 2, "{names}");
    // What it has written for others it reads itself, to the same site.
    let parts = path(small, "hostile.parquet");
    assert_eq!(build(small, "hostile", "site-of-parts", &["--embeddings", &parts]).code, 3);
    assert_eq!(build(small, "hostile", "site-of-photos", &[]).code, 3);
    let entry = |site: &str| fs::read(small.path(site).join("gallery/gallery.lka")).unwrap();
    assert_eq!(entry("site-of-parts"), entry("site-of-photos"));
}

#[test]
fn arguments_that_look_like_something_else_are_told_as_they_are() {
    let small = small();
    for argument in ["\u{1b}[2Jnowhere", "no\u{202e}where", "--", "-x"] {
        let ended = run(["build", argument, "--out", &path(small, "never")]).unwrap();
        assert!(ended.code == 2 || ended.code == 1, "{argument:?}: {}", ended.err);
        assert_harmless(&ended.err);
    }
    let odd = OsStr::from_bytes(b"\xff\xfe");
    let ended = run([OsStr::new("build"), odd, OsStr::new("--out"), OsStr::new("never")]).unwrap();
    assert_eq!(ended.code, 2, "{}", ended.err);
}
