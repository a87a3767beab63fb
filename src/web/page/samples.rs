//! The sample photos. The page shows small pictures of them; a photo itself is fetched when it is chosen, or is about to be.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::{Element, Event};

use super::{
    app::App,
    dom, download,
    failure::{Failure, Outcome},
    status::State,
    text,
    trail::Step,
};

struct Sample {
    name: String,
    button: Element,
    /// Its file, on the way or here.
    file: RefCell<Option<Promise>>,
    /// One step, however often it is chosen: an engine knows it again.
    step: OnceCell<Step>,
}

impl Sample {
    /// Fetches the file, unless that has been done. The promise has a blob, or nothing: then the next call tries again.
    fn fetch(self: &Rc<Self>) -> Promise {
        let begin = || {
            let sample = Rc::clone(self);
            future_to_promise(async move {
                let file = download::blob(&format!("samples/{}", sample.name)).await;
                if file.is_err() {
                    sample.file.take();
                }
                Ok(file.map_or(JsValue::UNDEFINED, JsValue::from))
            })
        };
        self.file.borrow_mut().get_or_insert_with(begin).clone()
    }

    async fn photo(self: &Rc<Self>) -> Outcome<Step> {
        let file = JsFuture::from(self.fetch()).await?.dyn_into();
        let file = file.map_err(|_| Failure::new(text::no_sample(&self.name)))?;
        Ok(self.step.get_or_init(|| Step::own(&self.name, file)).clone())
    }
}

/// Makes the buttons work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    let buttons = dom::document()?.query_selector_all("[data-sample]")?;
    for button in (0..buttons.length()).filter_map(|at| buttons.get(at)?.dyn_into::<Element>().ok()) {
        let name = button.get_attribute("data-sample").unwrap_or_default();
        let sample = Rc::new(Sample { name, button, file: RefCell::default(), step: OnceCell::new() });
        let (chosen, near) = (Rc::clone(&sample), Rc::clone(&sample));
        let (chooser, looker) = (Rc::clone(app), Rc::clone(app));
        dom::listen(&sample.button, "click", move |_: Event| chooser.choose_sample(Rc::clone(&chosen)))?;
        // A head start; engine and gallery go first.
        dom::listen(&sample.button, "pointerenter,focus", move |_: Event| {
            if !looker.status.is(State::Loading) {
                let _ = near.fetch();
            }
        })?;
    }
    Ok(())
}

impl App {
    fn choose_sample(self: &Rc<Self>, sample: Rc<Sample>) {
        self.notices.clear_error();
        let (app, id) = (Rc::clone(self), self.intake.begin());
        let _ = sample.button.set_attribute("aria-busy", "true");
        spawn_local(async move {
            let photo = sample.photo().await;
            let _ = sample.button.remove_attribute("aria-busy");
            if app.intake.finish(id) {
                match photo {
                    Ok(photo) => app.look_at(photo),
                    Err(failure) => app.notices.error(failure.words()),
                }
            }
        });
    }
}
