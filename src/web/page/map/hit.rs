//! Which dot is meant.

use kiddo::{ImmutableKdTree, SquaredEuclidean};

/// The dots of the map; an id is a place in the list it was made of.
pub(super) struct Hits {
    places: Vec<[f32; 2]>,
    /// `None` if it could not be built; then every dot is looked at.
    tree: Option<ImmutableKdTree<f32, 2>>,
}

impl Hits {
    pub(super) fn new(places: Vec<[f32; 2]>) -> Self {
        let tree = if places.is_empty() { None } else { ImmutableKdTree::new_from_slice(&places).ok() };
        Self { places, tree }
    }

    /// The dot nearest to a place, if it is within reach.
    pub(super) fn nearest(&self, place: [f32; 2], reach: f32) -> Option<u32> {
        let id = match &self.tree {
            Some(tree) => tree.query(&place).nearest_one::<SquaredEuclidean<f32>>().execute().item,
            None => self.least(|other| Some(squared(place, other)))?,
        };
        let found = self.places.get(id as usize)?;
        (squared(place, *found) <= reach * reach).then_some(id)
    }

    /// The next dot from a place in a direction: near, and not far off the line.
    pub(super) fn towards(&self, from: [f32; 2], direction: [f32; 2]) -> Option<u32> {
        self.least(|other| {
            let [x, y] = [other[0] - from[0], other[1] - from[1]];
            let ahead = x * direction[0] + y * direction[1];
            let aside = x * direction[1] - y * direction[0];
            (ahead > 1e-6 && ahead >= aside.abs() / 2.0).then_some(ahead + 2.0 * aside.abs())
        })
    }

    fn least(&self, cost: impl Fn([f32; 2]) -> Option<f32>) -> Option<u32> {
        let costs = (0_u32..).zip(&self.places).filter_map(|(id, place)| Some((id, cost(*place)?)));
        costs.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(id, _)| id)
    }
}

fn squared(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)
}
