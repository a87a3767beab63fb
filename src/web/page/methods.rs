//! The methods compared: the nearest photos by raw pixels, by colour histogram and by an autoencoder, above those of the encoder.

use std::{
    cell::{Cell, OnceCell},
    rc::Rc,
};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, HtmlElement, Node};

use super::{
    app::App,
    dom, download,
    failure::{Failure, Outcome},
    results::{self, STEPS},
    text,
    trail::{Step, Subject},
};
use crate::{
    engine::Comparison,
    gallery::{Entry, container::Kind},
    search::Neighbor,
};

pub(super) struct Methods {
    button: HtmlElement,
    /// A list for each method.
    rows: HtmlElement,
    /// The autoencoder's list with its heading.
    by_autoencoder: HtmlElement,
    /// The miniatures' file, once somebody has wanted it.
    miniatures: OnceCell<Uint8Array>,
    /// So with the autoencoder's.
    autoencoder: OnceCell<Uint8Array>,
    /// Answers and wishes so far: a comparison for an earlier one comes too late.
    turn: Cell<u32>,
}

impl Methods {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            button: dom::by_id("compare")?,
            rows: dom::by_id("methods")?,
            by_autoencoder: dom::by_id("by-autoencoder")?,
            miniatures: OnceCell::new(),
            autoencoder: OnceCell::new(),
            turn: Cell::new(0),
        })
    }

    pub(super) fn element(&self) -> &HtmlElement {
        &self.rows
    }

    /// Another photo is on the screen. Descriptors know whole photos alone: for others the button's room is kept.
    pub(super) fn answered(&self, photo: &Step, entry: &Entry) {
        self.close();
        self.button.set_hidden(entry.miniatures.is_none());
        self.by_autoencoder.set_hidden(entry.autoencoder.is_none());
        let _ = self.button.class_list().toggle_with_force("waiting", photo.is_mix() || photo.part.is_some());
    }

    /// Takes the rows away; what is still under way comes too late.
    pub(super) fn close(&self) {
        self.turn.set(self.turn.get() + 1);
        self.open(false);
    }

    fn open(&self, open: bool) {
        self.rows.set_hidden(!open);
        let _ = self.button.set_attribute("aria-expanded", dom::flag(open));
    }
}

/// Makes the button work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    dom::hear(app, &app.methods.button, "click", |clicked, _: Event| {
        let app = Rc::clone(clicked);
        let shown = !app.methods.rows.hidden();
        app.methods.close();
        if !shown {
            spawn_local(async move {
                let turn = app.methods.turn.get();
                if let Err(failure) = app.compare(turn).await {
                    app.compared(turn, Err(failure.into()));
                }
            });
        }
    })
}

impl App {
    async fn compare(&self, turn: u32) -> Outcome {
        self.notices.clear_error();
        let Some(trail) = self.trail.trail() else { return Ok(()) };
        let Some(collection) = self.collection.get() else { return Ok(()) };
        let Entry { miniatures, autoencoder, .. } = *collection.entry;
        let attached = Array::of1(&*download::once(&self.methods.miniatures, miniatures, Kind::Miniatures).await?);
        attached.push(&match autoencoder {
            Some(_) => download::once(&self.methods.autoencoder, autoencoder, Kind::Autoencoder).await?.into(),
            None => JsValue::NULL,
        });
        let item = match (&trail.last().subject, trail.last().file()) {
            (Subject::Item(id), _) => Some(*id),
            (_, Some(file)) => {
                attached.push(file);
                None
            }
            _ => return Ok(()),
        };
        let engines = self.engines.borrow();
        let (_, link, _) = engines.active().ok_or_else(|| Failure::new(text::NO_ENGINE_NOW))?;
        link.compare(turn, item, STEPS[0] as u32, &attached)
    }

    /// Shows what was found, or why there is nothing to show; the answer stays as it is.
    pub(super) fn compared(&self, turn: u32, found: Result<Comparison, String>) {
        if self.methods.turn.get() != turn {
            return;
        }
        if let Err(failure) = found.map_err(Failure::new).and_then(|found| self.show_methods(&found)) {
            self.notices.error(&text::no_comparison(failure.words()));
        }
    }

    fn show_methods(&self, found: &Comparison) -> Outcome {
        let (encoder, none) = (self.answer.results().first(), Vec::new());
        let autoencoder = found.autoencoder.as_ref().unwrap_or(&none);
        let lists = self.methods.rows.query_selector_all("ol")?;
        for (at, neighbors) in (0..).zip([&found.pixels, &found.histogram, autoencoder, &encoder]) {
            if let Some(list) = lists.item(at) {
                self.fill(&list, neighbors)?;
            }
        }
        self.methods.open(true);
        Ok(())
    }

    fn fill(&self, list: &Node, neighbors: &[Neighbor]) -> Outcome {
        let Some(collection) = self.collection.get() else { return Ok(()) };
        list.set_text_content(None);
        for neighbor in neighbors {
            if let Some(item) = collection.item(neighbor.id) {
                let tile: HtmlElement = dom::create("li", "")?;
                let link = results::link(neighbor, item, &collection)?;
                dom::hint(&link, &item.path)?;
                link.append_child(&*dom::labelled("span", "", &dom::fixed(neighbor.similarity, 3))?)?;
                tile.append_child(&link)?;
                list.append_child(&tile)?;
            }
        }
        Ok(())
    }
}
