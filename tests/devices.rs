//! A device that computes wrongly, is lost, hangs or runs out of memory: the processor takes over, and no question is lost.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path};

use lookalike_tests::{
    demo_site,
    driver::{WebGpu, wait},
    own_folder::{LONG, assert_indexed, choose_folder, done, holidays, wait_for_folder, walk},
    page::{LAPTOP, Page, Shown},
    samples,
    server::{Fault, Server},
    skipped,
    small::plain_site,
    steps::{click, native, open, script, told_and_put_away, wait_until},
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

/// Stands before an engine's program, which ends when it reads a photo of so many bytes.
const DEADLY: &str = r#"
    const { arrayBuffer } = Blob.prototype;
    Blob.prototype.arrayBuffer = function () {
        if (this.size !== SIZE) return arrayBuffer.call(this);
        setTimeout(() => { throw new Error("out of memory"); });
        return new Promise(() => {});
    };
"#;

/// A site with a script before its engines' programs.
fn with(script: &str, site: &Path) -> Server {
    let program = fs::read_to_string(site.join("worker.js")).unwrap();
    let body = format!("{script}{program}");
    Server::start(site, "", Some(Fault { file: "/worker.js", body: Some(body.into()) })).unwrap()
}

/// The demo, whose engine on WebGPU begins with a fault, and can be given another.
fn faulty(begin: &str) -> Server {
    with(&FAULTS.replace("BEGIN", begin), &demo_site())
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

/// The fault strikes while the engine indexes a folder: the processor goes on with it, and no photo is lost.
fn a_folder_outlives(fault: &str, words: &str) {
    if skipped() {
        return;
    }
    let (server, temporary) = (with(&FAULTS.replace("BEGIN", "none"), plain_site()), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 40);
    let page = load(&server);
    choose_folder(&page, &folder);
    wait(LONG, || Ok((done(&page) >= 6).then_some(()))).unwrap();
    strike(&page, fault);
    wait_for_folder(&page, 40);
    assert!(page.text("device").unwrap().contains("CPU"));
    assert_told(&page, words);
    assert_indexed(&page, plain_site(), temporary.path(), 40);
}

#[test]
fn a_device_that_is_lost_in_the_middle_of_a_folder_loses_no_photo() {
    a_folder_outlives("lose", "the device failed");
}

#[test]
fn a_device_that_hangs_in_the_middle_of_a_folder_loses_no_photo() {
    a_folder_outlives("hang", "says nothing any more");
}

#[test]
fn a_photo_that_ends_the_engine_is_left_out_by_name() {
    if skipped() {
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let folder = holidays(temporary.path(), 12);
    let photos = walk(&folder);
    let size = |path: &Path| fs::metadata(path).unwrap().len();
    let bad = photos[5].clone();
    assert_eq!(photos.iter().filter(|path| size(path) == size(&bad)).count(), 1);
    let server = with(&DEADLY.replace("SIZE", &size(&bad).to_string()), &demo_site());
    let page = open(&server, "", LAPTOP);
    choose_folder(&page, &folder);
    assert!(told_and_put_away(&page).contains("The engine starts again"));
    wait_for_folder(&page, 11);
    let name = bad.strip_prefix(temporary.path()).unwrap().to_str().unwrap();
    let note = page.text("note").unwrap();
    assert!(note.contains("Left out: 1 photo") && note.contains(name) && note.contains("out of memory"), "{note}");
    assert_indexed(&page, &demo_site(), temporary.path(), 11);
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
