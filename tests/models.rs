//! The models that the command knows: what they find and refuse, training from one, and their sites in a browser.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use lookalike::{
    encoder::WeightTensor,
    gallery::{DecoderFile, EncoderFile, Stored as _},
};
use lookalike_tests::{
    built_page,
    command::{self, Ended, run},
    driver::WebGpu,
    files,
    page::{LAPTOP, Page, Shown, from_report},
    samples,
    server::Server,
    skipped,
    small::{build_with, done, few, inspect, path, refused, small},
    steps::CPU_TOLERANCE,
};
use lookalike_training::{choice::Choice, teacher};
use serde_json::Value;

const WEBGPU_TOLERANCE: f64 = 1e-3;

/// Runs the command where no teacher is, whatever this machine has.
fn without_teacher(arguments: &[&str]) -> Ended {
    command::end(command::command(arguments).env("LOOKALIKE_TEACHER", small().path("no-teacher.pth"))).unwrap()
}

/// Whether the command finds the teacher's weights; if not, that is said.
fn no_teacher() -> bool {
    teacher::find().map_err(|reason| eprintln!("skipped: {reason}")).is_err()
}

/// What `lookalike eval --json` says about the small collection.
fn eval(options: &[&str]) -> Value {
    let photos = path(small(), "photos");
    let ended = run(["eval", &photos, "--json"].iter().chain(options)).unwrap();
    done(&ended);
    serde_json::from_str(&ended.out).unwrap()
}

fn precision(report: &Value) -> f64 {
    report["precision_at_6"].as_f64().unwrap()
}

#[test]
fn without_a_choice_the_default_encoder_finds_what_an_autoencoder_does_not() {
    let (default, own) = (eval(&[]), eval(&["--model", &path(small(), "model")]));
    // Seen: 0.99 and 0.61.
    assert!(precision(&default) > precision(&own) + 0.2, "{default} {own}");
    assert_eq!(default, eval(&["--model", "default"]));
}

#[test]
fn the_projection_loses_little_of_the_features() {
    let (projected, whole) = (eval(&[]), eval(&["--features"]));
    assert_ne!(projected, whole);
    assert!(precision(&projected) > precision(&whole) - 0.02, "{projected} {whole}");
}

#[test]
fn another_side_is_another_model_where_the_network_allows_it() {
    let (usual, smaller) = (eval(&[]), eval(&["--side", "96"]));
    assert_ne!(usual, smaller, "--side changes nothing");
    // Seen: 0.97. Chance gives a quarter.
    assert!(precision(&smaller) > 0.8, "{smaller}");
    let (photos, model) = (path(small(), "photos"), path(small(), "model"));
    refused(&run(["eval", &photos, "--side", "8"]).unwrap(), &["--side", "8 is not in"]);
    let autoencoder = run(["eval", &photos, "--model", &model, "--side", "96"]).unwrap();
    refused(&autoencoder, &["the autoencoder takes photos of 64 pixels only", "--side"]);
}

#[test]
fn a_comparison_calls_models_by_their_names() {
    let (photos, model) = (path(small(), "photos"), path(small(), "model"));
    let ended = run(["compare", &photos, "--model", "default", "--model", &model, "--json"]).unwrap();
    done(&ended);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    let names: Vec<_> = report["methods"].as_array().unwrap().iter().map(|method| &method["name"]).collect();
    assert_eq!(names, ["raw pixels", "colour histogram", "default", "model"]);
    assert_eq!(report["methods"][2]["precision_at_6"], eval(&[])["precision_at_6"]);
}

#[test]
fn without_its_weights_the_teacher_is_refused_with_the_way_to_them() {
    let (photos, site, page) = (path(small(), "photos"), path(small(), "site-refused"), path(small(), "page"));
    let words = ["no-teacher.pth", "cargo xtask teacher", "the default encoder needs neither"];
    refused(&without_teacher(&["eval", &photos, "--model", "lite0"]), &words);
    refused(&without_teacher(&["build", &photos, "--out", &site, "--page", &page, "--model", "lite0"]), &words);
    assert!(!Path::new(&site).exists());
}

#[test]
fn the_teacher_is_a_model_like_others() {
    if no_teacher() {
        return;
    }
    let report = eval(&["--model", "lite0", "--side", "128"]);
    // Seen: 0.97.
    assert!(precision(&report) > 0.8, "{report}");
}

/// An epoch of `lookalike train --from`, with no teacher but the encoder itself.
fn adapt(from: &str, photos: &Path, model: &str) -> Ended {
    adapt_with(&[], from, photos, model)
}

fn adapt_with(options: &[&str], from: &str, photos: &Path, model: &str) -> Ended {
    let (photos, model) = (photos.display().to_string(), path(small(), model));
    let fixed = ["train", &photos, "--out", &model, "--from", from, "--epochs", "1"];
    without_teacher(&[&fixed[..], &["--batch-size", "16", "--device", "cpu"], options].concat())
}

/// The encoder of a model that was made in a test.
fn encoder(model: &str) -> EncoderFile {
    EncoderFile::from_file(&fs::read(small().path(model).join("encoder.lka")).unwrap(), model).unwrap()
}

fn trunk_weights(file: &EncoderFile) -> Vec<&WeightTensor> {
    file.tensors.iter().filter(|tensor| tensor.name.starts_with("trunk") && tensor.shape.len() > 1).collect()
}

fn json(model: &str, name: &str) -> Value {
    serde_json::from_slice(&fs::read(small().path(model).join(name)).unwrap()).unwrap()
}

#[test]
fn the_default_encoder_learns_from_photos_without_a_teacher() {
    let small = small();
    // Few: weighing the tensors on each photo is most of the work.
    done(&adapt("default", &few("to-adapt", 10), "adapted"));
    for name in ["encoder.lka", "decoder.lka", "loss.json", "config.json", "reconstructions.png"] {
        assert!(small.path("adapted").join(name).is_file(), "{name}");
    }
    assert!(!small.path("adapted/checkpoint.lka").exists());
    let config = json("adapted", "config.json");
    assert_eq!(config["from"], "default");
    assert!(!config["teacher"].as_str().unwrap().contains("EfficientNet"), "{config}");
    assert!(image::open(small.path("adapted/reconstructions.png")).unwrap().width() > 200);
    done(&build_with(small, "adapted", "site-adapted"));
    let decoder = fs::metadata(small.path("adapted/decoder.lka")).unwrap().len();
    assert_eq!(inspect(&small.path("site-adapted"))["decoder"]["bytes"], decoder);
    // It still finds what it found: an epoch of ten photos must not undo what it knew.
    assert!(precision(&eval(&["--model", &path(small, "adapted")])) > 0.8);
}

#[test]
fn learning_moves_biases_and_leaves_the_weights_as_they_are() {
    done(&adapt_with(&["--crop", "0.8"], "default", &few("to-move", 12), "moved"));
    let (moved, start) = (encoder("moved"), Choice::Default.networks(None).unwrap().unwrap().encoder);
    assert!((moved.config.preprocess.crop - 0.8).abs() < f32::EPSILON);
    assert_eq!(trunk_weights(&moved), trunk_weights(&start));
}

#[test]
fn a_decoder_alone_learns_from_an_encoder_that_stays_as_it_is() {
    done(&adapt_with(&["--decoder-only"], "default", &few("to-draw", 8), "drawing"));
    let networks = Choice::Default.networks(None).unwrap().unwrap();
    assert_eq!(encoder("drawing"), networks.encoder);
    let decoder = fs::read(small().path("drawing/decoder.lka")).unwrap();
    let decoder = DecoderFile::from_file(&decoder, "drawing").unwrap();
    assert_eq!(decoder.config, networks.decoder.as_ref().unwrap().config);
    assert_ne!(Some(decoder.tensors), networks.decoder.map(|decoder| decoder.tensors));
    let told = adapt_with(&["--decoder-only", "--budget", "1000"], "default", &few("to-draw", 8), "never");
    refused(&told, &["--decoder-only", "--budget"]);
    refused(&adapt_with(&["--crop", "1.5"], "default", &few("to-draw", 8), "never"), &["--crop", "from 0.1 to 1"]);
}

#[test]
fn no_epochs_only_round_what_is_there() {
    let (photos, model) = (few("to-round", 4).display().to_string(), path(small(), "rounded"));
    let train = |options: &[&str]| {
        without_teacher(&[&["train", &photos, "--out", &model, "--epochs", "0", "--device", "cpu"], options].concat())
    };
    refused(&train(&[]), &["--epochs 0 trains nothing"]);
    refused(&train(&["--from", "default", "--decoder-only"]), &["--epochs 0 trains nothing"]);
    done(&train(&["--from", "default"]));
    // It is rounded already.
    let start = Choice::Default.networks(None).unwrap().unwrap();
    assert_eq!(trunk_weights(&encoder("rounded")), trunk_weights(&start.encoder));
    let decoder = fs::read(small().path("rounded/decoder.lka")).unwrap();
    assert_eq!(DecoderFile::from_file(&decoder, "rounded").unwrap(), start.decoder.unwrap());
}

#[test]
fn an_autoencoder_is_nothing_to_learn_from() {
    let photos = few("not-to-adapt", 2);
    for from in [path(small(), "model").as_str(), "autoencoder"] {
        refused(&adapt(from, &photos, "never-adapted"), &["autoencoder", "without --from"]);
    }
    assert!(!small().path("never-adapted").exists());
}

#[test]
fn one_photo_and_one_photo_twice_are_enough_to_learn_from() {
    let once = few("once", 1);
    let twice = few("twice", 1);
    fs::copy(&files(&twice, &["jpg"])[0], twice.join("again.jpg")).unwrap();
    for (photos, model) in [(once, "adapted-once"), (twice, "adapted-twice")] {
        done(&adapt("default", &photos, model));
        // JSON has no number for what is not finite.
        assert!(json(model, "loss.json")[0]["validation"].is_number(), "{model}");
        assert!(precision(&eval(&["--model", &path(small(), model)])) > 0.8, "{model}");
    }
}

/// A site of the small collection with the real page.
fn site(model: &str, options: &[&str], name: &str) -> PathBuf {
    let (photos, site, page) = (path(small(), "photos"), small().path(name), built_page());
    let fixed = ["build", &photos, "--out", site.to_str().unwrap(), "--page", page.to_str().unwrap()];
    done(&run(fixed.iter().chain(&["--model", model]).chain(options)).unwrap());
    site
}

/// The page answers with the six photos with which the command answers, a photo of the gallery with itself.
fn answers_as_the_command_does(site: &Path, query: &str, gpu: WebGpu, tolerance: f64) {
    let server = Server::start(site, "", None).unwrap();
    let page = Page::open(&format!("{}{query}", server.address), gpu, LAPTOP).unwrap();
    let photo = files(&small().path("photos/flowers"), &["jpg"]).remove(3);
    let of_the_gallery = ask_both(&page, site, &photo, tolerance);
    let (first, similarity) = &of_the_gallery.results[0];
    assert!(photo.ends_with(first) && *similarity >= 0.999, "{query}: {first} {similarity}");
    let foreign = ask_both(&page, site, &samples()[4], tolerance);
    assert!(foreign.results[0].1 < 0.999, "{query}: {:?}", foreign.results[0]);
    let device = query.trim_start_matches("?device=");
    assert!(foreign.device.to_lowercase().contains(device), "{query}: {}", foreign.device);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

fn ask_both(page: &Page, site: &Path, photo: &Path, tolerance: f64) -> Shown {
    let shown = page.ask(photo).unwrap();
    let native = from_report(&command::query(site, photo).unwrap()).unwrap();
    assert_eq!(shown.results.len(), 6);
    assert_eq!(shown.paths(), native.paths());
    for ((path, shown), (_, native)) in shown.results.iter().zip(&native.results) {
        assert!((shown - native).abs() <= tolerance, "{path}: {shown}, natively {native}");
    }
    shown
}

#[test]
fn a_site_of_the_default_encoder_answers_in_a_browser() {
    if skipped() {
        return;
    }
    let site = site("default", &[], "site-default");
    answers_as_the_command_does(&site, "?device=cpu", WebGpu::None, CPU_TOLERANCE);
    answers_as_the_command_does(&site, "?device=webgpu", WebGpu::Software, WEBGPU_TOLERANCE);
}

#[test]
fn a_site_of_an_autoencoder_answers_in_a_browser() {
    if skipped() {
        return;
    }
    let site = site(&path(small(), "model"), &[], "site-autoencoder");
    answers_as_the_command_does(&site, "?device=cpu", WebGpu::None, CPU_TOLERANCE);
}

#[test]
fn a_site_of_the_teacher_answers_in_a_browser() {
    if skipped() || no_teacher() {
        return;
    }
    let site = site("lite0", &["--side", "128"], "site-lite0");
    answers_as_the_command_does(&site, "?device=cpu", WebGpu::None, CPU_TOLERANCE);
}
