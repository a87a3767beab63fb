//! Why two photos are alike: where they match, drawn over both, and three figures.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen::Clamped;
use web_sys::{HtmlCanvasElement, HtmlElement, HtmlImageElement, ImageData, KeyboardEvent, PointerEvent};

use super::{app::App, crop_box, dom, failure::Outcome, text};
use crate::{crop::Crop, engine::Why, why::Match};

/// A match of this cosine lies in full light: the best between photos of the same kind of thing come to about as much.
const CLEAR: f32 = 0.5;

/// How dark nothing is, of 255: what does not match can still be told.
const DARK: f32 = 200.0;

/// Where the similarities stand: all together, without colours, colours alone.
const FIGURES: [&str; 3] = ["why-all", "why-grey", "why-colour"];

/// One of the two photos.
pub(super) struct Pane {
    image: HtmlImageElement,
    name: HtmlElement,
    canvas: HtmlCanvasElement,
    /// A frame around one cell.
    mark: HtmlElement,
}

impl Pane {
    fn new(id: &str) -> Outcome<Self> {
        let pane: HtmlElement = dom::by_id(id)?;
        Ok(Self {
            image: dom::within(&pane, "img")?,
            name: dom::within(&pane, "figcaption")?,
            canvas: dom::within(&pane, "canvas")?,
            mark: dom::within(&pane, ".cell")?,
        })
    }

    /// `part`: what is seen of the photo; `None`: its middle, as the encoder sees it.
    pub(super) fn show(&self, address: &str, name: &str, part: Option<Crop>) -> Outcome {
        self.image.set_src(address);
        self.image.class_list().toggle_with_force("part", part.is_some())?;
        if let Some(part) = part {
            crop_box::mark(&self.image, part)?;
        }
        self.image.set_attribute("alt", name)?;
        self.name.set_text_content(Some(name));
        Ok(())
    }

    /// A veil over what does not match.
    fn veil(&self, matches: &[Match]) -> Outcome {
        let side = side(matches) as u32;
        self.canvas.set_width(side);
        self.canvas.set_height(side);
        let dark = |found: &Match| (DARK * (1.0 - found.similarity / CLEAR).clamp(0.0, 1.0)) as u8;
        let rgba: Vec<u8> = matches.iter().flat_map(|found| [0, 0, 0, dark(found)]).collect();
        let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&rgba), side, side)?;
        Ok(dom::context(&self.canvas)?.put_image_data(&data, 0.0, 0.0)?)
    }

    fn frame(&self, cell: usize, side: usize) -> Outcome {
        let share = 100.0 / side as f64;
        let style = self.mark.style();
        for (name, cells) in [("left", cell % side), ("top", cell / side), ("width", 1), ("height", 1)] {
            style.set_property(name, &(dom::number(cells as f64 * share) + "%"))?;
        }
        self.mark.set_hidden(false);
        Ok(())
    }
}

pub(super) struct WhyView {
    panes: [Pane; 2],
    why: RefCell<Option<Why>>,
    /// The cell of each photo that the arrow keys have come to.
    cells: [Cell<usize>; 2],
}

impl WhyView {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            panes: [Pane::new("look-query")?, Pane::new("look-result")?],
            why: RefCell::default(),
            cells: Default::default(),
        })
    }

    /// 0: the query; 1: what was found for it.
    pub(super) fn pane(&self, place: usize) -> &Pane {
        &self.panes[place]
    }

    /// Other photos: nothing is known of them yet.
    pub(super) fn clear(&self) {
        self.why.replace(None);
        say(text::COMPARING);
        for figure in FIGURES {
            let _ = dom::say(figure, "–");
        }
        for pane in &self.panes {
            pane.canvas.set_width(0);
            pane.mark.set_hidden(true);
        }
    }

    pub(super) fn fail(&self, message: &str) {
        say(&text::not_explained(message));
    }

    pub(super) fn show(&self, why: Why) -> Outcome {
        for (figure, value) in FIGURES.into_iter().zip([why.similarity, why.grey, why.colour]) {
            dom::say(figure, &dom::fixed(value, 3))?;
        }
        for (place, pane) in self.panes.iter().enumerate() {
            pane.veil(why.of(place))?;
        }
        say(text::POINT_AT_A_CELL);
        self.why.replace(Some(why));
        Ok(())
    }

    /// Shows a cell of one photo, and its match in the other. Outside the photo means its edge.
    fn point_at(&self, pane: usize, column: i32, row: i32) -> Outcome {
        let why = self.why.borrow();
        let Some(why) = why.as_ref() else { return Ok(()) };
        let matches = why.of(pane);
        let side = side(matches);
        let place = |at: i32| at.clamp(0, (side as i32 - 1).max(0)) as usize;
        let cell = place(row) * side + place(column);
        let Some(found) = matches.get(cell) else { return Ok(()) };
        self.cells[pane].set(cell);
        let other = found.cell as usize;
        self.panes[pane].frame(cell, side)?;
        self.panes[1 - pane].frame(other, side)?;
        let words = text::matching([cell / side, cell % side, other / side, other % side], found.similarity);
        say(&words);
        Ok(())
    }

    fn key(&self, pane: usize, event: &KeyboardEvent) -> Outcome {
        let Some([x, y]) = dom::arrow(event) else { return Ok(()) };
        event.prevent_default();
        let side = self.panes[pane].canvas.width().max(1) as i32;
        let cell = self.cells[pane].get() as i32;
        self.point_at(pane, cell % side + x, cell / side + y)
    }
}

fn say(words: &str) {
    let _ = dom::say("why-words", words);
}

/// Cells beside each other.
fn side(matches: &[Match]) -> usize {
    matches.len().isqrt()
}

/// Makes the cells answer pointer and keys.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    for place in [0, 1] {
        let canvas = &app.look.why.panes[place].canvas;
        let (pointed, pressed) = (Rc::clone(app), Rc::clone(app));
        dom::listen(canvas, "pointermove,pointerdown", move |event: PointerEvent| {
            let view = &pointed.look.why;
            let canvas = &view.panes[place].canvas;
            let (side, width) = (canvas.width() as i32, canvas.client_width().max(1));
            drop(view.point_at(place, event.offset_x() * side / width, event.offset_y() * side / width));
        })?;
        dom::listen(canvas, "keydown", move |event: KeyboardEvent| drop(pressed.look.why.key(place, &event)))?;
    }
    Ok(())
}
