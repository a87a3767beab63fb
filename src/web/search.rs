//! The engine for somebody else's page: `www/worker_search.js` calls it, in a worker of its own, and fetches for it.

use std::rc::Rc;

use burn::tensor::Device;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::Blob;

use super::{bitmap, details, js};
use crate::{
    cells,
    engine::Engine,
    gallery::{ENTRY, Entry, Gallery, GalleryFiles, Item, Stored, container::Kind},
    likeness::likeness,
    photo::Photo,
    search::Neighbor,
};

/// What an entry names, for whoever fetches: `encoder`, `probes` and `cells` are files, `title`, `photos` and `tags` what it says
/// of the collection; `large`: cells are fetched as questions want them.
///
/// # Errors
/// What is wrong with the entry.
#[wasm_bindgen]
pub fn read_entry(bytes: &[u8]) -> Result<Object, JsValue> {
    let entry = Entry::from_file(bytes, ENTRY).map_err(words)?;
    let cells = entry.cells.iter().map(|cell| JsValue::from(cell.file.name(Kind::Cell))).collect::<Array>();
    let tags = entry.tags.iter().map(|tag| JsValue::from(tag.name.as_str())).collect::<Array>();
    object(&[
        ("encoder", entry.encoder.name(Kind::Encoder).into()),
        ("probes", entry.probes.name(Kind::Probes).into()),
        ("cells", cells.into()),
        ("title", entry.title.as_str().into()),
        ("photos", entry.photos.into()),
        ("tags", tags.into()),
        ("large", entry.is_large().into()),
    ])
}

/// A gallery that can be asked, as far as its cells are there.
#[wasm_bindgen]
pub struct Search {
    engine: Rc<Engine>,
}

#[wasm_bindgen]
impl Search {
    /// Opens a gallery without its cells, and sees to it that this device computes rightly.
    ///
    /// # Errors
    /// What is wrong with a file, or with the device.
    pub async fn open(entry: Vec<u8>, encoder: Vec<u8>, probes: Vec<u8>) -> Result<Self, JsValue> {
        let gallery = Gallery::without_cells(&GalleryFiles { entry, encoder, probes, cells: Vec::new() });
        let engine = Engine::of(gallery.map_err(words)?, Device::flex()).map_err(words)?;
        engine.check(1).await.map_err(words)?;
        Ok(Self { engine: Rc::new(engine) })
    }

    /// Adds cells, by their places in the entry.
    ///
    /// # Errors
    /// What is wrong with the first that can't be used.
    pub fn put(&mut self, places: Vec<u32>, cells: Vec<js_sys::Uint8Array>) -> Result<(), JsValue> {
        let mut gallery = self.engine.gallery().clone();
        for (place, cell) in places.into_iter().zip(cells) {
            gallery.put(place, &cell.to_vec()).map_err(words)?;
        }
        if let Some(engine) = self.engine.with_gallery(gallery).map_err(words)? {
            self.engine = Rc::new(engine);
        }
        Ok(())
    }

    /// The embedding of a photo: JPEG, PNG, WebP, or whatever else the browser decodes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn embed(&self, photo: Blob) -> Result<Vec<f32>, JsValue> {
        // The engine may be another one when this is through.
        let engine = Rc::clone(&self.engine);
        let bytes = js::bytes(&photo).await.map_err(|_| details::UNREADABLE)?;
        let decoded = match Photo::decode(&bytes) {
            Ok(photo) => photo,
            Err(error) => bitmap::decode(&photo).await.ok_or_else(|| words(error))?,
        };
        let embedding = engine.encode(&engine.pixels(&decoded, None)).await.map_err(words)?;
        Ok(embedding.as_slice().to_vec())
    }

    /// The embedding of a photo of the gallery.
    ///
    /// # Errors
    /// A photo that is not there.
    pub fn known(&self, id: u32) -> Result<Vec<f32>, JsValue> {
        Ok(self.engine.embedding(id).map_err(words)?.as_slice().to_vec())
    }

    /// The cells that an answer of this embedding wants and that are not there, nearest first; `all`: for the exact one.
    ///
    /// # Errors
    /// No embedding of this gallery.
    pub fn wanted(&self, embedding: Vec<f32>, all: bool) -> Result<Vec<u32>, JsValue> {
        let Gallery { entry, items, .. } = self.engine.gallery();
        if !entry.is_large() {
            return Ok(items.missing().collect());
        }
        let order = self.engine.wanted(embedding).map_err(words)?;
        let effort = if all { entry.efforts.len() } else { cells::first(entry) };
        Ok(cells::within(entry, &order, effort).iter().copied().filter(|&place| !items.has(place)).collect())
    }

    /// The nearest photos that are there; `without`: one of them that is left out.
    ///
    /// # Errors
    /// No embedding of this gallery.
    pub fn answer(&self, embedding: Vec<f32>, without: Option<u32>, count: u32) -> Result<Array, JsValue> {
        let without: Vec<u32> = without.into_iter().collect();
        let answer = self.engine.again(&[embedding], None, &without, count as usize).map_err(words)?;
        answer.neighbors.iter().filter_map(|neighbor| self.result(neighbor)).collect()
    }

    fn result(&self, neighbor: &Neighbor) -> Option<Result<JsValue, JsValue>> {
        let Gallery { entry, items, .. } = self.engine.gallery();
        let item = items.get(neighbor.id)?;
        let word = likeness(neighbor.similarity, &entry.likeness).map_or("", |word| word.name());
        Some(result(neighbor, item, word).map(JsValue::from))
    }
}

fn result(neighbor: &Neighbor, item: &Item, word: &str) -> Result<Object, JsValue> {
    let [width, height] = item.thumb_size;
    object(&[
        ("id", neighbor.id.into()),
        ("path", item.path.as_str().into()),
        ("title", item.name().into()),
        ("link", item.link().into()),
        ("tags", item.tags().iter().map(|tag| JsValue::from(tag.as_str())).collect::<Array>().into()),
        ("similarity", neighbor.similarity.into()),
        ("likeness", word.into()),
        ("thumbnail", item.thumb_path().into()),
        ("width", width.into()),
        ("height", height.into()),
    ])
}

fn object(pairs: &[(&str, JsValue)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in pairs {
        Reflect::set(&object, &JsValue::from(*name), value)?;
    }
    Ok(object)
}

fn words(error: impl std::fmt::Display) -> JsValue {
    error.to_string().into()
}
