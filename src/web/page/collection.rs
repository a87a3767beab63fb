//! The collection as the page needs it: names, places and labels, but no embedding.

use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::{
    dom,
    download::{self, Progress},
    failure::{Failure, Outcome},
    shelf, text,
};
use crate::gallery::{Cell, ENTRY, Entry, FOLDER, FileRef, GalleryError, Item, Stored, container::Kind};

/// The files as they came; engines get copies of them.
pub(super) struct Files {
    entry: Uint8Array,
    encoder: Uint8Array,
    probes: Uint8Array,
    cells: Vec<Uint8Array>,
}

impl Files {
    /// In the order of [`crate::web::messages::Request::Open`].
    pub(super) fn in_order(&self) -> Array {
        [&self.entry, &self.encoder, &self.probes].into_iter().chain(&self.cells).collect()
    }
}

impl Files {
    /// Another collection of the same encoder.
    pub(super) async fn with_collection(&self, entry: Uint8Array, cell: Uint8Array) -> Outcome<(Collection, Self)> {
        let files = Self { entry, encoder: self.encoder.clone(), probes: self.probes.clone(), cells: vec![cell] };
        let entry = Entry::from_file(&files.entry.to_vec(), ENTRY)?;
        let items = items(&entry, &files.cells).await?;
        Ok((Collection { entry, items }, files))
    }
}

pub(super) struct Collection {
    pub(super) entry: Entry,
    /// All photos; a neighbour's id is a place here.
    pub(super) items: Vec<Item>,
}

impl Collection {
    pub(super) fn item(&self, id: u32) -> Option<&Item> {
        self.items.get(id as usize)
    }

    /// The place of a photo, by its path.
    pub(super) fn find(&self, path: &str) -> Option<u32> {
        (0_u32..).zip(&self.items).find(|(_, item)| item.path == path).map(|(id, _)| id)
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

/// Fetches the entry, then all that it names at once.
pub(super) async fn load(report: impl Fn(f64) + 'static) -> Outcome<(Collection, Files)> {
    let entry_bytes = download::fresh(&format!("{FOLDER}/{ENTRY}")).await?;
    let entry = Entry::from_file(&entry_bytes.to_vec(), ENTRY)?;
    let wanted: Vec<(FileRef, Kind)> = [(entry.encoder, Kind::Encoder), (entry.probes, Kind::Probes)]
        .into_iter()
        .chain(entry.cells.iter().map(|cell| (cell.file, Kind::Cell)))
        .collect();
    let mut files = all(&wanted, report).await?.into_iter();
    let mut next = || files.next().ok_or_else(|| Failure::new(text::NO_REASON));
    let (encoder, probes) = (next()?, next()?);
    let files = Files { entry: entry_bytes, encoder, probes, cells: files.collect() };
    let items = items(&entry, &files.cells).await?;
    Ok((Collection { entry, items }, files))
}

async fn all(wanted: &[(FileRef, Kind)], report: impl Fn(f64) + 'static) -> Outcome<Vec<Uint8Array>> {
    let total = wanted.iter().map(|(file, _)| f64::from(file.bytes)).sum();
    let progress = Progress::new(total, report);
    let downloads: Array = wanted
        .iter()
        .map(|&(file, kind)| {
            let path = format!("{FOLDER}/{}", file.name(kind));
            let download = download::file(path, file.bytes, Rc::clone(&progress));
            let settled = async move { download.await.map(JsValue::from).map_err(|e| e.to_string().into()) };
            JsValue::from(future_to_promise(settled))
        })
        .collect();
    let files = JsFuture::from(js_sys::Promise::all(&downloads)).await?;
    Ok(Array::from(&files).iter().map(|bytes| bytes.unchecked_into()).collect())
}

async fn items(entry: &Entry, cells: &[Uint8Array]) -> Outcome<Vec<Item>> {
    let mut items = Vec::new();
    for (bytes, reference) in cells.iter().zip(&entry.cells) {
        dom::breathe().await?;
        let name = reference.file.name(Kind::Cell);
        let cell = Cell::from_file(&bytes.to_vec(), &name)?;
        // The engine checks everything else; the map must be able to rely on this by itself.
        if cell.items.iter().any(|item| item.map.iter().any(|x| !x.is_finite())) {
            return Err(GalleryError::malformed(&name, text::NO_PLACE).into());
        }
        items.extend(cell.items);
    }
    Ok(items)
}
