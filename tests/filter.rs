//! Filters: by cluster, density group, folder or lasso; on the map, among the results and in the address together.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use lookalike::{engine::Engine, filter::Filter, map::view::View};
use lookalike_tests::{
    demo_photos,
    driver::wait,
    journey::{after, assert_near, engine, near, path_of},
    map_side::{come_to_the_map, drag, fingers, line, on_screen, view, with_fingers},
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{PATIENCE, assert_fits, at_every_size, click, focused, open, script, wait_until},
};
use serde_json::json;

/// Shift, as DevTools counts modifiers.
const SHIFT: u32 = 8;

/// A filter as an address has it, in the order of its parts.
fn filter(words: &str) -> Filter {
    let mut filter = Filter::default();
    for (part, value) in words.split('&').filter_map(|pair| pair.split_once('=')) {
        filter.set(part, Filter::parse(part, value).unwrap());
    }
    filter
}

/// Waits until the results are those of a filter, and returns their paths.
fn results_under(page: &Page, words: &str) -> Vec<String> {
    wait(PATIENCE, || Ok((page.attribute("results", "data-filter")? == words).then_some(())))
        .unwrap_or_else(|e| panic!("{words}: {e}; it is {:?}", page.attribute("results", "data-filter")));
    page.shown().unwrap().paths()
}

/// What the linear scan finds for a photo of the collection, of the photos that pass.
fn expected(engine: &Engine, path: &str, filter: &Filter, count: usize) -> Vec<String> {
    let items = &engine.gallery().items;
    let all = near(engine, path, items.len());
    all.neighbors
        .iter()
        .map(|n| &items[n.id as usize])
        .filter(|item| filter.admits(item))
        .take(count)
        .map(|i| i.path.clone())
        .collect()
}

fn hash(page: &Page) -> String {
    script(page, "return decodeURIComponent(location.hash)").as_str().unwrap().to_owned()
}

fn chips(page: &Page, hook: &str) -> Vec<String> {
    let words = format!(
        "return [...document.querySelectorAll('[data-testid={hook}] button')].map(chip => chip.firstChild.data)"
    );
    serde_json::from_value(script(page, &words)).unwrap()
}

fn choose_folder(page: &Page, folder: &str) {
    let choose = "const list = document.querySelector('[data-testid=folder]');
        list.value = arguments[0]; list.dispatchEvent(new Event('change', {bubbles: true}));";
    page.browser.script(choose, json!([folder])).unwrap();
}

#[test]
fn filters_hold_on_the_map_and_among_the_results() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let (path, items) = (path_of(&engine, 40), &engine.gallery().items);
    let page = open(&server, &format!("#photo={path}"), LAPTOP);
    let all = page.wait_for_answer(0).unwrap();
    assert_near(&page, &all, &engine, &path);
    // A cluster, from the list beside the map.
    page.browser.click("[data-testid=group][data-value='4']").unwrap();
    let found = results_under(&page, "cluster=4");
    assert_eq!(found, expected(&engine, &path, &filter("cluster=4"), 6));
    assert_ne!(found, all.paths());
    assert_eq!(chips(&page, "results-filter"), ["Cluster 4"]);
    assert_eq!(chips(&page, "map-filter"), ["Cluster 4"]);
    assert_eq!(hash(&page), format!("#photo={path}&cluster=4"));
    let passing = filter("cluster=4").admitted(items).count();
    assert_eq!(page.text("filter-count").unwrap(), format!("{passing} of {} photos pass", items.len()));
    come_to_the_map(&page);
    page.browser.screenshot("laptop-filter-cluster").unwrap();
    // More of them, and a folder as well.
    click(&page, "more");
    assert_eq!(page.shown().unwrap().paths(), expected(&engine, &path, &filter("cluster=4"), 24));
    let folder = items.iter().find(|item| item.cluster == 3).unwrap().path.split_once('/').unwrap().0.to_owned();
    choose_folder(&page, &folder);
    let both = format!("cluster=4&folder={folder}");
    assert_eq!(results_under(&page, &both), expected(&engine, &path, &filter(&both), 6));
    assert_eq!(hash(&page), format!("#photo={path}&{both}"));
    // A chip takes its part away; the browser leads back, and the answer is not asked for again.
    page.browser.click("[data-testid=map-filter] [data-part=cluster]").unwrap();
    let one = format!("folder={folder}");
    assert_eq!(results_under(&page, &one), expected(&engine, &path, &filter(&one), 6));
    assert_eq!(focused(&page), "map", "the keyboard is not lost with the chip");
    script(&page, "history.back()");
    assert_eq!(results_under(&page, &both), expected(&engine, &path, &filter(&both), 6));
    script(&page, "history.go(-2)");
    assert_eq!(results_under(&page, ""), all.paths());
    assert_eq!(chips(&page, "map-filter"), [""; 0]);
    script(&page, "history.forward()");
    assert_eq!(results_under(&page, "cluster=4"), found);
    assert_eq!(page.answered().unwrap(), all.query, "no question has been asked for it");
    // The next photo is looked for under the same filter, the visitor's own too.
    let next = page.ask(&samples()[0]).unwrap();
    let native = pollster::block_on(engine.ask(&fs::read(&samples()[0]).unwrap(), items.len())).unwrap();
    let passes = native.neighbors.iter().map(|n| &items[n.id as usize]).filter(|item| item.cluster == 3);
    assert_eq!(next.paths(), passes.take(6).map(|i| i.path.clone()).collect::<Vec<_>>());
    assert!((next.map[0] - f64::from(native.map.x)).abs() < 1e-3, "its place is that among all photos");
    assert_eq!(hash(&page), "#cluster=4");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn groups_are_shown_with_what_they_look_like() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", LAPTOP);
    let exemplars = engine.exemplars(3);
    let entry = &engine.gallery().entry;
    let listed = |hook: &str| -> Vec<(String, Vec<String>)> {
        let list = format!("return [...document.querySelectorAll('[data-testid={hook}]')].map(group => [group.querySelector('.count').innerText,
            [...group.querySelectorAll('img')].map(image => image.dataset.path)])");
        serde_json::from_value(script(&page, &list)).unwrap()
    };
    let paths = |ids: &[u32]| ids.iter().map(|&id| path_of(&engine, id)).collect::<Vec<_>>();
    let clusters: Vec<_> =
        entry.clusters.iter().zip(&exemplars[0]).map(|(c, ids)| (c.size.to_string(), paths(ids))).collect();
    assert_eq!(listed("group"), clusters);
    // The exemplars are nearest to the centroid that the site holds.
    for (id, ids) in (0_u32..).zip(&exemplars[0]) {
        let centroid = &entry.clusters[id as usize].centroid;
        let distance = |at: usize| -> f32 {
            engine.gallery().embeddings[at].as_slice().iter().zip(centroid).map(|(a, b)| (a - b).powi(2)).sum()
        };
        let members = (0..engine.gallery().items.len()).filter(|at| engine.gallery().items[*at].cluster == id);
        let nearest = members.min_by(|a, b| distance(*a).total_cmp(&distance(*b))).unwrap();
        assert_eq!(ids[0] as usize, nearest);
    }
    let silhouette = page.text("grouping").unwrap();
    assert!(silhouette.contains(&format!("{:.2}", entry.silhouette.unwrap())), "{silhouette}");
    let colours = "return [...map.toDataURL()].reduce((sum, letter) => (sum * 31 + letter.charCodeAt()) % 1000003, 7)";
    come_to_the_map(&page);
    let before = script(&page, colours);
    click(&page, "by-group");
    assert_eq!(page.attribute("by-group", "aria-pressed").unwrap(), "true");
    wait_until(&page, &format!("(() => {{ {colours} }})() !== {before}"));
    let groups = listed("group");
    assert_eq!(groups.len(), entry.density.groups as usize + 1);
    assert_eq!(groups[0].1, paths(&exemplars[1][0]));
    assert_eq!(groups.last().unwrap(), &(entry.density.noise.to_string(), vec![]));
    page.browser.click("[data-testid=group][data-value=noise]").unwrap();
    assert_eq!(chips(&page, "map-filter"), ["Noise"]);
    assert_eq!(page.text("filter-count").unwrap(), format!("{} of {} photos pass", entry.density.noise, entry.photos));
    come_to_the_map(&page);
    page.browser.screenshot("laptop-filter-noise").unwrap();
    // What has been chosen is taken away in the same place.
    page.browser.click("[data-testid=group][data-value=noise]").unwrap();
    assert_eq!(chips(&page, "map-filter"), [""; 0]);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn an_address_brings_back_filter_and_view() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let path = path_of(&engine, 300);
    let words = "cluster=1&group=noise";
    let page = open(&server, &format!("#photo={path}&{words}&view=2500,-1250,40000"), LAPTOP);
    page.wait_for_answer(0).unwrap();
    assert_eq!(results_under(&page, words), expected(&engine, &path, &filter(words), 6));
    assert_eq!((view(&page).centre, view(&page).zoom), ([0.25, -0.125], 4.0));
    assert_eq!(page.text("note").unwrap(), "");
    // Moving on changes the address, and makes no entry.
    let entries = script(&page, "return history.length");
    come_to_the_map(&page);
    click(&page, "map-nearer");
    wait_until(&page, "location.hash.endsWith(',60000')");
    assert_eq!(script(&page, "return history.length"), entries);
    click(&page, "map-whole");
    wait_until(&page, "!location.hash.includes('view')");
    assert_eq!(hash(&page), format!("#photo={path}&{words}"));
    // What means nothing is told and left out; the rest is followed.
    for (odd, rest) in [
        ("cluster=99", "folder=birds"),
        ("cluster=none", ""),
        ("group=0", "cluster=1"),
        ("folder=no/such", "group=1"),
        ("lasso=1,2,3", ""),
        ("view=near", "cluster=1"),
        ("view=0,0,1.5", ""),
        ("colour=red", "cluster=2"),
    ] {
        let both = [odd, rest].into_iter().filter(|pair| !pair.is_empty()).collect::<Vec<_>>().join("&");
        script(&page, &format!("location.hash = '#{both}'"));
        wait_until(&page, "!document.getElementById('note').hidden");
        let note = page.text("note").unwrap();
        assert!(note.contains(odd) && note.contains("left out"), "{note}");
        let left = if rest.is_empty() { String::new() } else { format!("#{rest}") };
        assert_eq!(hash(&page), left);
        page.browser.click("[data-testid=note] button").unwrap();
        results_under(&page, rest);
    }
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_photo_on_its_side_is_found_under_a_filter_too() {
    if skipped() {
        return;
    }
    let (server, engine, folder) = (Server::demo(None).unwrap(), engine(), tempfile::tempdir().unwrap());
    let item = &engine.gallery().items[40];
    let original = image::open(demo_photos().join(&item.path)).unwrap().into_rgb8();
    let photo = folder.path().join("on its side.png");
    image::imageops::rotate90(&original).save(&photo).unwrap();
    let page = open(&server, "", LAPTOP);
    page.ask(&photo).unwrap();
    let before = page.answered().unwrap();
    click(&page, "turned");
    let all = page.wait_for_answer(before).unwrap();
    let marks = || script(&page, "return [...document.querySelectorAll('.result')].map(tile => tile.dataset.turned)");
    let turned = marks();
    assert_eq!((all.results[0].0.as_str(), &turned[0]), (item.path.as_str(), &json!("turned left")));
    // The filter on: of the photos that pass, the best in any way; off: as before.
    let words = format!("cluster={}", item.cluster + 1);
    let native = pollster::block_on(engine.ask_turned(&fs::read(&photo).unwrap(), None, 600)).unwrap();
    let passing = native.neighbors.iter().zip(&native.symmetries);
    let passing = passing.filter(|(n, _)| engine.gallery().items[n.id as usize].cluster == item.cluster).take(6);
    let (paths, ways): (Vec<_>, Vec<_>) = passing.map(|(n, way)| (path_of(&engine, n.id), way.name())).unzip();
    script(
        &page,
        &format!("document.querySelector('[data-part=cluster][data-value=\"{}\"]').click()", item.cluster + 1),
    );
    assert_eq!(results_under(&page, &words), paths);
    assert_eq!(marks(), json!(ways));
    page.browser.click("[data-testid=results-filter] button").unwrap();
    assert_eq!(results_under(&page, ""), all.paths());
    assert_eq!(marks(), turned);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn nothing_under_a_filter_is_told() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let items = &engine.gallery().items;
    // A cluster and a folder that share no photo.
    let folder = |item: &lookalike::gallery::Item| item.path.split_once('/').unwrap().0.to_owned();
    let (cluster, folder) = (0..engine.gallery().entry.clusters.len() as u32)
        .flat_map(|cluster| items.iter().map(move |item| (cluster, folder(item))))
        .find(|(cluster, name)| !items.iter().any(|item| item.cluster == *cluster && folder(item) == *name))
        .expect("a folder that one of the clusters leaves out");
    let words = format!("cluster={}&folder={folder}", cluster + 1);
    let page = open(&server, &format!("#{words}"), LAPTOP);
    page.ask(&samples()[2]).ok();
    assert_eq!(results_under(&page, &words), Vec::<String>::new());
    let heading = script(&page, "return document.getElementById('results-heading').innerText");
    assert!(heading.as_str().unwrap().contains("No other photo passes the filter"), "{heading}");
    assert_eq!(page.text("filter-count").unwrap(), format!("0 of {} photos pass", items.len()));
    page.browser.screenshot("laptop-filter-nothing").unwrap();
    page.browser.click("[data-testid=results-filter] [data-part=folder]").unwrap();
    assert_eq!(results_under(&page, &format!("cluster={}", cluster + 1)).len(), 6);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_lasso_selects_on_the_map() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let items = &engine.gallery().items;
    let path = path_of(&engine, 40);
    let page = open(&server, &format!("#photo={path}"), LAPTOP);
    let before = page.wait_for_answer(0).unwrap();
    come_to_the_map(&page);
    // Shift and drag, around a quarter of the map.
    let corners = [[0.0, 0.0], [0.9, 0.0], [0.9, 0.9], [0.0, 0.9], [0.0, 0.1]].map(|place| on_screen(&page, place));
    let around: Vec<_> = corners.windows(2).flat_map(|side| line(side[0], side[1])).collect();
    drag(&page, &around, SHIFT);
    wait_until(&page, "location.hash.includes('lasso=')");
    assert_eq!(view(&page), View::WHOLE, "the map stays");
    let words = hash(&page).split_once("&lasso=").unwrap().1.to_owned();
    let selected = filter(&format!("lasso={words}"));
    let passing: Vec<_> = selected.admitted(items).collect();
    let inside = |item: &lookalike::gallery::Item, edge: f32| item.map.iter().all(|x| (edge..0.9 - edge).contains(x));
    for (id, item) in (0_u32..).zip(items.iter()) {
        let passes = passing.contains(&id);
        assert!(passes || !inside(item, 0.02), "{:?} is inside", item.map);
        assert!(!passes || inside(item, -0.02), "{:?} is outside", item.map);
    }
    assert!(passing.len() > 20);
    assert_eq!(results_under(&page, &format!("lasso={words}")), expected(&engine, &path, &selected, 6));
    assert_eq!(chips(&page, "map-filter"), ["Your selection"]);
    assert_eq!(page.answered().unwrap(), before.query, "drawing is no click");
    page.browser.screenshot("laptop-lasso").unwrap();
    // It comes back with its address.
    script(&page, "history.back()");
    assert_eq!(results_under(&page, ""), before.paths());
    script(&page, "history.forward()");
    results_under(&page, &format!("lasso={words}"));
    // Around nothing there is nothing to select: that is told, and the selection stays.
    let nothing = [[0.99, 0.99], [1.0, 0.99], [1.0, 1.0], [0.99, 1.0]].map(|place| on_screen(&page, place));
    assert!(items.iter().all(|item| item.map[0] < 0.98 || item.map[1] < 0.98));
    let around: Vec<_> = nothing.windows(2).flat_map(|side| line(side[0], side[1])).collect();
    drag(&page, &around, SHIFT);
    wait_until(&page, "!document.getElementById('note').hidden");
    assert!(page.text("note").unwrap().contains("no photo"), "{}", page.text("note").unwrap());
    assert_eq!(hash(&page).split_once("&lasso=").unwrap().1, words);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_finger_selects_with_the_button() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", PHONE);
    with_fingers(&page);
    come_to_the_map(&page);
    click(&page, "map-lasso");
    assert_eq!(page.attribute("map-lasso", "aria-pressed").unwrap(), "true");
    come_to_the_map(&page);
    let top = script(&page, "return scrollY");
    let corners = [[-0.8, 0.6], [-0.8, -0.6], [0.1, -0.6], [0.1, 0.6]].map(|place| on_screen(&page, place));
    let around: Vec<_> = corners.windows(2).flat_map(|side| line(side[0], side[1])).collect();
    fingers(&page, &[around]);
    wait_until(&page, "location.hash.includes('lasso=')");
    assert_eq!(script(&page, "return scrollY"), top, "the page stays");
    assert_eq!(chips(&page, "map-filter"), ["Your selection"]);
    assert_eq!(page.attribute("map-lasso", "aria-pressed").unwrap(), "false", "one selection a time");
    page.browser.screenshot("phone-lasso").unwrap();
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn filters_fit_at_any_width() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    for (page, size, _) in
        at_every_size(["dark", "light", "dark"], |size| open(&server, "#cluster=1&group=noise&folder=birds", size))
    {
        after(&page, "document.querySelector('[data-sample]').click()");
        assert_eq!(chips(&page, "results-filter"), ["Cluster 1", "Noise", "Folder birds"]);
        assert_fits(&page, size, "three chips");
        page.browser.screenshot(&format!("filter-{}", size.0)).unwrap();
    }
}
