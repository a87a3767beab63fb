//! DBSCAN (Ester et al., 1996) over cosine distances.

use crate::{embedding::Embedding, gallery::Density, search::Search};

/// Photos within eps, itself included, that make a photo a core point.
pub const MIN_POINTS: usize = 5;

/// eps is chosen among the distances to this neighbour.
pub const NEIGHBOR: usize = 5;

/// Rounding of the distances of identical photos: a smaller eps would part them.
const MIN_EPS: f32 = 1e-6;

/// A density-based grouping.
#[derive(Debug, Clone)]
pub struct Grouping {
    /// What was run with and found.
    pub density: Density,
    /// Each photo's group; `None`: noise.
    pub labels: Vec<Option<u32>>,
}

/// Groups a collection. `usual`: each photo's cosine distance to its fifth neighbour; their median becomes eps.
pub fn group(embeddings: &[Embedding], search: &Search, usual: Vec<f32>) -> Grouping {
    let eps = typical_distance(usual);
    let mut labels = vec![None; embeddings.len()];
    let mut groups = 0;
    for start in 0..embeddings.len() {
        if labels[start].is_none() && grow(embeddings, search, eps, &mut labels, (start, groups)) {
            groups += 1;
        }
    }
    let noise = labels.iter().filter(|label| label.is_none()).count() as u32;
    Grouping { density: Density { eps, min_points: MIN_POINTS as u32, groups, noise }, labels }
}

/// The median of the cosine distances to the fifth neighbour: half of the photos have a dense neighbourhood.
pub fn typical_distance(mut distances: Vec<f32>) -> f32 {
    distances.sort_by(f32::total_cmp);
    distances.get(distances.len() / 2).copied().unwrap_or(0.0).clamp(MIN_EPS, 2.0)
}

/// A group from a photo that is in none: whatever is within eps of a core point belongs to it. `false`: it is no core point.
fn grow(
    embeddings: &[Embedding],
    search: &Search,
    eps: f32,
    labels: &mut [Option<u32>],
    (start, group): (usize, u32),
) -> bool {
    let mut open = vec![start];
    let mut found = false;
    while let Some(at) = open.pop() {
        let near = search.within(&embeddings[at], eps);
        if near.len() < MIN_POINTS {
            continue;
        }
        found = true;
        labels[start] = Some(group);
        for neighbor in near.iter().map(|neighbor| neighbor.id as usize) {
            if labels[neighbor].is_none() {
                labels[neighbor] = Some(group);
                open.push(neighbor);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(angle: f32) -> Embedding {
        Embedding::from_features(vec![angle.cos(), angle.sin()]).unwrap()
    }

    fn grouped(embeddings: &[Embedding], eps: f32) -> Grouping {
        group(embeddings, &Search::new(embeddings.to_vec()).unwrap(), vec![eps; 3])
    }

    #[test]
    fn two_dense_arcs_and_a_lonely_point() {
        let arc = |start: f32| (0..10).map(move |at| point(start + 0.01 * at as f32));
        let embeddings: Vec<_> = arc(0.0).chain(arc(2.0)).chain([point(4.0)]).collect();
        let grouping = grouped(&embeddings, 0.0004);
        assert_eq!(grouping.labels, [vec![Some(0); 10], vec![Some(1); 10], vec![None]].concat());
        assert_eq!((grouping.density.groups, grouping.density.noise), (2, 1));
    }

    #[test]
    fn an_edge_belongs_to_its_group_and_does_not_make_it_grow() {
        // Five together, one at their edge, one beyond: only the edge is within eps of the last.
        let angles = [0.0, 0.01, 0.02, 0.03, 0.04, 0.13, 0.22];
        let embeddings: Vec<_> = angles.into_iter().map(point).collect();
        let labels = grouped(&embeddings, 0.0045).labels;
        assert_eq!(labels, [vec![Some(0); 6], vec![None]].concat());
    }

    #[test]
    fn tiny_collections_are_noise() {
        let embeddings: Vec<_> = (0..4).map(|at| point(at as f32)).collect();
        assert_eq!(grouped(&embeddings, 0.1).density.noise, 4);
    }
}
