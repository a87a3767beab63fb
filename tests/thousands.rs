//! A collection of thousands: a whole visit, at phone and laptop size. `LOOKALIKE_PHOTOS` names the folder of photos,
//! some thousands of them in folders; `LOOKALIKE_PHOTOS_SITE` a site that has been built of it, which takes minutes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use lookalike::{
    engine::Engine,
    filter::Filter,
    gallery::{Item, Photos},
};
use lookalike_tests::{
    built_page, command,
    driver::wait,
    journey::{address, after, assert_similar, path_of},
    map_side::{come_to_the_map, drag, line, on_screen},
    page::{LAPTOP, PHONE, Page, Shown, from_report},
    samples,
    server::Server,
    skipped,
    small::done,
    steps::{CPU_TOLERANCE, PATIENCE, assert_fits, click, open, script, wait_until},
};
use serde_json::json;

/// Shift, as DevTools counts modifiers.
const SHIFT: u32 = 8;

/// The photos and their site, and where the site lies if it was built here.
struct Collection {
    photos: PathBuf,
    site: PathBuf,
    engine: Engine,
    _temporary: tempfile::TempDir,
}

impl Collection {
    /// Builds the site with the default encoder; `None`: there is no folder, or no browser.
    fn build() -> Option<Self> {
        if skipped() {
            return None;
        }
        let Some(photos) = env::var_os("LOOKALIKE_PHOTOS").map(PathBuf::from) else {
            eprintln!("skipped: LOOKALIKE_PHOTOS names no folder of photos");
            return None;
        };
        let temporary = tempfile::tempdir().unwrap();
        let built = env::var_os("LOOKALIKE_PHOTOS_SITE").map(PathBuf::from);
        let site = built.unwrap_or_else(|| {
            let site = temporary.path().join("site");
            let words = [Path::new("build"), &photos, Path::new("--out"), &site, Path::new("--page"), &built_page()];
            done(&command::run(words).unwrap());
            site
        });
        let engine = Engine::open(&lookalike_training::site::files(&site).unwrap(), lookalike::encoder::cpu()).unwrap();
        Some(Self { photos, site, engine, _temporary: temporary })
    }

    fn items(&self) -> &Photos<Item> {
        &self.engine.gallery().items
    }

    /// What the command finds for a photo.
    fn native(&self, photo: &Path) -> Shown {
        from_report(&command::query(&self.site, photo).unwrap()).unwrap()
    }

    /// The paths of the first photos near one of the collection that pass a filter.
    fn near(&self, path: &str, passes: impl Fn(&Item) -> bool, count: usize) -> Vec<String> {
        let id = self.items().iter().position(|item| item.path == path).unwrap();
        let all = self.engine.near(id as u32, self.items().len()).unwrap().neighbors;
        let items = all.iter().map(|n| &self.items()[n.id as usize]).filter(|item| passes(item));
        items.take(count).map(|item| item.path.clone()).collect()
    }
}

/// Tells how long a step took, for whoever runs this to look at.
fn told<T>(what: &str, step: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = step();
    println!("{what}: {:.0} ms", started.elapsed().as_secs_f64() * 1e3);
    result
}

fn hash(page: &Page) -> String {
    script(page, "return decodeURIComponent(location.hash)").as_str().unwrap().to_owned()
}

fn wait_for_pictures(page: &Page) {
    let all = "[...document.querySelectorAll('.result img')].slice(0, 6).every(image => image.complete && image.naturalWidth > 0)";
    wait_until(page, all);
}

fn visit(size: (u32, u32)) {
    let Some(all) = Collection::build() else { return };
    assert!(all.items().len() >= 1000, "{} photos are not thousands", all.items().len());
    let server = Server::start(&all.site, "", None).unwrap();
    let page = told("to ready", || open(&server, "", size));
    answers(&page, &all);
    let shot = |name: &str| page.browser.screenshot(&format!("thousands-{}-{name}", size.0)).unwrap();
    shot("answer");
    assert_fits(&page, size, "an answer");
    more(&page, &all);
    folders(&page, &all);
    shot("folder");
    map(&page, &all, shot);
    near_duplicates(&page, &all);
    shot("groups");
    assert_fits(&page, size, "the groups");
    addresses(&page, &all);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
    offline(&page, server);
    shot("offline");
}

/// Answers are the command's.
fn answers(page: &Page, all: &Collection) {
    let own = all.photos.join(&all.items()[all.items().len() / 2].path);
    for photo in [&own, &samples()[1], &samples()[0]] {
        let shown = told("an answer", || page.ask(photo).unwrap());
        let native = all.native(photo);
        assert_eq!((&shown.pixels, shown.paths()), (&native.pixels, native.paths()));
        for (a, b) in shown.results.iter().zip(&native.results) {
            assert!((a.1 - b.1).abs() < CPU_TOLERANCE, "{a:?} {b:?}");
        }
        assert_eq!((&shown.cluster, &shown.group), (&native.cluster, &native.group));
        assert!((shown.map[0] - native.map[0]).hypot(shown.map[1] - native.map[1]) < 0.02);
        println!("in the worker: {} ms", page.attribute("results", "data-milliseconds").unwrap());
    }
    wait_for_pictures(page);
}

/// Sixty photos, as the native engine ranks them.
fn more(page: &Page, all: &Collection) {
    let native = pollster::block_on(all.engine.ask(&fs::read(&samples()[0]).unwrap(), 60)).unwrap();
    click(page, "more");
    click(page, "more");
    let shown = page.shown().unwrap();
    let expected: Vec<_> = native.neighbors.iter().map(|n| path_of(&all.engine, n.id)).collect();
    assert_eq!(shown.paths(), expected);
    assert_similar(&shown, &native.neighbors);
}

/// Each folder alone holds what the linear scan finds in it.
fn folders(page: &Page, all: &Collection) {
    let path = page.shown().unwrap().paths()[3].clone();
    let before = page.answered().unwrap();
    page.browser.click("[data-testid=result]:nth-child(4) a").unwrap();
    page.wait_for_answer(before).unwrap();
    let folder_of = |item: &Item| item.path.split_once('/').map(|(folder, _)| folder.to_owned());
    let mut folders: Vec<_> = all.items().iter().filter_map(folder_of).collect();
    folders.dedup();
    assert!(folders.len() > 1, "photos in folders are needed");
    for folder in [&folders[0], folders.last().unwrap()] {
        let choose = "const list = document.querySelector('[data-testid=folder]');
            list.value = arguments[0]; list.dispatchEvent(new Event('change', {bubbles: true}));";
        page.browser.script(choose, json!([folder])).unwrap();
        let words = format!("folder={folder}");
        wait(PATIENCE, || Ok((page.attribute("results", "data-filter")? == words).then_some(()))).unwrap();
        let within = |item: &Item| folder_of(item).as_ref() == Some(folder);
        assert_eq!(page.shown().unwrap().paths(), all.near(&path, within, 6), "{folder}");
        let count = all.items().iter().filter(|item| within(item)).count();
        assert_eq!(page.text("filter-count").unwrap(), format!("{count} of {} photos pass", all.items().len()));
    }
    wait_for_pictures(page);
    page.browser.click("[data-testid=map-filter] [data-part=folder]").unwrap();
    wait(PATIENCE, || Ok((page.attribute("results", "data-filter")?.is_empty()).then_some(()))).unwrap();
}

/// About the map, until photos show, and a line around some of them.
fn map(page: &Page, all: &Collection, shot: impl Fn(&str) -> PathBuf) {
    come_to_the_map(page);
    shot("map");
    let frame = || page.attribute("map", "data-painted").unwrap();
    println!("a frame of the whole map: {} ms", frame());
    for _ in 0..8 {
        click(page, "map-nearer");
    }
    told("until photos show", || wait_until(page, "Number(map.dataset.photos) > 0"));
    come_to_the_map(page);
    let middle = on_screen(page, [0.0, 0.0]);
    let to = [middle[0] - 50.0, middle[1] + 40.0];
    drag(page, &line(middle, to), 0);
    let moved = on_screen(page, [0.0, 0.0]);
    assert!((moved[0] - to[0]).abs() < 3.0 && (moved[1] - to[1]).abs() < 3.0, "{moved:?} {to:?}");
    std::thread::sleep(Duration::from_secs(1));
    println!("a frame with {} photos: {} ms", page.attribute("map", "data-photos").unwrap(), frame());
    shot("map-near");
    click(page, "map-whole");
    come_to_the_map(page);
    let corners =
        [[-0.5, -0.5], [0.4, -0.5], [0.4, 0.4], [-0.5, 0.4], [-0.5, -0.4]].map(|place| on_screen(page, place));
    let around: Vec<_> = corners.windows(2).flat_map(|side| line(side[0], side[1])).collect();
    drag(page, &around, SHIFT);
    wait_until(page, "location.hash.includes('lasso=')");
    let value = hash(page).split_once("lasso=").unwrap().1.to_owned();
    let mut lasso = Filter::default();
    lasso.set("lasso", Filter::parse("lasso", &value).unwrap());
    let count = lasso.admitted(all.items()).count();
    assert!(count > 50);
    wait_until(page, &format!("document.getElementById('filter-count').innerText.startsWith('{count} of ')"));
    wait(PATIENCE, || Ok((page.attribute("results", "data-filter")? == format!("lasso={value}")).then_some(())))
        .unwrap();
    let path = page.text("photo-name").unwrap();
    assert_eq!(page.shown().unwrap().paths(), all.near(&path, |item| lasso.admits(item), 6));
    come_to_the_map(page);
    shot("lasso");
    page.browser.click("[data-testid=map-filter] button").unwrap();
    wait(PATIENCE, || Ok((page.attribute("results", "data-filter")?.is_empty()).then_some(()))).unwrap();
}

/// All pairs of thousands, while a question is answered in between.
fn near_duplicates(page: &Page, all: &Collection) {
    let mut scan = all.engine.scan();
    while !all.engine.step(&mut scan) {}
    let expected = all.engine.duplicates(&scan, all.engine.gallery().entry.likeness.near_duplicate);
    click(page, "find-groups");
    told("near-duplicates", || {
        wait_until(page, "/group|No two/.test(document.getElementById('groups-words').innerText)")
    });
    let words = page.text("groups-words").unwrap();
    println!("{words}");
    assert!(words.starts_with(&format!("{} group", expected.len())), "{words}: {}", expected.len());
    let groups = "return [...document.querySelectorAll('[data-testid=near-group]')].map(group =>
        [...group.querySelectorAll('[data-testid=grouped]')].map(tile => tile.dataset.path))";
    let shown: Vec<Vec<String>> = serde_json::from_value(script(page, groups)).unwrap();
    let named = expected.iter().take(30).map(|g| g.iter().take(12).map(|n| path_of(&all.engine, n.id)).collect());
    assert_eq!(shown, named.collect::<Vec<Vec<_>>>());
    script(page, "document.querySelector('.groups').scrollIntoView({block: 'start', behavior: 'instant'})");
}

/// From photo to photo and back, and the same photo by its address.
fn addresses(page: &Page, all: &Collection) {
    let first = page.shown().unwrap();
    let here = address(page);
    let path = first.paths()[2].clone();
    let next = after(page, "document.querySelector('[data-testid=result]:nth-child(3) a').click()");
    assert_eq!(next.paths(), all.near(&path, |_| true, 6));
    assert_eq!(address(page), format!("#photo={path}"));
    let back = after(page, "history.back()");
    assert_eq!((back.paths(), address(page)), (first.paths(), here));
    let again = after(page, &format!("location.hash = '#photo={path}'"));
    assert_eq!(again.results, next.results);
}

/// Without a network everything that was there is there.
fn offline(page: &Page, server: Server) {
    let kept = "caches.keys().then(async names => (await Promise.all(names.map(async name =>
        (await (await caches.open(name)).keys()).map(({url}) => url)))).flat())";
    for part in ["gallery.lka", "encoder-", "probes-", "cell-"] {
        let body = format!("return {kept}.then(urls => urls.some(url => url.includes('gallery/{part}')))");
        wait(PATIENCE, || Ok((script(page, &body) == true).then_some(()))).unwrap();
    }
    wait_until(page, "navigator.serviceWorker.controller");
    let before = page.shown().unwrap();
    let path = page.text("photo-name").unwrap();
    wait_for_pictures(page);
    let address = server.address.clone();
    drop(server);
    page.browser.load("about:blank").unwrap();
    page.browser.load(&format!("{address}?device=cpu#photo={path}")).unwrap();
    page.wait_for_state("ready").unwrap();
    let there = page.wait_for_answer(0).unwrap();
    assert_eq!(there.results, before.results);
    wait_for_pictures(page);
}

#[test]
fn a_visit_with_a_laptop() {
    visit(LAPTOP);
}

#[test]
fn a_visit_with_a_phone() {
    visit(PHONE);
}
