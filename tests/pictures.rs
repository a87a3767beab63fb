//! The pictures of results: a blur until they come, fetched when they are nearly in sight, and as large as the screen is dense.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use image::RgbImage;
use lookalike_tests::{
    built_page,
    command::run,
    demo_site,
    journey::engine,
    page::{LAPTOP, PHONE, Page},
    samples,
    server::{Fault, Server},
    skipped,
    small::{done, few, path, small},
    steps::{click, open, script, wait_until},
};

/// Between two levels of brightness lie 17, between two of a colour's difference 8; the page rounds once more.
const BRIGHTNESS: f64 = 11.0;
const TINT: f64 = 8.0;

fn brightness([red, green, blue]: [f64; 3]) -> f64 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// The mean colours of a picture's quarters, from the upper left row by row.
fn quarters(picture: &RgbImage) -> [[f64; 3]; 4] {
    let (width, height) = picture.dimensions();
    [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, low)| {
        let part = image::imageops::crop_imm(picture, right * width / 2, low * height / 2, width / 2, height / 2);
        let part = part.to_image();
        let sum = part.pixels().fold([0.0; 3], |sum, pixel| [0, 1, 2].map(|at| sum[at] + f64::from(pixel.0[at])));
        sum.map(|sum| sum / f64::from((width / 2) * (height / 2)))
    })
}

/// The numbers of each `rgb(…)` in a style.
fn colours(style: &str) -> Vec<[f64; 3]> {
    let read = |words: &str| {
        let numbers = words.split(')').next().unwrap().split(',').map(|number| number.trim().parse().unwrap());
        <[f64; 3]>::try_from(numbers.collect::<Vec<_>>()).unwrap()
    };
    style.split("rgb(").skip(1).map(read).collect()
}

#[test]
fn results_are_a_blur_in_their_photos_colours_until_those_come() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    for (photo, scheme) in samples()[..3].iter().zip(["light", "dark", "light"]) {
        let page = open(&server, "", LAPTOP);
        page.ask(photo).unwrap();
        let styles = script(
            &page,
            "return [...document.querySelectorAll('#results li')].map((tile) => {
               const style = getComputedStyle(tile.querySelector('img'));
               return [tile.dataset.path, style.backgroundImage + style.backgroundColor];
             })",
        );
        let styles: Vec<(String, String)> = serde_json::from_value(styles).unwrap();
        assert_eq!(styles.len(), 6);
        for (path, style) in styles {
            let item = engine.gallery().items.iter().find(|item| item.path == path).unwrap();
            let picture = image::open(demo_site().join("gallery").join(item.thumb_path())).unwrap().into_rgb8();
            let (quarters, blur) = (quarters(&picture), colours(&style));
            assert_eq!(blur.len(), 4, "{style}");
            for (blur, quarter) in blur.iter().zip(quarters) {
                let (shown, wanted) = (brightness(*blur), brightness(quarter));
                assert!((shown - wanted).abs() < BRIGHTNESS, "{path}: {shown:.0} for {wanted:.0} in {style}");
            }
            // Its tint is that of the whole.
            let mean = |colours: &[[f64; 3]]| [0, 1, 2].map(|at| colours.iter().map(|c| c[at]).sum::<f64>() / 4.0);
            let difference = |colour: [f64; 3]| [0, 2].map(|at| colour[at] - brightness(colour));
            let (shown, wanted) = (difference(mean(&blur)), difference(mean(&quarters)));
            for (shown, wanted) in shown.into_iter().zip(wanted) {
                assert!((shown - wanted).abs() < 2.0 * TINT, "{path}: {shown:.0} for {wanted:.0} in {style}");
            }
        }
        // To look at: as long as they have not come.
        page.prefer(scheme).unwrap();
        script(
            &page,
            "document.querySelectorAll('#results img').forEach((image) => { image.alt = ''; image.removeAttribute('src') })",
        );
        page.browser.screenshot(&format!("blur-{scheme}")).unwrap();
    }
}

/// How many files of a folder have been fetched. (A browser may ask again for one that is still on its way.)
fn fetched(server: &Server, folder: &str) -> usize {
    server.requests().into_iter().filter(|path| path.contains(folder)).collect::<BTreeSet<_>>().len()
}

const LOADED: &str =
    "[...document.querySelectorAll('#results img')].filter((image) => image.complete && image.naturalWidth)";

#[test]
fn pictures_far_out_of_sight_are_not_fetched() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", PHONE);
    page.ask(&samples()[0]).unwrap();
    for shown in [24, 60] {
        click(&page, "more");
        wait_until(&page, &format!("document.querySelectorAll('#results li').length === {shown}"));
    }
    script(&page, "scrollTo(0, 0)");
    wait_until(&page, &format!("{LOADED}.length >= 6"));
    // The button has brought the page to the 25th; the browser fetches what is within some screens of what it shows.
    let loaded = script(&page, &format!("return {LOADED}.length")).as_u64().unwrap();
    assert!(loaded < 60, "{loaded} of 60");
    script(&page, "document.querySelector('#results li:last-child').scrollIntoView()");
    wait_until(&page, "document.querySelector('#results li:last-child img').naturalWidth");
}

/// A page asked on a screen of this density, once all its results are there.
fn asked(server: &Server, density: u32) -> Page {
    let page = open(server, "", PHONE);
    page.browser.imitate_screen(PHONE, density, true).unwrap();
    page.ask(&samples()[0]).unwrap();
    script(&page, "document.querySelector('#results li:last-child').scrollIntoView()");
    wait_until(&page, &format!("{LOADED}.length === 6"));
    page
}

#[test]
fn a_dense_screen_gets_the_larger_pictures_where_there_are_some() {
    if skipped() {
        return;
    }
    let (photos, site) = (few("dense-photos", 8), path(small(), "dense-site"));
    let model = path(small(), "model");
    let photos = photos.display().to_string();
    let page = built_page().display().to_string();
    done(&run(["build", &photos, "--model", &model, "--page", &page, "--out", &site, "--large", "300"]).unwrap());
    let serve = |fault| Server::start(site.as_ref(), "", fault).unwrap();

    let large = |page: &Page| {
        script(
            page,
            "return [...document.querySelectorAll('#results img')].filter((image) => image.currentSrc.includes('/large/')).length",
        )
    };

    let server = serve(None);
    assert_eq!((large(&asked(&server, 1)), fetched(&server, "/large/")), (0.into(), 0));
    assert_eq!((large(&asked(&server, 2)), fetched(&server, "/large/")), (6.into(), 6), "{:#?}", server.requests());

    // One that is missing has its thumbnail shown, and nobody is alarmed.
    let server = serve(Some(Fault { file: "large/", body: None }));
    let page = asked(&server, 3);
    assert_eq!(large(&page), 0);
    assert!(fetched(&server, "/large/") >= 6);
    assert_eq!(page.text("error").unwrap(), "");
}
