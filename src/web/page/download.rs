//! Fetches files beside the page, counting bytes.

use std::{
    cell::{Cell, OnceCell},
    rc::Rc,
};

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, ReadableStreamDefaultReader, RequestCache, RequestInit, Response};

use super::{
    dom,
    failure::{Failure, Outcome},
    text,
};
use crate::gallery::{FOLDER, FileRef, GalleryError, container::Kind};

/// How many bytes of several downloads have arrived.
pub(super) struct Progress {
    total: f64,
    loaded: Cell<f64>,
    report: Box<dyn Fn(f64)>,
}

impl Progress {
    /// Calls `report` with the part in [0, 1] that has arrived.
    pub(super) fn new(total: f64, report: impl Fn(f64) + 'static) -> Rc<Self> {
        Rc::new(Self { total: total.max(1.0), loaded: Cell::new(0.0), report: Box::new(report) })
    }

    fn add(&self, bytes: f64) {
        self.loaded.set(self.loaded.get() + bytes);
        (self.report)((self.loaded.get() / self.total).min(1.0));
    }
}

thread_local! {
    /// Whether copies that the browser keeps of files that never change are believed.
    static TRUSTED: Cell<bool> = const { Cell::new(true) };
}

/// Something that was kept has come out damaged: from now on everything is fetched anew. `false`: it is already.
pub(super) fn distrust() -> bool {
    TRUSTED.replace(false)
}

/// A file whose name stays: asks the host whether it has changed.
pub(super) async fn fresh(path: &str) -> Outcome<Uint8Array> {
    let response = request(path, RequestCache::NoCache, None).await?;
    let buffer = JsFuture::from(response.array_buffer()?).await.map_err(|_| Failure::new(text::network(path)))?;
    Ok(Uint8Array::new(&buffer))
}

/// A file of a known size whose content never changes; `end` gives it up.
///
/// A file of another size comes back cut or short: its own checksum tells what is wrong with it.
pub(super) async fn file(
    path: String,
    bytes: u32,
    progress: Rc<Progress>,
    cache: RequestCache,
    end: Option<&AbortSignal>,
) -> Outcome<Uint8Array> {
    let response = request(&path, cache, end).await?;
    let body = response.body().ok_or_else(|| Failure::new(text::network(&path)))?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let whole = Uint8Array::new_with_length(bytes);
    let mut end = 0;
    loop {
        let step = JsFuture::from(reader.read()).await.map_err(|_| Failure::new(text::network(&path)))?;
        let Ok(chunk) = Reflect::get(&step, &"value".into())?.dyn_into::<Uint8Array>() else { break };
        let fits = chunk.length().min(bytes - end);
        whole.set(&chunk.subarray(0, fits), end);
        end += fits;
        progress.add(f64::from(chunk.length()));
    }
    Ok(whole.slice(0, end))
}

/// A file of the gallery that is fetched when it is wanted first, and kept. The engine checks it.
pub(super) async fn once(kept: &OnceCell<Uint8Array>, file: Option<FileRef>, kind: Kind) -> Outcome<Uint8Array> {
    if let Some(bytes) = kept.get() {
        return Ok(bytes.clone());
    }
    let file = file.ok_or_else(|| GalleryError::Missing { file: kind.name().to_owned() })?;
    let path = format!("{FOLDER}/{}", file.name(kind));
    let progress = Progress::new(f64::from(file.bytes), |_| {});
    let bytes = self::file(path, file.bytes, progress, RequestCache::Default, None).await?;
    Ok(kept.get_or_init(|| bytes).clone())
}

/// A file to be handed on unread.
pub(super) async fn blob(path: &str) -> Outcome<Blob> {
    let response = request(path, RequestCache::Default, None).await?;
    let blob = JsFuture::from(response.blob()?).await.map_err(|_| Failure::new(text::network(path)))?;
    blob.dyn_into().map_err(|_| Failure::new(text::network(path)))
}

async fn request(path: &str, cache: RequestCache, end: Option<&AbortSignal>) -> Outcome<Response> {
    let options = RequestInit::new();
    options.set_signal(end);
    let trusted = TRUSTED.get() || cache == RequestCache::NoCache;
    options.set_cache(if trusted { cache } else { RequestCache::Reload });
    let fetched = JsFuture::from(dom::window()?.fetch_with_str_and_init(path, &options)).await;
    let response: Response = fetched.map_err(|_| Failure::new(text::network(path)))?.unchecked_into();
    match response.status() {
        _ if response.ok() => Ok(response),
        404 | 410 => Err(GalleryError::Missing { file: path.to_owned() }.into()),
        status => Err(Failure::new(text::host_refuses(path, status))),
    }
}
