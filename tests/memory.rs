//! The memory of a build: what it takes a photo, however many there are.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path, process::Stdio, thread, time::Duration};

use image::RgbImage;
use lookalike_tests::command;

/// What README promises, in bytes a photo.
const PROMISED: u64 = 60_000;

/// Small photos that differ.
fn photos(folder: &Path, count: u32) {
    fs::create_dir_all(folder).unwrap();
    for at in 0..count {
        let wave = |x: u32, step: u32| (x.wrapping_mul(step * (at + 1) % 251) ^ (at * 37)) as u8;
        let picture = RgbImage::from_fn(512, 384, |x, y| image::Rgb([wave(x, 3), wave(y, 5), wave(x + y, 7)]));
        picture.save(folder.join(format!("{at:05}.jpg"))).unwrap();
    }
}

/// The largest resident set of a build, in bytes.
fn peak(folder: &Path, count: u32) -> u64 {
    let [source, site, page] = ["photos", "site", "page"].map(|name| folder.join(format!("{count}/{name}")));
    photos(&source, count);
    fs::create_dir_all(&page).unwrap();
    fs::write(page.join("index.html"), "<!DOCTYPE html>").unwrap();
    let arguments = [Path::new("build"), &source, Path::new("--out"), &site, Path::new("--page"), &page];
    let mut child = command::command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0) * 1024);
        thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().success());
    peak
}

#[test]
fn memory_grows_by_no_more_than_is_promised_a_photo() {
    let folder = tempfile::tempdir().unwrap();
    let (few, many) = (100, 700);
    let [less, more] = [few, many].map(|count| peak(folder.path(), count));
    let each = more.saturating_sub(less) / u64::from(many - few);
    // One of these photos decoded is 590 kB, its pixels for the encoder 110 kB.
    assert!(each <= PROMISED, "{each} bytes a photo: {less} with {few}, {more} with {many}");
}
