//! An engine behind a message port: opens a gallery, then answers questions one after the other.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::{
    backend::Backend,
    details::{self, NOT_OPEN},
    folder::Folder,
    groups::{Groups, breathe},
    messages::{EngineReport, FolderRequest, FolderResponse, Request, Response, Stage},
    opened::{self, Opened},
    tables,
};
use crate::{
    engine::{Answer, Engine, EngineError},
    gallery::{Gallery, GalleryFiles, codec},
};

/// As many photos tell what a cluster looks like.
const EXEMPLARS: usize = 3;

thread_local! {
    /// The visitor's own folder; not there while something is done with it.
    static FOLDER: RefCell<Option<Folder>> = RefCell::new(Some(Folder::default()));
}

/// Listens to the page.
pub fn start(backend: Backend) {
    std::panic::set_hook(Box::new(|panic| {
        fail(None, details::stopped(&panic.to_string()));
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
        Ok(Request::Open { places, timed }) => match open((backend, timed), opened, &places, &attached).await {
            Ok((engine, report)) => {
                opened.engine.replace(Some((Rc::new(engine), report.clone())));
                groups.forget();
                send(&Response::Opened(report));
            }
            Err(message) => fail(None, message),
        },
        Ok(Request::Ask { id, k, photo, item }) => {
            answer(id, opened::ask(opened, attached.get(0), photo, item, k).await)
        }
        Ok(Request::AskTurned { id, k, part }) => {
            answer(id, opened::ask_turned(opened, attached.get(0), part, k).await)
        }
        Ok(Request::Near { id, item, k }) => answer(id, opened::near(opened, item, k)),
        Ok(Request::Among { id, embeddings, filter, left_out, k }) => {
            let found = |engine: Rc<Engine>| {
                engine.among(&embeddings, &filter, &left_out, k as usize).map_err(|e| e.to_string())
            };
            send(&Response::Among { id, found: opened.engine().and_then(found) });
        }
        Ok(Request::Reconstruct { id, part }) => {
            let picture = opened::reconstruct(opened, attached.get(0), part, &attached.get(1)).await;
            send(&Response::Reconstructed { id, picture });
        }
        Ok(Request::Mix { id, k, photos }) => answer(id, opened::mix(opened, &attached, photos, k).await),
        Ok(Request::Why { id, part }) => {
            let why = opened::explain(opened, attached.get(0), part, attached.get(1)).await;
            send(&Response::Explained { id, why });
        }
        Ok(Request::Duplicates { id, least }) => {
            if let Ok(engine) = opened.engine() {
                groups.find(&engine, id, least).await;
            }
        }
        Ok(Request::Compare { id, item, k }) => {
            let found = opened::compare(opened, &attached, item, k).await;
            send(&Response::Compared { id, found });
        }
        Ok(Request::Folder(request)) => own_folder(opened, backend.batch(), request, &attached.get(0)).await,
        Ok(Request::Table { json, neighbors }) => {
            match opened.engine().and_then(|engine| tables::results(&engine, json, &neighbors)) {
                Ok(table) => send_with(&Response::Table(Ok(json)), &[table.into()]),
                Err(message) => send(&Response::Table(Err(message))),
            }
        }
        Ok(Request::Cells { places }) => take(opened, groups, &places, &attached),
        Ok(Request::Again { id, item, embeddings, pixels_hash, left_out, k, exemplars }) => {
            let engine = opened.engine();
            let exemplars = engine.as_ref().ok().filter(|_| exemplars).map(|engine| engine.exemplars(EXEMPLARS));
            let answer = engine.and_then(|engine| {
                let answer = match item {
                    Some(item) => engine.near(item, k as usize),
                    None => engine.again(&embeddings, pixels_hash, &left_out, k as usize),
                };
                answer.map_err(|e| e.to_string())
            });
            send(&Response::Improved { id, answer, exemplars });
        }
        Ok(Request::AtPlace { id, place, reach }) => {
            let item = opened.engine().ok().and_then(|engine| engine.at_place(place, reach));
            send(&Response::AtPlace { id, item });
        }
        Ok(Request::Check) => check(opened).await,
        Err(reason) => fail(None, details::versions_mixed(&reason)),
    }
}

async fn check(opened: &Opened) {
    let checked = match opened.engine() {
        Ok(engine) => engine.check(usize::MAX).await.map_err(|e| e.to_string()),
        Err(message) => Err(message),
    };
    match checked {
        Ok(_) => send(&Response::Checked),
        Err(message) => fail(None, message),
    }
}

async fn own_folder(opened: &Opened, batch: usize, request: FolderRequest, attached: &JsValue) {
    let Ok(engine) = opened.engine() else {
        return send(&Response::Folder(FolderResponse::Failed(NOT_OPEN.to_owned())));
    };
    // What was asked before this comes first.
    let mut folder = loop {
        match FOLDER.take() {
            Some(folder) => break folder,
            None => breathe().await,
        }
    };
    match folder.answer(&engine, batch, request, attached).await {
        Ok((response, attached)) => send_with(&Response::Folder(response), &attached),
        Err(message) => send(&Response::Folder(FolderResponse::Failed(message))),
    }
    FOLDER.replace(Some(folder));
}

/// An engine that is open keeps its encoder for another collection of the same encoder. `timed`: a folder's photos are timed, too.
async fn open(
    (backend, timed): (Backend, bool),
    opened: &Opened,
    places: &[u32],
    attached: &Array,
) -> Result<(Engine, EngineReport), String> {
    let [entry, encoder, probes] = [0, 1, 2].map(|at| bytes(&attached.get(at)));
    let files = GalleryFiles { entry, encoder, probes, cells: Vec::new() };
    let mut gallery = Gallery::without_cells(&files).map_err(|e| e.to_string())?;
    drop(files);
    let refused = put(&mut gallery, places, &attached.slice(3, attached.length()));
    match refused.last() {
        // Not one can be used.
        Some((_, reason)) if gallery.items.is_empty() => return Err(reason.clone()),
        _ => tell(refused),
    }
    let before = opened.engine.borrow().clone();
    if let Some((engine, report)) = before
        && let Some(engine) = engine.with_gallery(gallery.clone()).map_err(|e| e.to_string())?
    {
        let report = EngineReport { exemplars: engine.exemplars(EXEMPLARS), ..report };
        return Ok((engine, report));
    }
    send(&Response::Stage(Stage::Engine));
    let (device, name) = backend.device().await?;
    send(&Response::Stage(Stage::Collection));
    let engine = Engine::of(gallery, device).map_err(|e| e.to_string())?;
    send(&Response::Stage(Stage::Check));
    let mut deviation = engine.check(backend.probes()).await.map_err(|e| e.to_string())?;
    let mut milliseconds = [time(&engine, 1, &mut deviation).await?; 2];
    if timed && backend.batch() > 1 {
        // The first of this shape compiles shaders.
        for _ in 0..2 {
            milliseconds[1] = time(&engine, backend.batch(), &mut deviation).await?;
        }
    }
    let report = EngineReport {
        device: name,
        deviation,
        milliseconds,
        exemplars: engine.exemplars(EXEMPLARS),
        crop: engine.gallery().encoder.config.preprocess.crop,
    };
    Ok((engine, report))
}

/// Milliseconds a photo, of so many at once, which must come out right, too.
async fn time(engine: &Engine, batch: usize, deviation: &mut f32) -> Result<f32, String> {
    let start = now();
    *deviation = deviation.max(engine.check(batch).await.map_err(|e| e.to_string())?);
    let photos = batch.min(engine.gallery().probes.probes.len()).max(1);
    Ok((now() - start) as f32 / photos as f32)
}

fn bytes(attached: &JsValue) -> Vec<u8> {
    Uint8Array::new(attached).to_vec()
}

/// Adds cells; what can't be used is left out, and why.
fn put(gallery: &mut Gallery, places: &[u32], cells: &Array) -> Vec<(u32, String)> {
    let mut put = |(&place, cell): (&u32, JsValue)| Some((place, gallery.put(place, &bytes(&cell)).err()?.to_string()));
    places.iter().zip(cells.iter()).filter_map(&mut put).collect()
}

fn tell(refused: Vec<(u32, String)>) {
    refused.into_iter().for_each(|(place, reason)| send(&Response::Refused { place, reason }));
}

/// More cells of the open gallery. Whoever is busy with an answer ends it with those that were there.
fn take(opened: &Opened, groups: &Groups, places: &[u32], cells: &Array) {
    let Some((engine, report)) = opened.engine.borrow().clone() else { return fail(None, NOT_OPEN.to_owned()) };
    let mut gallery = engine.gallery().clone();
    tell(put(&mut gallery, places, cells));
    match engine.with_gallery(gallery) {
        Ok(Some(engine)) => {
            opened.engine.replace(Some((Rc::new(engine), report)));
            groups.grow();
        }
        Ok(None) => {}
        Err(error) => fail(None, error.to_string()),
    }
}

fn answer(id: u32, found: Result<(Answer, f32), String>) {
    match found {
        Ok((answer, milliseconds)) => send(&Response::Answered { id, answer, milliseconds }),
        Err(message) => fail(Some(id), message),
    }
}

/// What went wrong, in a sentence. A device that has failed is told at once: the page ends this engine, and does not hear
/// what follows.
pub(super) fn detail(error: impl Into<EngineError>) -> String {
    let error = error.into();
    let message = error.to_string();
    if error.is_of_device() {
        fail(None, message.clone());
    }
    message
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
        web_sys::console::error_2(&details::LOST.into(), &error);
    }
}

pub(super) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Milliseconds.
pub(super) fn now() -> f64 {
    scope().performance().map_or(0.0, |clock| clock.now())
}
