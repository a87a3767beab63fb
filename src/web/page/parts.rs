//! Parts of the collection on their way to page and engines.

use std::rc::Rc;

use js_sys::{Array, Promise};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use super::{
    app::App,
    cells::{self, Fetched, Part},
    collection::Files,
    dom,
    download::Progress,
    failure::{Failure, Outcome},
    text,
};
use crate::mix::Named;

/// So often the answer on the screen gets better while parts arrive, in milliseconds.
const PACE: i32 = 250;

/// Parts that are fetched before it is looked whether a photo is among them.
const STRIDE: usize = 60;

impl App {
    pub(super) fn fetch_in_background(self: &Rc<Self>, wanted: Vec<u32>) {
        let app = Rc::clone(self);
        spawn_local(async move {
            if let Err(failure) = app.fetch_parts(wanted).await {
                app.reach.rest();
                app.say_reach();
                app.notices.error(failure.words());
            }
        });
    }

    /// Fetches parts; `false` if something newer has come in between.
    async fn fetch_parts(self: &Rc<Self>, wanted: Vec<u32>) -> Outcome<bool> {
        let Some((collection, files)) = self.collection.get().zip(self.files.get()) else { return Ok(false) };
        self.reach.rest();
        let end = AbortController::new()?;
        let signal = end.signal();
        self.reach.end.replace(Some(end));
        self.say_reach();
        let here = Rc::new(Fetched::default());
        let coming = cells::fetch(&collection.entry, wanted, &Progress::new(1.0, |_| {}), signal.clone(), &here);
        loop {
            let step = JsFuture::from(Promise::race(&Array::of2(&coming, &dom::timer(PACE)))).await?;
            if signal.aborted() {
                return Ok(false);
            }
            let done = !step.is_undefined();
            if done {
                self.reach.end.take();
            }
            let (parts, lost) = here.take();
            let is_lost = !lost.is_empty();
            self.reach.lost.borrow_mut().extend(told(lost));
            self.take_parts(parts, &files, done)?;
            if is_lost {
                self.look_whether_stale().await;
            }
            if done {
                return Ok(true);
            }
        }
    }

    /// Parts have come: page and engines know them from now on, and the answer on the screen gets better.
    fn take_parts(&self, parts: Vec<Part>, files: &Rc<Files>, done: bool) -> Outcome {
        let Some(before) = self.collection.get() else { return Ok(()) };
        if !parts.is_empty() {
            parts.iter().for_each(|part| files.put(part.place, part.bytes.clone()));
            let collection = Rc::new(before.with(parts));
            self.collection.set(Rc::clone(&collection));
            self.map.grow(collection, done)?;
            self.engines.borrow().open_links().try_for_each(|link| link.top_up(files))?;
            self.improve(done)?;
        } else if done {
            self.improve(true)?;
        }
        self.say_reach();
        Ok(())
    }

    /// Fetches the parts that photos of a large collection are in: by their numbers, if the address has them; else, and if
    /// the collection is no longer the same, one part after the other.
    pub(super) async fn look_for(self: &Rc<Self>, photos: &[Named], numbers: &[u32]) -> Outcome {
        let Some(collection) = self.collection.get().filter(|collection| collection.entry.is_large()) else {
            return Ok(());
        };
        let is_there = || {
            let now = self.collection.get();
            photos.iter().all(|photo| now.as_ref().is_some_and(|now| now.find(&photo.path).is_some()))
        };
        let mut known: Vec<u32> = numbers.iter().filter_map(|&id| collection.items.cell_of(id)).collect();
        known.retain(|place| !collection.items.has(*place));
        if is_there() || !known.is_empty() && !self.fetch_parts(known).await? || is_there() {
            return Ok(());
        }
        self.notices.note(text::LOOKING_FOR_PHOTO);
        let rest: Vec<u32> = self.collection.get().map_or(Vec::new(), |now| now.items.missing().collect());
        for places in rest.chunks(STRIDE) {
            if !self.fetch_parts(places.to_vec()).await? || is_there() {
                break;
            }
        }
        Ok(())
    }

    /// What is not there may have been replaced.
    pub(super) async fn look_whether_stale(&self) {
        let Some(files) = self.files.get() else { return };
        if !files.are_current().await {
            self.reach.stale.set(true);
            self.reach.rest();
            self.say_reach();
        }
    }
}

pub(super) fn told(lost: Vec<(u32, Failure)>) -> Vec<(u32, String)> {
    lost.into_iter().map(|(place, failure)| (place, failure.into())).collect()
}
