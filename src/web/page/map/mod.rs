//! The collection as a map: dots, the query's estimated place, and what lies under the pointer.

mod draw;
mod hit;
mod legend;
mod tooltip;
mod view;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use web_sys::{Event, HtmlCanvasElement, KeyboardEvent, PointerEvent};

use self::{
    draw::{Mark, Painter},
    hit::Hits,
    tooltip::Tooltip,
    view::View,
};
use super::{collection::Collection, current::Current, dom, failure::Outcome, text, trail::Step};
use crate::{engine::Answer, map::NEIGHBORS};

/// How far from a dot the pointer may be, in CSS pixels.
const REACH: f32 = 14.0;

pub(super) struct Map {
    canvas: HtmlCanvasElement,
    painter: Painter,
    tooltip: Tooltip,
    collection: Current<(Rc<Collection>, Hits)>,
    mark: RefCell<Option<Mark>>,
    /// The photo that the arrow keys have come to.
    selected: Cell<Option<u32>>,
}

impl Map {
    pub(super) fn new() -> Outcome<Rc<Self>> {
        let canvas: HtmlCanvasElement = dom::by_id("map")?;
        canvas.set_attribute("aria-label", text::MAP_EMPTY)?;
        let map = Rc::new(Self {
            painter: Painter::new(&canvas)?,
            canvas,
            tooltip: Tooltip::new()?,
            collection: Current::default(),
            mark: RefCell::default(),
            selected: Cell::default(),
        });
        map.listen()?;
        Ok(map)
    }

    pub(super) async fn show_collection(&self, collection: Rc<Collection>) -> Outcome {
        legend::show(&collection)?;
        self.label(&collection, None)?;
        dom::breathe().await?;
        let hits = Hits::new(collection.items.iter().map(|item| item.map).collect());
        self.collection.set(Rc::new((collection, hits)));
        self.mark.replace(None);
        self.selected.set(None);
        self.tooltip.hide();
        dom::breathe().await?;
        self.paint()
    }

    pub(super) fn show_answer(&self, answer: &Answer, photo: &Step) -> Outcome {
        let Some(shown) = self.collection.get() else { return Ok(()) };
        let (collection, _) = &*shown;
        self.canvas.set_attribute("data-x", &answer.map.x.to_string())?;
        self.canvas.set_attribute("data-y", &answer.map.y.to_string())?;
        self.label(collection, Some((answer.cluster, photo.path())))?;
        // Lines to more than these would hide the map.
        let nearest = answer.neighbors.iter().take(NEIGHBORS);
        let neighbors = nearest.filter_map(|n| Some(collection.item(n.id)?.map)).collect();
        let label = if photo.is_own() { text::ESTIMATE } else { text::THIS_PHOTO };
        self.mark.replace(Some(Mark { place: [answer.map.x, answer.map.y], label, neighbors }));
        self.paint()
    }

    /// `query`: its cluster, and its path if it is a photo of the collection.
    fn label(&self, collection: &Collection, query: Option<(u32, Option<&str>)>) -> Outcome {
        let label = text::map_label(collection.entry.photos, collection.entry.clusters.len(), query);
        Ok(self.canvas.set_attribute("aria-label", &label)?)
    }

    fn listen(self: &Rc<Self>) -> Outcome {
        let window = dom::window()?;
        let map = Rc::clone(self);
        dom::listen(&window, "resize", move |_: Event| drop(map.paint()))?;
        if let Some(scheme) = window.match_media("(prefers-color-scheme: dark)")? {
            let map = Rc::clone(self);
            dom::listen(&scheme, "change", move |_: Event| drop(map.paint()))?;
        }
        for event in ["pointermove", "pointerdown"] {
            let map = Rc::clone(self);
            dom::listen(&self.canvas, event, move |event: PointerEvent| {
                drop(map.point_at([event.offset_x() as f32, event.offset_y() as f32]));
            })?;
        }
        let map = Rc::clone(self);
        dom::listen(&self.canvas, "pointerleave", move |event: PointerEvent| {
            // A finger that is lifted leaves as well: what it has pointed at stays.
            if event.pointer_type() != "touch" {
                map.tooltip.hide();
            }
        })?;
        let map = Rc::clone(self);
        dom::listen(&self.canvas, "blur", move |_: Event| map.tooltip.hide())?;
        let map = Rc::clone(self);
        dom::listen(&self.canvas, "keydown", move |event: KeyboardEvent| map.key(&event))
    }

    fn paint(&self) -> Outcome {
        let Some(shown) = self.collection.get() else { return Ok(()) };
        self.painter.paint(&shown.0.items, self.mark.borrow().as_ref(), &self.view())
    }

    fn view(&self) -> View {
        View::of(self.canvas.client_width() as f32, self.canvas.client_height() as f32)
    }

    /// Shows what lies at a place of the canvas, if anything.
    fn point_at(&self, place: [f32; 2]) -> Outcome {
        let Some(shown) = self.collection.get() else { return Ok(()) };
        let view = self.view();
        self.select(shown.1.nearest(view.to_map(place), REACH / view.scale()))
    }

    fn key(&self, event: &KeyboardEvent) {
        let direction = match event.key().as_str() {
            "ArrowLeft" => [-1.0, 0.0],
            "ArrowRight" => [1.0, 0.0],
            "ArrowUp" => [0.0, 1.0],
            "ArrowDown" => [0.0, -1.0],
            "Escape" => return self.tooltip.hide(),
            _ => return,
        };
        event.prevent_default();
        let Some(shown) = self.collection.get() else { return };
        let (collection, hits) = &*shown;
        let from = self.selected.get().and_then(|id| collection.item(id)).map(|item| item.map);
        let next = match from {
            Some(from) => hits.towards(from, direction),
            None => hits.nearest(self.mark.borrow().as_ref().map_or([0.0; 2], |mark| mark.place), f32::INFINITY),
        };
        if next.is_some() {
            drop(self.select(next));
        }
    }

    fn select(&self, id: Option<u32>) -> Outcome {
        let shown = self.collection.get();
        let item = shown.as_ref().and_then(|shown| shown.0.item(id?));
        match item {
            Some(item) => {
                if self.selected.replace(id) != id || self.tooltip.is_hidden() {
                    self.tooltip.show(item, self.view().to_canvas(item.map), self.canvas.client_width() as f32)?;
                }
            }
            None => self.tooltip.hide(),
        }
        Ok(())
    }
}
