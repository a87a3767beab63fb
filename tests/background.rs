//! The tab in the background. A browser first slows its timers down to one tick a minute, then freezes it, whether for
//! seconds or for an hour; both are done to it here while it is at work. Nothing is lost, and it goes on.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{thread, time::Duration};

use lookalike_tests::{
    own_folder::{choose_folder, done, holidays, wait_for_folder},
    page::{LAPTOP, PHONE, Page, Shown},
    samples,
    server::Server,
    skipped,
    steps::{native, open, script, wait_until},
    ways_in::open_with,
};
use serde_json::json;

/// Long enough for all that is under way here, many times over, were the tab awake.
const AWAY: Duration = Duration::from_secs(6);
/// Timers tick once a minute from the second second in the background, not from the sixth minute on.
const SLEEPY: [&str; 2] = [
    "--intensive-wake-up-throttling-policy=force-enable",
    "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1",
];

/// Freezes the tab, and wakes it again.
fn freeze(page: &Page) {
    page.browser.devtools("Page.setWebLifecycleState", json!({"state": "frozen"})).unwrap();
    thread::sleep(AWAY);
    page.browser.devtools("Page.setWebLifecycleState", json!({"state": "active"})).unwrap();
}

/// The page listens to what the browser does to it.
fn listen(page: &Page) {
    script(
        page,
        "window.heard = [];
         document.addEventListener('visibilitychange', () => heard.push(document.visibilityState));
         for (const name of ['freeze', 'resume']) document.addEventListener(name, () => heard.push(name));",
    );
}

fn heard(page: &Page, event: &str) -> bool {
    script(page, &format!("return heard.includes('{event}')")) == true
}

fn assert_native(shown: &Shown, sample: usize) {
    let native = native(&samples()[sample]);
    assert_eq!((&shown.pixels, shown.paths()), (&native.pixels, native.paths()));
}

#[test]
fn a_question_outlives_a_frozen_tab() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", LAPTOP);
    listen(&page);
    let first = page.ask(&samples()[0]).unwrap();
    // In the middle of a question.
    page.choose(&[&samples()[1]]).unwrap();
    freeze(&page);
    assert!(heard(&page, "freeze") && heard(&page, "resume"));
    assert_native(&page.wait_for_answer(first.query).unwrap(), 1);
    // With nothing to do.
    let before = page.shown().unwrap();
    freeze(&page);
    assert_eq!(page.shown().unwrap().results, before.results, "the answer stays");
    assert_native(&page.ask(&samples()[2]).unwrap(), 2);
    assert_eq!(page.text("error").unwrap(), "");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_folder_outlives_a_frozen_tab() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 150);
    let page = open(&server, "", PHONE);
    listen(&page);
    choose_folder(&page, &folder);
    wait_until(&page, "parseInt(document.getElementById('own-words').innerText) >= 3");
    freeze(&page);
    assert!(heard(&page, "freeze"));
    let woken = done(&page);
    assert!((3..150).contains(&woken), "it has slept: {woken} photos");
    // Asked while the folder is still at work, the collection answers; then the folder does.
    assert_native(&page.ask(&samples()[0]).unwrap(), 0);
    wait_for_folder(&page, 150);
    assert_eq!(page.text("note").unwrap(), "", "no photo is left out");
    assert_eq!(page.ask(&samples()[1]).unwrap().results.len(), 6);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_hidden_tab_works_on() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 150);
    let page = open_with(&server, LAPTOP, &SLEEPY);
    listen(&page);
    let first = page.ask(&samples()[0]).unwrap();
    choose_folder(&page, &folder);
    wait_until(&page, "parseInt(document.getElementById('own-words').innerText) >= 3");
    page.choose(&[&samples()[1]]).unwrap();
    page.browser.behind_another_tab(|| thread::sleep(3 * AWAY)).unwrap();
    assert!(heard(&page, "hidden") && heard(&page, "visible"));
    assert!(page.answered().unwrap() > first.query, "it has been answered meanwhile");
    wait_for_folder(&page, 150);
    assert_eq!(page.text("photo-name").unwrap(), samples()[1].file_name().unwrap().to_str().unwrap());
    assert_eq!(page.ask(&samples()[2]).unwrap().results.len(), 6);
    assert_eq!(page.text("error").unwrap(), "");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}
