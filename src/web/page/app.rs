//! The page as a whole: what happens when.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use super::{
    answer::AnswerView,
    camera, clipboard,
    collection::{self, Collection, Files},
    crop_box::{self, CropBox},
    current::Current,
    dom, download,
    engines::{Choice, Engines, Kind},
    explore,
    failure::Outcome,
    filters::{self, Filters},
    formula::{self, Formula},
    groups::{self, Groups},
    history::History,
    input,
    intake::Intake,
    keys,
    look::{self, Look},
    map::Map,
    methods::{self, Methods},
    notices::Notices,
    own::{self, Own},
    questions::{Entry, Question, Questions},
    reach::{self, Reach},
    reconstruction::{self, Reconstruction},
    results, samples, save, shelf,
    status::{State, Status},
    supervisor, text, thumbnails,
    trail::{Step, Subject, Trail},
    trail_view::TrailView,
    turned::{self, Turned},
    why, words,
};
use crate::{engine::Answer, mix::Weight};

pub(super) struct App {
    pub(super) notices: Notices,
    pub(super) intake: Intake,
    pub(super) status: Status,
    pub(super) answer: AnswerView,
    pub(super) trail: TrailView,
    pub(super) history: History,
    pub(super) reconstruction: Reconstruction,
    pub(super) crop_box: CropBox,
    pub(super) formula: Formula,
    pub(super) filters: Filters,
    pub(super) map: Rc<Map>,
    pub(super) turned: Turned,
    pub(super) look: Look,
    pub(super) groups: Groups,
    pub(super) methods: Methods,
    pub(super) reach: Reach,
    pub(super) own: Own,
    pub(super) choice: Choice,
    pub(super) files: Current<Files>,
    pub(super) collection: Current<Collection>,
    pub(super) engines: RefCell<Engines>,
    pub(super) questions: RefCell<Questions>,
    pub(super) restarts: Cell<u32>,
}

impl App {
    pub(super) fn new() -> Outcome<Rc<Self>> {
        let notices = Notices::new()?;
        let app = Rc::new(Self {
            choice: Choice::from_address(&notices)?,
            notices,
            intake: Intake::default(),
            status: Status::new()?,
            answer: AnswerView::new()?,
            trail: TrailView::new()?,
            history: History::new()?,
            reconstruction: Reconstruction::new()?,
            crop_box: CropBox::new()?,
            formula: Formula::new()?,
            filters: Filters::default(),
            turned: Turned::new()?,
            look: Look::new()?,
            groups: Groups::new()?,
            methods: Methods::new()?,
            reach: Reach::new()?,
            map: Map::new()?,
            own: Own::new()?,
            files: Current::default(),
            collection: Current::default(),
            engines: RefCell::default(),
            questions: RefCell::default(),
            restarts: Cell::new(0),
        });
        input::listen(&app)?;
        camera::listen(&app)?;
        clipboard::listen(&app)?;
        keys::listen(&app)?;
        samples::listen(&app)?;
        explore::listen(&app)?;
        filters::listen(&app)?;
        reconstruction::listen(&app)?;
        crop_box::listen(&app)?;
        formula::listen(&app)?;
        turned::listen(&app)?;
        look::listen(&app)?;
        why::listen(&app)?;
        groups::listen(&app)?;
        methods::listen(&app)?;
        reach::listen(&app)?;
        save::listen(&app)?;
        own::listen(&app)?;
        supervisor::listen(&app)?;
        thumbnails::watch(&app)?;
        Ok(app)
    }

    /// Starts an engine and loads the collection, side by side.
    pub(super) async fn run(self: Rc<Self>) {
        self.status.set(State::Loading, text::LOADING);
        self.start_engine(self.choice.first());
        let loaded = match self.load().await {
            Err(_) if download::distrust() => self.load().await,
            loaded => loaded,
        };
        match loaded {
            Ok(()) => {
                self.open_started();
                self.open_address();
            }
            Err(failure) => self.fail(&text::no_collection(failure.words())),
        }
    }

    /// Fetches the site's collection and shows it.
    pub(super) async fn load(self: &Rc<Self>) -> Outcome {
        let reporter = Rc::clone(self);
        let report = move |part| drop(reporter.status.progress(part));
        let (collection, files, lost) = collection::load(report).await?;
        self.show_collection(Rc::new(collection), Rc::new(files)).await?;
        self.miss(lost);
        Ok(())
    }

    /// Nothing can be asked any more, and this is why.
    pub(super) fn fail(&self, sentence: &str) {
        self.status.set(State::Failed, text::CANNOT_ANSWER);
        self.notices.error(sentence);
    }

    pub(super) async fn show_collection(&self, collection: Rc<Collection>, files: Rc<Files>) -> Outcome {
        let name = text::collection(&collection.entry.title, collection.entry.photos, shelf::is_open());
        dom::say("collection", &name)?;
        self.reconstruction.offer(&collection.entry)?;
        words::show(&collection.entry.likeness)?;
        self.groups.offer(&collection)?;
        self.map.show_collection(Rc::clone(&collection))?;
        dom::breathe().await?;
        self.collection.set(collection);
        self.files.set(files);
        Ok(())
    }

    /// Asks about a photo with which a trail begins, or adds it to those on the screen.
    pub(super) fn look_at(&self, photo: Step) {
        if self.formula.takes_next() {
            self.add(photo, Weight::ONE);
        } else {
            self.ask(Question::new(Trail::begin(photo)));
        }
    }

    /// Asks about a photo as soon as that is possible.
    pub(super) fn ask(&self, question: Question) {
        self.notices.clear_error();
        self.intake.give_up();
        if question.entry != Entry::Passing {
            self.reach.rest();
        }
        if self.status.is(State::Failed) {
            return self.notices.error(text::CANNOT_ANSWER);
        }
        if self.status.is(State::Loading) {
            self.status.set(State::Loading, &text::waits(question.name()));
        }
        self.questions.borrow_mut().push(question);
        self.ask_next();
    }

    pub(super) fn ask_next(&self) {
        let engines = self.engines.borrow();
        let Some((kind, link, _)) = engines.active() else { return };
        let Some((id, question)) = self.questions.borrow_mut().start(kind) else { return };
        if question.entry != Entry::Passing {
            self.status.set(State::Busy, &text::busy(question.name()));
        }
        let (photo, most) = (question.step(), results::MOST as u32);
        let asked = match (&photo.subject, photo.file()) {
            (Subject::Own(_), Some(file)) if self.turned.wanted() && question.entry != Entry::Passing => {
                link.ask_turned(id, file, photo.crop(), most)
            }
            _ => link.ask(id, photo, most),
        };
        if let Err(failure) = asked {
            self.questions.borrow_mut().finish(id);
            self.status.set(State::Ready, text::READY);
            self.notices.error(&text::about_file(question.name(), failure.words()));
        }
    }

    pub(super) fn answered(self: &Rc<Self>, kind: Kind, id: u32, answer: &Answer, milliseconds: f32) {
        let question = self.questions.borrow_mut().finish(id);
        if let (Some(question), Some(collection)) = (question, self.collection.get()) {
            let time = text::time(milliseconds);
            let device = self.engines.borrow_mut().device(kind).unwrap_or_default();
            let time_on = text::time_on(&time, &device);
            match self.show(&question, answer, &collection, (milliseconds, &time_on)) {
                Ok(()) if question.entry == Entry::Passing => {}
                Ok(()) => self.status.set(State::Ready, &text::found(question.name(), &time)),
                Err(failure) => {
                    self.status.set(State::Ready, text::READY);
                    self.notices.error(failure.words());
                }
            }
        }
        self.ask_next();
    }

    /// Puts an answer on the screen, its address last: then everything that it names is there.
    fn show(
        self: &Rc<Self>,
        question: &Question,
        answer: &Answer,
        collection: &Rc<Collection>,
        time: (f32, &str),
    ) -> Outcome {
        let (keyboard, on_map) = (self.keyboard_on_answer(), dom::has_keyboard(self.map.element()));
        let photo = question.step();
        self.filters.remember(answer, photo);
        self.reconstruction.answered(photo)?;
        self.turned.answered(photo)?;
        self.methods.answered(photo, &collection.entry);
        self.trail.show(&question.trail, collection.entry.is_large())?;
        self.map.show_answer(answer, photo)?;
        self.answer.show(photo, answer, collection, time)?;
        // While something newer waits, box and weights are ahead of this answer.
        if self.questions.borrow().is_idle() {
            self.crop_box.show(photo)?;
            self.formula.show(photo)?;
        }
        if on_map || keyboard && !self.keyboard_on_answer() {
            self.trail.focus()?;
        }
        self.history.shown(question, collection.entry.is_large())?;
        self.reach_for(answer, photo, question.entry != Entry::Passing);
        Ok(())
    }

    /// The engine is well, the photo is not.
    pub(super) fn refused(&self, id: u32, message: &str) {
        if let Some(question) = self.questions.borrow_mut().finish(id) {
            self.notices.error(&text::about_file(question.name(), message));
            self.status.set(State::Ready, text::READY);
            self.say_reach();
        }
        self.ask_next();
    }

    pub(super) fn show_device(&self) {
        self.status.device(self.engines.borrow().devices().as_deref());
    }
}
