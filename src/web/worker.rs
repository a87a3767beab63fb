//! An engine behind a message port: opens a gallery, then answers questions one after the other.

use std::{cell::RefCell, rc::Rc};

use burn::tensor::Device;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::messages::{EngineReport, Request, Response};
use crate::{
    engine::{Answer, Compared, Comparison, Engine, Reconstruction},
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
type Opened = Rc<RefCell<Option<Rc<Engine>>>>;

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
        Ok(Request::Open) => match open(backend, &attached).await {
            Ok((engine, report)) => {
                opened.replace(Some(Rc::new(engine)));
                send(&Response::Opened(report));
            }
            Err(message) => fail(None, message),
        },
        Ok(Request::Ask { id, k }) => {
            let engine = opened.borrow().clone();
            answer(id, ask(engine, attached.get(0), k).await);
        }
        Ok(Request::Near { id, item, k }) => answer(id, near(opened.borrow().clone(), item, k)),
        Ok(Request::Reconstruct { id }) => {
            let engine = opened.borrow().clone();
            let picture = reconstruct(engine, attached.get(0), &attached.get(1)).await;
            send(&Response::Reconstructed { id, picture });
        }
        Ok(Request::Compare { id, item, k }) => {
            let engine = opened.borrow().clone();
            let found = compare(engine, &attached, item, k).await;
            send(&Response::Compared { id, found });
        }
        Err(reason) => fail(None, format!("files of two versions of this site are mixed; reload the page ({reason})")),
    }
}

async fn open(backend: Backend, attached: &Array) -> Result<(Engine, EngineReport), String> {
    send(&Response::Stage("Starting the engine…".to_owned()));
    let (device, name) = backend.device().await?;
    send(&Response::Stage("Reading the collection…".to_owned()));
    let mut files = attached.iter().map(|bytes| Uint8Array::new(&bytes).to_vec());
    let mut next = || files.next().unwrap_or_default();
    let files = GalleryFiles { entry: next(), encoder: next(), probes: next(), cells: files.collect() };
    let engine = Engine::open(&files, device).map_err(|e| e.to_string())?;
    drop(files);
    send(&Response::Stage("Checking that this device computes right…".to_owned()));
    let first = engine.check().await.map_err(|e| e.to_string())?;
    let start = now();
    let second = engine.check().await.map_err(|e| e.to_string())?;
    let milliseconds = (now() - start) as f32;
    Ok((engine, EngineReport { device: name, deviation: first.max(second), milliseconds }))
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

async fn compare(
    engine: Option<Rc<Engine>>,
    attached: &Array,
    item: Option<u32>,
    k: u32,
) -> Result<Comparison, String> {
    let engine = engine.ok_or(NOT_OPEN)?;
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
fn send(response: &Response) {
    let posted = codec::encode(response).map_err(JsValue::from).and_then(|bytes| {
        let bytes = Uint8Array::from(bytes.as_slice());
        scope().post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()))
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
