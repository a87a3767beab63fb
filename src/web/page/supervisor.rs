//! Engines come and go: they are started, given the files, switched to, and replaced when they fail.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, HtmlElement};

use super::{
    app::App,
    dom, download,
    engines::{Choice, Kind},
    failure::Outcome,
    link::Link,
    questions::Question,
    shelf,
    status::State,
    text,
};
use crate::web::{
    gpu,
    messages::{EngineReport, FolderRequest, Response},
};

/// An engine that stops this often is not started again.
const MAX_RESTARTS: u32 = 3;

/// Makes the button work that has the device checked.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    dom::hear(app, &*dom::by_id::<HtmlElement>("check")?, "click", |app, _: Event| app.check_device())
}

impl App {
    pub(super) fn start_engine(self: &Rc<Self>, kind: Kind) {
        let serial = self.engines.borrow_mut().next_serial();
        let app = Rc::clone(self);
        let link = Link::start(kind, move |response, attached| {
            let app = Rc::clone(&app);
            // Later: what follows may end this worker, and with it the closure that runs now.
            spawn_local(async move { app.receive(kind, serial, response, &attached) });
        });
        match link {
            Ok(link) => self.engines.borrow_mut().add(kind, serial, link),
            Err(failure) => self.engine_failed(kind, failure.words()),
        }
    }

    fn receive(self: &Rc<Self>, kind: Kind, serial: u32, response: Response, attached: &Array) {
        if !self.engines.borrow_mut().is_current(kind, serial) {
            return;
        }
        match response {
            Response::Started => {
                self.engines.borrow_mut().started(kind);
                self.open_started();
            }
            Response::Stage(stage) if self.engines.borrow().active().is_none() => {
                self.status.set(State::Loading, text::stage(stage));
            }
            Response::Stage(_) => {}
            Response::Opened(report) => self.opened(kind, report),
            Response::Answered { id, answer, milliseconds } => self.narrow(kind, id, answer, milliseconds),
            Response::Among { id, found } => self.found_among(id, found),
            Response::Reconstructed { id, picture } => self.reconstructed(id, picture),
            Response::Explained { id, why } => self.explained(id, why),
            Response::Scanned { id, photos } => self.scanned(id, photos),
            Response::Grouped { id, groups } => self.grouped(id, groups),
            Response::Compared { id, found } => self.compared(id, found),
            Response::Folder(response) => self.folder_said(response, attached),
            Response::Improved { id, answer, exemplars } => self.improved(id, answer, exemplars),
            Response::Refused { place, reason } => self.refuse_part(place, reason),
            Response::AtPlace { id, item } => self.map.met(id, item),
            Response::Table(table) => self.save_table(table, attached),
            Response::Checked => self.notices.note(text::COMPUTES_RIGHT),
            Response::Failed { id: Some(id), message } => self.refused(id, &message),
            Response::Failed { id: None, message } => self.engine_failed(kind, &message),
        }
    }

    /// Gives the files to every engine that waits for them.
    pub(super) fn open_started(self: &Rc<Self>) {
        let Some(files) = self.files.get() else { return };
        let mut engines = self.engines.borrow_mut();
        for link in engines.take_started() {
            if let Err(failure) = link.open(&files, self.choice == Choice::Auto) {
                self.notices.error(failure.words());
            }
        }
    }

    fn opened(self: &Rc<Self>, kind: Kind, mut report: EngineReport) {
        let first = self.engines.borrow().active().is_none();
        if kind == Kind::WebGpu && self.engines.borrow_mut().end_slower(&report) {
            return self.show_device();
        }
        let exemplars = std::mem::take(&mut report.exemplars);
        if !self.engines.borrow_mut().opened(kind, report) {
            return self.open_started();
        }
        self.show_device();
        self.catch_up(kind);
        if first {
            self.status.set(State::Ready, text::READY);
            self.map.exemplify(exemplars);
        }
        self.ask_next();
        self.ask_waiting();
        if !self.own.begin() {
            return; // the same engine, with another collection
        }
        self.ask_folder(FolderRequest::Look, &JsValue::NULL);
        if kind == Kind::Cpu && self.choice == Choice::Auto && self.restarts.get() == 0 {
            let app = Rc::clone(self);
            spawn_local(async move {
                // A software adapter would be slower than the processor itself.
                if gpu::adapter().await.is_some_and(|adapter| !adapter.software) {
                    app.start_engine(Kind::WebGpu);
                }
            });
        }
    }

    /// Parts may have come while it was being opened.
    fn catch_up(&self, kind: Kind) {
        let (engines, files) = (self.engines.borrow(), self.files.get());
        let given = engines.link(kind).zip(files).map(|(link, files)| link.top_up(&files));
        drop(engines);
        if let Err(failure) = given.unwrap_or(Ok(())).and_then(|()| self.improve_again()) {
            self.notices.error(failure.words());
        }
    }

    /// Has all known photos encoded once more: a device that computes wrongly is given up.
    pub(super) fn check_device(&self) {
        let engines = self.engines.borrow();
        if let Some((_, link, _)) = engines.active()
            && let Err(failure) = link.check()
        {
            self.notices.error(failure.words());
        }
    }

    fn engine_failed(self: &Rc<Self>, kind: Kind, message: &str) {
        let was_open = self.engines.borrow_mut().is_open(kind);
        self.engines.borrow_mut().remove(kind);
        let _ = self.reconstruction.give_up();
        self.look.give_up();
        self.groups.give_up();
        self.methods.close();
        // A device fails by itself; a processor does not: what it was busy with was too much for it.
        let blame = kind == Kind::Cpu && !self.questions.borrow().is_with(kind);
        match kind {
            Kind::WebGpu => self.webgpu_failed(message),
            Kind::Cpu => self.cpu_failed(message, was_open),
        }
        self.folder_lost(kind, blame.then_some(message));
        self.show_device();
        self.ask_next();
    }

    /// The processor takes over, and the running question is asked again.
    fn webgpu_failed(self: &Rc<Self>, message: &str) {
        self.notices.note(&text::falls_back(message));
        self.questions.borrow_mut().again(Kind::WebGpu);
        if self.engines.borrow_mut().is_absent(Kind::Cpu) {
            self.status.set(State::Loading, text::LOADING);
            self.start_engine(Kind::Cpu);
        }
    }

    /// There is nothing to fall back on. If a photo was the reason, the engine starts again without it.
    fn cpu_failed(self: &Rc<Self>, message: &str, was_open: bool) {
        if self.engines.borrow().active().is_some() {
            // WebGPU computes from now on, whatever the processor was busy with.
            return self.questions.borrow_mut().again(Kind::Cpu);
        }
        let question = self.questions.borrow_mut().give_up(Kind::Cpu);
        if was_open && self.restarts.get() < MAX_RESTARTS {
            self.restarts.set(self.restarts.get() + 1);
            let photo = question.as_ref().map(Question::name);
            self.notices.error(&text::engine_restarts(photo, message));
            self.status.set(State::Loading, text::LOADING);
            self.start_engine(Kind::Cpu);
        } else if !was_open && shelf::is_open() {
            self.status.set(State::Loading, text::LOADING);
            self.give_up_folder(message);
        } else if !was_open && self.files.get().is_some() && download::distrust() {
            let app = Rc::clone(self);
            spawn_local(async move {
                match app.load().await {
                    Ok(()) => app.start_engine(Kind::Cpu),
                    Err(failure) => app.fail(&text::no_collection(failure.words())),
                }
            });
        } else {
            self.fail(&text::no_engine(message));
        }
    }
}
