//! Cells: photos that lie near each other, in one file, so that a question needs few files of many.
//!
//! An inverted file (Jégou, Douze and Schmid, "Product quantization for nearest neighbor search", 2011): photos are divided
//! by k-means, and a query looks through the cells whose middles are nearest. What it finds there is exact; what lies in
//! other cells it misses, and how much that is depends on how many bytes it may fetch. `recall` measures it where the
//! gallery is built, against the linear scan.
//!
//! `reach` says which cells an effort pays for, and which effort has been spent.
//!
//! A small collection is one cell, and every answer exact. Up to [`ALL_AT_ONCE`] photos a page fetches all cells, so few
//! large ones are best; beyond, a query fetches a few of many small ones.

mod layout;
mod order;
mod reach;
mod recall;
mod split;

pub use layout::{Layout, STEP};
pub use order::nearest_first;
pub use reach::{first, reached, within};
pub use recall::{NEIGHBORS, efforts, needed, queries};
pub use split::split;

/// As many photos a page fetches whole.
pub const ALL_AT_ONCE: usize = 1 << 16;

/// Photos in a cell of a collection that is fetched whole: a page reads one without holding up the screen.
const LARGE: usize = 4096;

/// Photos in a cell of a larger one. Smaller cells fit a query more closely, and take
/// more requests and a longer entry.
const SMALL: usize = 160;

/// The most photos in a cell of a collection of so many.
pub fn most(photos: usize) -> usize {
    if photos <= ALL_AT_ONCE { LARGE } else { SMALL }
}

#[cfg(test)]
mod tests {
    use crate::embedding::Embedding;

    /// Photos around a few dozen others.
    pub(super) fn spread(count: usize, width: usize) -> Vec<Embedding> {
        let mut next = crate::spread::numbers(7);
        let mut next = || 2.0 * next() - 1.0;
        let middles: Vec<Vec<f32>> = (0..40).map(|_| (0..width).map(|_| next()).collect()).collect();
        let features =
            |at: usize, next: &mut dyn FnMut() -> f32| middles[at % 40].iter().map(|x| x + 0.4 * next()).collect();
        (0..count).map(|at| Embedding::from_features(features(at, &mut next)).unwrap()).collect()
    }
}
