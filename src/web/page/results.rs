//! The most similar photos: a few at first, more when they are wanted.

use std::{cell::RefCell, rc::Rc};

use web_sys::{Element, Event, HtmlElement};

use super::{collection::Collection, dom, failure::Outcome, text};
use crate::{
    engine::Answer,
    gallery::Item,
    likeness::{Likeness, likeness},
    search::Neighbor,
    symmetry::Symmetry,
};

/// How many photos are on the screen: at first, and after each wish for more.
pub(super) const STEPS: [usize; 3] = [6, 24, 60];

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
    symmetries: Vec<Symmetry>,
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

    /// The photos that are on the screen at first.
    pub(super) fn first(&self) -> Vec<Neighbor> {
        self.found.borrow().neighbors.iter().take(STEPS[0]).copied().collect()
    }

    pub(super) fn button(&self) -> &HtmlElement {
        &self.more
    }

    /// The filter that the results have passed, as the address has it; empty: none.
    pub(super) fn under(&self, filter: &str) -> Outcome {
        Ok(self.list.set_attribute("data-filter", filter)?)
    }

    /// What is on the screen.
    pub(super) fn shown(&self) -> Vec<Neighbor> {
        let found = self.found.borrow();
        found.neighbors[..found.shown].to_vec()
    }

    /// Another answer: as few as at first.
    pub(super) fn show(&self, answer: &Answer, collection: &Rc<Collection>) -> Outcome {
        self.show_neighbors(answer.neighbors.clone(), answer.symmetries.clone(), collection)
    }

    /// `symmetries`: how each neighbour has been found; none: as it is.
    pub(super) fn show_neighbors(
        &self,
        neighbors: Vec<Neighbor>,
        symmetries: Vec<Symmetry>,
        collection: &Rc<Collection>,
    ) -> Outcome {
        self.found.replace(Found { collection: Some(Rc::clone(collection)), neighbors, symmetries, shown: 0 });
        self.list.replace_children_with_node(&js_sys::Array::new());
        self.grow()
    }

    /// The same answer from more photos: as many as before stay on the screen, and the keyboard on its photo.
    pub(super) fn improve(&self, answer: &Answer, collection: &Rc<Collection>) -> Outcome {
        let before = self.found.borrow().shown;
        let is_same =
            self.found.borrow().neighbors.starts_with(&answer.neighbors[..before.min(answer.neighbors.len())]);
        let focused = dom::focused().filter(|element| self.list.contains(Some(element)));
        if is_same && before > 0 && before <= answer.neighbors.len() {
            let mut found = self.found.borrow_mut();
            found.neighbors.clone_from(&answer.neighbors);
            found.symmetries.clone_from(&answer.symmetries);
            return self.say(&found);
        }
        self.show(answer, collection)?;
        while self.found.borrow().shown < before.min(answer.neighbors.len()) {
            self.grow()?;
        }
        let Some(item) = focused.and_then(|element| element.get_attribute("data-item")) else { return Ok(()) };
        let again = dom::within::<HtmlElement>(&self.list, &format!("[data-item=\"{item}\"]"));
        let first = || dom::within::<HtmlElement>(&self.list, "a");
        again.or_else(|_| first()).map_or(Ok(()), |link| dom::focus(&link))
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
            for (place, neighbor) in found.neighbors.iter().enumerate().take(shown).skip(found.shown) {
                if let Some(item) = collection.item(neighbor.id) {
                    let tile = tile(neighbor, item, collection, "result")?;
                    if let Some(&symmetry) = found.symmetries.get(place) {
                        tile.set_attribute("data-turned", symmetry.name())?;
                        tile.append_child(&*dom::labelled("span", "turned", text::turned(symmetry))?)?;
                    }
                    self.list.append_child(&tile)?;
                }
            }
        }
        found.shown = shown;
        self.say(&found)
    }

    fn say(&self, found: &Found) -> Outcome {
        let (all, shown) = (found.neighbors.len(), found.shown);
        let filtered = self.list.get_attribute("data-filter").is_some_and(|filter| !filter.is_empty());
        let is_whole = found.collection.as_ref().is_none_or(|collection| collection.items.is_whole());
        let words = match (shown, filtered) {
            (0, true) => text::NONE_PASSES.to_owned(),
            (0, false) if !is_whole => text::SEARCHING_FIRST.to_owned(),
            _ => text::results_heading(shown),
        };
        // The same words once more would be read out once more.
        if self.heading.text_content().as_deref() != Some(&words) {
            self.heading.set_text_content(Some(&words));
        }
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
    number(event, "data-item")
}

/// What stands in an attribute of the element that an event is about, or of the next around it that has one.
pub(super) fn number(event: &Event, attribute: &str) -> Option<u32> {
    let element = dom::target::<Element>(event)?;
    element.closest(&format!("[{attribute}]")).ok()??.get_attribute(attribute)?.parse().ok()
}

pub(super) fn tile(neighbor: &Neighbor, item: &Item, collection: &Collection, hook: &str) -> Outcome<HtmlElement> {
    let tile: HtmlElement = dom::create("li", "result")?;
    let word = likeness(neighbor.similarity, &collection.entry.likeness);
    let similarity = dom::number(neighbor.similarity);
    let about_it = [
        ("data-testid", hook),
        ("data-path", &item.path),
        ("data-similarity", &similarity),
        ("data-likeness", word.map_or("", Likeness::name)),
    ];
    dom::set(&tile, &about_it)?;
    let link = link(neighbor, item, collection)?;
    let id = neighbor.id.to_string();
    link.set_attribute("data-look", &id)?;
    link.append_child(&*about(neighbor, item, text::likeness(word))?)?;
    tile.append_with_node_2(&link, &*closer(&id, item.name())?)?;
    Ok(tile)
}

/// A photo that leads to those most similar to it. A real link: it can be opened in another tab, or copied.
pub(super) fn link(neighbor: &Neighbor, item: &Item, collection: &Collection) -> Outcome<HtmlElement> {
    let link: HtmlElement = dom::create("a", "")?;
    dom::set(&link, &[("href", &collection.link(neighbor.id, item)), ("data-item", &neighbor.id.to_string())])?;
    link.append_child(&*thumbnail(item, collection)?)?;
    Ok(link)
}

/// The button that opens the large view. With the keyboard a key on the tile does it: sixty stops more would be in the way.
fn closer(id: &str, name: &str) -> Outcome<HtmlElement> {
    let button = dom::labelled("button", "closer", text::LOOK)?;
    let name = text::look_closer(name);
    let attributes =
        [("type", "button"), ("data-testid", "look"), ("tabindex", "-1"), ("aria-keyshortcuts", "L Space")];
    dom::set(&button, &attributes)?;
    dom::set(&button, &[("data-look", id), ("aria-label", &name)])?;
    Ok(button)
}

/// Fetched when it is nearly in sight, and until then a blur; on a screen of double density the larger picture, if there is one.
fn thumbnail(item: &Item, collection: &Collection) -> Outcome<HtmlElement> {
    let image: HtmlElement = dom::create("img", "")?;
    for (name, level) in ["--a", "--b", "--c", "--d", "--u", "--v"].into_iter().zip(item.placeholder.levels()) {
        image.style().set_property(name, &level.to_string())?;
    }
    let [width, height] = item.thumb_size.map(|side| u32::from(side).to_string());
    let alt = text::MORE_LIKE_THIS; // what the link does; the path stands beside it
    dom::set(&image, &[("width", &width), ("height", &height), ("alt", alt), ("loading", "lazy")])?;
    if collection.entry.large > 0 {
        image.set_attribute("srcset", &(collection.picture(item) + " 2x"))?;
    }
    image.set_attribute("src", &Collection::thumbnail(item))?;
    Ok(image)
}

fn about(neighbor: &Neighbor, item: &Item, word: &str) -> Outcome<HtmlElement> {
    let about: HtmlElement = dom::create("div", "about")?;
    let similarity: HtmlElement = dom::create("div", "similarity")?;
    let number = dom::labelled("span", "", &dom::fixed(neighbor.similarity, 3))?;
    let word = dom::labelled("span", "word", word)?;
    similarity.append_with_node_3(&*dom::chip(item.cluster)?, &number, &word)?;
    let name = dom::labelled("div", "path", item.name())?;
    dom::hint(&name, &item.path)?;
    about.append_with_node_2(&similarity, &name)?;
    Ok(about)
}
