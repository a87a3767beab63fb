//! Every kind of bad input: refused or skipped by name, and nothing is lost.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, io::Read, process::Stdio};

use lookalike::{
    encoder::DecoderConfig,
    gallery::{DecoderFile, Stored},
};
use lookalike_tests::{
    command::{self, Ended, run},
    samples,
    small::{build, build_with, done, few, inspect, path, refused, small, train},
};

#[test]
fn folders_without_photos_are_refused_by_name() {
    let small = small();
    fs::create_dir_all(small.path("empty")).unwrap();
    let unreadable = few("unreadable", 1);
    fs::write(lookalike_tests::files(&unreadable, &["jpg"]).remove(0), "no photo").unwrap();
    for command in ["train", "build"] {
        let ask = |photos: &str| {
            run([command, &path(small, photos), "--out", &path(small, "never"), "--page", &path(small, "page")]
                [..if command == "train" { 4 } else { 6 }]
                .iter())
            .unwrap()
        };
        refused(&ask("missing"), &["missing", "does not exist"]);
        refused(&ask("empty"), &["empty", ".jpg"]);
        refused(&ask("unreadable"), &["unreadable"]);
        refused(&ask("page/index.html"), &["is a file"]);
    }
    assert!(!small.path("never").join("gallery").exists());
}

#[cfg(unix)]
#[test]
fn bad_photos_are_reported_counted_and_skipped() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = few("mixed", 8);
    let good = lookalike_tests::files(&folder, &["jpg"]).remove(0);
    let bytes = fs::read(&good).unwrap();
    fs::write(folder.join("truncated.jpg"), &bytes[..bytes.len() / 2]).unwrap();
    fs::write(folder.join("text.jpg"), "hello").unwrap();
    fs::write(folder.join("zero.png"), "").unwrap();
    fs::write(folder.join("wrong-name.png"), &bytes).unwrap();
    fs::create_dir_all(folder.join("folder.jpg")).unwrap();
    symlink("nowhere", folder.join("dangling.jpg")).unwrap();
    fs::write(folder.join("closed.jpg"), &bytes).unwrap();
    fs::set_permissions(folder.join("closed.jpg"), fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads everything, whatever the permissions say.
    let closed = usize::from(fs::read(folder.join("closed.jpg")).is_err());
    let ended = build(small(), "mixed", "site-mixed", &[]);
    assert_eq!(ended.code, 3, "{}", ended.err);
    for name in ["truncated.jpg", "text.jpg", "zero.png", "wrong-name.png", "folder.jpg", "dangling.jpg"] {
        assert!(ended.err.contains(&format!("skipped {name}: ")), "{name}: {}", ended.err);
    }
    assert!(ended.err.contains(&format!("{} photos skipped", 6 + closed)), "{}", ended.err);
    assert_eq!(inspect(&small().path("site-mixed"))["photos"], 9 - closed);
}

#[test]
fn tiny_collections_work_with_values_lowered_and_said() {
    for count in [1, 2, 3] {
        few(&format!("tiny-{count}"), count);
        let site = format!("site-{count}");
        let ended = build(small(), &format!("tiny-{count}"), &site, &["--clusters", "9", "--perplexity", "50"]);
        done(&ended);
        assert!(ended.err.contains(&format!("k = {count}")) && ended.err.contains("t-SNE"), "{}", ended.err);
        let report = command::query(&small().path(&site), &samples()[0]).unwrap();
        assert_eq!(report["results"].as_array().unwrap().len(), count);
    }
}

#[test]
fn identical_photos_work_even_as_the_only_ones() {
    let folder = few("twins", 1);
    let photo = lookalike_tests::files(&folder, &["jpg"]).remove(0);
    fs::copy(&photo, folder.join("twin.jpg")).unwrap();
    done(&build(small(), "twins", "site-twins", &[]));
    let report = command::query(&small().path("site-twins"), &photo).unwrap();
    for result in report["results"].as_array().unwrap() {
        assert!(result["similarity"].as_f64().unwrap() >= 0.999);
    }
    done(&train(small(), "twins", "model-twins", &["--epochs", "1"]));
}

#[test]
fn senseless_options_are_refused_with_the_reason() {
    let refusal = |options: &[&str], words: &[&str]| refused(&build(small(), "photos", "never", options), words);
    refusal(&["--clusters", "0"], &["--clusters", "at least 1"]);
    refusal(&["--eps", "-1"], &["--eps", "cosine distance"]);
    refusal(&["--perplexity", "0"], &["--perplexity"]);
    refusal(&["--colour", "red"], &["--colour"]);
    refused(&run(["paint"]).unwrap(), &["paint"]);
}

#[test]
fn nothing_that_is_not_a_site_is_overwritten() {
    let taken = small().path("taken");
    fs::create_dir_all(&taken).unwrap();
    fs::write(taken.join("thesis.txt"), "years of work").unwrap();
    refused(&build(small(), "photos", "taken", &[]), &["taken", "not a site"]);
    refused(&train(small(), "photos", "taken", &[]), &["taken", "not a model"]);
    refused(&train(small(), "photos", "model", &[]), &["holds a model", "--overwrite"]);
    refused(&build(small(), "photos", "photos/site", &[]), &["is inside"]);
    assert_eq!(fs::read_to_string(taken.join("thesis.txt")).unwrap(), "years of work");
}

#[test]
fn a_site_that_holds_something_else_is_kept() {
    done(&build(small(), "photos", "site-mine", &[]));
    let note = small().path("site-mine/CNAME");
    fs::write(&note, "photos.example.org").unwrap();
    refused(&build(small(), "photos", "site-mine", &[]), &["CNAME", "not part of the site"]);
    assert!(note.exists());
    fs::remove_file(&note).unwrap();
    done(&build(small(), "photos", "site-mine", &[]));
    // Photos inside the site would be replaced with it.
    few("site-mine/photos", 3);
    refused(&build(small(), "site-mine/photos", "site-mine", &[]), &["is inside"]);
    assert_eq!(lookalike_tests::files(&small().path("site-mine/photos"), &["jpg"]).len(), 3);
}

#[test]
fn a_model_is_kept_until_the_new_training_begins() {
    done(&train(small(), "photos", "model-kept", &["--epochs", "1"]));
    let encoder = fs::read(small().path("model-kept/encoder.lka")).unwrap();
    fs::create_dir_all(small().path("nothing")).unwrap();
    refused(&train(small(), "nothing", "model-kept", &["--overwrite"]), &["no photo found"]);
    assert_eq!(fs::read(small().path("model-kept/encoder.lka")).unwrap(), encoder);
    done(&train(small(), "photos", "model-kept", &["--epochs", "1", "--overwrite", "--seed", "2"]));
    assert_ne!(fs::read(small().path("model-kept/encoder.lka")).unwrap(), encoder);
}

#[test]
fn what_is_no_site_and_no_model_is_refused() {
    let photos = path(small(), "photos");
    let sample = samples()[0].display().to_string();
    refused(&run(["query", &photos, &sample]).unwrap(), &["is not a site", "lookalike build"]);
    refused(&run(["serve", &photos]).unwrap(), &["is not a site"]);
    refused(&run(["inspect", &photos]).unwrap(), &["is not a site"]);
    refused(&run(["eval", &photos, "--model", &photos]).unwrap(), &["holds no model", "lookalike train"]);
    refused(&run(["query", &path(small(), "site"), "nowhere.jpg"]).unwrap(), &["nowhere.jpg"]);
    refused(&run(["embed", &photos, "--out", "x.csv"]).unwrap(), &[".npy", ".parquet"]);
    let site = path(small(), "site");
    refused(&run(["query", &site, &sample, "--plot", "result.jpg"]).unwrap(), &[".png"]);
}

#[test]
fn a_damaged_site_is_told_by_file() {
    let small = small();
    done(&build(small, "photos", "site-damaged", &[]));
    let gallery = small.path("site-damaged/gallery");
    let inspect = || run(["inspect", &path(small, "site-damaged")]).unwrap();
    for part in ["cell-", "decoder-"] {
        let mut files = fs::read_dir(&gallery).unwrap().map(|e| e.unwrap().path());
        let file = files.find(|p| p.display().to_string().contains(part)).unwrap();
        let whole = fs::read(&file).unwrap();
        let mut bytes = whole.clone();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&file, bytes).unwrap();
        refused_with_failure(&inspect(), "checksum");
        assert!(inspect().err.contains(part), "{part}");
        fs::remove_file(&file).unwrap();
        refused_with_failure(&inspect(), "is missing");
        fs::write(&file, whole).unwrap();
    }
    done(&inspect());
}

#[test]
fn a_decoder_of_another_encoder_is_refused_by_name() {
    let small = small();
    fs::create_dir_all(small.path("model-mixed")).unwrap();
    fs::copy(small.path("model/encoder.lka"), small.path("model-mixed/encoder.lka")).unwrap();
    let decoder = DecoderFile { config: DecoderConfig { latent: [9, 8, 8], channels: vec![1] }, tensors: Vec::new() };
    fs::write(small.path("model-mixed/decoder.lka"), decoder.to_file().unwrap().0).unwrap();
    refused(&build_with(small, "model-mixed", "never"), &["decoder.lka", "[9, 8, 8]", "[8, 8, 8]"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_a_training_and_resume_ends_as_if_nothing_had_happened() {
    let small = small();
    done(&train(small, "photos", "model-whole", &["--epochs", "6"]));
    let arguments =
        ["train", &path(small, "photos"), "--out", &path(small, "model-stopped"), "--device", "cpu", "--epochs", "6"]
            .map(str::to_owned);
    let mut child = command::command(&arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    // Its first checkpoint says that it is well under way.
    lookalike_tests::driver::wait(std::time::Duration::from_secs(60), || {
        Ok(small.path("model-stopped/checkpoint.lka").exists().then_some(()))
    })
    .unwrap();
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    let code = child.wait().unwrap().code();
    if code == Some(130) {
        assert!(err.contains("--resume goes on"), "{err}");
        refused(&train(small, "photos", "model-stopped", &["--epochs", "6"]), &["--resume"]);
        refused_with_failure(&train(small, "photos", "model-stopped", &["--epochs", "7", "--resume"]), "other options");
        done(&train(small, "photos", "model-stopped", &["--epochs", "6", "--resume"]));
    } else {
        assert_eq!(code, Some(0), "it may have been quicker than the signal; {err}");
    }
    for name in ["encoder.lka", "loss.json"] {
        assert_eq!(
            fs::read(small.path("model-whole").join(name)).unwrap(),
            fs::read(small.path("model-stopped").join(name)).unwrap(),
            "{name}"
        );
    }
}

fn refused_with_failure(ended: &Ended, words: &str) {
    assert_eq!(ended.code, 1, "{}", ended.err);
    assert!(ended.err.contains(words), "{}", ended.err);
}
