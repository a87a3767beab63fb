//! Which cluster and which density group an embedding belongs to.

use crate::{
    embedding::Embedding,
    gallery::{Cluster, Item},
    search::Neighbor,
};

/// The k-means cluster: that of the nearest centroid, the first of equals.
///
/// `None` only if there are no clusters.
pub fn nearest_centroid(embedding: &Embedding, clusters: &[Cluster]) -> Option<u32> {
    let distance = |cluster: &Cluster| -> f32 {
        embedding.as_slice().iter().zip(&cluster.centroid).map(|(a, b)| (a - b) * (a - b)).sum()
    };
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
pub fn density_group(within_eps: &[Neighbor], items: &[Item]) -> Option<u32> {
    within_eps.iter().find_map(|neighbor| items.get(neighbor.id as usize)?.density_group)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(centroid: [f32; 2]) -> Cluster {
        Cluster { centroid: centroid.to_vec(), size: 1 }
    }

    fn item(density_group: Option<u32>) -> Item {
        Item { path: String::new(), thumb: 0, thumb_size: [1, 1], cluster: 0, density_group, map: [0.0; 2] }
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
    fn noise_nearby_is_passed_over() {
        let items = [item(None), item(Some(3)), item(Some(1))];
        assert_eq!(density_group(&[neighbor(0), neighbor(1), neighbor(2)], &items), Some(3));
        assert_eq!(density_group(&[neighbor(0)], &items), None);
        assert_eq!(density_group(&[], &items), None);
    }
}
