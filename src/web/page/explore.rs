//! From photo to photo: more results, more like one of them, back along the trail, and through the browser's history.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, KeyboardEvent, MouseEvent};

use super::{
    address::Address,
    app::App,
    collection::Collection,
    dom,
    failure::Outcome,
    history::Arrival,
    questions::Question,
    results, shelf, text,
    trail::{Part, Step, Term, Trail},
    trail_view,
};
use crate::mix::{Named, Weight};

/// Makes results, trail and history work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    dom::hear(app, app.answer.results().button(), "click", |more, _: Event| {
        if let Err(failure) = more.answer.results().more() {
            more.notices.error(failure.words());
        }
    })?;
    for list in [app.answer.results().list(), app.groups.list(), app.methods.element()] {
        dom::hear(app, list, "click", |chosen, event: MouseEvent| match results::item_of(&event) {
            Some(item) if is_plain(&event) => {
                event.prevent_default();
                chosen.more_like(item);
            }
            Some(_) => {}
            None => chosen.look(&event),
        })?;
        dom::hear(app, list, "keydown", |pressed, event: KeyboardEvent| {
            if matches!(event.key().as_str(), "l" | "L" | " ")
                && !(event.ctrl_key() || event.meta_key() || event.alt_key())
            {
                pressed.look(&event);
            }
        })?;
    }
    dom::hear(app, app.trail.element(), "click", |back, event: MouseEvent| {
        if let (true, Some(place), Some(trail)) = (is_plain(&event), trail_view::step_of(&event), back.trail.trail()) {
            event.prevent_default();
            back.ask(Question::new(trail.back_to(place)));
        }
    })?;
    let chosen = Rc::clone(app);
    app.map.when_chosen(move |item| chosen.more_like(item));
    let asked = Rc::clone(app);
    app.map.when_pointed(move |id, place, reach| {
        if let Some((_, link, _)) = asked.engines.borrow().active() {
            drop(link.at_place(id, place, reach));
        }
    });
    dom::hear(app, &*dom::window()?, "popstate", |travelled, _: Event| {
        // What the address says of the collection means nothing in the visitor's own folder.
        if !shelf::is_open() {
            let _ = travelled.follow_address();
        }
        travelled.arrive();
    })
}

/// Whether a click on a link means this page; with a key or another button it means another tab.
fn is_plain(event: &MouseEvent) -> bool {
    event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key())
}

impl App {
    /// Asks for the neighbours of a photo of the collection, one step further on the trail.
    pub(super) fn more_like(&self, item: u32) {
        let Some(collection) = self.collection.get() else { return };
        let Some(photo) = collection.item(item) else { return };
        if self.formula.takes_next() {
            return self.add_item(item, Weight::ONE);
        }
        let trail = match self.trail.trail() {
            Some(trail) => trail.then(photo, item),
            None => Trail::begin(Step::item(photo, item)),
        };
        self.ask(Question::new(trail));
    }

    /// Looks closer at the photo of a tile.
    fn look(self: &Rc<Self>, event: &Event) {
        if results::number(event, "data-group").is_some() {
            self.look_at_grouped(event)
        } else {
            self.look_at_result(event)
        }
    }

    /// The page's own address may name a photo. One that the visitor has given meanwhile comes first.
    pub(super) fn open_address(self: &Rc<Self>) {
        let _ = self.follow_address();
        if self.questions.borrow().is_idle() && self.intake.is_idle() {
            self.arrive();
        }
    }

    /// Asks for what the browser's history has come to; if that is not there, the answer on the screen stays.
    pub(super) fn arrive(self: &Rc<Self>) {
        match self.history.arrive() {
            Ok(Arrival::Again(question)) => self.ask(question),
            Ok(Arrival::Photos(_)) if shelf::is_open() => self.leave_folder(true),
            Ok(Arrival::Photos(photos)) => self.open_permalink(photos),
            Ok(Arrival::Lost) => self.notices.note(text::PHOTO_LOST),
            Ok(Arrival::Nothing) => {}
            Err(failure) => self.notices.error(failure.words()),
        }
    }

    /// Asks for photos by their names; those that are not there are told, and left out.
    fn open_permalink(self: &Rc<Self>, photos: Vec<Named>) {
        // Before the collection has been loaded nobody knows its photos: `open_address` comes back to this.
        let Some(collection) = self.collection.get() else { return };
        let (app, id) = (Rc::clone(self), self.intake.begin());
        spawn_local(async move {
            let numbers = Address::read().map_or(Vec::new(), |address| address.numbers());
            if let Err(failure) = app.look_for(&photos, &numbers).await {
                app.notices.error(failure.words());
            }
            let collection = app.collection.get().unwrap_or(collection);
            let (there, missing): (Vec<_>, Vec<_>) =
                photos.into_iter().partition(|photo| collection.find(&photo.path).is_some());
            let missing = (!missing.is_empty()).then(|| {
                text::no_such_photo(&missing.into_iter().map(|photo| photo.path).collect::<Vec<_>>().join("”, “"))
            });
            let step = app.step_of(&collection, there).await;
            if !app.intake.finish(id) {
                return;
            }
            match (step, missing) {
                (Ok(Some(step)), missing) => {
                    app.ask(Question::new(Trail::begin(step)));
                    missing.iter().for_each(|sentence| app.notices.note(sentence));
                }
                (Ok(None), missing) => missing.iter().for_each(|sentence| app.notices.error(sentence)),
                (Err(failure), _) => app.notices.error(failure.words()),
            }
        });
    }

    /// Of a photo with a box on it the picture is fetched.
    async fn step_of(&self, collection: &Collection, photos: Vec<Named>) -> Outcome<Option<Step>> {
        let mut terms = Vec::new();
        for Named { path, part, weight } in photos {
            let Some((id, item)) = collection.find(&path) else { continue };
            let mut photo = Step::item(item, id);
            if let Some(crop) = part {
                let file = self.file(&photo).await?;
                photo = photo.with_part(Some(Part { crop, file }));
            }
            terms.push(Term { photo, weight });
        }
        Ok(Step::together(terms))
    }

    /// Whether the keyboard is on something that an answer may take away.
    pub(super) fn keyboard_on_answer(&self) -> bool {
        [self.answer.results().list(), self.methods.element(), self.trail.element(), self.formula.element()]
            .into_iter()
            .any(dom::has_keyboard)
    }
}
