//! The collection as the page needs it: names, places and labels, but no embedding.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{AbortController, RequestCache};

use super::{
    address,
    cells::{self, Fetched, Part},
    download::{self, Progress},
    failure::{Failure, Outcome},
    shelf, text,
};
use crate::gallery::{Area, ENTRY, Entry, FOLDER, FileRef, Item, Photos, Stored, container::Kind};

/// The files as they came; engines get copies of them.
pub(super) struct Files {
    entry: Uint8Array,
    encoder: Uint8Array,
    probes: Uint8Array,
    /// Those that have come, by their places in the entry.
    cells: RefCell<Vec<Option<Uint8Array>>>,
}

impl Files {
    /// As [`crate::web::messages::Request::Open`] wants them: the places of the cells, and all bytes.
    pub(super) fn in_order(&self) -> (Vec<u32>, Array) {
        let (places, cells) = self.cells_but(&[]);
        (places, Array::of3(&self.entry, &self.encoder, &self.probes).concat(&cells))
    }

    /// The cells that are none of these.
    pub(super) fn cells_but(&self, known: &[bool]) -> (Vec<u32>, Array) {
        let cells = self.cells.borrow();
        let (mut places, files) = (Vec::new(), Array::new());
        for (place, bytes) in (0_u32..).zip(&*cells) {
            let is_known = known.get(place as usize).is_some_and(|known| *known);
            if let (Some(bytes), false) = (bytes, is_known) {
                places.push(place);
                files.push(bytes);
            }
        }
        (places, files)
    }

    /// A cell has come.
    pub(super) fn put(&self, place: u32, bytes: Uint8Array) {
        if let Some(cell) = self.cells.borrow_mut().get_mut(place as usize) {
            *cell = Some(bytes);
        }
    }

    /// Whether the host's entry is still the one that these files go by; if it does not say, it is.
    pub(super) async fn are_current(&self) -> bool {
        let now = download::fresh(&entry_path()).await;
        now.map_or(true, |now| now.to_vec() == self.entry.to_vec())
    }

    /// Another collection of the same encoder.
    pub(super) fn with_collection(&self, entry: Uint8Array, cell: Uint8Array) -> Outcome<(Collection, Self)> {
        let read = Rc::new(Entry::from_file(&entry.to_vec(), ENTRY)?);
        let items = read.cell(0, &cell.to_vec())?.items;
        let cells = RefCell::new(vec![Some(cell.clone())]);
        let files = Self { entry, encoder: self.encoder.clone(), probes: self.probes.clone(), cells };
        Ok((Collection::new(read).with(vec![Part { place: 0, bytes: cell, items }]), files))
    }
}

/// What is known of the photos. More parts of it make another one of it.
pub(super) struct Collection {
    pub(super) entry: Rc<Entry>,
    /// The photos that are there; a neighbour's id is a number here.
    pub(super) items: Photos<Item>,
}

impl Collection {
    fn new(entry: Rc<Entry>) -> Self {
        Self { items: Photos::none(entry.cells.iter().map(|cell| cell.photos)), entry }
    }

    /// With more parts of it.
    pub(super) fn with(&self, parts: Vec<Part>) -> Self {
        let mut items = self.items.clone();
        parts.into_iter().for_each(|part| items.put(part.place, part.items));
        Self { entry: Rc::clone(&self.entry), items }
    }

    pub(super) fn item(&self, id: u32) -> Option<&Item> {
        self.items.get(id)
    }

    /// The cells of a large collection that are not there, each by the number of its first photo.
    pub(super) fn discs(&self) -> impl Iterator<Item = (u32, &Area)> {
        let area = |cell| Some((self.items.first(cell), self.entry.areas.get(cell as usize)?));
        self.items.missing().filter_map(area)
    }

    /// Where a photo lies on the map, or the cell that it is in.
    pub(super) fn spot(&self, id: u32) -> Option<[f32; 2]> {
        let cell = || Some(self.entry.areas.get(self.items.cell_of(id)? as usize)?.middle);
        self.item(id).map(|item| item.map).or_else(cell)
    }

    /// How many photos the cell of a photo has.
    pub(super) fn around(&self, id: u32) -> u32 {
        let cell = self.items.cell_of(id).and_then(|cell| self.entry.cells.get(cell as usize));
        cell.map_or(0, |cell| cell.photos)
    }

    /// The number of a photo that is there, by its path.
    pub(super) fn find(&self, path: &str) -> Option<(u32, &Item)> {
        self.items.numbered().find(|(_, item)| item.path == path)
    }

    /// The part of an address that leads to a photo. Of a large collection its number is there as well: it tells which
    /// part of the collection to fetch.
    pub(super) fn link(&self, id: u32, item: &Item) -> String {
        address::link(&item.path, self.entry.is_large().then_some(id))
    }

    /// Where the page finds an item's thumbnail.
    pub(super) fn thumbnail(item: &Item) -> String {
        let path = item.thumb_path();
        shelf::thumbnail(&path).unwrap_or_else(|| format!("{FOLDER}/{path}"))
    }

    /// Where it finds the largest picture of an item.
    pub(super) fn picture(&self, item: &Item) -> String {
        if self.entry.large == 0 { Self::thumbnail(item) } else { format!("{FOLDER}/{}", item.large_path()) }
    }
}

fn entry_path() -> String {
    [FOLDER, "/", ENTRY].concat()
}

/// A collection, its files, and the parts that could not be loaded.
pub(super) type Loaded = (Collection, Files, Vec<(u32, Failure)>);

/// Fetches the entry, then at once what an engine needs, and all cells of a collection that is meant to be fetched whole.
/// It can do without some of them.
pub(super) async fn load(report: impl Fn(f64) + 'static) -> Outcome<Loaded> {
    let entry_bytes = download::fresh(&entry_path()).await?;
    let entry = Rc::new(Entry::from_file(&entry_bytes.to_vec(), ENTRY)?);
    let collection = Collection::new(Rc::clone(&entry));
    let wanted: Vec<u32> = if entry.is_large() { Vec::new() } else { collection.items.missing().collect() };
    let cells = wanted.iter().filter_map(|&place| entry.cells.get(place as usize));
    let total =
        cells.map(|cell| cell.file).chain([entry.encoder, entry.probes]).map(|file| f64::from(file.bytes)).sum();
    let progress = Progress::new(total, report);
    let (here, end) = (Rc::new(Fetched::default()), AbortController::new()?);
    let coming = cells::fetch(&entry, wanted, &progress, end.signal(), &here);
    let encoder = one(entry.encoder, Kind::Encoder, &progress);
    let probes = one(entry.probes, Kind::Probes, &progress);
    let both = JsFuture::from(js_sys::Promise::all(&Array::of2(&encoder, &probes))).await?;
    JsFuture::from(coming).await?;
    let [encoder, probes] = [0, 1].map(|at| Array::from(&both).get(at).unchecked_into());
    let (parts, mut lost) = here.take();
    if parts.is_empty() && !entry.is_large() {
        return Err(lost.pop().map_or_else(|| Failure::new(text::NO_REASON), |(_, failure)| failure));
    }
    let files = Files { entry: entry_bytes, encoder, probes, cells: RefCell::new(vec![None; entry.cells.len()]) };
    parts.iter().for_each(|part| files.put(part.place, part.bytes.clone()));
    Ok((collection.with(parts), files, lost))
}

fn one(file: FileRef, kind: Kind, progress: &Rc<Progress>) -> js_sys::Promise {
    let path = format!("{FOLDER}/{}", file.name(kind));
    let download = download::file(path, file.bytes, Rc::clone(progress), RequestCache::Default, None);
    future_to_promise(async move { download.await.map(JsValue::from).map_err(|failure| failure.words().into()) })
}
