//! Which dot is meant.

use crate::gallery::{Item, Photos};

/// The dot nearest to a place, if it is within reach. Every dot is looked at: fifty thousand take no longer than a hover may.
pub(super) fn nearest(items: &Photos<Item>, place: [f32; 2], reach: f32) -> Option<u32> {
    least(items, |other| {
        let squared = (place[0] - other[0]).powi(2) + (place[1] - other[1]).powi(2);
        (squared <= reach * reach).then_some(squared)
    })
}

/// The next dot from a place in a direction: near, and not far off the line.
pub(super) fn towards(items: &Photos<Item>, from: [f32; 2], direction: [f32; 2]) -> Option<u32> {
    least(items, |other| {
        let [x, y] = [other[0] - from[0], other[1] - from[1]];
        let ahead = x * direction[0] + y * direction[1];
        let aside = x * direction[1] - y * direction[0];
        (ahead > 1e-6 && ahead >= aside.abs() / 2.0).then_some(ahead + 2.0 * aside.abs())
    })
}

fn least(items: &Photos<Item>, cost: impl Fn([f32; 2]) -> Option<f32>) -> Option<u32> {
    let costs = items.numbered().filter_map(|(id, item)| Some((id, cost(item.map)?)));
    costs.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(id, _)| id)
}
