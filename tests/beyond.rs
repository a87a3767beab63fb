//! Beyond one machine: the examples in training/parts, with Apache Spark and with Lance, where they are installed.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use lookalike_tests::{
    command::{self, Ended, end, run},
    demo_photos, files, root,
    small::done,
};
use lookalike_training::parts::{Part, Row};

/// The Python to run an example with, if it has what that needs.
fn python(module: &str) -> Option<String> {
    let python = std::env::var("LOOKALIKE_SPARK_PYTHON").ok();
    let has = |python: &String| {
        let import = Command::new(python).args(["-c", &format!("import {module}")]).output();
        import.is_ok_and(|output| output.status.success())
    };
    let found = python.filter(has);
    if found.is_none() {
        eprintln!("skipped: LOOKALIKE_SPARK_PYTHON names no Python that can import {module}");
    }
    found
}

fn example(python: &str, name: &str, arguments: &[&str]) -> Ended {
    end(Command::new(python).arg(root().join("training/parts").join(name)).args(arguments)).unwrap()
}

fn photos(folder: &Path) -> String {
    for class in ["birds", "castles-and-temples", "flowers"] {
        let target = folder.join("photos").join(class);
        fs::create_dir_all(&target).unwrap();
        for photo in files(&demo_photos().join(class), &["jpg"]).iter().take(10) {
            fs::copy(photo, target.join(photo.file_name().unwrap())).unwrap();
        }
    }
    folder.join("photos").display().to_string()
}

/// The command, which is killed in the middle of its work the first time that it is to write the second part.
fn deadly(folder: &Path) -> String {
    let (script, died) = (folder.join("lookalike"), folder.join("died"));
    let text = format!(
        "#!/bin/bash\ncase \" $* \" in *' 2/4 '*) if [ ! -e '{died}' ]; then\n\
         '{bin}' \"$@\" & sleep 0.3; touch '{died}'; kill -9 $!; kill -9 $$\nfi;; esac\nexec '{bin}' \"$@\"\n",
        died = died.display(),
        bin = fs::canonicalize(command::path()).unwrap().display(),
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    script.display().to_string()
}

fn contents(folder: &Path, below: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => contents(&path, below, found),
            false => {
                found.insert(path.strip_prefix(below).unwrap().display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
}

#[test]
fn spark_embeds_in_parts_tries_again_and_the_site_is_that_of_one_machine() {
    let Some(python) = python("pyspark") else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (photos, parts, page) = (photos(folder.path()), path("parts"), path("page"));
    fs::create_dir(&page).unwrap();
    fs::write(folder.path().join("page/index.html"), "<!DOCTYPE html>").unwrap();
    fs::write(folder.path().join("photos/broken.jpg"), "no photo").unwrap();
    let options = [&photos, &parts, "--count", "4", "--lookalike", &deadly(folder.path())];
    let spark = example(&python, "on_spark.py", &options);
    assert_eq!(spark.code, 3, "done, but a photo was skipped: {}", spark.err);
    assert!(spark.err.contains("skipped broken.jpg"), "{}", spark.err);
    assert!(spark.err.contains("Lost task") && folder.path().join("died").exists(), "a task died: {}", spark.err);
    assert_eq!(files(&folder.path().join("parts"), &["parquet"]).len(), 4);
    assert_eq!(fs::read_dir(&parts).unwrap().count(), 4, "and nothing of the one that died is left");
    let build = |site: &str, options: &[&str]| {
        let site = path(site);
        let fixed = ["build", &photos, "--out", &site, "--page", &page];
        let ended = run(fixed.iter().chain(options)).unwrap();
        assert_eq!(ended.code, 3, "{}", ended.err);
        let mut found = BTreeMap::new();
        contents(Path::new(&site), Path::new(&site), &mut found);
        (found, ended.err)
    };
    let (alone, _) = build("site", &[]);
    let (merged, said) = build("site-parts", &["--embeddings", &parts]);
    assert!(!said.contains("encoding"), "no photo is embedded again: {said}");
    assert!(alone.len() > 30 && alone == merged, "the same names and bytes");
}

#[test]
fn lance_finds_in_the_parts_what_their_embeddings_say() {
    let Some(python) = python("lance") else { return };
    let folder = tempfile::tempdir().unwrap();
    let photos = photos(folder.path());
    let (parts, database) = (folder.path().join("parts"), folder.path().join("photos.lance").display().to_string());
    let mut rows: Vec<Row> = Vec::new();
    for number in 1..=2 {
        let part = parts.join(format!("{number}.parquet"));
        done(&run(["embed", &photos, "--part", &format!("{number}/2"), "--out", &part.display().to_string()]).unwrap());
        let add = |row| {
            rows.push(row);
            Ok(())
        };
        Part::open(&part).unwrap().rows(add).unwrap();
    }
    assert_eq!(rows.len(), 30);
    for query in [&rows[3], &rows[21]] {
        let arguments = [&parts.display().to_string(), &database, "--like", &query.path, "-k", "5"];
        let ended = example(&python, "to_lance.py", &arguments);
        done(&ended);
        let similarity = |row: &Row| -> f32 {
            let [a, b] = [query, row].map(|row| row.embedding.as_deref().unwrap());
            a.iter().zip(b).map(|(a, b)| a * b).sum()
        };
        let mut nearest: Vec<_> = rows.iter().map(|row| (similarity(row), row.path.as_str())).collect();
        nearest.sort_by(|a, b| b.0.total_cmp(&a.0));
        let found: Vec<_> = ended.out.lines().map(|line| line.split_once(' ').unwrap()).collect();
        assert_eq!(found.len(), 5);
        for ((similarity, path), (cosine, expected)) in found.into_iter().zip(nearest) {
            assert_eq!(path, expected);
            assert!((similarity.parse::<f32>().unwrap() - cosine).abs() < 1e-3, "{similarity} {cosine}");
        }
    }
    let missing = example(&python, "to_lance.py", &[&parts.display().to_string(), &database, "--like", "no'thing.jpg"]);
    assert!(missing.code != 0 && missing.err.contains("is not in the table"), "{}", missing.err);
}
