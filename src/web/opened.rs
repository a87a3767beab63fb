//! What a worker has open, and its answers about photos.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::{
    details::{NOT_OPEN, UNREADABLE},
    js,
    memory::{Memory, Seen},
    messages::{EngineReport, Given, Source},
    worker::{detail, now},
};
use crate::{
    crop::Crop,
    embedding::Embedding,
    engine::{Answer, Compared, Comparison, Engine, Reconstruction, Why},
    mix::Weight,
    photo::Photo,
};

/// The engine once it is open, asked by one question at a time, and what it remembers.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) engine: RefCell<Option<(Rc<Engine>, EngineReport)>>,
    memory: RefCell<Memory>,
}

impl Opened {
    pub(super) fn engine(&self) -> Result<Rc<Engine>, String> {
        self.engine.borrow().as_ref().map(|(engine, _)| Rc::clone(engine)).ok_or_else(|| NOT_OPEN.to_owned())
    }

    /// The bytes of a photo, unless it is there decoded.
    async fn bytes(&self, file: JsValue, key: u32) -> Result<Option<Vec<u8>>, String> {
        if self.memory.borrow_mut().photo(key).is_some() {
            return Ok(None);
        }
        Ok(Some(read(file).await.ok_or(UNREADABLE)?))
    }

    /// Decodes and encodes a photo, or a part of one. The photo is kept for the next box on it.
    async fn see(&self, engine: &Engine, bytes: Option<Vec<u8>>, photo: Given) -> Result<Seen, String> {
        let kept = self.memory.borrow_mut().photo(photo.key);
        let decoded = match bytes {
            Some(bytes) => Rc::new(Photo::decode(&bytes).map_err(|e| e.to_string())?),
            None => kept.ok_or(UNREADABLE)?,
        };
        let pixels = engine.pixels(&decoded, photo.part);
        if photo.part.is_some() {
            self.memory.borrow_mut().keep(photo.key, &decoded);
        }
        drop(decoded);
        let embedding = engine.encode(&pixels).await.map_err(detail)?;
        let seen = Seen { embedding, pixels_hash: pixels.hash() };
        self.memory.borrow_mut().remember(photo, &seen);
        Ok(seen)
    }

    /// The embedding of a photo of a mix: encoded once, whatever its weight.
    async fn embedding(&self, engine: &Engine, file: JsValue, photo: Given) -> Result<Embedding, String> {
        let seen = self.memory.borrow().seen(photo);
        let seen = match seen {
            Some(seen) => seen,
            None => {
                let bytes = self.bytes(file, photo.key).await?;
                self.see(engine, bytes, photo).await?
            }
        };
        Ok(seen.embedding)
    }
}

pub(super) async fn ask(
    opened: &Opened,
    file: JsValue,
    photo: Given,
    item: Option<u32>,
    k: u32,
) -> Result<(Answer, f32), String> {
    let engine = opened.engine()?;
    // A whole photo is looked at again each time; a box may have been there while it was dragged.
    let known = photo.part.and_then(|_| opened.memory.borrow().seen(photo));
    let bytes = if known.is_some() { None } else { opened.bytes(file, photo.key).await? };
    let start = now();
    let seen = match known {
        Some(seen) => seen,
        None => opened.see(&engine, bytes, photo).await?,
    };
    let without: Vec<u32> = item.into_iter().collect();
    let answer = engine.answer(&seen.embedding, Some(seen.pixels_hash), &without, k as usize);
    Ok((answer, (now() - start) as f32))
}

pub(super) fn near(opened: &Opened, item: u32, k: u32) -> Result<(Answer, f32), String> {
    let engine = opened.engine()?;
    let start = now();
    let answer = engine.near(item, k as usize).map_err(detail)?;
    Ok((answer, (now() - start) as f32))
}

pub(super) async fn mix(
    opened: &Opened,
    attached: &Array,
    photos: Vec<(Source, Weight)>,
    k: u32,
) -> Result<(Answer, f32), String> {
    let engine = opened.engine()?;
    let start = now();
    let mut files = attached.iter();
    let mut embeddings = Vec::new();
    let mut without = Vec::new();
    for (source, weight) in photos {
        let embedding = match source {
            Source::Item(item) => {
                without.push(item);
                engine.embedding(item).map_err(detail)?.clone()
            }
            Source::Given { photo, item } => {
                without.extend(item);
                opened.embedding(&engine, files.next().unwrap_or_default(), photo).await?
            }
        };
        embeddings.push((embedding, weight));
    }
    let answer = engine.ask_mix(&embeddings, &without, k as usize).map_err(detail)?;
    Ok((answer, (now() - start) as f32))
}

pub(super) async fn reconstruct(
    opened: &Opened,
    photo: JsValue,
    part: Option<Crop>,
    decoder: &JsValue,
) -> Result<Reconstruction, String> {
    let engine = opened.engine()?;
    let bytes = read(photo).await.ok_or(UNREADABLE)?;
    engine.reconstruct(&bytes, part, &Uint8Array::new(decoder).to_vec()).await.map_err(detail)
}

pub(super) async fn ask_turned(
    opened: &Opened,
    photo: JsValue,
    part: Option<Crop>,
    k: u32,
) -> Result<(Answer, f32), String> {
    let engine = opened.engine()?;
    let bytes = read(photo).await.ok_or(UNREADABLE)?;
    let start = now();
    let answer = engine.ask_turned(&bytes, part, k as usize).await.map_err(detail)?;
    Ok((answer, (now() - start) as f32))
}

pub(super) async fn explain(opened: &Opened, one: JsValue, part: Option<Crop>, other: JsValue) -> Result<Why, String> {
    let engine = opened.engine()?;
    let (one, other) = (read(one).await.ok_or(UNREADABLE)?, read(other).await.ok_or(UNREADABLE)?);
    engine.explain([&one, &other], part).await.map_err(detail)
}

pub(super) async fn compare(
    opened: &Opened,
    attached: &Array,
    item: Option<u32>,
    k: u32,
) -> Result<Comparison, String> {
    let engine = opened.engine()?;
    let bytes = if item.is_none() { read(attached.get(2)).await.ok_or(UNREADABLE)? } else { Vec::new() };
    let photo = item.map_or(Compared::Given(&bytes), Compared::Item);
    let miniatures = Uint8Array::new(&attached.get(0)).to_vec();
    let autoencoder = attached.get(1).dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec());
    engine.compare(photo, &miniatures, autoencoder.as_deref(), k as usize).await.map_err(detail)
}

async fn read(photo: JsValue) -> Option<Vec<u8>> {
    js::bytes(&photo.dyn_into().ok()?).await.ok()
}
