//! A part of the photo: a box that is dragged and resized with mouse, finger or keys, and searched again as it moves.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path};

use lookalike::{crop::Crop, engine::Engine, photo::Photo};
use lookalike_tests::{
    driver::{
        keys::{DOWN, ENTER, ESCAPE, LEFT, RIGHT, SHIFT},
        wait,
    },
    hand::{Hand, middle, with_fingers},
    journey::{address, after, assert_similar, choose, engine, path_of, trail},
    page::{LAPTOP, PHONE, Page, Shown},
    samples,
    server::Server,
    skipped,
    steps::{PATIENCE, assert_fits, at_every_size, click, focused, open, script, wait_until},
};
use serde_json::json;

/// The box on the photo.
const BOX: &str = "#crop-box";

fn crop(numbers: [u16; 4]) -> Crop {
    Crop::try_from(numbers).unwrap()
}

/// Where the box is, as the page has it.
fn box_of(page: &Page) -> Crop {
    let parts = "const style = document.getElementById('framed').style;
        return ['--left', '--top', '--wide', '--high'].map(name => Math.round(style.getPropertyValue(name) * 1000))";
    crop(serde_json::from_value(script(page, parts)).unwrap())
}

fn decode(photo: &Path) -> Photo {
    Photo::decode(&fs::read(photo).unwrap()).unwrap()
}

fn hash(engine: &Engine, photo: &Photo, part: Option<Crop>) -> String {
    format!("{:016x}", engine.pixels(photo, part).hash())
}

/// Waits until what is on the screen is what the native engine finds for this part of a photo. `without`: the photo itself,
/// if it is one of the collection.
fn assert_part(page: &Page, engine: &Engine, photo: &Photo, part: Crop, without: &[u32]) -> Shown {
    let pixels = engine.pixels(photo, Some(part));
    let wanted = format!("{:016x}", pixels.hash());
    wait(PATIENCE, || Ok((page.attribute("results", "data-pixels")? == wanted).then_some(())))
        .unwrap_or_else(|e| panic!("{part}: {e}; the page is at {}", box_of(page)));
    page.wait_for_state("ready").unwrap();
    let shown = page.shown().unwrap();
    let embedding = pollster::block_on(engine.encode(&pixels)).unwrap();
    let native = engine.answer(&embedding, None, without, 6);
    let expected: Vec<_> = native.neighbors.iter().map(|n| path_of(engine, n.id)).collect();
    assert_eq!(shown.paths(), expected, "{part}");
    assert_similar(&shown, &native.neighbors);
    shown
}

/// The box lies on the photo as far as its numbers say, whatever the shape of the photo.
fn assert_lies_on_the_photo(page: &Page) {
    let place = "const image = document.querySelector('#your-frame img');
        const frame = image.getBoundingClientRect(), box = document.getElementById('crop-box').getBoundingClientRect();
        const scale = Math.min(frame.width / image.naturalWidth, frame.height / image.naturalHeight);
        const [width, height] = [image.naturalWidth * scale, image.naturalHeight * scale];
        const [left, top] = [frame.left + (frame.width - width) / 2, frame.top + (frame.height - height) / 2];
        return [(box.left - left) / width, (box.top - top) / height, box.width / width, box.height / height]";
    let seen: Vec<f64> = serde_json::from_value(script(page, place)).unwrap();
    let told = <[u16; 4]>::from(box_of(page)).map(|thousandths| f64::from(thousandths) / 1000.0);
    assert!(
        seen.iter().zip(told).all(|(a, b)| (a - b).abs() < 0.01),
        "the box is at {seen:?}, its numbers are {told:?}"
    );
}

fn dragging(hand: Hand, size: (u32, u32)) {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", size);
    if hand == Hand::Finger {
        with_fingers(&page);
    }
    for sample in &samples()[..2] {
        let photo = decode(sample);
        let whole = page.ask(sample).unwrap();
        assert_eq!(whole.pixels, hash(&engine, &photo, None), "at first the whole photo counts");
        assert_eq!(page.text("crop-box").unwrap(), "");
        click(&page, "part");
        let start = assert_part(&page, &engine, &photo, Crop::START, &[]);
        assert_lies_on_the_photo(&page);
        // The box as a whole; it is searched again while it moves.
        let at = middle(&page, BOX);
        let entries = script(&page, "return history.length");
        hand.drag(&page, at, [-30.0, 24.0], || {
            wait(PATIENCE, || Ok((page.answered()? > start.query + 1).then_some(()))).unwrap();
        });
        let moved = box_of(&page);
        let [left, top, width, height] = <[u16; 4]>::from(moved);
        assert!(left < 200 && top > 200 && (width, height) == (600, 600), "{moved}");
        assert_part(&page, &engine, &photo, moved, &[]);
        // One corner: the other stays where it is.
        let corner = middle(&page, "#crop-box [data-edges='se']");
        hand.drag(&page, corner, [-40.0, -30.0], || {});
        let resized = box_of(&page);
        let [same_left, same_top, smaller, lower] = <[u16; 4]>::from(resized);
        assert!((same_left, same_top) == (left, top) && smaller < width && lower < height, "{resized}");
        assert_part(&page, &engine, &photo, resized, &[]);
        // One edge.
        let edge = middle(&page, "#crop-box [data-edges='w']");
        hand.drag(&page, edge, [-1000.0, 20.0], || {});
        let wide = box_of(&page);
        assert_eq!(<[u16; 4]>::from(wide), [0, same_top, same_left + smaller, lower], "as far as there is photo");
        assert_part(&page, &engine, &photo, wide, &[]);
        assert_lies_on_the_photo(&page);
        assert_eq!(script(&page, "return history.length"), entries, "a box that moves keeps its entry");
        assert_eq!(address(&page), "", "a box on the visitor's photo is in no address");
        assert_eq!(trail(&page), ["Your photo (part)"]);
        page.browser.screenshot(&format!("crop-{hand:?}-{}", size.0)).unwrap();
        click(&page, "part");
        wait(PATIENCE, || Ok((page.attribute("results", "data-pixels")? == whole.pixels).then_some(()))).unwrap();
        assert_eq!(page.shown().unwrap().results, whole.results);
        assert_eq!(trail(&page), ["Your photo"]);
    }
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_mouse_drags_the_box() {
    dragging(Hand::Mouse, LAPTOP);
}

#[test]
fn a_finger_drags_the_box() {
    dragging(Hand::Finger, PHONE);
}

#[test]
fn keys_move_the_box() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", LAPTOP);
    let sample = &samples()[2];
    let (photo, whole) = (decode(sample), page.ask(sample).unwrap());
    script(&page, "document.getElementById('part').focus()");
    page.browser.press(ENTER).unwrap();
    assert_part(&page, &engine, &photo, Crop::START, &[]);
    assert_eq!(focused(&page), "crop-box", "the keyboard is on the box");
    assert_eq!(page.attribute("crop-box", "role").unwrap(), "application");
    for key in [LEFT, LEFT, DOWN] {
        page.browser.press(key).unwrap();
    }
    assert_part(&page, &engine, &photo, crop([160, 220, 600, 600]), &[]);
    for key in [RIGHT, DOWN] {
        page.browser.press_all(&[SHIFT, key]).unwrap();
    }
    assert_part(&page, &engine, &photo, crop([160, 220, 620, 620]), &[]);
    let label = page.attribute("crop-box", "aria-label").unwrap();
    for words in ["16% from the left", "22% from the top", "62% wide", "62% high"] {
        assert!(label.contains(words), "{label}");
    }
    assert_eq!(focused(&page), "crop-box", "answers leave the keyboard where it is");
    // At the edge the box stops.
    for _ in 0..12 {
        page.browser.press(LEFT).unwrap();
    }
    assert_part(&page, &engine, &photo, crop([0, 220, 620, 620]), &[]);
    page.browser.press(ESCAPE).unwrap();
    wait(PATIENCE, || Ok((page.attribute("results", "data-pixels")? == whole.pixels).then_some(()))).unwrap();
    assert_eq!(focused(&page), "part");
    assert_eq!(page.text("part").unwrap(), "Choose a part");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_box_on_a_photo_of_the_collection_has_an_address() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", LAPTOP);
    let first = page.ask(&samples()[0]).unwrap();
    let path = first.paths()[1].clone();
    let whole = choose(&page, 2);
    let id = (0..engine.gallery().items.len() as u32).find(|&id| path_of(&engine, id) == path).unwrap();
    let thumbnail = engine.gallery().items[id as usize].thumb_path();
    let thumbnail = decode(&lookalike_tests::demo_site().join("gallery").join(thumbnail));
    click(&page, "part");
    let start = assert_part(&page, &engine, &thumbnail, Crop::START, &[id]);
    assert!(!start.paths().contains(&path), "a part of a photo does not find the photo");
    assert_eq!(address(&page), format!("#photo={path}&crop=200,200,600,600"));
    assert_eq!(trail(&page), ["Your photo".to_owned(), format!("{path} (part)")]);
    let entries = script(&page, "return history.length");
    for _ in 0..4 {
        page.browser.press(RIGHT).unwrap();
    }
    let there = crop([280, 200, 600, 600]);
    let shown = assert_part(&page, &engine, &thumbnail, there, &[id]);
    wait_until(&page, "location.hash.endsWith('&crop=280,200,600,600')");
    assert_eq!(script(&page, "return history.length"), entries);
    // Back to the whole photo, and forward to the box where it was last.
    let back = after(&page, "history.back()");
    assert_eq!((back.paths(), address(&page)), (whole.paths(), format!("#photo={path}")));
    assert!(
        !page
            .browser
            .script("return document.getElementById('crop').checkVisibility()", json!([]))
            .unwrap()
            .as_bool()
            .unwrap()
    );
    let forward = after(&page, "history.forward()");
    assert_eq!((&forward.pixels, &forward.results), (&shown.pixels, &shown.results));
    assert_eq!(box_of(&page), there);
    assert_lies_on_the_photo(&page);
    // It outlives the page, and goes to others.
    let hash = script(&page, "return location.hash").as_str().unwrap().to_owned();
    drop(page);
    let page = open(&server, &format!("{hash}&view=2500,-1250,40000"), PHONE);
    page.wait_for_answer(0).unwrap();
    assert_eq!(page.shown().unwrap().pixels, shown.pixels);
    assert_eq!(box_of(&page), there);
    assert_eq!(
        script(&page, "return location.hash"),
        format!("{hash}&view=2500,-1250,40000"),
        "what others have in the address stays"
    );
    // A box that is none: the whole photo.
    let shown = after(&page, &format!("location.hash = '#photo={path}&crop=900,0,200,10'"));
    assert_eq!((shown.paths(), shown.pixels.as_str()), (whole.paths(), ""));
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn what_the_encoder_keeps_of_a_part_is_that_of_the_part() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", LAPTOP);
    let sample = &samples()[0];
    page.ask(sample).unwrap();
    click(&page, "part");
    assert_part(&page, &engine, &decode(sample), Crop::START, &[]);
    click(&page, "reconstruct");
    wait_until(&page, "document.querySelector('[data-testid=reconstruction]')");
    assert_eq!(
        script(&page, "return document.getElementById('crop-box').checkVisibility({visibilityProperty: true})"),
        false
    );
    // The photo beside it shows the part alone: its corners are the box's.
    let seen = "const image = document.querySelector('#your-frame img'), box = image.getBoundingClientRect();
        const cell = document.querySelector('#your-frame canvas').getBoundingClientRect();
        return [0.2 * box.width + box.left, cell.width / box.width, cell.height / box.height]";
    let seen: Vec<f64> = serde_json::from_value(script(&page, seen)).unwrap();
    assert!((seen[1] - 0.6).abs() < 0.01 && (seen[2] - 0.6).abs() < 0.01, "{seen:?}");
    page.browser.screenshot("crop-kept").unwrap();
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn the_box_has_room_for_fingers_and_moves_nothing() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    for (page, size, scheme) in at_every_size(["dark", "light", "dark"], |size| open(&server, "", size)) {
        page.ask(&samples()[5]).unwrap();
        let atlas = "return document.querySelector('.atlas').getBoundingClientRect().top + scrollY";
        let before = script(&page, atlas).as_f64().unwrap();
        click(&page, "part");
        wait_until(&page, "document.getElementById('crop-box').checkVisibility()");
        page.wait_for_state("ready").unwrap();
        assert!((script(&page, atlas).as_f64().unwrap() - before).abs() < 1.5, "{}: something jumps", size.0);
        assert_fits(&page, size, "a box");
        let handles =
            "return [...document.querySelectorAll('#crop-box span')].map(handle => handle.getBoundingClientRect())
            .map(box => Math.min(box.width, box.height))";
        let handles: Vec<f64> = serde_json::from_value(script(&page, handles)).unwrap();
        assert!(handles.len() == 8 && handles.iter().all(|&side| side >= 24.0), "{handles:?}");
        page.browser.screenshot(&format!("crop-{}-{scheme}", size.0)).unwrap();
    }
}

/// Why a part is seen to its edges: photos of the demo are found again by a part of them more often than by that part's
/// middle, which is what the encoder sees of whole photos.
#[test]
fn a_part_is_seen_better_whole_than_by_its_middle() {
    if skipped() {
        return;
    }
    let engine = engine();
    let items = &engine.gallery().items;
    let (mut whole, mut middle, mut count) = (0, 0, 0);
    for id in (0..items.len()).step_by(items.len() / 24) {
        let photo = decode(&lookalike_tests::demo_photos().join(&items[id].path));
        for part in [[100, 250, 800, 500], [300, 50, 450, 850], [50, 100, 600, 600]].map(crop) {
            let [left, top, width, height] = part.pixels(photo.picture().width(), photo.picture().height());
            let cut = image::imageops::crop_imm(photo.picture(), left, top, width, height).to_image();
            let found = |pixels| {
                let embedding = pollster::block_on(engine.encode(&pixels)).unwrap();
                u32::from(engine.answer(&embedding, None, &[], 1).neighbors[0].id as usize == id)
            };
            whole += found(engine.pixels(&photo, Some(part)));
            middle += found(engine.pixels(&Photo::from_picture(cut), None));
            count += 1;
        }
    }
    println!("of {count} parts, {whole} find their photo when they are seen whole, {middle} by their middle");
    assert!(whole > middle, "{whole} {middle} of {count}");
}
