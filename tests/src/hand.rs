//! A hand on the page: a mouse or a finger that takes hold of something and drags it. Everything here asserts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

use std::{thread, time::Duration};

use serde_json::{Value, json};

use crate::{
    driver::wait,
    page::Page,
    steps::{PATIENCE, script},
};

/// What touches the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// A mouse with one button.
    Mouse,
    /// A finger.
    Finger,
}

/// A drag is seen as this many movements.
const MOVEMENTS: i32 = 8;

/// Makes the page believe in fingers.
pub fn with_fingers(page: &Page) {
    page.browser.devtools("Emulation.setTouchEmulationEnabled", json!({"enabled": true, "maxTouchPoints": 5})).unwrap();
    page.browser.devtools("Emulation.setEmitTouchEventsForMouse", json!({"enabled": false})).unwrap();
}

/// The middle of an element, brought into the window.
pub fn middle(page: &Page, selector: &str) -> [f64; 2] {
    let body = "const e = document.querySelector(arguments[0]);
        e.scrollIntoView({block: 'center', behavior: 'instant'});
        const box = e.getBoundingClientRect();
        return [box.left + box.width / 2, box.top + box.height / 2]";
    let place = || page.browser.script(body, json!([selector])).unwrap();
    // A page that still scrolls softly would move it away from under the hand.
    let still = wait(PATIENCE, || {
        let before = place();
        thread::sleep(Duration::from_millis(150));
        Ok(Some(place()).filter(|now| *now == before))
    });
    serde_json::from_value(still.unwrap()).unwrap()
}

impl Hand {
    /// Takes hold of a place and drags it; the page must stay where it is. `before_release` sees the page while the hand still holds.
    pub fn drag(self, page: &Page, from: [f64; 2], by: [f64; 2], before_release: impl FnOnce()) {
        let place = place_of_photo(page);
        self.event(page, "down", from);
        for step in 1..=MOVEMENTS {
            let part = f64::from(step) / f64::from(MOVEMENTS);
            self.event(page, "move", [from[0] + by[0] * part, from[1] + by[1] * part]);
            thread::sleep(Duration::from_millis(60));
        }
        before_release();
        self.event(page, "up", [from[0] + by[0], from[1] + by[1]]);
        assert_eq!(place_of_photo(page), place, "the hand drags the page as well");
    }

    fn event(self, page: &Page, what: &str, [x, y]: [f64; 2]) {
        let (command, event): (_, Value) = match (self, what) {
            (Self::Mouse, "down") => ("Input.dispatchMouseEvent", json!({"type": "mousePressed", "clickCount": 1})),
            (Self::Mouse, "move") => ("Input.dispatchMouseEvent", json!({"type": "mouseMoved", "buttons": 1})),
            (Self::Mouse, _) => ("Input.dispatchMouseEvent", json!({"type": "mouseReleased", "clickCount": 1})),
            (Self::Finger, "down") => ("Input.dispatchTouchEvent", json!({"type": "touchStart"})),
            (Self::Finger, "move") => ("Input.dispatchTouchEvent", json!({"type": "touchMove"})),
            (Self::Finger, _) => ("Input.dispatchTouchEvent", json!({"type": "touchEnd"})),
        };
        let mut event = event;
        if self == Self::Mouse {
            let button = json!({"x": x, "y": y, "button": "left"});
            event.as_object_mut().unwrap().extend(button.as_object().unwrap().clone());
        } else {
            event["touchPoints"] = if what == "up" { json!([]) } else { json!([{"x": x, "y": y}]) };
        }
        page.browser.devtools(command, event).unwrap();
    }
}

/// How far down the window the photo is: for what changes above it the browser makes up by scrolling.
fn place_of_photo(page: &Page) -> i64 {
    script(page, "return Math.round(document.getElementById('your-frame').getBoundingClientRect().top)")
        .as_i64()
        .unwrap()
}
