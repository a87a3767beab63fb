//! The built site in a real Chromium, with WebGPU (imitated by the processor) and without.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::PathBuf};

use lookalike_tests::{
    demo_photos, demo_site,
    driver::{WebGpu, wait},
    fixtures,
    page::{LAPTOP, PHONE, Page, Shown},
    root, samples,
    server::{Fault, Server},
    skipped,
    steps::{CPU_TOLERANCE, assert_fits, native, told},
};
use serde_json::json;

/// As [`CPU_TOLERANCE`], on WebGPU. Seen: 2e-6.
const WEBGPU_TOLERANCE: f64 = 1e-3;

fn serve() -> Server {
    Server::demo(None).unwrap()
}

/// The query's embedding, top six, cluster, group and place are the native ones.
fn assert_agrees(shown: &Shown, native: &Shown, tolerance: f64) {
    assert_eq!(shown.pixels, native.pixels, "the encoder's input differs");
    let pairs = shown.embedding.iter().zip(&native.embedding);
    let deviation = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert_eq!(shown.embedding.len(), native.embedding.len());
    assert!(deviation <= tolerance, "a coordinate is {deviation} away");
    assert_eq!(shown.paths(), native.paths());
    assert_eq!((&shown.cluster, &shown.group), (&native.cluster, &native.group));
    let moved = (shown.map[0] - native.map[0]).hypot(shown.map[1] - native.map[1]);
    assert!(moved < 0.02, "the place on the map is {moved} away");
}

fn gallery_photos() -> Vec<PathBuf> {
    let all = lookalike_training::photos::find(&demo_photos(), &Default::default()).unwrap();
    all.iter().step_by(all.len() / 4).map(|photo| photo.location.clone()).collect()
}

fn answers_like_the_native_engine(query: &str, gpu: WebGpu, device: &str, tolerance: f64) {
    if skipped() {
        return;
    }
    let server = serve();
    let page = Page::open(&format!("{}{query}", server.address), gpu, LAPTOP).unwrap();
    for photo in gallery_photos() {
        let shown = page.ask(&photo).unwrap();
        let own = photo.strip_prefix(demo_photos()).unwrap().to_str().unwrap().to_owned();
        assert_eq!(shown.results[0].0, own);
        assert!(shown.results[0].1 >= 0.999, "{:?}", shown.results[0]);
        assert_eq!(shown.results.len(), 6);
        assert_agrees(&shown, &native(&photo), tolerance);
    }
    for photo in samples() {
        assert_agrees(&page.ask(&photo).unwrap(), &native(&photo), tolerance);
    }
    let shown = page.shown().unwrap();
    assert!(shown.device.contains(device), "{}", shown.device);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn the_processor_answers_like_the_native_engine() {
    answers_like_the_native_engine("?device=cpu", WebGpu::None, "CPU", CPU_TOLERANCE);
}

#[test]
fn webgpu_answers_like_the_native_engine() {
    answers_like_the_native_engine("?device=webgpu", WebGpu::Software, "WebGPU", WEBGPU_TOLERANCE);
}

#[test]
fn without_webgpu_the_processor_takes_over() {
    if skipped() {
        return;
    }
    let server = serve();
    for query in ["", "?device=webgpu"] {
        let page = Page::open(&format!("{}{query}", server.address), WebGpu::None, LAPTOP).unwrap();
        let shown = page.ask(&samples()[0]).unwrap();
        assert!(shown.device.contains("CPU"), "{}", shown.device);
        assert_agrees(&shown, &native(&samples()[0]), CPU_TOLERANCE);
    }
}

#[test]
fn an_imitated_gpu_is_left_alone_unless_asked_for() {
    if skipped() {
        return;
    }
    let server = serve();
    let page = Page::open(&server.address, WebGpu::Software, LAPTOP).unwrap();
    assert!(page.ask(&samples()[0]).unwrap().device.contains("CPU"));
    assert!(!server.requests().iter().any(|path| path.contains("webgpu")), "{:?}", server.requests());
}

#[test]
fn every_kind_of_photo_becomes_the_native_pixels() {
    if skipped() {
        return;
    }
    let server = serve();
    let page = Page::open(&format!("{}?device=cpu", server.address), WebGpu::None, LAPTOP).unwrap();
    assert!(fixtures().len() >= 25);
    for photo in fixtures() {
        let shown = page.ask(&photo).unwrap();
        assert_eq!(shown.pixels, native(&photo).pixels, "{}", photo.display());
    }
}

#[test]
fn nothing_leaves_the_origin_and_only_thumbnails_are_loaded_later() {
    if skipped() {
        return;
    }
    let server = serve();
    let page = Page::open(&server.address, WebGpu::None, LAPTOP).unwrap();
    page.ask(&samples()[0]).unwrap();
    // Whatever the page loads after its first answer of its own accord is loaded by now or never.
    wait_for_silence(&server);
    let loaded = server.requests().len();
    for photo in &samples()[1..4] {
        page.ask(photo).unwrap();
    }
    page.browser.click("[data-sample]").unwrap();
    wait_for_silence(&server);
    let (samples, later): (Vec<_>, Vec<_>) =
        server.requests().split_off(loaded).into_iter().partition(|path| path.starts_with("/samples/"));
    assert_eq!(samples, ["/samples/kingfisher.jpg"], "the one that was chosen");
    assert!(later.iter().all(|path| path.starts_with("/gallery/thumbs/")), "{later:?}");
    // `chrome:` is the browser's own start page, before ours.
    let local = [server.address.as_str(), "blob:", "data:", "chrome:"];
    let requests = page.browser.requests().unwrap();
    assert!(requests.iter().any(|address| address.starts_with(&server.address)), "the log is on");
    let foreign: Vec<_> =
        requests.iter().filter(|address| !local.iter().any(|start| address.starts_with(start))).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

fn wait_for_silence(server: &Server) {
    let mut last = (server.requests().len(), std::time::Instant::now());
    wait(std::time::Duration::from_secs(60), || {
        let now = server.requests().len();
        if now != last.0 {
            last = (now, std::time::Instant::now());
        }
        Ok((last.1.elapsed() > std::time::Duration::from_secs(2)).then_some(()))
    })
    .unwrap();
}

#[test]
fn the_site_works_under_any_path() {
    if skipped() {
        return;
    }
    let server = Server::start(&demo_site(), "some/deep/path", None).unwrap();
    let page = Page::open(&server.address, WebGpu::None, PHONE).unwrap();
    page.ask(&samples()[0]).unwrap();
    assert!(server.requests().iter().all(|path| path.starts_with("/some/deep/path/")));
}

#[test]
fn bad_files_get_one_sentence_and_the_last_result_stays() {
    if skipped() {
        return;
    }
    let server = serve();
    let page = Page::open(&server.address, WebGpu::None, LAPTOP).unwrap();
    let before = page.ask(&samples()[0]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let photo = fs::read(&samples()[1]).unwrap();
    let bad = [
        (write("paper.pdf", b"%PDF-1.7 and more"), "PDF"),
        (write("broken.jpg", &photo[..photo.len() / 2]), "cut off"),
        (write("empty.png", b""), "empty"),
        (write("text.jpg", b"hello"), "JPEG, PNG and WebP"),
        (write("bomb.png", &huge_png()), "100 megapixels"),
    ];
    for (path, words) in &bad {
        let sentence = page.refusal(&[path]).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(sentence.contains(words) && sentence.contains(name), "{name}: {sentence}");
        let after = page.shown().unwrap();
        assert_eq!((after.query, &after.results), (before.query, &before.results));
        // An answer takes the sentence away.
        page.browser.script("document.querySelector('[data-testid=error] button')?.click()", json!([])).unwrap();
    }
    assert_eq!(page.ask(&samples()[0]).unwrap().results, before.results);
    assert_eq!(page.text("error").unwrap(), "");
}

/// The header of a PNG of 20,000 × 20,000 pixels.
fn huge_png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02\0\0\0".to_vec();
    let crc = !bytes[12..].iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 })
    });
    bytes.extend_from_slice(&crc.to_be_bytes());
    bytes.extend_from_slice(b"\0\0\0\x01IDAT\0\0\0\0\0");
    bytes
}

#[test]
fn the_newest_photo_wins_and_of_many_files_one_is_taken() {
    if skipped() {
        return;
    }
    let server = serve();
    let page = Page::open(&server.address, WebGpu::None, LAPTOP).unwrap();
    let photos = samples();
    // All at once, without waiting.
    for photo in &photos {
        page.choose(&[photo]).unwrap();
    }
    page.wait_for_state("ready").unwrap();
    let last = native(photos.last().unwrap());
    wait(std::time::Duration::from_secs(60), || Ok((page.shown()?.pixels == last.pixels).then_some(()))).unwrap();
    assert_agrees(&page.shown().unwrap(), &last, CPU_TOLERANCE);
    // The input takes one file; ten are dropped.
    let before = page.answered().unwrap();
    drop_files(&page, 10);
    let shown = page.wait_for_answer_despite_notes(before);
    assert_eq!(shown.results.len(), 6);
    let body = page.browser.script("return document.body.innerText", json!([])).unwrap().to_string();
    assert!(body.contains("one at a time") || body.contains("One photo at a time"), "{body}");
}

trait Patient {
    fn wait_for_answer_despite_notes(&self, before: u64) -> Shown;
}

impl Patient for Page {
    fn wait_for_answer_despite_notes(&self, before: u64) -> Shown {
        wait(std::time::Duration::from_secs(60), || Ok((self.answered()? > before).then_some(()))).unwrap();
        self.shown().unwrap()
    }
}

/// Drops copies of a picture onto the page, drawn there: a script may not read files.
fn drop_files(page: &Page, count: usize) {
    let script = r"
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 80;
        canvas.getContext('2d').fillRect(0, 0, 40, 40);
        const bytes = Uint8Array.from(atob(canvas.toDataURL('image/png').split(',')[1]), c => c.charCodeAt(0));
        const transfer = new DataTransfer();
        for (let i = 0; i < arguments[0]; i++) transfer.items.add(new File([bytes], `drawn-${i}.png`, {type: 'image/png'}));
        for (const type of ['dragenter', 'dragover', 'drop'])
            document.body.dispatchEvent(new DragEvent(type, {dataTransfer: transfer, bubbles: true, cancelable: true}));";
    page.browser.script(script, json!([count])).unwrap();
}

#[test]
fn a_pasted_and_a_sample_photo_are_answered() {
    if skipped() {
        return;
    }
    let server = serve();
    let page = Page::open(&server.address, WebGpu::None, PHONE).unwrap();
    page.browser.click("[data-sample]").unwrap();
    let shown = page.wait_for_answer(0).unwrap();
    let script = r"
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 64;
        canvas.getContext('2d').fillRect(0, 0, 20, 60);
        const bytes = Uint8Array.from(atob(canvas.toDataURL('image/png').split(',')[1]), c => c.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], 'pasted.png', {type: 'image/png'}));
        document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: transfer, bubbles: true, cancelable: true}));";
    page.browser.script(script, json!([])).unwrap();
    assert_ne!(page.wait_for_answer(shown.query).unwrap().pixels, shown.pixels);
}

#[test]
fn a_damaged_gallery_is_named_and_nothing_panics() {
    if skipped() {
        return;
    }
    let gallery = demo_site().join("gallery");
    let read = |start: &str| {
        let name = fs::read_dir(&gallery)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .find(|name| name.starts_with(start));
        fs::read(gallery.join(name.unwrap())).unwrap()
    };
    let altered = |bytes: &[u8], place: usize| {
        let mut bytes = bytes.to_vec();
        bytes[place] ^= 0xFF;
        bytes
    };
    let files = [
        ("gallery.lka", read("gallery")),
        ("encoder-", read("encoder")),
        ("cell-", read("cell")),
        ("probes-", read("probes")),
    ];
    // One browser: each host has a port of its own, so nothing is kept from one to the next.
    let page = Page::load("about:blank", WebGpu::None, LAPTOP).unwrap();
    for (file, bytes) in files {
        let faults = [
            ("missing", None, "missing"),
            ("cut", Some(bytes[..bytes.len() / 2].to_vec()), "cut"),
            ("altered", Some(altered(&bytes, bytes.len() - 3)), "damaged"),
            ("another version", Some(altered(&bytes, 8)), "version"),
            ("an error page", Some(b"<!DOCTYPE html><title>404</title>".to_vec()), "not a Lookalike file"),
        ];
        for (fault, body, words) in faults {
            let server = Server::start(&demo_site(), "", Some(Fault { file, body })).unwrap();
            page.browser.load(&format!("{}?device=cpu", server.address)).unwrap();
            page.wait_for_state("failed").unwrap();
            let sentence = page.text("error").unwrap();
            assert!(sentence.contains(file) && sentence.contains(words), "{file} {fault}: {sentence}");
            assert!(!sentence.contains("panic"), "{sentence}");
        }
    }
}

#[test]
fn a_missing_thumbnail_is_named() {
    if skipped() {
        return;
    }
    let server = Server::start(&demo_site(), "", Some(Fault { file: "thumbs/", body: None })).unwrap();
    let page = Page::open(&server.address, WebGpu::None, LAPTOP).unwrap();
    page.choose(&[&samples()[0]]).unwrap();
    let sentence = told(&page);
    assert!(sentence.contains("thumbs/") && sentence.contains("missing"), "{sentence}");
    assert_eq!(page.shown().unwrap().results.len(), 6, "the answer is there all the same");
}

#[test]
fn the_first_screen_needs_no_script() {
    let html = fs::read_to_string(root().join("index.html")).unwrap();
    for words in ["never leaves this device", "Choose a photo", "<noscript>", "Content-Security-Policy"] {
        assert!(html.contains(words), "{words}");
    }
    for load in ["src=\"http", "url(http", "src=\"//", "<link rel=\"stylesheet\" href=\"http"] {
        assert!(!html.contains(load), "the page loads from its own origin only: {load}");
    }
}

#[test]
fn screenshots_at_two_sizes_do_not_overflow() {
    if skipped() {
        return;
    }
    let server = serve();
    for (name, size) in [("laptop", LAPTOP), ("phone", PHONE)] {
        let page = Page::open(&server.address, WebGpu::None, size).unwrap();
        page.browser.screenshot(&format!("{name}-first")).unwrap();
        page.ask(&samples()[1]).unwrap();
        wait_for_silence(&server);
        page.browser.screenshot(&format!("{name}-result")).unwrap();
        assert_fits(&page, size, name);
    }
}
