//! The ways to give the page a photo: files of any format, the camera, the clipboard, the keyboard; and that none of them
//! sends anything.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use image::RgbImage;
use lookalike_tests::{
    command, demo_site,
    driver::wait,
    page::{LAPTOP, PHONE, Page, Shown, from_report},
    samples,
    server::Server,
    skipped,
};
use serde_json::{Value, json};

/// Larger than the time that anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Two cameras that show a moving test picture, and nobody who asks.
const CAMERAS: [&str; 2] = ["--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream"];

/// Narrow phone, tablet, wide screen.
const SIZES: [(u32, u32); 3] = [(360, 740), (768, 1024), (1440, 900)];

/// WebDriver's letters for keys.
const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";
const LEFT: &str = "\u{E012}";
const UP: &str = "\u{E013}";
const RIGHT: &str = "\u{E014}";
const DOWN: &str = "\u{E015}";

/// 2 × 2 pixels, AV1.
const AVIF: &str = "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADybWV0YQAAAAAAAAAoaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAGxpYmF2aWYAAAAADnBpdG0AAAAAAAEAAAAeaWxvYwAAAABEAAABAAEAAAABAAABGgAAAB0AAAAoaWluZgAAAAAAAQAAABppbmZlAgAAAAABAABhdjAxQ29sb3IAAAAAamlwcnAAAABLaXBjbwAAABRpc3BlAAAAAAAAAAIAAAACAAAAEHBpeGkAAAAAAwgICAAAAAxhdjFDgQ0MAAAAABNjb2xybmNseAACAAIAAYAAAAAXaXBtYQAAAAAAAAABAAEEAQKDBAAAACVtZGF0EgAKCBgANogQEAwgMg8f8D///8WfhwB8+ErK42A=";

/// One transparent pixel.
const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF!\xF9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01D\0;";

fn open(server: &Server, size: (u32, u32), flags: &[&str]) -> Page {
    Page::open_with(&format!("{}?device=cpu", server.address), size, flags).unwrap()
}

fn script(page: &Page, body: &str) -> Value {
    page.browser.script(body, json!([])).unwrap()
}

fn wait_until(page: &Page, condition: &str) {
    let body = format!("return Boolean({condition})");
    wait(PATIENCE, || Ok((script(page, &body) == true).then_some(()))).unwrap_or_else(|e| panic!("{condition}: {e}"));
}

/// Clicks a hook.
fn click(page: &Page, hook: &str) {
    page.browser.click(&format!("[data-testid={hook}]")).unwrap();
}

/// Waits for a sentence of error, and puts it away.
fn told(page: &Page) -> String {
    let sentence = wait(PATIENCE, || Ok(Some(page.text("error")?).filter(|text| !text.is_empty()))).unwrap();
    page.browser.click("[data-testid=error] button").unwrap();
    sentence
}

fn native(photo: &Path) -> Shown {
    from_report(&command::query(&demo_site(), photo).unwrap()).unwrap()
}

fn paths(shown: &Shown) -> Vec<String> {
    shown.results.iter().map(|(path, _)| path.clone()).collect()
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// 24 bits a pixel, rows from the bottom, each a multiple of four bytes long.
fn bmp(picture: &RgbImage) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let mut pixels = Vec::new();
    for row in picture.rows().rev() {
        let row: Vec<u8> = row.flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect();
        pixels.extend_from_slice(&row);
        pixels.resize(pixels.len().next_multiple_of(4), 0);
    }
    let mut bytes = b"BM".to_vec();
    for number in [54 + pixels.len() as u32, 0, 54, 40, width, height, 24 << 16 | 1, 0, pixels.len() as u32, 0, 0, 0, 0]
    {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&pixels);
    bytes
}

/// The beginning of a file of the family of HEIC and AVIF, with the box for its size.
fn heif(brand: &str, side: u32) -> Vec<u8> {
    let start =
        [b"\0\0\0\x18ftyp", brand.as_bytes(), b"\0\0\0\0mif1", brand.as_bytes(), b"\0\0\0\x14ispe\0\0\0\0"].concat();
    [start, side.to_be_bytes().to_vec(), side.to_be_bytes().to_vec()].concat()
}

fn avif() -> Vec<u8> {
    lookalike_tests::driver::base64(AVIF).unwrap()
}

#[test]
fn what_the_browser_decodes_has_the_pixels_of_a_png() {
    if skipped() {
        return;
    }
    let (server, folder) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let page = open(&server, LAPTOP, &[]);
    let picture = image::open(&samples()[0]).unwrap().into_rgb8();
    let png = folder.path().join("photo.png");
    picture.save(&png).unwrap();
    let expected = native(&png);
    let shown = page.ask(&write(folder.path(), "photo.bmp", &bmp(&picture))).unwrap();
    assert_eq!(shown.pixels, expected.pixels);
    assert_eq!(paths(&shown), paths(&expected));
    assert_eq!(page.text("decoded-by").unwrap(), "decoded by the browser");
    assert_eq!(page.text("photo-name").unwrap(), "photo.bmp");
    page.browser.screenshot("laptop-decoded-by").unwrap();
    assert_eq!(page.ask(&png).unwrap().pixels, expected.pixels);
    assert_eq!(page.text("decoded-by").unwrap(), "", "a PNG is none of the browser's business");
    // What is transparent lies on white, as it does in a PNG. The name does not matter.
    let white = folder.path().join("white.png");
    RgbImage::from_pixel(1, 1, image::Rgb([255; 3])).save(&white).unwrap();
    let shown = page.ask(&write(folder.path(), "transparent.jpg", GIF)).unwrap();
    assert_eq!(shown.pixels, native(&white).pixels);
    assert_eq!(page.text("decoded-by").unwrap(), "decoded by the browser");
    page.ask(&write(folder.path(), "small.avif", &avif())).unwrap();
    assert_eq!(page.text("decoded-by").unwrap(), "decoded by the browser");
    // A sample comes after it: nothing of the browser's is left.
    let before = page.answered().unwrap();
    page.browser.click("[data-sample]").unwrap();
    page.wait_for_answer(before).unwrap();
    assert_eq!(page.text("decoded-by").unwrap(), "");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn what_the_browser_decodes_is_scaled_down_and_does_not_outrun_a_newer_photo() {
    if skipped() {
        return;
    }
    let (server, folder) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let page = open(&server, LAPTOP, &[]);
    let wide = RgbImage::from_fn(4096, 512, |x, y| image::Rgb([(x / 16) as u8, (y / 2) as u8, 90]));
    let wide = write(folder.path(), "wide.bmp", &bmp(&wide));
    page.ask(&wide).unwrap();
    wait_until(&page, "document.querySelector('#your-frame img').naturalWidth === 2048");
    wait_until(&page, "document.querySelector('#your-frame img').naturalHeight === 256");
    page.choose(&[&wide]).unwrap();
    let newer = &samples()[2];
    page.choose(&[newer]).unwrap();
    let pixels = native(newer).pixels;
    wait(PATIENCE, || Ok((page.shown()?.pixels == pixels).then_some(()))).unwrap();
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(page.shown().unwrap().pixels, pixels, "the older photo does not come after it");
}

#[test]
fn what_nobody_can_decode_is_named() {
    if skipped() {
        return;
    }
    let (server, folder) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let page = open(&server, PHONE, &[]);
    let before = page.ask(&samples()[0]).unwrap();
    let broken_avif = avif()[..200].to_vec();
    let files: [(&str, &[u8], &str); 12] = [
        ("phone.heic", &heif("heic", 64), "a HEIC picture"),
        ("cut.avif", &broken_avif, "an AVIF picture"),
        ("scan.tif", b"II*\0\x08\0\0\0\0\0", "a TIFF or raw picture"),
        ("film.cr3", b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "a raw photo"),
        ("fuji.raf", b"FUJIFILMCCD-RAW 0201", "a raw photo"),
        ("clip.mp4", b"\0\0\0\x18ftypisom\0\0\0\x01isommp42", "a video"),
        ("clip.webm", b"\x1AE\xDF\xA3\x01\0\0\0", "a video"),
        ("paper.pdf", b"%PDF-1.7 and more", "a PDF document"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a web page or drawing"),
        ("letter.jpg", b"Dear reader", "no photo that can be read here"),
        ("bomb.gif", b"GIF89a\x60\xEA\x60\xEA\x80\0\0", "100 megapixels"),
        ("bomb.heic", &heif("heic", 20_000), "100 megapixels"),
    ];
    for (name, bytes, words) in files {
        page.choose(&[&write(folder.path(), name, bytes)]).unwrap();
        let sentence = told(&page);
        assert!(sentence.starts_with(name) && sentence.contains(words), "{name}: {sentence}");
        let after = page.shown().unwrap();
        assert_eq!((after.query, &after.results), (before.query, &before.results), "{name}: the answer stays");
    }
    assert_eq!(page.attribute("status", "data-state").unwrap(), "ready");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

/// Remembers the streams that the page gets; `delay` milliseconds late, if that is set.
fn watch_cameras(page: &Page) {
    script(
        page,
        "window.streams = [];
         const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
         navigator.mediaDevices.getUserMedia = async wishes => {
             const stream = await ask(wishes);
             await new Promise(resolve => setTimeout(resolve, window.delay ?? 0));
             streams.push(stream);
             return stream;
         };",
    );
}

/// Every camera that has been on is off, and there were so many.
fn wait_for_off(page: &Page, count: usize) {
    wait_until(page, &format!("streams.length === {count}"));
    wait_until(page, "streams.every(stream => stream.getTracks().every(track => track.readyState === 'ended'))");
    wait_until(page, "!document.getElementById('camera-dialog').open");
    assert_eq!(script(page, "return document.getElementById('camera-video').srcObject"), Value::Null);
}

fn open_camera(page: &Page) {
    click(page, "camera");
    wait_until(page, "!document.getElementById('shutter').disabled");
}

fn focused(page: &Page) -> String {
    script(page, "return document.activeElement.id").as_str().unwrap().to_owned()
}

#[test]
fn a_picture_is_taken_and_the_camera_goes_off() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, LAPTOP, &CAMERAS);
    watch_cameras(&page);
    open_camera(&page);
    assert_eq!(focused(&page), "shutter");
    wait_until(&page, "!document.getElementById('camera-switch').hidden");
    let device = "return streams.at(-1).getVideoTracks()[0].getSettings().deviceId";
    let first = script(&page, device);
    click(&page, "camera-switch");
    wait_until(&page, "streams.length === 2 && !document.getElementById('shutter').disabled");
    assert_ne!(script(&page, device), first, "the other camera");
    assert_eq!(script(&page, "return streams[0].active"), false, "one camera at a time");
    page.browser.screenshot("laptop-camera").unwrap();
    click(&page, "shutter");
    let shown = page.wait_for_answer(0).unwrap();
    assert_eq!(shown.results.len(), 6);
    assert_eq!(page.text("photo-name").unwrap(), "the picture you took");
    assert_eq!(page.text("decoded-by").unwrap(), "");
    wait_for_off(&page, 2);
    assert_eq!(focused(&page), "camera", "the keyboard is where it was");
    wait_until(&page, "document.querySelector('#your-frame img').naturalWidth > 100");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn the_camera_goes_off_however_its_dialog_is_left() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, PHONE, &CAMERAS);
    let before = page.ask(&samples()[0]).unwrap();
    watch_cameras(&page);
    open_camera(&page);
    page.browser.press(ESCAPE).unwrap();
    wait_for_off(&page, 1);
    open_camera(&page);
    page.browser.click("#camera-dialog [data-close]").unwrap();
    wait_for_off(&page, 2);
    open_camera(&page);
    script(
        &page,
        "Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});
         document.dispatchEvent(new Event('visibilitychange'));
         delete document.hidden;",
    );
    wait_for_off(&page, 3);
    // The camera comes when nobody waits for it any more.
    script(&page, "window.delay = 800");
    click(&page, "camera");
    page.browser.press(ESCAPE).unwrap();
    wait_for_off(&page, 4);
    script(&page, "window.delay = 0");
    // It is taken away.
    open_camera(&page);
    script(&page, "streams.at(-1).getTracks()[0].dispatchEvent(new Event('ended'))");
    assert!(told(&page).starts_with("The camera has stopped."));
    wait_for_off(&page, 5);
    let after = page.shown().unwrap();
    assert_eq!((after.query, after.results), (before.query, before.results), "the answer stays");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_camera_that_does_not_come_gets_one_sentence() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    // Refused, and none there: Chromium's own errors.
    let real: [(&[&str], &str); 2] = [
        (&["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny"], "not allowed"),
        (&["--use-fake-device-for-media-stream=device-count=0", "--use-fake-ui-for-media-stream"], "no camera"),
    ];
    for (flags, words) in real {
        let page = open(&server, LAPTOP, flags);
        let before = page.ask(&samples()[0]).unwrap();
        click(&page, "camera");
        let sentence = told(&page);
        assert!(sentence.contains(words) && sentence.contains("choose a photo"), "{sentence}");
        wait_until(&page, "!document.getElementById('camera-dialog').open");
        let after = page.shown().unwrap();
        assert_eq!((after.query, after.results), (before.query, before.results), "the answer stays");
    }
    // What can't be had here is played.
    let page = open(&server, LAPTOP, &[]);
    for (name, words) in [
        ("NotAllowedError", "not allowed"),
        ("NotReadableError", "another program"),
        ("SecurityError", "begins with https"),
        ("NotFoundError", "no camera"),
        ("OddError", "gave no picture"),
    ] {
        let refuse = "const name = arguments[0]; navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));";
        page.browser.script(refuse, json!([name])).unwrap();
        click(&page, "camera");
        wait_until(&page, "!document.getElementById('error').hidden && !document.getElementById('camera-dialog').open");
        assert_eq!(focused(&page), "camera");
        // Only now: putting the sentence away takes the focus along.
        let sentence = told(&page);
        assert!(sentence.contains(words) && sentence.to_lowercase().contains("choose a photo"), "{name}: {sentence}");
    }
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

/// Lets the page, or not, do something without asking.
fn permit(page: &Page, server: &Server, name: &str, setting: &str) {
    let origin = server.address.trim_end_matches('/');
    let parameters = json!({"permission": {"name": name}, "setting": setting, "origin": origin});
    page.browser.devtools("Browser.setPermission", parameters).unwrap();
}

fn permit_clipboard(page: &Page, server: &Server) {
    let origin = server.address.trim_end_matches('/');
    let all = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": origin});
    page.browser.devtools("Browser.grantPermissions", all).unwrap();
    // A window without a focus may not touch the clipboard.
    page.browser.devtools("Emulation.setFocusEmulationEnabled", json!({"enabled": true})).unwrap();
}

/// Puts a drawing on the clipboard.
fn copy_picture(page: &Page) {
    script(
        page,
        "const canvas = document.createElement('canvas');
         canvas.width = canvas.height = 96;
         canvas.getContext('2d').fillRect(10, 0, 30, 80);
         return new Promise(resolve => canvas.toBlob(resolve))
             .then(picture => navigator.clipboard.write([new ClipboardItem({'image/png': picture})]));",
    );
}

#[test]
fn a_button_pastes() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, PHONE, &[]);
    permit_clipboard(&page, &server);
    copy_picture(&page);
    click(&page, "paste");
    let before = page.wait_for_answer(0).unwrap();
    assert_eq!(before.results.len(), 6);
    assert_eq!(page.text("photo-name").unwrap(), "the pasted picture");
    script(&page, "return navigator.clipboard.writeText('only words')");
    click(&page, "paste");
    assert!(told(&page).starts_with("There is no picture on the clipboard."));
    permit(&page, &server, "clipboard-read", "denied");
    click(&page, "paste");
    let sentence = told(&page);
    assert!(sentence.contains("did not let this page read the clipboard"), "{sentence}");
    let after = page.shown().unwrap();
    assert_eq!((after.query, after.results), (before.query, before.results), "the answer stays");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn the_page_has_keys() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, LAPTOP, &[]);
    let keys_are_open = "document.getElementById('keys-dialog').open";
    page.browser.press("/").unwrap();
    assert_eq!(focused(&page), "photo-input");
    page.browser.press("?").unwrap();
    wait_until(&page, keys_are_open);
    let words = page.text("keys-dialog").unwrap();
    for key in ["/", "?", "Esc", "Enter", "←"] {
        assert!(words.contains(key), "{key}: {words}");
    }
    page.browser.screenshot("laptop-keys").unwrap();
    page.browser.press(ESCAPE).unwrap();
    wait_until(&page, &format!("!{keys_are_open}"));
    assert_eq!(focused(&page), "photo-input", "the keyboard is where it was");
    click(&page, "keys");
    wait_until(&page, keys_are_open);
    page.browser.click("#keys-dialog [data-close]").unwrap();
    wait_until(&page, &format!("!{keys_are_open}"));
    assert_eq!(focused(&page), "keys");
    // With a modifier the key is the browser's; in a field it is a letter.
    script(
        &page,
        "for (const key of ['/', '?'])
             document.body.dispatchEvent(new KeyboardEvent('keydown', {key, ctrlKey: true, bubbles: true}));
         const field = document.createElement('input');
         field.id = 'field';
         document.querySelector('main').append(field);
         field.focus();",
    );
    page.browser.press("?").unwrap();
    page.browser.press("/").unwrap();
    assert_eq!(focused(&page), "field");
    assert_eq!(script(&page, "return field.value"), "?/");
    assert_eq!(script(&page, &format!("return {keys_are_open}")), false);
    script(&page, "field.remove()");
    // Three results lie beside each other.
    let shown = page.ask(&samples()[0]).unwrap();
    script(&page, "document.querySelector('[data-testid=result] a').focus()");
    let place = "return [...document.querySelectorAll('[data-testid=result] a')].indexOf(document.activeElement)";
    for (key, expected) in
        [(LEFT, 0), (UP, 0), (RIGHT, 1), (DOWN, 4), (DOWN, 4), (RIGHT, 5), (RIGHT, 5), (UP, 2), (LEFT, 1)]
    {
        page.browser.press(key).unwrap();
        assert_eq!(script(&page, place), expected, "{key:?}");
    }
    page.browser.press(ENTER).unwrap();
    let next = page.wait_for_answer(shown.query).unwrap();
    assert_eq!(page.text("photo-name").unwrap(), shown.results[1].0);
    assert_eq!(next.results.len(), 6);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

/// What a violation of the page's rules is called, or that there was none.
const TRY_TO_LEAVE: &str = "
    const [rule, address] = arguments;
    return new Promise(resolve => {
        addEventListener('securitypolicyviolation', event => resolve(event.effectiveDirective), {once: true});
        setTimeout(() => resolve('it came through'), 5000);
        const ways = {
            'connect-src': () => fetch(address, {method: 'POST', body: 'a photo', mode: 'no-cors'}).catch(() => {}),
            'img-src': () => { new Image().src = address; },
            'script-src-elem': () => { document.head.append(Object.assign(document.createElement('script'), {src: address})); },
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
    let page = open(&server, LAPTOP, &CAMERAS);
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
         connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'"
    );
    let foreign = Server::demo(None).unwrap();
    for rule in ["connect-src", "img-src", "script-src-elem", "media-src", "frame-src"] {
        let violated = page.browser.script(TRY_TO_LEAVE, json!([rule, foreign.address])).unwrap();
        assert_eq!(violated, rule);
    }
    assert_eq!(foreign.requests(), Vec::<String>::new());
}

#[test]
fn every_way_in_fits_every_screen() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    for (size, scheme) in SIZES.into_iter().zip(["light", "dark", "light"]) {
        let page = open(&server, size, &CAMERAS);
        let colours = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        page.browser.devtools("Emulation.setEmulatedMedia", colours).unwrap();
        let fits = |what: &str| {
            let width = script(&page, "return document.documentElement.scrollWidth").as_u64().unwrap();
            assert!(width <= u64::from(size.0), "{what} at {}: {width} pixels wide", size.0);
        };
        fits("the page");
        // The buttons come into a room that was kept for them.
        let place = "return document.querySelector('.samples').getBoundingClientRect().top + scrollY";
        let with_buttons = script(&page, place).as_f64().unwrap();
        script(&page, "for (const id of ['camera', 'paste']) document.getElementById(id).hidden = true");
        let without = script(&page, place).as_f64().unwrap();
        assert!((with_buttons - without).abs() < 1.5, "{}: {without}, then {with_buttons}", size.0);
        script(&page, "for (const id of ['camera', 'paste']) document.getElementById(id).hidden = false");
        for (hook, dialog) in [("camera", "camera-dialog"), ("keys", "keys-dialog")] {
            click(&page, hook);
            if hook == "camera" {
                let height = "return document.getElementById('camera-dialog').offsetHeight";
                let starting = script(&page, height);
                wait_until(&page, "!document.getElementById('shutter').disabled");
                assert_eq!(script(&page, height), starting, "the dialog stays as it is when the camera starts");
            }
            let inside = format!(
                "const box = document.getElementById('{dialog}').getBoundingClientRect();
                 return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight"
            );
            assert_eq!(script(&page, &inside), true, "{dialog} at {}", size.0);
            let name = format!(
                "const label = document.getElementById('{dialog}').getAttribute('aria-labelledby'); return document.getElementById(label).innerText"
            );
            assert_ne!(script(&page, &name), "");
            fits(dialog);
            page.browser.screenshot(&format!("ask-{}-{hook}", size.0)).unwrap();
            page.browser.press(ESCAPE).unwrap();
            wait_until(&page, &format!("!document.getElementById('{dialog}').open"));
        }
        page.browser.screenshot(&format!("ask-{}", size.0)).unwrap();
    }
}
