//! What a query misses in the cells that it does not fetch.

use super::{Layout, nearest_first};
use crate::{embedding::Embedding, gallery::Effort, search::linear_scan};

/// Neighbours that count.
pub const NEIGHBORS: usize = 10;

/// Queries that the recall is measured with, at most: their neighbours give it to half a per cent.
const QUERIES: usize = 400;

/// What visitors may spend, in bytes.
const EFFORTS: [u32; 6] = [75_000, 150_000, 300_000, 600_000, 1_200_000, 2_400_000];

/// Evenly spread photos of a collection of so many.
pub fn queries(photos: usize) -> Vec<u32> {
    (0..photos as u32).step_by(photos.div_ceil(QUERIES).max(1)).collect()
}

/// For photos of the collection as queries, and each one's [`NEIGHBORS`] nearest others: how many bytes are fetched before
/// that neighbour is there, cells being fetched nearest first. Sorted. `bytes` has the size of each cell.
pub fn needed(embeddings: &[Embedding], layout: &Layout, bytes: &[u32], queries: &[u32]) -> Vec<u64> {
    let mut home = vec![0; embeddings.len()];
    for (cell, photos) in (0_u32..).zip(&layout.cells) {
        photos.iter().for_each(|&photo| home[photo as usize] = cell);
    }
    let width = embeddings.first().map_or(1, Embedding::width);
    let middles = layout.middles.numbers(layout.cells.len() * width).unwrap_or_default();
    let mut needed = Vec::new();
    let mut reached = vec![0; layout.cells.len()];
    for &query in queries {
        let embedding = &embeddings[query as usize];
        let mut fetched = 0;
        for cell in nearest_first(&middles, &[embedding]) {
            fetched += u64::from(bytes[cell as usize]);
            reached[cell as usize] = fetched;
        }
        let nearest = linear_scan(embedding, embeddings, NEIGHBORS + 1);
        let others = nearest.iter().filter(|neighbor| neighbor.id != query).take(NEIGHBORS);
        needed.extend(others.map(|neighbor| reached[home[neighbor.id as usize] as usize]));
    }
    needed.sort_unstable();
    needed
}

/// The recall at some efforts, up to the first that finds everything.
pub fn efforts(needed: &[u64]) -> Vec<Effort> {
    let recall = |bytes: u32| needed.partition_point(|&n| n <= u64::from(bytes)) as f32 / needed.len().max(1) as f32;
    let mut efforts: Vec<_> = EFFORTS.iter().map(|&bytes| Effort { bytes, recall: recall(bytes) }).collect();
    let enough = efforts.iter().position(|effort| effort.recall >= 1.0).map_or(efforts.len(), |first| first + 1);
    efforts.truncate(enough);
    efforts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cells::{nearest_first, tests::spread},
        search::Search,
    };

    /// What a query finds that fetches no more than so many bytes: the slow way.
    fn found(all: &[Embedding], layout: &Layout, bytes: u64, query: u32) -> usize {
        let middles = layout.middles.numbers(layout.cells.len() * 8).unwrap();
        let mut fetched = Vec::new();
        let mut sum = 0;
        for cell in nearest_first(&middles, &[&all[query as usize]]) {
            sum += 100;
            if sum <= bytes {
                fetched.extend(layout.cells[cell as usize].iter().copied());
            }
        }
        let search = Search::new(all.to_vec()).unwrap();
        let partly = search.among(&all[query as usize], fetched.into_iter().filter(|&id| id != query), NEIGHBORS);
        let exact = search.near(query, NEIGHBORS).unwrap();
        partly.iter().filter(|neighbor| exact.contains(neighbor)).count()
    }

    #[test]
    fn the_recall_is_the_share_that_a_search_of_the_nearest_cells_finds() {
        let all = spread(1500, 8);
        let layout = Layout::new(&all, 60);
        let all = layout.as_read(8).unwrap();
        let queries = [3, 700, 1499];
        let needed = needed(&all, &layout, &vec![100; layout.cells.len()], &queries);
        assert_eq!(needed.len(), 30);
        for bytes in [0, 100, 300, 800, 1_000_000] {
            let share = needed.iter().filter(|&&n| n <= bytes).count();
            let searched: usize = queries.iter().map(|&query| found(&all, &layout, bytes, query)).sum();
            assert_eq!(share, searched, "{bytes} bytes");
        }
    }

    #[test]
    fn efforts_end_where_everything_is_found() {
        let efforts = efforts(&[10, 20, 100_000, 200_000]);
        assert_eq!(efforts.iter().map(|e| e.recall).collect::<Vec<_>>(), [0.5, 0.75, 1.0]);
        assert_eq!(super::efforts(&[u64::MAX]).len(), EFFORTS.len());
    }

    #[test]
    fn queries_are_spread_over_the_collection() {
        assert_eq!(queries(3), [0, 1, 2]);
        let some = queries(1_000_000);
        assert!(some.len() <= QUERIES && some.len() > QUERIES / 2 && some[some.len() - 1] > 990_000);
    }
}
