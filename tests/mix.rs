//! Several photos together: added, subtracted and weighted, by hand and by keys.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path};

use lookalike::{
    embedding::Embedding,
    engine::{Answer, Engine},
    mix::Weight,
    photo::Photo,
};
use lookalike_tests::{
    driver::{
        keys::{ENTER, ESCAPE, LEFT, RIGHT},
        wait,
    },
    hand::{Hand, middle, with_fingers},
    journey::{address, after, assert_similar, choose, engine, path_of, trail},
    page::{LAPTOP, PHONE, Page, Shown},
    samples,
    server::Server,
    skipped,
    steps::{CPU_TOLERANCE, PATIENCE, assert_fits, at_every_size, click, open, script, told_and_put_away, wait_until},
};
use serde_json::json;

fn embedding(engine: &Engine, photo: &Path) -> Embedding {
    let photo = Photo::decode(&fs::read(photo).unwrap()).unwrap();
    pollster::block_on(engine.encode(&engine.pixels(&photo, None))).unwrap()
}

fn stored(engine: &Engine, path: &str) -> (u32, Embedding) {
    let id = engine.gallery().items.iter().position(|item| item.path == path).unwrap();
    (id as u32, engine.gallery().embeddings[id].clone())
}

/// As a formula has it: without folders.
fn name<P: AsRef<Path> + ?Sized>(photo: &P) -> &str {
    photo.as_ref().file_name().unwrap().to_str().unwrap()
}

/// Waits until this formula has been answered; what is on the screen is what the native engine says.
fn assert_mix(page: &Page, engine: &Engine, formula: &str, native: &Answer) -> Shown {
    wait(PATIENCE, || {
        let (shown, error) = (page.text("photo-name")?, page.text("error")?);
        anyhow::ensure!(error.is_empty(), "the page says: {error}");
        Ok((shown == formula && page.attribute("status", "data-state")? == "ready").then_some(()))
    })
    .unwrap_or_else(|e| panic!("{formula}: {e}; the page has {:?}", page.text("photo-name")));
    let shown = page.shown().unwrap();
    let expected: Vec<_> = native.neighbors.iter().take(6).map(|n| path_of(engine, n.id)).collect();
    assert_eq!(shown.paths(), expected, "{formula}");
    assert_similar(&shown, &native.neighbors);
    let embedding = shown.embedding.iter().zip(&native.embedding);
    assert!(embedding.clone().all(|(a, &b)| (a - f64::from(b)).abs() < CPU_TOLERANCE), "{formula}");
    let place = [native.map.x, native.map.y].map(f64::from);
    assert!(shown.map.iter().zip(place).all(|(a, b)| (a - b).abs() < 1e-3), "{:?} {place:?}", shown.map);
    assert_eq!(shown.pixels, "", "a mix has no pixels");
    shown
}

/// Puts the keyboard on the weight of a photo, counted from 1.
fn to_weight(page: &Page, place: usize) {
    script(page, &format!("document.querySelector('#terms li:nth-child({place}) input').focus()"));
}

fn milliseconds(page: &Page) -> f64 {
    page.attribute("results", "data-milliseconds").unwrap().parse().unwrap()
}

#[test]
fn photos_are_added_and_weighted() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", LAPTOP);
    let (one, other) = (&samples()[3], &samples()[1]);
    let embeddings = [embedding(&engine, one), embedding(&engine, other)];
    let mix = |weights: [i8; 2]| {
        let photos: Vec<_> = embeddings.iter().cloned().zip(weights.map(Weight)).collect();
        engine.ask_mix(&photos, &[], 60).unwrap()
    };
    let first = page.ask(one).unwrap();
    let encoding = milliseconds(&page);
    click(&page, "add");
    assert_eq!(page.attribute("add", "aria-pressed").unwrap(), "true");
    assert!(page.text("adding").unwrap().starts_with("The next photo is added"));
    page.ask(other).unwrap();
    let formula = |a: &str, b: &str| format!("{a} × {}{b} × {}", name(one), name(other));
    let equal = formula("1.0", " + 1.0");
    assert_mix(&page, &engine, &equal, &mix([10, 10]));
    assert_eq!(page.attribute("add", "aria-pressed").unwrap(), "false");
    assert_eq!(trail(&page), ["Your photo", equal.as_str()]);
    assert_eq!(address(&page), "");
    assert_eq!(script(&page, "return document.querySelectorAll('#your-frame img').length"), 2);
    assert!(
        script(&page, "return document.getElementById('map').getAttribute('aria-label')")
            .as_str()
            .unwrap()
            .contains(&format!("{equal}, in cluster"))
    );
    // Weights by keys: nothing is encoded again.
    let entries = script(&page, "return history.length");
    to_weight(&page, 2);
    for _ in 0..15 {
        page.browser.press(LEFT).unwrap();
    }
    let less = formula("1.0", " − 0.5");
    assert_mix(&page, &engine, &less, &mix([10, -5]));
    assert!(milliseconds(&page) < encoding / 2.0, "{} ms, encoding takes {encoding}", milliseconds(&page));
    let said = "return document.activeElement.getAttribute('aria-valuetext')";
    assert_eq!(script(&page, said), "−0.5", "the keyboard stays on the weight");
    assert_eq!(
        script(&page, "return [...document.querySelectorAll('#your-frame img')].map(image => image.className)"),
        json!(["", "less"])
    );
    assert_eq!(script(&page, "return history.length"), entries, "a weight that changes keeps its entry");
    assert_eq!(trail(&page), ["Your photo", less.as_str()]);
    page.browser.screenshot("mix-laptop").unwrap();
    // Away with it: the photo alone, as it was.
    page.browser.click("#terms li:nth-child(2) button").unwrap();
    wait_until(&page, &format!("document.getElementById('photo-name').innerText === '{}'", name(one)));
    page.wait_for_state("ready").unwrap();
    assert_eq!(page.shown().unwrap().results, first.results);
    assert_eq!(trail(&page), ["Your photo"]);
    assert_eq!(page.text("terms").unwrap(), "");
    // Back to the mix: its weights are there again, and on from it.
    after(&page, "history.back()");
    assert_mix(&page, &engine, &less, &mix([10, -5]));
    assert_eq!(
        script(&page, "return [...document.querySelectorAll('#terms input')].map(slider => slider.value)"),
        json!(["10", "-5"])
    );
    let path = page.shown().unwrap().paths()[2].clone();
    choose(&page, 3);
    assert_eq!(trail(&page), ["Your photo", less.as_str(), path.as_str()]);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn photos_of_the_collection_are_added_and_taken_away() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", PHONE);
    with_fingers(&page);
    let sample = &samples()[0];
    let own = embedding(&engine, sample);
    let paths = page.ask(sample).unwrap().paths();
    // With a finger: the button, then a result.
    click(&page, "add");
    page.browser.click("[data-testid=result]:nth-child(2) a").unwrap();
    let (id, embedding) = stored(&engine, &paths[1]);
    let two = [(own.clone(), Weight::ONE), (embedding.clone(), Weight::ONE)];
    let formula = format!("1.0 × {} + 1.0 × {}", name(sample), name(&paths[1]));
    let shown = assert_mix(&page, &engine, &formula, &engine.ask_mix(&two, &[id], 60).unwrap());
    assert!(!shown.paths().contains(&paths[1]), "a photo of the mix is not found");
    assert_fits(&page, PHONE, "a mix");
    // The weight, pulled with a finger to the left end: minus one.
    let slider = middle(&page, "#terms li:nth-child(2) input");
    let less = format!("1.0 × {} − 1.0 × {}", name(sample), name(&paths[1]));
    Hand::Finger.drag(&page, slider, [-150.0, 0.0], || {});
    let two = [(own.clone(), Weight::ONE), (embedding, Weight(-10))];
    let shown = assert_mix(&page, &engine, &less, &engine.ask_mix(&two, &[id], 60).unwrap());
    page.browser.screenshot("mix-phone").unwrap();
    // With keys: − on a result.
    let third = shown.paths()[0].clone();
    script(&page, "document.querySelector('[data-testid=result] a').focus()");
    page.browser.press("-").unwrap();
    let (third_id, embedding) = stored(&engine, &third);
    let three = [two.as_slice(), &[(embedding, Weight::LESS)]].concat();
    let formula = format!("{less} − 0.5 × {}", name(&third));
    assert_mix(&page, &engine, &formula, &engine.ask_mix(&three, &[id, third_id], 60).unwrap());
    assert_eq!(trail(&page), ["Your photo", formula.as_str()], "a mix is one step");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn photos_of_the_collection_together_have_an_address() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let one = path_of(&engine, 40);
    let page = open(&server, &format!("#photo={one}"), LAPTOP);
    let other = page.wait_for_answer(0).unwrap().paths()[1].clone();
    let mix = |less: i8| {
        let photos = [(&one, 10), (&other, less)].map(|(path, weight)| (stored(&engine, path), Weight(weight)));
        let ids = photos.clone().map(|((id, _), _)| id);
        engine.ask_mix(&photos.map(|((_, embedding), weight)| (embedding, weight)), &ids, 60).unwrap()
    };
    script(&page, "document.querySelector('[data-testid=result]:nth-child(2) a').focus()");
    page.browser.press("-").unwrap();
    let less = format!("1.0 × {} − 0.5 × {}", name(&one), name(&other));
    assert_mix(&page, &engine, &less, &mix(-5));
    assert_eq!(address(&page), format!("#mix=10/{one}//-5/{other}"));
    // Another weight: the same entry, another address.
    let entries = script(&page, "return history.length");
    to_weight(&page, 2);
    page.browser.press(RIGHT).unwrap();
    let formula = less.replace("0.5", "0.4");
    assert_mix(&page, &engine, &formula, &mix(-4));
    let shared = format!("#mix=10/{one}//-4/{other}");
    wait(PATIENCE, || Ok((address(&page) == shared).then_some(()))).unwrap();
    assert_eq!(script(&page, "return history.length"), entries);
    // On from it, back and forward; on the trail it is a link.
    let further = choose(&page, 1);
    let link = "return document.querySelector('[data-testid=trail] li:nth-child(2) a').hash";
    assert_eq!(script(&page, &format!("{link}.startsWith('#mix=10/')")), true);
    after(&page, "history.back()");
    assert_mix(&page, &engine, &formula, &mix(-4));
    assert_eq!(address(&page), shared);
    assert_eq!(after(&page, "history.forward()").results, further.results);
    // Whoever gets the address sees the same.
    drop(page);
    let page = open(&server, &shared, PHONE);
    assert_mix(&page, &engine, &formula, &mix(-4));
    let weights = "return [...document.querySelectorAll('#terms input')].map(slider => slider.value)";
    assert_eq!(script(&page, weights), json!(["10", "-4"]));
    // Without a photo that is not there, with a box on another.
    drop(page);
    let page = open(&server, &format!("#mix=10,0,0,500,500/{one}//7/no/such.jpg//-4/{other}"), LAPTOP);
    wait_until(&page, "!document.getElementById('note').hidden && document.querySelector('.result')");
    assert!(page.text("note").unwrap().starts_with("This collection has no photo “no/such.jpg”;"));
    assert_eq!(page.text("photo-name").unwrap(), formula.replace(name(&one), &format!("{} (part)", name(&one))));
    assert_eq!(address(&page), format!("#mix=10,0,0,500,500/{one}//-4/{other}"));
    // What is no mix is told and left out.
    drop(page);
    let page = open(&server, &format!("#mix=99/{one}//-4/{other}"), LAPTOP);
    wait_until(&page, "!document.getElementById('note').hidden");
    assert!(page.text("note").unwrap().contains("in the address means nothing here"));
    assert_eq!(address(&page), "");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_part_is_mixed_as_a_part() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", LAPTOP);
    let sample = &samples()[4];
    let paths = page.ask(sample).unwrap().paths();
    click(&page, "part");
    wait_until(&page, "document.getElementById('crop-box').checkVisibility()");
    page.wait_for_state("ready").unwrap();
    let nearest = page.shown().unwrap().paths()[0].clone();
    script(&page, "document.querySelector('[data-testid=result] a').focus()");
    page.browser.press("+").unwrap();
    let photo = Photo::decode(&fs::read(sample).unwrap()).unwrap();
    let part = pollster::block_on(engine.encode(&engine.pixels(&photo, Some(lookalike::crop::Crop::START)))).unwrap();
    let (id, stored) = stored(&engine, &nearest);
    let two = [(part, Weight::ONE), (stored, Weight::ONE)];
    let formula = format!("1.0 × {} (part) + 1.0 × {}", name(sample), name(&nearest));
    assert_mix(&page, &engine, &formula, &engine.ask_mix(&two, &[id], 60).unwrap());
    assert_eq!(page.attribute("part", "disabled").unwrap(), "", "a mix has no box");
    assert_eq!(script(&page, "return document.getElementById('part').disabled"), true);
    assert_eq!(page.text("crop-box").unwrap(), "");
    assert_eq!(script(&page, "return document.getElementById('crop').hidden"), true);
    // Without the other one the box is back.
    page.browser.click("#terms li:nth-child(2) button").unwrap();
    wait_until(&page, "document.getElementById('crop-box').checkVisibility()");
    assert_eq!(page.shown().unwrap().paths()[0], nearest);
    assert_ne!(paths.len(), 0);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn what_cancels_out_is_told_and_nothing_is_lost() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", LAPTOP);
    page.browser.click("[data-sample]").unwrap();
    page.wait_for_answer(0).unwrap();
    click(&page, "add");
    page.browser.click("[data-sample]").unwrap();
    wait_until(&page, "document.getElementById('photo-name').innerText.includes(' + ')");
    page.wait_for_state("ready").unwrap();
    // The same photo once more and once less: on the way down, at −1, nothing is left.
    to_weight(&page, 2);
    for _ in 0..20 {
        page.browser.press(LEFT).unwrap();
    }
    let sentence = told_and_put_away(&page);
    assert!(sentence.contains("cancel each other out; give one of them another weight"), "{sentence}");
    assert_eq!(page.shown().unwrap().results.len(), 6, "the answer before it stays");
    let on_slider = "return document.activeElement.matches('#terms li:nth-child(2) input')";
    assert_eq!(script(&page, on_slider), true, "the keyboard is back where it was");
    page.browser.press(RIGHT).unwrap();
    wait_until(&page, "document.getElementById('photo-name').innerText.includes('− 0.9')");
    // Adding is called off with Esc, and ends at six.
    click(&page, "add");
    page.browser.press(ESCAPE).unwrap();
    assert_eq!(page.attribute("add", "aria-pressed").unwrap(), "false");
    for count in 3..=7 {
        script(&page, "document.querySelector('[data-testid=result] a').focus()");
        let before = page.answered().unwrap();
        page.browser.press("+").unwrap();
        if count <= 6 {
            page.wait_for_answer(before).unwrap();
            assert_eq!(script(&page, "return document.querySelectorAll('#terms li').length"), count);
        } else {
            assert!(told_and_put_away(&page).starts_with("These are six photos already"));
        }
    }
    // Enter still means more like this.
    script(&page, "document.querySelector('[data-testid=result] a').focus()");
    let before = page.answered().unwrap();
    page.browser.press(ENTER).unwrap();
    page.wait_for_answer(before).unwrap();
    assert_eq!(trail(&page).len(), 3);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_mix_fits_every_screen() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    for (page, size, scheme) in at_every_size(["light", "dark", "light"], |size| open(&server, "", size)) {
        page.ask(&samples()[1]).unwrap();
        for key in ["+", "-"] {
            let before = page.answered().unwrap();
            script(&page, "document.querySelector('[data-testid=result] a').focus()");
            page.browser.press(key).unwrap();
            page.wait_for_answer(before).unwrap();
        }
        assert_fits(&page, size, "three photos");
        let controls =
            "return [...document.querySelectorAll('#terms input, #terms button')].map(e => e.getBoundingClientRect())
            .every(box => box.width >= 24 && box.height >= 24)";
        assert_eq!(script(&page, controls), true);
        page.browser.screenshot(&format!("mix-{}-{scheme}", size.0)).unwrap();
    }
}
