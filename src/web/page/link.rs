//! One worker, seen from the page.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Blob, ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{
    collection::Files,
    dom,
    engines::Kind,
    failure::Outcome,
    text,
    trail::{Step, Subject},
    watch::Watch,
};
use crate::{
    crop::Crop,
    engine::Answer,
    filter::Filter,
    gallery::codec,
    search::Neighbor,
    web::messages::{FolderRequest, Request, Response, Source},
};

/// Who hears what a worker says.
type Receive = dyn Fn(Response, Array);

/// Ends the worker when dropped.
pub(super) struct Link {
    worker: Worker,
    /// The cells of the present collection that it has been given, by their places.
    given: RefCell<Vec<bool>>,
    /// For an engine that can hang.
    watch: Option<Watch>,
    receive: Rc<Receive>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Link {
    /// Starts a worker; whatever it says, and whatever becomes of it, goes to `receive`.
    pub(super) fn start(kind: Kind, receive: impl Fn(Response, Array) + 'static) -> Outcome<Self> {
        let watch = (kind == Kind::WebGpu).then(Watch::new);
        let watched = watch.clone();
        let receive: Rc<Receive> = Rc::new(move |response, attached| {
            watched.as_ref().inspect(|watch| watch.heard());
            receive(response, attached);
        });
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&script(kind)?, &options)?;
        let on_message = message_listener(kind, Rc::clone(&receive));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_error = error_listener(kind, Rc::clone(&receive));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { worker, given: RefCell::default(), watch, receive, _on_message: on_message, _on_error: on_error })
    }

    /// `timed`: there is another engine to choose for a folder.
    pub(super) fn open(&self, files: &Files, timed: bool) -> Outcome {
        let (places, attached) = files.in_order();
        self.given.replace(Vec::new());
        self.mark(&places);
        self.post(&Request::Open { places, timed }, &attached)
    }

    /// Gives it the cells that have come since.
    pub(super) fn top_up(&self, files: &Files) -> Outcome {
        let (places, attached) = files.cells_but(&self.given.borrow());
        if places.is_empty() {
            return Ok(());
        }
        self.mark(&places);
        self.send(&Request::Cells { places }, &attached)
    }

    fn mark(&self, places: &[u32]) {
        let mut given = self.given.borrow_mut();
        for &place in places {
            let at = place as usize;
            if given.len() <= at {
                given.resize(at + 1, false);
            }
            given[at] = true;
        }
    }

    /// Asks for an answer once more.
    pub(super) fn again(&self, id: u32, photo: &Step, answer: &Answer, k: u32, exemplars: bool) -> Outcome {
        let item = match (&photo.subject, photo.source()) {
            (Subject::Item(_), Source::Item(item)) => Some(item),
            _ => None,
        };
        let (embeddings, left_out) = (answer.embeddings(), photo.items());
        let pixels_hash = answer.pixels_hash;
        self.post(&Request::Again { id, item, embeddings, pixels_hash, left_out, k, exemplars }, &Array::new())
    }

    pub(super) fn ask(&self, id: u32, step: &Step, k: u32) -> Outcome {
        let files: Array = step.photos().into_iter().filter_map(Step::file).collect();
        let request = match (&step.subject, step.source()) {
            (Subject::Mix(terms), _) => {
                let photos = terms.iter().map(|term| (term.photo.source(), term.weight)).collect();
                Request::Mix { id, k, photos }
            }
            (_, Source::Item(item)) => Request::Near { id, item, k },
            (_, Source::Given { photo, item }) => Request::Ask { id, k, photo, item },
        };
        self.post(&request, &files)
    }

    pub(super) fn among(
        &self,
        id: u32,
        embeddings: Vec<Vec<f32>>,
        filter: Filter,
        left_out: Vec<u32>,
        k: u32,
    ) -> Outcome {
        self.post(&Request::Among { id, embeddings, filter, left_out, k }, &Array::new())
    }

    pub(super) fn reconstruct(&self, id: u32, photo: &Blob, part: Option<Crop>, decoder: &Uint8Array) -> Outcome {
        self.post(&Request::Reconstruct { id, part }, &Array::of2(photo, decoder))
    }

    pub(super) fn ask_turned(&self, id: u32, photo: &Blob, part: Option<Crop>, k: u32) -> Outcome {
        self.post(&Request::AskTurned { id, k, part }, &Array::of1(photo))
    }

    pub(super) fn why(&self, id: u32, one: &Blob, part: Option<Crop>, other: &Blob) -> Outcome {
        self.post(&Request::Why { id, part }, &Array::of2(one, other))
    }

    pub(super) fn duplicates(&self, id: u32, least: f32) -> Outcome {
        self.post(&Request::Duplicates { id, least }, &Array::new())
    }

    /// The photo is attached unless it is one of the collection's.
    pub(super) fn compare(&self, id: u32, item: Option<u32>, k: u32, attached: &Array) -> Outcome {
        self.post(&Request::Compare { id, item, k }, attached)
    }

    pub(super) fn folder(&self, request: FolderRequest, attached: &JsValue) -> Outcome {
        self.post(&Request::Folder(request), &Array::of1(attached))
    }

    pub(super) fn table(&self, json: bool, neighbors: Vec<Neighbor>) -> Outcome {
        self.post(&Request::Table { json, neighbors }, &Array::new())
    }

    /// Nobody waits for the answer: the next move of the pointer asks again.
    pub(super) fn at_place(&self, id: u32, place: [f32; 2], reach: f32) -> Outcome {
        self.send(&Request::AtPlace { id, place, reach }, &Array::new())
    }

    /// A photo takes the engine so many milliseconds: so it is known for how long it may say nothing.
    pub(super) fn set_pace(&self, photo: f32) {
        if let Some(watch) = &self.watch {
            watch.set_pace(photo);
        }
    }

    /// Asks the engine to encode all known photos.
    pub(super) fn check(&self) -> Outcome {
        self.post(&Request::Check, &Array::new())
    }

    /// Asks for something that is answered.
    fn post(&self, request: &Request, attached: &Array) -> Outcome {
        if let Some(watch) = &self.watch {
            let receive = Rc::clone(&self.receive);
            watch.asked(move || receive(Response::Failed { id: None, message: text::HUNG.to_owned() }, Array::new()));
        }
        self.send(request, attached)
    }

    fn send(&self, request: &Request, attached: &Array) -> Outcome {
        let header = Uint8Array::from(codec::encode(request).map_err(JsValue::from)?.as_slice());
        Ok(self.worker.post_message(&Array::of1(&header).concat(attached))?)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// `worker.js` of the same build as this page: the version stands in the address of `boot.js`.
fn script(kind: Kind) -> Outcome<String> {
    let boot = dom::document()?.query_selector("script[src*='boot.js']")?;
    let source = boot.and_then(|script| script.get_attribute("src")).unwrap_or_default();
    let version = source.split_once('?').map_or("v=", |(_, version)| version);
    Ok(format!("./worker.js?{version}&engine={}", kind.program()))
}

fn message_listener(kind: Kind, receive: Rc<Receive>) -> Closure<dyn FnMut(MessageEvent)> {
    Closure::new(move |event: MessageEvent| {
        let failed = |message| Response::Failed { id: None, message };
        let message: Array = match event.data().dyn_into() {
            Ok(message) => message,
            Err(alone) => Array::of1(&alone),
        };
        let response = match message.shift().dyn_ref::<Uint8Array>() {
            Some(bytes) => codec::decode(&bytes.to_vec()).unwrap_or_else(failed),
            // What `worker.js` says when it can't start the program.
            None => failed(text::engine_not_loaded(kind)),
        };
        receive(response, message);
    })
}

fn error_listener(kind: Kind, receive: Rc<Receive>) -> Closure<dyn FnMut(ErrorEvent)> {
    Closure::new(move |event: ErrorEvent| {
        // A script that can't be fetched gives an event without words.
        let words = js_sys::Reflect::get(&event, &"message".into()).ok().and_then(|m| m.as_string());
        let message = match words.filter(|m| !m.is_empty()) {
            Some(words) => text::engine_stopped(kind, &words),
            None => text::engine_not_loaded(kind),
        };
        receive(Response::Failed { id: None, message }, Array::new());
    })
}
