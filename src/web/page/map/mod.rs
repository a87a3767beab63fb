//! The collection as a map: dots, discs for cells that are not there, photos from near, the query's estimated place, and what lies under the pointer.

mod choosing;
mod colours;
mod draw;
mod gestures;
mod hit;
mod lasso;
mod legend;
mod moving;
mod photos;
mod pictures;
mod tooltip;

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
};

use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, HtmlCanvasElement, HtmlElement, KeyboardEvent};

pub(super) use self::legend::LISTS;
use self::{
    draw::{Mark, Painter, Scene},
    gestures::Pointers,
    hit::Pointed,
    legend::Legend,
    tooltip::Tooltip,
};
use super::{collection::Collection, current::Current, dom, failure::Outcome, text, trail::Step, trail_view};
use crate::{
    engine::Answer,
    filter::Filter,
    map::view::{Sheet, View},
};

/// How far from a dot the pointer may be, in CSS pixels.
const REACH: f32 = 14.0;

/// Asks which photo lies at a place of the map, within a reach; the number tells the answer.
type Ask = Box<dyn Fn(u32, [f32; 2], f32)>;

/// Does something with a line that has been drawn.
type Drawn = Box<dyn Fn(Vec<[f32; 2]>)>;

pub(super) struct Map {
    canvas: HtmlCanvasElement,
    /// The canvas and its buttons.
    side: HtmlElement,
    painter: Painter,
    tooltip: Tooltip,
    legend: Legend,
    collection: Current<Collection>,
    mark: RefCell<Option<Mark>>,
    filter: RefCell<Filter>,
    /// Which photos pass it; empty: all.
    admitted: RefCell<Vec<bool>>,
    view: Cell<View>,
    pointers: RefCell<Pointers>,
    /// The photo that the pointer or the arrow keys have come to; of a cell that is not there, the first.
    selected: Cell<Option<u32>>,
    /// The photo that had been selected before the pointer went down.
    pressed: Cell<Option<u32>>,
    /// Paints, once the browser draws its next frame.
    frame: OnceCell<Closure<dyn FnMut()>>,
    waits: Cell<bool>,
    /// The line that is being drawn around photos.
    line: RefCell<Option<Vec<[f32; 2]>>>,
    /// Whether the address waits until the view rests.
    moving: Cell<bool>,
    /// What the engine is asked about, and the last number of such a question.
    pointed: Cell<Option<Pointed>>,
    last_id: Cell<u32>,
    ask: OnceCell<Ask>,
    chosen: OnceCell<Box<dyn Fn(u32)>>,
    drawn: OnceCell<Drawn>,
    rested: OnceCell<Box<dyn Fn(Vec<u32>)>>,
}

impl Map {
    pub(super) fn new() -> Outcome<Rc<Self>> {
        let canvas: HtmlCanvasElement = dom::by_id("map")?;
        canvas.set_attribute("aria-label", text::MAP_EMPTY)?;
        let map = Rc::new(Self {
            side: dom::by_id("map-side")?,
            painter: Painter::new(&canvas)?,
            canvas,
            tooltip: Tooltip::new()?,
            legend: Legend::new()?,
            collection: Current::default(),
            mark: RefCell::default(),
            filter: RefCell::default(),
            admitted: RefCell::default(),
            view: Cell::new(View::WHOLE),
            pointers: RefCell::default(),
            selected: Cell::default(),
            pressed: Cell::default(),
            frame: OnceCell::new(),
            waits: Cell::default(),
            line: RefCell::default(),
            moving: Cell::default(),
            pointed: Cell::default(),
            last_id: Cell::default(),
            ask: OnceCell::new(),
            chosen: OnceCell::new(),
            drawn: OnceCell::new(),
            rested: OnceCell::new(),
        });
        let painted = Rc::clone(&map);
        let _ = map.frame.set(Closure::new(move || drop(painted.paint())));
        map.listen()?;
        moving::listen(&map)?;
        choosing::listen(&map)?;
        Ok(map)
    }

    pub(super) fn element(&self) -> &HtmlElement {
        &self.canvas
    }

    /// What to do with a photo that has been chosen on the map.
    pub(super) fn when_chosen(&self, choose: impl Fn(u32) + 'static) {
        let _ = self.chosen.set(Box::new(choose));
    }

    pub(super) fn show_collection(self: &Rc<Self>, collection: Rc<Collection>) -> Outcome {
        legend::offer(&collection)?;
        self.legend.exemplify(Default::default()); // the engine knows them once it is open
        self.painter.photos.forget();
        self.legend.show(&collection, &Filter::default())?;
        self.label(&collection, None)?;
        self.say_loaded(&collection)?;
        self.collection.set(collection);
        self.mark.replace(None);
        self.selected.set(None);
        self.leave();
        self.repaint();
        Ok(())
    }

    /// More parts of the collection have come; `done`: for now these are all.
    pub(super) fn grow(&self, collection: Rc<Collection>, done: bool) -> Outcome {
        if done {
            legend::offer(&collection)?;
            self.legend.show(&collection, &self.filter.borrow())?;
        }
        let filter = self.filter.borrow().clone();
        self.filter_by(filter, &collection)?;
        self.say_loaded(&collection)?;
        let is_photo = |collection: &Collection| self.selected.get().is_some_and(|id| collection.item(id).is_some());
        // A disc with the pointer on it may have become photos.
        if is_photo(&collection) && !self.collection.get().is_some_and(|before| is_photo(&before)) {
            self.tooltip.hide();
        }
        self.collection.set(collection);
        Ok(())
    }

    fn say_loaded(&self, collection: &Collection) -> Outcome {
        let (there, of) = (collection.items.len(), collection.entry.photos);
        let words = if there as u32 == of { String::new() } else { text::shown_on_map(there, of) };
        dom::say("map-loaded", &words)
    }

    pub(super) fn show_answer(&self, answer: &Answer, photo: &Step) -> Outcome {
        let Some(collection) = self.collection.get() else { return Ok(()) };
        self.canvas.set_attribute("data-x", &dom::number(answer.map.x))?;
        self.canvas.set_attribute("data-y", &dom::number(answer.map.y))?;
        let placed = photo.placed().is_some();
        self.label(&collection, Some((answer.cluster, &trail_view::name(photo), placed)))?;
        let label = if placed { text::THIS_PHOTO } else { text::ESTIMATE };
        // Without a neighbour there is nothing to estimate a place from.
        let is_known = placed || !answer.neighbors.is_empty();
        let mark = Mark { place: [answer.map.x, answer.map.y], label, neighbors: Vec::new() };
        self.mark.replace(is_known.then_some(mark));
        self.show_neighbors(&answer.neighbors);
        Ok(())
    }

    /// `query`: its cluster, its name, and whether its place is known.
    fn label(&self, collection: &Collection, query: Option<(u32, &str, bool)>) -> Outcome {
        let label = text::map_label(collection.entry.photos, collection.entry.clusters.len(), query);
        Ok(self.canvas.set_attribute("aria-label", &label)?)
    }

    fn listen(self: &Rc<Self>) -> Outcome {
        let window = dom::window()?;
        dom::hear(self, &window, "resize", |map, _: Event| map.repaint())?;
        if let Some(scheme) = window.match_media("(prefers-color-scheme: dark)")? {
            dom::hear(self, &scheme, "change", |map, _: Event| {
                map.painter.forget_colours();
                map.repaint();
            })?;
        }
        dom::hear(self, &self.canvas, "blur", |map, _: Event| map.leave())?;
        dom::hear(self, &self.canvas, "keydown", |map, event: KeyboardEvent| map.key(&event))
    }

    /// Paints with the browser's next frame, however often it is asked.
    fn repaint(&self) {
        if let (Some(frame), Ok(window), false) = (self.frame.get(), dom::window(), self.waits.get()) {
            let asked = window.request_animation_frame(frame.as_ref().unchecked_ref());
            self.waits.set(asked.is_ok());
        }
    }

    fn paint(self: &Rc<Self>) -> Outcome {
        self.waits.set(false);
        let Some(collection) = self.collection.get() else { return Ok(()) };
        let clock = dom::window()?.performance();
        let now = || clock.as_ref().map_or(0.0, |clock| clock.now());
        let start = now();
        let (mark, filter, admitted) = (self.mark.borrow(), self.filter.borrow(), self.admitted.borrow());
        let line = self.line.borrow();
        let scene = Scene {
            collection: &collection,
            admitted: &admitted,
            legend: &self.legend,
            mark: mark.as_ref(),
            lasso: line.as_deref().unwrap_or(&filter.lasso),
            sheet: self.sheet(),
        };
        let map = Rc::clone(self);
        self.painter.paint(&scene, move || map.repaint())?;
        // For whoever measures.
        self.canvas.set_attribute("data-photos", &self.painter.photos.count().to_string())?;
        Ok(self.canvas.set_attribute("data-painted", &dom::number(now() - start))?)
    }

    fn sheet(&self) -> Sheet {
        self.view.get().on(self.canvas.client_width() as f32, self.canvas.client_height() as f32)
    }

    /// Nothing is pointed at any more.
    fn leave(&self) {
        self.pointed.set(None);
        self.tooltip.hide();
    }

    fn key(self: &Rc<Self>, event: &KeyboardEvent) {
        let Some([right, down]) = dom::arrow(event) else {
            return match event.key().as_str() {
                "Escape" => self.leave(),
                "Enter" => self.choose(),
                key => {
                    if !(event.ctrl_key() || event.meta_key()) && self.act(key) {
                        event.prevent_default();
                    }
                }
            };
        };
        let direction = [right as f32, -down as f32];
        event.prevent_default();
        let Some(collection) = self.collection.get() else { return };
        let next = match self.selected.get().and_then(|id| collection.spot(id)) {
            Some(from) => hit::towards(&collection, from, direction),
            None => {
                let query = self.mark.borrow().as_ref().map_or([0.0; 2], |mark| mark.place);
                hit::nearest(&collection, query)
            }
        };
        if let Some(place) = next.and_then(|id| collection.spot(id)) {
            self.set_view(self.view.get().showing(place));
            drop(self.select(next));
        }
    }

    fn choose(self: &Rc<Self>) {
        let Some((collection, id)) =
            self.collection.get().zip(self.selected.get().filter(|_| !self.tooltip.is_hidden()))
        else {
            return;
        };
        match (collection.item(id), self.chosen.get()) {
            (Some(_), Some(choose)) => choose(id),
            _ => collection.spot(id).into_iter().for_each(|place| self.approach(place)),
        }
    }

    fn select(&self, id: Option<u32>) -> Outcome {
        let collection = self.collection.get();
        let spot = collection.as_ref().and_then(|collection| Some((collection, id?, collection.spot(id?)?)));
        match spot {
            Some((collection, id, place)) => {
                if self.selected.replace(Some(id)) != Some(id) || self.tooltip.is_hidden() {
                    let width = self.canvas.client_width() as f32;
                    self.tooltip.show(collection, id, self.sheet().to_canvas(place), width)?;
                }
            }
            None => self.tooltip.hide(),
        }
        Ok(())
    }
}
