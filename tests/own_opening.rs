//! Another collection is wanted while an engine is still opening the one before: its answers must be about the new one.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use lookalike_tests::{
    driver::wait,
    own_folder::{holidays, search_folder},
    page::{LAPTOP, Page},
    samples,
    server::Server,
    skipped,
    steps::{PATIENCE, click, native, open, script, wait_until},
    tour::watched,
};

/// Holds the files back that an engine is given next, as if it were slow to open them: until `release()`.
const HOLD: &str = "const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...rest) {
        if (message.length < 5) return post.call(this, message, ...rest);
        Worker.prototype.postMessage = post;
        window.release = () => post.call(this, message, ...rest);
    };";

/// A browser whose adapter for WebGPU is a second engine for the processor, which opens nothing until `release()`. What
/// else it is given is counted in `given`.
const SECOND: &str =
    "Object.defineProperty(navigator, 'gpu', {value: {requestAdapter: async () => ({info: {vendor: 'test'}})}});
    const First = Worker;
    window.given = 0;
    window.Worker = function (address, options) {
        const name = String(address);
        const worker = new First(name.replace('engine=worker_webgpu', 'engine=worker_cpu'), options);
        if (name.includes('engine=worker_webgpu')) {
            worker.postMessage = (...message) => {
                given += 1;
                if (given > 1) return First.prototype.postMessage.apply(worker, message);
                window.release = () => First.prototype.postMessage.apply(worker, message);
            };
            const end = worker.terminate.bind(worker);
            worker.terminate = () => { window.ended = true; end(); };
        }
        return worker;
    };";

fn six_results(page: &Page) -> Vec<String> {
    wait_until(page, "document.querySelectorAll('.result').length === 6");
    page.shown().unwrap().paths()
}

#[test]
fn the_collection_is_back_before_the_folder_was_open() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 12);
    let page = open(&server, "", LAPTOP);
    page.ask(&samples()[0]).unwrap();
    search_folder(&page, &folder, 12);
    click(&page, "own-back");
    wait_until(&page, "document.getElementById('own-back').hidden && !document.getElementById('own-open').hidden");
    page.wait_for_state("ready").unwrap();
    script(&page, HOLD);
    click(&page, "own-open");
    wait_until(&page, "window.release && !document.getElementById('own-back').hidden");
    assert_eq!(script(&page, "return document.querySelectorAll('.result').length"), 0, "nothing is open");
    click(&page, "own-back");
    wait_until(&page, "document.getElementById('own-back').hidden");
    // The engine is through with the folder's files, which nobody wants any more.
    script(&page, "release()");
    assert_eq!(six_results(&page), native(&samples()[0]).paths());
    assert_eq!(page.ask(&samples()[1]).unwrap().paths(), native(&samples()[1]).paths());
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn an_engine_that_comes_late_opens_the_folder_that_is_searched_by_then() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 12);
    let page = watched(LAPTOP, SECOND);
    page.browser.load(&server.address).unwrap();
    page.wait_for_state("ready").unwrap();
    wait_until(&page, "window.release");
    search_folder(&page, &folder, 12);
    let is_own = |path: &String| Path::new(path).starts_with("holidays");
    assert!(page.ask(&samples()[0]).unwrap().paths().iter().all(is_own));
    script(&page, "release()");
    // It has opened the site's files, and is given the folder's; or it was too slow to be used.
    wait_until(&page, "given > 1 || window.ended");
    for photo in &samples()[1..4] {
        assert!(page.ask(photo).unwrap().paths().iter().all(is_own));
    }
    // It computes: what is asked now is sent to it.
    let before = script(&page, "return given").as_u64().unwrap();
    let computes = || {
        page.ask(&samples()[0])?;
        Ok((script(&page, "return window.ended || given").as_u64() != Some(before)).then_some(()))
    };
    wait(PATIENCE, computes).unwrap();
    assert!(page.ask(&samples()[4]).unwrap().paths().iter().all(is_own));
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}
