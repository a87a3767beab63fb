//! The large view, and groups of near-duplicates.

use super::{fixed, sentence};
use crate::{likeness::Likeness, symmetry::Symmetry};

/// Beside a similarity; `None`: it deserves no word.
pub(in crate::web::page) fn likeness(word: Option<Likeness>) -> &'static str {
    match word {
        Some(Likeness::Related) => "related",
        Some(Likeness::LookAlike) => "look-alike",
        Some(Likeness::NearDuplicate) => "near-duplicate",
        Some(Likeness::Identical) => "identical",
        None => "",
    }
}

/// How a photo was turned to be found; empty for one as it is.
pub(in crate::web::page) fn turned(symmetry: Symmetry) -> &'static str {
    match (symmetry.mirrored, symmetry.turns) {
        (false, 1) => "turned right",
        (false, 2) => "upside down",
        (false, 3) => "turned left",
        (true, 0) => "mirrored",
        (true, 1) => "mirrored, turned right",
        (true, 2) => "mirrored, upside down",
        (true, 3) => "mirrored, turned left",
        _ => "",
    }
}

/// On a tile, to see its photo large.
pub(in crate::web::page) const LOOK: &str = "Look";

pub(in crate::web::page) fn look_closer(name: &str) -> String {
    format!("{LOOK} closer at {name}")
}

/// `place`: the host of a link, or an address of mail.
pub(in crate::web::page) fn open_link(place: &str) -> String {
    ["Open ", place].concat()
}

pub(in crate::web::page) const COMPARING: &str = "The engine compares the two photos…";
pub(in crate::web::page) const POINT_AT_A_CELL: &str =
    "Point at a place of one photo, or go there with the arrow keys, to see what it matches in the other.";

/// Rows and columns of a cell and of its match, from 0.
pub(in crate::web::page) fn matching(places: [usize; 4], similarity: f32) -> String {
    let [row, column, other_row, other_column] = places.map(|place| place + 1);
    format!(
        "Row {row}, column {column} is most like row {other_row}, column {other_column} of the other photo: {}.",
        fixed(similarity, 2)
    )
}

pub(in crate::web::page) fn not_explained(message: &str) -> String {
    format!("The two photos can't be compared: {}", sentence(message))
}

pub(in crate::web::page) const FIND_GROUPS: &str = "Find near-duplicates";
pub(in crate::web::page) const STOP_SEARCH: &str = "Stop";
pub(in crate::web::page) const SEARCHING: &str = "Comparing each photo with all others…";
pub(in crate::web::page) const STOPPED: &str = "Stopped. The search goes on from here when you want it to.";
pub(in crate::web::page) const NO_THRESHOLDS: &str =
    "This collection is too small, or its photos too equal, to tell which of them are nearly the same.";

pub(in crate::web::page) fn from_similarity(least: f32, word: &str) -> String {
    format!("{} {word}", fixed(least, 3))
}

/// `most`: how many groups are shown.
pub(in crate::web::page) fn groups(count: usize, photos: usize, most: usize) -> String {
    match count {
        0 => "No two photos of this collection are as similar as that.".to_owned(),
        1 => format!("One group of {photos} photos."),
        count if count > most => format!("{count} groups of {photos} photos; here are the first {most}."),
        count => format!("{count} groups of {photos} photos."),
    }
}

pub(in crate::web::page) fn and_more(count: usize) -> String {
    format!("and {count} more")
}
