//! Photos of the collection that are nearly the same, in groups.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use image::imageops::FilterType;
use lookalike::{duplicates::groups, engine::Engine, likeness::likeness};
use lookalike_tests::{
    built_page,
    command::run,
    demo_photos,
    driver::keys,
    files,
    journey::{engine, name_of},
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    small::{done, few},
    steps::{assert_fits, click, open, script, wait_until},
};
use serde_json::json;

/// Paths of each group on the page.
fn shown(page: &Page) -> Vec<Vec<String>> {
    let groups = "return [...document.querySelectorAll('[data-testid=near-group]')].map(group => [...group.querySelectorAll('[data-testid=grouped]')].map(tile => tile.dataset.path))";
    serde_json::from_value(script(page, groups)).unwrap()
}

/// What the native engine finds.
fn natively(engine: &Engine, least: f32) -> Vec<Vec<String>> {
    let gallery = engine.gallery();
    let mut scan = engine.scan();
    while !engine.step(&mut scan) {}
    let found = groups(scan.pairs(), least, &gallery.embeddings);
    found.iter().map(|group| group.iter().map(|n| gallery.items[n.id as usize].path.clone()).collect()).collect()
}

fn choose_least(page: &Page, least: f32) {
    let set = "const slider = document.querySelector('[data-testid=groups-least]'); slider.value = arguments[0]; slider.dispatchEvent(new Event('input', {bubbles: true}))";
    page.browser.script(set, json!([least])).unwrap();
}

fn wait_for_groups(page: &Page) {
    wait_until(page, "/group|No two/.test(document.getElementById('groups-words').innerText)");
}

#[test]
fn the_groups_of_the_demo_are_those_of_the_native_engine() {
    if skipped() {
        return;
    }
    let engine = engine();
    let thresholds = engine.gallery().entry.likeness;
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", LAPTOP);
    assert_eq!(shown(&page), Vec::<Vec<String>>::new());
    assert!(page.text("groups-from").unwrap().ends_with("near-duplicate"));
    click(&page, "find-groups");
    wait_for_groups(&page);
    let expected = natively(&engine, thresholds.near_duplicate);
    let page_groups = shown(&page);
    assert_eq!(
        page_groups,
        expected.iter().take(30).map(|g| g.iter().take(12).cloned().collect()).collect::<Vec<Vec<_>>>()
    );
    page.browser.screenshot("laptop-groups").unwrap();
    // Fewer demands, more groups; the search is not done again.
    let middle = (thresholds.near_duplicate + thresholds.look_alike) / 2.0;
    choose_least(&page, middle);
    let more = natively(&engine, middle);
    assert!(more.iter().map(Vec::len).sum::<usize>() > expected.iter().map(Vec::len).sum());
    let count = more.len();
    wait_until(&page, &format!("document.getElementById('groups-words').innerText.startsWith('{count} groups')"));
    assert_eq!(shown(&page)[0][..2], more[0][..2]);
    assert_eq!(likeness(middle, &thresholds).unwrap().name(), "look-alike");
    assert!(page.text("groups-from").unwrap().ends_with("look-alike"));
    page.browser.screenshot("laptop-groups-more").unwrap();
    // A photo of a group is looked at beside the first of it; a question is answered in between.
    script(&page, "document.querySelector('[data-testid=near-group] li:nth-child(2) a').focus()");
    page.browser.press("l").unwrap();
    wait_until(&page, "document.getElementById('look-dialog').open");
    assert_eq!(script(&page, "return document.getElementById('look-path').textContent"), json!(more[0][1]));
    assert_eq!(
        script(&page, "return document.querySelector('#look-query figcaption').textContent"),
        json!(name_of(&engine, &more[0][0]))
    );
    page.browser.press(keys::ESCAPE).unwrap();
    let before = page.answered().unwrap();
    page.browser.click("[data-testid=near-group] a").unwrap();
    page.wait_for_answer(before).unwrap();
    assert_eq!(page.attribute("photo-name", "title").unwrap(), more[0][0]);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

/// A site of its own, with the real page.
fn site(folder: &Path, photos: &Path) -> PathBuf {
    let (site, page) = (folder.join("site"), built_page());
    let words = ["build", "--out", "--page"].map(OsStr::new);
    done(&run([words[0], photos.as_os_str(), words[1], site.as_os_str(), words[2], page.as_os_str()]).unwrap());
    site
}

#[test]
fn copies_among_other_photos_are_found_stopped_or_not() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let photos = folder.path().join("photos");
    fs::create_dir(&photos).unwrap();
    let mut expected = BTreeSet::new();
    for class in ["birds", "flowers", "galaxies", "castles-and-temples"] {
        for (place, photo) in files(&demo_photos().join(class), &["jpg"]).iter().take(10).enumerate() {
            let name = format!("{class}-{place}.jpg");
            fs::copy(photo, photos.join(&name)).unwrap();
            if place == 4 {
                // The same, a little smaller.
                let picture = image::open(photo).unwrap();
                let (width, height) = (picture.width() * 9 / 10, picture.height() * 9 / 10);
                let copy = format!("{class}-{place}-small.jpg");
                picture.resize_exact(width, height, FilterType::Triangle).into_rgb8().save(photos.join(&copy)).unwrap();
                expected.insert(BTreeSet::from([name, copy]));
            }
        }
    }
    let server = Server::start(&site(folder.path(), &photos), "", None).unwrap();
    let page = open(&server, "", PHONE);
    // Stopped at once, nothing comes.
    script(&page, "const button = document.getElementById('find-groups'); button.click(); button.click()");
    assert!(page.text("groups-words").unwrap().starts_with("Stopped"));
    page.ask(&samples()[0]).unwrap();
    assert_eq!((shown(&page).len(), page.text("find-groups").unwrap()), (0, "Find near-duplicates".to_owned()));
    // It goes on, and finds all copies.
    click(&page, "find-groups");
    wait_for_groups(&page);
    let found: BTreeSet<BTreeSet<String>> = shown(&page).into_iter().map(BTreeSet::from_iter).collect();
    assert!(found.is_superset(&expected), "{found:?} {expected:?}");
    assert_fits(&page, PHONE, "groups");
    page.browser.screenshot("phone-groups").unwrap();
    page.prefer("dark").unwrap();
    page.browser.screenshot("phone-groups-dark").unwrap();
    // With the highest demand there may be none, and that is said.
    choose_least(&page, 0.9999);
    wait_for_groups(&page);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_collection_that_is_too_small_says_so() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&site(folder.path(), &few("photos-few-groups", 5)), "", None).unwrap();
    let page = open(&server, "", LAPTOP);
    assert!(page.text("groups-words").unwrap().contains("too small"));
    let visible = "return document.getElementById('find-groups').checkVisibility({visibilityProperty: true})";
    assert_eq!(script(&page, visible), false);
}
