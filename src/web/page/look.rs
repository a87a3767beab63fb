//! A photo of the collection, large; beside or over the photo for which it was found; and why it was found.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::{
    app::App,
    collection::Collection,
    details::DetailsView,
    dom,
    failure::{Failure, Outcome},
    results, text,
    trail::{Step, Subject},
    trail_view,
    why::WhyView,
};
use crate::{gallery::Item, likeness::likeness, search::Neighbor};

pub(super) struct Look {
    dialog: HtmlDialogElement,
    stage: HtmlElement,
    pub(super) why: WhyView,
    details: DetailsView,
    looked_at: RefCell<Option<LookedAt>>,
    /// Photos shown so far: reasons for an earlier one come too late.
    turn: Cell<u32>,
}

/// What the dialog goes through.
struct LookedAt {
    /// The photo for which the others were found.
    query: Step,
    found: Vec<Neighbor>,
    place: usize,
}

impl Look {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            dialog: dom::by_id("look-dialog")?,
            stage: dom::by_id("look-stage")?,
            why: WhyView::new()?,
            details: DetailsView::new()?,
            looked_at: RefCell::default(),
            turn: Cell::default(),
        })
    }

    /// Nobody explains any more.
    pub(super) fn give_up(&self) {
        if self.explains() {
            self.why.fail(text::NO_ENGINE_NOW);
        }
    }

    fn explains(&self) -> bool {
        self.dialog.open() && self.dialog.get_attribute("data-view").as_deref() == Some("why")
    }

    /// The query and the photo that is looked at.
    fn pair(&self) -> Option<(Step, Neighbor)> {
        let looked_at = self.looked_at.borrow();
        let LookedAt { query, found, place } = looked_at.as_ref()?;
        Some((query.clone(), *found.get(*place)?))
    }

    /// Closes the dialog, if it is open.
    pub(super) fn close(&self) -> bool {
        let was_open = self.dialog.open();
        self.dialog.close();
        was_open
    }

    /// After the last comes the first.
    fn step(&self, by: isize) {
        if let Some(looked_at) = self.looked_at.borrow_mut().as_mut() {
            let count = looked_at.found.len().max(1) as isize;
            looked_at.place = (looked_at.place as isize + by).rem_euclid(count) as usize;
        }
    }

    fn show(&self, neighbor: &Neighbor, item: &Item, collection: &Collection) -> Outcome {
        self.why.pane(1).show(&collection.picture(item), item.name(), None)?;
        self.details.show(item)?;
        dom::say("look-similarity", &dom::fixed(neighbor.similarity, 3))?;
        let word = likeness(neighbor.similarity, &collection.entry.likeness);
        dom::say("look-word", text::likeness(word))?;
        let place: HtmlElement = dom::by_id("look-cluster")?;
        let cluster = dom::labelled("span", "", &text::cluster_name(item.cluster))?;
        place.replace_children_with_node_2(&*dom::chip(item.cluster)?, &cluster);
        Ok(())
    }
}

/// Makes the dialog work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    let dialog = &app.look.dialog;
    dom::hear(app, dialog, "click", |clicked, event: Event| {
        let button = dom::target::<Element>(&event);
        match button.map(|button| button.id()).as_deref() {
            Some("look-previous") => clicked.look_further(-1),
            Some("look-next") => clicked.look_further(1),
            Some("look-more") => {
                clicked.look.dialog.close();
                if let Some((_, neighbor)) = clicked.look.pair() {
                    clicked.more_like(neighbor.id);
                }
            }
            _ => {}
        }
    })?;
    dom::hear(app, dialog, "input", |chosen, event: Event| {
        let Some(input) = dom::target::<HtmlInputElement>(&event) else { return };
        let look = &chosen.look;
        if input.type_() == "range" {
            let _ = look.stage.style().set_property("--border", &format!("{}%", input.value()));
        } else {
            let _ = look.dialog.set_attribute("data-view", &input.value());
            chosen.explain();
        }
    })?;
    dom::hear(app, dialog, "keydown", |pressed, event: KeyboardEvent| {
        let target = dom::target::<Element>(&event);
        // There the arrows mean something else.
        if target.is_some_and(|target| target.matches("input, canvas").unwrap_or_default()) {
            return;
        }
        if let Some([by @ (-1 | 1), _]) = dom::arrow(&event) {
            pressed.look_further(by as isize);
        }
    })
}

impl App {
    /// Opens the dialog on one of the photos that were found for another.
    pub(super) fn look_closer(self: &Rc<Self>, query: Step, found: Vec<Neighbor>, id: u32) {
        let place = found.iter().position(|neighbor| neighbor.id == id).unwrap_or(0);
        let shown = self.show_query(&query).and_then(|()| {
            self.look.looked_at.replace(Some(LookedAt { query, found, place }));
            if !self.look.dialog.open() {
                self.look.dialog.show_modal()?;
            }
            Ok(())
        });
        match shown {
            Ok(()) => self.look_further(0),
            Err(failure) => self.notices.error(failure.words()),
        }
    }

    /// A result, looked at closer.
    pub(super) fn look_at_result(self: &Rc<Self>, event: &Event) {
        if let (Some(id), Some(trail)) = (results::number(event, "data-look"), self.trail.trail()) {
            event.prevent_default();
            // Of several together the first is compared.
            let query = trail.last().photos().first().copied().unwrap_or(trail.last());
            self.look_closer(query.clone(), self.answer.results().shown(), id);
        }
    }

    fn show_query(&self, query: &Step) -> Outcome {
        let address = match (&query.subject, self.collection.get()) {
            (Subject::Item(id), Some(collection)) => collection.item(*id).map(|item| collection.picture(item)),
            _ => self.answer.photo_address(),
        };
        self.look.why.pane(0).show(&address.unwrap_or_default(), &trail_view::name(query), query.crop())
    }

    /// Shows the photo so many places further.
    fn look_further(self: &Rc<Self>, by: isize) {
        let look = &self.look;
        look.step(by);
        let Some((collection, (_, neighbor))) = self.collection.get().zip(look.pair()) else { return };
        let Some(item) = collection.item(neighbor.id) else { return };
        let crop = self.engines.borrow().active().map_or(1.0, |(_, _, report)| report.crop);
        let _ = look.stage.style().set_property("--crop", &dom::number(crop));
        let _ = look.show(&neighbor, item, &collection);
        look.turn.set(look.turn.get() + 1);
        self.explain();
    }

    /// Asks why the two photos in the dialog are alike, if that is what it shows.
    fn explain(self: &Rc<Self>) {
        self.look.why.clear();
        if !self.look.explains() {
            return;
        }
        let app = Rc::clone(self);
        wasm_bindgen_futures::spawn_local(async move {
            let id = app.look.turn.get();
            if let Err(failure) = app.ask_why(id).await {
                app.explained(id, Err(failure.into()));
            }
        });
    }

    async fn ask_why(&self, id: u32) -> Outcome {
        let no_pair = || Failure::new(text::NO_ENGINE_NOW);
        let (query, neighbor) = self.look.pair().ok_or_else(no_pair)?;
        let (part, query) = (query.crop(), self.file(&query).await?);
        let photo =
            self.collection.get().and_then(|collection| Some(Step::item(collection.item(neighbor.id)?, neighbor.id)));
        let result = self.file(&photo.ok_or_else(no_pair)?).await?;
        let engines = self.engines.borrow();
        let (_, link, _) = engines.active().ok_or_else(no_pair)?;
        link.why(id, &query, part, &result)
    }

    pub(super) fn explained(&self, id: u32, why: Result<crate::engine::Why, String>) {
        if id != self.look.turn.get() || !self.look.explains() {
            return;
        }
        let shown = why.map_err(Failure::new).and_then(|why| self.look.why.show(why));
        if let Err(failure) = shown {
            self.look.why.fail(failure.words());
        }
    }
}
