//! The map of a large collection: discs for cells that are not there, fetched by coming nearer, down to the photos.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::BTreeSet, fs, time::Duration};

use lookalike::{
    gallery::{Area, ENTRY, Entry, FOLDER, Gallery, Item, Stored, container::Kind},
    map::{
        discs::{MOST, radius, shown},
        view::View,
    },
};
use lookalike_tests::{
    driver::keys::{ENTER, RIGHT},
    line::{Line, Pace},
    map_side::{click_at, come_to_the_map, fingers, hover, on_screen, pointed_at, sheet, view, wheel, with_fingers},
    page::{LAPTOP, PHONE, Page},
    server::Server,
    skipped,
    steps::{assert_fits, click, open, script, wait_until},
    synthetic::{Division, multiply},
};
use serde_json::json;

/// Ctrl, as DevTools counts modifiers.
const CTRL: u32 = 2;

/// How far a channel of a pixel may be from what is computed here: the blending is in whole numbers.
const CHANNEL: f32 = 4.0;

/// A hundred cells and more, all of the demo's photos between two others.
struct Site {
    folder: tempfile::TempDir,
    entry: Entry,
    gallery: Gallery,
}

impl Site {
    fn new(photos: usize, most: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        multiply(folder.path(), photos, Division::ByQuestion(most));
        let files = lookalike_training::site::files(folder.path()).unwrap();
        let entry = Entry::from_file(&files.entry, ENTRY).unwrap();
        Self { folder, entry, gallery: Gallery::parse(&files).unwrap() }
    }

    fn name(&self, cell: u32) -> String {
        self.entry.cells[cell as usize].file.name(Kind::Cell)
    }

    /// The cells that a host has been asked for.
    fn asked(&self, server: &Server) -> BTreeSet<u32> {
        let requests = server.requests();
        let is_asked = |cell: &u32| requests.iter().any(|path| path.contains(&self.name(*cell)));
        (0..self.entry.cells.len() as u32).filter(is_asked).collect()
    }

    /// The cells that the map on the page shows; none if they are many.
    fn shown(&self, page: &Page) -> BTreeSet<u32> {
        shown(&self.entry.areas, &sheet(page)).into_iter().flatten().collect()
    }

    fn photos(&self, cells: &BTreeSet<u32>) -> u32 {
        cells.iter().map(|&cell| self.entry.cells[cell as usize].photos).sum()
    }

    /// The cell that is farthest from all others on the map: it can be pointed at without doubt.
    fn lonely(&self) -> u32 {
        let places: Vec<_> = self.entry.areas.iter().map(|area| area.middle).collect();
        lonely(&places) as u32
    }

    /// Waits until the page has all photos of these cells, and no others.
    fn wait_for(&self, page: &Page, cells: &BTreeSet<u32>) {
        let words = format!("These are {} of {} photos", self.photos(cells), self.entry.photos);
        wait_until(page, &format!("document.getElementById('map-loaded').innerText.startsWith('{words}')"));
    }
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The place that is farthest from all others.
fn lonely(places: &[[f32; 2]]) -> usize {
    let alone = |at: usize| {
        let others = places.iter().enumerate().filter(|(other, _)| *other != at);
        others.map(|(_, place)| distance(*place, places[at])).fold(f32::INFINITY, f32::min)
    };
    (0..places.len()).max_by(|a, b| alone(*a).total_cmp(&alone(*b))).unwrap()
}

/// Red, green and blue of the canvas at places of it, in CSS pixels; the browser has painted before.
fn pixels(page: &Page, places: &[[f32; 2]]) -> Vec<[f32; 3]> {
    let body = "const ratio = map.width / map.clientWidth, copy = new OffscreenCanvas(map.width, map.height);
        const context = copy.getContext('2d', {willReadFrequently: true});
        context.drawImage(map, 0, 0);
        return arguments[0].map(([x, y]) =>
            [...context.getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data].slice(0, 3))";
    serde_json::from_value(page.browser.script(body, json!([places])).unwrap()).unwrap()
}

/// A colour of the style sheet.
fn colour(page: &Page, name: &str) -> [f32; 3] {
    let body = "return getComputedStyle(map).getPropertyValue(arguments[0]).trim()";
    let css = page.browser.script(body, json!([name])).unwrap();
    let number = u32::from_str_radix(css.as_str().unwrap().trim_start_matches('#'), 16).unwrap();
    let [_, rgb @ ..] = number.to_be_bytes();
    rgb.map(f32::from)
}

fn is_colour(a: [f32; 3], b: [f32; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= CHANNEL)
}

fn not_loaded(site: &Site, cell: u32) -> String {
    format!("{} photos, not loaded yet", site.entry.cells[cell as usize].photos)
}

#[test]
fn discs_lie_where_cells_are_and_their_photos_take_their_place() {
    if skipped() {
        return;
    }
    let site = Site::new(12_000, 140);
    let areas = &site.entry.areas;
    for size in [LAPTOP, PHONE] {
        let server = Server::start(site.folder.path(), "", None).unwrap();
        let page = open(&server, "", size);
        if size == PHONE {
            with_fingers(&page);
        }
        come_to_the_map(&page);
        // Every disc is there; where there is none, there is nothing.
        let whole = sheet(&page);
        let paper = colour(&page, "--raised");
        let discs: Vec<_> = areas.iter().map(|area| whole.to_canvas(area.middle)).collect();
        assert!(pixels(&page, &discs).iter().all(|pixel| !is_colour(*pixel, paper)));
        let grid = (0..400).map(|at| [(at % 20) as f32 / 10.0 - 0.95, (at / 20) as f32 / 10.0 - 0.95]);
        let is_free = |at: &[f32; 2]| {
            let radius = |area: &Area| radius(area, areas.len(), &whole) + 1.0;
            areas.iter().zip(&discs).all(|(area, disc)| distance(*disc, *at) > radius(area))
        };
        let free: Vec<_> = grid.map(|place| whole.to_canvas(place)).filter(is_free).collect();
        assert!(free.len() > 20 && pixels(&page, &free).iter().all(|pixel| is_colour(*pixel, paper)));
        // In its cluster's colour, as long as the map is coloured by clusters.
        let cell = site.lonely();
        let (area, disc) = (areas[cell as usize], discs[cell as usize]);
        let mixed = |name: &str, share: f32| {
            let over = colour(&page, name);
            [0, 1, 2].map(|channel| paper[channel] + share * (over[channel] - paper[channel]))
        };
        let is = |name: &str, share| is_colour(pixels(&page, &[disc])[0], mixed(name, share));
        let of_cluster = format!("--c{}", area.cluster % 12);
        assert!(is(&of_cluster, 0.6), "{:?}", pixels(&page, &[disc]));
        click(&page, "by-group");
        wait_until(&page, "document.querySelector('[data-testid=by-group]').ariaPressed === 'true'");
        come_to_the_map(&page);
        assert!(is("--soft", 0.6), "nobody knows its density group: {:?}", pixels(&page, &[disc]));
        click(&page, "by-cluster");
        // A filter leaves a shadow of what does not pass, and of what nobody knows.
        let other = (u32::from(area.cluster) + 1) % site.entry.clusters.len() as u32 + 1;
        page.browser.click(&format!("[data-testid=group][data-value='{other}']")).unwrap();
        wait_until(&page, "document.querySelector('[data-testid=map-filter] [data-part=cluster]')");
        come_to_the_map(&page);
        assert!(is(&of_cluster, 0.1), "{:?}", pixels(&page, &[disc]));
        page.browser.click("[data-testid=map-filter] [data-part=cluster]").unwrap();
        wait_until(&page, "!document.querySelector('[data-testid=map-filter] [data-part=cluster]')");
        come_to_the_map(&page);
        assert_fits(&page, size, "discs");
        page.browser.screenshot(&format!("map-discs-{}", size.0)).unwrap();
        assert_eq!(site.asked(&server), BTreeSet::new(), "the whole map fetches nothing");

        // A disc says how many photos it stands for; chosen it comes nearer, and what is seen then is fetched.
        let at = on_screen(&page, area.middle);
        if size == PHONE {
            fingers(&page, &[vec![at]]);
        } else {
            hover(&page, at);
        }
        wait_until(&page, "!document.getElementById('map-tooltip').hidden");
        assert!(pointed_at(&page).starts_with(&not_loaded(&site, cell)), "{}", pointed_at(&page));
        if size == PHONE {
            fingers(&page, &[vec![at]]);
        } else {
            click_at(&page, at);
        }
        wait_until(&page, "map.dataset.view");
        let seen = site.shown(&page);
        assert!(seen.contains(&cell) && seen.len() <= MOST, "{seen:?}");
        site.wait_for(&page, &seen);
        assert_eq!(site.asked(&server), seen);
        let files = server.requests().iter().filter(|path| path.contains("cell-")).count();
        assert_eq!(files, seen.len(), "a cell was fetched twice");
        assert_eq!(page.answered().unwrap(), 0, "a disc is no photo to ask about");
        page.browser.screenshot(&format!("map-discs-loaded-{}", size.0)).unwrap();

        // Its photos are in its place: the loneliest of those in sight can be pointed at.
        let near = sheet(&page);
        let is_seen = |(id, item): &(u32, &Item)| {
            site.gallery.items.cell_of(*id) == Some(cell) && near.sees(near.to_canvas(item.map), -40.0)
        };
        let items: Vec<(u32, &Item)> = site.gallery.items.numbered().filter(is_seen).collect();
        let item = items[lonely(&items.iter().map(|(_, item)| item.map).collect::<Vec<_>>())].1;
        for _ in 0..12 {
            wheel(&page, on_screen(&page, item.map), -240, CTRL);
        }
        wait_until(&page, "Number(map.dataset.photos) > 0");
        let at = on_screen(&page, item.map);
        if size == PHONE {
            fingers(&page, &[vec![at]]);
        } else {
            hover(&page, at);
        }
        wait_until(&page, "!document.getElementById('map-tooltip').hidden");
        assert_eq!(pointed_at(&page), item.path);
        assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
    }
}

#[test]
fn keys_come_nearer_until_cells_are_fetched() {
    if skipped() {
        return;
    }
    let site = Site::new(12_000, 140);
    let server = Server::start(site.folder.path(), "", None).unwrap();
    let page = open(&server, "", LAPTOP);
    come_to_the_map(&page);
    script(&page, "map.focus()");
    // The arrows go from disc to disc, and Enter chooses one.
    page.browser.press(RIGHT).unwrap();
    let one = pointed_at(&page);
    page.browser.press(RIGHT).unwrap();
    let ring = "document.getElementById('map-ring').getBoundingClientRect()";
    assert!(one.contains("not loaded yet") && pointed_at(&page).contains("not loaded yet"), "{one}");
    assert_eq!(script(&page, &format!("return {ring}.width > 0")), true);
    assert_eq!(site.asked(&server), BTreeSet::new());
    page.browser.press(ENTER).unwrap();
    wait_until(&page, "map.dataset.view");
    let seen = site.shown(&page);
    site.wait_for(&page, &seen);
    assert_eq!(site.asked(&server), seen);
    // From near, + alone does it.
    page.browser.press("0").unwrap();
    drop(page);
    let elsewhere = Server::start(site.folder.path(), "", None).unwrap();
    let page = open(&elsewhere, "", LAPTOP);
    come_to_the_map(&page);
    script(&page, "map.focus()");
    while site.shown(&page).is_empty() {
        page.browser.press("+").unwrap();
    }
    let seen = site.shown(&page);
    site.wait_for(&page, &seen);
    assert_eq!(site.asked(&elsewhere), seen);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_view_in_an_address_is_fetched_and_a_newer_view_ends_it() {
    if skipped() {
        return;
    }
    let site = Site::new(12_000, 60);
    // Two seconds and more for what a view wants.
    let line = Line::new(Some(Pace { bytes_per_second: 1e9, latency: Duration::from_millis(700) }));
    let server = Server::over(site.folder.path(), &line).unwrap();
    let page = open(&server, "", LAPTOP);
    come_to_the_map(&page);
    let [width, height] = sheet(&page).size;
    let cells = |zoom: u8| {
        let view = View { zoom: f32::from(zoom), ..View::WHOLE };
        Some((view.name().unwrap(), shown(&site.entry.areas, &view.on(width, height))?))
    };
    let (address, _) = (2..40).find_map(cells).unwrap();
    script(&page, &format!("location.hash = '#view={address}'"));
    wait_until(&page, "map.dataset.view");
    let older = site.shown(&page);
    assert!(older.len() > 18, "{older:?}");
    wait_until(&page, "performance.getEntriesByType('resource').some(entry => entry.name.includes('cell-'))");
    click(&page, "map-whole");
    wait_until(&page, "!location.hash.includes('view')");
    std::thread::sleep(Duration::from_secs(2));
    let asked = site.asked(&server);
    assert!(
        asked.is_subset(&older) && asked.len() <= 18,
        "{} of {} for a view that nobody has",
        asked.len(),
        older.len()
    );
    // What a newer view shows comes all the same.
    script(&page, "map.focus()");
    while site.shown(&page).is_empty() {
        page.browser.press("+").unwrap();
    }
    let newer = site.shown(&page);
    wait_until(&page, &format!("document.getElementById('reach').dataset.compared >= {}", site.photos(&newer)));
    assert!(site.asked(&server).is_superset(&newer) && view(&page).zoom > 1.0);
}

#[test]
fn a_cell_of_the_map_that_is_missing_is_told_and_the_others_come() {
    if skipped() {
        return;
    }
    let site = Site::new(12_000, 140);
    let cell = site.lonely();
    fs::remove_file(site.folder.path().join(FOLDER).join(site.name(cell))).unwrap();
    let server = Server::start(site.folder.path(), "", None).unwrap();
    let page = open(&server, "", LAPTOP);
    come_to_the_map(&page);
    let place = site.entry.areas[cell as usize].middle;
    click_at(&page, on_screen(&page, place));
    wait_until(&page, "document.getElementById('reach').dataset.reach === 'partial'");
    let mut seen = site.shown(&page);
    assert!(seen.remove(&cell));
    site.wait_for(&page, &seen);
    let told = page.text("reach-lost").unwrap();
    assert!(told.contains(&site.name(cell)) && told.contains("is missing"), "{told}");
    // Its disc stays; from near there is a place on it without a photo.
    for _ in 0..8 {
        wheel(&page, on_screen(&page, place), -240, CTRL);
    }
    wait_until(&page, "document.getElementById('reach').dataset.reach === 'partial'");
    let disc = on_screen(&page, place);
    let others: Vec<_> = (0..).zip(&site.entry.areas).filter(|(other, _)| *other != cell).collect();
    let others: Vec<_> = others.iter().map(|(_, area)| on_screen(&page, area.middle)).collect();
    let loaded = site.gallery.items.numbered().filter(|(id, _)| site.gallery.items.cell_of(*id) != Some(cell));
    let near = sheet(&page);
    let loaded: Vec<_> = loaded.map(|(_, item)| near.to_canvas(item.map)).collect();
    let corner = near.to_canvas(place);
    let around = (0..24).flat_map(|ring| (0..16).map(move |step| (2.0 * ring as f32, step as f32 * 0.39)));
    let around = around.map(|(far, turn)| [far * turn.cos(), far * turn.sin()]);
    let is_free = |by: &[f32; 2]| {
        let at = [corner[0] + by[0], corner[1] + by[1]];
        let nearer = |other: &[f32; 2]| distance([disc[0] + by[0], disc[1] + by[1]], *other) > 48.0;
        loaded.iter().all(|photo| distance(*photo, at) > 60.0) && others.iter().all(nearer)
    };
    let by = { around }.find(is_free).unwrap();
    hover(&page, [disc[0] + by[0], disc[1] + by[1]]);
    wait_until(&page, "!document.getElementById('map-tooltip').hidden");
    assert!(pointed_at(&page).starts_with(&not_loaded(&site, cell)), "{}", pointed_at(&page));
    assert_eq!(page.text("error").unwrap(), "");
}
