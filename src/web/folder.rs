//! The visitor's own folder in a worker: photo by photo it is indexed, kept, and made a collection.

use std::collections::{BTreeMap, BTreeSet};

use js_sys::{Array, Map, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::{
    bitmap, details, formats, js,
    messages::{FolderRequest, FolderResponse, Kept, Note},
    store::Store,
    tables,
    worker::detail,
};
use crate::{
    engine::Engine,
    folder::{self, Photo as Known},
    gallery::{Indexed, Part, Stored, container::Kind, stored_form, thumb_path},
    photo::{MAX_PIXELS, Photo},
    preprocess::Pixels,
    thumbnail::{Thumbnail, jpeg, thumbnail},
};

/// Photos a part: as many are looked at again if the page is closed before it is written.
const PART: usize = 24;

/// A photo that need not be looked at again.
struct Place {
    photo: Known,
    size: u64,
    modified: u64,
    thumb: Blob,
    /// The file that keeps it; empty: none does.
    part: String,
}

/// A photo that has been read, and waits until there are enough to encode at once.
struct Read {
    path: String,
    size: u64,
    modified: u64,
    pixels: Pixels,
    thumb: Thumbnail,
}

/// What has been indexed.
#[derive(Default)]
pub(super) struct Folder {
    title: String,
    places: BTreeMap<String, Place>,
    /// The photos of the folder that is being indexed.
    taken: BTreeSet<String>,
    read: Vec<Read>,
    pending: Vec<Indexed>,
    /// Size of each part, and how many photos it holds.
    parts: BTreeMap<String, (usize, usize)>,
    store: Option<Store>,
    note: Option<Note>,
}

impl Folder {
    /// Does what the page asks, encoding `batch` photos at once; the answer may have attachments.
    pub(super) async fn answer(
        &mut self,
        engine: &Engine,
        batch: usize,
        request: FolderRequest,
        attached: &JsValue,
    ) -> Result<(FolderResponse, Vec<JsValue>), String> {
        match request {
            FolderRequest::Look => self.load(engine).await,
            FolderRequest::Begin { title } => self.begin(engine, title).await,
            FolderRequest::Take { path, modified } => {
                let problem = self.take(engine, path, modified, attached.unchecked_ref()).await.err();
                if self.read.len() >= batch {
                    self.encode(engine).await?;
                }
                if self.pending.len() >= PART {
                    self.keep(engine).await;
                }
                return Ok((FolderResponse::Taken { problem }, Vec::new()));
            }
            FolderRequest::Stop => self.flush(engine).await?,
            FolderRequest::Finish => {
                self.flush(engine).await?;
                self.compact(engine).await;
                return self.collect(engine);
            }
            FolderRequest::Open => {
                self.load(engine).await;
                self.taken = self.places.keys().cloned().collect();
                return self.collect(engine);
            }
            FolderRequest::Forget => {
                self.places.clear();
                self.read.clear();
                self.pending.clear();
                self.remove_parts(|_| true).await;
            }
            FolderRequest::Index => return Ok((FolderResponse::Index, vec![tables::index(engine)?.into()])),
        }
        Ok((FolderResponse::Kept(self.kept()), Vec::new()))
    }

    fn kept(&mut self) -> Kept {
        let bytes = self.parts.values().map(|(bytes, _)| *bytes).sum::<usize>() as u32;
        let photos = self.places.len() as u32;
        Kept { title: self.title.clone(), photos, bytes, note: self.note.take() }
    }

    /// Reads what is kept; another tab may have written meanwhile.
    async fn load(&mut self, engine: &Engine) {
        self.store = Store::open().await;
        let Some(store) = &self.store else { return };
        let entry = &engine.gallery().entry;
        // What could not be kept is still known.
        self.places.retain(|_, place| place.part.is_empty());
        self.parts.clear();
        for name in store.names().await {
            let Some(bytes) = store.read(&name).await else { continue };
            match Part::read(&bytes, &name, &entry.encoder, entry.width) {
                Ok(Some(part)) => {
                    self.parts.insert(name.clone(), (bytes.len(), part.photos.len()));
                    part.photos.into_iter().for_each(|photo| insert(&mut self.places, photo, &name));
                }
                other => {
                    self.note = Some(if other.is_ok() { Note::Older } else { Note::Damaged });
                    store.remove(&name).await;
                }
            }
        }
        if let Some(path) = self.places.keys().next() {
            self.title = root(path).to_owned();
        }
    }

    /// One folder is kept at a time.
    async fn begin(&mut self, engine: &Engine, title: String) {
        self.load(engine).await;
        self.taken.clear();
        self.read.clear();
        self.pending.clear();
        let foreign: BTreeSet<_> =
            self.places.iter().filter(|(path, _)| root(path) != title).map(|(_, place)| place.part.clone()).collect();
        self.places.retain(|path, place| root(path) == title && !foreign.contains(&place.part));
        self.remove_parts(|part| foreign.contains(part)).await;
        if self.store.is_none() {
            self.note = Some(Note::NoRoom);
        }
        self.title = title;
    }

    /// Reads a photo that is new or has changed.
    async fn take(&mut self, engine: &Engine, path: String, modified: u64, file: &Blob) -> Result<(), String> {
        let size = file.size() as u64;
        if self.places.get(&path).is_none_or(|place| (place.size, place.modified) != (size, modified)) {
            let photo = decoded(file).await?;
            let thumb = thumbnail(&photo, None, jpeg).map_err(|e| e.to_string())?;
            self.read.push(Read { path: path.clone(), size, modified, pixels: engine.pixels(&photo, None), thumb });
        }
        self.taken.insert(path);
        Ok(())
    }

    /// Encodes what has been read. Only a device can fail at that, and then nothing of the folder goes on there.
    async fn encode(&mut self, engine: &Engine) -> Result<(), String> {
        let read = std::mem::take(&mut self.read);
        let embeddings =
            engine.embed(&read.iter().map(|read| &read.pixels).collect::<Vec<_>>()).await.map_err(detail)?;
        for (Read { path, size, modified, thumb, .. }, embedding) in read.into_iter().zip(embeddings) {
            let embedding = stored_form(&embedding);
            let photo = Indexed { path, size, modified, embedding, thumb: thumb.bytes, thumb_size: thumb.size };
            self.places.remove(&photo.path); // which may know a later version: this one is there now
            insert(&mut self.places, photo.clone(), "");
            self.pending.push(photo);
        }
        Ok(())
    }

    /// Nothing is left that is read or indexed and not kept.
    async fn flush(&mut self, engine: &Engine) -> Result<(), String> {
        if !self.read.is_empty() {
            self.encode(engine).await?;
        }
        self.keep(engine).await;
        Ok(())
    }

    /// Writes the photos that no part holds.
    async fn keep(&mut self, engine: &Engine) {
        let photos = std::mem::take(&mut self.pending);
        if !photos.is_empty() {
            self.write(engine, photos).await;
        }
    }

    async fn write(&mut self, engine: &Engine, photos: Vec<Indexed>) {
        let Some(store) = &self.store else { return };
        let part = Part { encoder: engine.gallery().entry.encoder.hash, photos };
        let Ok((bytes, reference)) = part.to_file() else { return };
        let name = reference.name(Kind::Part);
        if store.write(&name, &bytes).await.is_none() {
            self.note = Some(Note::NoRoom);
            self.store = None;
            return;
        }
        for photo in &part.photos {
            if let Some(place) = self.places.get_mut(&photo.path) {
                place.part.clone_from(&name);
            }
        }
        self.parts.insert(name, (bytes.len(), part.photos.len()));
    }

    /// Writes parts again that hold photos which are no longer in the folder, or have changed.
    async fn compact(&mut self, engine: &Engine) {
        let taken = std::mem::take(&mut self.taken);
        self.places.retain(|path, _| taken.contains(path));
        self.taken = taken;
        let live = |name: &str| self.places.values().filter(|place| place.part == name).count();
        let stale: Vec<_> = self
            .parts
            .iter()
            .filter(|(name, (_, photos))| live(name) < *photos)
            .map(|(name, _)| name.clone())
            .collect();
        for name in stale {
            let Some(store) = &self.store else { return };
            let bytes = store.read(&name).await.unwrap_or_default();
            let Ok(mut part) = Part::from_file(&bytes, &name) else { continue };
            part.photos.retain(|photo| self.places.get(&photo.path).is_some_and(|place| place.part == name));
            if !part.photos.is_empty() {
                self.write(engine, part.photos).await;
            }
            self.remove_parts(|part| *part == name).await;
        }
    }

    async fn remove_parts(&mut self, which: impl Fn(&String) -> bool) {
        for name in self.parts.keys().filter(|name| which(name)).cloned().collect::<Vec<_>>() {
            if let Some(store) = &self.store {
                store.remove(&name).await;
            }
            self.parts.remove(&name);
        }
    }

    /// Attached: entry and cell, and the thumbnails by their paths, as `Blob`s.
    fn collect(&mut self, engine: &Engine) -> Result<(FolderResponse, Vec<JsValue>), String> {
        if self.taken.is_empty() {
            return Err(details::NO_PHOTO.to_owned());
        }
        let taken = || self.places.iter().filter(|(path, _)| self.taken.contains(*path)).map(|(_, place)| place);
        let photos: Vec<_> = taken().map(|place| &place.photo).collect();
        let files = folder::gallery(&self.title, &engine.gallery().entry, &photos).map_err(|e| e.to_string())?;
        let thumbs = Map::new();
        for place in taken() {
            thumbs.set(&thumb_path(place.photo.thumb).into(), &place.thumb);
        }
        let attached = [files.entry, files.cell].map(|bytes| Uint8Array::from(bytes.as_slice()).into());
        Ok((FolderResponse::Collected(self.kept()), attached.into_iter().chain([thumbs.into()]).collect()))
    }
}

fn insert(places: &mut BTreeMap<String, Place>, photo: Indexed, part: &str) {
    let Indexed { path, size, modified, embedding, thumb, thumb_size } = photo;
    if places.get(&path).is_some_and(|other| other.modified > modified) {
        return;
    }
    let Ok(blob) = Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(thumb.as_slice()))) else { return };
    let photo = Known { path: path.clone(), thumb: folder::thumb_hash(&thumb), thumb_size, embedding };
    places.insert(path, Place { photo, size, modified, thumb: blob, part: part.to_owned() });
}

/// The folder's name, with which all its paths begin.
fn root(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

/// As a photo that is asked about: the engine's decoder where it reads the format, else the browser's.
async fn decoded(file: &Blob) -> Result<Photo, String> {
    let head = file.slice_with_i32_and_i32(0, formats::HEAD).map_err(|_| details::PHOTO_UNREADABLE)?;
    let head = js::bytes(&head).await.map_err(|_| details::PHOTO_UNREADABLE)?;
    if formats::is_exact(&head) {
        return Photo::decode(&js::bytes(file).await.map_err(|_| details::PHOTO_UNREADABLE)?)
            .map_err(|e| e.to_string());
    }
    let small = formats::pixels(&head) <= MAX_PIXELS;
    let photo = if small { bitmap::decode(file).await } else { None };
    photo.ok_or_else(|| details::no_photo(crate::photo::kind(&head)))
}
