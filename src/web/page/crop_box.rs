//! A box on the photo: only what lies in it is looked at. Dragged and resized with mouse, finger or keys, searched again
//! as it moves.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen::{JsCast, prelude::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlElement, HtmlImageElement, KeyboardEvent, PointerEvent};

use super::{
    app::App,
    dom,
    failure::Outcome,
    questions::Question,
    text,
    trail::{Part, Step, Trail},
};
use crate::crop::Crop;

/// What an arrow key moves, in thousandths of the photo.
const KEY: i32 = 20;

/// The box stays this wide and high, in CSS pixels: room for two corners to take hold of.
const LEAST: f64 = 48.0;

pub(super) struct CropBox {
    /// Carries the box in custom properties, for the style sheet.
    framed: HtmlElement,
    veil: HtmlElement,
    frame: HtmlElement,
    button: HtmlElement,
    /// The photo that the box is on, and where it is.
    on: RefCell<Option<(Step, Crop)>>,
    grip: Cell<Option<Grip>>,
    /// Whether the keyboard follows to the box when it comes.
    follow: Cell<bool>,
}

/// Tells the style sheet where a box is.
pub(super) fn mark(element: &HtmlElement, crop: Crop) -> Outcome {
    let style = element.style();
    for (name, thousandths) in ["--left", "--top", "--wide", "--high"].into_iter().zip(<[u16; 4]>::from(crop)) {
        style.set_property(name, &dom::number(f64::from(thousandths) / 1000.0))?;
    }
    Ok(())
}

/// What a finger holds.
#[derive(Clone, Copy)]
struct Grip {
    edges: Option<[i8; 2]>,
    /// The box when it was taken hold of, and where.
    crop: Crop,
    at: [i32; 2],
}

impl CropBox {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            framed: dom::by_id("framed")?,
            veil: dom::by_id("crop")?,
            frame: dom::by_id("crop-box")?,
            button: dom::by_id("part")?,
            on: RefCell::default(),
            grip: Cell::default(),
            follow: Cell::default(),
        })
    }

    /// The box of the photo on the screen, if it has one.
    pub(super) fn show(&self, photo: &Step) -> Outcome {
        self.button.toggle_attribute_with_force("disabled", photo.is_mix())?;
        self.button.set_text_content(Some(if photo.part.is_some() { text::WHOLE_PHOTO } else { text::CHOOSE_PART }));
        self.framed.class_list().toggle_with_force("part", photo.part.is_some())?;
        self.veil.set_hidden(photo.part.is_none());
        self.on.replace(photo.crop().map(|crop| (photo.clone(), crop)));
        let Some(crop) = photo.crop() else { return Ok(()) };
        self.place(crop)?;
        if self.follow.take() { dom::focus(&self.frame) } else { Ok(()) }
    }

    fn place(&self, crop: Crop) -> Outcome {
        mark(&self.framed, crop)?;
        Ok(self.frame.set_attribute("aria-label", &text::crop(crop))?)
    }

    /// The box after some change; `None` if it is where it was.
    fn changed(&self, change: impl FnOnce(Crop) -> Crop) -> Option<Crop> {
        let mut on = self.on.borrow_mut();
        let (_, crop) = on.as_mut()?;
        let old = std::mem::replace(crop, change(*crop));
        (*crop != old).then_some(*crop)
    }

    fn crop(&self) -> Option<Crop> {
        self.on.borrow().as_ref().map(|(_, crop)| *crop)
    }

    /// Width and height of the photo on the screen.
    fn size(&self) -> [f64; 2] {
        let area = self.frame.parent_element().map(|area| area.get_bounding_client_rect());
        area.map_or([1.0; 2], |area| [area.width().max(1.0), area.height().max(1.0)])
    }

    fn take_hold(&self, event: &PointerEvent) -> Option<()> {
        if event.button() != 0 {
            return None;
        }
        let target: Element = dom::target(event)?;
        // Compass points, as in the cursors' names.
        let edge = |edges: &str, [low, high]: [char; 2]| i8::from(edges.contains(high)) - i8::from(edges.contains(low));
        let edges = target.get_attribute("data-edges");
        let edges = edges.map(|edges| [edge(&edges, ['w', 'e']), edge(&edges, ['n', 's'])]);
        self.frame.set_pointer_capture(event.pointer_id()).ok()?;
        self.grip.set(Some(Grip { edges, crop: self.crop()?, at: [event.client_x(), event.client_y()] }));
        Some(())
    }

    /// Where the box is now that the finger is here.
    fn pull(&self, event: &PointerEvent) -> Option<Crop> {
        let grip = self.grip.get()?;
        let [width, height] = self.size();
        let part = |now: i32, then: i32, of: f64| (f64::from(now - then) / of * 1000.0).round() as i32;
        let by = [part(event.client_x(), grip.at[0], width), part(event.client_y(), grip.at[1], height)];
        self.changed(|_| self.stretched(grip.crop, grip.edges, by))
    }

    fn stretched(&self, crop: Crop, edges: Option<[i8; 2]>, by: [i32; 2]) -> Crop {
        let least = self.size().map(|side| (LEAST / side * 1000.0).ceil().min(1000.0) as u16);
        edges.map_or_else(|| crop.moved(by), |edges| crop.resized(edges, by, least))
    }

    /// Arrow keys move the box; with Shift they move its right and lower edges.
    fn key(&self, event: &KeyboardEvent) -> Option<Crop> {
        let by = dom::arrow(event)?;
        event.prevent_default();
        let edges = event.shift_key().then_some([1, 1]);
        self.changed(|crop| self.stretched(crop, edges, by.map(|by| by * KEY)))
    }
}

/// Makes the box and its button work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    dom::hear(app, &app.crop_box.button, "click", |toggled, _: Event| toggled.toggle_part())?;
    let pointer = "pointerdown,pointermove,pointerup,pointercancel";
    dom::hear(app, &app.crop_box.frame, pointer, |pointed, event: PointerEvent| pointed.drag_box(&event))?;
    dom::hear(app, &app.crop_box.frame, "keydown,keyup", |pressed, event: KeyboardEvent| pressed.push_box(&event))?;
    watch_shape(&app.crop_box.framed)
}

/// The box lies on the photo, not on its frame: the style sheet needs the photo's shape.
fn watch_shape(framed: &HtmlElement) -> Outcome {
    let style = framed.style();
    let loaded = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        if let Some(image) = dom::target::<HtmlImageElement>(&event) {
            let shape = f64::from(image.natural_width().max(1)) / f64::from(image.natural_height().max(1));
            let _ = style.set_property("--shape", &dom::number(shape));
        }
    });
    // An image's load does not bubble: it is caught on its way down.
    framed.add_event_listener_with_callback_and_bool("load", loaded.as_ref().unchecked_ref(), true)?;
    loaded.forget();
    Ok(())
}

impl App {
    /// From the whole photo to a part of it, and back.
    fn toggle_part(self: &Rc<Self>) {
        let Some(trail) = self.trail.trail() else { return };
        if self.crop_box.on.take().is_some() {
            let _ = dom::focus(&self.crop_box.button);
            self.ask(Question::new(trail.instead(trail.last().with_part(None))));
        } else {
            self.crop_box.follow.set(true);
            self.look_at_part(trail, Crop::START);
        }
    }

    fn drag_box(&self, event: &PointerEvent) {
        let on = &self.crop_box;
        match event.type_().as_str() {
            "pointerdown" => {
                on.take_hold(event);
            }
            "pointermove" => {
                if on.pull(event).is_some() {
                    self.look_into_box(false);
                }
            }
            _ => {
                let grip = on.grip.take();
                if grip.is_some_and(|grip| Some(grip.crop) != on.crop()) {
                    self.look_into_box(true);
                }
            }
        }
    }

    fn push_box(self: &Rc<Self>, event: &KeyboardEvent) {
        let released = event.type_() == "keyup";
        if released && dom::arrow(event).is_some() {
            self.look_into_box(true);
        } else if !released && event.key() == "Escape" {
            self.toggle_part();
        } else if !released && self.crop_box.key(event).is_some() {
            self.look_into_box(false);
        }
    }

    /// Asks about a part of a trail's last photo. Of a photo of the collection the thumbnail is fetched for it.
    pub(super) fn look_at_part(self: &Rc<Self>, trail: Trail, crop: Crop) {
        let (app, id) = (Rc::clone(self), self.intake.begin());
        spawn_local(async move {
            let file = app.file(trail.last()).await;
            if app.intake.finish(id) {
                match file {
                    Ok(file) => {
                        let part = trail.last().with_part(Some(Part { crop, file }));
                        app.ask(Question::new(trail.instead(part)));
                    }
                    Err(failure) => app.notices.error(failure.words()),
                }
            }
        });
    }

    /// Asks about what lies in the box now.
    fn look_into_box(&self, settled: bool) {
        let Some((photo, crop)) = self.crop_box.on.borrow().clone() else { return };
        let (Some(trail), Some(part)) = (self.trail.trail(), &photo.part) else { return };
        let _ = self.crop_box.place(crop);
        let file = part.file.clone();
        let photo = photo.with_part(Some(Part { crop, file }));
        self.ask(Question::adjusting(trail.instead(photo), settled));
    }
}
