//! What the encoder keeps: the page draws a photo again from its latent, when it is asked to.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path, time::Duration};

use lookalike::{
    engine::Engine,
    gallery::{self, Entry, Stored, container::Kind},
    photo::Photo,
    preprocess::{Pixels, PreprocessConfig},
};
use lookalike_tests::{
    demo_site,
    driver::{WebGpu, keys::ENTER, wait},
    page::{LAPTOP, Page},
    samples,
    server::{Fault, Server},
    skipped,
    steps::{assert_fits, told},
};
use serde_json::{Value, json};

/// A narrow phone, upright.
const NARROW: (u32, u32) = (360, 740);

const BUTTON: &str = "[data-testid=reconstruct]";

/// How far a byte may be from the native one. Seen: 1, where a number lies between two bytes.
const TOLERANCE: u8 = 2;

fn native(photo: &Path) -> Pixels {
    let engine =
        Engine::open(&lookalike_training::site::files(&demo_site()).unwrap(), lookalike::encoder::cpu()).unwrap();
    let decoder = engine.gallery().entry.decoder.expect("the demo has a decoder").name(Kind::Decoder);
    let decoder = fs::read(demo_site().join(gallery::FOLDER).join(decoder)).unwrap();
    pollster::block_on(engine.reconstruct(&fs::read(photo).unwrap(), None, &decoder)).unwrap().picture
}

/// The picture beside the photo, once it is there.
fn shown(page: &Page) -> Pixels {
    let script = r"
        const canvas = document.querySelector('[data-testid=reconstruction]');
        if (!canvas) return null;
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        return [canvas.width, canvas.height, Array.from(data).filter((_, at) => at % 4 < 3)];";
    let (width, height, bytes): (u16, u16, Vec<u8>) = wait(Duration::from_secs(60), || {
        let error = page.text("error")?;
        anyhow::ensure!(error.is_empty(), "the page says: {error}");
        Ok(serde_json::from_value::<Option<_>>(page.browser.script(script, json!([]))?)?)
    })
    .unwrap();
    assert_eq!(width, height);
    Pixels::from_interleaved(width, &bytes)
}

/// Mean absolute difference of a byte.
fn difference(a: &Pixels, b: &Pixels) -> f64 {
    let sum: u64 = a.bytes().iter().zip(b.bytes()).map(|(&a, &b)| u64::from(a.abs_diff(b))).sum();
    sum as f64 / a.bytes().len() as f64
}

fn decoders_fetched(server: &Server) -> usize {
    server.requests().iter().filter(|path| path.contains("decoder-")).count()
}

fn draws_what_the_native_decoder_draws(query: &str, gpu: WebGpu) {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = Page::open(&format!("{}{query}", server.address), gpu, LAPTOP).unwrap();
    let photos = &samples()[..2];
    let mut drawn = Vec::new();
    for (at, photo) in photos.iter().enumerate() {
        page.ask(photo).unwrap();
        assert_eq!(page.attribute("reconstruction", "role").unwrap(), "", "a new answer begins with the photo alone");
        assert_eq!(decoders_fetched(&server), at, "the decoder is fetched once, and not before it is wanted");
        page.browser.click(BUTTON).unwrap();
        let picture = shown(&page);
        let pairs = picture.bytes().iter().zip(native(photo).bytes().to_vec());
        assert!(pairs.map(|(a, b)| a.abs_diff(b)).max().unwrap() <= TOLERANCE, "not what the native decoder draws");
        drawn.push(picture);
    }
    assert_eq!(decoders_fetched(&server), 1);
    assert_resemble(&drawn, photos.iter().map(AsRef::as_ref));
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

/// Each picture has more than one colour, and is closer to its own photo than to any other.
fn assert_resemble<'a>(drawn: &[Pixels], photos: impl Iterator<Item = &'a Path>) {
    let side = drawn[0].side();
    let small = |photo| PreprocessConfig::unit_range(side).pixels(&Photo::decode(&fs::read(photo).unwrap()).unwrap());
    let photos: Vec<_> = photos.map(small).collect();
    for (at, picture) in drawn.iter().enumerate() {
        let (low, high) = (picture.bytes().iter().min().unwrap(), picture.bytes().iter().max().unwrap());
        assert!(high - low > 50, "one colour: {low} to {high}");
        let own = difference(picture, &photos[at]);
        let others = photos.iter().enumerate().filter(|(other, _)| *other != at);
        let nearest = others.map(|(_, photo)| difference(picture, photo)).fold(f64::INFINITY, f64::min);
        assert!(own < nearest / 1.5, "{own} from its own photo, {nearest} from another");
    }
}

#[test]
fn the_processor_draws_what_the_native_decoder_draws() {
    draws_what_the_native_decoder_draws("?device=cpu", WebGpu::None);
}

#[test]
fn webgpu_draws_what_the_native_decoder_draws() {
    draws_what_the_native_decoder_draws("?device=webgpu", WebGpu::Software);
}

/// Places of everything in the answer: left, top, width, height.
fn layout(page: &Page) -> Value {
    let script = r"
        return ['#your-frame', '#keeps', '#cluster', '#results'].map(selector => {
            const box = document.querySelector(selector).getBoundingClientRect();
            return [box.left, box.top + scrollY, box.width, box.height].map(Math.round);
        });";
    page.browser.script(script, json!([])).unwrap()
}

#[test]
fn the_keyboard_shows_it_and_takes_it_away_and_nothing_moves() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    for (name, size, scheme) in [("laptop", LAPTOP, "light"), ("narrow", NARROW, "dark")] {
        let page = Page::open(&format!("{}?device=cpu", server.address), WebGpu::None, size).unwrap();
        page.prefer(scheme).unwrap();
        page.ask(&samples()[1]).unwrap();
        let alone = layout(&page);
        assert_eq!(page.attribute("reconstruct", "aria-pressed").unwrap(), "false");
        page.browser.type_into(BUTTON, ENTER).unwrap();
        shown(&page);
        assert_eq!(page.attribute("reconstruct", "aria-pressed").unwrap(), "true");
        assert!(page.attribute("reconstruction", "aria-label").unwrap().contains("drawn again"));
        page.browser.screenshot(&format!("{name}-reconstruction")).unwrap();
        assert_eq!(layout(&page), alone, "{name}");
        assert_fits(&page, size, name);
        page.browser.type_into(BUTTON, ENTER).unwrap();
        assert_eq!(page.attribute("reconstruct", "aria-pressed").unwrap(), "false");
        assert_eq!(page.attribute("reconstruction", "role").unwrap(), "");
        assert_eq!(layout(&page), alone, "{name}");
    }
}

#[test]
fn a_decoder_that_does_not_come_is_told_and_the_answer_stays() {
    if skipped() {
        return;
    }
    let faults = [(None, "missing"), (Some(b"<!DOCTYPE html><title>404</title>".to_vec()), "not a Lookalike file")];
    for (body, words) in faults {
        let server = Server::demo(Some(Fault { file: "decoder-", body })).unwrap();
        let page = Page::open(&format!("{}?device=cpu", server.address), WebGpu::None, LAPTOP).unwrap();
        let before = page.ask(&samples()[0]).unwrap();
        page.browser.click(BUTTON).unwrap();
        let sentence = told(&page);
        assert!(sentence.contains("decoder-") && sentence.contains(words), "{sentence}");
        let after = page.shown().unwrap();
        assert_eq!((after.query, &after.results), (before.query, &before.results));
        assert_eq!(page.attribute("reconstruct", "aria-pressed").unwrap(), "false");
        assert_eq!(page.attribute("reconstruct", "aria-busy").unwrap(), "false");
        assert_eq!(page.ask(&samples()[0]).unwrap().results, before.results, "and it still answers");
    }
}

#[test]
fn a_gallery_without_a_decoder_does_not_offer_it() {
    if skipped() {
        return;
    }
    let entry = fs::read(demo_site().join(gallery::FOLDER).join(gallery::ENTRY)).unwrap();
    let entry = Entry { decoder: None, ..Entry::from_file(&entry, gallery::ENTRY).unwrap() };
    let fault = Fault { file: "gallery.lka", body: Some(entry.to_file().unwrap().0) };
    let server = Server::demo(Some(fault)).unwrap();
    let page = Page::open(&format!("{}?device=cpu", server.address), WebGpu::None, LAPTOP).unwrap();
    page.ask(&samples()[0]).unwrap();
    assert_eq!(page.text("reconstruct").unwrap(), "", "the button is hidden");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}
