//! Answers from the photos that are there: all of a small gallery, of a large one those that have been asked for.

use super::{Answer, Engine, EngineError};
use crate::{
    cells::nearest_first,
    cluster,
    duplicates::{self, Scan},
    embedding::{Embedding, EmbeddingError},
    encoder::EncodeError,
    filter::Filter,
    gallery::Gallery,
    map,
    search::{Neighbor, best_turned},
    symmetry::Symmetry,
};

impl Engine {
    /// The stored embedding of a photo of the gallery.
    ///
    /// # Errors
    /// An id that is no place in the gallery, or one whose cell is not there.
    pub fn embedding(&self, id: u32) -> Result<&Embedding, EngineError> {
        self.gallery.embeddings.get(id).ok_or(EngineError::NoSuchPhoto(id))
    }

    /// Answers for a photo of the gallery, from what the gallery knows of it: nothing is encoded or estimated.
    /// The photo is none of its own neighbours.
    ///
    /// # Errors
    /// As [`Engine::embedding`].
    pub fn near(&self, id: u32, k: usize) -> Result<Answer, EngineError> {
        let (item, embedding) =
            self.gallery.items.get(id).zip(self.gallery.embeddings.get(id)).ok_or(EngineError::NoSuchPhoto(id))?;
        let [x, y] = item.map;
        Ok(Answer {
            pixels_hash: None,
            embedding: embedding.as_slice().to_vec(),
            cluster: item.cluster,
            density_group: item.density_group,
            map: map::MapPoint { x, y },
            neighbors: self.search.near(id, k).ok_or(EngineError::NoSuchPhoto(id))?,
            symmetries: Vec::new(),
            turned: Vec::new(),
            cells: self.order(&[embedding]),
        })
    }

    /// Answers for an embedding. `pixels_hash`: of what it comes from; `without`: photos of the gallery that are left out.
    pub fn answer(&self, embedding: &Embedding, pixels_hash: Option<u64>, without: &[u32], k: usize) -> Answer {
        let Gallery { entry, items, .. } = &self.gallery;
        let k_of_map = k.max(map::NEIGHBORS) + without.len();
        let [mut neighbors, within_eps] = self.search.nearest_and_within(embedding, k_of_map, entry.density.eps);
        neighbors.retain(|neighbor| !without.contains(&neighbor.id));
        let map = map::estimate(&neighbors, items).unwrap_or(map::MapPoint { x: 0.0, y: 0.0 });
        neighbors.truncate(k);
        Answer {
            pixels_hash,
            embedding: embedding.as_slice().to_vec(),
            cluster: cluster::nearest_centroid(embedding, &entry.clusters).unwrap_or(0),
            density_group: cluster::density_group(&within_eps, items),
            map,
            neighbors,
            symmetries: Vec::new(),
            turned: Vec::new(),
            cells: self.order(&[embedding]),
        }
    }

    /// Answers for a photo turned in all ways, by what was made of it: see [`Engine::ask_turned`].
    pub(super) fn answer_turned(&self, embeddings: &[Embedding], pixels_hash: Option<u64>, k: usize) -> Answer {
        let answers: Vec<_> = embeddings.iter().map(|embedding| self.search.nearest(embedding, k)).collect();
        let (neighbors, symmetries) = best_turned(&answers, k);
        let nearest = Symmetry::all().position(|symmetry| symmetries.first() == Some(&symmetry)).unwrap_or(0);
        let answer = self.answer(&embeddings[nearest], pixels_hash, &[], k);
        let turned = embeddings.iter().map(|embedding| embedding.as_slice().to_vec()).collect();
        let cells = self.order(&embeddings.iter().collect::<Vec<_>>());
        Answer { neighbors, symmetries, turned, cells, ..answer }
    }

    /// Answers once more, by an answer's embedding or those of its photo turned in all ways: other photos are there now.
    ///
    /// # Errors
    /// Numbers that are no embedding.
    pub fn again(
        &self,
        embeddings: &[Vec<f32>],
        pixels_hash: Option<u64>,
        without: &[u32],
        k: usize,
    ) -> Result<Answer, EngineError> {
        let embeddings = read(embeddings)?;
        Ok(match &embeddings[..] {
            [embedding] => self.answer(embedding, pixels_hash, without, k),
            all => self.answer_turned(all, pixels_hash, k),
        })
    }

    /// The photos that pass a filter and are most similar to what an answer was about, by its embedding or by those of its
    /// photo turned in all ways. `left_out`: photos that are none of their own neighbours.
    ///
    /// # Errors
    /// Numbers that are no embedding.
    pub fn among(
        &self,
        embeddings: &[Vec<f32>],
        filter: &Filter,
        left_out: &[u32],
        k: usize,
    ) -> Result<(Vec<Neighbor>, Vec<Symmetry>), EngineError> {
        let found = |embedding: &Embedding| {
            let ids = filter.admitted(&self.gallery.items).filter(|id| !left_out.contains(id));
            self.search.among(embedding, ids, k)
        };
        let answers: Vec<_> = read(embeddings)?.iter().map(found).collect();
        Ok(match <[_; 1]>::try_from(answers) {
            Ok([neighbors]) => (neighbors, Vec::new()),
            Err(answers) => best_turned(&answers, k),
        })
    }

    /// What each k-means cluster looks like, and each density group: the photos nearest to its mean.
    pub fn exemplars(&self, count: usize) -> [Vec<Vec<u32>>; 2] {
        let Gallery { entry, items, embeddings, .. } = &self.gallery;
        let clusters = items.iter().map(|item| Some(item.cluster));
        let groups = items.iter().map(|item| item.density_group);
        [
            cluster::exemplars(embeddings, clusters, entry.clusters.len(), count),
            cluster::exemplars(embeddings, groups, entry.density.groups as usize, count),
        ]
    }

    /// A search for pairs of photos that are at least look-alikes.
    pub fn scan(&self) -> Scan {
        Scan::new(self.gallery.entry.likeness.look_alike)
    }

    /// Goes on with such a search, by one photo; `true` at its end.
    pub fn step(&self, scan: &mut Scan) -> bool {
        scan.step(&self.search, &self.gallery.embeddings)
    }

    /// The groups of photos of at least this similarity, from a search at its end.
    pub fn duplicates(&self, scan: &Scan, least: f32) -> Vec<Vec<Neighbor>> {
        duplicates::groups(scan.pairs(), least, &self.gallery.embeddings)
    }

    /// In which order a question about an embedding, `[D]`, wants the cells.
    ///
    /// # Errors
    /// Numbers that are no embedding.
    pub fn wanted(&self, embedding: Vec<f32>) -> Result<Vec<u32>, EngineError> {
        Ok(self.order(&read(&[embedding])?.iter().collect::<Vec<_>>()))
    }

    /// In which order a question wants the cells; of a small gallery nobody asks, all of them are wanted.
    fn order(&self, queries: &[&Embedding]) -> Vec<u32> {
        let Gallery { entry, middles, .. } = &self.gallery;
        if entry.is_large() { nearest_first(middles, queries) } else { Vec::new() }
    }
}

fn read(embeddings: &[Vec<f32>]) -> Result<Vec<Embedding>, EngineError> {
    let read = embeddings.iter().map(|embedding| Embedding::from_features(embedding.clone()));
    let read: Vec<_> = read.collect::<Result<_, _>>().map_err(EncodeError::from)?;
    if read.is_empty() { Err(EncodeError::from(EmbeddingError::Width(0)).into()) } else { Ok(read) }
}
