//! Which dot or disc is meant.

use std::rc::Rc;

use super::{Map, REACH};
use crate::{map::discs, web::page::collection::Collection};

/// What is done with what lies at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Show,
    Choose,
    /// Only if it is this one.
    ChooseAgain(u32),
}

/// A place of the canvas that the engine is asked about.
#[derive(Clone, Copy)]
pub(super) struct Pointed {
    id: u32,
    place: [f32; 2],
    then: Then,
}

impl Map {
    /// Who knows which photo lies at a place of the map, within a reach; [`Map::met`] hears it.
    pub(in crate::web::page) fn when_pointed(&self, ask: impl Fn(u32, [f32; 2], f32) + 'static) {
        let _ = self.ask.set(Box::new(ask));
    }

    /// Finds the photo or the cell that lies at a place of the canvas.
    pub(super) fn point_at(self: &Rc<Self>, place: [f32; 2], then: Then) {
        if let Some(photo) = self.painter.photos.at(place) {
            self.pointed.set(None);
            return self.show(Some(photo), then);
        }
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        self.pointed.set(Some(Pointed { id, place, then }));
        let sheet = self.sheet();
        self.ask.get().inspect(|ask| ask(id, sheet.to_map(place), REACH / sheet.scale));
    }

    /// What the engine has found, a photo or none.
    pub(in crate::web::page) fn met(self: &Rc<Self>, id: u32, item: Option<u32>) {
        let Some(Pointed { place, then, .. }) = self.pointed.get().filter(|pointed| pointed.id == id) else { return };
        self.pointed.set(None);
        self.show(item.or_else(|| self.disc_at(place)), then);
    }

    fn show(self: &Rc<Self>, spot: Option<u32>, then: Then) {
        drop(self.select(spot));
        if then == Then::Choose || spot.is_some_and(|spot| then == Then::ChooseAgain(spot)) {
            self.choose();
        }
    }

    /// The nearest disc within its reach; there are some thousands at most.
    fn disc_at(&self, place: [f32; 2]) -> Option<u32> {
        let (collection, sheet) = (self.collection.get()?, self.sheet());
        let reach = discs::widest(collection.entry.cells.len(), &sheet) / sheet.scale;
        let place = sheet.to_map(place);
        least(&mut discs_of(&collection), &|disc| {
            Some(squared(place, disc)).filter(|distance| *distance <= reach * reach)
        })
    }
}

fn squared(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)
}

/// The spot nearest to a place.
pub(super) fn nearest(collection: &Collection, place: [f32; 2]) -> Option<u32> {
    least(&mut spots(collection), &|other| Some(squared(place, other)))
}

/// The next spot from a place in a direction: near, and not far off the line.
pub(super) fn towards(collection: &Collection, from: [f32; 2], direction: [f32; 2]) -> Option<u32> {
    least(&mut spots(collection), &|other| {
        let [x, y] = [other[0] - from[0], other[1] - from[1]];
        let ahead = x * direction[0] + y * direction[1];
        let aside = x * direction[1] - y * direction[0];
        (ahead > 1e-6 && ahead >= aside.abs() / 2.0).then_some(ahead + 2.0 * aside.abs())
    })
}

/// All dots and discs: they are looked at when a key is pressed.
fn spots(collection: &Collection) -> impl Iterator<Item = (u32, [f32; 2])> {
    collection.items.numbered().map(|(id, item)| (id, item.map)).chain(discs_of(collection))
}

fn discs_of(collection: &Collection) -> impl Iterator<Item = (u32, [f32; 2])> {
    collection.discs().map(|(id, area)| (id, area.middle))
}

/// Of those that cost least the first.
fn least(spots: &mut dyn Iterator<Item = (u32, [f32; 2])>, cost: &dyn Fn([f32; 2]) -> Option<f32>) -> Option<u32> {
    let priced = spots.filter_map(|(id, place)| Some((cost(place)?, id)));
    priced.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, id)| id)
}
