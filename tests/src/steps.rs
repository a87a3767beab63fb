//! What a person does and sees on the page. Everything here asserts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

use std::{path::Path, time::Duration};

use serde_json::{Value, json};

use crate::{
    command, demo_site,
    driver::{WebGpu, wait},
    page::{Page, Shown, from_report},
    server::Server,
};

/// Larger than the time that anything takes here but opening a gallery.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How far a coordinate of an embedding, or a similarity, may be from the native one on the processor. Seen: 6e-8, by
/// another order of summation and no fused multiply-add. A wrong kernel is off by more than 0.1.
pub const CPU_TOLERANCE: f64 = 1e-5;

/// Narrow phone, tablet, wide screen.
pub const SIZES: [(u32, u32); 3] = [(360, 740), (768, 1024), (1440, 900)];

/// The page at each of these sizes, by day and night in turn.
pub fn at_every_size(
    schemes: [&'static str; 3],
    open: impl Fn((u32, u32)) -> Page,
) -> impl Iterator<Item = (Page, (u32, u32), &'static str)> {
    SIZES.into_iter().zip(schemes).map(move |(size, scheme)| {
        let page = open(size);
        page.prefer(scheme).unwrap();
        (page, size, scheme)
    })
}

/// Opens the page on the processor; `rest` follows in its address.
pub fn open(server: &Server, rest: &str, size: (u32, u32)) -> Page {
    Page::open(&format!("{}?device=cpu{rest}", server.address), WebGpu::None, size).unwrap()
}

/// What the command finds in the demo for a photo.
pub fn native(photo: &Path) -> Shown {
    from_report(&command::query(&demo_site(), photo).unwrap()).unwrap()
}

/// What a script on the page returns.
pub fn script(page: &Page, body: &str) -> Value {
    page.browser.script(body, json!([])).unwrap()
}

/// Waits until a script's expression is true.
pub fn wait_until(page: &Page, condition: &str) {
    let body = format!("return Boolean({condition})");
    wait(PATIENCE, || Ok((script(page, &body) == true).then_some(()))).unwrap_or_else(|e| panic!("{condition}: {e}"));
}

/// Loads the page again. Not from within a script: the driver would wait for an answer from a page that is gone.
pub fn reload(page: &Page) {
    script(page, "window.before = true; setTimeout(() => location.reload())");
    wait_until(page, "window.before === undefined && document.readyState === 'complete'");
}

/// Clicks a hook.
pub fn click(page: &Page, hook: &str) {
    page.browser.click(&format!("[data-testid={hook}]")).unwrap();
}

/// Waits for a sentence of error.
pub fn told(page: &Page) -> String {
    page.complaint(PATIENCE).unwrap()
}

/// Waits for a sentence of error, and puts it away.
pub fn told_and_put_away(page: &Page) -> String {
    let sentence = told(page);
    page.browser.click("[data-testid=error] button").unwrap();
    sentence
}

/// Lets the browser save without asking.
pub fn save_into(page: &Page, folder: &Path) {
    let behaviour = json!({"behavior": "allow", "downloadPath": folder});
    page.browser.devtools("Page.setDownloadBehavior", behaviour).unwrap();
}

/// The id of what the keyboard is on.
pub fn focused(page: &Page) -> String {
    script(page, "return document.activeElement.id").as_str().unwrap().to_owned()
}

/// The page is no wider than its window.
pub fn assert_fits(page: &Page, size: (u32, u32), what: &str) {
    let width = script(page, "return document.documentElement.scrollWidth");
    assert!(width.as_u64().unwrap() <= u64::from(size.0), "{what} at {}: {width} pixels wide", size.0);
}
