//! Which dot or disc is meant.

use crate::web::page::collection::Collection;

/// The map is 2 wide: no two places on it are so far from each other, squared.
const FAR: f32 = 9.0;

/// The dot nearest to a place, else the disc, if it is within its reach. Every one is looked at: fifty thousand take no longer
/// than a hover may.
pub(super) fn nearest(collection: &Collection, place: [f32; 2], reach: f32, reach_of_disc: f32) -> Option<u32> {
    least(collection, &|other, is_disc| {
        let squared = (place[0] - other[0]).powi(2) + (place[1] - other[1]).powi(2);
        let (reach, more) = if is_disc { (reach_of_disc, FAR) } else { (reach, 0.0) };
        (squared <= reach * reach).then_some(squared + more)
    })
}

/// The next spot from a place in a direction: near, and not far off the line.
pub(super) fn towards(collection: &Collection, from: [f32; 2], direction: [f32; 2]) -> Option<u32> {
    least(collection, &|other, _| {
        let [x, y] = [other[0] - from[0], other[1] - from[1]];
        let ahead = x * direction[0] + y * direction[1];
        let aside = x * direction[1] - y * direction[0];
        (ahead > 1e-6 && ahead >= aside.abs() / 2.0).then_some(ahead + 2.0 * aside.abs())
    })
}

fn least(collection: &Collection, cost: &dyn Fn([f32; 2], bool) -> Option<f32>) -> Option<u32> {
    let mut best = (f32::INFINITY, None);
    let mut compare = |id, place, is_disc| match cost(place, is_disc) {
        Some(cost) if cost < best.0 => best = (cost, Some(id)),
        _ => {}
    };
    collection.items.numbered().for_each(|(id, item)| compare(id, item.map, false));
    collection.discs().for_each(|(id, area)| compare(id, area.middle, true));
    best.1
}
