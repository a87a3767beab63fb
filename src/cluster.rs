//! Which cluster and which density group an embedding belongs to.

use crate::{
    embedding::Embedding,
    gallery::{Cluster, Item, Photos},
    lanes,
    search::Neighbor,
};

/// The k-means cluster: that of the nearest centroid, the first of equals.
///
/// `None` only if there are no clusters.
pub fn nearest_centroid(embedding: &Embedding, clusters: &[Cluster]) -> Option<u32> {
    let distance = |cluster: &Cluster| lanes::squared_distance(embedding.as_slice(), &cluster.centroid);
    (0_u32..)
        .zip(clusters)
        .map(|(id, cluster)| (id, distance(cluster)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(id, _)| id)
}

/// The density group of a query: that of the nearest photo which is in a group and within eps; else noise (`None`).
///
/// `within_eps` are the photos within eps of the query, nearest first. DBSCAN itself labels only what it was run on
/// (Ester et al., 1996); this rule extends its labels and gives every photo of a group its own group back.
pub fn density_group(within_eps: &[Neighbor], items: &Photos<Item>) -> Option<u32> {
    within_eps.iter().find_map(|neighbor| items.get(neighbor.id)?.density_group)
}

/// The photos nearest to the mean of each group, nearest first, equals by id: what the group looks like.
///
/// `labels` are the photos' groups, in the order of their embeddings; `None`: in no group.
pub fn exemplars(
    embeddings: &Photos<Embedding>,
    labels: impl Iterator<Item = Option<u32>>,
    groups: usize,
    count: usize,
) -> Vec<Vec<u32>> {
    let labelled: Vec<_> =
        embeddings.numbered().zip(labels).filter_map(|((id, e), label)| Some((id, e, label? as usize))).collect();
    let width = embeddings.iter().next().map_or(0, Embedding::width);
    // Sums point where means do, and on the unit sphere only directions count.
    let mut sums = vec![vec![0.0_f32; width]; groups];
    for (_, embedding, label) in &labelled {
        if let Some(sum) = sums.get_mut(*label) {
            sum.iter_mut().zip(embedding.as_slice()).for_each(|(sum, x)| *sum += x);
        }
    }
    let mut nearest = vec![Vec::new(); groups];
    for (id, embedding, label) in labelled {
        let Some(sum) = sums.get(label) else { continue };
        let closeness: f32 = embedding.as_slice().iter().zip(sum).map(|(x, sum)| x * sum).sum();
        nearest[label].push((closeness, id));
    }
    let best = |mut group: Vec<(f32, u32)>| {
        group.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        group.into_iter().take(count).map(|(_, id)| id).collect()
    };
    nearest.into_iter().map(best).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placeholder::Placeholder;

    fn cluster(centroid: [f32; 2]) -> Cluster {
        Cluster { centroid: centroid.to_vec(), size: 1 }
    }

    fn item(density_group: Option<u32>) -> Item {
        Item {
            path: String::new(),
            thumb: 0,
            thumb_size: [1, 1],
            placeholder: Placeholder::default(),
            details: None,
            cluster: 0,
            density_group,
            map: [0.0; 2],
        }
    }

    fn neighbor(id: u32) -> Neighbor {
        Neighbor { id, similarity: 0.9 }
    }

    #[test]
    fn the_nearest_centroid_wins_and_the_first_of_equals() {
        let embedding = Embedding::from_features(vec![1.0, 0.0]).unwrap();
        let clusters = [cluster([0.0, 1.0]), cluster([0.5, 0.1]), cluster([0.5, -0.1])];
        assert_eq!(nearest_centroid(&embedding, &clusters), Some(1));
        assert_eq!(nearest_centroid(&embedding, &[]), None);
    }

    #[test]
    fn exemplars_are_nearest_to_the_mean() {
        let at = |degrees: f32| {
            let turn = degrees.to_radians();
            Embedding::from_features(vec![turn.cos(), turn.sin()]).unwrap()
        };
        // Group 0 has its mean at 20°, group 1 is one photo, group 2 is empty.
        let embeddings = Photos::from(vec![at(0.0), at(22.0), at(90.0), at(180.0), at(38.0), at(19.0)]);
        let labels = [Some(0), Some(0), None, Some(1), Some(0), Some(0)];
        assert_eq!(exemplars(&embeddings, labels.into_iter(), 3, 3), [vec![5, 1, 4], vec![3], vec![]]);
        let equal = Photos::from(vec![at(5.0), at(5.0), at(5.0)]);
        assert_eq!(exemplars(&equal, [Some(0); 3].into_iter(), 1, 2), [[0, 1]]);
        assert_eq!(exemplars(&Photos::from(Vec::new()), [].into_iter(), 1, 2), [[0_u32; 0]]);
    }

    #[test]
    fn noise_nearby_is_passed_over() {
        let items = Photos::from(vec![item(None), item(Some(3)), item(Some(1))]);
        assert_eq!(density_group(&[neighbor(0), neighbor(1), neighbor(2)], &items), Some(3));
        assert_eq!(density_group(&[neighbor(0)], &items), None);
        assert_eq!(density_group(&[], &items), None);
    }
}
