//! Notices an engine that has been asked and says nothing more: a graphics processor can hang without an error.

use std::{cell::Cell, rc::Rc};

use wasm_bindgen_futures::spawn_local;

use super::dom;

/// How long opening may take in silence; shaders are compiled meanwhile. In milliseconds.
const OPENING: f32 = 60_000.0;
/// How long anything else may, and how many photos' time more, up to a limit: a question can be about eight of them.
const SHORT: f32 = 15_000.0;
const PHOTOS: f32 = 12.0;
const LONG: f32 = 90_000.0;
/// Time passes in as many steps: a tab that has slept finds one of them over at once, and hears the engine in the next.
const STEPS: u32 = 5;

#[derive(Clone)]
pub(super) struct Watch(Rc<State>);

struct State {
    /// Counts what has been asked.
    last: Cell<u32>,
    /// The oldest that has been asked since the engine was last heard; 0: nothing.
    waits: Cell<u32>,
    patience: Cell<f32>,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self(Rc::new(State { last: Cell::new(0), waits: Cell::new(0), patience: Cell::new(OPENING) }))
    }

    /// The engine is open, and a photo takes it so many milliseconds.
    pub(super) fn set_pace(&self, photo: f32) {
        self.0.patience.set((SHORT + PHOTOS * photo).min(LONG));
    }

    /// The engine has said something.
    pub(super) fn heard(&self) {
        self.0.waits.set(0);
    }

    /// The engine has been asked something; `hung` is called should it stay silent.
    pub(super) fn asked(&self, hung: impl FnOnce() + 'static) {
        let state = Rc::clone(&self.0);
        let serial = state.last.get() + 1;
        state.last.set(serial);
        if state.waits.get() != 0 {
            return;
        }
        state.waits.set(serial);
        let step = (state.patience.get() / STEPS as f32) as i32;
        spawn_local(async move {
            for _ in 0..STEPS {
                let _ = dom::pause(step).await;
                if state.waits.get() != serial {
                    return;
                }
            }
            hung();
        });
    }
}
