//! Results as a file of the visitor's: an engine makes it, the browser gets it as a download. Nothing is sent.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{Blob, Event, HtmlElement, Url};

use super::{
    app::App,
    dom,
    failure::{Failure, Outcome},
    text,
};

/// Makes the buttons work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    for name in ["csv", "json"] {
        let saved = Rc::clone(app);
        let button: HtmlElement = dom::by_id(name)?;
        dom::listen(&button, "click", move |_: Event| {
            if let Err(failure) = saved.save_results(name == "json") {
                saved.notices.error(&text::sentence(failure.words()));
            }
        })?;
    }
    Ok(())
}

impl App {
    /// Asks for a file of the results on the screen.
    fn save_results(&self, json: bool) -> Outcome {
        let engines = self.engines.borrow();
        let (_, link, _) = engines.active().ok_or_else(|| Failure::new(text::NO_ENGINE_NOW))?;
        link.table(json, self.answer.results().shown())
    }

    pub(super) fn save_table(&self, table: Result<bool, String>, attached: &Array) {
        let name = |json| if json { "similar.json" } else { "similar.csv" };
        let saved = table.map_err(Failure::new).and_then(|json| file(attached.get(0).unchecked_ref(), name(json)));
        if let Err(failure) = saved {
            self.notices.error(&text::sentence(failure.words()));
        }
    }
}

/// Gives a file to the visitor.
pub(super) fn file(bytes: &Blob, name: &str) -> Outcome {
    let link: HtmlElement = dom::by_id("save")?;
    // The browser reads while it saves: an address is given up only when the next one comes.
    if let Some(last) = link.get_attribute("href") {
        Url::revoke_object_url(&last)?;
    }
    link.set_attribute("href", &Url::create_object_url_with_blob(bytes)?)?;
    link.set_attribute("download", name)?;
    link.click();
    Ok(())
}
