//! The page's thread: loads the collection, hands photos to an engine, shows answers.
//!
//! ```text
//! input, camera, clipboard ─▶ intake ─▶ browser_decoder ─┐
//!                                                        ▼
//!                              samples, explore, history ─▶ questions ─▶ engines ─▶ (worker) ─▶ app
//!                                                                          ▲                     │
//!                                         download ─▶ cells ─▶ collection ─┘                     ▼
//! status, notices: what the visitor is told, in the words of `text`   answer, results, reach, trail, reconstruction, methods, map
//! ```

mod address;
mod answer;
mod app;
mod browser_decoder;
mod camera;
mod cells;
mod clipboard;
mod collection;
mod crop_box;
mod current;
mod details;
mod dom;
mod download;
mod elsewhere;
mod engines;
mod explore;
mod failure;
mod filters;
mod formula;
mod groups;
mod history;
mod input;
mod intake;
mod keys;
mod link;
mod look;
mod map;
mod methods;
mod notices;
mod own;
mod own_view;
mod own_work;
mod parts;
mod picture;
mod questions;
mod reach;
mod reconstruction;
mod results;
mod samples;
mod save;
mod shelf;
mod status;
mod supervisor;
mod text;
mod thumbnails;
mod trail;
mod trail_view;
mod turned;
mod watch;
mod why;
mod words;

use wasm_bindgen_futures::spawn_local;

use app::App;

/// Starts the page.
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
        status::last_words(text::PAGE_STOPPED);
    }));
    match App::new() {
        Ok(app) => spawn_local(app.run()),
        Err(failure) => status::last_words(failure.words()),
    }
}
