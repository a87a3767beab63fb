//! Makes the visitor's photos ready for the engine. That can take a while: a newer photo does not wait for an older one.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, AbortSignal, Blob};

use super::{app::App, browser_decoder, elsewhere, failure::Outcome, text};

/// Which photo is being made ready.
#[derive(Default)]
pub(super) struct Intake {
    last_id: Cell<u32>,
    current: Cell<Option<u32>>,
    /// Ends the download of the photo.
    download: RefCell<Option<AbortController>>,
}

impl Intake {
    /// Another photo comes; the one before it, if any, is given up.
    pub(super) fn begin(&self) -> u32 {
        self.give_up();
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        self.current.set(Some(id));
        id
    }

    /// Whether this photo is still wanted.
    pub(super) fn finish(&self, id: u32) -> bool {
        let wanted = self.current.get() == Some(id);
        if wanted {
            self.give_up();
        }
        wanted
    }

    /// Something else is asked for.
    pub(super) fn give_up(&self) {
        self.current.set(None);
        if let Some(download) = self.download.take() {
            download.abort();
        }
    }

    /// What ends the download of the photo: time, or another photo.
    pub(super) fn limit(&self, milliseconds: i32) -> Outcome<AbortSignal> {
        let controller = AbortController::new()?;
        elsewhere::end_later(&controller, milliseconds)?;
        let signal = controller.signal();
        self.download.replace(Some(controller));
        Ok(signal)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.current.get().is_none()
    }
}

impl App {
    /// Asks about the visitor's photo, whichever way it came.
    pub(super) fn give(self: &Rc<Self>, file: Blob, name: String) {
        if file.size() > f64::from(text::MAX_FILE_MEGABYTES) * 1e6 {
            return self.notices.error(&text::too_large(&name));
        }
        self.notices.clear_error();
        let (app, id) = (Rc::clone(self), self.intake.begin());
        spawn_local(async move {
            let photo = browser_decoder::readable(file, name).await;
            if app.intake.finish(id) {
                match photo {
                    Ok(photo) => app.look_at(photo),
                    Err(failure) => app.notices.error(failure.words()),
                }
            }
        });
    }
}
