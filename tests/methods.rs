//! The methods compared on one photo: raw pixels, colour histogram, autoencoder, encoder.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::PathBuf};

use lookalike::{
    descriptor,
    engine::{Compared, Comparison, Engine},
    gallery::{self, ENTRY, Entry, FOLDER, FileRef, Gallery, Stored, container::Kind},
    photo::Photo,
    preprocess::Pixels,
    search::Neighbor,
};
use lookalike_tests::{
    demo_site,
    driver::{WebGpu, keys},
    journey::{assert_near, choose, engine, path_of},
    page::{LAPTOP, PHONE, Page},
    root, samples,
    server::{Fault, Server},
    skipped,
    small::{build, done, inspect, path, refused, small},
    steps::{assert_fits, at_every_size, click, open, script, told, wait_until},
};
use lookalike_training::{model, site};

const BUTTON: &str = "[data-testid=compare]";

fn reference(gallery: &Gallery) -> FileRef {
    gallery.entry.miniatures.expect("the demo is built with --compare-methods")
}

fn miniatures(gallery: &Gallery) -> Vec<u8> {
    fs::read(demo_site().join(FOLDER).join(reference(gallery).name(Kind::Miniatures))).unwrap()
}

fn autoencoder(gallery: &Gallery) -> Vec<u8> {
    let reference = gallery.entry.autoencoder.expect("the demo is built with --autoencoder");
    fs::read(demo_site().join(FOLDER).join(reference.name(Kind::Autoencoder))).unwrap()
}

/// What the engine finds by each method.
fn native(engine: &Engine, photo: Compared<'_>) -> Comparison {
    let (miniatures, autoencoder) = (miniatures(engine.gallery()), autoencoder(engine.gallery()));
    pollster::block_on(engine.compare(photo, &miniatures, Some(&autoencoder), 6)).unwrap()
}

/// Each row's paths, as the tiles name them, and what they say.
fn rows(page: &Page) -> Vec<Vec<(String, String)>> {
    let rows = "return ['pixels', 'histogram', 'autoencoder', 'encoder'].map(method =>
        [...document.querySelectorAll(`[data-method=${method}] a`)].map(tile => [tile.title, tile.innerText.trim()]))";
    serde_json::from_value(script(page, rows)).unwrap()
}

fn shown(page: &Page) -> bool {
    script(page, "return document.getElementById('methods').checkVisibility()") == true
}

fn compare(page: &Page) -> Vec<Vec<(String, String)>> {
    page.browser.click(BUTTON).unwrap();
    wait_until(page, "document.getElementById('methods').checkVisibility()");
    assert_eq!(page.attribute("compare", "aria-expanded").unwrap(), "true");
    rows(page)
}

#[test]
fn a_site_has_the_miniatures_of_its_photos_if_they_are_wanted() {
    let small = small();
    assert!(inspect(&small.path("site"))["miniatures_bytes"].is_null());
    done(&build(small, "photos", "site-methods", &["--compare-methods"]));
    let target = small.path("site-methods");
    let bytes = inspect(&target)["miniatures_bytes"].as_u64().unwrap();
    assert!((48 * 768..48 * 768 + 100).contains(&bytes), "{bytes}");
    let gallery = site::read(&target).unwrap();
    let path = target.join(FOLDER).join(reference(&gallery).name(Kind::Miniatures));
    let pictures = gallery.miniatures(&fs::read(&path).unwrap()).unwrap();
    for (item, picture) in gallery.items.iter().zip(&pictures) {
        let photo = fs::read(small.path("photos").join(&item.path)).unwrap();
        assert_eq!(descriptor::miniature().pixels(&Photo::decode(&photo).unwrap()), *picture, "{}", item.path);
    }
    // Damage is found.
    let mut damaged = fs::read(&path).unwrap();
    damaged[1000] ^= 1;
    fs::write(&path, damaged).unwrap();
    let ended = lookalike_tests::command::run([PathBuf::from("inspect"), target]).unwrap();
    assert!(ended.code != 0 && ended.err.contains("miniatures-"), "{}", ended.err);
}

/// The slow twin: each photo's cosine written out, in double precision.
fn slow(query: &Pixels, all: &[Pixels]) -> [Vec<(f64, usize)>; 2] {
    let count = all.len() as f64;
    let size = query.bytes().len();
    let mean: Vec<f64> =
        (0..size).map(|at| all.iter().map(|photo| f64::from(photo.bytes()[at])).sum::<f64>() / count).collect();
    let centred =
        |photo: &Pixels| -> Vec<f64> { (0..size).map(|at| f64::from(photo.bytes()[at]) - mean[at]).collect() };
    let histogram = |photo: &Pixels| -> Vec<f64> {
        let mut boxes = vec![0.0; 512];
        photo.interleaved().chunks_exact(3).for_each(|rgb| {
            boxes[rgb.iter().fold(0, |at, &byte| 8 * at + usize::from(byte / 32))] += 3.0 / size as f64;
        });
        boxes.iter().map(|share: &f64| share.sqrt()).collect()
    };
    let ranked = |describe: &dyn Fn(&Pixels) -> Vec<f64>| {
        let cosine = |a: &[f64], b: &[f64]| {
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
        };
        let query = describe(query);
        let mut found: Vec<_> = all.iter().map(|photo| cosine(&query, &describe(photo))).zip(0..).collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found
    };
    [ranked(&centred), ranked(&histogram)]
}

#[test]
fn the_engine_finds_what_a_slow_scan_finds() {
    if skipped() {
        return;
    }
    let engine = engine();
    let file = miniatures(engine.gallery());
    let all = engine.gallery().miniatures(&file).unwrap();
    for sample in samples().iter().take(4) {
        let photo = fs::read(sample).unwrap();
        let Comparison { pixels, histogram, .. } = native(&engine, Compared::Given(&photo));
        let expected = slow(&descriptor::miniature().pixels(&Photo::decode(&photo).unwrap()), &all);
        for (found, expected) in [pixels, histogram].iter().zip(&expected) {
            assert_eq!(found.len(), 6);
            for (found, (similarity, _)) in found.iter().zip(expected) {
                assert!((f64::from(found.similarity) - similarity).abs() < 1e-5);
                let own = expected.iter().find(|(_, id)| *id == found.id as usize).unwrap().0;
                assert!((own - similarity).abs() < 1e-5, "equals may change places, others not");
            }
        }
    }
}

/// Another device may round the last figure that is shown otherwise.
fn assert_row(shown: &[(String, String)], engine: &Engine, found: &[Neighbor]) {
    assert_eq!(shown.len(), found.len());
    for ((path, figure), neighbor) in shown.iter().zip(found) {
        let difference = figure.parse::<f32>().unwrap() - neighbor.similarity;
        assert_eq!(*path, path_of(engine, neighbor.id));
        assert!(difference.abs() < 2e-3, "{path}: {difference}");
    }
}

#[test]
fn a_site_has_the_autoencoder_that_was_trained_for_it() {
    let small = small();
    refused(
        &build(small, "photos", "site-autoencoder", &["--autoencoder", &path(small, "model")]),
        &["--compare-methods"],
    );
    let options = ["--compare-methods", "--autoencoder", &path(small, "model")];
    done(&build(small, "photos", "site-autoencoder", &options));
    let target = small.path("site-autoencoder");
    let bytes = inspect(&target)["autoencoder_bytes"].as_u64().unwrap();
    assert!((80_000..90_000).contains(&bytes), "{bytes}");
    let gallery = site::read(&target).unwrap();
    let file = target.join(FOLDER).join(gallery.entry.autoencoder.unwrap().name(Kind::Autoencoder));
    let (encoder, embeddings) = gallery.autoencoder(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(encoder, model::load(&small.path("model")).unwrap());
    // Here the gallery has the same encoder: so it says the same of each photo.
    assert!(embeddings.iter().zip(gallery.embeddings.iter()).all(|(one, other)| one.similarity(other) > 0.999));
    // The next build has it from the cache, with the same bytes; and damage is found.
    let first = fs::read(&file).unwrap();
    done(&build(small, "photos", "site-autoencoder", &options));
    assert_eq!(fs::read(&file).unwrap(), first);
    fs::write(&file, [&first[..1000], &[first[1000] ^ 1], &first[1001..]].concat()).unwrap();
    let ended = lookalike_tests::command::run([PathBuf::from("inspect"), target]).unwrap();
    assert!(ended.code != 0 && ended.err.contains("autoencoder-"), "{}", ended.err);
}

#[test]
fn another_network_is_no_autoencoder() {
    let small = small();
    let folder = small.path("default-model");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(root().join("training/weights/encoder.lka"), folder.join("encoder.lka")).unwrap();
    let options = ["--compare-methods", "--autoencoder", &path(small, "default-model")];
    refused(&build(small, "photos", "site-refused", &options), &["no plain autoencoder", "lookalike train"]);
}

fn two_photos_are_compared(query: &str, gpu: WebGpu) {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = Page::open(&format!("{}{query}", server.address), gpu, LAPTOP).unwrap();
    assert_eq!(page.text("compare").unwrap(), "", "there is nothing to compare yet");
    let answer = page.ask(&samples()[0]).unwrap();
    let fetched = || {
        let requests = server.requests();
        ["miniatures-", "autoencoder-"].map(|file| requests.iter().filter(|path| path.contains(file)).count())
    };
    assert_eq!(fetched(), [0, 0], "only who wants to compare pays for it");
    let tiles = |neighbors: &[Neighbor]| -> Vec<(String, String)> {
        neighbors.iter().map(|n| (path_of(&engine, n.id), format!("{:.3}", n.similarity))).collect()
    };
    let own = |shown: &[(String, f64)]| -> Vec<(String, String)> {
        shown.iter().map(|(path, similarity)| (path.clone(), format!("{similarity:.3}"))).collect()
    };
    let found = native(&engine, Compared::Given(&fs::read(&samples()[0]).unwrap()));
    let rows_now = compare(&page);
    assert_eq!([&rows_now[0], &rows_now[1]], [&tiles(&found.pixels), &tiles(&found.histogram)]);
    assert_row(&rows_now[2], &engine, found.autoencoder.as_deref().unwrap());
    assert_eq!(rows_now[3], own(&answer.results));
    assert_eq!(fetched(), [1, 1]);
    page.browser.screenshot("laptop-methods").unwrap();
    // A second press takes the rows away; the answer stays.
    page.browser.click(BUTTON).unwrap();
    assert!(!shown(&page) && page.attribute("compare", "aria-expanded").unwrap() == "false");
    assert_eq!(page.answered().unwrap(), answer.query);
    // A photo of the collection, by keyboard: it is none of its own neighbours.
    let near = choose(&page, 2);
    let path = &answer.results[1].0;
    let id = engine.gallery().items.iter().position(|item| item.path == *path).unwrap() as u32;
    script(&page, "document.getElementById('compare').focus()");
    page.browser.press(keys::ENTER).unwrap();
    wait_until(&page, "document.getElementById('methods').checkVisibility()");
    let found = native(&engine, Compared::Item(id));
    let autoencoder = found.autoencoder.unwrap();
    assert_eq!(rows(&page), [tiles(&found.pixels), tiles(&found.histogram), tiles(&autoencoder), own(&near.results)]);
    assert!(rows(&page).iter().flatten().all(|(other, _)| other != path));
    assert_eq!(fetched(), [1, 1], "the files are kept");
    // A photo in a row leads to those most similar to it, and the comparison of the photo before goes away.
    let next = rows(&page)[0][0].0.clone();
    page.browser.click("[data-method=pixels] a").unwrap();
    let after = page.wait_for_answer(near.query).unwrap();
    assert_near(&page, &after, &engine, &next);
    assert!(!shown(&page));
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn on_the_processor_two_photos_are_compared() {
    two_photos_are_compared("?device=cpu", WebGpu::None);
}

#[test]
fn on_webgpu_two_photos_are_compared() {
    two_photos_are_compared("?device=webgpu", WebGpu::Software);
}

#[test]
fn rows_fit_at_any_width() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    for (page, size, _) in at_every_size(["dark", "light", "dark"], |size| open(&server, "", size)) {
        page.ask(&samples()[2]).unwrap();
        assert!(compare(&page).iter().all(|row| row.len() == 6));
        assert_fits(&page, size, "methods");
        page.browser.screenshot(&format!("methods-{}", size.0)).unwrap();
        assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
    }
}

#[test]
fn files_that_can_not_be_had_are_told_and_the_answer_stays() {
    if skipped() {
        return;
    }
    let (none, other) = (None, Some(b"something else".to_vec()));
    let faults = [("miniatures-", &none), ("miniatures-", &other), ("autoencoder-", &none), ("autoencoder-", &other)];
    for (file, body) in faults {
        let words = if body.is_none() { "missing" } else { file };
        let server = Server::demo(Some(Fault { file, body: body.clone() })).unwrap();
        let page = open(&server, "", LAPTOP);
        let before = page.ask(&samples()[1]).unwrap();
        click(&page, "compare");
        let sentence = told(&page);
        assert!(sentence.starts_with("The methods can't be compared") && sentence.contains(words), "{sentence}");
        assert!(!shown(&page));
        assert_eq!(page.shown().unwrap().results, before.results);
        assert_eq!(page.ask(&samples()[0]).unwrap().results.len(), 6, "and it still answers");
    }
}

/// The demo with another entry.
fn demo_but(change: impl FnOnce(&mut Entry)) -> Server {
    let entry = fs::read(demo_site().join(gallery::FOLDER).join(ENTRY)).unwrap();
    let mut entry = Entry::from_file(&entry, ENTRY).unwrap();
    change(&mut entry);
    Server::demo(Some(Fault { file: "gallery.lka", body: Some(entry.to_file().unwrap().0) })).unwrap()
}

#[test]
fn a_gallery_without_an_autoencoder_compares_the_others() {
    if skipped() {
        return;
    }
    let server = demo_but(|entry| entry.autoencoder = None);
    let page = open(&server, "", PHONE);
    page.ask(&samples()[0]).unwrap();
    assert_eq!(compare(&page).iter().map(Vec::len).collect::<Vec<_>>(), [6, 6, 0, 6]);
    assert!(!page.text("methods").unwrap().contains("autoencoder"));
    assert!(!server.requests().iter().any(|path| path.contains("autoencoder-")));
}

#[test]
fn a_gallery_without_miniatures_does_not_offer_it() {
    if skipped() {
        return;
    }
    let server = demo_but(|entry| entry.miniatures = None);
    let page = open(&server, "", LAPTOP);
    page.ask(&samples()[0]).unwrap();
    assert_eq!(page.text("compare").unwrap(), "");
}
