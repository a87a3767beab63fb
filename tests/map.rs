//! The map: moving about it by mouse, fingers and keys, photos from near, and what choosing one does.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use lookalike::{gallery::Item, map::view::View};
use lookalike_tests::{
    driver::{
        keys::{ENTER, RIGHT},
        wait,
    },
    journey::{assert_near, engine, path_of},
    map_side::{
        click_at, come_to_the_map, drag, fingers, hover, line, lonely, mouse, on_screen, sheet, view, wheel,
        with_fingers,
    },
    page::{LAPTOP, PHONE, Page},
    server::Server,
    skipped,
    steps::{assert_fits, at_every_size, click, focused, open, script, wait_until},
};
use serde_json::json;

/// Ctrl, as DevTools counts modifiers.
const CTRL: u32 = 2;

/// The path of the photo under the pointer; empty if there is none.
fn pointed_at(page: &Page) -> String {
    script(page, "return document.querySelector('#map-tooltip:not([hidden]) figcaption')?.title ?? ''")
        .as_str()
        .unwrap()
        .to_owned()
}

fn scrolled(page: &Page) -> f64 {
    script(page, "return scrollY").as_f64().unwrap()
}

fn near(a: [f32; 2], b: [f32; 2], by: f32) -> bool {
    (a[0] - b[0]).abs() < by && (a[1] - b[1]).abs() < by
}

#[test]
fn the_mouse_moves_the_map() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", LAPTOP);
    come_to_the_map(&page);
    let photo = lonely(&engine);
    let place = engine.gallery().items[photo as usize].map;
    // The wheel belongs to the page until the map has been clicked.
    let before = scrolled(&page);
    let middle = on_screen(&page, [0.0, 0.0]);
    hover(&page, middle);
    wheel(&page, middle, -120, 0);
    wait_until(&page, &format!("scrollY < {before}"));
    assert_eq!(view(&page), View::WHOLE);
    come_to_the_map(&page);
    wheel(&page, on_screen(&page, place), -120, CTRL);
    wait_until(&page, "map.dataset.view");
    assert!(view(&page).zoom > 1.2);
    assert_eq!(script(&page, "return visualViewport.scale"), 1, "the page itself is not zoomed");
    // What is under the pointer stays under it, as near as it gets.
    script(&page, "map.focus()");
    let there = on_screen(&page, place);
    let top = scrolled(&page);
    for _ in 0..8 {
        wheel(&page, there, -240, 0);
    }
    wait_until(&page, "Number(map.dataset.view.split(',')[2]) > 120000");
    assert!((scrolled(&page) - top).abs() < 1.0, "the page does not scroll under the map");
    // Browsers tell whole pixels, and one was a twentieth of what it is now.
    assert!(near(on_screen(&page, place), there, 14.0), "{:?} {there:?}", on_screen(&page, place));
    let there = on_screen(&page, place);
    // The photos themselves have come.
    wait_until(&page, "Number(map.dataset.photos) > 0");
    hover(&page, [there[0] + 20.0, there[1] + 10.0]);
    assert_eq!(pointed_at(&page), path_of(&engine, photo), "a photo is as large as its picture");
    page.browser.screenshot("laptop-map-near").unwrap();
    // The map follows the hand.
    let to = [there[0] - 120.0, there[1] + 60.0];
    drag(&page, &line(there, to), 0);
    assert!(near(on_screen(&page, place), to, 3.0), "{:?} {to:?}", on_screen(&page, place));
    assert_eq!(page.answered().unwrap(), 0, "a drag is no click");
    // A click on it asks for its neighbours.
    click_at(&page, to);
    let shown = page.wait_for_answer(0).unwrap();
    assert_near(&page, &shown, &engine, &path_of(&engine, photo));
    // The query's mark is where its photo is, and the whole map comes back.
    come_to_the_map(&page);
    page.browser.screenshot("laptop-map-query").unwrap();
    click(&page, "map-whole");
    assert_eq!(view(&page), View::WHOLE);
    wait_until(&page, "map.dataset.photos === '0'");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn fingers_move_the_map_and_the_page() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", PHONE);
    with_fingers(&page);
    come_to_the_map(&page);
    // One finger scrolls the page.
    let middle = on_screen(&page, [0.0, 0.0]);
    let before = scrolled(&page);
    fingers(&page, &[line(middle, [middle[0], middle[1] - 200.0])]);
    wait_until(&page, &format!("scrollY > {before} + 50"));
    // The page rests before the next finger comes.
    wait_until(&page, "[window.last, window.last = scrollY][0] === scrollY");
    assert_eq!(view(&page), View::WHOLE);
    // Two are for the map: they part, and what was between them stays between them.
    come_to_the_map(&page);
    let photo = lonely(&engine);
    let place = engine.gallery().items[photo as usize].map;
    let at = on_screen(&page, place);
    let top = scrolled(&page);
    let apart = |x: f32| [at[0] + x, at[1]];
    fingers(&page, &[line(apart(-15.0), apart(-60.0)), line(apart(15.0), apart(60.0))]);
    wait_until(&page, "map.dataset.view");
    let zoom = view(&page).zoom;
    assert!((3.0..5.0).contains(&zoom), "{zoom}: the fingers are four times as far from each other");
    assert!(near(on_screen(&page, place), at, 12.0), "{:?} {at:?}", on_screen(&page, place));
    assert!((scrolled(&page) - top).abs() < 1.0);
    assert_eq!(script(&page, "return visualViewport.scale"), 1);
    // A tap shows the photo, and makes one finger move the map.
    let at = on_screen(&page, place);
    fingers(&page, &[vec![at]]);
    wait_until(&page, "!document.getElementById('map-tooltip').hidden");
    assert_eq!(pointed_at(&page), path_of(&engine, photo));
    assert_eq!(page.answered().unwrap(), 0, "the first tap only shows it");
    let (at, top) = (on_screen(&page, place), scrolled(&page));
    let to = [at[0] - 30.0, at[1] - 80.0];
    wait_until(&page, "document.activeElement === map");
    fingers(&page, &[line(at, to)]);
    wait_until(&page, "document.getElementById('map-tooltip').hidden");
    assert!((scrolled(&page) - top).abs() < 1.0, "the page stays");
    assert!(near(on_screen(&page, place), to, 8.0), "{:?} {to:?}", on_screen(&page, place));
    // The second tap asks for its neighbours.
    let at = on_screen(&page, place);
    fingers(&page, &[vec![at]]);
    wait_until(&page, "!document.getElementById('map-tooltip').hidden");
    page.browser.screenshot("phone-map-near").unwrap();
    fingers(&page, &[vec![at]]);
    let shown = page.wait_for_answer(0).unwrap();
    assert_near(&page, &shown, &engine, &path_of(&engine, photo));
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

/// From far, where there are dots alone: the engine's tree finds what a scan finds.
#[test]
fn the_photo_nearest_to_the_pointer_is_shown_and_none_if_none_is_near() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", LAPTOP);
    come_to_the_map(&page);
    let items = &engine.gallery().items;
    let (sheet, middle) = (sheet(&page), on_screen(&page, [0.0; 2]));
    let corner = [0, 1].map(|axis| middle[axis] - sheet.to_canvas([0.0; 2])[axis]);
    let place = |map: [f32; 2]| [0, 1].map(|axis| corner[axis] + sheet.to_canvas(map)[axis]);
    let away = |at: [f32; 2], item: &Item| (place(item.map)[0] - at[0]).hypot(place(item.map)[1] - at[1]);
    let photo = lonely(&engine);
    let alone = place(items[photo as usize].map);
    hover(&page, [alone[0] + 9.0, alone[1] + 5.0]);
    wait_until(&page, "!document.getElementById('map-tooltip').hidden");
    assert_eq!(pointed_at(&page), path_of(&engine, photo));
    // Farther than a dot's reach from every photo.
    let corner = place([-0.999, 0.999]);
    let free = (0..40).flat_map(|x| (0..40).map(move |y| [corner[0] + x as f32, corner[1] + y as f32]));
    let free = free.into_iter().find(|at| items.iter().all(|item| away(*at, item) > 16.0)).unwrap();
    hover(&page, free);
    wait_until(&page, "document.getElementById('map-tooltip').hidden");
    // Among many, the nearest.
    for item in items.iter().step_by(97) {
        let [x, y] = place(item.map);
        let at = [x.round() + 2.0, y.round() - 1.0];
        let mut near: Vec<_> = items.iter().map(|item| (away(at, item), &item.path)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Browsers tell whole pixels: what is nearer by less may be either.
        let least = near[0].0 + 1.0;
        let either: Vec<_> = near.iter().take_while(|near| near.0 < least).map(|near| near.1.as_str()).collect();
        hover(&page, at);
        let shown = || Ok(either.contains(&pointed_at(&page).as_str()).then_some(()));
        wait(Duration::from_secs(10), shown)
            .unwrap_or_else(|_| panic!("{} is shown, not {either:?}", pointed_at(&page)));
    }
    mouse(&page, "mouseMoved", [2.0, 2.0], json!({}));
    wait_until(&page, "document.getElementById('map-tooltip').hidden");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn keys_move_about_the_map() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", LAPTOP);
    come_to_the_map(&page);
    script(&page, "map.focus()");
    for (key, zoomed) in [("+", true), ("+", true), ("-", true), ("-", false), ("=", true), ("0", false)] {
        page.browser.press(key).unwrap();
        assert_eq!(view(&page) != View::WHOLE, zoomed, "{key}");
    }
    // From near, the arrows bring the photo they have come to into the view.
    for _ in 0..6 {
        page.browser.press("+").unwrap();
    }
    let before = view(&page);
    let inside =
        "const box = map.getBoundingClientRect(), ring = document.getElementById('map-ring').getBoundingClientRect();
        return ring.left > box.left && ring.right < box.right && ring.top > box.top && ring.bottom < box.bottom";
    for _ in 0..12 {
        page.browser.press(RIGHT).unwrap();
        assert_eq!(script(&page, inside), true, "{}", pointed_at(&page));
    }
    assert_ne!(view(&page), before);
    let path = pointed_at(&page);
    page.browser.press(ENTER).unwrap();
    assert_near(&page, &page.wait_for_answer(0).unwrap(), &engine, &path);
    assert_eq!(script(&page, "return document.activeElement.getAttribute('aria-current')"), "page");
    // The buttons do what the keys do.
    come_to_the_map(&page);
    click(&page, "map-whole");
    click(&page, "map-nearer");
    assert!(view(&page).zoom > 1.4);
    click(&page, "map-farther");
    assert_eq!(view(&page), View::WHOLE);
    assert_eq!(focused(&page), "");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn the_map_fits_at_any_width() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    for (page, size, _) in at_every_size(["dark", "light", "dark"], |size| open(&server, "", size)) {
        come_to_the_map(&page);
        for _ in 0..4 {
            click(&page, "map-nearer");
        }
        // Photos on the map are bounded, on the way and on the canvas.
        let asked = "performance.getEntriesByType('resource').filter(entry => entry.name.includes('/thumbs/')).length";
        wait_until(&page, &format!("{asked} > 5"));
        mouse(&page, "mouseMoved", [1.0, 1.0], json!({}));
        assert_fits(&page, size, "the map");
        page.browser.screenshot(&format!("map-{}", size.0)).unwrap();
    }
}
