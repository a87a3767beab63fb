//! Which photo lies where on the map.

use kiddo::{ImmutableKdTree, SquaredEuclidean};

use crate::gallery::{Item, Photos};

/// A k-d tree over the places of photos on the map.
pub struct Places {
    tree: ImmutableKdTree<f32, 2>,
    /// The photos' numbers, in ascending order.
    ids: Vec<u32>,
}

impl Places {
    /// Those of the photos that are there; `None` without any.
    pub fn of(items: &Photos<Item>) -> Option<Self> {
        let (ids, places): (Vec<_>, Vec<_>) = items.numbered().map(|(id, item)| (id, item.map)).unzip();
        if ids.is_empty() {
            return None;
        }
        Some(Self { tree: ImmutableKdTree::new_from_slice(&places).ok()?, ids })
    }

    /// The photo nearest to a place, the first of several that lie there; `None` if it is farther than `reach`, in units of
    /// the map.
    pub fn nearest(&self, place: [f32; 2], reach: f32) -> Option<u32> {
        let near = self.tree.query(&place).within::<SquaredEuclidean<f32>>(reach * reach).unsorted().execute();
        // Which of several at one place the tree finds first is chance.
        let nearest = near.iter().min_by(|a, b| a.distance.total_cmp(&b.distance).then(a.item.cmp(&b.item)))?;
        self.ids.get(nearest.item as usize).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::tests::item;

    fn items(places: impl Iterator<Item = [f32; 2]>) -> Photos<Item> {
        Photos::from(places.map(item).collect::<Vec<_>>())
    }

    /// Each photo is looked at.
    fn scan(items: &Photos<Item>, place: [f32; 2], reach: f32) -> Option<u32> {
        let squared = |other: [f32; 2]| (place[0] - other[0]).powi(2) + (place[1] - other[1]).powi(2);
        let near = items.numbered().map(|(id, item)| (squared(item.map), id)).filter(|near| near.0 <= reach * reach);
        near.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|near| near.1)
    }

    #[test]
    fn the_tree_finds_what_a_scan_finds() {
        // Places in steps of a twentieth: many photos lie at the same one.
        let step = |at: u32| f32::from((at.wrapping_mul(2_654_435_761) >> 16) as u16 % 41) / 20.0 - 1.0;
        let items = items((0..3000).map(|at| [step(at), step(at + 5000)]));
        let places = Places::of(&items).unwrap();
        for at in 0..500_u32 {
            let [x, y] = [step(at + 9000) + 0.004, step(at + 12_000) - 0.003 * (at % 7) as f32];
            for reach in [0.004, 0.02, 0.2] {
                assert_eq!(places.nearest([x, y], reach), scan(&items, [x, y], reach), "{x} {y} within {reach}");
            }
        }
    }

    #[test]
    fn photos_all_at_one_place_are_a_map_too_and_none_are_no_map() {
        let places = Places::of(&items((0..500).map(|_| [0.5, -0.5]))).unwrap();
        assert_eq!(places.nearest([0.51, -0.5], 0.1), Some(0));
        assert_eq!(places.nearest([-0.5, -0.5], 0.1), None);
        assert!(Places::of(&items([].into_iter())).is_none());
    }
}
