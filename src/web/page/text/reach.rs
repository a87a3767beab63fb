//! How much of the collection an answer comes from.

use super::{fixed, photos};
use crate::gallery::Effort;

/// Reasons that are told; of more only the number.
const MOST_REASONS: usize = 2;

pub(in crate::web::page) const TRY_AGAIN: &str = "Try again";
pub(in crate::web::page) const RELOAD: &str = "Reload the page";
pub(in crate::web::page) const PUBLISHED_AGAIN: &str =
    "Partial answer: this collection has been published again since the page was opened, and parts of it are gone.";
pub(in crate::web::page) const SEARCHING_PARTS: &str = "Looking through the nearest parts of the collection…";
pub(in crate::web::page) const SEARCHING_FIRST: &str = "Looking for the most similar photos";
pub(in crate::web::page) const LOOKING_FOR_PHOTO: &str =
    "The address does not say where in this large collection its photo is: one part after the other is fetched.";

pub(in crate::web::page) fn partial(lost: usize, of: usize) -> String {
    format!("Partial answer: {lost} of {of} parts of the collection could not be loaded.")
}

pub(in crate::web::page) fn reasons(reasons: &[&str]) -> String {
    let mut words =
        reasons.iter().take(MOST_REASONS).map(|reason| super::sentence(reason)).collect::<Vec<_>>().join(" ");
    if reasons.len() > MOST_REASONS {
        words += &format!(" So it is with {} more.", reasons.len() - MOST_REASONS);
    }
    words
}

pub(in crate::web::page) fn exact(count: usize) -> String {
    format!("Exact: compared with all of {}.", photos(count as u32))
}

pub(in crate::web::page) fn compared_with(count: usize, of: u32) -> String {
    format!("Compared with {count} of {} so far.", photos(of))
}

/// What was measured is rounded down.
pub(in crate::web::page) fn effort(Effort { bytes, recall }: Effort) -> String {
    let tenths = (recall * 1000.0).floor() / 10.0;
    let share = fixed(tenths, u8::from(tenths.fract() > 0.0));
    let amount = match bytes {
        ..1_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", fixed((bytes / 100_000) as f32 / 10.0, 1)),
    };
    format!("Finds {share} % of the ten most similar photos, from {amount}.")
}

/// What the map shows of a collection that is not all there.
pub(in crate::web::page) fn shown_on_map(count: usize, of: u32) -> String {
    format!(
        "These are {count} of {}, those that have been loaded: filters, groups and near-duplicates know no others yet.",
        photos(of)
    )
}
