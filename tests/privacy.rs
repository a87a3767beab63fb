//! That no way to give the page a photo sends anything, and that words become no code.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use lookalike_tests::{
    page::LAPTOP,
    samples,
    server::Server,
    skipped,
    steps::{click, open, script},
    ways_in::{CAMERAS, avif, copy_picture, open_camera, open_with, permit_clipboard, write},
};
use serde_json::json;

/// What a violation of the page's rules is called, or that there was none.
const TRY_TO_LEAVE: &str = "
    const [rule, address] = arguments;
    return new Promise(resolve => {
        addEventListener('securitypolicyviolation', event => resolve(event.effectiveDirective), {once: true});
        setTimeout(() => resolve('it came through'), 5000);
        const ways = {
            'connect-src': () => fetch(address, {method: 'POST', body: 'a photo', mode: 'no-cors'}).catch(() => {}),
            'img-src': () => { new Image().src = address; },
            'script-src-elem': () => import(address).catch(() => {}),
            'media-src': () => { document.createElement('video').src = address; },
            'frame-src': () => { document.body.append(Object.assign(document.createElement('iframe'), {src: address})); },
        };
        ways[rule]();
    });";

#[test]
fn no_byte_of_a_photo_leaves_the_device() {
    if skipped() {
        return;
    }
    let (server, folder) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let page = open_with(&server, LAPTOP, &CAMERAS);
    permit_clipboard(&page, &server);
    assert!(page.text("sent").unwrap().starts_with("0 bytes of your photos have left this device."));
    // Every way in.
    page.ask(&samples()[0]).unwrap();
    let decoded = page.ask(&write(folder.path(), "small.avif", &avif())).unwrap();
    open_camera(&page);
    click(&page, "shutter");
    let taken = page.wait_for_answer(decoded.query).unwrap();
    copy_picture(&page);
    click(&page, "paste");
    page.wait_for_answer(taken.query).unwrap();
    // What DevTools has seen.
    let events = page.browser.network().unwrap();
    let requests: Vec<_> = events
        .iter()
        .filter(|event| event["method"] == "Network.requestWillBeSent")
        .map(|event| &event["params"]["request"])
        .filter(|request| {
            !["blob:", "data:", "chrome:"].iter().any(|start| request["url"].as_str().unwrap().starts_with(start))
        })
        .collect();
    assert!(requests.len() > 20, "the log is on: {}", requests.len());
    for request in requests {
        let address = request["url"].as_str().unwrap();
        assert!(address.starts_with(&server.address) && address.len() < 250, "{address}");
        assert_eq!(request["method"], "GET", "{address}");
        assert!(request.get("postData").is_none() && request["hasPostData"] != true, "{address} has a body");
    }
    let sockets = events.iter().any(|event| event["method"].as_str().unwrap().starts_with("Network.webSocket"));
    assert!(!sockets, "no other kind of connection");
    // What the host has seen, workers included.
    assert_eq!(server.sent(), Vec::<String>::new());
    // And the rules that hold if the page were to try.
    let policy = script(&page, "return document.querySelector('meta[http-equiv=Content-Security-Policy]').content");
    assert_eq!(
        policy,
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; \
         connect-src 'self' blob:; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types default"
    );
    let foreign = Server::demo(None).unwrap();
    for rule in ["connect-src", "img-src", "script-src-elem", "media-src", "frame-src"] {
        let violated = page.browser.script(TRY_TO_LEAVE, json!([rule, foreign.address])).unwrap();
        assert_eq!(violated, rule);
    }
    assert_eq!(foreign.requests(), Vec::<String>::new());
}

/// What a script that has come in would try; the names of those that the browser let it do.
const TRY_TO_RUN: &str = "
    const ways = {
        html: () => { document.createElement('p').innerHTML = '<img src=x onerror=alert(1)>'; },
        parsed: () => new DOMParser().parseFromString('<p>', 'text/html'),
        code: () => new Function('return 1'),
        address: () => { document.createElement('script').src = 'page.js'; },
        foreign: () => new Worker('https://example.org/worker.js'),
        beside: () => new Worker('./worker_search.js'),
        disguised: () => new Worker('./x/../worker.js'),
        policy: () => trustedTypes.createPolicy('mine', { createHTML: (html) => html }),
    };
    const done = (way) => { try { way(); return true; } catch { return false; } };
    const all = () => Object.entries(ways).filter(([, way]) => done(way)).map(([name]) => name).join(' ');
    // Later: what a driver runs itself may do more.
    return new Promise(resolve => setTimeout(() => resolve(all())))";

#[test]
fn words_become_no_html_and_no_script() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", LAPTOP);
    assert_eq!(script(&page, TRY_TO_RUN), "");
    // The page's own workers go through the same rule.
    assert_eq!(page.ask(&samples()[0]).unwrap().results.len(), 6);
}
