//! Cells on the map whose photos are not there: where each lies, how large its disc is, and which ones a view shows.

use super::view::Sheet;
use crate::gallery::{Area, Item};

/// Cells that are fetched for one view, at most; a view that shows more is too far away.
pub const MOST: usize = 40;

/// Radius of a disc in CSS pixels: from what can be seen to what hides too much.
const RADII: [f32; 2] = [2.0, 64.0];

/// Where photos lie: their mean, how far they are from it, and the cluster that most are in; of equals the first.
pub fn area(photos: &[Item]) -> Area {
    let count = photos.len().max(1) as f64;
    let mean = |of: &dyn Fn(&Item) -> f64| photos.iter().map(of).sum::<f64>() / count;
    let [x, y] = [0, 1].map(|axis| mean(&|photo| f64::from(photo.map[axis])));
    let spread = mean(&|Item { map, .. }| (f64::from(map[0]) - x).powi(2) + (f64::from(map[1]) - y).powi(2)).sqrt();
    let mut clusters: Vec<u32> = photos.iter().map(|photo| photo.cluster).collect();
    clusters.sort_unstable();
    let commonest = clusters.chunk_by(|a, b| a == b).rev().max_by_key(|same| same.len());
    Area::new([x as f32, y as f32], spread as f32, commonest.map_or(0, |same| same[0]))
}

/// The radius of a cell's disc, in CSS pixels: as wide as its photos lie, but no wider than a few cells' share of the map.
pub fn radius(area: &Area, cells: usize, sheet: &Sheet) -> f32 {
    // Evenly spread over a disc, photos are on average (RMS) its radius / √2 away from its middle.
    let radius = 1.4 * area.spread() * sheet.scale;
    radius.min(widest(cells, sheet)).max(RADII[0])
}

/// The radius of the widest discs. The map is 2 wide: discs of this size, one a cell, would cover it three times.
pub fn widest(cells: usize, sheet: &Sheet) -> f32 {
    (2.0 * sheet.scale / (cells.max(1) as f32).sqrt()).clamp(RADII[0], RADII[1])
}

/// The cells that a view shows, if they are few.
pub fn shown(areas: &[Area], sheet: &Sheet) -> Option<Vec<u32>> {
    let sees = |area: &Area| sheet.sees(sheet.to_canvas(area.middle), radius(area, areas.len(), sheet));
    let shown: Vec<u32> =
        (0_u32..).zip(areas).filter(|(_, area)| sees(area)).map(|(cell, _)| cell).take(MOST + 1).collect();
    (shown.len() <= MOST).then_some(shown)
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // what is exact is meant
mod tests {
    use super::*;
    use crate::{map::view::View, placeholder::Placeholder};

    fn photo(map: [f32; 2], cluster: u32) -> Item {
        let (path, placeholder) = (String::new(), Placeholder::default());
        Item { path, thumb: 0, thumb_size: [1, 1], placeholder, details: None, cluster, density_group: None, map }
    }

    /// Cells on a grid of so many a side, over the whole map.
    fn grid(side: u16) -> Vec<Area> {
        let at = |step: u16| (2.0 * f32::from(step) + 1.0) / f32::from(side) - 1.0;
        (0..side).flat_map(|row| (0..side).map(move |column| Area::new([at(column), at(row)], 0.01, 0))).collect()
    }

    #[test]
    fn a_cell_lies_in_the_middle_of_its_photos() {
        let area = area(&[photo([0.5, 0.0], 3), photo([0.1, 0.0], 1), photo([0.3, 0.2], 3), photo([0.3, -0.2], 0)]);
        assert!((area.middle[0] - 0.3).abs() < 1e-4 && area.middle[1].abs() < 1e-4);
        assert!((area.spread() - 0.2).abs() < 4e-3, "{}", area.spread());
        assert_eq!(area.cluster, 3);
    }

    #[test]
    fn of_equally_common_clusters_the_first_counts() {
        assert_eq!(area(&[9, 2, 9, 2, 5].map(|cluster| photo([0.0; 2], cluster))).cluster, 2);
        assert_eq!(area(&[photo([0.25, -1.0], 4)]), Area::new([0.25, -1.0], 0.0, 4));
    }

    #[test]
    fn a_disc_is_as_wide_as_its_photos_lie_within_limits() {
        let of = |spread, zoom| {
            let sheet = View { zoom, ..View::WHOLE }.on(636.0, 636.0); // 300 pixels a unit
            radius(&Area::new([0.0; 2], spread, 0), 100, &sheet)
        };
        assert!((of(0.04, 1.0) - 16.8).abs() < 0.5, "{}", of(0.04, 1.0));
        assert!((of(0.04, 2.0) - 2.0 * of(0.04, 1.0)).abs() < 1e-3, "it grows with the map");
        assert!((of(0.9, 1.0) - 60.0).abs() < 1e-3, "two tenths of the map's half side");
        assert_eq!([of(0.0, 1.0), of(0.5, 50.0)], RADII);
    }

    #[test]
    fn a_view_shows_the_cells_in_it_once_they_are_few() {
        let areas = grid(20);
        assert_eq!(shown(&areas, &View::WHOLE.on(600.0, 600.0)), None);
        let near = View { centre: [0.5, -0.5], zoom: 5.0 }.on(600.0, 600.0);
        let cells = shown(&areas, &near).unwrap();
        assert!((16..=MOST).contains(&cells.len()), "{cells:?}");
        let in_sight = |cell: u32| near.sees(near.to_canvas(areas[cell as usize].middle), 5.0);
        assert!((0..400).all(|cell| in_sight(cell) == cells.contains(&cell)));
        assert_eq!(shown(&[], &near), Some(Vec::new()));
    }

    #[test]
    fn no_view_asks_for_more_than_the_limit() {
        let heap = vec![Area::new([0.0; 2], 0.0, 0); MOST + 1];
        let view = View { zoom: 500.0, ..View::WHOLE }.on(600.0, 600.0);
        assert_eq!(shown(&heap, &view), None);
        assert_eq!(shown(&heap[1..], &view).unwrap().len(), MOST);
    }
}
