//! The map, its groups and filters.

use super::{fixed, photos};
use crate::gallery::Density;

pub(in crate::web::page) fn cluster(id: u32, of: usize, size: u32) -> String {
    format!("Cluster {} of {of}, {}", id + 1, photos(size))
}

/// `value`: as in an address, numbered from 1.
pub(in crate::web::page) fn filter_part(part: &str, value: &str) -> String {
    match part {
        "cluster" => ["Cluster ", value].concat(),
        "group" if value == "noise" => "Noise".to_owned(),
        "group" => ["Group ", value].concat(),
        "folder" => ["Folder ", value].concat(),
        "tag" => ["Tag ", value].concat(),
        _ => "Your selection".to_owned(),
    }
}

pub(in crate::web::page) const TAKE_AWAY: &str = "Take this filter away";
pub(in crate::web::page) const NOTHING_SELECTED: &str =
    "There is no photo within that line. Draw it around some, or come nearer first.";
pub(in crate::web::page) const NONE_PASSES: &str =
    "No other photo passes the filter; take a part of it away to see some";

pub(in crate::web::page) fn passing(count: usize, of: usize) -> String {
    format!("{count} of {of} photos pass")
}

/// A folder or a tag, with the number of its photos.
pub(in crate::web::page) fn choice(name: &str, count: u32) -> String {
    format!("{name} ({count})")
}

pub(in crate::web::page) fn not_loaded(count: u32) -> String {
    format!("{}, not loaded yet: choose them, or come nearer", photos(count))
}

pub(in crate::web::page) fn silhouette(value: Option<f32>) -> String {
    value.map_or(String::new(), |value| {
        format!(
            "Silhouette {}: 1 if every photo were far closer to its own cluster than to the next, 0 if it lay between them.",
            fixed(value, 2)
        )
    })
}

pub(in crate::web::page) fn density(density: &Density) -> String {
    let Density { groups, noise, .. } = density;
    format!("{groups} groups of photos that lie close together; {} in none of them are noise.", photos(*noise))
}

pub(in crate::web::page) fn odd_address(pair: &str) -> String {
    format!("“{pair}” in the address means nothing here and is left out.")
}

pub(in crate::web::page) fn cluster_name(id: u32) -> String {
    format!("Cluster {}", id + 1)
}

pub(in crate::web::page) fn density_group(id: u32, of: u32) -> String {
    format!("Group {} of {of}", id + 1)
}

/// `query`: its cluster, its name, and whether its place is known.
pub(in crate::web::page) fn map_label(photos_count: u32, clusters: usize, query: Option<(u32, &str, bool)>) -> String {
    let collection = format!("A map of {} in {clusters} clusters.", photos(photos_count));
    match query {
        Some((id, name, placed)) => format!(
            "{collection} {name}, in cluster {}, is marked with thin lines to its neighbours{}.",
            id + 1,
            if placed { "" } else { "; its place is an estimate" }
        ),
        None => collection,
    }
}
