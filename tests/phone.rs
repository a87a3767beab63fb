//! A phone with 4 GB: what the page's tab takes of them, with photos as phones take them and with the largest.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use lookalike_tests::{
    page::{PHONE, Page},
    phone_photo::{LARGE, USUAL, write},
    samples,
    server::Server,
    skipped,
    steps::{native, wait_until},
    tab::{memory, peak},
    ways_in::open_with,
};

/// The browser's own setting for devices with little memory: it keeps few decoded pictures. Without, it keeps up to 512 MB of
/// them and gives them back when the device needs them.
const LITTLE: [&str; 1] = ["--enable-low-end-device-mode"];

/// What the tab's process may take at most, in MB (PSS): a tenth of 4 GB with photos of 12 megapixels, a quarter with those
/// of 48.
const USUAL_BUDGET: u64 = 400;
const LARGE_BUDGET: u64 = 1000;

/// Asks, and returns the most memory that the tab had until everything was on the screen.
fn ask(page: &Page, photo: &Path) -> u64 {
    let all = "[...document.querySelectorAll('.result img, #your-frame img')].every(image => image.complete)";
    let asked = || {
        let shown = page.ask(photo).unwrap();
        wait_until(page, all);
        shown
    };
    let (shown, most) = peak(asked).unwrap();
    assert_eq!(shown.paths(), native(photo).paths());
    println!("{}: {most} MB, then {} MB", photo.file_name().unwrap().display(), memory().unwrap());
    most
}

#[test]
fn the_tab_keeps_within_its_budget_of_memory() {
    if skipped() {
        return;
    }
    let (server, folder) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let [usual, large] = [USUAL, LARGE].map(|size| write(folder.path(), size));
    let page = open_with(&server, PHONE, &LITTLE);
    page.browser.imitate_screen(PHONE, 3, true).unwrap();
    let open = memory().unwrap();
    println!("open: {open} MB");
    assert!(open > 50, "this is no tab with an engine");
    let most = samples().iter().chain([&usual; 3]).map(|photo| ask(&page, photo)).max().unwrap();
    assert!(most <= USUAL_BUDGET, "{most} MB");
    // What has been taken for it stays: a second and a third one find room there.
    let most = [&large; 3].into_iter().chain([&usual]).map(|photo| ask(&page, photo)).max().unwrap();
    assert!(most <= LARGE_BUDGET, "{most} MB");
    assert_eq!(page.text("error").unwrap() + &page.text("note").unwrap(), "");
}
