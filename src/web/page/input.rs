//! The ways in: file button, drop, paste.

use std::rc::Rc;

use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Event, File, FileList, HtmlElement, HtmlInputElement};

use super::{
    app::App,
    dom,
    failure::{Failure, Outcome},
    text,
};

/// What the engine reads itself.
const READABLE: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// Makes all ways in work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    listen_to_button(app)?;
    listen_to_drop(app)?;
    listen_to_paste(app)
}

fn listen_to_button(app: &Rc<App>) -> Outcome {
    let input: HtmlInputElement = dom::by_id("photo-input")?;
    let (app, field) = (Rc::clone(app), input.clone());
    dom::listen(&input, "change", move |_: Event| {
        let files = files(field.files());
        if !files.is_empty() {
            take(&app, files);
        }
        // Choosing the same file again is a change, too.
        field.set_value("");
    })
}

fn listen_to_drop(app: &Rc<App>) -> Outcome {
    let window = dom::window()?;
    let body = dom::document()?.body().ok_or_else(|| Failure::new(text::OLD_BROWSER))?;
    let (over, left) = (body.clone(), body.clone());
    dom::listen(&window, "dragover", move |event: DragEvent| {
        event.prevent_default();
        drag(&over, true);
    })?;
    dom::listen(&window, "dragleave", move |event: DragEvent| {
        // Leaving one element for another of the page is no leaving.
        if event.related_target().is_none() {
            drag(&left, false);
        }
    })?;
    let app = Rc::clone(app);
    dom::listen(&window, "drop", move |event: DragEvent| {
        event.prevent_default();
        drag(&body, false);
        let data = event.data_transfer();
        let files = files(data.as_ref().and_then(DataTransfer::files));
        if files.is_empty() {
            // An image of another page may come as its address alone.
            app.give_words(&words(data, "text/uri-list"), text::DROPPED_NO_FILE);
        } else {
            take(&app, files);
        }
    })
}

fn drag(body: &HtmlElement, over: bool) {
    let _ = body.class_list().toggle_with_force("dragging", over);
}

fn listen_to_paste(app: &Rc<App>) -> Outcome {
    let (app, window) = (Rc::clone(app), dom::window()?);
    dom::listen(&window, "paste", move |event: ClipboardEvent| {
        let data = event.clipboard_data();
        let files = files(data.as_ref().and_then(DataTransfer::files));
        match files.iter().find(|file| file.type_().starts_with("image/")) {
            // Browsers call every pasted picture image.png.
            Some(file) => app.give(file.clone().into(), text::PASTED_NAME.to_owned()),
            None => app.give_words(&words(data, "text/plain"), text::PASTED_NO_IMAGE),
        }
    })
}

/// Takes the first photo of several files, and says so.
fn take(app: &Rc<App>, files: Vec<File>) {
    let readable = files.iter().find(|file| READABLE.contains(&file.type_().as_str()));
    let picture = || files.iter().find(|file| file.type_().starts_with("image/"));
    let Some(file) = readable.or_else(picture).or(files.first()) else { return };
    if files.len() > 1 {
        app.notices.note(&text::one_at_a_time(files.len(), &file.name()));
    }
    app.give(file.clone().into(), file.name());
}

fn words(data: Option<DataTransfer>, kind: &str) -> String {
    data.and_then(|data| data.get_data(kind).ok()).unwrap_or_default()
}

fn files(list: Option<FileList>) -> Vec<File> {
    list.map(|list| (0..list.length()).filter_map(|i| list.get(i)).collect()).unwrap_or_default()
}
