//! What the page's address says behind `#`: pairs of a name and a value, joined by `&`. Each part of the page writes its own.

use super::{dom, failure::Outcome, trail::Step};
use crate::crop::Crop;

/// A photo of the collection, by its path.
const PHOTO: &str = "photo";
/// The box on it.
const CROP: &str = "crop";

/// The photo of the collection that the address names, and the box on it.
pub(super) fn photo() -> Outcome<Option<(String, Option<Crop>)>> {
    let hash = dom::window()?.location().hash()?;
    let crop = value(&hash, CROP).as_deref().and_then(Crop::parse);
    Ok(value(&hash, PHOTO).map(|path| (path, crop)))
}

/// This page's address with a photo, or without; whatever else is in it stays.
pub(super) fn with(step: &Step) -> Outcome<String> {
    let location = dom::window()?.location();
    let hash = location.hash()?;
    let others = pairs(&hash).filter(|(name, _)| ![PHOTO, CROP].contains(name)).map(|(name, value)| pair(name, value));
    let all: Vec<String> = of(step).into_iter().chain(others).collect();
    let sign = if all.is_empty() { "" } else { "#" };
    Ok(format!("{}{}{sign}{}", location.pathname()?, location.search()?, all.join("&")))
}

/// The part of an address that leads to a photo of the collection, with the box on it.
pub(super) fn link_to(step: &Step) -> String {
    format!("#{}", of(step).join("&"))
}

/// The part of an address that leads to a photo of the collection.
pub(super) fn link(path: &str) -> String {
    format!("#{}", pair(PHOTO, &encoded(path)))
}

fn of(step: &Step) -> Vec<String> {
    let photo = step.path().map(|path| pair(PHOTO, &encoded(path)));
    let crop = photo.as_ref().and(step.crop()).map(|crop| pair(CROP, &crop.to_string()));
    photo.into_iter().chain(crop).collect()
}

fn pair(name: &str, value: &str) -> String {
    [name, value].join("=")
}

fn pairs(hash: &str) -> impl Iterator<Item = (&str, &str)> {
    hash.trim_start_matches('#').split('&').filter_map(|pair| pair.split_once('='))
}

/// One that is badly encoded is taken as it stands: it will be told as not found.
fn value(hash: &str, name: &str) -> Option<String> {
    let (_, value) = pairs(hash).find(|(found, _)| *found == name)?;
    Some(js_sys::decode_uri_component(value).map_or_else(|_| value.to_owned(), String::from))
}

/// Slashes stay readable.
fn encoded(value: &str) -> String {
    String::from(js_sys::encode_uri_component(value)).replace("%2F", "/")
}
