//! Exact nearest neighbours among a gallery's embeddings.

use std::num::NonZero;

use kiddo::{ImmutableKdTree, SquaredEuclidean};
use serde::{Deserialize, Serialize};

use crate::{
    embedding::{Embedding, MAX_WIDTH, similarity_from_squared_distance},
    gallery::Photos,
    symmetry::Symmetry,
};

/// The tree adds up a distance in another order than [`Embedding::squared_distance`]: candidates are taken
/// from a radius that is this much larger, then ordered by the one distance.
const ROUNDING: f32 = 1e-5;

/// A photo of the collection and how similar it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Neighbor {
    /// The photo's place in the gallery.
    pub id: u32,
    /// Cosine similarity in [−1, 1].
    pub similarity: f32,
}

type Tree = ImmutableKdTree<f32, MAX_WIDTH>;

/// A k-d tree over unit vectors. Shorter embeddings are padded with zeros, which changes no distance.
///
/// Without a tree each photo is looked at: that needs no memory, and finds the same.
pub struct Search {
    tree: Option<Tree>,
    embeddings: Photos<Embedding>,
}

/// The collection is empty or could not be indexed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the collection can't be searched: {0}")]
pub struct SearchError(String);

impl Search {
    /// Indexes the embeddings; an id is a place in this list.
    ///
    /// # Errors
    /// An empty list, or a tree that can't be built.
    pub fn new(embeddings: Vec<Embedding>) -> Result<Self, SearchError> {
        Self::indexing(embeddings.into())
    }

    /// Looks at each of these at every question.
    pub fn scanning(embeddings: Photos<Embedding>) -> Self {
        Self { tree: None, embeddings }
    }

    /// Indexes these, which are all there.
    ///
    /// # Errors
    /// As [`Search::new`].
    pub fn indexing(embeddings: Photos<Embedding>) -> Result<Self, SearchError> {
        if embeddings.is_empty() {
            return Err(SearchError("it is empty".to_owned()));
        }
        let points: Vec<_> = embeddings.iter().map(padded).collect();
        let tree = Tree::new_from_slice(&points).map_err(|e| SearchError(e.to_string()))?;
        Ok(Self { tree: Some(tree), embeddings })
    }

    /// The k nearest photos, most similar first, equals by id. Fewer if the collection is smaller.
    pub fn nearest(&self, query: &Embedding, k: usize) -> Vec<Neighbor> {
        let Some(k) = NonZero::new(k.min(self.embeddings.len())) else { return Vec::new() };
        let Some(tree) = &self.tree else { return nearest_of(query, self.embeddings.numbered(), k.get()) };
        let nearest = tree.query(&padded(query)).nearest_n::<SquaredEuclidean<f32>>(k).execute();
        let radius = nearest.iter().map(|n| n.distance).fold(0.0, f32::max);
        // Which of several equally distant photos the tree keeps is chance: take them all, then order.
        let mut neighbors = self.around(tree, query, radius);
        neighbors.truncate(k.get());
        neighbors
    }

    /// The k photos nearest to one of the collection's own, which is left out: it would always be the first.
    ///
    /// `None`: there is no such photo.
    pub fn near(&self, id: u32, k: usize) -> Option<Vec<Neighbor>> {
        let embedding = self.embeddings.get(id)?;
        // Among many equal photos it may be none of the first k + 1; then the last is one too many.
        let mut neighbors = self.nearest(embedding, k.saturating_add(1));
        neighbors.retain(|neighbor| neighbor.id != id);
        neighbors.truncate(k);
        Some(neighbors)
    }

    /// The k nearest of some photos, most similar first, equals by id: each of them is looked at.
    pub fn among(&self, query: &Embedding, ids: impl Iterator<Item = u32>, k: usize) -> Vec<Neighbor> {
        nearest_of(query, ids.filter_map(|id| Some((id, self.embeddings.get(id)?))), k)
    }

    /// What [`Search::nearest`] finds, and what [`Search::within`] does: without a tree each photo is looked at once for both.
    pub fn nearest_and_within(&self, query: &Embedding, k: usize, cosine_distance: f32) -> [Vec<Neighbor>; 2] {
        if self.tree.is_some() {
            return [self.nearest(query, k), self.within(query, cosine_distance)];
        }
        let all = distances(query, self.embeddings.numbered());
        let within = within_of(all.iter().copied(), cosine_distance);
        [first(all, k), within]
    }

    /// All photos within a cosine distance, nearest first.
    pub fn within(&self, query: &Embedding, cosine_distance: f32) -> Vec<Neighbor> {
        let Some(tree) = &self.tree else {
            return within_of(distances(query, self.embeddings.numbered()).into_iter(), cosine_distance);
        };
        let mut neighbors = self.around(tree, query, 2.0 * cosine_distance);
        neighbors.retain(|neighbor| 1.0 - neighbor.similarity <= cosine_distance + ROUNDING);
        neighbors
    }

    /// The photos that a tree finds within a squared distance, or hardly farther, nearest first.
    fn around(&self, tree: &Tree, query: &Embedding, squared: f32) -> Vec<Neighbor> {
        let found = tree.query(&padded(query)).within::<SquaredEuclidean<f32>>(squared + ROUNDING).unsorted().execute();
        self.among(query, found.iter().map(|n| n.item), found.len())
    }
}

/// The k most similar photos of several answers, each once and as similar as in the best of them, with the place of that
/// answer; equals by id.
fn best_of(answers: &[Vec<Neighbor>], k: usize) -> Vec<(Neighbor, usize)> {
    let mut all: Vec<_> =
        answers.iter().enumerate().flat_map(|(place, found)| found.iter().map(move |&n| (n, place))).collect();
    all.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id).then(b.similarity.total_cmp(&a.similarity)));
    all.dedup_by_key(|(neighbor, _)| neighbor.id);
    all.sort_by(|(a, _), (b, _)| b.similarity.total_cmp(&a.similarity));
    all.truncate(k);
    all
}

/// The best of the answers for a photo turned in all ways, and how it was turned for each.
pub fn best_turned(answers: &[Vec<Neighbor>], k: usize) -> (Vec<Neighbor>, Vec<Symmetry>) {
    let ways: Vec<Symmetry> = Symmetry::all().collect();
    let best = best_of(answers, k).into_iter();
    best.filter_map(|(neighbor, place)| Some((neighbor, *ways.get(place)?))).unzip()
}

/// The slow twin of [`Search::nearest`]: looks at every photo.
pub fn linear_scan(query: &Embedding, embeddings: &[Embedding], k: usize) -> Vec<Neighbor> {
    among(query, embeddings, 0..embeddings.len() as u32, k)
}

/// The k nearest of some of the embeddings, most similar first, equals by id: each of them is looked at.
pub fn among(query: &Embedding, embeddings: &[Embedding], ids: impl Iterator<Item = u32>, k: usize) -> Vec<Neighbor> {
    nearest_of(query, ids.map(|id| (id, &embeddings[id as usize])), k)
}

fn nearest_of<'a>(query: &Embedding, all: impl Iterator<Item = (u32, &'a Embedding)>, k: usize) -> Vec<Neighbor> {
    first(distances(query, all), k)
}

fn distances<'a>(query: &Embedding, all: impl Iterator<Item = (u32, &'a Embedding)>) -> Vec<(f32, u32)> {
    all.map(|(id, embedding)| (query.squared_distance(embedding), id)).collect()
}

/// Those within a cosine distance, nearest first.
fn within_of(all: impl Iterator<Item = (f32, u32)>, cosine_distance: f32) -> Vec<Neighbor> {
    let squared = 2.0 * cosine_distance + ROUNDING;
    first(all.filter(|(distance, _)| *distance <= squared).collect(), usize::MAX)
}

/// The first k by squared distance, equals by id.
fn first(mut found: Vec<(f32, u32)>, k: usize) -> Vec<Neighbor> {
    let order = |a: &(f32, u32), b: &(f32, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    if (1..found.len()).contains(&k) {
        // Only what is wanted is sorted.
        found.select_nth_unstable_by(k, order);
    }
    found.truncate(k);
    found.sort_by(order);
    found
        .into_iter()
        .map(|(squared, id)| Neighbor { id, similarity: similarity_from_squared_distance(squared) })
        .collect()
}

fn padded(embedding: &Embedding) -> [f32; MAX_WIDTH] {
    let mut point = [0.0; MAX_WIDTH];
    point[..embedding.width()].copy_from_slice(embedding.as_slice());
    point
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spread;

    fn embeddings(count: usize, width: usize) -> Vec<Embedding> {
        let mut next = spread::numbers(7);
        let mut next = || 2.0 * next() - 1.0;
        (0..count).map(|_| Embedding::from_features((0..width).map(|_| next()).collect()).unwrap()).collect()
    }

    #[test]
    fn the_tree_agrees_with_the_linear_scan() {
        for width in [1, 2, 16, 64] {
            let all = embeddings(700, width);
            let search = Search::new(all.clone()).unwrap();
            for query in embeddings(40, width).iter().chain(&all[..20]) {
                for k in [1, 6, 50, 700, 1000] {
                    assert_eq!(search.nearest(query, k), linear_scan(query, &all, k), "width {width}, k {k}");
                }
            }
        }
    }

    #[test]
    fn without_a_tree_the_same_is_found_among_those_that_are_there() {
        let all = embeddings(300, 16);
        let tree = Search::new(all.clone()).unwrap();
        let mut photos = Photos::none([100, 150, 50].into_iter());
        photos.put(0, all[..100].to_vec());
        photos.put(2, all[250..].to_vec());
        let there = |id: u32| !(100..250).contains(&id);
        let part = Search::scanning(photos.clone());
        for query in &all[90..110] {
            assert_eq!(part.nearest(query, 6), tree.among(query, (0..300).filter(|&id| there(id)), 6));
            let mut near = tree.within(query, 0.7);
            near.retain(|neighbor| there(neighbor.id));
            assert_eq!(part.within(query, 0.7), near);
            assert_eq!(part.nearest_and_within(query, 6, 0.7), [part.nearest(query, 6), near]);
            assert_eq!(tree.nearest_and_within(query, 6, 0.7), [tree.nearest(query, 6), tree.within(query, 0.7)]);
        }
        assert_eq!((part.near(120, 6), part.near(270, 6).map(|near| near.len())), (None, Some(6)));
        photos.put(1, all[100..250].to_vec());
        for whole in [Search::scanning(photos.clone()), Search::indexing(photos).unwrap()] {
            assert_eq!(whole.nearest(&all[120], 50), tree.nearest(&all[120], 50));
        }
    }

    #[test]
    fn many_equal_photos_come_by_id() {
        let mut all = embeddings(300, 8);
        for id in 100..180 {
            all[id] = all[3].clone();
        }
        let found = Search::new(all.clone()).unwrap().nearest(&all[3], 6);
        assert_eq!(found.iter().map(|n| n.id).collect::<Vec<_>>(), [3, 100, 101, 102, 103, 104]);
        assert!(found.iter().all(|n| n.similarity >= 1.0));
    }

    /// The slow twin of [`Search::near`].
    fn others(id: u32, embeddings: &[Embedding], k: usize) -> Vec<Neighbor> {
        let mut all = linear_scan(&embeddings[id as usize], embeddings, embeddings.len());
        all.retain(|neighbor| neighbor.id != id);
        all.truncate(k);
        all
    }

    #[test]
    fn near_a_photo_are_the_others_of_the_linear_scan() {
        let mut all = embeddings(300, 16);
        for id in 100..180 {
            all[id] = all[3].clone();
        }
        let search = Search::new(all.clone()).unwrap();
        for id in [0, 3, 100, 150, 179, 299] {
            for k in [0, 1, 6, 60, 299, 300, usize::MAX] {
                assert_eq!(search.near(id, k), Some(others(id, &all, k)), "photo {id}, k {k}");
            }
        }
    }

    #[test]
    fn a_lonely_photo_has_no_neighbour_and_no_photo_has_no_answer() {
        let search = Search::new(embeddings(1, 4)).unwrap();
        assert_eq!(search.near(0, 6), Some(Vec::new()));
        assert_eq!(search.near(1, 6), None);
    }

    #[test]
    fn among_some_photos_are_those_of_the_linear_scan() {
        let all = embeddings(300, 16);
        let search = Search::new(all.clone()).unwrap();
        let wanted = |id: &u32| id % 7 == 3;
        for k in [0, 1, 6, 60, 1000] {
            let mut expected = linear_scan(&all[5], &all, all.len());
            expected.retain(|neighbor| wanted(&neighbor.id));
            expected.truncate(k);
            assert_eq!(search.among(&all[5], (0..300).filter(wanted), k), expected);
        }
    }

    #[test]
    fn the_best_of_several_answers_is_that_of_the_nearest_query() {
        let all = embeddings(200, 4);
        let search = Search::new(all.clone()).unwrap();
        let queries = &embeddings(203, 4)[200..];
        let k = 20;
        let answers: Vec<_> = queries.iter().map(|query| search.nearest(query, k)).collect();
        let best = |id: usize| {
            let similarities = queries.iter().map(|query| query.similarity(&all[id])).enumerate();
            similarities.reduce(|best, next| if next.1 > best.1 { next } else { best }).unwrap()
        };
        let mut expected: Vec<_> = (0..all.len()).map(|id| (id as u32, best(id))).collect();
        expected.sort_by(|a, b| b.1.1.total_cmp(&a.1.1));
        let expected: Vec<_> = expected.iter().take(k).map(|(id, (place, _))| (*id, *place)).collect();
        let found: Vec<_> = best_of(&answers, k).iter().map(|(neighbor, place)| (neighbor.id, *place)).collect();
        assert_eq!(found, expected);
        assert_eq!(best_of(&[], k), []);
    }

    #[test]
    fn within_takes_what_is_near_enough() {
        let all = embeddings(500, 4);
        let search = Search::new(all.clone()).unwrap();
        let near = search.within(&all[0], 0.2);
        let expected = linear_scan(&all[0], &all, 500).into_iter().filter(|n| n.similarity >= 0.8).collect::<Vec<_>>();
        assert_eq!(near, expected);
    }

    #[test]
    fn an_empty_collection_is_refused() {
        assert!(Search::new(Vec::new()).is_err());
    }

    #[test]
    fn no_neighbour_is_asked_for() {
        let all = embeddings(3, 4);
        assert_eq!(Search::new(all.clone()).unwrap().nearest(&all[0], 0), []);
    }
}
