//! The sample photos: small pictures at first, a photo once somebody turns to it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path};

use image::imageops::crop_imm;
use lookalike::{
    photo::Photo,
    thumbnail::{jpeg, shrink},
};
use lookalike_tests::{
    driver::{WebGpu, keys::ENTER, wait},
    hand::middle,
    page::{LAPTOP, PHONE, Page},
    root, samples,
    server::{Fault, Server},
    skipped,
    steps::{PATIENCE, native, open, script, told, told_and_put_away, wait_until},
};
use serde_json::json;

/// Side of the small pictures in pixels: two for each of a phone, one for each of a laptop.
const SIDE: u32 = 160;
/// What all of them together may cost the first screen.
const BUDGET: u64 = 60_000;

/// The photos themselves that have been asked for.
fn fetched(server: &Server) -> Vec<String> {
    let is_photo = |path: &String| path.contains("/samples/") && !path.contains("/small/");
    server.requests().into_iter().filter(is_photo).collect()
}

fn wait_for_fetched(server: &Server, names: &[&str]) {
    let names: Vec<_> = names.iter().map(|name| format!("/samples/{name}")).collect();
    wait(PATIENCE, || Ok((fetched(server) == names).then_some(()))).unwrap_or_else(|e| panic!("{names:?}: {e}"));
}

/// As a person would, with the mouse that hovers over it first.
fn click(page: &Page, name: &str) {
    page.browser.click(&format!("[data-sample='{name}']")).unwrap();
}

/// The middle square of a photo, as our own thumbnails are made.
fn small(photo: &Path) -> Vec<u8> {
    let photo = Photo::decode(&fs::read(photo).unwrap()).unwrap();
    let (width, height) = photo.picture().dimensions();
    let side = width.min(height);
    let square = crop_imm(photo.picture(), (width - side) / 2, (height - side) / 2, side, side).to_image();
    jpeg(&shrink(&square, SIDE)).unwrap()
}

/// `LOOKALIKE_GOLDEN=write` makes them, for another photo.
#[test]
fn the_small_pictures_are_made_of_the_photos() {
    let mut sum = 0;
    for photo in samples() {
        let path = root().join("www/samples/small").join(photo.file_name().unwrap());
        let bytes = small(&photo);
        if std::env::var("LOOKALIKE_GOLDEN").is_ok_and(|x| x == "write") {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        assert!(fs::read(&path).unwrap() == bytes, "{}", path.display());
        sum += bytes.len() as u64;
    }
    assert!(sum <= BUDGET, "{sum} bytes");
}

#[test]
fn a_sample_is_fetched_once_somebody_turns_to_it() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", LAPTOP);
    let shown = "[...document.querySelectorAll('[data-sample] img')].every(image => image.naturalWidth === 160)";
    wait_until(&page, shown);
    assert_eq!(fetched(&server), Vec::<String>::new());
    page.browser.screenshot("laptop-samples").unwrap();
    // The mouse comes near, and goes on.
    let [x, y] = middle(&page, "[data-sample='kitten.jpg']");
    page.browser.devtools("Input.dispatchMouseEvent", json!({"type": "mouseMoved", "x": x, "y": y})).unwrap();
    wait_for_fetched(&server, &["kitten.jpg"]);
    assert_eq!(page.answered().unwrap(), 0);
    // So does the keyboard, which stays.
    script(&page, "document.querySelector('[data-sample=\"butterfly.jpg\"]').focus()");
    wait_for_fetched(&server, &["kitten.jpg", "butterfly.jpg"]);
    page.browser.press(ENTER).unwrap();
    let butterfly = page.wait_for_answer(0).unwrap();
    assert_eq!(butterfly.paths(), native(&samples()[0]).paths());
    // Chosen again, it is there.
    click(&page, "kitten.jpg");
    let kitten = page.wait_for_answer(butterfly.query).unwrap();
    click(&page, "butterfly.jpg");
    assert_eq!(page.wait_for_answer(kitten.query).unwrap().results, butterfly.results);
    assert_eq!(fetched(&server), ["/samples/kitten.jpg", "/samples/butterfly.jpg"]);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn engine_and_gallery_go_before_a_head_start() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = Page::load(&server.address, WebGpu::None, PHONE).unwrap();
    // Its listener is there before the gallery is.
    wait_until(
        &page,
        "document.getElementById('own-input').disabled && document.getElementById('status').dataset.state",
    );
    let hover = "const button = document.querySelector('[data-sample]');
        const loading = document.getElementById('status').dataset.state === 'loading';
        button.dispatchEvent(new PointerEvent('pointerenter'));
        return loading";
    let mut early = 0;
    wait(PATIENCE, || {
        early += u32::from(script(&page, hover) == true);
        Ok((page.attribute("status", "data-state")? == "ready").then_some(()))
    })
    .unwrap();
    assert!(early > 0, "nobody came near while it loaded");
    let requests = server.requests();
    let place = |word: &str| requests.iter().position(|path| path.contains(word));
    let photo = place("/samples/kingfisher.jpg").unwrap_or(requests.len());
    for part in ["worker_cpu_bg.wasm", "/gallery/encoder-", "/gallery/cell-"] {
        assert!(place(part).unwrap() < photo, "{part}: {requests:?}");
    }
    page.browser.screenshot("phone-samples").unwrap();
}

#[test]
fn a_sample_that_cannot_be_fetched_says_so_and_can_be_chosen_again() {
    if skipped() {
        return;
    }
    let server = Server::demo(Some(Fault { file: "/samples/kitten.jpg", body: None })).unwrap();
    let page = open(&server, "", PHONE);
    for _ in 0..2 {
        click(&page, "kitten.jpg");
        assert!(
            told_and_put_away(&page)
                .starts_with("kitten.jpg could not be loaded. Check the connection and choose it again")
        );
    }
    click(&page, "butterfly.jpg");
    assert_eq!(page.wait_for_answer(0).unwrap().results.len(), 6);
    assert_eq!(page.text("error").unwrap(), "");
    // Nothing on the screen is lost.
    click(&page, "kitten.jpg");
    told(&page);
    assert_eq!(page.shown().unwrap().query, 1);
    page.browser.screenshot("phone-sample-missing").unwrap();
}
