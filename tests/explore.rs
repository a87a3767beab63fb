//! From photo to photo: more results, more like one of them, and the words for how alike they are.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use lookalike::{
    likeness::{Likeness, likeness},
    search::linear_scan,
};
use lookalike_tests::{
    driver::{WebGpu, wait},
    journey::{MORE, address, assert_near, assert_similar, choose, engine, name_of, near, one_further, path_of, trail},
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{PATIENCE, assert_fits, at_every_size, open, script},
};

#[test]
fn every_photo_of_the_demo_has_the_neighbours_of_the_linear_scan() {
    if skipped() {
        return;
    }
    let engine = engine();
    let all: Vec<_> = engine.gallery().embeddings.iter().cloned().collect();
    for id in (0..all.len()).step_by(7) {
        let mut expected = linear_scan(&all[id], &all, all.len());
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
        assert_similar(&shown, &native.neighbors);
        let mut distinct = shown.paths();
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
    assert!(label.contains(&name_of(&engine, way.last().unwrap())), "{label}");
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
    for (page, size, _) in at_every_size(["dark", "light", "dark"], |size| open(&server, "", size)) {
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
