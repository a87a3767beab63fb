//! Moves about the map: drag, pinch, wheel, buttons and keys.

use std::rc::Rc;

use web_sys::{Element, Event, HtmlElement, PointerEvent, WheelEvent};

use super::{Map, hit::Then};
use crate::{
    map::view::View,
    web::page::{dom, failure::Outcome},
};

/// How much nearer a key or a button brings.
pub(super) const STEP: f32 = 1.5;

pub(super) fn listen(map: &Rc<Map>) -> Outcome {
    let pointer = "pointerdown,pointermove,pointerup,pointercancel,pointerleave";
    dom::hear(map, &map.canvas, pointer, |map, event: PointerEvent| drop(map.pointer(&event)))?;
    dom::hear(map, &map.canvas, "wheel", |zoomed, event: WheelEvent| drop(zoomed.wheel(&event)))?;
    // One finger scrolls the page, unless it is for the map: two are always for the map.
    dom::listen(&map.canvas, "touchstart", |event: Event| {
        let touches = dom::property(&dom::property(&event, "touches"), "length");
        if touches.as_f64().is_some_and(|touches| touches > 1.0) {
            event.prevent_default();
        }
    })?;
    dom::hear(map, &*dom::by_id::<HtmlElement>("map-tools")?, "click", |pressed, event: Event| {
        let button = dom::target::<Element>(&event);
        if let Some(key) = button.and_then(|button| button.get_attribute("data-key")) {
            pressed.act(&key);
        }
    })
}

impl Map {
    /// What a key does, or the button that stands for it. Whether it does anything.
    pub(super) fn act(self: &Rc<Self>, key: &str) -> bool {
        let view = self.view.get();
        self.set_view(match key {
            "+" | "=" => view.zoomed(STEP, view.centre, self.nearest()),
            "-" => view.zoomed(1.0 / STEP, view.centre, self.nearest()),
            "0" => View::WHOLE,
            "lasso" => return self.toggle_lasso(!self.selects()).is_ok(),
            _ => return false,
        });
        true
    }

    /// From how near there is still something to see.
    pub(super) fn nearest(&self) -> f32 {
        self.collection.get().map_or(1.0, |collection| (collection.entry.photos as f32).sqrt().max(4.0))
    }

    pub(super) fn set_view(self: &Rc<Self>, view: View) {
        if self.view.replace(view) != view {
            self.leave();
            let _ = match view.name() {
                Some(name) => self.canvas.set_attribute("data-view", &name),
                None => self.canvas.remove_attribute("data-view"),
            };
            self.repaint();
            self.tell_view();
        }
    }

    fn pointer(self: &Rc<Self>, event: &PointerEvent) -> Outcome {
        let place = [event.offset_x() as f32, event.offset_y() as f32];
        let id = event.pointer_id();
        if self.draw_line(event, place)? {
            return Ok(());
        }
        match event.type_().as_str() {
            "pointerdown" if event.button() == 0 => {
                self.pressed.set(self.selected.get().filter(|_| !self.tooltip.is_hidden()));
                self.pointers.borrow_mut().press(id, place);
                self.point_at(place, Then::Show);
            }
            "pointermove" => {
                let drag = self.pointers.borrow_mut().drag(id, place);
                if let Some(drag) = drag {
                    self.canvas.set_pointer_capture(id)?;
                    // Nearer first: from far there is no room to move.
                    let about = self.sheet().to_map(drag.from);
                    self.set_view(self.view.get().zoomed(drag.factor, about, self.nearest()));
                    let [from, to] = [drag.from, drag.to].map(|place| self.sheet().to_map(place));
                    self.set_view(self.view.get().dragged(from, to));
                } else if !self.pointers.borrow().any() {
                    self.point_at(place, Then::Show);
                }
            }
            "pointerup" => {
                let tapped = self.pointers.borrow_mut().lift(id);
                // A finger's first tap shows the photo, as a mouse does that comes over it.
                let is_mouse = event.pointer_type() == "mouse";
                let then = if is_mouse { Some(Then::Choose) } else { self.pressed.get().map(Then::ChooseAgain) };
                if let (true, Some(then)) = (tapped, then) {
                    self.point_at(place, then);
                }
            }
            _ => {
                self.pointers.borrow_mut().lift(id);
                // A finger that is lifted leaves as well: what it has pointed at stays.
                if event.pointer_type() != "touch" {
                    self.leave();
                }
            }
        }
        Ok(())
    }

    /// The wheel scrolls the page, unless it is meant for the map: with Ctrl, or once the map has been clicked.
    fn wheel(self: &Rc<Self>, event: &WheelEvent) -> Outcome {
        let pinched = event.ctrl_key();
        if !pinched && !self.side.matches(":focus-within")? {
            return Ok(());
        }
        // A trackpad's pinch comes in small steps; some browsers count lines.
        let unit = if pinched { 0.008 } else { 0.002 } * if event.delta_mode() == 0 { 1.0 } else { 16.0 };
        let step = (event.delta_y() as f32 * unit).clamp(-0.5, 0.5);
        let factor = if step > 0.0 { 1.0 / (1.0 + step) } else { 1.0 - step };
        let about = self.sheet().to_map([event.offset_x() as f32, event.offset_y() as f32]);
        let view = self.view.get();
        let zoomed = view.zoomed(factor, about, self.nearest());
        // At the end the page scrolls on.
        if pinched || zoomed != view {
            event.prevent_default();
        }
        self.set_view(zoomed);
        Ok(())
    }
}
