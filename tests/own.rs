//! The visitor's own folder: indexed, kept, searched, forgotten.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path, time::Duration};

use lookalike::{cells::STEP, embedding::Embedding, search::linear_scan};
use lookalike_tests::{
    driver::wait,
    journey::{choose, engine},
    own_folder::{LONG, choose_folder, done, holidays, kept, saved_index, search_folder, wait_for_folder, walk},
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{PATIENCE, assert_fits, at_every_size, click, native, open, reload, script, told_and_put_away, wait_until},
    ways_in::{avif, write},
};
use serde_json::json;

/// Paths and embeddings, as the page saves them.
fn index(page: &Page, folder: &Path) -> Vec<(String, Embedding)> {
    let embedding = |numbers: String| numbers.split(',').map(|x| x.parse().unwrap()).collect();
    let rows = saved_index(page, folder).into_iter();
    rows.map(|(path, numbers)| (path, Embedding::from_features(embedding(numbers)).unwrap())).collect()
}

#[test]
fn a_folder_is_searched_like_the_collection() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 40);
    write(&folder, "notes.txt", b"no photo");
    write(&folder, "broken.jpg", b"\xFF\xD8\xFF\xE0 and no more");
    write(&folder, "small.avif", &avif());
    let page = open(&server, "", LAPTOP);
    let before = page.ask(&samples()[0]).unwrap();
    search_folder(&page, &folder, 41);
    let note = page.text("note").unwrap();
    assert!(note.starts_with("Left out: 1 photo that can't be read: holidays/broken.jpg"), "{note}");
    // The photo that was on the screen is asked about again.
    let shown = page.wait_for_answer(before.query).unwrap();
    assert_eq!(page.text("photo-name").unwrap(), samples()[0].file_name().unwrap().to_str().unwrap());
    let index = index(&page, temporary.path());
    assert_eq!(index.len(), 41);
    let engine = engine();
    for (path, embedding) in index.iter().filter(|(path, _)| path.ends_with(".jpg")) {
        let photo = fs::read(temporary.path().join(path)).unwrap();
        let native = pollster::block_on(engine.ask(&photo, 1)).unwrap().embedding;
        let off = native.iter().zip(embedding.as_slice()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(off < 1e-3 + STEP / 2.0, "{path}: {off}"); // as stored
    }
    let all: Vec<_> = index.iter().map(|(_, embedding)| embedding.clone()).collect();
    let scan = |query: &[f64]| {
        let query = Embedding::from_features(query.iter().map(|&x| x as f32).collect()).unwrap();
        linear_scan(&query, &all, 6)
    };
    for (found, expected) in shown.results.iter().zip(scan(&shown.embedding)) {
        assert_eq!(found.0, index[expected.id as usize].0);
        assert!((found.1 - f64::from(expected.similarity)).abs() < 1e-5);
    }
    assert!(shown.map.iter().all(|x| x.abs() <= 1.0));
    wait_until(
        &page,
        "[...document.querySelectorAll('.result img')].every(image => image.complete && image.naturalWidth > 0)",
    );
    assert!(page.text("error").unwrap().is_empty());
    page.browser.screenshot("own-laptop").unwrap();
    // From photo to photo; no name of a photo comes into an address.
    let near = choose(&page, 1);
    assert!(near.results[0].0.starts_with("holidays/"));
    assert_eq!(script(&page, "return location.hash"), "#own");
    assert_eq!(script(&page, "return document.body.innerHTML.includes('#photo=')"), false);
    click(&page, "reconstruct");
    wait_until(&page, "document.querySelector('[data-testid=reconstruction]')");
    // And back.
    click(&page, "own-back");
    let back = page.wait_for_answer(near.query).unwrap();
    assert_eq!(back.results, before.results);
    assert_eq!(page.text("own-back").unwrap(), "");
    assert!(page.text("collection").unwrap().starts_with("Lookalike demo"));
    assert_eq!(page.ask(&samples()[1]).unwrap().paths(), native(&samples()[1]).paths());
    assert_eq!(server.sent(), Vec::<String>::new());
    assert!(!server.requests().iter().any(|path| path.contains("holidays")));
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn what_has_been_indexed_is_not_indexed_again() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 60);
    let page = open(&server, "", PHONE);
    search_folder(&page, &folder, 60);
    let parts = kept(&page);
    assert_eq!(parts.len(), 3);
    // Another visit: the index opens by itself.
    reload(&page);
    page.wait_for_state("ready").unwrap();
    wait_until(&page, "document.getElementById('own-open').dataset.photos === '60'");
    let words = page.text("own-open").unwrap();
    assert!(words.starts_with("Open holidays again: 60 photos, ") && words.ends_with(" MB"), "{words}");
    click(&page, "own-open");
    wait_for_folder(&page, 60);
    wait_until(
        &page,
        "[...document.querySelectorAll('.result img')].every(image => image.complete && image.naturalWidth > 0)",
    );
    // The same folder again, a photo less, one more and one changed.
    let photos = walk(&folder);
    fs::remove_file(&photos[0]).unwrap();
    fs::copy(&samples()[0], folder.join("new.jpg")).unwrap();
    fs::copy(&samples()[1], &photos[1]).unwrap();
    choose_folder(&page, &folder);
    wait_until(
        &page,
        "document.getElementById('own-work').hidden && [...document.querySelectorAll('.result')].length > 0",
    );
    wait_for_folder(&page, 60);
    // The folder as it was has as many photos, and is searched until this one is open.
    let nearest = wait(PATIENCE, || {
        let nearest = page.ask(&samples()[0])?.results[0].clone();
        Ok((nearest.0 == "holidays/new.jpg").then_some(nearest.1))
    });
    assert!(nearest.unwrap() > 0.999);
    let untouched = kept(&page).into_iter().filter(|part| parts.contains(part)).count();
    assert!((1..=2).contains(&untouched), "parts with nothing new stay as they are: {untouched}");
    // Forgotten.
    click(&page, "own-forget");
    wait_until(&page, "document.getElementById('own-open').hidden");
    assert_eq!(kept(&page), Vec::new());
    wait(PATIENCE, || Ok(page.text("collection")?.starts_with("Lookalike demo").then_some(()))).unwrap();
}

#[test]
fn an_index_pauses_goes_on_and_answers_in_between() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 150);
    let page = open(&server, "", LAPTOP);
    choose_folder(&page, &folder);
    wait(LONG, || Ok((done(&page) >= 3).then_some(()))).unwrap();
    page.browser.screenshot("own-indexing").unwrap();
    let answer = page.ask(&samples()[0]).unwrap();
    assert!(done(&page) < 150, "it answers in between");
    assert_eq!(answer.paths(), native(&samples()[0]).paths());
    click(&page, "own-pause");
    std::thread::sleep(Duration::from_millis(700));
    let paused = done(&page);
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!((done(&page), page.text("own-pause").unwrap().as_str()), (paused, "Go on"));
    click(&page, "own-pause");
    wait(LONG, || Ok((done(&page) >= 60).then_some(()))).unwrap();
    // The tab is closed in the middle.
    reload(&page);
    page.wait_for_state("ready").unwrap();
    wait_until(&page, "Number(document.getElementById('own-open').dataset.photos) >= 48");
    choose_folder(&page, &folder);
    wait(LONG, || Ok((done(&page) >= 75).then_some(()))).unwrap();
    click(&page, "own-stop");
    assert!(page.text("note").unwrap().starts_with("What has been indexed so far is kept."));
    wait_until(
        &page,
        "document.getElementById('own-work').hidden && Number(document.getElementById('own-open').dataset.photos) >= 75",
    );
    search_folder(&page, &folder, 150);
}

#[test]
fn folders_that_hold_other_things_are_told() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let empty = temporary.path().join("papers");
    fs::create_dir_all(&empty).unwrap();
    write(&empty, "letter.txt", b"Dear reader");
    let page = open(&server, "", PHONE);
    let before = page.ask(&samples()[0]).unwrap();
    choose_folder(&page, &empty);
    assert!(told_and_put_away(&page).starts_with("There are no photos in papers"));
    let broken = temporary.path().join("broken");
    fs::create_dir_all(&broken).unwrap();
    write(&broken, "a.jpg", b"no photo");
    choose_folder(&page, &broken);
    assert_eq!(
        told_and_put_away(&page).lines().next(),
        Some("Your folder can't be searched: none of its photos can be read.")
    );
    assert_eq!(page.shown().unwrap().results, before.results, "the answer stays");
    // Ten photos among ten thousand files.
    let folder = holidays(temporary.path(), 10);
    (0..9990).for_each(|at| drop(write(&folder, &format!("{at}.txt"), b"x")));
    search_folder(&page, &folder, 10);
}

#[test]
fn a_damaged_index_is_forgotten_and_a_full_storage_is_told() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 30);
    let page = open(&server, "", LAPTOP);
    search_folder(&page, &folder, 30);
    let damage = "return (async () => {
        for await (const folder of (await navigator.storage.getDirectory()).values())
            for await (const file of folder.values()) {
                const writable = await file.createWritable({keepExistingData: true});
                await writable.write({type: 'write', position: 100, data: 'damage'});
                await writable.close();
                return file.name;
            }
    })()";
    let damaged = script(&page, damage).as_str().unwrap().to_owned();
    assert!(damaged.starts_with("part-"), "{damaged}");
    reload(&page);
    page.wait_for_state("ready").unwrap();
    wait_until(&page, "!document.getElementById('note').hidden");
    assert!(page.text("note").unwrap().starts_with("What was kept of your folder was damaged"));
    assert!(!kept(&page).iter().any(|(name, _)| *name == damaged));
    search_folder(&page, &folder, 30);
    assert_eq!(kept(&page).len(), 2);
    // No room: the folder is searched all the same.
    click(&page, "own-forget");
    wait_until(&page, "document.getElementById('own-open').hidden");
    let origin = server.address.trim_end_matches('/');
    page.browser.devtools("Storage.overrideQuotaForOrigin", json!({"origin": origin, "quotaSize": 1000})).unwrap();
    search_folder(&page, &folder, 30);
    assert!(page.text("note").unwrap().starts_with("The browser does not keep your folder's index"));
    assert_eq!(page.ask(&samples()[0]).unwrap().results.len(), 6);
}

#[test]
fn two_tabs_do_not_spoil_each_others_index() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 60);
    let page = open(&server, "", LAPTOP);
    // The second page, in a frame of the first: the same storage, engines of its own.
    script(
        &page,
        "const frame = document.createElement('iframe'); frame.id = 'other'; frame.width = 600; frame.height = 600;
         frame.src = location.href; document.body.append(frame);",
    );
    wait_until(
        &page,
        "!(document.getElementById('other').contentDocument?.getElementById('own-input')?.disabled ?? true)",
    );
    choose_folder(&page, &folder);
    // The same files for the other, as if they had been chosen there.
    let node = page.browser.devtools(
        "Runtime.evaluate",
        json!({"expression": "document.getElementById('other').contentDocument.getElementById('own-input')"}),
    );
    let object = node.unwrap()["result"]["objectId"].as_str().unwrap().to_owned();
    page.browser.devtools("DOM.setFileInputFiles", json!({"objectId": object, "files": [folder]})).unwrap();
    wait_for_folder(&page, 60);
    wait_until(
        &page,
        "document.getElementById('other').contentDocument.getElementById('collection').innerText.startsWith('Your folder holidays')",
    );
    script(&page, "document.getElementById('other').remove(); location.reload()");
    page.wait_for_state("ready").unwrap();
    wait_until(&page, "document.getElementById('own-open').dataset.photos === '60'");
    assert_eq!(page.text("note").unwrap(), "", "nothing is damaged");
    click(&page, "own-open");
    wait_for_folder(&page, 60);
    assert!(kept(&page).iter().all(|(name, _)| name.starts_with("part-")));
}

#[test]
fn the_folder_fits_every_screen() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 9);
    for (page, size, _) in at_every_size(["light", "dark", "light"], |size| open(&server, "", size)) {
        search_folder(&page, &folder, 9);
        assert_fits(&page, size, "the folder");
        page.browser.screenshot(&format!("own-{}", size.0)).unwrap();
    }
}
