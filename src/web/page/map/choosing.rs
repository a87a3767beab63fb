//! What is chosen beside the map or comes from the address: colours, a filter, a view.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::Event;

use super::{Map, moving::STEP};
use crate::{
    filter::Filter,
    map::{NEIGHBORS, discs, view::View},
    search::Neighbor,
    web::page::{
        address::{Address, VIEW},
        collection::Collection,
        dom,
        failure::Outcome,
        text,
    },
};

/// So long the view rests before the address follows, in milliseconds: browsers do not take many addresses a second.
const REST: i32 = 300;

pub(super) fn listen(map: &Rc<Map>) -> Outcome {
    for (by_group, button) in [false, true].into_iter().zip(map.legend.buttons()) {
        let map = Rc::clone(map);
        dom::listen(button, "click", move |_: Event| {
            map.legend.colour_by(by_group);
            drop(map.show_legend());
        })?;
    }
    Ok(())
}

impl Map {
    /// What the clusters and the density groups look like.
    pub(in crate::web::page) fn exemplify(&self, exemplars: [Vec<Vec<u32>>; 2]) {
        self.legend.exemplify(exemplars);
        drop(self.show_legend());
    }

    fn show_legend(&self) -> Outcome {
        let Some(collection) = self.collection.get() else { return Ok(()) };
        self.repaint();
        self.legend.show(&collection, &self.filter.borrow())
    }

    /// The others stay as shadows.
    pub(in crate::web::page) fn filter_by(&self, filter: Filter, collection: &Collection) -> Outcome {
        let items = &collection.items;
        let (mut passes, mut words) = (Vec::new(), String::new());
        if !filter.is_empty() {
            passes.resize(items.of() as usize, false);
            filter.admitted(items).for_each(|id| passes[id as usize] = true);
            words = text::passing(passes.iter().filter(|passes| **passes).count(), items.len());
            let cells = collection.discs().filter(|(_, area)| filter.admits_cell(area));
            cells.for_each(|(first, _)| passes[first as usize] = true);
        }
        dom::say("filter-count", &words)?;
        self.legend.press(&filter)?;
        self.filter.replace(filter);
        self.admitted.replace(passes);
        self.repaint();
        Ok(())
    }

    /// Lines go to these; to more they would hide the map.
    pub(in crate::web::page) fn show_neighbors(&self, neighbors: &[Neighbor]) {
        if let (Some(mark), Some(collection)) = (&mut *self.mark.borrow_mut(), self.collection.get()) {
            let places = neighbors.iter().take(NEIGHBORS).filter_map(|n| Some(collection.item(n.id)?.map));
            mark.neighbors = places.collect();
        }
        self.repaint();
    }

    pub(in crate::web::page) fn look_at(self: &Rc<Self>, view: View) {
        self.set_view(view.clamped(self.nearest()));
    }

    /// What to do with the cells that a view shows once it rests; none if it shows many.
    pub(in crate::web::page) fn when_rested(&self, rested: impl Fn(Vec<u32>) + 'static) {
        let _ = self.rested.set(Box::new(rested));
    }

    fn shown(&self) -> Option<Vec<u32>> {
        discs::shown(&self.collection.get()?.entry.areas, &self.sheet())
    }

    /// Comes so near to a cell that it is fetched.
    pub(super) fn approach(self: &Rc<Self>, place: [f32; 2]) {
        while self.shown().is_none() && self.view.get().zoom < self.nearest() {
            self.set_view(self.view.get().zoomed(STEP, place, self.nearest()));
        }
    }

    /// Once the view rests the address tells it, and what it shows is fetched.
    pub(super) fn tell_view(self: &Rc<Self>) {
        if self.moving.replace(true) {
            return;
        }
        let map = Rc::clone(self);
        spawn_local(async move {
            loop {
                let before = map.view.get();
                if dom::pause(REST).await.is_err() || before == map.view.get() {
                    break;
                }
            }
            map.moving.set(false);
            let _ = Address::read().and_then(|mut address| {
                address.set(VIEW, map.view.get().name());
                address.write(false)
            });
            if let Some(rested) = map.rested.get() {
                rested(map.shown().unwrap_or_default());
            }
        });
    }
}
