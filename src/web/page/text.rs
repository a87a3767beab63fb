//! What the page says, apart from what stands in `index.html` and in the errors of the other modules.

use super::{engines::Kind, trail::Term};
use crate::{crop::Crop, gallery::Density, mix::Weight};

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

/// On a tile, to see its photo large.
pub(super) const LOOK: &str = "Look";

pub(super) fn look_closer(path: &str) -> String {
    format!("{LOOK} closer at {path}")
}

pub(super) const COMPARING: &str = "The engine compares the two photos…";
pub(super) const POINT_AT_A_CELL: &str =
    "Point at a place of one photo, or go there with the arrow keys, to see what it matches in the other.";

/// Rows and columns of a cell and of its match, from 0.
pub(super) fn matching(places: [usize; 4], similarity: f32) -> String {
    let [row, column, other_row, other_column] = places.map(|place| place + 1);
    format!(
        "Row {row}, column {column} is most like row {other_row}, column {other_column} of the other photo: {similarity:.2}."
    )
}

pub(super) fn not_explained(message: &str) -> String {
    format!("The two photos can't be compared: {}", sentence(message))
}

pub(super) const FIND_GROUPS: &str = "Find near-duplicates";
pub(super) const STOP_SEARCH: &str = "Stop";
pub(super) const SEARCHING: &str = "Comparing each photo with all others…";
pub(super) const STOPPED: &str = "Stopped. The search goes on from here when you want it to.";
pub(super) const NO_THRESHOLDS: &str =
    "This collection is too small, or its photos too equal, to tell which of them are nearly the same.";

pub(super) fn from_similarity(least: f32, word: &str) -> String {
    format!("{least:.3} {word}")
}

/// `most`: how many groups are shown.
pub(super) fn groups(count: usize, photos: usize, most: usize) -> String {
    match count {
        0 => "No two photos of this collection are as similar as that.".to_owned(),
        1 => format!("One group of {photos} photos."),
        count if count > most => format!("{count} groups of {photos} photos; here are the first {most}."),
        count => format!("{count} groups of {photos} photos."),
    }
}

pub(super) fn and_more(count: usize) -> String {
    format!("and {count} more")
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
        "Pictures from {host} are not fetched: this page reaches no host but its own, so that no photo can leave. Save the picture and drop it here, or copy the picture itself and paste it."
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
        m if m < 100.0 => format!("{m:.1} ms"),
        m if m < 1000.0 => format!("{m:.0} ms"),
        m => format!("{:.1} s", m / 1000.0),
    }
}

pub(super) fn time_on(time: &str, device: &str) -> String {
    format!("{time} on {device}")
}

pub(super) fn about_file(name: &str, message: &str) -> String {
    sentence(&format!("{}: {message}", at_start(name)))
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

pub(super) fn cluster(id: u32, of: usize, size: u32) -> String {
    format!("Cluster {} of {of}, {}", id + 1, photos(size))
}

/// `value`: as in an address, numbered from 1.
pub(super) fn filter_part(part: &str, value: &str) -> String {
    match part {
        "cluster" => ["Cluster ", value].concat(),
        "group" if value == "noise" => "Noise".to_owned(),
        "group" => ["Group ", value].concat(),
        "folder" => ["Folder ", value].concat(),
        _ => "Your selection".to_owned(),
    }
}

pub(super) const TAKE_AWAY: &str = "Take this filter away";
pub(super) const NOTHING_SELECTED: &str =
    "There is no photo within that line. Draw it around some, or come nearer first.";
pub(super) const NONE_PASSES: &str = "No other photo passes the filter; take a part of it away to see some";

pub(super) fn passing(count: usize, of: usize) -> String {
    format!("{count} of {of} photos pass")
}

pub(super) fn folder(path: &str, count: u32) -> String {
    format!("{path} ({count})")
}

pub(super) fn silhouette(value: Option<f32>) -> String {
    value.map_or(String::new(), |value| {
        format!("Silhouette {value:.2}: 1 if every photo were far closer to its own cluster than to the next, 0 if it lay between them.")
    })
}

pub(super) fn density(density: &Density) -> String {
    let Density { groups, noise, .. } = density;
    format!("{groups} groups of photos that lie close together; {} in none of them are noise.", photos(*noise))
}

pub(super) fn odd_address(pair: &str) -> String {
    format!("“{pair}” in the address means nothing here and is left out.")
}

pub(super) fn cluster_name(id: u32) -> String {
    format!("Cluster {}", id + 1)
}

pub(super) fn density_group(id: u32, of: u32) -> String {
    format!("Group {} of {of}", id + 1)
}

pub(super) fn map_label(photos_count: u32, clusters: usize, query: Option<(u32, Option<&str>)>) -> String {
    let collection = format!("A map of {} in {clusters} clusters.", photos(photos_count));
    match query {
        Some((id, Some(path))) => {
            format!("{collection} {path}, in cluster {}, is marked with thin lines to its neighbours.", id + 1)
        }
        Some((id, None)) => format!(
            "{collection} Your photo, in cluster {}, is marked with thin lines to its neighbours; its place is an estimate.",
            id + 1
        ),
        None => collection,
    }
}

pub(super) fn network(file: &str) -> String {
    format!("{file} could not be loaded. Check the connection, then reload the page.")
}

pub(super) fn host_refuses(file: &str, status: u16) -> String {
    format!("{file} could not be loaded: the host answered with status {status}. Reload the page later.")
}

pub(super) fn unknown_device(value: &str) -> String {
    format!("“{value}” is no device; auto, webgpu and cpu are. The page chooses by itself.")
}

fn engine_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Cpu => "the processor's engine",
        Kind::WebGpu => "WebGPU",
    }
}

pub(super) fn engine_not_loaded(kind: Kind) -> String {
    let program = kind.program();
    format!("its program, {program}, could not be loaded; check the connection and reload, or try a newer browser")
}

pub(super) fn engine_stopped(kind: Kind, words: &str) -> String {
    format!("{} has stopped ({words})", engine_name(kind))
}

pub(super) fn falls_back(message: &str) -> String {
    format!("WebGPU can't be used here, the processor computes instead: {}", sentence(message))
}

pub(super) fn no_engine(message: &str) -> String {
    format!("The page can't compute: {}", sentence(message))
}

pub(super) fn engine_restarts(photo: Option<&str>, message: &str) -> String {
    match photo {
        Some(name) => {
            let name = at_start(name);
            format!("{name} was too much for the engine, which starts again. Try another photo. ({message})")
        }
        None => format!("The engine starts again: {}", sentence(message)),
    }
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

pub(super) const PAUSE: &str = "Pause";
pub(super) const GO_ON: &str = "Go on";
pub(super) const FOLDER_STOPPED: &str = "What has been indexed so far is kept. Choose the same folder again to go on.";

pub(super) fn folder_without_photos(title: &str) -> String {
    format!("There are no photos in {title}, nor in the folders in it. Choose another folder.")
}

pub(super) fn no_folder(message: &str) -> String {
    format!("Your folder can't be searched: {}", sentence(message))
}

/// The button that opens what is kept.
pub(super) fn kept(title: &str, count: u32, bytes: u32) -> String {
    format!("Open {title} again: {}, {:.1} MB", photos(count), f64::from(bytes) / 1e6)
}

pub(super) fn indexed(done: usize, all: usize, minutes: f64) -> String {
    match minutes {
        _ if done == all => "Arranging the photos…".to_owned(),
        m if m < 1.0 => format!("{done} of {all} photos, less than a minute left"),
        m => format!("{done} of {all} photos, about {m:.0} min left"),
    }
}

/// Of many files the first three are named.
pub(super) fn left_out(files: &[String]) -> String {
    let named = files[..files.len().min(3)].join(", ");
    let rest = if files.len() > 3 { ", …" } else { "." };
    format!("Left out: {} that can't be read: {named}{rest}", photos(files.len() as u32))
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
