//! Which photos count: chosen beside the map or on it, shown on the map and among the results together.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use web_sys::{Element, Event, HtmlElement};

use super::{
    address::{Address, VIEW},
    app::App,
    dom,
    engines::Kind,
    failure::Outcome,
    map::LISTS,
    results, shelf, text,
    trail::Step,
};
use crate::{engine::Answer, filter::Filter, map::view::View, search::Neighbor, symmetry::Symmetry};

type About = (Vec<Vec<f32>>, Vec<u32>);

#[derive(Default)]
pub(super) struct Filters {
    filter: RefCell<Filter>,
    /// The embeddings that the results on the screen are near to, and what is left out of them.
    about: RefCell<Option<About>>,
    /// An answer from the whole collection; it is shown once the photos that pass are found.
    waiting: RefCell<Option<(Kind, u32, Answer, f32)>>,
    /// The last search among the photos that pass.
    last: Cell<u32>,
}

impl Filters {
    /// Nobody waits any more for photos that pass.
    fn forget(&self) {
        self.waiting.take();
        self.last.set(self.last.get() + 1);
    }

    /// An answer comes on the screen.
    pub(super) fn remember(&self, answer: &Answer, photo: &Step) {
        self.about.replace(Some((answer.embeddings(), photo.items())));
    }
}

/// Makes everything that chooses a filter work: it has `data-part`, and `data-value` unless it takes the part away.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    dom::hear(app, &*dom::document()?, "click", |clicked, event: Event| {
        let target = dom::target::<Element>(&event);
        let button = target.and_then(|target| target.closest("[data-part]").ok().flatten());
        if let Some((part, button)) = button.and_then(|button| Some((button.get_attribute("data-part")?, button))) {
            let value = button.get_attribute("data-value").unwrap_or_default();
            let chosen = button.get_attribute("aria-pressed").as_deref() == Some("true");
            clicked.choose_part(&part, if chosen { "" } else { &value });
            // A chip goes away with the keyboard on it.
            if !button.is_connected() {
                let _ = dom::focus(clicked.map.element());
            }
            // So may the tile on which the large view was opened; the tag's chip stays.
            if clicked.look.close() {
                let _ =
                    dom::by_id("results-filter").and_then(|chips| dom::focus(&dom::within(&chips, "[data-part=tag]")?));
            }
        }
    })?;
    let drawn = Rc::clone(app);
    app.map.when_drawn(move |corners| drawn.select(corners));
    for part in LISTS {
        let changed = Rc::clone(app);
        let list: HtmlElement = dom::by_id(part)?;
        dom::listen(&list.clone(), "change", move |_: Event| {
            changed.choose_part(part, &dom::property(&list, "value").as_string().unwrap_or_default());
        })?;
    }
    Ok(())
}

impl App {
    /// Another value for a part of the filter; none if it means nothing.
    fn choose_part(&self, part: &str, value: &str) {
        let mut filter = self.filters.filter.borrow().clone();
        filter.set(part, Filter::parse(part, value).unwrap_or_default());
        self.filter_by(filter);
    }

    /// The photos within a line that has been drawn on the map.
    fn select(&self, corners: Vec<[f32; 2]>) {
        let Some(collection) = self.collection.get() else { return };
        let lasso = Filter { lasso: corners, ..Filter::default() };
        if lasso.admitted(&collection.items).next().is_none() {
            return self.notices.note(text::NOTHING_SELECTED);
        }
        let mut filter = self.filters.filter.borrow().clone();
        filter.lasso = lasso.lasso;
        self.filter_by(filter);
    }

    /// Another filter, with an entry of its own in the browser's history.
    fn filter_by(&self, filter: Filter) {
        let written = Address::read().and_then(|mut address| {
            write_parts(&filter, &mut address);
            address.write(!shelf::is_open())
        });
        if let Err(failure) = written.and_then(|()| self.show_filter(filter)) {
            self.notices.error(failure.words());
        }
    }

    /// Does what the page's address says of filter and view. What means nothing is told and left out.
    pub(super) fn follow_address(&self) -> Outcome {
        let Some(collection) = self.collection.get() else { return Ok(()) };
        let mut address = Address::read()?;
        let mut odd = address.odd.take();
        let mut filter = Filter::default();
        for part in Filter::PARTS {
            let Some(value) = address.get(part) else { continue };
            let parsed = Filter::parse(part, value);
            // Of a photo that has not been loaded yet nobody knows whether it passes.
            let passes =
                |parsed: &Filter| !collection.items.is_whole() || parsed.admitted(&collection.items).next().is_some();
            match parsed.filter(passes) {
                Some(parsed) => filter.set(part, parsed),
                None => odd = Some([part, "=", value].concat()),
            }
        }
        let view = address.get(VIEW).map(|value| View::parse(value).ok_or(value));
        let view = view.transpose().unwrap_or_else(|value| {
            odd = Some([VIEW, "=", value].concat());
            None
        });
        if let Some(odd) = odd {
            self.notices.note(&text::odd_address(&odd));
            write_parts(&filter, &mut address);
            address.set(VIEW, view.and_then(|view| view.name()));
            address.write(false)?;
        }
        self.map.look_at(view.unwrap_or(View::WHOLE));
        self.show_filter(filter)
    }

    /// Another collection is searched: filter, view and answers were about the other's photos.
    pub(super) fn forget_filter(&self) -> Outcome {
        self.filters.about.take();
        self.filters.forget();
        self.map.look_at(View::WHOLE);
        self.show_filter(Filter::default())
    }

    fn show_filter(&self, filter: Filter) -> Outcome {
        let Some(collection) = self.collection.get() else { return Ok(()) };
        if self.filters.filter.replace(filter.clone()) == filter {
            return Ok(());
        }
        self.methods.close();
        self.chips(&filter)?;
        self.map.filter_by(filter, &collection)?;
        self.search_again();
        Ok(())
    }

    pub(super) fn is_filtered(&self) -> bool {
        !self.filters.filter.borrow().is_empty()
    }

    /// A chip for each part, above the results and above the map.
    fn chips(&self, filter: &Filter) -> Outcome {
        for place in ["results-filter", "map-filter"] {
            let place: HtmlElement = dom::by_id(place)?;
            place.set_text_content(None);
            for part in Filter::PARTS {
                let Some(value) = filter.part(part) else { continue };
                let chip = dom::labelled("button", "", &text::filter_part(part, &value))?;
                dom::set(&chip, &[("type", "button"), ("data-part", part), ("title", text::TAKE_AWAY)])?;
                chip.append_child(&*dom::labelled("span", "unseen", text::TAKE_AWAY)?)?;
                place.append_child(&chip)?;
            }
        }
        Ok(())
    }

    /// An engine has answered from the whole collection; with a filter on, it is asked for the photos that pass.
    pub(super) fn narrow(self: &Rc<Self>, kind: Kind, id: u32, answer: Answer, milliseconds: f32) {
        if self.filters.filter.borrow().is_empty() {
            let _ = self.answer.results().under("");
            self.filters.forget();
            return self.answered(kind, id, &answer, milliseconds);
        }
        self.filters.waiting.replace(Some((kind, id, answer, milliseconds)));
        self.search_again();
    }

    /// Searches among the photos that pass: for the answer that waits, or for the one on the screen.
    pub(super) fn search_again(&self) {
        let questions = self.questions.borrow();
        let mut waiting = self.filters.waiting.borrow_mut();
        let asked = waiting
            .as_ref()
            .and_then(|(_, id, answer, _)| Some((answer.embeddings(), questions.running(*id)?.step().items())));
        if asked.is_none() {
            *waiting = None; // nobody waits for it any more
        }
        let Some((embeddings, left_out)) = asked.or_else(|| self.filters.about.borrow().clone()) else { return };
        let engines = self.engines.borrow();
        let Some((_, link, _)) = engines.active() else { return };
        self.filters.last.set(self.filters.last.get() + 1);
        let (id, filter) = (self.filters.last.get(), self.filters.filter.borrow().clone());
        if let Err(failure) = link.among(id, embeddings, filter, left_out, results::MOST as u32) {
            self.notices.error(failure.words());
        }
    }

    /// The photos that pass have been found.
    pub(super) fn found_among(self: &Rc<Self>, id: u32, found: Result<(Vec<Neighbor>, Vec<Symmetry>), String>) {
        if id != self.filters.last.get() {
            return;
        }
        let mut address = Address::default();
        write_parts(&self.filters.filter.borrow(), &mut address);
        let _ = self.answer.results().under(&address.pairs());
        let waiting = self.filters.waiting.take();
        match (found, waiting, self.collection.get()) {
            (Ok((neighbors, symmetries)), Some((kind, id, answer, milliseconds)), _) => {
                self.answered(kind, id, &Answer { neighbors, symmetries, ..answer }, milliseconds);
            }
            (Ok((neighbors, symmetries)), None, Some(collection)) => {
                self.map.show_neighbors(&neighbors);
                if let Err(failure) = self.answer.results().show_neighbors(neighbors, symmetries, &collection) {
                    self.notices.error(failure.words());
                }
            }
            (Err(message), Some((_, id, ..)), _) => self.refused(id, &message),
            (Err(message), ..) => self.notices.error(&text::sentence(&message)),
            (Ok(_), None, None) => {}
        }
    }
}

fn write_parts(filter: &Filter, address: &mut Address) {
    for part in Filter::PARTS {
        address.set(part, filter.part(part));
    }
}
