//! What the colours mean: the clusters or the density groups, each with photos that it looks like. One is chosen to filter.

use std::cell::{Cell, RefCell};

use web_sys::{HtmlElement, HtmlImageElement};

use crate::{
    filter::{self, Filter},
    gallery::{Area, Item},
    web::page::{collection::Collection, dom, failure::Outcome, text},
};

pub(super) struct Legend {
    list: HtmlElement,
    words: HtmlElement,
    buttons: [HtmlElement; 2],
    /// Colours by density group, not by cluster.
    by_group: Cell<bool>,
    /// For each cluster, then for each density group.
    exemplars: RefCell<[Vec<Vec<u32>>; 2]>,
}

impl Legend {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            list: dom::by_id("legend")?,
            words: dom::by_id("grouping")?,
            buttons: [dom::by_id("by-cluster")?, dom::by_id("by-group")?],
            by_group: Cell::default(),
            exemplars: RefCell::default(),
        })
    }

    pub(super) fn buttons(&self) -> &[HtmlElement; 2] {
        &self.buttons
    }

    /// The group that a photo is coloured by.
    pub(super) fn group_of(&self, item: &Item) -> Option<u32> {
        if self.by_group.get() { item.density_group } else { Some(item.cluster) }
    }

    /// The group that the disc of a cell is coloured by; nobody knows its density group.
    pub(super) fn group_of_cell(&self, area: &Area) -> Option<u32> {
        (!self.by_group.get()).then(|| area.cluster.into())
    }

    pub(super) fn colour_by(&self, group: bool) {
        self.by_group.set(group);
    }

    pub(super) fn exemplify(&self, exemplars: [Vec<Vec<u32>>; 2]) {
        self.exemplars.replace(exemplars);
    }

    pub(super) fn show(&self, collection: &Collection, filter: &Filter) -> Outcome {
        let by_group = self.by_group.get();
        for (button, pressed) in self.buttons.iter().zip([!by_group, by_group]) {
            button.set_attribute("aria-pressed", dom::flag(pressed))?;
        }
        let entry = &collection.entry;
        let words = if by_group { text::density(&entry.density) } else { text::silhouette(entry.silhouette) };
        self.words.set_text_content(Some(&words));
        self.list.set_text_content(None);
        if by_group {
            let mut sizes = vec![0_u32; entry.density.groups as usize];
            let groups = collection.items.iter().filter_map(|item| item.density_group);
            groups.for_each(|group| sizes.iter_mut().skip(group as usize).take(1).for_each(|size| *size += 1));
            for (id, size) in (0_u32..).zip(sizes) {
                self.append(collection, Filter { group: Some(Some(id)), ..Filter::default() }, Some(id), size)?;
            }
            let noise = Filter { group: Some(None), ..Filter::default() };
            self.append(collection, noise, None, entry.density.noise)?;
        } else {
            for (id, cluster) in (0_u32..).zip(&entry.clusters) {
                self.append(collection, Filter { cluster: Some(id), ..Filter::default() }, Some(id), cluster.size)?;
            }
        }
        self.press(filter)
    }

    /// A button for a group, with what it looks like.
    fn append(&self, collection: &Collection, filter: Filter, id: Option<u32>, size: u32) -> Outcome {
        let part = if self.by_group.get() { "group" } else { "cluster" };
        let value = filter.part(part).unwrap_or_default();
        let button: HtmlElement = dom::create("button", "")?;
        let attributes = [("type", "button"), ("data-part", part), ("data-value", &value), ("data-testid", "group")];
        dom::set(&button, &attributes)?;
        let chip = id.map_or_else(|| dom::create("span", "chip"), dom::chip)?;
        let name = dom::labelled("span", "", &text::filter_part(part, &value))?;
        let count = dom::labelled("span", "count", &size.to_string())?;
        let looks: HtmlElement = dom::create("span", "looks")?;
        let exemplars = self.exemplars.borrow();
        let exemplars = id.and_then(|id| exemplars[usize::from(self.by_group.get())].get(id as usize));
        for item in exemplars.into_iter().flatten().filter_map(|&id| collection.item(id)) {
            let image: HtmlImageElement = dom::create("img", "")?;
            image.set_attribute("alt", "")?;
            image.set_attribute("loading", "lazy")?;
            image.set_attribute("data-path", &item.path)?;
            image.set_src(&Collection::thumbnail(item));
            looks.append_child(&image)?;
        }
        button.append_with_node_4(&chip, &name, &count, &looks)?;
        let line: HtmlElement = dom::create("li", "")?;
        line.append_child(&button)?;
        self.list.append_child(&line)?;
        Ok(())
    }

    /// Marks what has been chosen.
    pub(super) fn press(&self, filter: &Filter) -> Outcome {
        let part = if self.by_group.get() { "group" } else { "cluster" };
        let chosen = filter.part(part);
        let buttons = self.list.query_selector_all("button")?;
        for button in (0..buttons.length()).filter_map(|at| buttons.get(at)) {
            let button: HtmlElement = wasm_bindgen::JsCast::unchecked_into(button);
            let pressed = chosen.is_some() && button.get_attribute("data-value") == chosen;
            button.set_attribute("aria-pressed", dom::flag(pressed))?;
        }
        for part in LISTS {
            let chosen = filter.part(part).unwrap_or_default();
            let list: HtmlElement = dom::by_id(part)?;
            js_sys::Reflect::set(&list, &"value".into(), &chosen.into())?;
        }
        Ok(())
    }
}

/// The parts of a filter that are chosen from lists, by the lists' ids.
pub(in crate::web::page) const LISTS: [&str; 2] = ["folder", "tag"];

/// The folders and tags of a collection, to choose from.
pub(super) fn offer(collection: &Collection) -> Outcome {
    let tags = collection.entry.tags.iter().map(|tag| (tag.name.as_str(), tag.photos)).collect();
    for (part, choices) in LISTS.into_iter().zip([filter::folders(&collection.items), tags]) {
        let list: HtmlElement = dom::by_id(part)?;
        let all: HtmlElement = dom::within(&list, "option")?;
        list.replace_children_with_node_1(&all);
        for &(name, count) in &choices {
            let option = dom::labelled("option", "", &text::choice(name, count))?;
            option.set_attribute("value", name)?;
            list.append_child(&option)?;
        }
        dom::by_id::<HtmlElement>(&[part, "s"].concat())?.set_hidden(choices.is_empty());
    }
    Ok(())
}
