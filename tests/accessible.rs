//! That everybody can use the page: axe-core finds nothing to complain of, in any state of the page, by day and night.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use lookalike_tests::{
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{click, open, script, told_and_put_away, wait_until},
    ways_in::{CAMERAS, open_camera, open_with},
};
use serde_json::json;

/// The rules of WCAG 2.2 at level AA, and what axe-core counts as good practice.
const RUN: &str = "return axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(rule =>
    `${rule.id}: ${rule.nodes.map(node => node.target.join(' ') + ' ' + (node.any[0]?.message ?? '')).join(', ')}`))";

/// axe-core's script, where `cargo xtask test` has found or fetched it; `None`: the machine has no npm.
fn axe() -> Option<String> {
    if skipped() {
        return None;
    }
    let script = std::env::var_os("LOOKALIKE_AXE");
    if script.is_none() {
        eprintln!("skipped: LOOKALIKE_AXE names no axe.min.js");
    }
    Some(fs::read_to_string(script?).unwrap())
}

fn assert_accessible(page: &Page, axe: &str, state: &str) {
    for scheme in ["light", "dark"] {
        page.prefer(scheme).unwrap();
        // Colours that are still on their way from one scheme to the other would be judged.
        script(page, "document.getAnimations().forEach(animation => animation.finish())");
        page.browser.script(axe, json!([])).unwrap();
        let violations = script(page, RUN);
        assert_eq!(violations, json!([]), "{state}, {scheme}: {violations:#}");
    }
}

#[test]
fn every_state_of_the_page_is_accessible() {
    let Some(axe) = axe() else { return };
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", LAPTOP);
    assert_accessible(&page, &axe, "the first screen");
    page.ask(&samples()[0]).unwrap();
    assert_accessible(&page, &axe, "an answer");
    click(&page, "more");
    click(&page, "compare");
    wait_until(&page, "document.getElementById('methods').checkVisibility()");
    assert_accessible(&page, &axe, "more results and the methods compared");
    click(&page, "reconstruct");
    wait_until(&page, "document.querySelector('#your-frame canvas') !== null");
    assert_accessible(&page, &axe, "a reconstruction");
    click(&page, "part");
    assert_accessible(&page, &axe, "a part of the photo");
    click(&page, "part");
    let before = page.answered().unwrap();
    click(&page, "add");
    script(&page, "document.querySelector('#results a').click()");
    page.wait_for_answer(before).unwrap();
    assert_accessible(&page, &axe, "two photos together");
    click(&page, "find-groups");
    wait_until(
        &page,
        "document.querySelector('#groups-list li') !== null || document.getElementById('groups-words').textContent !== ''",
    );
    assert_accessible(&page, &axe, "near-duplicates");
    script(&page, "document.querySelector('[data-testid=group]').click()");
    wait_until(&page, "document.querySelector('#results-filter button') !== null");
    click(&page, "by-group");
    assert_accessible(&page, &axe, "a filter, and density groups");
    page.choose(&[&lookalike_tests::root().join("Cargo.toml")]).unwrap();
    wait_until(&page, "!document.getElementById('error').hidden");
    assert_accessible(&page, &axe, "an error");
    told_and_put_away(&page);
}

#[test]
fn every_dialog_is_accessible() {
    let Some(axe) = axe() else { return };
    let server = Server::demo(None).unwrap();
    let page = open_with(&server, LAPTOP, &CAMERAS);
    open_camera(&page);
    assert_accessible(&page, &axe, "the camera");
    script(&page, "document.getElementById('camera-dialog').close()");
    click(&page, "keys");
    assert_accessible(&page, &axe, "the keys");
    script(&page, "document.getElementById('keys-dialog').close()");
    page.ask(&samples()[0]).unwrap();
    script(&page, "document.querySelector('[data-testid=look]').click()");
    wait_until(&page, "document.getElementById('look-dialog').open");
    for view in ["large", "pair", "slide", "why"] {
        script(&page, &format!("document.querySelector('[data-testid=view-{view}]').click()"));
        assert_accessible(&page, &axe, &format!("the large view, {view}"));
    }
}

#[test]
fn a_phone_and_the_page_about_the_gallery_are_accessible() {
    let Some(axe) = axe() else { return };
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", PHONE);
    assert_accessible(&page, &axe, "the first screen of a phone");
    page.ask(&samples()[2]).unwrap();
    assert_accessible(&page, &axe, "an answer on a phone");
    page.browser.load(&format!("{}about.html", server.address)).unwrap();
    assert_accessible(&page, &axe, "the page about the gallery");
}
