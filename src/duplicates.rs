//! Groups of photos that are nearly the same, over a whole collection.
//!
//! Two photos belong to one group if they are similar enough, or if others lead from one to the other: the groups are
//! the connected components over all pairs at least as similar as a threshold.

use crate::{
    embedding::Embedding,
    gallery::Photos,
    search::{Neighbor, Search},
};

/// So many of a photo's nearest are kept. Only where more photos are as good as equal can a group fall apart by that.
const NEAREST: usize = 64;

/// Two photos, the earlier one first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Their places in the gallery.
    pub ids: [u32; 2],
    /// Their cosine similarity.
    pub similarity: f32,
}

/// A search for all similar pairs that can rest after each photo.
#[derive(Debug, Clone)]
pub struct Scan {
    least: f32,
    next: u32,
    done: usize,
    pairs: Vec<Pair>,
}

impl Scan {
    /// Looks for pairs of at least this similarity.
    pub fn new(least: f32) -> Self {
        Self { least, next: 0, done: 0, pairs: Vec::new() }
    }

    /// Looks for the pairs of the next photo; `true` once all photos have had their turn.
    pub fn step(&mut self, search: &Search, embeddings: &Photos<Embedding>) -> bool {
        let next = embeddings.next(self.next).and_then(|id| Some((id, embeddings.get(id)?)));
        let Some((id, embedding)) = next else { return true };
        let near = search.within(embedding, 1.0 - self.least).into_iter().filter(|n| n.id != id).take(NEAREST);
        self.pairs.extend(near.map(|n| Pair { ids: [id.min(n.id), id.max(n.id)], similarity: n.similarity }));
        self.next = id + 1;
        self.done += 1;
        if self.done == embeddings.len() {
            // Both photos of a pair have found it.
            self.pairs.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.ids.cmp(&b.ids)));
            self.pairs.dedup_by_key(|pair| pair.ids);
        }
        self.done == embeddings.len()
    }

    /// How many photos have had their turn.
    pub fn done(&self) -> usize {
        self.done
    }

    /// The pairs, once all photos have had their turn: most similar first, equals by id.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }
}

/// The groups over the pairs of at least this similarity, most similar pair first.
///
/// A group begins with the earlier photo of its most similar pair. The others follow by their similarity to that
/// photo, which is the figure beside them; its own figure is that of the pair.
pub fn groups(pairs: &[Pair], least: f32, embeddings: &Photos<Embedding>) -> Vec<Vec<Neighbor>> {
    let pairs = &pairs[..pairs.partition_point(|pair| pair.similarity >= least)];
    let mut leaders: Vec<u32> = (0..embeddings.of()).collect();
    for pair in pairs {
        let [one, other] = pair.ids.map(|id| leader(&mut leaders, id));
        leaders[one.max(other) as usize] = one.min(other);
    }
    let mut places = vec![None; leaders.len()];
    let mut seen = vec![false; leaders.len()];
    let mut groups: Vec<Vec<Neighbor>> = Vec::new();
    for pair in pairs {
        for id in pair.ids {
            if std::mem::replace(&mut seen[id as usize], true) {
                continue;
            }
            let place = *places[leader(&mut leaders, id) as usize].get_or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => {
                    let similarity = embeddings[group[0].id as usize].similarity(&embeddings[id as usize]);
                    group.push(Neighbor { id, similarity });
                }
                None => groups.push(vec![Neighbor { id, similarity: pair.similarity }]),
            }
        }
    }
    for group in &mut groups {
        group[1..].sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.id.cmp(&b.id)));
    }
    groups
}

/// The photo that stands for a photo's group; the way to it is halved for the next one who asks.
fn leader(leaders: &mut [u32], mut id: u32) -> u32 {
    while leaders[id as usize] != id {
        let above = leaders[leaders[id as usize] as usize];
        leaders[id as usize] = above;
        id = above;
    }
    id
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::spread;

    /// Unit vectors without a pattern, some of them near to an earlier one.
    fn embeddings(count: usize) -> Vec<Embedding> {
        let mut next = spread::numbers(7);
        let mut next = || next() - 0.5;
        let mut all: Vec<Vec<f32>> = Vec::new();
        for id in 0..count {
            let fresh: Vec<f32> = (0..6).map(|_| next()).collect();
            let near = if id % 3 == 0 { None } else { all.get(id / 2).cloned() };
            all.push(near.map_or(fresh.clone(), |near| near.iter().zip(&fresh).map(|(a, b)| a + 0.08 * b).collect()));
        }
        all.into_iter().map(|features| Embedding::from_features(features).unwrap()).collect()
    }

    fn scanned(embeddings: &[Embedding], least: f32) -> Scan {
        let search = Search::new(embeddings.to_vec()).unwrap();
        let (mut scan, photos) = (Scan::new(least), Photos::from(embeddings.to_vec()));
        while !scan.step(&search, &photos) {}
        scan
    }

    /// The slow twin: every photo with every other, and groups that grow until nothing is near them.
    fn slowly(embeddings: &[Embedding], least: f32) -> BTreeSet<BTreeSet<u32>> {
        let near = |a: u32, b: u32| a != b && embeddings[a as usize].similarity(&embeddings[b as usize]) >= least;
        let all = 0..embeddings.len() as u32;
        let grown = all.clone().map(|id| {
            let mut group = BTreeSet::from([id]);
            loop {
                let before = group.len();
                let more: Vec<_> = all.clone().filter(|&b| group.iter().any(|&a| near(a, b))).collect();
                group.extend(more);
                if group.len() == before {
                    return group;
                }
            }
        });
        grown.filter(|group| group.len() > 1).collect()
    }

    #[test]
    fn the_groups_are_those_of_the_naive_scan() {
        let all = embeddings(150);
        let scan = scanned(&all, 0.9);
        for least in [0.9, 0.97, 0.99, 0.999] {
            let found = groups(scan.pairs(), least, &all.clone().into());
            let as_sets: BTreeSet<BTreeSet<u32>> =
                found.iter().map(|group| group.iter().map(|n| n.id).collect()).collect();
            assert_eq!(as_sets, slowly(&all, least), "from {least}");
            assert_eq!(as_sets.len(), found.len(), "no group comes twice");
            assert!(!found.is_empty(), "from {least}");
        }
    }

    #[test]
    fn photos_that_are_not_there_have_no_turn() {
        let all = embeddings(150);
        let mut photos = Photos::none([50, 60, 40].into_iter());
        photos.put(0, all[..50].to_vec());
        photos.put(2, all[110..].to_vec());
        let (search, mut scan) = (Search::scanning(photos.clone()), Scan::new(0.9));
        while !scan.step(&search, &photos) {}
        let there = |id: &u32| !(50..110).contains(id);
        let of_all = scanned(&all, 0.9);
        let expected: Vec<_> = of_all.pairs().iter().filter(|pair| pair.ids.iter().all(there)).copied().collect();
        assert_eq!((scan.done(), scan.pairs()), (90, &expected[..]));
        assert!(groups(scan.pairs(), 0.95, &photos).iter().flatten().all(|neighbor| there(&neighbor.id)));
    }

    #[test]
    fn the_most_similar_come_first() {
        let all = embeddings(150);
        let found = groups(scanned(&all, 0.9).pairs(), 0.95, &all.clone().into());
        assert!(found.windows(2).all(|two| two[0][0].similarity >= two[1][0].similarity));
        for group in &found {
            let [first, second] = [group[0], group[1]];
            assert!(first.id < second.id || group.len() > 2);
            assert!((first.similarity - second.similarity).abs() < 1e-6, "the first two are the pair");
            assert!(group[1..].windows(2).all(|two| two[0].similarity >= two[1].similarity));
            assert!(
                group[1..]
                    .iter()
                    .all(|n| { (n.similarity - all[first.id as usize].similarity(&all[n.id as usize])).abs() < 1e-6 })
            );
        }
    }

    #[test]
    fn many_equal_photos_are_one_group() {
        let mut all = embeddings(300);
        for id in 100..300 {
            all[id] = all[3].clone();
        }
        let found = groups(scanned(&all, 0.9999).pairs(), 0.9999, &all.clone().into());
        let equal: Vec<u32> = std::iter::once(3).chain(100..300).collect();
        assert_eq!(found[0].iter().map(|n| n.id).collect::<Vec<_>>(), equal);
    }

    #[test]
    fn a_collection_without_similar_photos_has_no_group() {
        let apart: Vec<_> = (0..4)
            .map(|at| Embedding::from_features((0..4).map(|axis| f32::from(u8::from(axis == at))).collect()).unwrap())
            .collect();
        let scan = scanned(&apart, 0.9);
        assert_eq!((scan.done(), groups(scan.pairs(), 0.9, &apart.clone().into())), (4, Vec::new()));
        assert_eq!(scanned(&apart[..1], 0.9).pairs(), []);
    }
}
