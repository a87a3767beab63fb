//! Fetches parts of the collection: a few at a time, in their order. One that is damaged is fetched once more, past all
//! copies.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{AbortSignal, RequestCache};

use super::{
    dom,
    download::{self, Progress},
    failure::{Failure, Outcome},
};
use crate::gallery::{Entry, FOLDER, Item, container::Kind};

/// As many requests as browsers make to one host.
const AT_ONCE: usize = 6;

/// A part of the collection that has come.
pub(super) struct Part {
    /// Its place in the entry.
    pub(super) place: u32,
    /// Its file.
    pub(super) bytes: Uint8Array,
    /// Its photos.
    pub(super) items: Vec<Item>,
}

/// What has come so far, and what could not be loaded.
#[derive(Default)]
pub(super) struct Fetched {
    parts: RefCell<Vec<Part>>,
    lost: RefCell<Vec<(u32, Failure)>>,
}

impl Fetched {
    /// What is new.
    pub(super) fn take(&self) -> (Vec<Part>, Vec<(u32, Failure)>) {
        (self.parts.take(), self.lost.take())
    }
}

/// Begins to fetch; the promise is kept when all have come or are lost, or `end` was called.
pub(super) fn fetch(
    entry: &Rc<Entry>,
    places: Vec<u32>,
    progress: &Rc<Progress>,
    end: AbortSignal,
    here: &Rc<Fetched>,
) -> Promise {
    let next = Rc::new(Cell::new(0));
    let places: Rc<[u32]> = places.into();
    let lane = |_| -> JsValue {
        let (entry, progress, end, here) = (Rc::clone(entry), Rc::clone(progress), end.clone(), Rc::clone(here));
        let (next, places) = (Rc::clone(&next), Rc::clone(&places));
        let lane = async move {
            while let Some(&place) = places.get(next.replace(next.get() + 1)) {
                let fetched = one(&entry, place, &progress, &end).await;
                if end.aborted() {
                    break;
                }
                match fetched {
                    Ok(part) => here.parts.borrow_mut().push(part),
                    Err(failure) => here.lost.borrow_mut().push((place, failure)),
                }
            }
            Ok(JsValue::UNDEFINED)
        };
        future_to_promise(lane).into()
    };
    Promise::all(&(0..AT_ONCE).map(lane).collect::<Array>())
}

async fn one(entry: &Entry, place: u32, progress: &Rc<Progress>, end: &AbortSignal) -> Outcome<Part> {
    let reference = &entry.cells[place as usize];
    let path = [FOLDER, "/", &reference.file.name(Kind::Cell)].concat();
    let get = |cache| download::file(path.clone(), reference.file.bytes, Rc::clone(progress), cache, Some(end));
    let mut bytes = get(RequestCache::Default).await?;
    dom::breathe().await?;
    let mut cell = entry.cell(place, &bytes.to_vec());
    if cell.is_err() {
        bytes = get(RequestCache::Reload).await?;
        cell = entry.cell(place, &bytes.to_vec());
    }
    Ok(Part { place, bytes, items: cell?.items })
}
