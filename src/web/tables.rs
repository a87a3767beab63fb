//! What visitors take elsewhere, as files.

use js_sys::Array;
use web_sys::Blob;

use super::details::NO_MEMORY;
use crate::{
    engine::Engine,
    likeness::likeness,
    search::Neighbor,
    table::{self, Value},
};

const RESULT: [&str; 8] = ["rank", "path", "similarity", "word", "cluster", "title", "link", "tags"];

/// Columns that every collection has; the others follow where something is said of photos.
const ALWAYS: usize = 5;

/// Results, with ranks and clusters counted from 1, as they are on the screen.
pub(super) fn results(engine: &Engine, json: bool, neighbors: &[Neighbor]) -> Result<Blob, String> {
    let gallery = engine.gallery();
    let is_said =
        neighbors.iter().any(|neighbor| gallery.items.get(neighbor.id).is_some_and(|item| item.details.is_some()));
    let columns = if is_said { RESULT.len() } else { ALWAYS };
    let row = |(rank, neighbor): (u32, &Neighbor)| {
        let item = gallery.items.get(neighbor.id)?;
        let word = likeness(neighbor.similarity, &gallery.entry.likeness).map_or("", |word| word.name());
        let mut row = vec![
            Value::Count(rank),
            Value::Text(&item.path),
            Value::Number(neighbor.similarity),
            Value::Text(word),
            Value::Count(item.cluster + 1),
            Value::Text(item.details.as_deref().map_or("", |details| &details.title)),
            Value::Text(item.link()),
            Value::List(item.tags()),
        ];
        row.truncate(columns);
        Some(row)
    };
    let rows: Vec<_> = (1..).zip(neighbors).filter_map(row).collect();
    let write = if json { table::json } else { table::csv };
    blob(&write(&RESULT[..columns], &rows))
}

/// All photos of the open collection with their embeddings.
pub(super) fn index(engine: &Engine) -> Result<Blob, String> {
    let gallery = engine.gallery();
    let names: Vec<_> = (1..=gallery.entry.width).map(|at| at.to_string()).collect();
    let columns: Vec<_> = ["path"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let rows: Vec<_> = gallery
        .items
        .iter()
        .zip(gallery.embeddings.iter())
        .map(|(item, embedding)| {
            let numbers = embedding.as_slice().iter().map(|&x| Value::Number(x));
            [Value::Text(&item.path)].into_iter().chain(numbers).collect()
        })
        .collect();
    blob(&table::csv(&columns, &rows))
}

fn blob(text: &str) -> Result<Blob, String> {
    Blob::new_with_str_sequence(&Array::of1(&text.into())).map_err(|_| NO_MEMORY.to_owned())
}
