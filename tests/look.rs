//! A result, looked at closer: large, beside and over the query, why it was found; and queries that lie on their side.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use image::imageops;
use lookalike::engine::Why;
use lookalike_tests::{
    demo_photos, demo_site,
    driver::keys,
    journey::{engine, name_of, path_of},
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{SIZES, assert_fits, click, open, script, wait_until},
};
use serde_json::json;

/// The dialog's photo.
fn looked_at(page: &Page) -> String {
    script(page, "return document.getElementById('look-path').textContent").as_str().unwrap().to_owned()
}

/// Opens the large view with the button on a tile, counted from 1.
fn look(page: &Page, place: usize) {
    script(
        page,
        &format!(
            "document.querySelector('#results li:nth-child({place})').scrollIntoView({{block: 'center', behavior: 'instant'}})"
        ),
    );
    page.browser.click(&format!("#results li:nth-child({place}) [data-testid=look]")).unwrap();
    wait_until(page, "document.getElementById('look-dialog').open");
}

fn view(page: &Page, name: &str) {
    script(page, &format!("document.querySelector('[data-testid=view-{name}]').click()"));
}

/// Clicks at a place of an element, in parts of its width and height.
fn click_at(page: &Page, selector: &str, x: f64, y: f64, pointer: &str) {
    let place = "const box = document.querySelector(arguments[0]).getBoundingClientRect();
        return [box.left + arguments[1] * box.width, box.top + arguments[2] * box.height]";
    let place = page.browser.script(place, json!([selector, x, y])).unwrap();
    let (x, y) = (place[0].as_f64().unwrap(), place[1].as_f64().unwrap());
    if pointer == "touch" {
        let touch = json!([{"x": x, "y": y}]);
        page.browser.devtools("Input.dispatchTouchEvent", json!({"type": "touchStart", "touchPoints": touch})).unwrap();
        page.browser.devtools("Input.dispatchTouchEvent", json!({"type": "touchEnd", "touchPoints": []})).unwrap();
        return;
    }
    for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
        let event = json!({"type": kind, "x": x, "y": y, "button": if kind == "mouseMoved" { "none" } else { "left" }, "clickCount": 1});
        page.browser.devtools("Input.dispatchMouseEvent", event).unwrap();
    }
}

#[test]
fn a_result_is_looked_at_large_with_mouse_and_keys() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", LAPTOP);
    let shown = page.ask(&samples()[0]).unwrap();
    let paths = shown.paths();
    look(&page, 2);
    assert_eq!(looked_at(&page), paths[1]);
    assert_eq!(page.text("look-similarity").unwrap(), format!("{:.3}", shown.results[1].1));
    page.browser.screenshot("laptop-look").unwrap();
    // The picture is the larger one where the site has those.
    let large = lookalike_training::site::read(&demo_site()).unwrap().entry.large;
    let folder = if large > 0 { "/gallery/large/" } else { "/gallery/thumbs/" };
    assert_eq!(
        script(&page, &format!("return document.querySelector('#look-result img').src.includes('{folder}')")),
        true
    );
    wait_until(&page, "document.querySelector('#look-result img').naturalWidth > 0");
    // Next, by button and key, and around.
    click(&page, "look-next");
    assert_eq!(looked_at(&page), paths[2]);
    page.browser.press(keys::RIGHT).unwrap();
    assert_eq!(looked_at(&page), paths[3]);
    for _ in 0..4 {
        page.browser.press(keys::LEFT).unwrap();
    }
    assert_eq!(looked_at(&page), paths[5], "after the last comes the first");
    assert_eq!(page.answered().unwrap(), shown.query, "nothing has been asked for it");
    page.browser.press(keys::ESCAPE).unwrap();
    wait_until(&page, "!document.getElementById('look-dialog').open");
    // With the keyboard alone: a key on the tile opens it, and the keyboard comes back to the tile.
    for key in ["l", " "] {
        script(&page, "document.querySelector('#results li:nth-child(3) a').focus()");
        page.browser.press(key).unwrap();
        wait_until(&page, "document.getElementById('look-dialog').open");
        assert_eq!(looked_at(&page), paths[2]);
        page.browser.press(keys::RIGHT).unwrap();
        assert_eq!(looked_at(&page), paths[3]);
        page.browser.press(keys::ESCAPE).unwrap();
        wait_until(&page, "document.activeElement.closest('#results li:nth-child(3)')");
    }
    // More like this.
    look(&page, 1);
    click(&page, "look-more");
    page.wait_for_answer(shown.query).unwrap();
    assert_eq!(page.attribute("photo-name", "title").unwrap(), paths[0]);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn query_and_result_lie_side_by_side_and_over_each_other() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", LAPTOP);
    page.ask(&samples()[1]).unwrap();
    look(&page, 1);
    view(&page, "pair");
    let boxes = "return ['query', 'result'].map(name => {
        const box = document.querySelector(`#look-${name} > div`).getBoundingClientRect();
        return [box.left, box.top, box.width, box.height].map(Math.round); })";
    let side_by_side = script(&page, boxes);
    assert!(side_by_side[0][0].as_f64() < side_by_side[1][0].as_f64());
    for at in [1, 2, 3] {
        assert_eq!(side_by_side[0][at], side_by_side[1][at], "both are cropped alike");
    }
    assert_eq!(side_by_side[0][2], side_by_side[0][3], "the encoder looks at a square");
    let crop = engine().gallery().encoder.config.preprocess.crop;
    let scale = script(&page, "return Number(getComputedStyle(document.querySelector('#look-query img')).scale)");
    assert!((scale.as_f64().unwrap() - f64::from(1.0 / crop)).abs() < 1e-3, "{scale} {crop}");
    page.browser.screenshot("laptop-look-pair").unwrap();
    view(&page, "slide");
    let over = script(&page, boxes);
    assert_eq!(over[0], over[1], "one lies over the other");
    // Mouse, touch and keyboard move the border.
    let border =
        || script(&page, "return getComputedStyle(document.querySelector('#look-query')).clipPath").to_string();
    let value =
        || script(&page, "return Number(document.querySelector('[data-testid=look-border]').value)").as_f64().unwrap();
    let middle = border();
    click_at(&page, "[data-testid=look-border]", 0.25, 0.5, "mouse");
    assert!((value() - 25.0).abs() < 3.0, "{}", value());
    assert_ne!(border(), middle);
    page.browser.screenshot("laptop-look-slide").unwrap();
    click_at(&page, "[data-testid=look-border]", 0.75, 0.5, "touch");
    assert!((value() - 75.0).abs() < 3.0, "{}", value());
    let (name, before) = (looked_at(&page), value());
    script(&page, "document.querySelector('[data-testid=look-border]').focus()");
    page.browser.press(keys::LEFT).unwrap();
    assert!(value() < before);
    assert_eq!(looked_at(&page), name, "there the arrows move the border");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

/// What the native engine says of the visitor's photo and the picture that the page has of a photo.
fn natively(photo: &std::path::Path, path: &str) -> Why {
    let engine = engine();
    let item = engine.gallery().items.iter().find(|item| item.path == path).unwrap();
    let picture = if engine.gallery().entry.large > 0 { item.large_path() } else { item.thumb_path() };
    let picture = fs::read(demo_site().join("gallery").join(picture)).unwrap();
    pollster::block_on(engine.explain([&fs::read(photo).unwrap(), &picture], None)).unwrap()
}

#[test]
fn why_shows_what_the_engine_finds_again() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", LAPTOP);
    let photo = &samples()[2];
    let shown = page.ask(photo).unwrap();
    look(&page, 1);
    view(&page, "why");
    wait_until(&page, "document.getElementById('why-all').innerText.includes('.')");
    let native = natively(photo, &shown.paths()[0]);
    for (hook, expected) in [("why-all", native.similarity), ("why-grey", native.grey), ("why-colour", native.colour)] {
        let figure: f32 = page.text(hook).unwrap().parse().unwrap();
        assert!((figure - expected).abs() < 6e-4, "{hook}: {figure} {expected}");
    }
    let side = native.of(0).len().isqrt();
    for (place, hook) in [(0, "why-query"), (1, "why-result")] {
        assert_eq!(page.attribute(hook, "width").unwrap(), side.to_string());
        // The veil is thinner where the match is better.
        let alphas = format!(
            "const c = document.querySelector('[data-testid={hook}]'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return [...d].filter((_, at) => at % 4 == 3)"
        );
        let alphas: Vec<u8> = serde_json::from_value(script(&page, &alphas)).unwrap();
        let matches = native.of(place);
        assert_eq!(alphas.len(), matches.len());
        for (one, other) in alphas.iter().zip(matches).zip(alphas.iter().zip(matches).skip(1)) {
            if one.1.similarity > other.1.similarity + 1e-3 {
                assert!(one.0 <= other.0, "{one:?} {other:?}");
            }
        }
        assert!(alphas.iter().max() > alphas.iter().min(), "there is something to see");
    }
    page.browser.screenshot("laptop-look-why").unwrap();
    // A place of one photo, with the mouse, then the keys.
    click_at(&page, "[data-testid=why-query]", 0.5 / side as f64, 0.5 / side as f64, "mouse");
    let says = |cell: usize| {
        let found = native.of(0)[cell];
        let other = found.cell as usize;
        let (row, column) = (cell / side + 1, cell % side + 1);
        format!(
            "Row {row}, column {column} is most like row {}, column {} of the other photo: {:.2}.",
            other / side + 1,
            other % side + 1,
            found.similarity
        )
    };
    assert_eq!(page.text("why-words").unwrap(), says(0));
    script(&page, "document.querySelector('[data-testid=why-query]').focus()");
    page.browser.press(keys::RIGHT).unwrap();
    page.browser.press(keys::DOWN).unwrap();
    assert_eq!(page.text("why-words").unwrap(), says(side + 1));
    let marks = script(
        &page,
        "return [...document.querySelectorAll('#look-stage .cell')].map(mark => [mark.hidden, Math.round(parseFloat(mark.style.left))])",
    );
    let other = native.of(0)[side + 1].cell as usize % side;
    assert_eq!(
        marks,
        json!([
            [false, (100.0 / side as f64).round() as u64],
            [false, (100.0 * other as f64 / side as f64).round() as u64]
        ])
    );
    page.browser.screenshot("laptop-look-why-cell").unwrap();
    // The next photo has reasons of its own.
    click(&page, "look-next");
    wait_until(&page, "document.getElementById('why-all').innerText.includes('.')");
    let next: f32 = page.text("why-all").unwrap().parse().unwrap();
    assert!((next - natively(photo, &shown.paths()[1]).similarity).abs() < 6e-4);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn why_compares_the_box_and_shows_it() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let path = path_of(&engine, 40);
    let page = open(&server, &format!("#photo={path}&crop=100,200,500,400"), LAPTOP);
    let shown = page.wait_for_answer(0).unwrap();
    look(&page, 1);
    view(&page, "why");
    wait_until(&page, "document.getElementById('why-all').innerText.includes('.')");
    let picture = |path: &str| {
        let item = engine.gallery().items.iter().find(|item| item.path == path).unwrap();
        let large = engine.gallery().entry.large > 0;
        fs::read(demo_site().join("gallery").join(if large { item.large_path() } else { item.thumb_path() })).unwrap()
    };
    let pair = [picture(&path), picture(&shown.paths()[0])];
    let why = |part| pollster::block_on(engine.explain([&pair[0], &pair[1]], part)).unwrap();
    let (part, whole) = (why(lookalike::crop::Crop::parse("100,200,500,400")), why(None));
    let figure: f32 = page.text("why-all").unwrap().parse().unwrap();
    assert!((figure - part.similarity).abs() < 6e-4, "{figure} {}", part.similarity);
    assert!((figure - whole.similarity).abs() > 6e-4, "the whole photo is another");
    // The box fills the frame under the veil.
    wait_until(&page, "document.querySelector('#look-query img').naturalWidth > 0");
    let seen = "const [frame, photo] = ['div', 'img'].map(part => document.querySelector(`#look-query ${part}`).getBoundingClientRect());
        return [(frame.left - photo.left) / photo.width, (frame.top - photo.top) / photo.height, frame.width / photo.width, frame.height / photo.height].map(x => Math.round(x * 1000))";
    assert_eq!(script(&page, seen), json!([100, 200, 500, 400]));
    assert_eq!(
        script(&page, "return document.querySelector('#look-query figcaption').innerText"),
        format!("{} (part)", name_of(&engine, &path))
    );
    page.browser.screenshot("laptop-look-why-part").unwrap();
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_plain_autoencoder_has_reasons_too() {
    let small = lookalike_tests::small::small();
    let files = lookalike_training::site::files(&small.path("site")).unwrap();
    let engine = lookalike::engine::Engine::open(&files, lookalike::encoder::cpu()).unwrap();
    let photo = fs::read(&samples()[0]).unwrap();
    let itself = pollster::block_on(engine.explain([&photo, &photo], None)).unwrap();
    assert_eq!(itself.of(0).len(), 64);
    assert!(itself.similarity > 0.9999 && itself.grey > 0.9999 && itself.colour > 0.9999);
    let other = pollster::block_on(engine.explain([&photo, &fs::read(&samples()[3]).unwrap()], None)).unwrap();
    assert!(other.similarity < itself.similarity && other.colour < itself.colour);
    assert!(other.matches.iter().any(|found| found.similarity > 0.0));
}

#[test]
fn a_photo_on_its_side_finds_itself_where_that_is_wanted() {
    if skipped() {
        return;
    }
    let engine = engine();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", LAPTOP);
    for (place, (id, symmetry)) in
        [(40, "turned left"), (200, "mirrored"), (500, "mirrored, turned right")].into_iter().enumerate()
    {
        let path = path_of(&engine, id);
        let original = image::open(demo_photos().join(&path)).unwrap().into_rgb8();
        // The photo that is given, turned as the word says, is the original.
        let given = match symmetry {
            "turned left" => imageops::rotate90(&original),
            "mirrored" => imageops::flip_horizontal(&original),
            _ => imageops::flip_horizontal(&imageops::rotate270(&original)),
        };
        let file = folder.path().join(format!("turned-{place}.png"));
        given.save(&file).unwrap();
        let before = page.answered().unwrap();
        let shown = page.ask(&file).unwrap();
        if place == 0 {
            assert_eq!(script(&page, "return document.querySelectorAll('.turned').length"), 0);
            click(&page, "turned");
            page.wait_for_answer(shown.query).unwrap();
        }
        let shown = page.shown().unwrap();
        assert!(shown.query > before);
        assert_eq!(shown.results[0].0, path, "{symmetry}");
        assert!(shown.results[0].1 > 0.99, "{:?}", shown.results[0]);
        let mark = script(&page, "return document.querySelector('#results li .turned').innerText");
        assert_eq!(mark, symmetry, "{path}");
    }
    page.browser.screenshot("laptop-turned").unwrap();
    // A photo of the collection is known as it is; back at the photo the choice still holds.
    let before = page.answered().unwrap();
    page.browser.click("#results li a").unwrap();
    page.wait_for_answer(before).unwrap();
    assert_eq!(script(&page, "return document.querySelectorAll('.turned').length"), 0);
    assert_eq!(
        script(&page, "return document.getElementById('turned').checkVisibility({visibilityProperty: true})"),
        false
    );
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn every_view_fits_every_screen() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    for size in [PHONE].into_iter().chain(SIZES) {
        let page = open(&server, "", size);
        page.ask(&samples()[0]).unwrap();
        for scheme in ["light", "dark"] {
            page.prefer(scheme).unwrap();
            look(&page, 1);
            for name in ["large", "pair", "slide", "why"] {
                view(&page, name);
                if name == "why" {
                    wait_until(&page, "document.getElementById('why-all').innerText.includes('.')");
                }
                wait_until(&page, "[...document.querySelectorAll('#look-stage img')].every(image => image.complete)");
                assert_fits(&page, size, name);
                let inside = script(
                    &page,
                    "const dialog = document.getElementById('look-dialog'); return [dialog.scrollWidth - dialog.clientWidth, dialog.scrollHeight - dialog.clientHeight]",
                );
                assert!(inside[0].as_f64().unwrap() < 1.0, "{name} at {}: {inside} too wide", size.0);
                page.browser.screenshot(&format!("look-{}-{scheme}-{name}", size.0)).unwrap();
            }
            view(&page, "large");
            page.browser.press(keys::ESCAPE).unwrap();
            wait_until(&page, "!document.getElementById('look-dialog').open");
        }
    }
}
