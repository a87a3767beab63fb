//! The ways to give the page a photo: files of any format, and the clipboard.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use image::RgbImage;
use lookalike_tests::{
    driver::{keys::ESCAPE, wait},
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{PATIENCE, assert_fits, at_every_size, click, native, script, told_and_put_away, wait_until},
    ways_in::{CAMERAS, avif, copy_picture, open_with, permit_clipboard, write},
};
use serde_json::json;

/// One transparent pixel.
const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF!\xF9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01D\0;";

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

#[test]
fn what_the_browser_decodes_has_the_pixels_of_a_png() {
    if skipped() {
        return;
    }
    let (server, folder) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let page = open_with(&server, LAPTOP, &[]);
    let picture = image::open(&samples()[0]).unwrap().into_rgb8();
    let png = folder.path().join("photo.png");
    picture.save(&png).unwrap();
    let expected = native(&png);
    let shown = page.ask(&write(folder.path(), "photo.bmp", &bmp(&picture))).unwrap();
    assert_eq!(shown.pixels, expected.pixels);
    assert_eq!(shown.paths(), expected.paths());
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
    let page = open_with(&server, LAPTOP, &[]);
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
    let page = open_with(&server, PHONE, &[]);
    let before = page.ask(&samples()[0]).unwrap();
    let broken_avif = avif()[..200].to_vec();
    let files: [(&str, &[u8], &str); 15] = [
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
        // Twelve bytes of header: sizes of two bytes each, then what a later header has its height in.
        ("old.bmp", b"BM\0\0\0\0\0\0\0\0\x1A\0\0\0\x0C\0\0\0\x02\0\x02\0\xFF\x7F\xFF\x7F", "a BMP picture"),
        ("old-bomb.bmp", b"BM\0\0\0\0\0\0\0\0\x1A\0\0\0\x0C\0\0\0\x60\xEA\x60\xEA\x01\0\x18\0", "100 megapixels"),
        ("about.txt", b"A crispe text that only speaks of sizes, ispe and others", "no photo that can be read here"),
        ("bomb.heic", &heif("heic", 20_000), "100 megapixels"),
    ];
    for (name, bytes, words) in files {
        page.choose(&[&write(folder.path(), name, bytes)]).unwrap();
        let sentence = told_and_put_away(&page);
        assert!(sentence.starts_with(name) && sentence.contains(words), "{name}: {sentence}");
        let after = page.shown().unwrap();
        assert_eq!((after.query, &after.results), (before.query, &before.results), "{name}: the answer stays");
    }
    assert_eq!(page.attribute("status", "data-state").unwrap(), "ready");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

/// Lets the page, or not, do something without asking.
fn permit(page: &Page, server: &Server, name: &str, setting: &str) {
    let origin = server.address.trim_end_matches('/');
    let parameters = json!({"permission": {"name": name}, "setting": setting, "origin": origin});
    page.browser.devtools("Browser.setPermission", parameters).unwrap();
}

#[test]
fn a_button_pastes() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open_with(&server, PHONE, &[]);
    permit_clipboard(&page, &server);
    copy_picture(&page);
    click(&page, "paste");
    let before = page.wait_for_answer(0).unwrap();
    assert_eq!(before.results.len(), 6);
    assert_eq!(page.text("photo-name").unwrap(), "the pasted picture");
    script(&page, "return navigator.clipboard.writeText('only words')");
    click(&page, "paste");
    assert!(told_and_put_away(&page).starts_with("There is no picture on the clipboard."));
    permit(&page, &server, "clipboard-read", "denied");
    click(&page, "paste");
    let sentence = told_and_put_away(&page);
    assert!(sentence.contains("did not let this page read the clipboard"), "{sentence}");
    let after = page.shown().unwrap();
    assert_eq!((after.query, after.results), (before.query, before.results), "the answer stays");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn every_way_in_fits_every_screen() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    for (page, size, _) in at_every_size(["light", "dark", "light"], |size| open_with(&server, size, &CAMERAS)) {
        assert_fits(&page, size, "the page");
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
            assert_fits(&page, size, dialog);
            page.browser.screenshot(&format!("ask-{}-{hook}", size.0)).unwrap();
            page.browser.press(ESCAPE).unwrap();
            wait_until(&page, &format!("!document.getElementById('{dialog}').open"));
        }
        page.browser.screenshot(&format!("ask-{}", size.0)).unwrap();
    }
}
