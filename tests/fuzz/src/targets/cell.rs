//! A cell: photos, their embeddings, and an engine's answers and filters over them.

use std::sync::LazyLock;

use lookalike::{
    embedding::Embedding,
    filter::{Filter, folders},
    gallery::{Cell, CellRef, Entry, Gallery, GalleryFiles, Stored},
    search::Search,
};

use super::read;
use crate::tiny;

static FILES: LazyLock<(GalleryFiles, Entry)> = LazyLock::new(|| {
    let files = tiny::files();
    let entry = Entry::from_file(&files.entry, "gallery.lka").unwrap();
    (files, entry)
});

/// Reads these.
pub fn run(bytes: &[u8]) {
    let Some((cell, sealed)) = read::<Cell>(bytes) else { return };
    let (files, entry) = &*FILES;
    let photos = cell.items.len() as u32;
    let file = cell.to_file().unwrap().1;
    let entry = Entry { photos, cells: vec![CellRef { file, photos }], ..entry.clone() };
    // Packed again, the embeddings may take other bytes: the entry names the file as it is written.
    let cells = vec![cell.to_file().unwrap().0, sealed];
    for cell in cells {
        let files = GalleryFiles { entry: entry.to_file().unwrap().0, cells: vec![cell], ..files.clone() };
        let Ok(gallery) = Gallery::parse(&files) else { continue };
        let query = Embedding::from_features(vec![0.6, 0.8]).unwrap();
        let search = Search::indexing(gallery.embeddings.clone()).unwrap();
        let found = search.nearest(&query, 6);
        assert_eq!(found.len(), gallery.items.len().min(6));
        for (name, count) in folders(&gallery.items) {
            let filter = Filter { folder: Some(name.to_owned()), ..Filter::default() };
            assert_eq!(filter.admitted(&gallery.items).count(), count as usize);
        }
        gallery.items.iter().for_each(|item| drop((item.thumb_path(), item.large_path())));
    }
}
