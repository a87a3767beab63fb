//! A device that computes wrongly, is lost, hangs or runs out of memory: the processor takes over, and no question is lost.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path};

use lookalike_tests::{
    demo_site,
    driver::WebGpu,
    page::{LAPTOP, Page, Shown},
    samples,
    server::{Fault, Server},
    skipped,
    steps::{click, native, script, wait_until},
};

/// Stands before the engine's own program. The faults are real ones of the interface: what comes of them is the browser's
/// and the engine's doing. Which one it is to be comes over a channel; `begin` is there from the start.
const FAULTS: &str = r#"
    const half = () => {
        const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
        GPUComputePassEncoder.prototype.dispatchWorkgroups = function (x, ...rest) {
            return dispatchWorkgroups.call(this, Math.ceil(x / 2), ...rest);
        };
    };
    const before = (prototype, name, act) => {
        const original = prototype[name];
        prototype[name] = function (...given) { return original.apply(this, act(...given) ?? given); };
    };
    const faults = {
        none() {},
        half,
        hang() { GPUBuffer.prototype.mapAsync = () => new Promise(() => {}); },
        lose(device) { before(GPUBuffer.prototype, "mapAsync", () => void device.destroy()); },
        starve() { before(GPUDevice.prototype, "createBuffer", (wish) => [{ ...wish, size: 2 ** 42 }]); },
    };
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...given) {
        const device = await requestDevice.apply(this, given);
        new BroadcastChannel("fault").onmessage = ({ data }) => {
            faults[data](device);
            new BroadcastChannel("struck").postMessage(data);
        };
        return device;
    };
    faults["BEGIN"]();
"#;

/// The demo, whose engine on WebGPU begins with a fault, and can be given another.
fn faulty(begin: &str) -> Server {
    let program = fs::read_to_string(demo_site().join("worker.js")).unwrap();
    let body = format!("{}{program}", FAULTS.replace("BEGIN", begin));
    Server::demo(Some(Fault { file: "/worker.js", body: Some(body.into()) })).unwrap()
}

fn load(server: &Server) -> Page {
    let page = Page::load(&format!("{}?device=webgpu", server.address), WebGpu::Software, LAPTOP).unwrap();
    page.wait_for_state("ready").unwrap();
    page
}

/// Has the device fail from now on.
fn strike(page: &Page, fault: &str) {
    let strike = format!(
        "return new Promise(done => {{
            new BroadcastChannel('struck').onmessage = ({{ data }}) => done(data);
            new BroadcastChannel('fault').postMessage('{fault}');
        }})"
    );
    assert_eq!(script(page, &strike), fault);
}

/// The processor says what the native engine says.
fn assert_processor(page: &Page, shown: &Shown, photo: &Path) {
    assert!(page.text("device").unwrap().contains("CPU"), "{}", page.text("device").unwrap());
    let native = native(photo);
    assert_eq!(shown.paths(), native.paths());
    assert_eq!(shown.pixels, native.pixels);
    for (a, b) in shown.embedding.iter().zip(&native.embedding) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
}

fn assert_told(page: &Page, words: &str) {
    let note = page.text("note").unwrap();
    assert!(note.contains("the processor computes instead") && note.contains(words), "{note:?}");
}

#[test]
fn a_device_that_computes_wrongly_from_the_start_is_not_used() {
    if skipped() {
        return;
    }
    let server = faulty("half");
    let page = load(&server);
    assert_told(&page, "computes wrongly");
    let shown = page.ask(&samples()[0]).unwrap();
    assert_processor(&page, &shown, &samples()[0]);
}

/// The fault strikes while the engine is idle: the next photo is what it fails at. `harder`: it is asked something for which
/// it needs more memory than before.
fn outlived(fault: &str, words: &str, harder: bool) {
    if skipped() {
        return;
    }
    let server = faulty("none");
    let page = load(&server);
    page.ask(&samples()[0]).unwrap();
    assert!(page.text("device").unwrap().contains("WebGPU"));
    strike(&page, fault);
    if harder {
        click(&page, "turned");
        wait_until(&page, "document.getElementById('device').innerText.includes('CPU')");
        page.wait_for_state("ready").unwrap();
        let before = page.answered().unwrap();
        click(&page, "turned");
        page.wait_for_answer(before).unwrap();
    }
    let shown = page.ask(&samples()[1]).unwrap();
    assert_processor(&page, &shown, &samples()[1]);
    assert_told(&page, words);
    let shown = page.ask(&samples()[2]).unwrap();
    assert_processor(&page, &shown, &samples()[2]);
}

#[test]
fn a_device_that_is_lost_in_the_middle_of_a_question_loses_no_question() {
    outlived("lose", "the device failed", false);
}

#[test]
fn a_device_that_hangs_in_the_middle_of_a_question_loses_no_question() {
    outlived("hang", "says nothing any more", false);
}

#[test]
fn a_device_without_memory_loses_no_question() {
    outlived("starve", "memory", true);
}

#[test]
fn a_device_is_checked_on_request() {
    if skipped() {
        return;
    }
    let server = faulty("none");
    let page = load(&server);
    click(&page, "check");
    wait_until(&page, "document.getElementById('note').innerText.includes('computes right')");
    assert!(page.text("device").unwrap().contains("WebGPU"));
    strike(&page, "half");
    click(&page, "check");
    wait_until(&page, "document.getElementById('device').innerText.includes('CPU')");
    assert_told(&page, "computes wrongly");
    click(&page, "check");
    wait_until(&page, "document.getElementById('note').innerText.includes('computes right')");
    let shown = page.ask(&samples()[0]).unwrap();
    assert_processor(&page, &shown, &samples()[0]);
}
