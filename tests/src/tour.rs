//! A walk through everything a visitor does, for whoever watches the page meanwhile. Everything here asserts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

use std::{path::Path, thread, time::Duration};

use serde_json::json;

use crate::{
    driver::{WebGpu, keys::ESCAPE},
    hand::middle,
    map_side::{click_at, come_to_the_map, drag, line, on_screen},
    own_folder::search_folder,
    page::Page,
    samples,
    steps::{click, script, wait_until},
};

/// What moves or computes after a step of the visitor's does so within this time; for as long the web forgives a page
/// what follows an input.
const REST: Duration = Duration::from_millis(900);

/// An empty window whose next pages run a script before their own.
pub fn watched(size: (u32, u32), observer: &str) -> Page {
    let page = Page::load("about:blank", WebGpu::None, size).unwrap();
    page.browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": observer})).unwrap();
    page
}

/// Goes through the page at an address, and says at the end of each stage what it was.
pub fn walk(page: &Page, address: &str, past: &mut dyn FnMut(&'static str)) {
    let mut rest = |stage| {
        thread::sleep(REST);
        past(stage);
    };
    page.browser.load(address).unwrap();
    page.wait_for_state("ready").unwrap();
    rest("loading");
    page.ask(&samples()[1]).unwrap();
    wait_until(page, "[...document.querySelectorAll('.result img')].every(image => image.complete)");
    rest("the first answer");
    click(page, "more");
    rest("more results");
    look_closer(page);
    rest("the large view");
    about_the_map(page);
    rest("the map");
    filter(page);
    rest("a filter");
    click(page, "find-groups");
    wait_until(page, "/group|No two/.test(document.getElementById('groups-words').innerText)");
    rest("near-duplicates");
}

/// Another visit: a folder of the visitor's, with this many photos, is searched, then the collection again.
pub fn walk_to_folder(page: &Page, address: &str, folder: (&Path, usize), past: &mut dyn FnMut(&'static str)) {
    page.browser.load(address).unwrap();
    page.wait_for_state("ready").unwrap();
    page.ask(&samples()[0]).unwrap();
    script(page, "document.querySelector('.own-folder').scrollIntoView({block: 'center', behavior: 'instant'})");
    thread::sleep(REST);
    past("another visit");
    search_folder(page, folder.0, folder.1);
    thread::sleep(REST);
    past("the visitor's folder");
    click(page, "own-back");
    wait_until(page, "document.getElementById('own-back').hidden");
    page.wait_for_state("ready").unwrap();
    thread::sleep(REST);
    past("back to the collection");
}

/// Opens the large view of the second result, and shows it in every way.
fn look_closer(page: &Page) {
    let tile = "#results li:nth-child(2)";
    let near = "document.querySelector(arguments[0]).scrollIntoView({block: 'center', behavior: 'instant'})";
    page.browser.script(near, json!([tile])).unwrap();
    page.browser.click(&format!("{tile} [data-testid=look]")).unwrap();
    wait_until(page, "document.getElementById('look-dialog').open");
    for view in ["pair", "slide", "why", "large"] {
        let [x, y] = middle(page, &format!("[data-testid=view-{view}]"));
        click_at(page, [x as f32, y as f32]);
        if view == "why" {
            wait_until(page, "document.getElementById('why-all').innerText.includes('.')");
        }
        thread::sleep(REST);
    }
    click(page, "look-next");
    wait_until(page, "document.querySelector('#look-result img').naturalWidth > 0");
    thread::sleep(REST);
    page.browser.press(ESCAPE).unwrap();
    wait_until(page, "!document.getElementById('look-dialog').open");
}

/// Comes nearer until there are photos, moves about, and goes back to the whole.
fn about_the_map(page: &Page) {
    come_to_the_map(page);
    for _ in 0..6 {
        click(page, "map-nearer");
    }
    wait_until(page, "Number(map.dataset.photos) > 0");
    let middle = on_screen(page, [0.0, 0.0]);
    drag(page, &line(middle, [middle[0] - 60.0, middle[1] + 40.0]), 0);
    thread::sleep(REST);
    click(page, "map-whole");
    wait_until(page, "map.dataset.photos === '0'");
}

/// A cluster alone, then all again.
fn filter(page: &Page) {
    page.browser.click("[data-testid=group][data-value='1']").unwrap();
    wait_until(page, "document.querySelector('#results-filter button') !== null");
    thread::sleep(REST);
    page.browser.click("[data-testid=map-filter] [data-part=cluster]").unwrap();
    wait_until(page, "document.querySelector('#results-filter button') === null");
    let idle = "document.getElementById('status').dataset.state === 'ready'";
    wait_until(page, idle);
    script(page, "scrollTo({top: 0, behavior: 'instant'})");
}
