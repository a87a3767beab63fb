//! What a visit may cost in bytes, in gzip as a static host sends it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, io::Write, path::Path, process::Command};

use flate2::{Compression, write::GzEncoder};
use lookalike_tests::{built_page, skipped};

/// The page's own program and scripts, without the engines.
const PAGE: usize = 150_000;

/// The same where there was no npm, and so no wasm-opt: nothing has been shortened.
const AS_LINKED: usize = 180_000;

/// As the program of that name packs it, which is what hosts' libraries do; where it is not there, a little more.
fn gzip(path: &Path) -> usize {
    if let Some(packed) =
        Command::new("gzip").arg("-9nc").arg(path).output().ok().filter(|ended| ended.status.success())
    {
        return packed.stdout.len();
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&fs::read(path).unwrap()).unwrap();
    encoder.finish().unwrap().len()
}

#[test]
fn the_pages_own_program_and_scripts_are_small() {
    if skipped() {
        return;
    }
    let files = fs::read_dir(built_page()).unwrap().map(|entry| entry.unwrap().path());
    let own = files.filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // What other people's pages include is none of this page's.
        let others = ["worker", "lookalike"].iter().any(|start| name.starts_with(start));
        !others && (name.ends_with(".js") || name.ends_with(".wasm"))
    });
    let sizes: Vec<_> = own.map(|path| (gzip(&path), path)).collect();
    assert!(sizes.iter().any(|(_, path)| path.ends_with("page_bg.wasm")));
    let sum: usize = sizes.iter().map(|(size, _)| size).sum();
    let has_npm = std::env::var_os("LOOKALIKE_AXE").is_some();
    let limit = if has_npm { PAGE } else { AS_LINKED };
    assert!(sum <= limit, "{sum} bytes after gzip, {limit} are the limit: {sizes:?}");
}
