//! The visitor's own folder.

use super::{fixed, photos, sentence};
use crate::web::messages::Note;

pub(in crate::web::page) const PAUSE: &str = "Pause";
pub(in crate::web::page) const GO_ON: &str = "Go on";
pub(in crate::web::page) const FOLDER_STOPPED: &str =
    "What has been indexed so far is kept. Choose the same folder again to go on.";

pub(in crate::web::page) fn folder_without_photos(title: &str) -> String {
    format!("There are no photos in {title}, nor in the folders in it. Choose another folder.")
}

pub(in crate::web::page) fn no_folder(message: &str) -> String {
    format!("Your folder can't be searched: {}", sentence(message))
}

/// The button that opens what is kept.
pub(in crate::web::page) fn kept(title: &str, count: u32, bytes: u32) -> String {
    format!("Open {title} again: {}, {} MB", photos(count), fixed(f64::from(bytes) / 1e6, 1))
}

pub(in crate::web::page) fn kept_note(note: Note) -> &'static str {
    match note {
        Note::NoRoom => {
            "The browser does not keep your folder's index, for want of room or permission: it can be searched now, and is indexed again next time."
        }
        Note::Damaged => {
            "What was kept of your folder was damaged and has been forgotten in part; choose the folder again."
        }
        Note::Older => {
            "What was kept of your folder belongs to an older version of this collection; choose the folder again."
        }
    }
}

pub(in crate::web::page) fn indexed(done: usize, all: usize, minutes: f64) -> String {
    match minutes {
        _ if done == all => "Arranging the photos…".to_owned(),
        m if m < 1.0 => format!("{done} of {all} photos, less than a minute left"),
        m => format!("{done} of {all} photos, about {} min left", fixed(m, 0)),
    }
}

pub(in crate::web::page) const PHOTO_UNREADABLE: &str = "it can't be read";

/// One that is left out, and why.
pub(in crate::web::page) fn left_out_for(path: &str, problem: &str) -> String {
    format!("{path} ({problem})")
}

/// Of many files the first three are named.
pub(in crate::web::page) fn left_out(files: &[String]) -> String {
    let named = files[..files.len().min(3)].join(", ");
    let rest = if files.len() > 3 { ", …" } else { "." };
    format!("Left out: {} that can't be read: {named}{rest}", photos(files.len() as u32))
}
