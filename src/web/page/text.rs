//! All that the page says, apart from what stands in `index.html`. Errors of files and of engines are details, which follow
//! a sentence of this file.

mod engines;
mod folder;
mod look;
mod map;
mod reach;

pub(super) use self::{engines::*, folder::*, look::*, map::*, reach::*};
use super::{dom::fixed, trail::Term};
use crate::{crop::Crop, mix::Weight};

pub(super) const PAGE_STOPPED: &str = "The page has stopped because of a mistake in this program. Reload it to go on.";
pub(super) const LOADING: &str = "Loading the collection…";
pub(super) const READY: &str = "Ready. Choose, drop or paste a photo.";
pub(super) const CANNOT_ANSWER: &str = "The page can't look at photos. Reload it to try again.";
pub(super) const MAP_EMPTY: &str = "A map of the collection; it is being loaded.";
pub(super) const NOISE: &str = "Noise: nothing is close enough";
pub(super) const PASTED_NO_IMAGE: &str =
    "There is no picture on the clipboard. Copy the picture itself, not its address, then paste again.";
pub(super) const DROPPED_NO_FILE: &str =
    "That was not a file. Save the picture on this device first, then drop it here.";
pub(super) const PASTED_NAME: &str = "the pasted picture";
/// The name of what an address leads to, if the address has none.
pub(super) const FETCHED_NAME: &str = "the picture at this address";
pub(super) const PASTE_REFUSED: &str =
    "The browser did not let this page read the clipboard. Allow it and try again, or paste with Ctrl+V or ⌘V.";

/// The name of what the camera has taken.
pub(super) const TAKEN_NAME: &str = "the picture you took";
pub(super) const CAMERA_STOPPED: &str = "The camera has stopped. Try again, or choose a photo instead.";
pub(super) const CAMERA_GAVE_NOTHING: &str = "The camera gave no picture. Try again, or choose a photo instead.";

/// `error`: the browser's name for it.
pub(super) fn no_camera(error: &str) -> &'static str {
    match error {
        "NotAllowedError" => {
            "The camera was not allowed. Allow it for this page in the browser's settings, or choose a photo instead."
        }
        "NotFoundError" | "OverconstrainedError" => {
            "There is no camera on this device. Connect one and try again, or choose a photo instead."
        }
        "NotReadableError" | "AbortError" => {
            "The camera does not start: another program may be using it. Close that and try again, or choose a photo instead."
        }
        "SecurityError" | "TypeError" => {
            "The camera works only on pages whose address begins with https. Choose a photo instead."
        }
        _ => CAMERA_GAVE_NOTHING,
    }
}

pub(super) const OLD_BROWSER: &str = "This browser lacks something that the page needs. Try a newer one.";
pub(super) const NO_REASON: &str = "The browser does not say what went wrong. Reload the page to go on.";
pub(super) const NO_ENGINE_NOW: &str = "the engine starts again; try again in a moment";

pub(super) const YOUR_PHOTO: &str = "Your photo";
pub(super) const CHOOSE_PART: &str = "Choose a part";
pub(super) const WHOLE_PHOTO: &str = "Whole photo";
pub(super) const MIX_FULL: &str =
    "These are six photos already, and more would blur into each other. Take one away first.";
/// What choosing a result does; its figure and path follow.
pub(super) const MORE_LIKE_THIS: &str = "More like this:";
pub(super) const PHOTO_LOST: &str =
    "Your photo is no longer here: the page keeps it only while it is open. Give it once more to see it again.";
/// Beside a place on the map.
pub(super) const ESTIMATE: &str = "estimate";
pub(super) const THIS_PHOTO: &str = "this photo";

/// `element`: what is not there.
pub(super) fn versions_mixed(element: &str) -> String {
    format!("index.html has no fitting element “{element}”: files of two versions are mixed. Reload the page.")
}

/// Files above this are not read at all.
pub(super) const MAX_FILE_MEGABYTES: u32 = 200;

pub(super) fn too_large(name: &str) -> String {
    let name = at_start(name);
    format!("{name} has more than {MAX_FILE_MEGABYTES} MB. Make it smaller and try again.")
}

pub(super) const NO_MEMORY: &str = "The browser had no memory left for the picture. Close other pages and try again.";

pub(super) fn too_many_pixels(name: &str) -> String {
    let name = at_start(name);
    format!("{name} has more than 100 megapixels. Make it smaller and try again.")
}

/// `host`: of a picture's address.
pub(super) fn foreign(host: &str) -> String {
    format!(
        "Pictures from {host} are not fetched: this page reaches its own host alone, so that no photo can leave. Save the picture and drop it here, or copy the picture itself and paste it."
    )
}

pub(super) fn nothing_there(address: &str) -> String {
    format!("There is nothing at {address}. Check the address, or save the picture and drop it here.")
}

pub(super) fn too_slow(name: &str) -> String {
    let name = at_start(name);
    format!("{name} did not arrive within 30 seconds. Try again, or save the picture and drop it here.")
}

/// Neither the engine nor the browser can decode it. `what`: what its first bytes say.
pub(super) fn unreadable(name: &str, what: Option<&str>) -> String {
    let name = at_start(name);
    let what =
        what.map_or("no photo that can be read here".to_owned(), |what| format!("{what}, which can't be read here"));
    format!("{name} is {what}; JPEG, PNG and WebP photos always can.")
}

pub(super) fn thumbnail_missing(file: &str) -> String {
    format!("{file} is missing or damaged. Reload; if that does not help, publish the whole site again.")
}

pub(super) fn photos(count: u32) -> String {
    if count == 1 { "1 photo".to_owned() } else { format!("{count} photos") }
}

pub(super) fn collection(title: &str, count: u32, own: bool) -> String {
    if own {
        return format!("Your folder {title} · {}", photos(count));
    }
    if title.is_empty() { photos(count) } else { format!("{title} · {}", photos(count)) }
}

pub(super) fn one_at_a_time(count: usize, used: &str) -> String {
    format!("Those were {count} files. One photo at a time is looked at: this time {used}.")
}

pub(super) fn waits(name: &str) -> String {
    let name = at_start(name);
    format!("{name} is next, as soon as the collection has been loaded.")
}

pub(super) fn busy(name: &str) -> String {
    format!("Looking at {name}…")
}

pub(super) fn found(name: &str, time: &str) -> String {
    format!("Found the photos most similar to {name} in {time}.")
}

pub(super) fn no_such_photo(path: &str) -> String {
    format!("This collection has no photo “{path}”; it may have been renamed or taken out since the address was made.")
}

pub(super) fn results_heading(count: usize) -> String {
    match count {
        0 => "There is no other photo".to_owned(),
        1 => "The most similar photo".to_owned(),
        6 => "The six most similar photos".to_owned(),
        count => format!("The {count} most similar photos"),
    }
}

/// `count`: how many there will be.
pub(super) fn more(count: usize) -> String {
    format!("Show {count} photos")
}

/// Below a tenth of a second, one decimal.
pub(super) fn time(milliseconds: f32) -> String {
    match milliseconds {
        m if m < 100.0 => fixed(m, 1) + " ms",
        m if m < 1000.0 => fixed(m, 0) + " ms",
        m => fixed(m / 1000.0, 1) + " s",
    }
}

pub(super) fn time_on(time: &str, device: &str) -> String {
    format!("{time} on {device}")
}

pub(super) fn about_file(name: &str, message: &str) -> String {
    sentence(&format!("{} can't be looked at: {message}", at_start(name)))
}

/// What the picture shows, for those who can't see it.
pub(super) fn reconstruction(name: &str) -> String {
    format!("{}, drawn again by the decoder", at_start(name))
}

pub(super) fn no_reconstruction(message: &str) -> String {
    format!("The photo can't be drawn again: {}", sentence(message))
}

pub(super) fn no_comparison(message: &str) -> String {
    format!("The methods can't be compared: {}", sentence(message))
}

/// A photo of which a part is looked at.
pub(super) fn part_of(name: &str) -> String {
    format!("{name} (part)")
}

/// Where a box is, for those who can't see it.
pub(super) fn crop(crop: Crop) -> String {
    let [left, top, width, height] = <[u16; 4]>::from(crop).map(|thousandths| thousandths / 10);
    format!("Box on the photo: {left}% from the left, {top}% from the top, {width}% wide, {height}% high")
}

/// The formula of a mix: `1.0 × kitten.jpg − 0.5 × garden.jpg`.
pub(super) fn formula(terms: &[Term]) -> String {
    let mut words = String::new();
    for term in terms {
        let figure = weight(term.weight);
        words += match (words.is_empty(), term.weight.0 < 0) {
            (true, _) => "",
            (false, true) => " ",
            (false, false) => " + ",
        };
        words += &if words.is_empty() { figure } else { figure.replace('−', "− ") };
        words += " × ";
        words += &term.photo.short_name();
    }
    words
}

pub(super) fn weight(weight: Weight) -> String {
    let (sign, tenths) = (if weight.0 < 0 { "−" } else { "" }, weight.0.unsigned_abs());
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

pub(super) fn weight_of(name: &str) -> String {
    format!("Weight of {name}")
}

pub(super) fn without(name: &str) -> String {
    format!("Take away {name}")
}

/// A name at the start of a sentence: names of files stay as they are.
fn at_start(name: &str) -> String {
    if [PASTED_NAME, TAKEN_NAME, FETCHED_NAME].contains(&name) { capital(name) } else { name.to_owned() }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| [first.to_ascii_uppercase()].into_iter().chain(letters).collect()).unwrap_or_default()
}

/// With a full stop, if there is none.
pub(super) fn sentence(words: &str) -> String {
    if words.ends_with(['.', '!', '?', ')']) { words.to_owned() } else { format!("{words}.") }
}
