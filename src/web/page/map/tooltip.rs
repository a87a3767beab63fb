//! The photo under the pointer, or how many there are that have not been loaded.

use web_sys::{HtmlElement, HtmlImageElement};

use crate::web::page::{collection::Collection, dom, failure::Outcome, text};

/// As wide as in `style.css`, in CSS pixels at the usual text size.
const WIDTH: f32 = 160.0;
/// Between dot and tooltip.
const GAP: f32 = 14.0;

pub(super) struct Tooltip {
    frame: HtmlElement,
    image: HtmlImageElement,
    caption: HtmlElement,
    ring: HtmlElement,
}

impl Tooltip {
    pub(super) fn new() -> Outcome<Self> {
        let frame: HtmlElement = dom::by_id("map-tooltip")?;
        Ok(Self {
            image: dom::within(&frame, "img")?,
            caption: dom::within(&frame, "figcaption")?,
            frame,
            ring: dom::by_id("map-ring")?,
        })
    }

    /// At a place on a canvas of this width.
    pub(super) fn show(&self, collection: &Collection, id: u32, [x, y]: [f32; 2], width: f32) -> Outcome {
        let item = collection.item(id);
        if let Some(item) = item {
            self.image.set_src(&Collection::thumbnail(item));
        }
        self.image.set_hidden(item.is_none());
        let words = item.map_or_else(|| text::not_loaded(collection.around(id)), |item| item.name().to_owned());
        self.caption.set_text_content(Some(&words));
        dom::hint(&self.caption, item.map_or("", |item| &item.path))?;
        place(&self.ring, x, y)?;
        let left = (x - WIDTH / 2.0).min(width - WIDTH - 4.0).max(4.0);
        place(&self.frame, left, y + GAP)?;
        self.ring.set_hidden(false);
        self.frame.set_hidden(false);
        Ok(())
    }

    pub(super) fn hide(&self) {
        self.ring.set_hidden(true);
        self.frame.set_hidden(true);
    }

    pub(super) fn is_hidden(&self) -> bool {
        self.frame.hidden()
    }
}

fn place(element: &HtmlElement, left: f32, top: f32) -> Outcome {
    element.style().set_property("left", &(dom::number(left) + "px"))?;
    Ok(element.style().set_property("top", &(dom::number(top) + "px"))?)
}
