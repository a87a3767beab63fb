//! How far a search goes: which cells an effort pays for, and which effort has been spent.

use crate::gallery::{Effort, Entry};

/// What is spent on a question before anybody asks for more, in bytes.
const FIRST: u32 = 300_000;

/// The effort with which a question begins, by its place among the entry's.
pub fn first(entry: &Entry) -> usize {
    entry.efforts.iter().rposition(|effort| effort.bytes <= FIRST).unwrap_or(0)
}

/// The cells that an effort pays for, the first ones of a question's order; beyond the last effort, all.
pub fn within<'a>(entry: &Entry, order: &'a [u32], effort: usize) -> &'a [u32] {
    let Some(Effort { bytes, .. }) = entry.efforts.get(effort) else { return order };
    let mut sum = 0_u64;
    let paid = order.iter().take_while(|&&place| {
        sum += entry.cells.get(place as usize).map_or(0, |cell| u64::from(cell.file.bytes));
        sum <= u64::from(*bytes)
    });
    &order[..paid.count()]
}

/// The largest effort whose cells are all there: what is found is at least what it was measured to find.
pub fn reached(entry: &Entry, order: &[u32], there: impl Fn(u32) -> bool) -> Option<Effort> {
    let spent = |effort: &usize| within(entry, order, *effort).iter().all(|&place| there(place));
    let last = (0..entry.efforts.len()).take_while(spent).last()?;
    entry.efforts.get(last).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::{CellRef, Density, FileRef, Rounded, Thresholds};

    fn entry(efforts: &[u32]) -> Entry {
        let file = FileRef { hash: 0, bytes: 100 };
        let cell = |bytes| CellRef { file: FileRef { hash: 0, bytes }, photos: 1 };
        let effort = |&bytes: &u32| Effort { bytes, recall: 1.0 - 1.0 / bytes as f32 };
        Entry {
            title: String::new(),
            generator: String::new(),
            photos: 4,
            width: 1,
            encoder: file,
            decoder: None,
            probes: file,
            cells: [100, 50, 200, 10].into_iter().map(cell).collect(),
            middles: Rounded::of(&[0.0; 4], 1.0),
            areas: Vec::new(),
            efforts: efforts.iter().map(effort).collect(),
            clusters: Vec::new(),
            silhouette: None,
            density: Density { eps: 0.0, min_points: 1, groups: 0, noise: 0 },
            perplexity: 0.0,
            likeness: Thresholds { related: 0.0, look_alike: 0.0, near_duplicate: 0.0, identical: 0.0 },
            large: 0,
            miniatures: None,
            autoencoder: None,
            tags: Vec::new(),
        }
    }

    #[test]
    fn an_effort_pays_for_the_first_cells_of_the_order_up_to_the_first_that_is_too_dear() {
        let (entry, order) = (entry(&[60, 150, 400_000]), [1, 0, 2, 3]);
        assert_eq!(within(&entry, &order, 0), [1]);
        assert_eq!(within(&entry, &order, 1), [1, 0]);
        assert_eq!(within(&entry, &order, 2), order);
        assert_eq!(within(&entry, &order, 9), order);
        assert_eq!(within(&entry, &[2, 3, 0, 1], 1), [0_u32; 0]);
    }

    #[test]
    fn an_effort_is_reached_when_all_that_it_pays_for_is_there() {
        let (entry, order) = (entry(&[60, 150, 360]), [1, 0, 2, 3]);
        let bytes = |there: &[u32]| reached(&entry, &order, |place| there.contains(&place)).map(|effort| effort.bytes);
        assert_eq!(bytes(&[0, 2, 3]), None);
        assert_eq!(bytes(&[1, 2, 3]), Some(60));
        assert_eq!(bytes(&[1, 0]), Some(150));
        assert_eq!(bytes(&[0, 1, 2, 3]), Some(360));
    }

    #[test]
    fn a_question_begins_with_the_largest_effort_that_is_not_much() {
        assert_eq!([&[75_000, 300_000, 600_000][..], &[600_000], &[]].map(|efforts| first(&entry(efforts))), [1, 0, 0]);
    }
}
