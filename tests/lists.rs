//! Parts of photos that a list names, with their tags: what an engine over partitions of a folder needs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use lookalike::gallery::Gallery;
use lookalike_tests::{
    command::{self, Ended, run},
    small::{build, done, path, refused, small},
};
use lookalike_training::{
    parts::{Part, PartWriter, Row},
    site,
};

fn paths() -> Vec<String> {
    let gallery = Gallery::parse(&site::files(&small().path("site")).unwrap()).unwrap();
    let mut paths: Vec<_> = gallery.items.iter().map(|item| item.path.clone()).collect();
    paths.sort();
    paths
}

fn write(name: &str, text: &str) -> String {
    fs::write(small().path(name), text).unwrap();
    path(small(), name)
}

fn embed(part: &str, options: &[&str]) -> Ended {
    let [photos, model, part] = ["photos", "model", part].map(|name| path(small(), name));
    run(["embed", &photos, "--model", &model, "--out", &part].iter().chain(options)).unwrap()
}

fn rows(part: &Path) -> (Part, Vec<Row>) {
    let (part, mut rows) = (Part::open(part).unwrap(), Vec::new());
    let add = |row| {
        rows.push(row);
        Ok(())
    };
    part.rows(add).unwrap();
    (part, rows)
}

/// The files of a gallery; their names are hashes of what is in them.
fn gallery(site: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = fs::read_dir(small().path(site).join("gallery")).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().unwrap().into(), fs::read(path).unwrap()))
        .collect()
}

#[test]
fn parts_of_listed_photos_give_the_site_of_one_machine_with_its_tags() {
    let paths = paths();
    let tagged: String = paths.iter().step_by(3).map(|path| format!("{path},all; {}\n", &path[..1])).collect();
    let metadata = write("tags.csv", &format!("path,tags\n{tagged}"));
    done(&build(small(), "photos", "site-tagged", &["--metadata", &metadata]));
    // One list in a file, with an empty line, a path twice and another beginning; one on standard input.
    let (some, others) = paths.split_at(17);
    let list = write("list.txt", &format!("./{}\n\n{}\n{}\n", some[0], some.join("\n"), some[3]));
    done(&embed("listed/1.parquet", &["--files", &list, "--metadata", &metadata]));
    let [photos, model, part] = ["photos", "model", "listed/2.parquet"].map(|name| path(small(), name));
    let arguments = ["embed", &photos, "--model", &model, "--out", &part, "--files", "-", "--metadata", &metadata];
    let mut child = command::command(arguments).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(others.join("\n").as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let first = rows(&small().path("listed/1.parquet")).1;
    assert_eq!(first.iter().map(|row| &row.path).collect::<Vec<_>>(), some.iter().collect::<Vec<_>>());
    assert_eq!(first[0].tags, ["all".to_owned(), paths[0][..1].to_owned()]);
    assert!(first[1].tags.is_empty());
    done(&build(small(), "photos", "site-listed", &["--embeddings", &path(small(), "listed")]));
    assert!(gallery("site-listed") == gallery("site-tagged"), "the same names and bytes");
    assert!(gallery("site-listed") != gallery("site"));
    // What a file says of a photo at the build goes before the tags of its row.
    let other = write("other.csv", &format!("path,title,tags\n{},A title,new\n", paths[0]));
    done(&build(small(), "photos", "site-other", &["--embeddings", &path(small(), "listed"), "--metadata", &other]));
    let said = Gallery::parse(&site::files(&small().path("site-other")).unwrap()).unwrap();
    let item = |path: &str| said.items.iter().find(|item| item.path == path).unwrap().clone();
    assert_eq!((item(&paths[0]).name(), item(&paths[0]).tags()), ("A title", ["new".to_owned()].as_slice()));
    assert_eq!(item(&paths[3]).tags()[0], "all");
}

#[test]
fn other_tags_are_another_part() {
    let one = &paths()[0];
    let list = write("one.txt", one);
    done(&embed("one.parquet", &["--files", &list]));
    assert!(embed("one.parquet", &["--files", &list]).out.contains("already"));
    let metadata = write("one.csv", &format!("path,tags\n{one},a\n"));
    refused(&embed("one.parquet", &["--files", &list, "--metadata", &metadata]), &["--overwrite writes it anew"]);
    done(&embed("one.parquet", &["--files", &list, "--metadata", &metadata, "--overwrite"]));
    assert_eq!(rows(&small().path("one.parquet")).1[0].tags, ["a"]);
    // Tags that somebody has put there since are checked as any text is.
    let (part, mut rows) = rows(&small().path("one.parquet"));
    rows[0].tags = vec!["x".repeat(65)];
    let forged = small().path("forged.parquet");
    let mut writer = PartWriter::begin(&forged, &part.stamp).unwrap();
    writer.add(rows).unwrap();
    writer.finish(&forged, 0).unwrap();
    let built = build(small(), "photos", "never", &["--embeddings", &forged.display().to_string()]);
    refused(&built, &["forged.parquet", one, "has a tag of no letter, or of more than 64"]);
}

#[test]
fn lists_that_make_no_sense_are_refused() {
    let one = &paths()[0];
    let refuse = |text: &str, words: &[&str]| {
        let list = write("bad.txt", text);
        refused(&embed("never.parquet", &["--files", &list]), &[words, &["bad.txt"]].concat());
        assert!(!small().path("never.parquet").exists());
    };
    refuse("", &["names no photo"]);
    refuse("birds/nobody.jpg\n", &["names no photo", "skipped birds/nobody.jpg: not there"]);
    refuse(&format!("{one}\n../secret.jpg\n"), &["../secret.jpg leads out of"]);
    refuse("/etc/passwd.jpg\n", &["/etc/passwd.jpg leads out of"]);
    let list = write("some.txt", &format!("{one}\nbirds/nobody.jpg\nnotes.txt\n"));
    let ended = embed("some.parquet", &["--files", &list]);
    assert_eq!(ended.code, 3, "{}", ended.err);
    assert!(ended.err.contains("skipped birds/nobody.jpg: not there"), "{}", ended.err);
    assert!(ended.err.contains("skipped notes.txt: no photo by its name"), "{}", ended.err);
    assert_eq!(rows(&small().path("some.parquet")).1.len(), 1);
    refused(&embed("never.parquet", &["--files", &path(small(), "missing.txt")]), &["missing.txt", "No such file"]);
    let both = embed("never.parquet", &["--files", &list, "--part", "1/2"]);
    assert!(both.code == 2 && both.err.contains("--part"), "{}", both.err);
    let numpy = embed("listed.npy", &["--files", &list]);
    assert_eq!(numpy.code, 3, "{}", numpy.err);
    assert_eq!(fs::read_to_string(small().path("listed.txt")).unwrap(), format!("{one}\n"));
}
