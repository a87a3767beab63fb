//! From photo to photo on the page of the demo, and what the native engine says of it. Everything here asserts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

use lookalike::{
    engine::{Answer, Engine},
    search::Neighbor,
};

use crate::{
    demo_site,
    page::{Page, Shown},
    steps::{CPU_TOLERANCE, script},
};

/// The button that shows more results.
pub const MORE: &str = "[data-testid=more]";

/// The native engine of the demo.
pub fn engine() -> Engine {
    Engine::open(&lookalike_training::site::files(&demo_site()).unwrap(), lookalike::encoder::cpu()).unwrap()
}

fn id_of(engine: &Engine, path: &str) -> u32 {
    engine.gallery().items.iter().position(|item| item.path == path).expect("a photo of the demo") as u32
}

/// A photo's path.
pub fn path_of(engine: &Engine, id: u32) -> String {
    engine.gallery().items[id as usize].path.clone()
}

/// What people know a photo by: its title.
pub fn name_of(engine: &Engine, path: &str) -> String {
    engine.gallery().items[id_of(engine, path) as usize].name().to_owned()
}

/// What the native engine finds near a photo of the demo.
pub fn near(engine: &Engine, path: &str, k: usize) -> Answer {
    engine.near(id_of(engine, path), k).unwrap()
}

/// What the page shows is what the native engine finds near this photo of the collection, to the last bit of the order.
pub fn assert_near(page: &Page, shown: &Shown, engine: &Engine, path: &str) {
    let native = near(engine, path, 6);
    let expected: Vec<_> = native.neighbors.iter().map(|n| path_of(engine, n.id)).collect();
    assert_eq!(shown.paths(), expected, "near {path}");
    assert!(!expected.contains(&path.to_owned()), "{path} is its own neighbour");
    assert_eq!(shown.cluster, native.cluster.to_string());
    assert_eq!(shown.group, native.density_group.map_or("noise".to_owned(), |group| group.to_string()));
    let place = [native.map.x, native.map.y].map(f64::from);
    assert!(shown.map.iter().zip(place).all(|(a, b)| (a - b).abs() < 1e-6), "{:?} {place:?}", shown.map);
    assert_eq!(shown.pixels, "", "nothing has been encoded");
    assert_eq!(page.attribute("photo-name", "title").unwrap(), path);
    assert_eq!(address(page), format!("#photo={path}"));
}

/// The similarities of the results are the native ones.
pub fn assert_similar(shown: &Shown, native: &[Neighbor]) {
    for ((path, similarity), neighbor) in shown.results.iter().zip(native) {
        assert!((similarity - f64::from(neighbor.similarity)).abs() < CPU_TOLERANCE, "{path}");
    }
}

/// The part of the address that names photos and the boxes on them, without filter and view; the device stays in the other part.
pub fn address(page: &Page) -> String {
    assert!(script(page, "return location.search").as_str().unwrap().starts_with("?device="));
    let photo = "const pairs = location.hash.slice(1).split('&').filter(pair => /^(photo|crop|mix)=/.test(pair));
        return pairs.length ? '#' + decodeURIComponent(pairs.join('&')) : ''";
    script(page, photo).as_str().unwrap().to_owned()
}

/// The steps of the trail, in order: photos of the collection by their paths, which stand behind their titles.
pub fn trail(page: &Page) -> Vec<String> {
    let words = "return [...document.querySelectorAll('[data-testid=trail] li > *')].map(step => {
        const words = step.innerText.trim(), part = words.endsWith(' (part)') ? ' (part)' : '';
        return words.startsWith('Your photo') ? words : step.title + part;
    })";
    serde_json::from_value(script(page, words)).unwrap()
}

/// Clicks a result, counted from 1, and waits for the answer.
pub fn choose(page: &Page, place: usize) -> Shown {
    let before = page.answered().unwrap();
    page.browser.click(&format!("[data-testid=result]:nth-child({place}) a")).unwrap();
    page.wait_for_answer(before).unwrap()
}

/// Runs a script that has an answer, and waits for it.
pub fn after(page: &Page, body: &str) -> Shown {
    let before = page.answered().unwrap();
    script(page, body);
    page.wait_for_answer(before).unwrap()
}

/// Goes from a photo to one of its results that the trail does not hold; returns its path.
pub fn one_further(page: &Page) -> String {
    let way = trail(page);
    let is_new = |(path, _): &(String, f64)| !way.contains(path);
    let mut results = page.shown().unwrap().results;
    if !results.iter().any(is_new) {
        page.browser.click(MORE).unwrap();
        results = page.shown().unwrap().results;
    }
    let place = results.iter().position(is_new).expect("more photos than the trail holds");
    choose(page, place + 1);
    results.swap_remove(place).0
}
