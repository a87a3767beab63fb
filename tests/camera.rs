//! Taking a picture, and that the camera is never left on.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use lookalike_tests::{
    driver::keys::ESCAPE,
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{click, focused, script, told_and_put_away, wait_until},
    ways_in::{CAMERAS, open_camera, open_with},
};
use serde_json::{Value, json};

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

#[test]
fn a_picture_is_taken_and_the_camera_goes_off() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open_with(&server, LAPTOP, &CAMERAS);
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
    let page = open_with(&server, PHONE, &CAMERAS);
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
    assert!(told_and_put_away(&page).starts_with("The camera has stopped."));
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
        let page = open_with(&server, LAPTOP, flags);
        let before = page.ask(&samples()[0]).unwrap();
        click(&page, "camera");
        let sentence = told_and_put_away(&page);
        assert!(sentence.contains(words) && sentence.contains("choose a photo"), "{sentence}");
        wait_until(&page, "!document.getElementById('camera-dialog').open");
        let after = page.shown().unwrap();
        assert_eq!((after.query, after.results), (before.query, before.results), "the answer stays");
    }
    // What can't be had here is played.
    let page = open_with(&server, LAPTOP, &[]);
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
        let sentence = told_and_put_away(&page);
        assert!(sentence.contains(words) && sentence.to_lowercase().contains("choose a photo"), "{name}: {sentence}");
    }
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}
