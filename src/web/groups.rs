//! Looks for groups of similar photos a little at a time: questions come in between.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;

use super::{
    messages::Response,
    worker::{now, scope, send},
};
use crate::{duplicates::Scan, engine::Engine};

/// Milliseconds after which other messages have their turn.
const SLICE: f64 = 40.0;

#[derive(Default)]
pub(super) struct Groups {
    /// The search so far: it is done once, whatever becomes of those who asked for it.
    scan: RefCell<Option<Scan>>,
    /// The request that is waited for; 0: none.
    wanted: Cell<u32>,
    /// More photos have come since the search began: the next request begins anew.
    grown: Cell<bool>,
}

impl Groups {
    /// Answers a request, unless another takes its place.
    pub(super) async fn find(&self, engine: &Rc<Engine>, id: u32, least: f32) {
        self.wanted.set(id);
        if self.grown.take() {
            self.scan.replace(None);
        }
        while id != 0 && self.wanted.get() == id {
            let (photos, done) = self.slice(engine);
            if done {
                let groups = self.scan.borrow().as_ref().map_or(Vec::new(), |scan| engine.duplicates(scan, least));
                return send(&Response::Grouped { id, groups });
            }
            send(&Response::Scanned { id, photos });
            breathe().await;
        }
    }

    /// Another collection is searched.
    pub(super) fn forget(&self) {
        self.wanted.set(0);
        self.scan.replace(None);
    }

    /// There are more photos of the same collection. A search under way ends with those that it knows.
    pub(super) fn grow(&self) {
        self.grown.set(true);
    }

    /// Goes on for one slice: how many photos have had their turn, and whether that is all.
    fn slice(&self, engine: &Engine) -> (u32, bool) {
        let mut scan = self.scan.borrow_mut();
        let scan = scan.get_or_insert_with(|| engine.scan());
        let start = now();
        let mut done = false;
        while !done && now() - start < SLICE {
            done = engine.step(scan);
        }
        (scan.done() as u32, done)
    }
}

/// Lets the messages in that have come meanwhile.
pub(super) async fn breathe() {
    let pause = Promise::new(&mut |resolve, _| {
        let _ = scope().set_timeout_with_callback(&resolve);
    });
    let _ = JsFuture::from(pause).await;
}
