//! A picture by its address, pasted, or dropped from another page. Only the page's own host is asked: the page can reach no
//! other, which is how it shows that no photo leaves.

use std::rc::Rc;

use wasm_bindgen::{JsCast, prelude::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, AbortSignal, Blob, RequestInit, Response, Url};

use super::{
    app::App,
    dom,
    failure::{Failure, Outcome},
    text,
};

/// A picture that takes longer is given up, in milliseconds.
const PATIENCE: i32 = 30_000;

impl App {
    /// Takes words that were pasted or dropped, if they are an address; `otherwise` says that they are none.
    pub(super) fn give_words(self: &Rc<Self>, words: &str, otherwise: &str) {
        match words.lines().find_map(address) {
            Some(address) => {
                if let Err(failure) = self.give_address(&address) {
                    self.notices.error(failure.words());
                }
            }
            None => self.notices.error(otherwise),
        }
    }

    fn give_address(self: &Rc<Self>, address: &Url) -> Outcome {
        let here = dom::window()?.location();
        if address.origin() != here.origin()? {
            return Err(Failure::new(text::foreign(&address.host())));
        }
        // An address that this page has made: the photo is in its hash.
        if address.pathname() == here.pathname()? && !address.hash().is_empty() {
            return Ok(here.set_hash(&address.hash())?);
        }
        self.notices.clear_error();
        let (app, id, address) = (Rc::clone(self), self.intake.begin(), address.clone());
        let limit = self.intake.limit(PATIENCE)?;
        spawn_local(async move {
            let name = name(&address);
            let file = fetch(&address, &name, &limit).await;
            let too_slow = limit.aborted();
            if app.intake.finish(id) {
                match file {
                    Ok(file) => app.give(file, name),
                    Err(_) if too_slow => app.notices.error(&text::too_slow(&name)),
                    Err(failure) => app.notices.error(failure.words()),
                }
            }
        });
        Ok(())
    }
}

fn address(line: &str) -> Option<Url> {
    let line = line.trim();
    Url::new(line).ok().filter(|_| line.starts_with("http://") || line.starts_with("https://"))
}

/// What stands last in the address.
fn name(address: &Url) -> String {
    let path = address.pathname();
    let last = path.rsplit('/').next().unwrap_or_default();
    let last = js_sys::decode_uri_component(last).map_or_else(|_| last.to_owned(), String::from);
    if last.is_empty() { text::FETCHED_NAME.to_owned() } else { last }
}

async fn fetch(address: &Url, name: &str, limit: &AbortSignal) -> Outcome<Blob> {
    let lost = |_| Failure::new(text::network(name));
    let options = RequestInit::new();
    options.set_signal(Some(limit));
    let fetched = dom::window()?.fetch_with_str_and_init(&address.href(), &options);
    let response: Response = JsFuture::from(fetched).await.map_err(lost)?.unchecked_into();
    match response.status() {
        404 | 410 => return Err(Failure::new(text::nothing_there(&address.href()))),
        status if !response.ok() => return Err(Failure::new(text::host_refuses(name, status))),
        _ => {}
    }
    // More digits than fit are too many bytes as well.
    let length = response.headers().get("content-length")?.map_or(0, |length| length.parse().unwrap_or(u32::MAX));
    if length > text::MAX_FILE_MEGABYTES * 1_000_000 {
        return Err(Failure::new(text::too_large(name)));
    }
    Ok(JsFuture::from(response.blob()?).await.map_err(lost)?.unchecked_into())
}

/// Ends what waits for the controller's signal after some time.
pub(super) fn end_later(controller: &AbortController, milliseconds: i32) -> Outcome {
    let controller = controller.clone();
    let end = Closure::once_into_js(move || controller.abort());
    dom::window()?.set_timeout_with_callback_and_timeout_and_arguments_0(end.unchecked_ref(), milliseconds)?;
    Ok(())
}
