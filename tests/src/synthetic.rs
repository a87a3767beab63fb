//! Large collections made of the demo's: its photos again and again, each a little elsewhere in the space and on the map.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use std::{fs, path::Path};

use lookalike::{
    cells::{self, Layout},
    embedding::Embedding,
    gallery::{Cell, CellRef, ENTRY, Entry, FOLDER, Gallery, Item, Stored, container::Kind},
    map::discs,
};

use crate::{copy_folder, demo_site};

/// How a collection is divided.
#[derive(Debug, Clone, Copy)]
pub enum Division {
    /// As `lookalike build` does, but nothing is measured: all cells are fetched.
    Usual,
    /// Into cells of at most so many photos, which are all fetched.
    Small(usize),
    /// Into cells of at most so many photos, which questions fetch.
    ByQuestion(usize),
}

/// Photos that were never taken.
pub struct Collection {
    /// What a gallery knows of them, by their paths.
    pub items: Vec<Item>,
    /// Their embeddings, in the same order.
    pub embeddings: Vec<Embedding>,
    /// More of the kind, which are none of the collection.
    pub held_out: Vec<Embedding>,
}

/// Photos of the demo, each moved towards another one by up to twice `between` of its embedding, and a little aside.
pub fn draw(photos: usize, held_out: usize, between: f32) -> Collection {
    let demo = Gallery::parse(&lookalike_training::site::files(&demo_site()).unwrap()).unwrap();
    let known: Vec<(&Item, &Embedding)> = demo.items.iter().zip(demo.embeddings.iter()).collect();
    // A small linear congruential generator: spread, not chance.
    let mut state = 7_u64;
    let mut spread = move |by: f32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1 << 23) as f32 - 1.0) * by
    };
    let mut all: Vec<(Item, Embedding)> = (0..photos + held_out)
        .map(|at| {
            let (item, embedding) = known[at % known.len()];
            let path = format!("{}/{at:05}.jpg", item.path.split_once('/').unwrap().0);
            let beside = [spread(0.06), spread(0.06)];
            let ((other, far), share) = (known[at * 31 % known.len()], between + spread(between));
            let mix = |axis: usize| (item.map[axis] + share * other.map[axis]) / (1.0 + share) + beside[axis];
            let map = [mix(0), mix(1)].map(|x| x.clamp(-1.0, 1.0));
            let mixed = embedding.as_slice().iter().zip(far.as_slice()).map(|(x, y)| x + share * y);
            let features = mixed.map(|x| x + spread(0.03)).collect();
            (Item { path, map, details: None, ..item.clone() }, Embedding::from_features(features).unwrap())
        })
        .collect();
    let held_out = all.split_off(photos).into_iter().map(|(_, embedding)| embedding).collect();
    all.sort_by(|a, b| a.0.path.cmp(&b.0.path));
    let (items, embeddings) = all.into_iter().unzip();
    Collection { items, embeddings, held_out }
}

/// Writes a site of this many photos.
pub fn multiply(target: &Path, photos: usize, division: Division) {
    // Where a question is to miss something in the cells that it does not fetch, photos must not lie in heaps: then each is
    // somewhere between two of the demo's.
    let between = if matches!(division, Division::ByQuestion(_)) { 0.5 } else { 0.0 };
    write(target, &draw(photos, 0, between), division);
}

/// Writes a site of these photos, and says how it is divided.
pub fn write(target: &Path, Collection { items, embeddings, .. }: &Collection, division: Division) -> Layout {
    copy_folder(&demo_site(), target);
    let folder = target.join(FOLDER);
    let demo = Gallery::parse(&lookalike_training::site::files(&demo_site()).unwrap()).unwrap();
    let photos = items.len();
    let most = match division {
        Division::Usual => cells::most(photos),
        Division::Small(most) | Division::ByQuestion(most) => most,
    };
    let layout = Layout::new(embeddings, most);
    for cell in &demo.entry.cells {
        fs::remove_file(folder.join(cell.file.name(Kind::Cell))).unwrap();
    }
    let stored = layout.cells.iter().zip(&layout.embeddings);
    let (cells, areas): (Vec<_>, Vec<_>) = stored
        .map(|(numbers, embeddings)| {
            let items: Vec<_> = numbers.iter().map(|&at| items[at as usize].clone()).collect();
            let area = discs::area(&items);
            let (bytes, file) = Cell { items, embeddings: embeddings.clone() }.to_file().unwrap();
            fs::write(folder.join(file.name(Kind::Cell)), bytes).unwrap();
            (CellRef { file, photos: numbers.len() as u32 }, area)
        })
        .unzip();
    let efforts = match division {
        Division::ByQuestion(_) => {
            let bytes: Vec<_> = cells.iter().map(|cell| cell.file.bytes).collect();
            let read = layout.as_read(embeddings[0].width()).unwrap();
            cells::efforts(&cells::needed(&read, &layout, &bytes, &cells::queries(photos)))
        }
        _ => Vec::new(),
    };
    let entry = Entry::clone(&demo.entry);
    let areas = if efforts.is_empty() { Vec::new() } else { areas };
    let (photos, middles, tags) = (photos as u32, layout.middles.clone(), Vec::new());
    let entry = Entry { photos, cells, areas, efforts, middles, tags, ..entry };
    fs::write(folder.join(ENTRY), entry.to_file().unwrap().0).unwrap();
    layout
}
