//! The cache's file, as a killed run, a bad disk or another program may have left it.

use std::{fs, sync::LazyLock};

use lookalike::gallery::container::hash;
use lookalike_training::{
    cache::{Cache, Key},
    photos::Content,
};

use super::scratch;
use crate::tiny;

const HEADER: usize = 20;
const HEAD: usize = 36;

static KEY: LazyLock<Key> = LazyLock::new(|| Key::new(&tiny::encoder(), None, false, None, "cpu").unwrap());

/// The header that a cache of this key has.
static START: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = scratch("empty-cache");
    drop(Cache::open(&folder, *KEY));
    fs::read(folder.join("photos.cache")).unwrap()
});

/// Checksums that fit, in the records that `which` says: a fuzzer does not find them by chance.
fn repair(file: &mut [u8], which: u8) -> Vec<u128> {
    let (mut at, mut names) = (HEADER, Vec::new());
    while at + HEAD <= file.len() {
        let length = u32::from_le_bytes(file[at + 16..at + 20].try_into().unwrap()) as usize;
        let value = at + HEAD..(at + HEAD).saturating_add(length).min(file.len());
        if which >> (names.len() % 8) & 1 == 0 {
            let of_value = hash(&file[value.clone()]);
            file[at + 20..at + 28].copy_from_slice(&of_value.to_le_bytes());
            let of_head = hash(&file[at..at + 28]);
            file[at + 28..at + HEAD].copy_from_slice(&of_head.to_le_bytes());
        }
        names.push(u128::from_le_bytes(file[at..at + 16].try_into().unwrap()));
        at = value.end;
    }
    names
}

/// Reads these.
pub fn run(bytes: &[u8]) {
    let Some((&which, records)) = bytes.split_last() else { return };
    let (mut file, mut names) = (records.to_vec(), Vec::new());
    // One in two hundred and fifty-six is taken as it is, header and all.
    if which != 255 && file.len() >= HEADER {
        file[..HEADER].copy_from_slice(&START);
        names = repair(&mut file, which);
    }
    let folder = scratch("cache");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("photos.cache"), &file).unwrap();
    let cache = Cache::open(&folder, *KEY).unwrap();
    for name in names.into_iter().take(16) {
        let content: Content = format!("{name:032x}").parse().unwrap();
        let Some(kept) = cache.get(content) else { continue };
        cache.put(content, &kept).unwrap();
        assert!(cache.get(content).is_some());
        let _ = kept.thumbnail();
    }
    cache.prune(std::iter::empty()).unwrap();
}
