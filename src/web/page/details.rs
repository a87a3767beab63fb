//! What somebody says of the photo in the large view: its title, where it leads, and its tags, which filter.

use web_sys::HtmlElement;

use super::{dom, failure::Outcome, text};
use crate::gallery::Item;

pub(super) struct DetailsView {
    path: HtmlElement,
    link: HtmlElement,
    tags: HtmlElement,
}

impl DetailsView {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self { path: dom::by_id("look-path")?, link: dom::by_id("look-link")?, tags: dom::by_id("look-tags")? })
    }

    pub(super) fn show(&self, item: &Item) -> Outcome {
        dom::say("look-name", item.name())?;
        self.path.set_text_content(Some(&item.path));
        self.path.set_hidden(item.name() == item.path);
        self.link.set_attribute("href", item.link())?;
        let part = |part| dom::property(&self.link, part).as_string().unwrap_or_default();
        // The browser says what it takes the link for: nothing that runs in the page is offered.
        let (kind, host) = (part("protocol"), part("host"));
        let leads = ["https:", "http:", "mailto:"].contains(&kind.as_str()) && !item.link().is_empty();
        self.link.set_text_content(Some(&text::open_link(&if host.is_empty() { part("pathname") } else { host })));
        if !leads {
            self.link.remove_attribute("href")?;
        }
        self.link.set_hidden(!leads);
        self.tags.set_text_content(None);
        for tag in item.tags() {
            let button = dom::labelled("button", "", tag)?;
            dom::set(&button, &[("type", "button"), ("data-part", "tag"), ("data-value", tag)])?;
            let place: HtmlElement = dom::create("li", "")?;
            place.append_child(&button)?;
            self.tags.append_child(&place)?;
        }
        self.tags.set_hidden(item.tags().is_empty());
        Ok(())
    }
}
