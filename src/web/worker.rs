//! An engine behind a message port: opens a gallery, then answers questions one after the other.

use std::{cell::RefCell, rc::Rc};

use burn::tensor::Device;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::{
    folder::Folder,
    groups::Groups,
    memory::{Memory, Seen},
    messages::{EngineReport, FolderRequest, FolderResponse, Given, Request, Response, Source},
};
use crate::{
    crop::Crop,
    embedding::Embedding,
    engine::{Answer, Compared, Comparison, Engine, Reconstruction, Why},
    gallery::{GalleryFiles, codec},
    mix::Weight,
    photo::Photo,
};

/// As many photos tell what a cluster looks like.
const EXEMPLARS: usize = 3;

const NOT_OPEN: &str = "the collection is not open yet";
const UNREADABLE: &str = "the file can't be read; it may be a folder, or have been moved or changed";

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The processor.
    #[cfg(feature = "worker-cpu")]
    Cpu,
    /// The graphics processor.
    #[cfg(feature = "worker-webgpu")]
    WebGpu,
}

impl Backend {
    /// The device and its name for people.
    async fn device(self) -> Result<(Device, String), String> {
        match self {
            #[cfg(feature = "worker-cpu")]
            Self::Cpu => Ok((Device::flex(), "CPU (SIMD)".to_owned())),
            #[cfg(feature = "worker-webgpu")]
            Self::WebGpu => {
                let adapter = super::gpu::adapter().await.ok_or("this browser has no WebGPU adapter to offer")?;
                let device =
                    Device::wgpu_options().init_async().await.map_err(|e| format!("it did not start ({e})"))?;
                let name = if adapter.name.is_empty() { "unnamed" } else { &adapter.name };
                Ok((device, format!("WebGPU ({name})")))
            }
        }
    }
}

thread_local! {
    /// The visitor's own folder; not there while something is done with it.
    static FOLDER: RefCell<Option<Folder>> = RefCell::new(Some(Folder::default()));
}

/// The engine once it is open, asked by one question at a time, and what it remembers.
#[derive(Default)]
struct Opened {
    engine: RefCell<Option<(Rc<Engine>, EngineReport)>>,
    memory: RefCell<Memory>,
}

impl Opened {
    fn engine(&self) -> Result<Rc<Engine>, String> {
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
        let embedding = engine.encode(&pixels).await.map_err(|e| e.to_string())?;
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

/// Listens to the page.
pub fn start(backend: Backend) {
    std::panic::set_hook(Box::new(|panic| {
        fail(None, format!("the engine has stopped, by a mistake in this program or for want of memory ({panic})"));
    }));
    let opened = Rc::new(Opened::default());
    let groups = Rc::new(Groups::default());
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let (opened, groups) = (opened.clone(), groups.clone());
        spawn_local(async move { receive(backend, &opened, &groups, &event.data()).await });
    });
    scope().set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget(); // listens as long as the worker lives
    send(&Response::Started);
}

async fn receive(backend: Backend, opened: &Opened, groups: &Groups, data: &JsValue) {
    let message = Array::from(data);
    let request = codec::decode(&Uint8Array::new(&message.get(0)).to_vec());
    let attached = message.slice(1, message.length());
    match request {
        Ok(Request::Open) => match open(backend, opened, &attached).await {
            Ok((engine, report)) => {
                opened.engine.replace(Some((Rc::new(engine), report.clone())));
                groups.forget();
                send(&Response::Opened(report));
            }
            Err(message) => fail(None, message),
        },
        Ok(Request::Ask { id, k, photo, item }) => answer(id, ask(opened, attached.get(0), photo, item, k).await),
        Ok(Request::AskTurned { id, k, part }) => answer(id, ask_turned(opened, attached.get(0), part, k).await),
        Ok(Request::Near { id, item, k }) => answer(id, near(opened, item, k)),
        Ok(Request::Among { id, embedding, filter, left_out, k }) => {
            let found = |engine: Rc<Engine>| {
                engine.among(&embedding, &filter, &left_out, k as usize).map_err(|e| e.to_string())
            };
            send(&Response::Among { id, neighbors: opened.engine().and_then(found) });
        }
        Ok(Request::Reconstruct { id, part }) => {
            let picture = reconstruct(opened, attached.get(0), part, &attached.get(1)).await;
            send(&Response::Reconstructed { id, picture });
        }
        Ok(Request::Mix { id, k, photos }) => answer(id, mix(opened, &attached, photos, k).await),
        Ok(Request::Why { id }) => {
            let why = explain(opened, attached.get(0), attached.get(1)).await;
            send(&Response::Explained { id, why });
        }
        Ok(Request::Duplicates { id, least }) => {
            if let Ok(engine) = opened.engine() {
                groups.find(&engine, id, least).await;
            }
        }
        Ok(Request::Compare { id, item, k }) => {
            let found = compare(opened, &attached, item, k).await;
            send(&Response::Compared { id, found });
        }
        Ok(Request::Folder(request)) => own_folder(opened, request, &attached.get(0)).await,
        Err(reason) => fail(None, format!("files of two versions of this site are mixed; reload the page ({reason})")),
    }
}

async fn own_folder(opened: &Opened, request: FolderRequest, attached: &JsValue) {
    let (Ok(engine), Some(mut folder)) = (opened.engine(), FOLDER.take()) else {
        return send(&Response::Folder(FolderResponse::Failed(NOT_OPEN.to_owned())));
    };
    match folder.answer(&engine, request, attached).await {
        Ok((response, attached)) => send_with(&Response::Folder(response), &attached),
        Err(message) => send(&Response::Folder(FolderResponse::Failed(message))),
    }
    FOLDER.replace(Some(folder));
}

/// An engine that is open keeps its encoder for another collection of the same encoder.
async fn open(backend: Backend, opened: &Opened, attached: &Array) -> Result<(Engine, EngineReport), String> {
    let files = files(attached);
    let before = opened.engine.borrow().clone();
    if let Some((engine, report)) = before
        && let Some(engine) = engine.with_gallery(&files).map_err(|e| e.to_string())?
    {
        let report = EngineReport { exemplars: engine.exemplars(EXEMPLARS), ..report };
        return Ok((engine, report));
    }
    send(&Response::Stage("Starting the engine…".to_owned()));
    let (device, name) = backend.device().await?;
    send(&Response::Stage("Reading the collection…".to_owned()));
    let engine = Engine::open(&files, device).map_err(|e| e.to_string())?;
    drop(files);
    send(&Response::Stage("Checking that this device computes right…".to_owned()));
    let first = engine.check().await.map_err(|e| e.to_string())?;
    let start = now();
    let second = engine.check().await.map_err(|e| e.to_string())?;
    let milliseconds = (now() - start) as f32;
    let report = EngineReport {
        device: name,
        deviation: first.max(second),
        milliseconds,
        exemplars: engine.exemplars(EXEMPLARS),
        crop: engine.gallery().encoder.config.preprocess.crop,
    };
    Ok((engine, report))
}

fn files(attached: &Array) -> GalleryFiles {
    let mut files = attached.iter().map(|bytes| Uint8Array::new(&bytes).to_vec());
    let mut next = || files.next().unwrap_or_default();
    GalleryFiles { entry: next(), encoder: next(), probes: next(), cells: files.collect() }
}

fn answer(id: u32, found: Result<(Answer, f32), String>) {
    match found {
        Ok((answer, milliseconds)) => send(&Response::Answered { id, answer, milliseconds }),
        Err(message) => fail(Some(id), message),
    }
}

async fn ask(opened: &Opened, file: JsValue, photo: Given, item: Option<u32>, k: u32) -> Result<(Answer, f32), String> {
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

fn near(opened: &Opened, item: u32, k: u32) -> Result<(Answer, f32), String> {
    let engine = opened.engine()?;
    let start = now();
    let answer = engine.near(item, k as usize).map_err(|e| e.to_string())?;
    Ok((answer, (now() - start) as f32))
}

async fn mix(
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
                engine.embedding(item).map_err(|e| e.to_string())?.clone()
            }
            Source::Given { photo, item } => {
                without.extend(item);
                opened.embedding(&engine, files.next().unwrap_or_default(), photo).await?
            }
        };
        embeddings.push((embedding, weight));
    }
    let answer = engine.ask_mix(&embeddings, &without, k as usize).map_err(|e| e.to_string())?;
    Ok((answer, (now() - start) as f32))
}

async fn reconstruct(
    opened: &Opened,
    photo: JsValue,
    part: Option<Crop>,
    decoder: &JsValue,
) -> Result<Reconstruction, String> {
    let engine = opened.engine()?;
    let bytes = read(photo).await.ok_or(UNREADABLE)?;
    engine.reconstruct(&bytes, part, &Uint8Array::new(decoder).to_vec()).await.map_err(|e| e.to_string())
}

async fn ask_turned(opened: &Opened, photo: JsValue, part: Option<Crop>, k: u32) -> Result<(Answer, f32), String> {
    let engine = opened.engine()?;
    let bytes = read(photo).await.ok_or(UNREADABLE)?;
    let start = now();
    let answer = engine.ask_turned(&bytes, part, k as usize).await.map_err(|e| e.to_string())?;
    Ok((answer, (now() - start) as f32))
}

async fn explain(opened: &Opened, one: JsValue, other: JsValue) -> Result<Why, String> {
    let engine = opened.engine()?;
    let (one, other) = (read(one).await.ok_or(UNREADABLE)?, read(other).await.ok_or(UNREADABLE)?);
    engine.explain([&one, &other]).await.map_err(|e| e.to_string())
}

async fn compare(opened: &Opened, attached: &Array, item: Option<u32>, k: u32) -> Result<Comparison, String> {
    let engine = opened.engine()?;
    let bytes = if item.is_none() { read(attached.get(1)).await.ok_or(UNREADABLE)? } else { Vec::new() };
    let photo = item.map_or(Compared::Given(&bytes), Compared::Item);
    engine.compare(photo, &Uint8Array::new(&attached.get(0)).to_vec(), k as usize).map_err(|e| e.to_string())
}

async fn read(photo: JsValue) -> Option<Vec<u8>> {
    let blob: Blob = photo.dyn_into().ok()?;
    let buffer: ArrayBuffer = JsFuture::from(blob.array_buffer()).await.ok()?.dyn_into().ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

fn fail(id: Option<u32>, message: String) {
    send(&Response::Failed { id, message });
}

/// Hands a message over; its buffer moves, nothing is copied.
pub(super) fn send(response: &Response) {
    send_with(response, &[]);
}

fn send_with(response: &Response, attached: &[JsValue]) {
    let posted = codec::encode(response).map_err(JsValue::from).and_then(|bytes| {
        let bytes = Uint8Array::from(bytes.as_slice());
        if attached.is_empty() {
            return scope().post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
        }
        scope().post_message(&[bytes.into()].iter().chain(attached).collect::<Array>())
    });
    if let Err(error) = posted {
        web_sys::console::error_2(&"a message to the page was lost".into(), &error);
    }
}

pub(super) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Milliseconds.
pub(super) fn now() -> f64 {
    scope().performance().map_or(0.0, |clock| clock.now())
}
