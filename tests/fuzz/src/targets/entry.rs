//! A gallery's entry, with the other files as they belong to the smallest gallery.

use std::sync::LazyLock;

use lookalike::{
    cells,
    embedding::Embedding,
    gallery::{Entry, Gallery, GalleryFiles},
    map::{discs, view::View},
};

use super::read;
use crate::tiny;

static FILES: LazyLock<GalleryFiles> = LazyLock::new(tiny::files);

/// Reads these.
pub fn run(bytes: &[u8]) {
    let Some((entry, sealed)) = read::<Entry>(bytes) else { return };
    let files = GalleryFiles { entry: sealed, ..FILES.clone() };
    let Ok(mut gallery) = Gallery::without_cells(&files) else { return };
    assert_eq!(gallery.items.of(), entry.photos);
    assert_eq!(gallery.middles.len(), entry.cells.len() * usize::from(entry.width));
    assert_eq!(entry.areas.len(), if entry.is_large() { entry.cells.len() } else { 0 });
    assert!(entry.areas.iter().all(|area| area.middle.iter().all(|x| x.abs() <= 1.0) && area.spread() <= 1.0));
    assert!(discs::shown(&entry.areas, &View::WHOLE.on(600.0, 600.0)).is_none_or(|cells| cells.len() <= discs::MOST));
    if let Ok(query) = Embedding::from_features(vec![0.6; usize::from(entry.width)]) {
        let order = cells::nearest_first(&gallery.middles, &[&query]);
        let wanted = cells::within(&entry, &order, cells::first(&entry));
        let _ = (entry.is_large(), cells::reached(&entry, &order, |place| wanted.contains(&place)));
    }
    if gallery.put(0, &files.cells[0]).is_ok() {
        assert_eq!(gallery.items.len(), gallery.embeddings.len());
    }
}
