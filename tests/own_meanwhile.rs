//! The visitor's own folder while something else goes on: filters, the way back, the keyboard, engines that fail.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use lookalike_tests::{
    driver::{keys::ENTER, wait},
    journey::{after, one_further},
    own_folder::{LONG, choose_folder, done, holidays, kept, search_folder, wait_for_folder},
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{PATIENCE, click, focused, native, open, script, told, wait_until},
};

/// Presses a button of the folder with the keyboard.
fn press(page: &Page, id: &str) {
    script(page, &format!("document.getElementById('{id}').focus()"));
    page.browser.press(ENTER).unwrap();
}

fn wait_for_site(page: &Page) {
    wait(PATIENCE, || Ok(page.text("collection")?.starts_with("Lookalike demo").then_some(()))).unwrap();
    // The title comes first, the buttons follow.
    wait_until(page, "document.getElementById('own-back').hidden");
    page.wait_for_state("ready").unwrap();
}

#[test]
fn a_filter_does_not_outlive_the_collection_it_was_about() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 12);
    let page = open(&server, "#cluster=2", LAPTOP);
    page.ask(&samples()[0]).unwrap();
    assert_eq!(page.attribute("results", "data-filter").unwrap(), "cluster=2");
    search_folder(&page, &folder, 12);
    wait_until(&page, "document.querySelectorAll('.result').length === 6");
    assert_eq!(page.attribute("results", "data-filter").unwrap(), "");
    assert_eq!(page.text("results-filter").unwrap(), "");
    assert!(page.shown().unwrap().paths().iter().all(|path| path.starts_with("holidays/")));
    // A filter on the folder is none of the collection's either.
    script(&page, "document.querySelector('[data-part=cluster][data-value]').click()");
    wait_until(&page, "document.getElementById('results').dataset.filter.startsWith('cluster=')");
    click(&page, "own-back");
    wait_for_site(&page);
    wait_until(&page, "document.querySelectorAll('.result').length === 6");
    assert_eq!(page.attribute("results", "data-filter").unwrap(), "");
    assert_eq!(page.shown().unwrap().paths(), native(&samples()[0]).paths());
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn the_way_back_leads_over_a_change_of_collection() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 12);
    let page = open(&server, "", PHONE);
    let own = page.ask(&samples()[0]).unwrap();
    one_further(&page);
    search_folder(&page, &folder, 12);
    wait_until(&page, "document.querySelectorAll('.result').length === 6");
    click(&page, "own-back");
    wait_for_site(&page);
    wait_until(&page, "document.querySelectorAll('.result').length === 6");
    // The photo that was there before the folder is still in the page's memory.
    let back = after(&page, "history.back()");
    assert_eq!(script(&page, "return history.state.endsWith('/0')"), true);
    assert_eq!(back.results, own.results);
    assert_eq!(page.text("note").unwrap(), "", "nothing has been lost");
}

#[test]
fn the_keyboard_stays_on_the_page_when_buttons_go() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 60);
    let page = open(&server, "", LAPTOP);
    choose_folder(&page, &folder);
    wait(LONG, || Ok((done(&page) >= 25).then_some(()))).unwrap();
    press(&page, "own-stop");
    wait_until(&page, "document.getElementById('own-work').hidden");
    assert_eq!(focused(&page), "own-input");
    wait_until(&page, "!document.getElementById('own-open').hidden");
    press(&page, "own-open");
    wait(LONG, || Ok(page.text("collection")?.starts_with("Your folder holidays").then_some(()))).unwrap();
    wait_until(&page, "document.getElementById('own-open').hidden");
    assert_eq!(focused(&page), "own-input");
    press(&page, "own-back");
    wait_for_site(&page);
    assert_eq!(focused(&page), "photo-input");
    press(&page, "own-forget");
    wait_until(&page, "document.getElementById('own-forget').hidden");
    assert_eq!(focused(&page), "own-input");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_folder_is_forgotten_while_it_is_indexed() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 60);
    let page = open(&server, "", LAPTOP);
    choose_folder(&page, &folder);
    wait(LONG, || Ok((done(&page) >= 25).then_some(()))).unwrap();
    click(&page, "own-stop");
    wait_until(&page, "!document.getElementById('own-forget').hidden");
    choose_folder(&page, &folder);
    wait(LONG, || Ok((done(&page) >= 30).then_some(()))).unwrap();
    assert!(!kept(&page).is_empty());
    click(&page, "own-forget");
    wait_until(&page, "document.getElementById('own-work').hidden && document.getElementById('own-open').hidden");
    wait(PATIENCE, || Ok(kept(&page).is_empty().then_some(()))).unwrap();
    assert!(page.text("collection").unwrap().starts_with("Lookalike demo"));
    assert_eq!(page.ask(&samples()[0]).unwrap().paths(), native(&samples()[0]).paths());
    // And from the beginning.
    search_folder(&page, &folder, 60);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_folder_that_is_searched_is_not_offered_again() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 40);
    let page = open(&server, "", LAPTOP);
    search_folder(&page, &folder, 40);
    assert_eq!(page.text("own-open").unwrap(), "");
    // The same folder with more photos: it is searched while it is indexed again.
    for at in 0..30 {
        fs::copy(&samples()[at % samples().len()], folder.join(format!("more-{at}.jpg"))).unwrap();
    }
    let watch = "const open = document.getElementById('own-open'); window.offered = false;
        new MutationObserver(() => { window.offered ||= !open.hidden; }).observe(open, {attributes: true});";
    script(&page, watch);
    search_folder(&page, &folder, 70);
    assert_eq!(script(&page, "return window.offered"), false);
    // Back at the collection it is.
    click(&page, "own-back");
    wait_for_site(&page);
    assert!(page.text("own-open").unwrap().starts_with("Open holidays again: 70 photos"));
}

#[test]
fn an_engine_that_cannot_open_the_folder_leaves_the_collection() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 12);
    let page = open(&server, "", LAPTOP);
    let before = page.ask(&samples()[0]).unwrap();
    // What the folder's index comes back as is damaged on its way.
    let damage = "const post = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (message, ...rest) {
            const own = document.getElementById('collection').innerText.startsWith('Your folder');
            if (own && message.length >= 5) {
                message[4] = message[4].slice();
                message[4][message[4].length - 1] ^= 1;
                Worker.prototype.postMessage = post;
            }
            return post.call(this, message, ...rest);
        };";
    script(&page, damage);
    choose_folder(&page, &folder);
    let sentence = told(&page);
    assert!(sentence.starts_with("Your folder can't be searched:"), "{sentence}");
    wait_for_site(&page);
    wait_until(&page, "document.querySelectorAll('.result').length === 6");
    assert_eq!(page.shown().unwrap().results, before.results);
    // It is still kept, and opens once nothing is wrong any more.
    wait_until(&page, "!document.getElementById('own-open').hidden");
    page.browser.click("[data-testid=error] button").unwrap();
    click(&page, "own-open");
    wait_for_folder(&page, 12);
    assert_eq!(page.ask(&samples()[1]).unwrap().results.len(), 6);
}

#[test]
fn a_folder_that_is_chosen_while_the_engine_changes_collections_waits_for_it() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 12);
    let page = open(&server, "", LAPTOP);
    search_folder(&page, &folder, 12);
    // The moment the title says that the site's collection is shown again, when its engine has just been given the files.
    let chosen = "return (async () => {
        const picture = await (await fetch(document.querySelector('.result img').src)).blob();
        const files = new DataTransfer();
        files.items.add(new File([picture], 'single.jpg', {type: 'image/jpeg'}));
        const input = document.getElementById('own-input');
        const title = document.querySelector('[data-testid=collection]');
        const changed = new Promise(changed => new MutationObserver(changed).observe(title, {childList: true, characterData: true, subtree: true}));
        document.getElementById('own-back').click();
        await changed;
        await new Promise(after => setTimeout(after, 20));
        input.files = files.files;
        input.dispatchEvent(new Event('change'));
        return title.textContent;
    })()";
    assert!(script(&page, chosen).as_str().unwrap().starts_with("Lookalike demo"));
    wait(PATIENCE, || {
        assert_eq!(page.text("error")?, "");
        Ok(page.text("collection")?.starts_with("Your folder single.jpg").then_some(()))
    })
    .unwrap();
}
