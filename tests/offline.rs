//! The page without a network, a new version of it, and copies that have been damaged.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use lookalike_tests::{
    copy_folder, demo_site,
    driver::WebGpu,
    kept::{build, wait_for, wait_until_kept},
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{reload, script, told_and_put_away, wait_until},
};

/// A copy of the demo site that a test may change.
fn site() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&demo_site(), folder.path());
    folder
}

fn assert_pictures(page: &Page) {
    wait_for(
        page,
        "[...document.querySelectorAll('.result img')].every(image => image.complete && image.naturalWidth > 0)",
    );
}

#[test]
fn after_the_first_visit_the_page_works_without_a_network() {
    if skipped() {
        return;
    }
    let site = site();
    let server = Server::start(site.path(), "some/path", None).unwrap();
    let address = server.address.clone();
    let page = Page::open(&address, WebGpu::None, PHONE).unwrap();
    let before = page.ask(&samples()[0]).unwrap();
    assert_pictures(&page);
    wait_until_kept(&page, &build(site.path()));
    page.browser.click("[data-sample='butterfly.jpg']").unwrap();
    let sample = page.wait_for_answer(before.query).unwrap();
    wait_for(&page, "await caches.match('samples/butterfly.jpg')");
    let foreign = "return caches.keys().then(names => names.filter(name => !name.includes('/some/path/')).length)";
    assert_eq!(script(&page, foreign), 0, "other sites of this host keep their own");
    drop(server);
    for rest in ["", "index.html", "?device=cpu"] {
        page.browser.load(&format!("{address}{rest}")).unwrap();
        page.wait_for_state("ready").unwrap();
        let after = page.ask(&samples()[0]).unwrap();
        assert_eq!(after.results, before.results);
        assert_pictures(&page);
        assert_eq!(page.text("update").unwrap(), "");
    }
    // A sample that has been chosen before is kept, another is not.
    let pictures = "[...document.querySelectorAll('[data-sample] img')].every(image => image.naturalWidth > 0)";
    wait_for(&page, pictures);
    page.browser.click("[data-sample='kitten.jpg']").unwrap();
    assert!(told_and_put_away(&page).starts_with("kitten.jpg could not be loaded"));
    let before = page.answered().unwrap();
    page.browser.click("[data-sample='butterfly.jpg']").unwrap();
    assert_eq!(page.wait_for_answer(before).unwrap().results, sample.results);
    page.browser.screenshot("phone-offline").unwrap();
}

#[test]
fn the_page_about_the_gallery_is_kept_once_visited() {
    if skipped() {
        return;
    }
    let server = Server::start(&demo_site(), "some/path", None).unwrap();
    let address = server.address.clone();
    let page = Page::open(&address, WebGpu::None, PHONE).unwrap();
    wait_until_kept(&page, &build(&demo_site()));
    let about = format!("{address}about.html");
    let seen = "document.readyState === 'complete' && document.querySelectorAll('img').length > 0
        && [...document.querySelectorAll('img')].every(image => image.loading === 'lazy' || image.naturalWidth > 0)
        && getComputedStyle(document.documentElement).getPropertyValue('--accent') !== ''";
    page.browser.load(&about).unwrap();
    wait_for(&page, seen);
    let words = script(&page, "return document.body.innerText");
    script(&page, "for (const image of document.images) image.loading = 'eager'");
    wait_for(&page, "[...document.images].every(image => image.complete && image.naturalWidth > 0)");
    wait_for(&page, "await caches.match('about.html')");
    drop(server);
    page.browser.load(&about).unwrap();
    wait_for(&page, seen);
    assert_eq!(script(&page, "return document.body.innerText"), words);
    script(&page, "for (const image of document.images) image.loading = 'eager'");
    wait_for(&page, "[...document.images].every(image => image.complete && image.naturalWidth > 0)");
    // And the way back.
    page.browser.load(&address).unwrap();
    page.wait_for_state("ready").unwrap();
}

#[test]
fn a_new_version_is_offered_and_not_forced() {
    if skipped() {
        return;
    }
    let site = site();
    let server = Server::start(site.path(), "", None).unwrap();
    let page = Page::open(&server.address, WebGpu::None, LAPTOP).unwrap();
    let old = build(site.path());
    wait_until_kept(&page, &old);
    page.ask(&samples()[0]).unwrap();
    let look = "window.dispatchEvent(new Event('online')); return new Promise(resolve => setTimeout(resolve, 500))";
    script(&page, look);
    assert_eq!(page.text("update").unwrap(), "", "nothing is new");
    let index = site.path().join("index.html");
    fs::write(&index, fs::read_to_string(&index).unwrap().replace(&format!("?v={old}"), "?v=next")).unwrap();
    script(&page, look);
    wait_for(&page, "!document.getElementById('update').hidden");
    assert!(page.text("update").unwrap().starts_with("A new version of this page is there."));
    assert_eq!(page.shown().unwrap().query, 1, "the answer stays");
    page.browser.screenshot("laptop-update").unwrap();
    page.browser.click("[data-testid=update] button").unwrap();
    // No promise: it would be lost with the page that goes.
    wait_until(&page, "document.querySelector('script[src*=\"boot.js?v=next\"]')");
    page.wait_for_state("ready").unwrap();
    wait_until_kept(&page, "next");
    drop(server);
    reload(&page);
    page.wait_for_state("ready").unwrap();
    assert_eq!(page.ask(&samples()[0]).unwrap().results.len(), 6);
}

#[test]
fn a_damaged_copy_is_fetched_again() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = Page::open(&server.address, WebGpu::None, LAPTOP).unwrap();
    wait_until_kept(&page, &build(&demo_site()));
    for part in ["cell-", "encoder-"] {
        let damage = format!(
            "return (async () => {{
                for (const name of await caches.keys()) for (const {{url}} of await (await caches.open(name)).keys())
                    if (url.includes('{part}')) {{
                        const bytes = new Uint8Array(await (await caches.match(url)).arrayBuffer());
                        bytes[bytes.length - 9] ^= 1;
                        await (await caches.open(name)).put(url, new Response(bytes));
                        return true;
                    }}
            }})()"
        );
        assert_eq!(script(&page, &damage), true, "{part}");
        reload(&page);
        page.wait_for_state("ready").unwrap();
        assert_eq!(page.ask(&samples()[0]).unwrap().results.len(), 6);
        assert_eq!(page.text("error").unwrap(), "");
        // The copy is whole again: the next visit asks the host for nothing but what may change.
        let loaded = server.requests().len();
        reload(&page);
        page.wait_for_state("ready").unwrap();
        let again: Vec<_> = server.requests().split_off(loaded);
        assert!(!again.iter().any(|path| path.contains(part)), "{again:?}");
    }
}

#[test]
fn a_damaged_program_is_fetched_again() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = Page::open(&server.address, WebGpu::None, LAPTOP).unwrap();
    wait_until_kept(&page, &build(&demo_site()));
    for program in ["page_bg.wasm", "worker_cpu_bg.wasm"] {
        let damage = format!(
            "return (async () => {{
                for (const name of await caches.keys()) for (const {{url}} of await (await caches.open(name)).keys())
                    if (url.includes('{program}')) await (await caches.open(name)).put(url, new Response('no program'));
            }})()"
        );
        script(&page, &damage);
        reload(&page);
        // The page's own is told; the engine's is fetched again at once, if the collection was there before it.
        wait_until(&page, "document.getElementById('status').dataset.state !== 'loading'");
        assert!(!page.text("error").unwrap().contains("too old"), "the browser is well: {program}");
        // It is gone, or whole again already.
        let kept = format!("await (await caches.match('{program}', {{ignoreSearch: true}}))?.text()");
        wait_for(&page, &format!("({kept}) !== 'no program'"));
        reload(&page);
        page.wait_for_state("ready").unwrap();
        page.ask(&samples()[0]).unwrap();
    }
}

#[test]
fn where_nothing_can_be_kept_the_page_works_as_well() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    // Neither https nor this machine: browsers refuse service workers there.
    let rules = "--host-resolver-rules=MAP plain.test 127.0.0.1";
    let address = server.address.replace("127.0.0.1", "plain.test");
    let page = Page::open_with(&address, LAPTOP, &[rules]).unwrap();
    assert_eq!(script(&page, "return isSecureContext || 'serviceWorker' in navigator"), false);
    assert_eq!(page.ask(&samples()[0]).unwrap().results.len(), 6);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn the_page_can_be_installed() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = Page::open(&server.address, WebGpu::None, LAPTOP).unwrap();
    let manifest = page.browser.devtools("Page.getAppManifest", serde_json::json!({})).unwrap();
    assert_eq!(manifest["errors"], serde_json::json!([]));
    assert!(manifest["url"].as_str().unwrap().contains("manifest.json?v="));
    let missing = page.browser.devtools("Page.getInstallabilityErrors", serde_json::json!({})).unwrap();
    let errors: Vec<_> =
        missing["installabilityErrors"].as_array().unwrap().iter().map(|e| e["errorId"].to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}
