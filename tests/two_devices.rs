//! Processor and WebGPU side by side: each does what it is not much slower at than the other, photos and folders apart.
//!
//! The imitated GPU says here that it is a real one, and its clock says what each test wants it to have taken: everything
//! else is as it is.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use lookalike::embedding::MAX_WIDTH;
use lookalike_tests::{
    driver::{WebGpu, wait},
    own_folder::{assert_indexed, holidays, search_folder},
    page::{LAPTOP, Page},
    samples,
    server::{Fault, Server},
    skipped,
    small::plain_site,
    steps::{PATIENCE, script},
};
use serde_json::json;

/// Before the page's own scripts: the adapter is a real one; and what WebGPU's engine reads back is kept.
const DISGUISE: &str = "
    for (const [name, value] of Object.entries({vendor: 'acme', architecture: 'one', isFallbackAdapter: false}))
        Object.defineProperty(GPUAdapterInfo.prototype, name, {get: () => value});
    window.read = [];
    new BroadcastChannel('read').onmessage = ({ data }) => read.push(data);";

/// Before WebGPU's engine: reading one embedding back takes `ALONE` milliseconds by its clock, reading several `FOLDER`.
const CLOCK: &str = r#"
    if (location.search.includes("worker_webgpu")) {
        let time = 0;
        performance.now = () => (time += 1e-3);
        const channel = new BroadcastChannel("read");
        // Room to read into is reused, and larger than what is read: what is copied there is not.
        let copied = 0;
        const { copyBufferToBuffer } = GPUCommandEncoder.prototype;
        GPUCommandEncoder.prototype.copyBufferToBuffer = function (...given) {
            copied = given.at(-1);
            return copyBufferToBuffer.apply(this, given);
        };
        const { mapAsync } = GPUBuffer.prototype;
        GPUBuffer.prototype.mapAsync = function (...given) {
            channel.postMessage(copied);
            time += copied > WIDTH ? FOLDER : ALONE;
            return mapAsync.apply(this, given);
        };
    }
"#;

const LONG: f64 = 1e6;
/// The bytes of an embedding.
const ONE: u64 = MAX_WIDTH as u64 * 4;
/// As many photos of a folder are encoded at once.
const BATCH: u64 = 4;

/// The site on a device to which a photo alone and one of a folder take so long, once WebGPU is there or has been ended.
fn open(alone: f64, folder: f64) -> (Server, Page) {
    let program = fs::read_to_string(plain_site().join("worker.js")).unwrap();
    let clock = CLOCK.replace("WIDTH", &ONE.to_string()).replace("ALONE", &alone.to_string());
    let body = format!("{}{program}", clock.replace("FOLDER", &folder.to_string()));
    let server = Server::start(plain_site(), "", Some(Fault { file: "/worker.js", body: Some(body.into()) })).unwrap();
    let page = Page::load("about:blank", WebGpu::Software, LAPTOP).unwrap();
    page.browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": DISGUISE})).unwrap();
    page.browser.load(&server.address).unwrap();
    page.wait_for_state("ready").unwrap();
    wait(PATIENCE, || Ok(page.text("device")?.contains("WebGPU").then_some(()))).unwrap();
    (server, page)
}

/// The bytes that WebGPU's engine has read back since this was called last.
fn read_back(page: &Page) -> Vec<u64> {
    serde_json::from_value(script(page, "return read.splice(0)")).unwrap()
}

/// Searches a folder of so many photos, whose embeddings come out as the native engine's.
fn search_own(page: &Page, photos: usize) {
    let temporary = tempfile::tempdir().unwrap();
    search_folder(page, &holidays(temporary.path(), photos), photos);
    assert_indexed(page, plain_site(), temporary.path(), photos);
}

#[test]
fn a_gpu_that_is_slower_at_everything_does_not_take_over() {
    if skipped() {
        return;
    }
    let (_server, page) = open(LONG, LONG);
    assert!(page.text("device").unwrap().contains("CPU (SIMD); WebGPU is slower here"));
    read_back(&page);
    assert!(page.ask(&samples()[0]).unwrap().device.contains("CPU"));
    search_own(&page, 3);
    assert_eq!(read_back(&page), Vec::<u64>::new());
    assert!(page.text("device").unwrap().contains("WebGPU is slower"), "{}", page.text("device").unwrap());
}

#[test]
fn a_gpu_that_is_slower_at_one_photo_takes_folders() {
    if skipped() {
        return;
    }
    let (_server, page) = open(LONG, 0.0);
    let device = page.text("device").unwrap();
    assert!(device.starts_with("CPU (SIMD); a folder of yours on WebGPU ("), "{device}");
    read_back(&page);
    assert!(page.ask(&samples()[0]).unwrap().device.contains("CPU"));
    assert_eq!(read_back(&page), Vec::<u64>::new());
    search_own(&page, 6);
    // What follows are questions: in the moment in which both open the folder's collection either may be the first.
    assert_eq!(read_back(&page)[..2], [BATCH * ONE, 2 * ONE]);
}

#[test]
fn a_gpu_that_is_slower_at_a_folder_takes_single_photos() {
    if skipped() {
        return;
    }
    let (_server, page) = open(0.0, LONG);
    let device = page.text("device").unwrap();
    assert!(device.starts_with("WebGPU (") && device.ends_with("; a folder of yours on CPU (SIMD)"), "{device}");
    read_back(&page);
    assert!(page.ask(&samples()[0]).unwrap().device.contains("WebGPU"));
    search_own(&page, 6);
    let read = read_back(&page);
    assert!(!read.is_empty() && read.iter().all(|&bytes| bytes == ONE), "{read:?}");
}
