//! What somebody says of photos, on the page: titles, links that nobody follows by themselves, tags that filter.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use lookalike::{engine::Engine, filter::Filter, gallery::Item};
use lookalike_tests::{
    built_page,
    command::run,
    driver::wait,
    journey::{engine, near},
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    small::{done, few, path, small},
    steps::{PATIENCE, SIZES, assert_fits, click, focused, open, save_into, script, wait_until},
};
use serde_json::{Value, json};

/// A photo of the demo with a title and a tag that others have, too.
fn titled(engine: &Engine) -> Item {
    let items = &engine.gallery().items;
    items.iter().find(|item| item.name() != item.path && item.tags().len() == 2).unwrap().clone()
}

fn by_tag(engine: &Engine, path: &str, tag: &str) -> Vec<String> {
    let filter = Filter { tag: Some(tag.to_owned()), ..Filter::default() };
    let items = &engine.gallery().items;
    let all = near(engine, path, items.len()).neighbors;
    let passing = all.iter().map(|n| &items[n.id as usize]).filter(|item| filter.admits(item));
    passing.take(6).map(|item| item.path.clone()).collect()
}

/// Waits until the results are those of a filter.
fn results_under(page: &Page, words: &str) -> Vec<String> {
    wait(PATIENCE, || Ok((page.attribute("results", "data-filter")? == words).then_some(())))
        .unwrap_or_else(|e| panic!("{words}: {e}; it is {:?}", page.attribute("results", "data-filter")));
    page.shown().unwrap().paths()
}

fn encoded(tag: &str) -> String {
    format!("tag={}", tag.replace(' ', "%20"))
}

fn look_at_first(page: &Page) {
    script(page, "document.querySelector('#results li [data-testid=look]').click()");
    wait_until(page, "document.getElementById('look-dialog').open");
}

#[test]
fn a_title_stands_where_the_path_would_and_the_large_view_has_all() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let photo = titled(&engine);
    let page = open(&server, &format!("#photo={}", photo.path), LAPTOP);
    let shown = page.wait_for_answer(0).unwrap();
    assert_eq!(page.text("photo-name").unwrap(), photo.name());
    assert_eq!(page.attribute("photo-name", "title").unwrap(), photo.path);
    let items = &engine.gallery().items;
    let item = |path: &str| items.iter().find(|item| item.path == path).unwrap().clone();
    let tiles = "return [...document.querySelectorAll('[data-testid=result]')].map(tile =>
        [tile.dataset.path, tile.querySelector('.path').textContent, tile.querySelector('.path').title,
         tile.querySelector('[data-testid=look]').ariaLabel])";
    let tiles: Vec<[String; 4]> = serde_json::from_value(script(&page, tiles)).unwrap();
    assert_eq!(tiles.len(), 6);
    for [path, words, title, label] in &tiles {
        let name = item(path).name().to_owned();
        assert_eq!((words, title, label), (&name, path, &format!("Look closer at {name}")));
    }
    look_at_first(&page);
    let first = item(&shown.results[0].0);
    assert_eq!(page.text("look-name").unwrap(), first.name());
    assert_eq!(page.text("look-path").unwrap(), first.path);
    let host = first.link().split('/').nth(2).unwrap().to_owned();
    assert_eq!(page.text("look-link").unwrap(), format!("Open {host}"));
    let link = ["href", "target", "rel"].map(|name| page.attribute("look-link", name).unwrap());
    assert_eq!(link, [first.link(), "_blank", "noopener noreferrer"]);
    let tags = script(
        &page,
        "return [...document.querySelectorAll('[data-testid=look-tags] button')].map(tag => tag.textContent)",
    );
    assert_eq!(tags, json!(first.tags()));
    page.browser.screenshot("laptop-look-details").unwrap();
    // Nobody has followed the link, nor been told of it.
    assert_eq!(server.sent(), Vec::<String>::new());
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_tag_filters_from_the_large_view_the_list_and_the_address() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let photo = titled(&engine);
    let page = open(&server, &format!("#photo={}", photo.path), LAPTOP);
    let all = page.wait_for_answer(0).unwrap();
    look_at_first(&page);
    let tag = script(&page, "return document.querySelector('[data-testid=look-tags] button').textContent");
    let tag = tag.as_str().unwrap();
    script(&page, "document.querySelector('[data-testid=look-tags] button').focus()");
    page.browser.press(lookalike_tests::driver::keys::ENTER).unwrap();
    let found = results_under(&page, &encoded(tag));
    assert_eq!(found, by_tag(&engine, &photo.path, tag));
    wait_until(&page, "!document.getElementById('look-dialog').open");
    assert_eq!(script(&page, "return document.activeElement.dataset.part"), "tag", "the keyboard is on its chip");
    let chips = "return [...document.querySelectorAll('[data-testid=results-filter] button')].map(chip => chip.firstChild.data)";
    assert_eq!(script(&page, chips), json!([format!("Tag {tag}")]));
    assert_eq!(script(&page, "return document.querySelector('[data-testid=tag]').value"), tag);
    let passing = engine.gallery().entry.tags.iter().find(|known| known.name == tag).unwrap().photos;
    let words = format!("{passing} of {} photos pass", engine.gallery().items.len());
    assert_eq!(page.text("filter-count").unwrap(), words, "the map shows them, too");
    assert_eq!(script(&page, "return decodeURIComponent(location.hash)"), format!("#photo={}&tag={tag}", photo.path));
    // Chosen once more where it is on, it stays on; its chip takes it away.
    look_at_first(&page);
    page.browser
        .script(
            "document.querySelector(`[data-testid=look-tags] [data-value='${arguments[0]}']`).click()",
            json!([tag]),
        )
        .unwrap();
    wait_until(&page, "!document.getElementById('look-dialog').open");
    assert_eq!(page.attribute("results", "data-filter").unwrap(), encoded(tag));
    page.browser.click("[data-testid=results-filter] button").unwrap();
    assert_eq!(results_under(&page, ""), all.paths());
    assert_eq!(focused(&page), "map");
    // Another one, from the list, which is there without any cell.
    let other = &engine.gallery().entry.tags.iter().find(|known| known.name != tag && known.photos > 20).unwrap().name;
    let choose = "const list = document.querySelector('[data-testid=tag]');
        list.value = arguments[0]; list.dispatchEvent(new Event('change', {bubbles: true}));";
    page.browser.script(choose, json!([other])).unwrap();
    assert_eq!(results_under(&page, &encoded(other)), by_tag(&engine, &photo.path, other));
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
    drop(page);
    // The address alone does the same; one that means nothing is told.
    let again = open(&server, &format!("#photo={}&{}", photo.path, encoded(tag)), LAPTOP);
    assert_eq!(results_under(&again, &encoded(tag)), found);
    drop(again);
    let odd = open(&server, "#tag=nothing-has-it", LAPTOP);
    wait_until(&odd, "document.getElementById('note').innerText.includes('tag=nothing-has-it')");
    assert_eq!(odd.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn texts_are_shown_as_texts_and_taken_along() {
    if skipped() {
        return;
    }
    let photos = few("texts", 4);
    let mut names: Vec<_> =
        fs::read_dir(&photos).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let title = "<img src=x onerror=\"window.ran=1\"><script>window.ran=1</script>";
    let tags = ["\"><svg onload=window.ran=1>", "a, b; c\u{202e}&#x27;"];
    let list: Vec<Value> =
        names.iter().map(|name| json!({"path": name, "title": title, "link": "me.html", "tags": tags})).collect();
    fs::write(small().path("texts.json"), Value::from(list).to_string()).unwrap();
    let (texts, site) = (path(small(), "texts"), path(small(), "texts-site"));
    let page = built_page().display().to_string();
    let file = path(small(), "texts.json");
    done(&run(["build", &texts, "--out", &site, "--page", &page, "--metadata", &file]).unwrap());
    let server = Server::start(&small().path("texts-site"), "", None).unwrap();
    let page = open(&server, "", LAPTOP);
    page.ask(&samples()[0]).unwrap();
    look_at_first(&page);
    assert_eq!(page.text("look-name").unwrap(), title);
    assert_eq!(page.text("look-link").unwrap(), format!("Open {}", server.address.split('/').nth(2).unwrap()));
    let shown = script(&page, "return [...document.querySelectorAll('#look-tags button')].map(tag => tag.textContent)");
    assert_eq!(shown, json!(tags));
    script(&page, "document.querySelector('#look-tags li:last-child button').click()");
    wait(PATIENCE, || Ok((page.attribute("results", "data-filter")?.starts_with("tag=")).then_some(()))).unwrap();
    assert_eq!(page.shown().unwrap().results.len(), 4);
    // The file has them, too.
    let folder = tempfile::tempdir().unwrap();
    save_into(&page, folder.path());
    let saved = |hook: &str, name: &str| {
        click(&page, hook);
        wait(PATIENCE, || Ok(fs::read_to_string(folder.path().join(name)).ok().filter(|text| !text.is_empty())))
            .unwrap()
    };
    let list: Value = serde_json::from_str(&saved("json", "similar.json")).unwrap();
    assert_eq!(
        (&list[0]["title"], &list[0]["link"], &list[0]["tags"]),
        (&title.into(), &"me.html".into(), &json!(tags))
    );
    let table = saved("csv", "similar.csv");
    assert_eq!(table.lines().next(), Some("rank,path,similarity,word,cluster,title,link,tags"));
    assert_eq!(csv::Reader::from_reader(table.as_bytes()).records().count(), 4);
    let ran = script(
        &page,
        "return [window.ran ?? null, document.querySelectorAll('[onerror], [onload], img[src=x]').length]",
    );
    assert_eq!(ran, json!([null, 0]));
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn the_large_view_fits_every_screen_with_all_that_is_said() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let photo = titled(&engine());
    for size in SIZES.into_iter().chain([PHONE]) {
        let page = open(&server, &format!("#photo={}", photo.path), size);
        page.wait_for_answer(0).unwrap();
        assert_fits(&page, size, "titles");
        look_at_first(&page);
        assert_fits(&page, size, "details");
        for scheme in ["light", "dark"] {
            page.prefer(scheme).unwrap();
            page.browser.screenshot(&format!("details-{}-{scheme}", size.0)).unwrap();
        }
    }
}
