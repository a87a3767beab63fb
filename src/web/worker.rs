//! An engine behind a message port: opens a gallery, then answers questions one after the other.

use std::{cell::RefCell, rc::Rc};

use burn::tensor::Device;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::{
    folder::Folder,
    messages::{EngineReport, FolderRequest, FolderResponse, Request, Response},
};
use crate::{
    engine::{Answer, Engine, Reconstruction},
    gallery::{GalleryFiles, codec},
};

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

/// The engine once it is open; asked by one question at a time.
type Opened = Rc<RefCell<Option<(Rc<Engine>, EngineReport)>>>;

thread_local! {
    /// The visitor's own folder; not there while something is done with it.
    static FOLDER: RefCell<Option<Folder>> = RefCell::new(Some(Folder::default()));
}

/// Listens to the page.
pub fn start(backend: Backend) {
    std::panic::set_hook(Box::new(|panic| {
        fail(None, format!("the engine has stopped, by a mistake in this program or for want of memory ({panic})"));
    }));
    let opened = Opened::default();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let opened = opened.clone();
        spawn_local(async move { receive(backend, &opened, &event.data()).await });
    });
    scope().set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget(); // listens as long as the worker lives
    send(&Response::Started);
}

async fn receive(backend: Backend, opened: &Opened, data: &JsValue) {
    let message = Array::from(data);
    let request = codec::decode(&Uint8Array::new(&message.get(0)).to_vec());
    let attached = message.slice(1, message.length());
    match request {
        Ok(Request::Open) => match open(backend, opened, &attached).await {
            Ok((engine, report)) => {
                opened.replace(Some((Rc::new(engine), report.clone())));
                send(&Response::Opened(report));
            }
            Err(message) => fail(None, message),
        },
        Ok(Request::Ask { id, k }) => {
            let engine = engine(opened);
            answer(id, ask(engine, attached.get(0), k).await);
        }
        Ok(Request::Near { id, item, k }) => answer(id, near(engine(opened), item, k)),
        Ok(Request::Reconstruct { id }) => {
            let engine = engine(opened);
            let picture = reconstruct(engine, attached.get(0), &attached.get(1)).await;
            send(&Response::Reconstructed { id, picture });
        }
        Ok(Request::Folder(request)) => own_folder(engine(opened), request, &attached.get(0)).await,
        Err(reason) => fail(None, format!("files of two versions of this site are mixed; reload the page ({reason})")),
    }
}

fn engine(opened: &Opened) -> Option<Rc<Engine>> {
    opened.borrow().as_ref().map(|(engine, _)| Rc::clone(engine))
}

async fn own_folder(engine: Option<Rc<Engine>>, request: FolderRequest, attached: &JsValue) {
    let (Some(engine), Some(mut folder)) = (engine, FOLDER.take()) else {
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
    let before = opened.borrow().clone();
    if let Some((engine, report)) = before {
        if let Some(engine) = engine.with_gallery(&files).map_err(|e| e.to_string())? {
            return Ok((engine, report));
        }
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
    Ok((engine, EngineReport { device: name, deviation: first.max(second), milliseconds }))
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

async fn ask(engine: Option<Rc<Engine>>, photo: JsValue, k: u32) -> Result<(Answer, f32), String> {
    let engine = engine.ok_or(NOT_OPEN)?;
    let bytes = read(photo).await.ok_or(UNREADABLE)?;
    let start = now();
    let answer = engine.ask(&bytes, k as usize).await.map_err(|e| e.to_string())?;
    Ok((answer, (now() - start) as f32))
}

fn near(engine: Option<Rc<Engine>>, item: u32, k: u32) -> Result<(Answer, f32), String> {
    let engine = engine.ok_or(NOT_OPEN)?;
    let start = now();
    let answer = engine.near(item, k as usize).map_err(|e| e.to_string())?;
    Ok((answer, (now() - start) as f32))
}

async fn reconstruct(engine: Option<Rc<Engine>>, photo: JsValue, decoder: &JsValue) -> Result<Reconstruction, String> {
    let engine = engine.ok_or(NOT_OPEN)?;
    let bytes = read(photo).await.ok_or(UNREADABLE)?;
    engine.reconstruct(&bytes, &Uint8Array::new(decoder).to_vec()).await.map_err(|e| e.to_string())
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
fn send(response: &Response) {
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

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Milliseconds.
fn now() -> f64 {
    scope().performance().map_or(0.0, |clock| clock.now())
}
