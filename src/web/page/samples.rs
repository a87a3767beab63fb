//! The sample photos. Their bytes are fetched while the page loads: a click sends no request.

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlElement};

use super::{app::App, dom, download, failure::Outcome, trail::Step};

#[derive(Default)]
pub(super) struct Samples {
    fetched: RefCell<Vec<Step>>,
}

impl Samples {
    /// Fetches all samples, one after the other: nobody waits for them.
    pub(super) async fn fetch(&self) -> Outcome {
        for name in names()? {
            if let Ok(photo) = fetch(&name).await {
                self.fetched.borrow_mut().push(photo);
            }
        }
        Ok(())
    }

    fn get(&self, name: &str) -> Option<Step> {
        self.fetched.borrow().iter().find(|photo| photo.name == name).cloned()
    }
}

/// Makes the buttons work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    for button in buttons()? {
        let app = Rc::clone(app);
        let name = button.get_attribute("data-sample").unwrap_or_default();
        dom::listen(&button, "click", move |_: Event| {
            let (app, name) = (Rc::clone(&app), name.clone());
            spawn_local(async move {
                // Before the page is ready the sample may not be there yet: fetch it now.
                let photo = match app.samples.get(&name) {
                    Some(photo) => Ok(photo),
                    None => fetch(&name).await,
                };
                match photo {
                    Ok(photo) => app.look_at(photo),
                    Err(failure) => app.notices.error(&failure.to_string()),
                }
            });
        })?;
    }
    Ok(())
}

async fn fetch(name: &str) -> Outcome<Step> {
    Ok(Step::own(name, download::blob(&format!("samples/{name}")).await?))
}

fn names() -> Outcome<Vec<String>> {
    Ok(buttons()?.iter().filter_map(|button| button.get_attribute("data-sample")).collect())
}

fn buttons() -> Outcome<Vec<HtmlElement>> {
    let found = dom::document()?.query_selector_all("[data-sample]")?;
    Ok((0..found.length()).filter_map(|i| found.get(i)?.dyn_into::<Element>().ok()?.dyn_into().ok()).collect())
}
