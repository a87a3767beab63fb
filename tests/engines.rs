//! The page in each engine of the web: upload, answer, keyboard, broken files, offline; and the table of what each can do,
//! `www/guide/src/support.md`, which this writes with LOOKALIKE_WRITE=1 and else holds to.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path};

use lookalike_tests::{
    demo_site,
    driver::keys::{ENTER, ESCAPE, RIGHT},
    engines::Engine,
    fixtures,
    kept::{build, wait_until_kept},
    page::{LAPTOP, Page, Shown},
    phone_photo, root, samples,
    server::Server,
    skipped,
    steps::{CPU_TOLERANCE, focused, native, script, told_and_put_away, wait_until},
    ways_in::{avif, write},
};

/// What holds in every engine, or a test fails.
const ALWAYS: [&str; 5] = [
    "Finds what the command finds",
    "Reads every kind of JPEG, PNG and WebP",
    "Reads a photo of 48 megapixels",
    "Does everything by keyboard",
    "Works offline after the first visit",
];

/// What a row of the table is about, and the expression that is true where it is so.
const OFFERS: [(&str, &str); 4] = [
    ("Keeps the index of one's own folder", "!!navigator.storage?.getDirectory"),
    ("Pastes from a button", "!document.getElementById('paste').hidden"),
    ("Takes pictures with the camera", "!document.getElementById('camera').hidden"),
    ("Has WebGPU (else the processor computes)", "'gpu' in navigator"),
];

fn assert_native(shown: &Shown, photo: &Path, engine: Engine) {
    let native = native(photo);
    assert_eq!(shown.pixels, native.pixels, "{engine}: {}", photo.display());
    for (a, b) in shown.embedding.iter().zip(&native.embedding) {
        assert!((a - b).abs() < CPU_TOLERANCE, "{engine}: {a} {b}");
    }
    assert_eq!((shown.paths(), &shown.cluster, &shown.group), (native.paths(), &native.cluster, &native.group));
}

fn photos_are_answered(page: &Page, engine: Engine) {
    for photo in &samples()[..4] {
        assert_native(&page.ask(photo).unwrap(), photo, engine);
    }
    for photo in fixtures() {
        assert_eq!(page.ask(&photo).unwrap().pixels, native(&photo).pixels, "{engine}: {}", photo.display());
    }
}

fn keys_work(page: &Page) {
    let before = page.ask(&samples()[0]).unwrap();
    page.browser.press("/").unwrap();
    assert_eq!(focused(page), "photo-input");
    page.browser.press("?").unwrap();
    wait_until(page, "document.getElementById('keys-dialog').open");
    page.browser.press(ESCAPE).unwrap();
    wait_until(page, "!document.getElementById('keys-dialog').open");
    script(page, "document.querySelector('[data-testid=result] a').focus()");
    page.browser.press(RIGHT).unwrap();
    let second = "document.activeElement === document.querySelectorAll('[data-testid=result] a')[1]";
    wait_until(page, second);
    page.browser.press(ENTER).unwrap();
    let near = page.wait_for_answer(before.query).unwrap();
    assert_eq!(page.attribute("photo-name", "title").unwrap(), before.results[1].0);
    assert_eq!(near.results.len(), 6);
}

fn broken_files_are_refused(page: &Page, folder: &Path) {
    let before = page.ask(&samples()[1]).unwrap();
    let cut = &fs::read(&samples()[0]).unwrap()[..300];
    for (name, bytes, words) in [("notes.jpg", &b"no photo at all"[..], "notes.jpg"), ("cut.jpg", cut, "cut.jpg")] {
        page.choose(&[&write(folder, name, bytes)]).unwrap();
        let sentence = told_and_put_away(page);
        assert!(sentence.contains(words), "{sentence}");
        assert_eq!(page.shown().unwrap().results, before.results, "the last answer stays");
    }
}

fn works_offline(page: &Page, server: Server) {
    let before = page.ask(&samples()[2]).unwrap();
    wait_until_kept(page, &build(&demo_site()));
    let address = server.address.clone();
    drop(server);
    page.browser.load(&address).unwrap();
    page.wait_for_state("ready").unwrap();
    assert_eq!(page.ask(&samples()[2]).unwrap().results, before.results);
}

/// Whether it reads a kind of photo that the page itself does not.
fn decodes_avif(page: &Page, folder: &Path) -> bool {
    page.choose(&[&write(folder, "small.avif", &avif())]).unwrap();
    wait_until(
        page,
        "document.getElementById('photo-name').innerText === 'small.avif' || !document.getElementById('error').hidden",
    );
    let read = page.text("photo-name").unwrap() == "small.avif";
    if !read {
        told_and_put_away(page);
    }
    read
}

/// Goes through the page, and says what there is to say of this engine, in the order of [`abilities`]. `large`: a photo of 48
/// megapixels.
fn visit(engine: Engine, large: &Path) -> Vec<bool> {
    let (server, folder) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let page = Page { browser: engine.open(LAPTOP).unwrap_or_else(|e| panic!("{engine}: {e:#}")) };
    page.browser.load(&server.address).unwrap();
    page.wait_for_state("ready").unwrap_or_else(|e| panic!("{engine}: {e:#}"));
    assert!(page.text("device").unwrap().contains("CPU"));
    photos_are_answered(&page, engine);
    assert_native(&page.ask(large).unwrap(), large, engine);
    keys_work(&page);
    broken_files_are_refused(&page, folder.path());
    let mut column = vec![true; ALWAYS.len()];
    column.push(decodes_avif(&page, folder.path()));
    column.extend(OFFERS.map(|(_, expression)| script(&page, &format!("return {expression}")) == true));
    works_offline(&page, server);
    column
}

/// What the rows are about.
fn abilities() -> Vec<&'static str> {
    ALWAYS.into_iter().chain(["Reads AVIF"]).chain(OFFERS.map(|(name, _)| name)).collect()
}

/// The table, with a column for each engine.
fn table(columns: &[Vec<&str>]) -> String {
    let engines: Vec<_> = Engine::ALL.iter().map(ToString::to_string).collect();
    let rows = abilities().into_iter().enumerate().map(|(at, name)| {
        let marks: Vec<_> = columns.iter().map(|column| column[at]).collect();
        format!("| {name} | {} |\n", marks.join(" | "))
    });
    format!("| | {} |\n| --- |{}\n{}", engines.join(" | "), " --- |".repeat(engines.len()), rows.collect::<String>())
}

/// A column of a table.
fn column(table: &str, at: usize) -> Vec<&str> {
    table.lines().skip(2).map(|row| row.split(" | ").nth(at + 1).unwrap().trim_end_matches(" |")).collect()
}

#[test]
fn every_engine_of_the_web_does_what_the_table_says() {
    if skipped() {
        return;
    }
    let path = root().join("www/guide/src/support.md");
    let text = fs::read_to_string(&path).unwrap();
    let start = text.find("| |").expect("the guide has the table");
    let told = &text[start..start + text[start..].find("\n\n").expect("a line follows the table") + 1];
    let folder = tempfile::tempdir().unwrap();
    let large = phone_photo::write(folder.path(), phone_photo::LARGE);
    let mut columns = Vec::new();
    for (at, engine) in Engine::ALL.into_iter().enumerate() {
        if engine.is_at_hand() {
            columns.push(visit(engine, &large).into_iter().map(|can| if can { "yes" } else { "no" }).collect());
        } else {
            println!("{engine} is left out: it is not on this machine");
            columns.push(column(told, at));
        }
    }
    let seen = table(&columns);
    if std::env::var_os("LOOKALIKE_WRITE").is_some() {
        fs::write(&path, text.replace(told, &seen)).unwrap();
    } else {
        assert_eq!(told, seen, "LOOKALIKE_WRITE=1 writes {}", path.display());
    }
}
