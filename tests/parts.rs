//! Embeddings as Parquet: any number of parts gives the site of one machine, and what is wrong with one is told.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use lookalike_tests::{
    command::{self, Ended, run},
    demo_photos, files,
    small::{done, refused},
};
use lookalike_training::{
    choice::Choice,
    parts::{Part, PartWriter, Row, Stamp},
    photos::Content,
};

/// A folder with 24 photos of two classes, a stand-in page, and what the default encoder says of them: its site, and one part.
struct Folder(tempfile::TempDir);

impl Folder {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// A copy of the photos, to change.
    fn photos(&self, name: &str) -> PathBuf {
        for class in ["birds", "flowers"] {
            let target = self.path(name).join(class);
            fs::create_dir_all(&target).unwrap();
            for photo in files(&demo_photos().join(class), &["jpg"]).iter().take(12) {
                fs::copy(photo, target.join(photo.file_name().unwrap())).unwrap();
            }
        }
        self.path(name)
    }

    fn embed(&self, photos: &str, part: &str, options: &[&str]) -> Ended {
        run(["embed", &self.name(photos), "--out", &self.name(part)].iter().chain(options)).unwrap()
    }

    fn build(&self, photos: &str, site: &str, options: &[&str]) -> Ended {
        let (photos, site, page) = (self.name(photos), self.name(site), self.name("page"));
        let fixed = ["build", &photos, "--out", &site, "--page", &page, "--title", "Photos", "--large", "320"];
        run(fixed.iter().chain(options)).unwrap()
    }

    /// The site of these photos and this part, which is refused for these reasons.
    fn refuses(&self, part: &str, words: &[&str]) {
        refused(&self.build("photos", "never", &["--embeddings", &self.name(part)]), words);
        assert!(!self.path("never").exists());
    }
}

fn folder() -> &'static Folder {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.photos("photos");
        fs::create_dir(folder.path("page")).unwrap();
        fs::write(folder.path("page/index.html"), "<!DOCTYPE html>").unwrap();
        done(&folder.build("photos", "site", &[]));
        done(&folder.embed("photos", "whole.parquet", &[]));
        folder
    })
}

/// Every file of a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(contents(&path)),
            false => drop(found.insert(path.clone(), fs::read(path).unwrap())),
        }
    }
    found
}

#[track_caller]
fn assert_same(site: &Path, other: &Path) {
    let relative = |site: &Path| -> BTreeMap<PathBuf, Vec<u8>> {
        contents(site).into_iter().map(|(path, bytes)| (path.strip_prefix(site).unwrap().to_owned(), bytes)).collect()
    };
    let (site, other) = (relative(site), relative(other));
    assert_eq!(site.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    let differing: Vec<_> = site.iter().filter(|(path, bytes)| other[*path] != **bytes).map(|(path, _)| path).collect();
    assert!(differing.is_empty() && site.len() > 30, "{differing:?}");
}

fn rows(part: &Path) -> Vec<Row> {
    let mut rows = Vec::new();
    let add = |row| {
        rows.push(row);
        Ok(())
    };
    Part::open(part).unwrap().rows(add).unwrap();
    rows
}

/// A part as the command writes it, except for what `change` does.
fn forged(name: &str, change: impl FnOnce(&mut Stamp, &mut Vec<Row>)) {
    let (mut stamp, mut rows) =
        (Part::open(&folder().path("whole.parquet")).unwrap().stamp, rows(&folder().path("whole.parquet")));
    change(&mut stamp, &mut rows);
    let path = folder().path(name);
    let mut writer = PartWriter::begin(&path, &stamp).unwrap();
    writer.add(rows).unwrap();
    writer.finish(&path, 0).unwrap();
}

#[test]
fn any_number_of_parts_gives_the_site_of_one_machine() {
    let folder = folder();
    for count in [1, 2, 5] {
        let mut photos = 0;
        for number in 1..=count {
            let part = format!("{count}/{number}.parquet");
            done(&folder.embed("photos", &part, &["--part", &format!("{number}/{count}")]));
            photos += rows(&folder.path(&part)).len();
        }
        assert_eq!(photos, 24);
        let site = format!("site-{count}");
        let built = folder.build("photos", &site, &["--embeddings", &folder.name(&count.to_string())]);
        done(&built);
        assert!(!built.err.contains("encoding"), "no photo is embedded again: {}", built.err);
        assert_same(&folder.path("site"), &folder.path(&site));
    }
}

#[test]
fn a_model_of_ones_own_works_as_well_and_files_may_be_named() {
    let folder = folder();
    let (photos, model) = (folder.name("photos"), folder.name("model"));
    done(&run(["train", &photos, "--out", &model, "--epochs", "1", "--device", "cpu"]).unwrap());
    let parts = [1, 2].map(|number| {
        let part = format!("own-{number}.parquet");
        done(&folder.embed("photos", &part, &["--model", &model, "--part", &format!("{number}/2")]));
        folder.name(&part)
    });
    done(&folder.build("photos", "site-own", &["--model", &model]));
    done(&folder.build("photos", "site-own-parts", &["--model", &model, "--embeddings", &parts[0], &parts[1]]));
    assert_same(&folder.path("site-own"), &folder.path("site-own-parts"));
    // The default encoder's site can't be made of them.
    folder.refuses("own-1.parquet", &["own-1.parquet", "another encoder", "--model"]);
}

#[test]
fn a_row_holds_what_is_said_of_a_photo() {
    let path = folder().path("whole.parquet");
    let rows = rows(&path);
    let paths: Vec<_> = rows.iter().map(|row| row.path.as_str()).collect();
    assert!(paths.is_sorted() && paths[0].starts_with("birds/") && paths[23].starts_with("flowers/"));
    let photo = fs::read(folder().path("photos").join(paths[5])).unwrap();
    let (width, height) = image::load_from_memory(&photo).unwrap().to_rgb8().dimensions();
    assert_eq!((rows[5].size, rows[5].hash), ([width, height], Content::of(&photo)));
    let config = Choice::Default.networks(None).unwrap().unwrap().encoder.config;
    let embedding = rows[5].embedding.as_ref().unwrap();
    assert_eq!((embedding.len(), rows[5].features.len()), (usize::from(config.width), config.feature_width()));
    assert!((embedding.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-4 && rows[5].tags.is_empty());
}

#[test]
fn what_has_changed_since_is_embedded_here_and_said() {
    let folder = folder();
    let photos = folder.photos("changing");
    done(&folder.embed("changing", "changing.parquet", &[]));
    let all = files(&photos.join("birds"), &["jpg"]);
    let more = files(&demo_photos().join("birds"), &["jpg"]);
    fs::remove_file(&all[0]).unwrap();
    fs::copy(&more[20], &all[1]).unwrap();
    fs::copy(&more[21], photos.join("new.jpg")).unwrap();
    fs::write(photos.join("broken.jpg"), "no photo").unwrap();
    let parts = ["--embeddings", &folder.name("changing.parquet")];
    let built = folder.build("changing", "site-changing-parts", &parts);
    assert_eq!(built.code, 3, "a photo was skipped: {}", built.err);
    let name = |path: &PathBuf| format!("birds/{}", path.file_name().unwrap().to_str().unwrap());
    for (what, photo) in
        [("left out", name(&all[0])), ("changed since", name(&all[1])), ("without a row", "new.jpg".to_owned())]
    {
        let said =
            built.out.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}: {}", built.out));
        assert!(said.contains("embeddings   1 ") && said.ends_with(&photo), "{said}");
    }
    assert_eq!(folder.build("changing", "site-changing", &[]).code, 3);
    assert_same(&folder.path("site-changing"), &folder.path("site-changing-parts"));
}

#[test]
fn a_part_that_is_there_is_left_and_nothing_else_is_replaced_unasked() {
    let folder = folder();
    folder.photos("kept");
    fs::write(folder.path("kept/broken.jpg"), "no photo").unwrap();
    let embed = |options: &[&str]| folder.embed("kept", "kept.parquet", options);
    let first = embed(&[]);
    assert_eq!((first.code, first.err.contains("skipped broken.jpg")), (3, true), "{}", first.err);
    let bytes = || fs::read(folder.path("kept.parquet")).unwrap();
    let (before, modified) = (bytes(), fs::metadata(folder.path("kept.parquet")).unwrap().modified().unwrap());
    let again = embed(&[]);
    assert_eq!((again.code, again.out.contains("24 photos in")), (3, true), "{}", again.out);
    assert_eq!(fs::metadata(folder.path("kept.parquet")).unwrap().modified().unwrap(), modified);
    refused(&embed(&["--part", "1/2"]), &["of other photos", "--overwrite"]);
    refused(&embed(&["--side", "128"]), &["by another encoder", "--overwrite"]);
    fs::write(folder.path("kept.parquet"), "a thesis").unwrap();
    refused(&embed(&[]), &["kept.parquet", "--overwrite"]);
    assert_eq!(bytes(), b"a thesis");
    assert_eq!(embed(&["--overwrite"]).code, 3);
    assert_eq!(bytes(), before, "the same photos give the same bytes");
}

#[test]
fn options_that_do_not_fit_are_refused() {
    let folder = folder();
    refused(&folder.embed("photos", "x.npy", &["--part", "1/2"]), &[".parquet"]);
    refused(&folder.embed("photos", "x.parquet", &["--part", "3/2"]), &["2/5"]);
    refused(&folder.embed("photos", "x.parquet", &["--model", "autoencoder"]), &["lookalike train"]);
    refused(&folder.embed("nothing", "x.parquet", &[]), &["does not exist"]);
    folder.refuses("gone.parquet", &["gone.parquet", "do not exist"]);
    folder.refuses("page", &["holds no .parquet", "lookalike embed"]);
}

#[test]
fn parts_that_can_not_be_used_are_named_with_the_way_on() {
    let whole = fs::read(folder().path("whole.parquet")).unwrap();
    let damaged = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        fs::write(folder().path(name), bytes).unwrap();
    };
    let place = |words: &str| whole.windows(words.len()).position(|window| window == words.as_bytes()).unwrap();
    damaged("cut.parquet", &|bytes| bytes.truncate(whole.len() / 2));
    folder().refuses("cut.parquet", &["cut.parquet", "cut off", "embed its photos again"]);
    damaged("empty.parquet", &Vec::clear);
    folder().refuses("empty.parquet", &["empty.parquet", "cut off"]);
    damaged("altered.parquet", &|bytes| bytes[whole.len() / 2] ^= 1);
    folder().refuses("altered.parquet", &["altered.parquet", "damaged"]);
    // The key, a byte of type and one of length, then the text.
    let version = place("lookalike.version") + "lookalike.version".len() + 2;
    damaged("old.parquet", &|bytes| bytes[version] = b'9');
    folder().refuses("old.parquet", &["old.parquet", "version 9", "version 1"]);
    damaged("foreign.parquet", &|bytes| bytes[place("lookalike.version")] = b'x');
    folder().refuses("foreign.parquet", &["foreign.parquet", "lookalike embed"]);
}

#[test]
fn no_damage_is_taken_for_a_part() {
    let whole = fs::read(folder().path("whole.parquet")).unwrap();
    let path = folder().path("spoilt.parquet");
    let read = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let mut read = Vec::new();
        let add = |row| {
            read.push(row);
            Ok(())
        };
        Part::open(&path)?.rows(add).map(|()| read)
    };
    let rows = read(&whole).unwrap();
    for at in 0..60 {
        assert!(read(&whole[..whole.len() * at / 60]).is_err(), "cut {at}");
    }
    // All over the file, and closely at its end, which says where everything is.
    for place in (0..100).map(|at| whole.len() * at / 100).chain(whole.len() - 1500..whole.len()) {
        let mut spoilt = whole.clone();
        spoilt[place] ^= 0x55;
        assert!(read(&spoilt).map_or(true, |spoilt| spoilt == rows), "other rows with another byte at {place}");
    }
}

#[test]
fn numbers_that_are_no_embedding_are_named_by_photo() {
    let name = rows(&folder().path("whole.parquet"))[3].path.clone();
    let forge = |file: &str, change: &dyn Fn(&mut Row), words: &str| {
        forged(file, |_, rows| change(&mut rows[3]));
        folder().refuses(file, &[file, &name, words]);
    };
    forge("nan.parquet", &|row| row.features[7] = f32::NAN, "holds NaN");
    forge("infinite.parquet", &|row| row.features[7] = f32::INFINITY, "holds inf");
    forge("zero.parquet", &|row| row.features.fill(0.0), "all zero");
    forge("null.parquet", &|row| row.embedding = None, "embedding");
    forge("nan-embedding.parquet", &|row| row.embedding.as_mut().unwrap()[0] = f32::NAN, "embedding");
    forge("long.parquet", &|row| row.embedding.as_mut().unwrap()[0] += 1.0, "length");
    forge("narrow.parquet", &|row| row.features.truncate(9), "numbers, not");
}

#[test]
fn photos_in_two_parts_and_parts_of_another_folder_are_refused() {
    let folder = folder();
    fs::create_dir_all(folder.path("double")).unwrap();
    for name in ["a", "b"] {
        fs::copy(folder.path("whole.parquet"), folder.path("double").join(name).with_extension("parquet")).unwrap();
    }
    folder.refuses("double", &["stands in two parts", "a.parquet", "b.parquet", "birds/"]);
    forged("twins.parquet", |_, rows| rows[1].path = rows[0].path.clone());
    folder.refuses("twins.parquet", &["stands twice", "twins.parquet"]);
    forged("elsewhere.parquet", |_, rows| rows.iter_mut().for_each(|row| row.path.insert_str(0, "holidays/")));
    folder.refuses("elsewhere.parquet", &["none of the 24 rows", "holidays/birds/"]);
    forged("wide.parquet", |stamp, rows| {
        stamp.feature_width += 1;
        rows.iter_mut().for_each(|row| row.features.push(1.0));
    });
    folder.refuses("wide.parquet", &["wide.parquet", "another encoder", "features"]);
}

#[cfg(unix)]
#[test]
fn a_killed_part_is_not_there_and_starts_anew() {
    let folder = folder();
    let command = || command::command(["embed", &folder.name("photos"), "--out", &folder.name("killed/part.parquet")]);
    let hidden = || -> Vec<_> {
        let entries = fs::read_dir(folder.path("killed")).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "partial")).collect()
    };
    let mut left = Vec::new();
    for (signal, code) in [("-KILL", None), ("-INT", Some(130))] {
        let mut child = command().spawn().unwrap();
        // A file of its own says that it is well under way, and has removed what the last one left.
        let begun = || Ok((hidden().len() == 1 && hidden() != left).then_some(()));
        lookalike_tests::driver::wait(std::time::Duration::from_secs(60), begun).unwrap();
        std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), code);
        left = hidden();
        assert_eq!((folder.path("killed/part.parquet").exists(), left.is_empty()), (false, signal == "-INT"));
        if signal == "-INT" {
            fs::write(folder.path("killed/.part.parquet.x.partial"), "left").unwrap();
        }
    }
    done(&command::end(&mut command()).unwrap());
    assert!(hidden().is_empty(), "what was left is cleaned up");
    assert_eq!(fs::read(folder.path("killed/part.parquet")).unwrap(), fs::read(folder.path("whole.parquet")).unwrap());
}
