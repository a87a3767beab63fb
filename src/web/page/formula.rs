//! Several photos together: which ones, and how much each counts. The formula is the name of what is looked at; here are
//! its controls.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::{
    app::App,
    dom,
    failure::Outcome,
    questions::Question,
    results, text,
    trail::{Step, Subject, Term, Trail},
};
use crate::mix::{MOST, Weight};

pub(super) struct Formula {
    button: HtmlElement,
    hint: HtmlElement,
    frame: HtmlElement,
    list: HtmlElement,
    /// The photos and weights of the controls.
    terms: RefCell<Vec<Term>>,
    /// Whether the next photo is added.
    adding: Cell<bool>,
}

impl Formula {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            button: dom::by_id("add")?,
            hint: dom::by_id("adding")?,
            frame: dom::by_id("your-frame")?,
            list: dom::by_id("terms")?,
            terms: RefCell::default(),
            adding: Cell::default(),
        })
    }

    pub(super) fn element(&self) -> &HtmlElement {
        &self.list
    }

    /// Whether the photo that comes now is added; once.
    pub(super) fn takes_next(&self) -> bool {
        let adding = self.adding.get();
        let _ = self.set_adding(false);
        adding
    }

    fn set_adding(&self, adding: bool) -> Outcome {
        self.adding.set(adding);
        self.hint.set_hidden(!adding);
        Ok(self.button.set_attribute("aria-pressed", dom::flag(adding))?)
    }

    /// The controls for what is on the screen.
    pub(super) fn show(&self, photo: &Step) -> Outcome {
        self.button.remove_attribute("disabled")?;
        let terms = if let Subject::Mix(terms) = &photo.subject { terms.as_slice() } else { &[] };
        let old = self.terms.replace(terms.to_vec());
        let stays = old.len() == terms.len() && old.iter().zip(terms).all(|(a, b)| a.photo.is_same(&b.photo));
        if !stays {
            self.list.set_text_content(None);
            for (place, term) in terms.iter().enumerate() {
                self.list.append_child(&*row(place, term)?)?;
            }
        }
        self.list.set_hidden(terms.is_empty());
        (0..).zip(terms).try_for_each(|(place, term)| self.show_weight(place, term, true))
    }

    /// `control`: the slider, too; not while it is dragged.
    fn show_weight(&self, place: u32, term: &Term, control: bool) -> Outcome {
        let Some(row) = self.list.children().item(place) else { return Ok(()) };
        let slider: HtmlInputElement = dom::within(&row, "input")?;
        if control {
            slider.set_value(&term.weight.0.to_string());
        }
        let words = text::weight(term.weight);
        slider.set_attribute("aria-valuetext", &words)?;
        dom::within::<HtmlElement>(&row, "output")?.set_text_content(Some(&words));
        if let Some(image) = self.frame.children().item(place) {
            image.class_list().toggle_with_force("less", term.weight.0 <= 0)?;
        }
        Ok(())
    }

    /// The photos and weights with one of them changed.
    fn weighted(&self, place: usize, weight: Weight) -> Option<Step> {
        let mut terms = self.terms.borrow_mut();
        let term = terms.get_mut(place)?;
        term.weight = weight;
        self.show_weight(place as u32, term, false).ok()?;
        Some(Step::mix(terms.clone()))
    }

    /// What is left without one of them: of two photos the other, whole or a part, as it was.
    fn without(&self, place: usize) -> Option<Step> {
        let mut terms = self.terms.borrow().clone();
        if place >= terms.len() {
            return None;
        }
        terms.remove(place);
        Step::together(terms)
    }
}

fn row(place: usize, term: &Term) -> Outcome<HtmlElement> {
    let row: HtmlElement = dom::create("li", "")?;
    row.set_attribute("data-place", &place.to_string())?;
    let name = dom::labelled("span", "path", &term.photo.short_name())?;
    dom::hint(&name, term.photo.file_name())?;
    let slider: HtmlInputElement = dom::create("input", "")?;
    let label = text::weight_of(&term.photo.short_name());
    let range = [("type", "range"), ("min", "-10"), ("max", "10"), ("data-testid", "weight"), ("aria-label", &label)];
    dom::set(&slider, &range)?;
    let button = dom::labelled("button", "", "×")?;
    let label = text::without(&term.photo.short_name());
    dom::set(&button, &[("type", "button"), ("data-testid", "without"), ("aria-label", &label)])?;
    row.append_with_node_3(&name, &slider, &*dom::create::<HtmlElement>("output", "")?)?;
    row.append_child(&button)?;
    Ok(row)
}

/// Makes the controls work, and the keys + and − on the results.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    dom::hear(app, &app.formula.button, "click", |toggled, _: Event| {
        let _ = toggled.formula.set_adding(!toggled.formula.adding.get());
    })?;
    dom::hear(app, &*dom::window()?, "keydown", |escaped, event: KeyboardEvent| {
        if event.key() == "Escape" {
            let _ = escaped.formula.set_adding(false);
        }
    })?;
    dom::hear(app, app.formula.element(), "input,change,click", |edited, event: Event| {
        edited.edit_mix(&event);
    })?;
    dom::hear(app, app.answer.results().list(), "keydown", |added, event: KeyboardEvent| {
        let weight = match event.key().as_str() {
            "+" => Weight::ONE,
            "-" => Weight::LESS,
            _ => return,
        };
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return; // the browser's zoom
        }
        if let Some(item) = results::item_of(&event) {
            event.prevent_default();
            added.add_item(item, weight);
        }
    })
}

impl App {
    /// Adds a photo to the one on the screen, or to those.
    pub(super) fn add(&self, photo: Step, weight: Weight) {
        let Some(trail) = self.trail.trail() else { return self.ask(Question::new(Trail::begin(photo))) };
        let last = trail.last();
        let mut terms = match &last.subject {
            Subject::Mix(terms) => terms.clone(),
            _ => vec![Term { photo: last.clone(), weight: Weight::ONE }],
        };
        if terms.len() == MOST {
            return self.notices.error(text::MIX_FULL);
        }
        terms.push(Term { photo, weight });
        let mix = Step::mix(terms);
        self.ask(Question::new(if last.is_mix() { trail.instead(mix) } else { trail.further(mix) }));
    }

    pub(super) fn add_item(&self, item: u32, weight: Weight) {
        let Some(collection) = self.collection.get() else { return };
        if let Some(known) = collection.item(item) {
            self.add(Step::item(known, item), weight);
        }
    }

    /// A weight moves, or a photo is taken away.
    fn edit_mix(&self, event: &Event) -> Option<()> {
        let control: Element = dom::target(event)?;
        let row = control.closest("[data-place]").ok()??;
        let place = row.get_attribute("data-place")?.parse().ok()?;
        let kind = event.type_();
        let mix = match control.dyn_ref::<HtmlInputElement>() {
            Some(_) if kind == "click" => return None,
            Some(slider) => self.formula.weighted(place, Weight(slider.value_as_number() as i8)),
            None if control.tag_name() == "BUTTON" => self.formula.without(place),
            None => None,
        };
        self.ask(Question::adjusting(self.trail.trail()?.instead(mix?), kind != "input"));
        Some(())
    }
}
