//! The way back: the trail, the browser's history, and addresses that lead to a photo.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use lookalike_tests::{
    driver::wait,
    journey::{address, after, assert_near, choose, engine, one_further, path_of, trail},
    page::LAPTOP,
    samples,
    server::Server,
    skipped,
    steps::{PATIENCE, open, script, told},
};
use serde_json::json;

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
