//! Results as a file of the visitor's: made here, and handed to the browser as a download. Nothing is sent.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{Blob, Event, HtmlElement, Url};

use super::{app::App, dom, failure::Outcome};
use crate::{
    likeness::likeness,
    table::{self, Value},
};

const COLUMNS: [&str; 5] = ["rank", "path", "similarity", "word", "cluster"];

/// Makes the buttons work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    for name in ["csv", "json"] {
        let saved = Rc::clone(app);
        let button: HtmlElement = dom::by_id(name)?;
        dom::listen(&button, "click", move |_: Event| {
            if let Err(failure) = saved.save_results(name) {
                saved.notices.error(&failure.to_string());
            }
        })?;
    }
    Ok(())
}

impl App {
    /// The results on the screen, with ranks and clusters counted from 1, as they are there.
    fn save_results(&self, name: &str) -> Outcome {
        let (Some(collection), neighbors) = self.answer.results().shown() else { return Ok(()) };
        let rows: Vec<_> = (1..)
            .zip(&neighbors)
            .filter_map(|(rank, neighbor)| {
                let item = collection.item(neighbor.id)?;
                let word = likeness(neighbor.similarity, &collection.entry.likeness).map_or("", |word| word.name());
                Some(vec![
                    Value::Count(rank),
                    Value::Text(&item.path),
                    Value::Number(neighbor.similarity),
                    Value::Text(word),
                    Value::Count(item.cluster + 1),
                ])
            })
            .collect();
        let write = if name == "csv" { table::csv } else { table::json };
        let parts = Array::of1(&JsValue::from(write(&COLUMNS, &rows)));
        file(&Blob::new_with_str_sequence(&parts)?, &format!("similar.{name}"))
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
