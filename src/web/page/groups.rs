//! Photos of the collection that are nearly the same, in groups: looked for when somebody wants to see them.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

use super::{
    app::App,
    collection::Collection,
    dom,
    failure::{Failure, Outcome},
    results, text,
    trail::Step,
};
use crate::{
    likeness::{is_calibrated, likeness},
    search::Neighbor,
};

/// More groups, and more photos of a group, are told and not shown.
const MOST: usize = 30;
const MOST_IN_GROUP: usize = 12;

/// Where it is said what goes on.
const WORDS: &str = "groups-words";

pub(super) struct Groups {
    button: HtmlElement,
    least: HtmlInputElement,
    progress: Element,
    list: HtmlElement,
    /// Numbers the requests; the engine searches for the last one alone.
    last_id: Cell<u32>,
    searching: Cell<bool>,
    found: RefCell<Vec<Vec<Neighbor>>>,
}

impl Groups {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            button: dom::by_id("find-groups")?,
            least: dom::by_id("groups-least")?,
            progress: dom::by_id("groups-progress")?,
            list: dom::by_id("groups-list")?,
            last_id: Cell::default(),
            searching: Cell::default(),
            found: RefCell::default(),
        })
    }

    pub(super) fn list(&self) -> &HtmlElement {
        &self.list
    }

    /// From look-alike to identical, beginning with near-duplicates; without such words there is nothing to look for.
    pub(super) fn offer(&self, collection: &Collection) -> Outcome {
        self.last_id.set(self.last_id.get() + 1); // what is still under way is about another collection
        self.set_searching(false);
        self.list.set_text_content(None);
        let thresholds = &collection.entry.likeness;
        let calibrated = is_calibrated(thresholds);
        dom::say(WORDS, if calibrated { "" } else { text::NO_THRESHOLDS })?;
        let tools: HtmlElement = dom::by_id("groups-tools")?;
        tools.class_list().toggle_with_force("waiting", !calibrated)?;
        if !calibrated {
            return Ok(());
        }
        let [least, most, first] =
            [thresholds.look_alike, thresholds.identical, thresholds.near_duplicate].map(dom::number);
        dom::set(&self.least, &[("min", &least), ("max", &most), ("value", &first)])?;
        self.say_least(collection);
        Ok(())
    }

    fn least(&self) -> f32 {
        self.least.value_as_number() as f32
    }

    fn say_least(&self, collection: &Collection) {
        let word = text::likeness(likeness(self.least(), &collection.entry.likeness));
        let _ = dom::say("groups-from", &text::from_similarity(self.least(), word));
    }

    fn set_searching(&self, searching: bool) {
        self.searching.set(searching);
        self.button.set_text_content(Some(if searching { text::STOP_SEARCH } else { text::FIND_GROUPS }));
        let _ = self.progress.class_list().toggle_with_force("waiting", !searching);
    }

    /// Nobody searches any more.
    pub(super) fn give_up(&self) {
        if self.searching.get() {
            self.set_searching(false);
            let _ = dom::say(WORDS, &text::sentence(text::NO_ENGINE_NOW));
        }
    }

    fn show(&self, groups: Vec<Vec<Neighbor>>, collection: &Collection) -> Outcome {
        self.set_searching(false);
        let photos = groups.iter().map(Vec::len).sum();
        dom::say(WORDS, &text::groups(groups.len(), photos, MOST))?;
        self.list.set_text_content(None);
        for (place, group) in groups.iter().take(MOST).enumerate() {
            let row: HtmlElement = dom::create("ol", "results group")?;
            dom::set(&row, &[("data-group", &place.to_string()), ("data-testid", "near-group")])?;
            for neighbor in group.iter().take(MOST_IN_GROUP) {
                if let Some(item) = collection.item(neighbor.id) {
                    row.append_child(&*results::tile(neighbor, item, collection, "grouped")?)?;
                }
            }
            if group.len() > MOST_IN_GROUP {
                row.append_child(&*dom::labelled("li", "small", &text::and_more(group.len() - MOST_IN_GROUP))?)?;
            }
            let line: HtmlElement = dom::create("li", "")?;
            line.append_child(&row)?;
            self.list.append_child(&line)?;
        }
        self.found.replace(groups);
        Ok(())
    }
}

/// Makes button, slider and tiles work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    dom::hear(app, &app.groups.button, "click", |clicked, _: Event| {
        let stop = clicked.groups.searching.get();
        clicked.find_groups(stop);
    })?;
    dom::hear(app, &app.groups.least, "input", |moved, _: Event| {
        if let Some(collection) = moved.collection.get() {
            moved.groups.say_least(&collection);
        }
        // Before anybody has asked for groups the slider only says from where on.
        if moved.groups.list.child_element_count() > 0 || moved.groups.searching.get() {
            moved.find_groups(false);
        }
    })
}

impl App {
    fn find_groups(&self, stop: bool) {
        let groups = &self.groups;
        groups.last_id.set(groups.last_id.get() + 1);
        groups.set_searching(!stop);
        let photos = self.collection.get().map_or(1, |collection| collection.items.len());
        let _ = groups.progress.set_attribute("max", &photos.to_string());
        let _ = dom::say(WORDS, if stop { text::STOPPED } else { text::SEARCHING });
        let engines = self.engines.borrow();
        let asked = match engines.active() {
            Some((_, link, _)) => link.duplicates(if stop { 0 } else { groups.last_id.get() }, groups.least()),
            None => Err(Failure::new(text::NO_ENGINE_NOW)),
        };
        if asked.is_err() {
            groups.give_up();
        }
    }

    pub(super) fn scanned(&self, id: u32, photos: u32) {
        if self.groups.searching.get() && id == self.groups.last_id.get() {
            let _ = self.groups.progress.set_attribute("value", &photos.to_string());
        }
    }

    pub(super) fn grouped(&self, id: u32, groups: Vec<Vec<Neighbor>>) {
        let wanted = self.collection.get().filter(|_| id == self.groups.last_id.get());
        if let Some(Err(failure)) = wanted.map(|collection| self.groups.show(groups, &collection)) {
            self.notices.error(failure.words());
        }
    }

    /// A photo of a group, looked at closer: beside the first, or the first beside the second.
    pub(super) fn look_at_grouped(self: &Rc<Self>, event: &Event) {
        let place = results::number(event, "data-group");
        let group = place.and_then(|place| self.groups.found.borrow().get(place as usize).cloned());
        let (Some(id), Some(mut group), Some(collection)) =
            (results::number(event, "data-look"), group, self.collection.get())
        else {
            return;
        };
        let query = group.remove(usize::from(group.first().is_some_and(|first| first.id == id)));
        if let Some(item) = collection.item(query.id) {
            event.prevent_default();
            self.look_closer(Step::item(item, query.id), group, id);
        }
    }
}
