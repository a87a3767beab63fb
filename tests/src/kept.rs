//! What a browser keeps of a site for when there is no network. Everything here asserts.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use std::{fs, path::Path};

use crate::{
    driver::wait,
    page::Page,
    steps::{PATIENCE, script},
};

/// The build that the page in a folder belongs to.
pub fn build(site: &Path) -> String {
    let html = fs::read_to_string(site.join("index.html")).unwrap();
    html.split("boot.js?v=").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Waits until a promise of the page is true.
pub fn wait_for(page: &Page, promise: &str) {
    let body = format!("return (async () => Boolean({promise}))()");
    wait(PATIENCE, || Ok((script(page, &body) == true).then_some(()))).unwrap_or_else(|e| panic!("{promise}: {e}"));
}

/// Waits until the service worker answers, has this build and no other, and all that an answer needs.
pub fn wait_until_kept(page: &Page, build: &str) {
    wait_for(page, "navigator.serviceWorker.controller");
    let scope = "document.baseURI.replace(/[^/]*$/, '')";
    wait_for(page, &format!("await caches.match({scope}, {{ cacheName: `lookalike ${{{scope}}} ?v={build}` }})"));
    wait_for(page, "(await caches.keys()).filter(name => name.includes('?v=')).length === 1");
    for part in ["gallery.lka", "encoder-", "probes-", "cell-"] {
        let kept = "(await Promise.all((await caches.keys()).map(async name => (await (await caches.open(name)).keys()).map(({url}) => url)))).flat()";
        wait_for(page, &format!("({kept}).some(url => url.includes('gallery/{part}'))"));
    }
}
