//! From photo to photo: more results, more like one of them, the way back, and addresses that lead to a photo.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, time::Duration};

use lookalike::{
    engine::{Answer, Engine},
    likeness::{Likeness, likeness},
    search::linear_scan,
};
use lookalike_tests::{
    demo_site,
    driver::{WebGpu, wait},
    page::{LAPTOP, PHONE, Page, Shown},
    samples,
    server::Server,
    skipped,
};
use serde_json::{Value, json};

const MORE: &str = "[data-testid=more]";

/// Larger than the time that anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// How far a similarity may be from the native one where a photo is encoded: as in browser.rs.
const CPU_TOLERANCE: f64 = 1e-5;

/// Narrow phone, tablet, wide screen.
const SIZES: [(u32, u32); 3] = [(360, 740), (768, 1024), (1440, 900)];

fn engine() -> Engine {
    Engine::open(&lookalike_training::site::files(&demo_site()).unwrap(), lookalike::encoder::cpu()).unwrap()
}

fn id_of(engine: &Engine, path: &str) -> u32 {
    engine.gallery().items.iter().position(|item| item.path == path).expect("a photo of the demo") as u32
}

fn path_of(engine: &Engine, id: u32) -> String {
    engine.gallery().items[id as usize].path.clone()
}

fn near(engine: &Engine, path: &str, k: usize) -> Answer {
    engine.near(id_of(engine, path), k).unwrap()
}

fn paths(shown: &Shown) -> Vec<String> {
    shown.results.iter().map(|(path, _)| path.clone()).collect()
}

/// What the page shows is what the native engine finds near this photo of the collection, to the last bit of the order.
fn assert_near(page: &Page, shown: &Shown, engine: &Engine, path: &str) {
    let native = near(engine, path, 6);
    let expected: Vec<_> = native.neighbors.iter().map(|n| path_of(engine, n.id)).collect();
    assert_eq!(paths(shown), expected, "near {path}");
    assert!(!expected.contains(&path.to_owned()), "{path} is its own neighbour");
    assert_eq!(shown.cluster, native.cluster.to_string());
    assert_eq!(shown.group, native.density_group.map_or("noise".to_owned(), |group| group.to_string()));
    let place = [native.map.x, native.map.y].map(f64::from);
    assert!(shown.map.iter().zip(place).all(|(a, b)| (a - b).abs() < 1e-6), "{:?} {place:?}", shown.map);
    assert_eq!(shown.pixels, "", "nothing has been encoded");
    assert_eq!(page.text("photo-name").unwrap(), path);
    assert_eq!(address(page), format!("#photo={path}"));
}

fn open(server: &Server, rest: &str, size: (u32, u32)) -> Page {
    Page::open(&format!("{}?device=cpu{rest}", server.address), WebGpu::None, size).unwrap()
}

fn script(page: &Page, body: &str) -> Value {
    page.browser.script(body, json!([])).unwrap()
}

/// The part of the address that names a photo; the device stays in the other part.
fn address(page: &Page) -> String {
    assert!(script(page, "return location.search").as_str().unwrap().starts_with("?device="));
    script(page, "return decodeURIComponent(location.hash)").as_str().unwrap().to_owned()
}

/// The words of the trail, in order.
fn trail(page: &Page) -> Vec<String> {
    let words = "return [...document.querySelectorAll('[data-testid=trail] li')].map(step => step.innerText.trim())";
    serde_json::from_value(script(page, words)).unwrap()
}

/// Clicks a result, counted from 1, and waits for the answer.
fn choose(page: &Page, place: usize) -> Shown {
    let before = page.answered().unwrap();
    page.browser.click(&format!("[data-testid=result]:nth-child({place}) a")).unwrap();
    page.wait_for_answer(before).unwrap()
}

/// Does something that has an answer, and waits for it.
fn after(page: &Page, body: &str) -> Shown {
    let before = page.answered().unwrap();
    script(page, body);
    page.wait_for_answer(before).unwrap()
}

/// Waits for a sentence of error.
fn told(page: &Page) -> String {
    wait(PATIENCE, || Ok(Some(page.text("error")?).filter(|text| !text.is_empty()))).unwrap()
}

fn assert_fits(page: &Page, size: (u32, u32), what: &str) {
    let width = script(page, "return document.documentElement.scrollWidth");
    assert!(width.as_u64().unwrap() <= u64::from(size.0), "{what} at {}: {width} pixels wide", size.0);
}

#[test]
fn every_photo_of_the_demo_has_the_neighbours_of_the_linear_scan() {
    if skipped() {
        return;
    }
    let engine = engine();
    let all = &engine.gallery().embeddings;
    for id in (0..all.len()).step_by(7) {
        let mut expected = linear_scan(&all[id], all, all.len());
        expected.retain(|neighbor| neighbor.id as usize != id);
        expected.truncate(60);
        let answer = engine.near(id as u32, 60).unwrap();
        assert_eq!(answer.neighbors, expected, "{}", path_of(&engine, id as u32));
        assert_eq!(answer.embedding, all[id].as_slice());
    }
    assert!(engine.near(all.len() as u32, 6).is_err());
}

#[test]
fn more_photos_come_behind_those_that_are_there() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", LAPTOP);
    assert_eq!(page.text("more").unwrap(), "", "there is nothing yet");
    let photo = &samples()[0];
    let first = page.ask(photo).unwrap();
    assert_eq!(first.results.len(), 6);
    let native = pollster::block_on(engine().ask(&fs::read(photo).unwrap(), 60)).unwrap();
    // Elements and places of the tiles that are there.
    let places = "return [...results.children].slice(0, 6).map(tile => {
        const box = tile.getBoundingClientRect();
        return [box.left, box.top + scrollY, box.width, box.height].map(Math.round); })";
    script(&page, "window.tiles = [...results.children]");
    let before = script(&page, places);
    for count in [24, 60] {
        assert_eq!(page.text("more").unwrap(), format!("Show {count} photos"));
        let old = page.shown().unwrap().results.len();
        page.browser.click(MORE).unwrap();
        let shown = page.shown().unwrap();
        assert_eq!(shown.results.len(), count);
        assert_eq!(shown.query, first.query, "no question has been asked for it");
        assert_eq!(script(&page, "return tiles.every((tile, at) => tile === results.children[at])"), true);
        assert_eq!(script(&page, places), before, "nothing that was there moves");
        let focused = "return document.activeElement.closest('[data-testid=result]')?.dataset.path ?? ''";
        assert_eq!(
            script(&page, focused).as_str().unwrap(),
            shown.results[old].0,
            "the keyboard is on the first new one"
        );
        assert!(
            script(&page, "return document.getElementById('results-heading').innerText")
                .as_str()
                .unwrap()
                .contains(&count.to_string())
        );
        for ((path, similarity), expected) in shown.results.iter().zip(&native.neighbors) {
            assert!((similarity - f64::from(expected.similarity)).abs() < CPU_TOLERANCE, "{path}");
        }
        let mut distinct = paths(&shown);
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), count, "no photo comes twice");
    }
    assert_eq!(page.text("more").unwrap(), "", "that is all");
    page.browser.screenshot("laptop-more").unwrap();
    assert_eq!(page.ask(&samples()[1]).unwrap().results.len(), 6, "a new answer starts again");
    assert_eq!(page.text("more").unwrap(), "Show 24 photos");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

fn a_result_leads_to_its_own_neighbours(query: &str, gpu: WebGpu) {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = Page::open(&format!("{}{query}", server.address), gpu, LAPTOP).unwrap();
    let mut shown = page.ask(&samples()[0]).unwrap();
    assert_eq!(address(&page), "", "the visitor's photo is in no address");
    let mut way = vec!["Your photo".to_owned()];
    for place in [3, 1] {
        assert_eq!(trail(&page), way);
        let path = shown.results[place - 1].0.clone();
        shown = choose(&page, place);
        assert_near(&page, &shown, &engine, &path);
        assert!(
            shown.embedding.iter().zip(near(&engine, &path, 1).embedding).all(|(a, b)| (a - f64::from(b)).abs() < 1e-6)
        );
        // The nearest photo of a photo may be the one before it: then the trail is as long as it was there.
        match way.iter().position(|step| *step == path) {
            Some(at) => way.truncate(at + 1),
            None => way.push(path),
        }
    }
    assert_eq!(trail(&page), way);
    page.browser.screenshot("laptop-more-like-this").unwrap();
    // What the encoder keeps of a photo of the collection is drawn from its thumbnail.
    page.browser.click("[data-testid=reconstruct]").unwrap();
    let label = wait(PATIENCE, || {
        let error = page.text("error")?;
        anyhow::ensure!(error.is_empty(), "the page says: {error}");
        Ok(Some(page.attribute("reconstruction", "aria-label")?).filter(|label| !label.is_empty()))
    })
    .unwrap();
    assert!(label.contains(way.last().unwrap()), "{label}");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn on_the_processor_a_result_leads_to_its_own_neighbours() {
    a_result_leads_to_its_own_neighbours("?device=cpu", WebGpu::None);
}

#[test]
fn on_webgpu_a_result_leads_to_its_own_neighbours() {
    a_result_leads_to_its_own_neighbours("?device=webgpu", WebGpu::Software);
}

/// Goes from a photo to one of its results that the trail does not hold; returns its path.
fn one_further(page: &Page) -> String {
    let way = trail(page);
    let is_new = |(path, _): &(String, f64)| !way.contains(path);
    let mut results = page.shown().unwrap().results;
    if !results.iter().any(is_new) {
        page.browser.click(MORE).unwrap();
        results = page.shown().unwrap().results;
    }
    let place = results.iter().position(is_new).expect("more photos than the trail holds");
    choose(page, place + 1);
    results.swap_remove(place).0
}

#[test]
fn the_trail_and_the_browser_lead_back_and_forward() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", LAPTOP);
    let photo = &samples()[2];
    let own = page.ask(photo).unwrap();
    let first = one_further(&page);
    let second = one_further(&page);
    assert_eq!(trail(&page), ["Your photo", &first, &second]);
    // The trail's own way back: a step is taken away.
    let before = page.answered().unwrap();
    page.browser.click("[data-testid=trail] li:nth-child(2) a").unwrap();
    let shown = page.wait_for_answer(before).unwrap();
    assert_near(&page, &shown, &engine, &first);
    assert_eq!(trail(&page), ["Your photo", &first]);
    // The browser's: each answer has been an entry, this last one too.
    assert_near(&page, &after(&page, "history.back()"), &engine, &second);
    assert_eq!(trail(&page), ["Your photo", &first, &second]);
    assert_near(&page, &after(&page, "history.back()"), &engine, &first);
    let back = after(&page, "history.back()");
    assert_eq!((&back.results, &back.pixels), (&own.results, &own.pixels), "the visitor's photo is still there");
    assert_eq!(address(&page), "");
    assert_eq!(page.text("photo-name").unwrap(), photo.file_name().unwrap().to_str().unwrap());
    assert_eq!(trail(&page), ["Your photo"]);
    assert_near(&page, &after(&page, "history.forward()"), &engine, &first);
    assert_eq!(trail(&page), ["Your photo", &first]);
    // Back to the visitor's photo by the trail, which has no address for it.
    let before = page.answered().unwrap();
    page.browser.click("[data-testid=trail] button").unwrap();
    assert_eq!(page.wait_for_answer(before).unwrap().results, own.results);
    assert_eq!(address(&page), "");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn an_address_leads_to_a_photo() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let (one, other) = (path_of(&engine, 40), path_of(&engine, 300));
    let page = open(&server, &format!("#photo={}", one.replace('/', "%2F")), LAPTOP);
    let shown = page.wait_for_answer(0).unwrap();
    assert_eq!(trail(&page), [one.as_str()]);
    assert_near(&page, &shown, &engine, &one);
    // An address typed while the page is open, and the way back from it.
    assert_near(&page, &after(&page, &format!("location.hash = '#photo={other}'")), &engine, &other);
    assert_eq!(trail(&page), [other.as_str()]);
    assert_near(&page, &after(&page, "history.back()"), &engine, &one);
    // A result's address is what the result's link says.
    let link = "return document.querySelector('[data-testid=result] a').getAttribute('href')";
    let link = script(&page, link).as_str().unwrap().to_owned();
    choose(&page, 1);
    assert_eq!(script(&page, "return location.hash"), link.as_str());
    // It outlives the page.
    let shown = page.shown().unwrap();
    script(&page, "window.old = true; location.reload()");
    wait(PATIENCE, || {
        Ok(page.browser.script("return !window.old", json!([])).is_ok_and(|new| new == true).then_some(()))
    })
    .unwrap();
    assert_eq!(page.wait_for_answer(0).unwrap().results, shown.results);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn an_address_of_nothing_is_told_and_the_answer_stays() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, "#photo=no/such%20photo.jpg", LAPTOP);
    let sentence = told(&page);
    assert!(sentence.contains("no/such photo.jpg") && sentence.contains("no photo"), "{sentence}");
    page.browser.click("[data-testid=error] button").unwrap();
    let before = page.ask(&samples()[0]).unwrap();
    assert_eq!(address(&page), "", "the visitor's photo takes the place of an address that led to nothing");
    for nothing in ["#photo=nor%20this.jpg", "#photo=%E0%A4%A"] {
        script(&page, &format!("location.hash = '{nothing}'"));
        assert!(told(&page).contains("no photo"));
        let after = page.shown().unwrap();
        assert_eq!((after.query, &after.results), (before.query, &before.results));
        assert_eq!(trail(&page), ["Your photo"]);
        page.browser.click("[data-testid=error] button").unwrap();
    }
    assert_eq!(page.ask(&samples()[0]).unwrap().results, before.results, "and it still answers");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

/// A key as the keyboard sends it, to wherever the keyboard is.
fn press(page: &Page, key: &str, modifiers: u32) {
    let (code, text) = match key {
        "Tab" => (9, None),
        "Enter" => (13, Some("\r")),
        _ => unreachable!("{key}"),
    };
    let mut event =
        json!({"type": "rawKeyDown", "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers});
    if let Some(text) = text {
        event["type"] = json!("keyDown");
        event["text"] = json!(text);
    }
    page.browser.devtools("Input.dispatchKeyEvent", event.clone()).unwrap();
    event["type"] = json!("keyUp");
    page.browser.devtools("Input.dispatchKeyEvent", event).unwrap();
}

const SHIFT: u32 = 8;

/// Presses Tab until the keyboard is on an element that fits, and sees that it shows.
fn tab_to(page: &Page, selector: &str, modifiers: u32) {
    for _ in 0..60 {
        press(page, "Tab", modifiers);
        if script(page, &format!("return document.activeElement.matches('{selector}')")) == true {
            let outline = "return document.activeElement.matches(':focus-visible')
                && parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2";
            assert_eq!(script(page, outline), true, "{selector} does not show the keyboard");
            return;
        }
    }
    panic!("the keyboard does not come to {selector}");
}

#[test]
fn the_keyboard_goes_everywhere() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", LAPTOP);
    page.browser.devtools("Emulation.setFocusEmulationEnabled", json!({"enabled": true})).unwrap();
    let own = page.ask(&samples()[3]).unwrap();
    script(&page, "document.getElementById('photo-input').focus()");
    tab_to(&page, "[data-testid=result]:nth-child(2) a", 0);
    let path = own.results[1].0.clone();
    let name = "const link = document.activeElement; return link.querySelector('img').alt + ' ' + link.innerText";
    let name = script(&page, name).as_str().unwrap().to_owned();
    assert!(name.starts_with("More like this") && name.contains(&path), "{name}");
    let before = page.answered().unwrap();
    press(&page, "Enter", 0);
    assert_near(&page, &page.wait_for_answer(before).unwrap(), &engine, &path);
    // What the keyboard was on is gone: it is on the photo whose neighbours are shown, and from there all goes on.
    assert_eq!(script(&page, "return document.activeElement.getAttribute('aria-current')"), "page");
    page.browser.screenshot("laptop-keyboard").unwrap();
    tab_to(&page, "[data-testid=trail] button", SHIFT);
    let before = page.answered().unwrap();
    press(&page, "Enter", 0);
    assert_eq!(page.wait_for_answer(before).unwrap().results, own.results);
    tab_to(&page, MORE, 0);
    press(&page, "Enter", 0);
    assert_eq!(page.shown().unwrap().results.len(), 24);
    assert_eq!(script(&page, "return document.activeElement.matches('[data-testid=result]:nth-child(7) a')"), true);
    assert_eq!(page.answered().unwrap(), before + 1);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn the_words_are_the_native_ones() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let thresholds = engine.gallery().entry.likeness;
    let page = open(&server, "", PHONE);
    let explained = page.text("words").unwrap();
    for figure in [thresholds.related, thresholds.look_alike, thresholds.near_duplicate, thresholds.identical] {
        assert!(explained.contains(&format!("{figure:.3}")), "{figure} is not in {explained}");
    }
    // A photo of the collection, given as a file: it finds itself.
    let path = path_of(&engine, 100);
    page.ask(&lookalike_tests::demo_photos().join(&path)).unwrap();
    assert_eq!(page.attribute("result", "data-path").unwrap(), path);
    assert_eq!(page.attribute("result", "data-likeness").unwrap(), "identical");
    assert!(page.text("result").unwrap().contains("identical"));
    // Its neighbours by the stored embedding, sixty of them: the same figures and the same words.
    choose(&page, 1);
    page.browser.click(MORE).unwrap();
    page.browser.click(MORE).unwrap();
    let words = "return [...document.querySelectorAll('[data-testid=result]')].map(tile => tile.dataset.likeness)";
    let words: Vec<String> = serde_json::from_value(script(&page, words)).unwrap();
    let native = near(&engine, &path, 60);
    let expected: Vec<_> = native
        .neighbors
        .iter()
        .map(|neighbor| likeness(neighbor.similarity, &thresholds).map_or("", Likeness::name))
        .collect();
    assert_eq!(words, expected);
    page.browser.screenshot("phone-words").unwrap();
}

#[test]
fn nothing_overflows_or_jumps_at_any_width() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    for (size, scheme) in SIZES.into_iter().zip(["dark", "light", "dark"]) {
        let page = open(&server, "", size);
        let colours = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        page.browser.devtools("Emulation.setEmulatedMedia", colours).unwrap();
        let top = |selector: &str| {
            let top = format!("return document.querySelector('{selector}').getBoundingClientRect().top + scrollY");
            script(&page, &top).as_f64().unwrap()
        };
        let before = (top("#your-frame"), top(".atlas"));
        page.ask(&samples()[1]).unwrap();
        let answered = (top("#your-frame"), top(".atlas"));
        // On a narrow phone a long group name may need a second line.
        if size.0 >= 768 {
            assert!(
                (before.1 - answered.1).abs() < 1.5,
                "{}: the map was at {}, is at {}",
                size.0,
                before.1,
                answered.1
            );
        }
        assert!((before.0 - answered.0).abs() < 1.5, "{}: the photo was at {}, is at {}", size.0, before.0, answered.0);
        // A trail that is longer than any screen scrolls in itself, and shows its end.
        for _ in 0..8 {
            one_further(&page);
        }
        assert_eq!(trail(&page).len(), 9);
        assert!((top("#your-frame") - answered.0).abs() < 1.5, "{}: a long trail moves the photo", size.0);
        let end = "const trail = document.getElementById('trail'); return trail.scrollWidth - trail.clientWidth - trail.scrollLeft";
        assert!(script(&page, end).as_f64().unwrap() < 2.0);
        assert_fits(&page, size, "a long trail");
        page.browser.screenshot(&format!("explore-{}", size.0)).unwrap();
        page.browser.click(MORE).unwrap();
        page.browser.click(MORE).unwrap();
        assert_fits(&page, size, "sixty photos");
        page.browser.screenshot(&format!("explore-{}-more", size.0)).unwrap();
    }
}
