//! The methods compared on one photo: raw pixels, colour histogram, encoder.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::PathBuf};

use lookalike::{
    descriptor,
    engine::{Compared, Comparison},
    gallery::{self, ENTRY, Entry, FOLDER, FileRef, Gallery, Stored, container::Kind},
    photo::Photo,
    preprocess::Pixels,
    search::Neighbor,
};
use lookalike_tests::{
    demo_site,
    driver::{WebGpu, keys},
    journey::{assert_near, choose, engine, path_of},
    page::{LAPTOP, Page},
    samples,
    server::{Fault, Server},
    skipped,
    small::{build, done, inspect, small},
    steps::{assert_fits, at_every_size, click, open, script, told, wait_until},
};
use lookalike_training::site;

const BUTTON: &str = "[data-testid=compare]";

fn reference(gallery: &Gallery) -> FileRef {
    gallery.entry.miniatures.expect("the demo is built with --compare-methods")
}

fn miniatures(gallery: &Gallery) -> Vec<u8> {
    fs::read(demo_site().join(FOLDER).join(reference(gallery).name(Kind::Miniatures))).unwrap()
}

/// Each row's paths, as the tiles name them, and what they say.
fn rows(page: &Page) -> Vec<Vec<(String, String)>> {
    let rows = "return ['pixels', 'histogram', 'encoder'].map(method =>
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
        let Comparison { pixels, histogram } = engine.compare(Compared::Given(&photo), &file, 6).unwrap();
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

fn two_photos_are_compared(query: &str, gpu: WebGpu) {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let file = miniatures(engine.gallery());
    let page = Page::open(&format!("{}{query}", server.address), gpu, LAPTOP).unwrap();
    assert_eq!(page.text("compare").unwrap(), "", "there is nothing to compare yet");
    let answer = page.ask(&samples()[0]).unwrap();
    let fetched = || server.requests().iter().filter(|path| path.contains("miniatures-")).count();
    assert_eq!(fetched(), 0, "only who wants to compare pays for it");
    let tiles = |neighbors: &[Neighbor]| -> Vec<(String, String)> {
        neighbors.iter().map(|n| (path_of(&engine, n.id), format!("{:.3}", n.similarity))).collect()
    };
    let own = |shown: &[(String, f64)]| -> Vec<(String, String)> {
        shown.iter().map(|(path, similarity)| (path.clone(), format!("{similarity:.3}"))).collect()
    };
    let found = engine.compare(Compared::Given(&fs::read(&samples()[0]).unwrap()), &file, 6).unwrap();
    assert_eq!(compare(&page), [tiles(&found.pixels), tiles(&found.histogram), own(&answer.results)]);
    assert_eq!(fetched(), 1);
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
    let found = engine.compare(Compared::Item(id), &file, 6).unwrap();
    assert_eq!(rows(&page), [tiles(&found.pixels), tiles(&found.histogram), own(&near.results)]);
    assert!(rows(&page).iter().flatten().all(|(other, _)| other != path));
    assert_eq!(fetched(), 1, "the file is kept");
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
fn miniatures_that_can_not_be_had_are_told_and_the_answer_stays() {
    if skipped() {
        return;
    }
    for (body, words) in [(None, "missing"), (Some(b"no miniatures".to_vec()), "miniatures-")] {
        let server = Server::demo(Some(Fault { file: "miniatures-", body })).unwrap();
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

#[test]
fn a_gallery_without_miniatures_does_not_offer_it() {
    if skipped() {
        return;
    }
    let entry = fs::read(demo_site().join(gallery::FOLDER).join(ENTRY)).unwrap();
    let entry = Entry { miniatures: None, ..Entry::from_file(&entry, ENTRY).unwrap() };
    let server = Server::demo(Some(Fault { file: "gallery.lka", body: Some(entry.to_file().unwrap().0) })).unwrap();
    let page = open(&server, "", LAPTOP);
    page.ask(&samples()[0]).unwrap();
    assert_eq!(page.text("compare").unwrap(), "");
}
