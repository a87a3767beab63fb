//! A picture by its address: pasted, or dropped from another page. The page's own host is asked, no other ever.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, os::unix::fs::symlink, path::Path, thread, time::Duration};

use lookalike_tests::{
    demo_site,
    driver::{keys::CONTROL, wait},
    journey::address,
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{click, focused, native, script, told_and_put_away},
    ways_in::{open_with, permit_clipboard},
};
use serde_json::json;

/// After this a drop counts as lost.
const AGAIN: Duration = Duration::from_secs(20);

/// After this a drag counts as unheard, and so often it is tried.
const HEARD: Duration = Duration::from_secs(10);
const TRIES: u32 = 6;

/// The demo with a few files more beside it.
fn site(folder: &Path) -> Server {
    for entry in fs::read_dir(demo_site()).unwrap().flatten() {
        symlink(entry.path().canonicalize().unwrap(), folder.join(entry.file_name())).unwrap();
    }
    fs::create_dir(folder.join("slow")).unwrap();
    fs::copy(&samples()[4], folder.join("slow/photo.jpg")).unwrap();
    fs::copy(&samples()[2], folder.join("a photo.jpg")).unwrap();
    fs::write(folder.join("letter.jpg"), "<p>Dear reader</p>").unwrap();
    fs::File::create(folder.join("huge.jpg")).unwrap().set_len(201_000_000).unwrap();
    Server::start(folder, "", None).unwrap()
}

fn paste(page: &Page, words: &str) {
    page.browser.script("return navigator.clipboard.writeText(arguments[0])", json!([words])).unwrap();
    page.browser.press_all(&[CONTROL, "v"]).unwrap();
}

/// Drops an image of another page, which comes as its address.
fn drop_address(page: &Page, address: &str) {
    let send = |event: &str| {
        let data = json!({"items": [{"mimeType": "text/uri-list", "data": address}], "dragOperationsMask": 1});
        let parameters = json!({"type": event, "x": 200, "y": 200, "data": data});
        page.browser.devtools("Input.dispatchDragEvent", parameters).unwrap();
    };
    let wanted = || Ok((script(page, "return document.body.classList.contains('dragging')") == true).then_some(()));
    // DevTools lose an event now and then on a busy machine, and what is dropped before the page has said that it wants
    // it is lost; a person would drag it again.
    for _ in 0..TRIES {
        for event in ["dragEnter", "dragOver", "dragOver"] {
            send(event);
        }
        if wait(HEARD, wanted).is_ok() {
            send("dragOver");
            return send("drop");
        }
        send("dragCancel");
    }
    panic!("the page does not hear that something is dragged over it");
}

#[test]
fn an_address_of_this_host_is_a_way_in() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = site(folder.path());
    let page = open_with(&server, LAPTOP, &[]);
    permit_clipboard(&page, &server);
    let expected = native(&samples()[2]);
    let picture = format!("{}a%20photo.jpg", server.address);
    let mut before = 0;
    for way in ["keys", "button", "drop"] {
        match way {
            "keys" => paste(&page, &format!("  {picture}\n")),
            "button" => click(&page, "paste"),
            _ => drop_address(&page, &picture),
        }
        // DevTools lose a drop now and then on a busy machine; a person would drop it again.
        if way == "drop" && wait(AGAIN, || Ok((page.answered()? > before).then_some(()))).is_err() {
            drop_address(&page, &picture);
        }
        let shown = page.wait_for_answer(before).unwrap_or_else(|e| panic!("{way}: {e}"));
        assert_eq!(shown.pixels, expected.pixels, "{way}");
        assert_eq!(page.text("photo-name").unwrap(), "a photo.jpg");
        assert_eq!(address(&page), "", "the address of the page stays its own");
        before = shown.query;
    }
    // An address that the page has made leads to its photo.
    let path = page.shown().unwrap().paths()[0].clone();
    paste(&page, &format!("{}?device=cpu#photo={path}", server.address));
    page.wait_for_answer(before).unwrap();
    assert_eq!(page.attribute("photo-name", "title").unwrap(), path);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn no_other_host_is_ever_asked() {
    if skipped() {
        return;
    }
    let (server, foreign) = (Server::demo(None).unwrap(), Server::demo(None).unwrap());
    let page = open_with(&server, PHONE, &[]);
    permit_clipboard(&page, &server);
    let before = page.ask(&samples()[0]).unwrap();
    let picture = format!("{}samples/kitten.jpg", foreign.address);
    for dropped in [false, true] {
        if dropped {
            drop_address(&page, &picture)
        } else {
            paste(&page, &picture)
        }
        let sentence = told_and_put_away(&page);
        let host = foreign.address.trim_start_matches("http://").trim_end_matches('/');
        assert!(sentence.starts_with(&format!("Pictures from {host} are not fetched")), "{sentence}");
        assert!(sentence.contains("no photo can leave") && sentence.contains("copy the picture itself"), "{sentence}");
    }
    for words in ["", "only words", "ftp://here/photo.jpg", "javascript:alert(1)", "https://"] {
        paste(&page, words);
        assert!(told_and_put_away(&page).starts_with("There is no picture on the clipboard."), "{words}");
    }
    drop_address(&page, "data:image/png;base64,AAAA");
    assert!(told_and_put_away(&page).starts_with("That was not a file."));
    assert_eq!(focused(&page), "photo-input", "the keyboard is on what can be done next");
    let after = page.shown().unwrap();
    assert_eq!((after.query, after.results), (before.query, before.results), "the answer stays");
    assert_eq!(foreign.requests(), Vec::<String>::new());
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn what_an_address_may_lead_to_instead_is_told() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = site(folder.path());
    let page = open_with(&server, LAPTOP, &[]);
    permit_clipboard(&page, &server);
    let before = page.ask(&samples()[0]).unwrap();
    let at = |file: &str| format!("{}{file}", server.address);
    for (file, start, words) in [
        ("nowhere.jpg", "There is nothing at", "nowhere.jpg. Check the address"),
        ("letter.jpg", "letter.jpg is a web page or drawing", "which can't be read here"),
        ("huge.jpg", "huge.jpg has more than 200 MB", "Make it smaller"),
    ] {
        paste(&page, &at(file));
        let sentence = told_and_put_away(&page);
        assert!(sentence.starts_with(start) && sentence.contains(words), "{sentence}");
        let after = page.shown().unwrap();
        assert_eq!((after.query, &after.results), (before.query, &before.results), "the answer stays");
    }
    // What is slow does not hold up a newer photo, and does not come after it.
    paste(&page, &at("slow/photo.jpg"));
    let newer = page.ask(&samples()[3]).unwrap();
    thread::sleep(Duration::from_secs(1));
    assert_eq!(page.answered().unwrap(), newer.query);
    // Nobody waits for ever.
    paste(&page, &at("slow/photo.jpg"));
    let sentence = told_and_put_away(&page);
    assert!(sentence.starts_with("photo.jpg did not arrive within 30 seconds."), "{sentence}");
    assert_eq!(page.shown().unwrap().results, newer.results);
    // The browser itself notes the 404 in its console.
    let console = page.browser.console().unwrap();
    assert!(console.iter().all(|line| line.contains("nowhere.jpg")), "{console:?}");
}
