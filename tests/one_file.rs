//! The command that holds the page: a site of some photos, with nothing beside it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use lookalike_tests::{
    built_page,
    command::{self, Ended, end},
    configured, contents, files,
    small::{done, few, refused, small},
};

/// The command as a stranger has it: one file in a folder of its own, with no variable set.
fn alone(bin: &Path, folder: &Path) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let copy = folder.join(bin.file_name().unwrap());
    command::copy(bin, &copy).unwrap();
    copy
}

fn build(bin: &Path, photos: &Path, site: &Path, options: &[&str]) -> Ended {
    let mut command = Command::new(bin);
    command.env_clear().current_dir(bin.parent().unwrap());
    // A folder for locks, which Windows has no other name for.
    std::env::var_os("SystemRoot").map(|root| command.env("SystemRoot", root));
    end(command.arg("build").arg(photos).arg("--out").arg(site).args(options)).unwrap()
}

#[test]
fn the_command_alone_makes_the_site_that_it_makes_with_the_built_page() {
    if lookalike_tests::skipped() {
        return;
    }
    let photos = few("one-file/photos", 12);
    let folder = small().path("one-file");
    let bin = alone(&configured("LOOKALIKE_ONE_FILE", "target/one-file/lookalike"), &folder.join("bin"));
    let version = end(Command::new(&bin).arg("--version")).unwrap();
    let index = fs::read_to_string(built_page().join("index.html")).unwrap();
    let page: String = index.split("?v=").nth(1).unwrap().chars().take(12).collect();
    assert!(version.out.contains(&format!("with the page {page}")), "{}", version.out);

    let [own, named] = ["own", "named"].map(|name| folder.join(name));
    done(&build(&bin, &photos, &own, &["--title", "Few"]));
    let page = built_page().display().to_string();
    done(&build(&bin, &photos, &named, &["--title", "Few", "--page", &page]));
    let (own_files, named_files) = (contents(&own), contents(&named));
    assert_eq!(own_files.keys().collect::<Vec<_>>(), named_files.keys().collect::<Vec<_>>());
    assert!(own_files == named_files, "the same bytes");
    assert!(own.join("worker_webgpu_bg.wasm").exists() && !files(&own.join("samples"), &["jpg"]).is_empty());
    assert!(!own.join("guide").exists(), "the user guide is the project's, not the site's");
    // Built again, by either: the page's files belong to the site.
    done(&build(&bin, &photos, &named, &["--title", "Few"]));
    fs::write(named.join("notes.txt"), "mine").unwrap();
    refused(&build(&bin, &photos, &named, &[]), &["notes.txt", "not part of the site"]);
}

#[test]
fn a_command_without_the_page_says_so_and_how_to_go_on() {
    let photos = few("no-page/photos", 3);
    let folder = small().path("no-page");
    // Two levels deep: no page lies beside it, or above it.
    let bin = alone(&command::path(), &folder.join("some/bin"));
    let version = end(Command::new(&bin).arg("--version")).unwrap();
    assert!(version.out.contains("without a page"), "{}", version.out);
    let ended = build(&bin, &photos, &folder.join("site"), &[]);
    refused(&ended, &["built without the page", "cargo install --locked --path training", "--page DIR"]);
    assert_eq!(ended.err.lines().count(), 1, "one sentence: {}", ended.err);
    let missing = folder.join("missing").display().to_string();
    refused(&build(&bin, &photos, &folder.join("site"), &["--page", &missing]), &["missing", "index.html"]);
    assert!(!folder.join("site").exists());
}
