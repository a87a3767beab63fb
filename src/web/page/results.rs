//! The most similar photos: a few at first, more when they are wanted.

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlImageElement};

use super::{collection::Collection, dom, failure::Outcome, history, text};
use crate::{
    gallery::{Item, Thresholds},
    likeness::likeness,
    search::Neighbor,
};

/// How many photos are on the screen: at first, and after each wish for more.
const STEPS: [usize; 3] = [6, 24, 60];

/// As many are asked for at once: whoever wants more does not wait.
pub(super) const MOST: usize = STEPS[STEPS.len() - 1];

pub(super) struct Results {
    list: HtmlElement,
    heading: HtmlElement,
    more: HtmlElement,
    saves: HtmlElement,
    found: RefCell<Found>,
}

/// An answer's neighbours, and how many of them are on the screen.
#[derive(Default)]
struct Found {
    collection: Option<Rc<Collection>>,
    neighbors: Vec<Neighbor>,
    shown: usize,
}

impl Results {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            list: dom::by_id("results")?,
            heading: dom::by_id("results-heading")?,
            more: dom::by_id("more")?,
            saves: dom::by_id("saves")?,
            found: RefCell::default(),
        })
    }

    pub(super) fn list(&self) -> &HtmlElement {
        &self.list
    }

    pub(super) fn button(&self) -> &HtmlElement {
        &self.more
    }

    /// What is on the screen.
    pub(super) fn shown(&self) -> (Option<Rc<Collection>>, Vec<Neighbor>) {
        let found = self.found.borrow();
        (found.collection.clone(), found.neighbors[..found.shown].to_vec())
    }

    /// Another answer: as few as at first.
    pub(super) fn show(&self, neighbors: &[Neighbor], collection: &Rc<Collection>) -> Outcome {
        let neighbors = neighbors.to_vec();
        self.found.replace(Found { collection: Some(Rc::clone(collection)), neighbors, shown: 0 });
        self.list.replace_children_with_node(&js_sys::Array::new());
        self.grow()
    }

    /// Shows more, behind those that are there, and brings the keyboard to the first of them: the button moves away.
    pub(super) fn more(&self) -> Outcome {
        let before = self.found.borrow().shown;
        self.grow()?;
        let first: HtmlElement = dom::within(&self.list, &format!("li:nth-child({}) a", before + 1))?;
        dom::focus(&first)
    }

    fn grow(&self) -> Outcome {
        let mut found = self.found.borrow_mut();
        let all = found.neighbors.len();
        let shown = next_step(found.shown).min(all);
        if let Some(collection) = &found.collection {
            for neighbor in &found.neighbors[found.shown..shown] {
                if let Some(item) = collection.item(neighbor.id) {
                    self.list.append_child(&*tile(neighbor, item, &collection.entry.likeness)?)?;
                }
            }
        }
        found.shown = shown;
        self.heading.set_text_content(Some(&text::results_heading(shown)));
        self.more.set_text_content(Some(&text::more(next_step(shown).min(all))));
        self.more.set_hidden(shown >= all.min(MOST));
        self.saves.set_hidden(shown == 0);
        Ok(())
    }
}

/// How many are shown after this many.
fn next_step(shown: usize) -> usize {
    STEPS.into_iter().find(|&step| step > shown).unwrap_or(MOST)
}

/// The photo that an event on the results means.
pub(super) fn item_of(event: &Event) -> Option<u32> {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok())?;
    element.closest("[data-item]").ok()??.get_attribute("data-item")?.parse().ok()
}

fn tile(neighbor: &Neighbor, item: &Item, thresholds: &Thresholds) -> Outcome<HtmlElement> {
    let tile: HtmlElement = dom::create("li", "result")?;
    tile.set_attribute("data-testid", "result")?;
    tile.set_attribute("data-path", &item.path)?;
    tile.set_attribute("data-similarity", &neighbor.similarity.to_string())?;
    let word = likeness(neighbor.similarity, thresholds).map_or("", |likeness| likeness.name());
    tile.set_attribute("data-likeness", word)?;
    // A real link: it can be opened in another tab, or copied.
    let link: HtmlElement = dom::create("a", "")?;
    link.set_attribute("href", &history::link(&item.path))?;
    link.set_attribute("data-item", &neighbor.id.to_string())?;
    link.append_with_node_2(&*thumbnail(item)?, &*about(neighbor, item, word)?)?;
    tile.append_child(&link)?;
    Ok(tile)
}

fn thumbnail(item: &Item) -> Outcome<HtmlImageElement> {
    let image: HtmlImageElement = dom::create("img", "")?;
    let [width, height] = item.thumb_size;
    image.set_width(width.into());
    image.set_height(height.into());
    image.set_alt(text::MORE_LIKE_THIS); // what the link does; the path stands beside it
    image.set_src(&Collection::thumbnail(item));
    Ok(image)
}

fn about(neighbor: &Neighbor, item: &Item, word: &str) -> Outcome<HtmlElement> {
    let about: HtmlElement = dom::create("div", "about")?;
    let similarity: HtmlElement = dom::create("div", "similarity")?;
    let number = dom::labelled("span", "", &format!("{:.3}", neighbor.similarity))?;
    let word = dom::labelled("span", "word", word)?;
    similarity.append_with_node_3(&*dom::chip(item.cluster)?, &number, &word)?;
    let path = dom::labelled("div", "path", &item.path)?;
    path.set_title(&item.path);
    about.append_with_node_2(&similarity, &path)?;
    Ok(about)
}
