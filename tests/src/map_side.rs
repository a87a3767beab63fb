//! The map as a person uses it: mouse, fingers, and what lies where. Everything here asserts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

use lookalike::{
    engine::Engine,
    map::view::{Sheet, View},
};
use serde_json::{Value, json};

use crate::{
    page::Page,
    steps::{script, wait_until},
};

/// A place of the window, in CSS pixels.
pub type Place = [f32; 2];

/// Scrolls the map to the middle of the window.
pub fn come_to_the_map(page: &Page) {
    // The page may still be scrolling softly, to an answer or after a finger.
    let rests = "[window.last, window.last = scrollY][0] === scrollY";
    wait_until(page, rests);
    script(page, "map.scrollIntoView({block: 'center', behavior: 'instant'})");
    wait_until(page, rests);
    wait_until(page, "map.hasAttribute('data-painted')");
}

/// What the map shows.
pub fn view(page: &Page) -> View {
    let name = page.attribute("map", "data-view").unwrap();
    if name.is_empty() { View::WHOLE } else { View::parse(&name).unwrap_or_else(|| panic!("{name} is no view")) }
}

/// Where a place of the map lies in the window.
pub fn on_screen(page: &Page, place: [f32; 2]) -> Place {
    let corner = "const box = map.getBoundingClientRect(); return [box.left + map.clientLeft, box.top + map.clientTop]";
    let [left, top]: [f32; 2] = serde_json::from_value(script(page, corner)).unwrap();
    let [x, y] = sheet(page).to_canvas(place);
    [left + x, top + y]
}

/// Where places of the map lie on the canvas.
pub fn sheet(page: &Page) -> Sheet {
    let size = script(page, "return [map.clientWidth, map.clientHeight]");
    let [width, height]: [f32; 2] = serde_json::from_value(size).unwrap();
    view(page).on(width, height)
}

/// What stands beside the dot or the disc under the pointer; empty if there is none.
pub fn pointed_at(page: &Page) -> String {
    let words = "return document.querySelector('#map-tooltip:not([hidden]) figcaption')?.innerText ?? ''";
    script(page, words).as_str().unwrap().to_owned()
}

/// The photo of the collection that is farthest from all others on the map: it can be pointed at without doubt.
pub fn lonely(engine: &Engine) -> u32 {
    let items = &engine.gallery().items;
    let distance = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let alone = |id: usize| {
        let others = items.iter().enumerate().filter(|(other, _)| *other != id);
        others.map(|(_, item)| distance(item.map, items[id].map)).fold(f32::INFINITY, f32::min)
    };
    (0..items.len()).max_by(|a, b| alone(*a).total_cmp(&alone(*b))).unwrap() as u32
}

/// What the mouse does.
pub fn mouse(page: &Page, kind: &str, [x, y]: Place, more: Value) {
    let mut event = json!({"type": kind, "x": x, "y": y, "pointerType": "mouse"});
    for (key, value) in more.as_object().into_iter().flatten() {
        event[key] = value.clone();
    }
    page.browser.devtools("Input.dispatchMouseEvent", event).unwrap();
}

/// Moves the mouse over a place, with no button down.
pub fn hover(page: &Page, place: Place) {
    mouse(page, "mouseMoved", place, json!({}));
}

/// Clicks.
pub fn click_at(page: &Page, place: Place) {
    hover(page, place);
    drag(page, &[place], 0);
}

/// Presses the left button, goes along a line, lets go. `modifiers`: as DevTools counts them; Shift is 8.
pub fn drag(page: &Page, line: &[Place], modifiers: u32) {
    let down = json!({"button": "left", "buttons": 1, "clickCount": 1, "modifiers": modifiers});
    mouse(page, "mousePressed", line[0], down.clone());
    for place in &line[1..] {
        mouse(page, "mouseMoved", *place, down.clone());
    }
    mouse(
        page,
        "mouseReleased",
        line[line.len() - 1],
        json!({"button": "left", "clickCount": 1, "modifiers": modifiers}),
    );
}

/// Turns the wheel towards the map's middle, or away.
pub fn wheel(page: &Page, place: Place, by: i32, modifiers: u32) {
    mouse(page, "mouseWheel", place, json!({"deltaX": 0, "deltaY": by, "modifiers": modifiers}));
}

/// Makes the page one of a device with a touch screen.
pub fn with_fingers(page: &Page) {
    page.browser.devtools("Emulation.setTouchEmulationEnabled", json!({"enabled": true, "maxTouchPoints": 5})).unwrap();
}

/// Puts fingers down, moves them along lines of equal length, lifts them.
pub fn fingers(page: &Page, lines: &[Vec<Place>]) {
    let points = |at: usize| -> Vec<Value> {
        lines.iter().enumerate().map(|(id, line)| json!({"id": id, "x": line[at][0], "y": line[at][1]})).collect()
    };
    let touch = |kind: &str, points: Vec<Value>| {
        page.browser.devtools("Input.dispatchTouchEvent", json!({"type": kind, "touchPoints": points})).unwrap();
    };
    touch("touchStart", points(0));
    for at in 1..lines[0].len() {
        touch("touchMove", points(at));
    }
    touch("touchEnd", Vec::new());
}

/// Steps from one place to another.
pub fn line(from: Place, to: Place) -> Vec<Place> {
    let at = |step: u8| {
        let part = f32::from(step) / 8.0;
        [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part]
    };
    (0..=8).map(at).collect()
}
