//! Where a query falls on the map, and how the map is seen.

pub mod discs;
pub mod dots;
#[cfg(any(test, feature = "encoder"))]
pub mod places;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::{
    gallery::{Item, Photos},
    search::Neighbor,
};

/// How many neighbours have a say.
pub const NEIGHBORS: usize = 6;

/// Keeps the weight of an identical photo finite; it then outweighs all others.
const SOFTENING: f32 = 1e-4;

/// A place on the map, which spans [−1, 1] in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MapPoint {
    /// To the right.
    pub x: f32,
    /// Upwards.
    pub y: f32,
}

/// An estimate of where t-SNE would have put the query: the mean of its nearest photos' places, each weighted
/// with the inverse square of its distance. t-SNE has no formula for new points; distances on it mean little.
///
/// `None` if there are no neighbours.
pub fn estimate(nearest: &[Neighbor], items: &Photos<Item>) -> Option<MapPoint> {
    let mut sum = [0.0_f32; 3];
    for neighbor in nearest.iter().take(NEIGHBORS) {
        let [x, y] = items.get(neighbor.id)?.map;
        let distance = 1.0 - neighbor.similarity + SOFTENING;
        let weight = 1.0 / (distance * distance);
        sum = [sum[0] + weight * x, sum[1] + weight * y, sum[2] + weight];
    }
    (sum[2] > 0.0).then(|| MapPoint { x: sum[0] / sum[2], y: sum[1] / sum[2] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placeholder::Placeholder;

    pub(super) fn item(map: [f32; 2]) -> Item {
        let (path, placeholder) = (String::new(), Placeholder::default());
        Item { path, thumb: 0, thumb_size: [1, 1], placeholder, details: None, cluster: 0, density_group: None, map }
    }

    #[test]
    fn between_equally_similar_photos_is_the_middle() {
        let items = Photos::from(vec![item([-1.0, 0.0]), item([1.0, 0.5])]);
        let nearest = [Neighbor { id: 0, similarity: 0.9 }, Neighbor { id: 1, similarity: 0.9 }];
        let point = estimate(&nearest, &items).unwrap();
        assert!(point.x.abs() < 1e-6 && (point.y - 0.25).abs() < 1e-6);
    }

    #[test]
    fn an_identical_photo_decides() {
        let items = Photos::from(vec![item([-1.0, 0.0]), item([1.0, 0.0])]);
        let nearest = [Neighbor { id: 0, similarity: 1.0 }, Neighbor { id: 1, similarity: 0.8 }];
        assert!(estimate(&nearest, &items).unwrap().x < -0.999);
    }

    #[test]
    fn without_neighbours_there_is_no_place() {
        assert_eq!(estimate(&[], &Photos::from(Vec::new())), None);
    }
}
