//! What else can be asked than the neighbours of a whole photo, asked of the WebGPU engine (on an adapter that the
//! processor imitates): it answers as the native one does. The methods and the plain question are in files of their own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::BTreeSet, fs, path::Path};

use image::imageops;
use lookalike::{
    crop::Crop,
    embedding::Embedding,
    engine::{Answer, Engine},
    filter::Filter,
    mix::Weight,
    photo::Photo,
};
use lookalike_tests::{
    demo_photos, demo_site,
    driver::{WebGpu, wait},
    journey::{engine, path_of},
    page::{LAPTOP, Page, Shown},
    samples,
    server::Server,
    skipped,
    steps::{PATIENCE, click, script, wait_until},
};

/// How far a coordinate of an embedding, or a similarity, may be from the native one on WebGPU.
const TOLERANCE: f64 = 1e-3;
/// Half of the last figure that the page shows of a similarity.
const ROUNDING: f64 = 5e-4;

fn open(server: &Server) -> Page {
    let page = Page::open(&format!("{}?device=webgpu", server.address), WebGpu::Software, LAPTOP).unwrap();
    assert!(page.text("device").unwrap().contains("WebGPU"));
    page
}

/// The page shows this answer, and it is WebGPU's.
fn assert_answer(page: &Page, shown: &Shown, engine: &Engine, native: &Answer) {
    assert!(shown.device.contains("WebGPU"), "{}", shown.device);
    let expected: Vec<_> = native.neighbors.iter().take(6).map(|n| path_of(engine, n.id)).collect();
    assert_eq!(shown.paths(), expected);
    for ((path, similarity), neighbor) in shown.results.iter().zip(&native.neighbors) {
        assert!((similarity - f64::from(neighbor.similarity)).abs() < TOLERANCE, "{path}: {similarity} {neighbor:?}");
    }
    assert_eq!(shown.embedding.len(), native.embedding.len());
    let off = shown.embedding.iter().zip(&native.embedding).map(|(a, &b)| (a - f64::from(b)).abs()).fold(0.0, f64::max);
    assert!(off < TOLERANCE, "a coordinate is {off} away");
    assert_eq!(shown.cluster, native.cluster.to_string());
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

fn embedding(engine: &Engine, photo: &Path, part: Option<Crop>) -> (Embedding, String) {
    let photo = Photo::decode(&fs::read(photo).unwrap()).unwrap();
    let pixels = engine.pixels(&photo, part);
    (pollster::block_on(engine.encode(&pixels)).unwrap(), format!("{:016x}", pixels.hash()))
}

#[test]
fn a_part_of_a_photo() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server);
    page.ask(&samples()[3]).unwrap();
    click(&page, "part");
    let (part, hash) = embedding(&engine, &samples()[3], Some(Crop::START));
    wait(PATIENCE, || Ok((page.attribute("results", "data-pixels")? == hash).then_some(()))).unwrap();
    page.wait_for_state("ready").unwrap();
    assert_answer(&page, &page.shown().unwrap(), &engine, &engine.answer(&part, None, &[], 6));
}

#[test]
fn several_photos_together() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server);
    let photos = [&samples()[3], &samples()[1]];
    let shown = page.ask(photos[0]).unwrap();
    click(&page, "add");
    page.choose(&[photos[1]]).unwrap();
    page.wait_for_answer(shown.query).unwrap();
    wait_until(&page, "document.getElementById('photo-name').innerText.includes(' + ')");
    let [one, other] = photos.map(|photo| embedding(&engine, photo, None).0);
    let native = engine.ask_mix(&[(one, Weight::ONE), (other, Weight::ONE)], &[], 6).unwrap();
    assert_answer(&page, &page.shown().unwrap(), &engine, &native);
}

#[test]
fn a_photo_that_lies_on_its_side() {
    if skipped() {
        return;
    }
    let (server, engine, folder) = (Server::demo(None).unwrap(), engine(), tempfile::tempdir().unwrap());
    let page = open(&server);
    let path = path_of(&engine, 40);
    let file = folder.path().join("turned.png");
    imageops::rotate90(&image::open(demo_photos().join(&path)).unwrap().into_rgb8()).save(&file).unwrap();
    let before = page.ask(&file).unwrap();
    click(&page, "turned");
    let shown = page.wait_for_answer(before.query).unwrap();
    let native = pollster::block_on(engine.ask_turned(&fs::read(&file).unwrap(), None, 6)).unwrap();
    assert_answer(&page, &shown, &engine, &native);
    assert_eq!(shown.results[0].0, path);
    let turned = "return [...document.querySelectorAll('[data-testid=result]')].map(tile => tile.dataset.turned)";
    let turned: Vec<String> = serde_json::from_value(script(&page, turned)).unwrap();
    assert_eq!(turned, native.symmetries.iter().take(6).map(|s| s.name()).collect::<Vec<_>>());
}

#[test]
fn why_two_photos_are_alike() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server);
    let shown = page.ask(&samples()[2]).unwrap();
    let tile = "document.querySelector('#results li').scrollIntoView({block: 'center', behavior: 'instant'})";
    script(&page, tile);
    page.browser.click("#results li [data-testid=look]").unwrap();
    wait_until(&page, "document.getElementById('look-dialog').open");
    script(&page, "document.querySelector('[data-testid=view-why]').click()");
    wait_until(&page, "document.getElementById('why-all').innerText.includes('.')");
    let item = engine.gallery().items.iter().find(|item| item.path == shown.results[0].0).unwrap();
    let picture = if engine.gallery().entry.large > 0 { item.large_path() } else { item.thumb_path() };
    let picture = fs::read(demo_site().join("gallery").join(picture)).unwrap();
    let native = pollster::block_on(engine.explain([&fs::read(&samples()[2]).unwrap(), &picture], None)).unwrap();
    for (hook, expected) in [("why-all", native.similarity), ("why-grey", native.grey), ("why-colour", native.colour)] {
        let figure: f64 = page.text(hook).unwrap().parse().unwrap();
        assert!((figure - f64::from(expected)).abs() < TOLERANCE + ROUNDING, "{hook}: {figure} {expected}");
    }
    // The veil over each cell is as thick as its match says: half of its steps may be lost to the tolerance.
    for (photo, hook) in ["why-query", "why-result"].into_iter().enumerate() {
        let alphas = format!(
            "const c = document.querySelector('[data-testid={hook}]');
             const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return [...d].filter((_, at) => at % 4 == 3)"
        );
        let alphas: Vec<u8> = serde_json::from_value(script(&page, &alphas)).unwrap();
        let matches = native.of(photo);
        assert_eq!(alphas.len(), matches.len());
        for (one, a) in matches.iter().zip(&alphas) {
            for (other, b) in matches.iter().zip(&alphas) {
                let clearer = f64::from(one.similarity - other.similarity) > 2.0 * TOLERANCE;
                assert!(!clearer || a <= b, "{hook}: {one:?} {a}, {other:?} {b}");
            }
        }
    }
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn under_a_filter() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server);
    page.ask(&samples()[0]).unwrap();
    page.browser.click("[data-testid=group][data-value='4']").unwrap();
    wait(PATIENCE, || Ok((page.attribute("results", "data-filter")? == "cluster=4").then_some(()))).unwrap();
    let mut filter = Filter::default();
    filter.set("cluster", Filter::parse("cluster", "4").unwrap());
    let own = embedding(&engine, &samples()[0], None).0;
    let (neighbors, _) = engine.among(&[own.as_slice().to_vec()], &filter, &[], 6).unwrap();
    let whole = engine.answer(&own, None, &[], 6);
    assert_ne!(whole.neighbors, neighbors);
    assert_answer(&page, &page.shown().unwrap(), &engine, &Answer { neighbors, ..whole });
}

#[test]
fn photos_that_are_nearly_the_same() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server);
    click(&page, "find-groups");
    wait_until(&page, "/group|No two/.test(document.getElementById('groups-words').innerText)");
    let mut scan = engine.scan();
    while !engine.step(&mut scan) {}
    let native = engine.duplicates(&scan, engine.gallery().entry.likeness.near_duplicate);
    assert!(!native.is_empty());
    let named = |group: &[lookalike::search::Neighbor]| group.iter().map(|n| path_of(&engine, n.id)).collect();
    let expected: Vec<BTreeSet<String>> =
        native.iter().take(30).map(|group| named(&group[..group.len().min(12)])).collect();
    let groups = "return [...document.querySelectorAll('[data-testid=near-group]')].map(group =>
        [...group.querySelectorAll('[data-testid=grouped]')].map(tile => tile.dataset.path))";
    let shown: Vec<BTreeSet<String>> = serde_json::from_value(script(&page, groups)).unwrap();
    assert_eq!(shown, expected);
    // A question comes in between, and is WebGPU's.
    let shown = page.ask(&samples()[4]).unwrap();
    let own = embedding(&engine, &samples()[4], None).0;
    assert_answer(&page, &shown, &engine, &engine.answer(&own, None, &[], 6));
}
