//! Slow and unsteady networks: the first screen is there at once, what comes is told, and in the end there is an answer.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{thread, time::Duration};

use lookalike_tests::{
    demo_site,
    engines::Engine,
    line::{Line, Pace},
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{native, reload, script, told, wait_until},
    tour::watched,
};

/// Keeps what the page says while it loads: each sentence of its status, each step of its progress, and whether the first
/// screen could be read while the page's program was still on its way.
const RECORD: &str = "window.said = []; window.steps = [];
    const note = (list, value) => value === list.at(-1) || list.push(value);
    const first = ['h1', '.choose', '.privacy', '#status'];
    const look = () => {
        const [status, progress] = ['status', 'progress'].map(id => document.getElementById(id));
        if (!status || !progress) return;
        note(said, status.textContent);
        note(steps, progress.value);
        const program = performance.getEntriesByType('resource').some(({name}) => name.includes('page_bg.wasm'));
        const painted = performance.getEntriesByName('first-contentful-paint').length > 0;
        window.readable ||= painted && !program && first.every(part => document.querySelector(part)?.checkVisibility());
    };
    new MutationObserver(look).observe(document, {subtree: true, childList: true, attributes: true});
    setInterval(look, 50);";

/// What is told of the way to an answer, in this order; the photo's name comes in between.
const STAGES: [&str; 7] = [
    "Loading…",
    "Loading the collection…",
    "is next, as soon as the collection has been loaded",
    "Starting the engine…",
    "Checking that this device computes right…",
    "Looking at",
    "Found the photos most similar to",
];

#[test]
fn over_a_slow_network_all_that_comes_is_told_and_the_answer_is_the_same() {
    if skipped() {
        return;
    }
    let line = Line::new(Some(Pace::EDGE));
    let server = Server::over(&demo_site(), &line).unwrap();
    let page = watched(PHONE, RECORD);
    page.browser.load(&format!("{}?device=cpu", server.address)).unwrap();
    wait_until(&page, "document.querySelector('#status').textContent.includes('collection')");
    // Whoever does not wait is told that the photo does.
    page.choose(&[&samples()[1]]).unwrap();
    let name = samples()[1].file_name().unwrap().to_str().unwrap().to_owned();
    wait_until(&page, &format!("document.querySelector('#status').textContent.startsWith('{name} is next')"));
    let shown = page.wait_for_answer(0).unwrap();
    let native = native(&samples()[1]);
    assert_eq!((&shown.pixels, shown.paths()), (&native.pixels, native.paths()));
    // The copy for offline and the page fetch nothing twice, but for index.html: its address was another, with a device.
    assert!(line.sent() < line.once() + 10_000, "{} bytes for {}", line.sent(), line.once());
    assert_eq!(script(&page, "return window.readable"), true, "the first screen waits for the program");
    let said: Vec<String> = serde_json::from_value(script(&page, "return window.said")).unwrap();
    let mut told = said.iter();
    for stage in STAGES {
        assert!(told.any(|words| words.contains(stage)), "{stage} is not told: {said:?}");
    }
    let steps: Vec<f64> = serde_json::from_value(script(&page, "return window.steps")).unwrap();
    assert!(steps.len() > 20 && steps.is_sorted() && steps.last() == Some(&1.0), "{steps:?}");
    wait_until(&page, "[...document.querySelectorAll('.result img')].every(image => image.naturalWidth > 0)");
    assert_eq!((page.text("error").unwrap(), page.text("note").unwrap()), (String::new(), String::new()));
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

/// Opens the page in each engine of this machine, over a line.
fn in_each_engine(pace: Pace, visit: impl Fn(Engine, &Page, Server, &Line)) {
    for engine in Engine::ALL.into_iter().filter(|engine| engine.is_at_hand()) {
        let line = Line::new(Some(pace));
        let server = Server::over(&demo_site(), &line).unwrap();
        let page = Page { browser: engine.open(LAPTOP).unwrap() };
        page.browser.load(&format!("{}?device=cpu", server.address)).unwrap();
        visit(engine, &page, server, &line);
    }
}

/// Waits until a part of the collection is there, and not all.
fn wait_for_part(page: &Page) {
    wait_until(page, "document.getElementById('progress').value > 0.2");
    assert_eq!(page.attribute("status", "data-state").unwrap(), "loading");
}

fn assert_answers(page: &Page, engine: Engine) {
    page.wait_for_state("ready").unwrap_or_else(|e| panic!("{engine}: {e:#}"));
    assert_eq!(page.ask(&samples()[0]).unwrap().paths(), native(&samples()[0]).paths(), "{engine}");
    assert_eq!(page.text("error").unwrap(), "", "{engine}");
}

#[test]
fn a_network_that_holds_its_breath_is_waited_for() {
    if skipped() {
        return;
    }
    in_each_engine(Pace::HOME, |engine, page, _server, line| {
        wait_for_part(page);
        line.hold(Duration::from_secs(12));
        thread::sleep(Duration::from_secs(6));
        assert_eq!(page.attribute("status", "data-state").unwrap(), "loading", "{engine}");
        assert_answers(page, engine);
    });
}

/// The host is gone once the page is so far, and comes back some seconds later.
fn broken_off(pace: Pace, so_far: impl Fn(&Page)) {
    in_each_engine(pace, |engine, page, server, _line| {
        so_far(page);
        let address = server.address.clone();
        drop(server);
        // What was on its way decides which sentence it is: of the page, of a file of the collection, or of the engine.
        let sentence = told(page).to_lowercase();
        let words = ["could not be loaded", "check the connection", "reload"];
        assert!(words.iter().all(|words| sentence.contains(words)), "{engine}: {sentence}");
        page.wait_for_state("failed").unwrap();
        thread::sleep(Duration::from_secs(3));
        let _server = Server::over_at(&demo_site(), &Line::new(Some(Pace::HOME)), &address).unwrap();
        reload(page);
        assert_answers(page, engine);
    });
}

#[test]
fn a_network_that_breaks_off_before_the_page_has_begun_is_told_with_the_way_on() {
    if !skipped() {
        broken_off(Pace::EDGE, |_| {});
    }
}

#[test]
fn a_network_that_breaks_off_while_the_collection_comes_is_told_with_the_way_on() {
    if !skipped() {
        broken_off(Pace::HOME, wait_for_part);
    }
}
