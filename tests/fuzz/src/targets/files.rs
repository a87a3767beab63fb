//! The other files of a site and of the browser's storage: probes, miniatures, autoencoder, parts of a visitor's folder,
//! and a training's checkpoint. The header's kind says which.

use std::sync::LazyLock;

use lookalike::gallery::{AutoencoderFile, Entry, FileRef, Gallery, GalleryFiles, Miniatures, Part, Probes, Stored};
use lookalike_training::checkpoint::Checkpoint;

use super::read;
use crate::tiny;

static FILES: LazyLock<(GalleryFiles, Entry)> = LazyLock::new(|| {
    let files = tiny::files();
    let entry = Entry::from_file(&files.entry, "gallery.lka").unwrap();
    (files, entry)
});

/// The smallest gallery, with an entry that names another file.
fn gallery(name: impl FnOnce(&mut Entry), probes: Option<Vec<u8>>) -> Option<Gallery> {
    let (files, entry) = &*FILES;
    let mut entry = entry.clone();
    name(&mut entry);
    let probes = probes.unwrap_or_else(|| files.probes.clone());
    let files = GalleryFiles { entry: entry.to_file().ok()?.0, probes, ..files.clone() };
    Gallery::without_cells(&files).ok()
}

fn reference(file: &[u8]) -> FileRef {
    let hash = u64::from_le_bytes(file[16..24].try_into().unwrap());
    FileRef { hash, bytes: file.len() as u32 }
}

/// Reads these.
pub fn run(bytes: &[u8]) {
    match bytes.get(10) {
        Some(4) => {
            let Some((_, file)) = read::<Probes>(bytes) else { return };
            let _ = gallery(|entry| entry.probes = reference(&file), Some(file.clone()));
        }
        Some(6) => drop(read::<Checkpoint>(bytes)),
        Some(7) => {
            let Some((_, file)) = read::<Miniatures>(bytes) else { return };
            let gallery = gallery(|entry| entry.miniatures = Some(reference(&file)), None).unwrap();
            let _ = gallery.miniatures(&file);
        }
        Some(8) => {
            let Some((part, file)) = read::<Part>(bytes) else { return };
            let encoder = FileRef { hash: part.encoder, bytes: 0 };
            let _ = Part::read(&file, "part.lka", &encoder, 2);
        }
        _ => {
            let Some((_, file)) = read::<AutoencoderFile>(bytes) else { return };
            let gallery = gallery(|entry| entry.autoencoder = Some(reference(&file)), None).unwrap();
            let _ = gallery.autoencoder(&file);
        }
    }
}
