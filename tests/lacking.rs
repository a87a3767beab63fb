//! Browsers that lack what the page needs, or keep nothing of it: cookies and storage blocked, no SIMD, no WebAssembly.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use lookalike_tests::{
    engines::{Engine, Without},
    own_folder::wait_for_folder,
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{click, native, reload, script, told, wait_until},
};
use serde_json::json;

/// The engines on this machine that can be told to do without.
fn without(what: Without) -> impl Iterator<Item = Engine> {
    Engine::ALL.into_iter().filter(move |engine| engine.is_at_hand() && engine.can_lack(what))
}

/// Opens the page and waits for the sentence that says why it does not work.
fn refused(engine: Engine, what: Without) -> String {
    let server = Server::demo(None).unwrap();
    let page = Page { browser: engine.open_without(what, PHONE).unwrap() };
    page.browser.load(&server.address).unwrap();
    page.wait_for_state("failed").unwrap();
    let sentence = told(&page);
    // Behind it is the button that puts it away.
    assert!(sentence.starts_with(&page.text("status").unwrap()), "{engine}: {sentence}");
    sentence
}

#[test]
fn a_browser_or_processor_without_simd_is_told_so() {
    if skipped() {
        return;
    }
    for engine in without(Without::Simd) {
        let sentence = refused(engine, Without::Simd);
        assert!(
            sentence.contains("SIMD") && sentence.contains("Try a newer browser, then another device."),
            "{engine}: {sentence}"
        );
    }
}

#[test]
fn a_browser_without_webassembly_is_told_so() {
    if skipped() {
        return;
    }
    for engine in without(Without::Wasm) {
        let sentence = refused(engine, Without::Wasm);
        assert!(sentence.contains("too old for this page, or WebAssembly is switched off"), "{engine}: {sentence}");
    }
}

/// Errors that the page's scripts have let through.
const UNCAUGHT: &str = "window.uncaught = [];
    for (const event of ['error', 'unhandledrejection'])
        addEventListener(event, ({message, reason}) => uncaught.push(message ?? String(reason)));";

/// What a site could keep, tried out: the names of those ways that are open.
const OPEN: &str = "return (async () => {
    const open = [], ways = {
        cookies: () => document.cookie = 'a=1', localStorage: () => localStorage.setItem('a', 1), caches: () => caches.open('a'),
        files: () => navigator.storage.getDirectory(), workers: () => navigator.serviceWorker.register('./sw.js'),
    };
    for (const [name, way] of Object.entries(ways)) try { await way(); open.push(name); } catch {}
    return open.filter(name => name !== 'cookies' || document.cookie);
})()";

/// Gives the photos on the screen as a folder: not every driver can choose one.
const FOLDER: &str = "return (async () => {
    const input = document.getElementById('own-input'), files = new DataTransfer();
    for (const [at, image] of document.querySelectorAll('.result img').entries()) {
        const file = new File([await (await fetch(image.src)).blob()], `${at}.jpg`, {type: 'image/jpeg'});
        Object.defineProperty(file, 'webkitRelativePath', {value: `holidays/${at}.jpg`});
        files.items.add(file);
    }
    input.files = files.files;
    input.dispatchEvent(new Event('change'));
})()";

fn keeps_nothing(engine: Engine) {
    let server = Server::demo(None).unwrap();
    let page = Page { browser: engine.open_without(Without::Storage, LAPTOP).unwrap() };
    page.browser.load(&format!("{}?device=cpu", server.address)).unwrap();
    script(&page, UNCAUGHT);
    page.wait_for_state("ready").unwrap();
    let shown = page.ask(&samples()[0]).unwrap();
    assert_eq!(shown.paths(), native(&samples()[0]).paths(), "{engine}");
    wait_until(&page, "!document.getElementById('own-input').disabled");
    script(&page, FOLDER);
    wait_for_folder(&page, 6);
    let note = page.text("note").unwrap();
    assert!(note.contains("it can be searched now, and is indexed again next time"), "{engine}: {note:?}");
    let own = page.ask(&samples()[0]).unwrap();
    assert!(own.results.iter().all(|(path, _)| path.starts_with("holidays/")), "{engine}: {:?}", own.results);
    click(&page, "own-back");
    wait_until(&page, "document.getElementById('own-back').hidden");
    page.wait_for_state("ready").unwrap();
    assert_eq!(page.text("error").unwrap(), "", "{engine}");
    assert_eq!(script(&page, "return window.uncaught"), json!([]), "{engine}");
    if engine == Engine::Chromium {
        assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
    }
    assert_eq!(script(&page, OPEN), json!([]), "{engine}");
    // Another visit begins anew.
    reload(&page);
    page.wait_for_state("ready").unwrap();
    assert!(page.text("own-open").unwrap().is_empty(), "{engine}");
    assert_eq!(page.ask(&samples()[2]).unwrap().paths(), native(&samples()[2]).paths(), "{engine}");
}

#[test]
fn with_cookies_and_storage_blocked_everything_works_for_this_visit() {
    if !skipped() {
        without(Without::Storage).for_each(keeps_nothing);
    }
}
