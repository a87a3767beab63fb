//! From a collection to its cells: k-means, and k-means again in every part that is too large.
//!
//! Splitting parts until they fit (a tree of k-means, as in Nistér and Stewénius, "Scalable recognition with a vocabulary
//! tree", 2006) bounds the size of every cell, and costs a million photos a few passes where one k-means of all would
//! compare each with thousands of centroids in every round.

use crate::{
    embedding::Embedding,
    lanes::{dot, squared_distance},
};

/// Parts at once.
const FAN: usize = 16;

/// Rounds of k-means.
const ROUNDS: usize = 12;

/// Photos a part that its middle is sought with.
const SAMPLE: usize = 256;

/// Divides photos into cells of at most `most`, each a list of places in ascending order: near photos into one cell.
/// The same photos always come out the same.
pub fn split(embeddings: &[Embedding], most: usize) -> Vec<Vec<u32>> {
    let most = most.max(1);
    let mut cells = Vec::new();
    let mut waiting = vec![(0..embeddings.len() as u32).collect::<Vec<_>>()];
    while let Some(photos) = waiting.pop() {
        if photos.len() <= most {
            cells.push(photos);
            continue;
        }
        // Parts of three quarters of the limit leave room for those that turn out larger.
        let parts = (4 * photos.len()).div_ceil(3 * most).clamp(2, FAN);
        let divided = divide(embeddings, &photos, parts);
        match divided.len() {
            1 => cells.extend(photos.chunks(most).map(<[u32]>::to_vec)), // they are all equal
            _ => waiting.extend(divided.into_iter().rev()),
        }
    }
    cells
}

/// The mean of each cell, `[cells, D]`.
pub(super) fn centroids(embeddings: &[Embedding], cells: &[Vec<u32>]) -> Vec<f32> {
    cells.iter().flat_map(|cell| mean(embeddings, cell)).collect()
}

fn mean(embeddings: &[Embedding], photos: &[u32]) -> Vec<f32> {
    let width = embeddings.first().map_or(0, Embedding::width);
    let mut sum = vec![0.0_f64; width];
    for &photo in photos {
        let point = embeddings[photo as usize].as_slice();
        sum.iter_mut().zip(point).for_each(|(sum, &x)| *sum += f64::from(x));
    }
    sum.into_iter().map(|x| (x / photos.len().max(1) as f64) as f32).collect()
}

/// Parts of these photos that lie together, none of them empty.
fn divide(embeddings: &[Embedding], photos: &[u32], parts: usize) -> Vec<Vec<u32>> {
    let sample: Vec<u32> = photos.iter().copied().step_by((photos.len() / (parts * SAMPLE)).max(1)).collect();
    let mut middles = Middles::new(seeds(embeddings, &sample, parts));
    for _ in 0..ROUNDS {
        let divided = middles.divide(embeddings, &sample);
        let moved: Vec<_> = divided.iter().filter(|part| !part.is_empty()).map(|part| mean(embeddings, part)).collect();
        if moved == middles.points {
            break;
        }
        middles = Middles::new(moved);
    }
    let mut divided = middles.divide(embeddings, photos);
    divided.retain(|part| !part.is_empty());
    divided
}

/// The first is a photo of the middle, each next one that which lies farthest from those before among a few
/// evenly spread ones: chance has no part in it.
fn seeds(embeddings: &[Embedding], sample: &[u32], parts: usize) -> Vec<Vec<f32>> {
    let tried: Vec<_> = sample.iter().step_by((sample.len() / (4 * parts)).max(1)).collect();
    let point = |photo: &u32| embeddings[*photo as usize].as_slice();
    let mut seeds = vec![point(tried[tried.len() / 2]).to_vec()];
    let mut nearest: Vec<f32> = vec![f32::INFINITY; tried.len()];
    while seeds.len() < parts.min(tried.len()) {
        let last = &seeds[seeds.len() - 1];
        let mut farthest = 0;
        for (at, photo) in tried.iter().enumerate() {
            nearest[at] = nearest[at].min(squared_distance(point(photo), last));
            if nearest[at] > nearest[farthest] {
                farthest = at;
            }
        }
        if nearest[farthest] <= 0.0 {
            break;
        }
        seeds.push(point(tried[farthest]).to_vec());
    }
    seeds
}

/// The middles of parts, and half of their squared lengths.
struct Middles {
    points: Vec<Vec<f32>>,
    halves: Vec<f32>,
}

impl Middles {
    fn new(points: Vec<Vec<f32>>) -> Self {
        let halves = points.iter().map(|point| dot(point, point) / 2.0).collect();
        Self { points, halves }
    }

    /// Each photo to the middle that is nearest: |x − m|² is least where x · m − |m|² / 2 is most.
    fn divide(&self, embeddings: &[Embedding], photos: &[u32]) -> Vec<Vec<u32>> {
        let mut parts = vec![Vec::new(); self.points.len()];
        for &photo in photos {
            let point = embeddings[photo as usize].as_slice();
            let mut best = (0, f32::NEG_INFINITY);
            for (at, (middle, half)) in self.points.iter().zip(&self.halves).enumerate() {
                let nearness = dot(point, middle) - half;
                if nearness > best.1 {
                    best = (at, nearness);
                }
            }
            parts[best.0].push(photo);
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::tests::spread;

    #[test]
    fn every_photo_is_in_one_cell_and_none_is_over_the_limit() {
        let all = spread(3000, 8);
        for most in [1, 7, 300, 2999, 3000, usize::MAX] {
            let cells = split(&all, most);
            assert!(cells.iter().all(|cell| !cell.is_empty() && cell.len() <= most && cell.is_sorted()), "{most}");
            let mut photos = cells.concat();
            photos.sort_unstable();
            assert_eq!(photos, (0..3000).collect::<Vec<_>>(), "{most}");
        }
        assert_eq!(split(&all, 300), split(&all, 300), "chance has no part in it");
        assert_eq!(split(&all, 3000).len(), 1);
        assert!(split(&all, 300).len() < 30, "cells are about full");
    }

    #[test]
    fn equal_photos_are_divided_too() {
        let same = vec![spread(1, 4).remove(0); 1000];
        assert_eq!(split(&same, 300).iter().map(Vec::len).collect::<Vec<_>>(), [300, 300, 300, 100]);
    }

    #[test]
    fn photos_of_a_cell_lie_together() {
        let all = spread(2000, 8);
        let cells = split(&all, 100);
        let middles = centroids(&all, &cells);
        let squared = |photo: u32, middle: &[f32]| squared_distance(all[photo as usize].as_slice(), middle);
        let own: f32 =
            cells.iter().zip(middles.chunks(8)).flat_map(|(c, m)| c.iter().map(move |&p| squared(p, m))).sum();
        let whole = mean(&all, &(0..2000).collect::<Vec<_>>());
        let apart: f32 = (0..2000).map(|photo| squared(photo, &whole)).sum();
        assert!(own < 0.5 * apart, "{own} of {apart}");
    }
}
