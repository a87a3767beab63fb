//! The visitor's own folder: chosen, indexed photo by photo in an engine, searched like the site's collection.
//!
//! The page gives an engine one photo at a time and waits: questions come in between, pausing is not giving the next,
//! and no more than one photo is in memory.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, Event, File, HtmlElement, HtmlInputElement};

use super::{
    app::App,
    collection::{Collection, Files},
    dom,
    engines::Kind,
    failure::Outcome,
    own_view::OwnView,
    own_work::{Work, is_photo, path},
    questions::Question,
    save, shelf, text,
    trail::{Step, Trail},
};
use crate::web::messages::{FolderRequest, FolderResponse, Kept};

pub(super) struct Own {
    pub(super) view: OwnView,
    work: RefCell<Option<Work>>,
    /// The engine that has been asked last.
    engine: Cell<Option<Kind>>,
    /// What is asked as soon as an engine is open.
    waiting: RefCell<Vec<FolderRequest>>,
    paused: Cell<bool>,
    begun: Cell<bool>,
    /// What is searched when the folder is closed.
    site: RefCell<Option<(Rc<Collection>, Rc<Files>)>>,
}

impl Own {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            view: OwnView::new()?,
            work: RefCell::default(),
            engine: Cell::default(),
            waiting: RefCell::default(),
            paused: Cell::default(),
            begun: Cell::default(),
            site: RefCell::default(),
        })
    }

    /// Whether an engine can be asked for the first time.
    pub(super) fn begin(&self) -> bool {
        !self.begun.replace(true)
    }
}

/// What a button does.
type Action = fn(&Rc<App>);

/// Makes input and buttons work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    let input: HtmlInputElement = dom::by_id("own-input")?;
    let (chosen, field) = (Rc::clone(app), input.clone());
    dom::listen(&input, "change", move |_: Event| {
        let files: Vec<_> =
            field.files().map_or(Vec::new(), |list| (0..list.length()).filter_map(|at| list.get(at)).collect());
        if let Some(first) = files.first() {
            let title = path(first).split('/').next().unwrap_or_default().to_owned();
            chosen.index_folder(title, files, Vec::new());
        }
        field.set_value("");
    })?;
    // Of www/folder.js.
    dom::hear(app, &input, "folder", |app, event: Event| {
        let detail = Array::from(&dom::property(&event, "detail"));
        let [title, files, lost] = [0, 1, 2].map(|at| detail.get(at));
        let files = Array::from(&files).iter().filter_map(|file| file.dyn_into().ok()).collect();
        let left_out = |path: JsValue| Some(text::left_out_for(&path.as_string()?, text::PHOTO_UNREADABLE));
        let lost = Array::from(&lost).iter().filter_map(left_out).collect();
        app.index_folder(title.as_string().unwrap_or_default(), files, lost);
    })?;
    let actions: [(&str, Action); 6] = [
        ("own-open", |app| app.ask_folder(FolderRequest::Open, &JsValue::NULL)),
        ("own-forget", App::forget_folder),
        ("own-pause", App::pause_folder),
        ("own-stop", |app| app.stop_folder(Some(FolderRequest::Stop))),
        ("own-save", |app| app.ask_folder(FolderRequest::Index, &JsValue::NULL)),
        ("own-back", |app| app.leave_folder(false)),
    ];
    for (id, act) in actions {
        let app = Rc::clone(app);
        let button: HtmlElement = dom::by_id(id)?;
        dom::listen(&button, "click", move |_: Event| act(&app))?;
    }
    Ok(())
}

impl App {
    /// `left_out`: photos that can't be read, for people.
    fn index_folder(self: &Rc<Self>, title: String, files: Vec<File>, left_out: Vec<String>) {
        let photos: Vec<_> = files.into_iter().filter(is_photo).collect();
        if photos.is_empty() {
            return self.notices.error(&text::folder_without_photos(&title));
        }
        self.own.work.replace(Some(Work::new(title, photos, left_out)));
        self.own.paused.set(false);
        self.begin_folder();
    }

    fn begin_folder(&self) {
        self.own.engine.set(None);
        self.show_folder_work();
        let title = self.own.work.borrow().as_ref().map(|work| work.title.clone());
        if let Some(title) = title {
            self.ask_folder(FolderRequest::Begin { title }, &JsValue::NULL);
        }
    }

    /// The engine that has been asked first goes on, as long as it lives: it knows what has been indexed.
    pub(super) fn ask_folder(&self, request: FolderRequest, attached: &JsValue) {
        let engines = self.engines.borrow();
        let known = self.own.engine.get().filter(|&kind| engines.link(kind).is_some());
        let kind = known.or_else(|| engines.for_folder().map(|(kind, ..)| kind));
        self.own.engine.set(kind);
        let asked = match kind.and_then(|kind| engines.link(kind)) {
            Some(link) => link.folder(request, attached).map_err(String::from),
            // It is being opened again, with another collection.
            None if engines.is_one_coming() && attached.is_null() => {
                self.own.waiting.borrow_mut().push(request);
                Ok(())
            }
            None => Err(text::NO_ENGINE_NOW.to_owned()),
        };
        if let Err(message) = asked {
            drop(engines);
            self.stop_folder(None);
            self.notices.error(&text::no_folder(&message));
        }
    }

    /// Asks what has been waiting for an engine.
    pub(super) fn ask_waiting(&self) {
        for request in self.own.waiting.take() {
            self.ask_folder(request, &JsValue::NULL);
        }
    }

    pub(super) fn folder_said(self: &Rc<Self>, response: FolderResponse, attached: &Array) {
        let shown = match response {
            FolderResponse::Kept(kept) => {
                self.give_photo();
                self.show_kept(&kept)
            }
            FolderResponse::Taken { problem } => {
                if let Some(work) = &mut *self.own.work.borrow_mut() {
                    work.dealt_with(problem.as_deref());
                }
                self.give_photo();
                Ok(())
            }
            FolderResponse::Collected(kept) => {
                let left_out = self.own.work.take().map_or(Vec::new(), |work| work.left_out);
                if !left_out.is_empty() {
                    self.notices.note(&text::left_out(&left_out));
                }
                let (app, attached) = (Rc::clone(self), attached.clone());
                spawn_local(async move {
                    if let Err(failure) = app.open_folder(&attached).await {
                        app.notices.error(&text::no_folder(failure.words()));
                    }
                });
                self.show_folder_work();
                self.show_kept(&kept)
            }
            FolderResponse::Index => save::file(attached.get(0).unchecked_ref::<Blob>(), "my-folder.csv"),
            FolderResponse::Failed(message) => {
                self.stop_folder(None);
                self.notices.error(&text::no_folder(&message));
                Ok(())
            }
        };
        if let Err(failure) = shown {
            self.notices.error(failure.words());
        }
    }

    fn show_kept(&self, kept: &Kept) -> Outcome {
        if let Some(note) = kept.note {
            self.notices.note(text::kept_note(note));
        }
        let collection = self.collection.get().filter(|_| shelf::is_open());
        self.own.view.kept(kept, collection.as_ref().map(|collection| collection.entry.title.as_str()))
    }

    /// Gives the next photo, unless one is under way, the visitor wants a pause, or no engine is there.
    fn give_photo(&self) {
        self.show_folder_work();
        let mut request = FolderRequest::Finish;
        let mut attached = JsValue::NULL;
        {
            let mut work = self.own.work.borrow_mut();
            let Some(work) = &mut *work else { return };
            if self.own.paused.get() || work.given.is_some() || !self.own.waiting.borrow().is_empty() {
                return;
            }
            work.given = Some(dom::now());
            if let Some(file) = work.files.get(work.next) {
                request = FolderRequest::Take { path: path(file), modified: file.last_modified() as u64 };
                attached = file.into();
            }
        }
        self.ask_folder(request, &attached);
    }

    fn show_folder_work(&self) {
        let work = self.own.work.borrow();
        let progress = work.as_ref().map(|work| (work.next, work.files.len(), work.pace));
        let _ = self.own.view.progress(progress, self.own.paused.get());
    }

    fn pause_folder(self: &Rc<Self>) {
        self.own.paused.set(!self.own.paused.get());
        self.give_photo();
    }

    /// What has been indexed is kept: the same folder goes on there.
    pub(super) fn stop_folder(&self, request: Option<FolderRequest>) {
        self.own.waiting.borrow_mut().retain(|request| !matches!(request, FolderRequest::Begin { .. }));
        if let (Some(_), Some(request)) = (self.own.work.take(), request) {
            self.ask_folder(request, &JsValue::NULL);
            self.notices.note(text::FOLDER_STOPPED);
        }
        self.show_folder_work();
    }

    /// An engine has been given up: the next goes on with the folder, without the photo that was to blame.
    pub(super) fn folder_lost(&self, engine: Kind, blame: Option<&str>) {
        if self.own.engine.get() != Some(engine) {
            return;
        }
        if let Some(work) = &mut *self.own.work.borrow_mut() {
            if let Some(problem) = blame {
                work.leave_out_given(problem);
            }
            work.begin_again();
        }
        if self.engines.borrow().is_any() { self.begin_folder() } else { self.stop_folder(None) }
    }

    fn forget_folder(self: &Rc<Self>) {
        self.stop_folder(None);
        self.ask_folder(FolderRequest::Forget, &JsValue::NULL);
        self.leave_folder(false);
    }

    /// Searches the folder from now on.
    async fn open_folder(self: &Rc<Self>, attached: &Array) -> Outcome {
        let [entry, cell] = [0, 1].map(|at| attached.get(at).unchecked_into::<Uint8Array>());
        let Some(files) = self.files.get() else { return Ok(()) };
        let (collection, files) = files.with_collection(entry, cell)?;
        if !shelf::is_open() {
            self.own.site.replace(self.collection.get().zip(self.files.get()));
        }
        shelf::replace(Some(attached.get(2).unchecked_into()));
        self.search_in(Rc::new(collection), Rc::new(files)).await
    }

    /// No engine can open the folder's files: the site's collection is searched again.
    pub(super) fn give_up_folder(self: &Rc<Self>, message: &str) {
        let Some((collection, files)) = self.own.site.take() else { return };
        shelf::replace(None);
        let (app, sentence) = (Rc::clone(self), text::no_folder(message));
        spawn_local(async move {
            let back = app.search_in(collection, files).await;
            app.start_engine(Kind::Cpu);
            app.notices.error(&back.map_or_else(|failure| failure.into(), |()| sentence));
        });
    }

    /// Searches the site's collection again; and does what the address says, if the visitor has come to one.
    pub(super) fn leave_folder(self: &Rc<Self>, arrived: bool) {
        let Some((collection, files)) = self.own.site.take() else { return };
        shelf::replace(None);
        let app = Rc::clone(self);
        spawn_local(async move {
            match app.search_in(collection, files).await {
                Ok(()) if arrived => {
                    let _ = app.follow_address();
                    app.arrive();
                }
                Ok(()) => {}
                Err(failure) => app.notices.error(failure.words()),
            }
        });
    }

    /// The visitor's photo that is on the screen is asked about again; else the collection shows a photo of its own.
    async fn search_in(self: &Rc<Self>, collection: Rc<Collection>, files: Rc<Files>) -> Outcome {
        self.questions.borrow_mut().clear();
        self.history.forget();
        self.reach.forget();
        self.forget_filter()?;
        let own = self.trail.trail().and_then(|trail| {
            let first = trail.before().first().unwrap_or(trail.last());
            first.is_own().then(|| first.clone())
        });
        let first = own.or_else(|| {
            let (id, item) = collection.items.numbered().next()?;
            Some(Step::item(item, id))
        });
        self.answer.results().show_neighbors(Vec::new(), Vec::new(), &collection)?;
        self.show_collection(collection, files).await?;
        self.questions.borrow_mut().clear(); // what came meanwhile was asked of the other
        self.own.view.searched(shelf::is_open())?;
        self.say_reach();
        self.engines.borrow_mut().reopen();
        self.open_started();
        if let Some(first) = first {
            self.ask(Question::new(Trail::begin(first)));
        }
        Ok(())
    }
}
