//! Which photos of a collection count: those of a cluster, a density group, a folder, a tag, or a part of the map.

use serde::{Deserialize, Serialize};

use crate::{
    gallery::{Area, Item, Photos},
    numbers,
};

/// What a lasso may have at most: more would make an address too long to share.
const MOST_CORNERS: usize = 48;

/// All that is asked for must hold; the default asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// In this k-means cluster.
    pub cluster: Option<u32>,
    /// In this density group; `Some(None)`: in none, which is noise.
    pub group: Option<Option<u32>>,
    /// In this folder or one inside it.
    pub folder: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// Within these corners on the map; fewer than three ask for nothing.
    pub lasso: Vec<[f32; 2]>,
}

impl Filter {
    /// The parts of a filter, as an address calls them.
    pub const PARTS: [&str; 5] = ["cluster", "group", "folder", "tag", "lasso"];

    /// Whether every photo passes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a photo passes.
    pub fn admits(&self, item: &Item) -> bool {
        self.cluster.is_none_or(|cluster| cluster == item.cluster)
            && self.group.is_none_or(|group| group == item.density_group)
            && self.folder.as_deref().is_none_or(|folder| is_in(&item.path, folder))
            && self.tag.as_ref().is_none_or(|tag| item.tags().contains(tag))
            && (self.lasso.is_empty() || is_inside(item.map, &self.lasso))
    }

    /// Whether photos of a cell pass, as far as that is known of one that is not there: its cluster and its place.
    pub fn admits_cell(&self, area: &Area) -> bool {
        self.cluster.is_none_or(|cluster| cluster == u32::from(area.cluster))
            && (self.group.is_none() && self.folder.is_none() && self.tag.is_none())
            && (self.lasso.is_empty() || is_inside(area.middle, &self.lasso))
    }

    /// The ids of the photos that pass.
    pub fn admitted<'a>(&'a self, items: &'a Photos<Item>) -> impl Iterator<Item = u32> + 'a {
        items.numbered().filter(|(_, item)| self.admits(item)).map(|(id, _)| id)
    }

    /// A part as an address holds it, numbered from 1 as on the screen; `None` if nothing is asked for.
    pub fn part(&self, part: &str) -> Option<String> {
        match part {
            "cluster" => self.cluster.map(|id| (id + 1).to_string()),
            "group" => self.group.map(|group| group.map_or("noise".to_owned(), |id| (id + 1).to_string())),
            "folder" => self.folder.clone(),
            "tag" => self.tag.clone(),
            _ => (!self.lasso.is_empty()).then(|| numbers::write(self.lasso.as_flattened())),
        }
    }

    /// A filter of one part, as [`Filter::part`] writes it; `None` if it means nothing.
    pub fn parse(part: &str, name: &str) -> Option<Self> {
        let mut filter = Self::default();
        let number = || name.parse::<u32>().ok()?.checked_sub(1);
        let words = || (!name.is_empty()).then(|| name.to_owned());
        match part {
            "cluster" => filter.cluster = Some(number()?),
            "group" if name == "noise" => filter.group = Some(None),
            "group" => filter.group = Some(Some(number()?)),
            "folder" => filter.folder = words(),
            "tag" => filter.tag = words(),
            _ => {
                let numbers = numbers::read(name)?;
                let (corners, rest) = numbers.as_chunks();
                filter.lasso = corners.to_vec();
                return (rest.is_empty() && (3..=MOST_CORNERS).contains(&corners.len())).then_some(filter);
            }
        }
        (!filter.is_empty()).then_some(filter)
    }

    /// The same filter with a part of another's.
    pub fn set(&mut self, part: &str, from: Self) {
        match part {
            "cluster" => self.cluster = from.cluster,
            "group" => self.group = from.group,
            "folder" => self.folder = from.folder,
            "tag" => self.tag = from.tag,
            _ => self.lasso = from.lasso,
        }
    }
}

/// The corners of a line drawn by hand: few enough for an address, and as exact as one.
pub fn lasso(line: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let every = line.len().div_ceil(MOST_CORNERS).max(1);
    line.iter().step_by(every).map(|corner| corner.map(numbers::round)).collect()
}

/// The folders that photos lie in, and those around them, each with the number of photos in it; a folder's own follow it.
pub fn folders(items: &Photos<Item>) -> Vec<(&str, u32)> {
    // Folders are few: each is looked up among those before. Sorting all paths would be 10 kB of the page.
    let mut folders: Vec<(&str, u32)> = Vec::new();
    for path in items.iter().map(|item| item.path.as_str()) {
        for (end, _) in path.bytes().enumerate().filter(|(_, byte)| *byte == b'/') {
            let folder = path.get(..end).unwrap_or_default();
            match folders.binary_search_by(|(known, _)| known.split('/').cmp(folder.split('/'))) {
                Ok(at) => folders[at].1 += 1,
                Err(at) => folders.insert(at, (folder, 1)),
            }
        }
    }
    folders
}

fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// By the number of edges to the right of a place: odd is inside.
fn is_inside([x, y]: [f32; 2], corners: &[[f32; 2]]) -> bool {
    let edges = corners.iter().zip(corners.iter().cycle().skip(1));
    let right = edges.filter(|([from_x, from_y], [to_x, to_y])| {
        (*from_y > y) != (*to_y > y) && x < from_x + (y - from_y) / (to_y - from_y) * (to_x - from_x)
    });
    right.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{gallery::Details, placeholder::Placeholder};

    fn item(path: &str, cluster: u32, density_group: Option<u32>, map: [f32; 2]) -> Item {
        let placeholder = Placeholder::default();
        let path = path.to_owned();
        Item { path, thumb: 0, thumb_size: [1, 1], placeholder, details: None, cluster, density_group, map }
    }

    fn tagged(item: Item, tags: &[&str]) -> Item {
        let details = Details { tags: tags.iter().map(|&tag| tag.to_owned()).collect(), ..Details::default() };
        Item { details: Some(Box::new(details)), ..item }
    }

    fn items() -> Photos<Item> {
        Photos::from(vec![
            tagged(item("a/b/1.jpg", 0, Some(0), [0.0, 0.0]), &["sea"]),
            tagged(item("a/b/2.jpg", 1, None, [0.5, 0.5]), &["a, b", "sea"]),
            item("a/c/3.jpg", 1, Some(1), [-0.5, 0.5]),
            item("ab/4.jpg", 2, Some(1), [0.5, -0.5]),
            item("5.jpg", 2, None, [-0.5, -0.5]),
        ])
    }

    fn passing(parts: &[(&str, &str)]) -> Vec<u32> {
        let mut filter = Filter::default();
        for (part, name) in parts {
            filter.set(part, Filter::parse(part, name).unwrap());
        }
        filter.admitted(&items()).collect()
    }

    #[test]
    fn nothing_asked_for_lets_all_pass() {
        assert!(Filter::default().is_empty());
        assert_eq!(passing(&[]), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn each_part_is_as_on_the_screen() {
        assert_eq!(passing(&[("cluster", "2")]), [1, 2]);
        assert_eq!(passing(&[("group", "2")]), [2, 3]);
        assert_eq!(passing(&[("group", "noise")]), [1, 4]);
        assert_eq!(passing(&[("folder", "a")]), [0, 1, 2], "ab is another folder");
        assert_eq!(passing(&[("folder", "a/b")]), [0, 1]);
        assert_eq!(passing(&[("lasso", "-1000,1000,10000,1000,10000,10000,-1000,10000")]), [1]);
        assert_eq!(passing(&[("tag", "sea")]), [0, 1]);
        assert_eq!(passing(&[("tag", "a, b")]), [1]);
        assert_eq!(passing(&[("tag", "se")]), [0_u32; 0]);
        assert_eq!(passing(&[("cluster", "9")]), [0_u32; 0]);
    }

    #[test]
    fn all_parts_must_hold() {
        assert_eq!(passing(&[("cluster", "2"), ("folder", "a/c")]), [2]);
        assert_eq!(passing(&[("group", "noise"), ("folder", "a"), ("cluster", "2")]), [1]);
        assert_eq!(passing(&[("group", "1"), ("cluster", "2")]), [0_u32; 0]);
    }

    #[test]
    fn a_part_is_read_as_it_is_written() {
        for (part, name) in [
            ("cluster", "1"),
            ("group", "noise"),
            ("group", "7"),
            ("folder", "a & b/c=d"),
            ("tag", "a & b; c=d"),
            ("lasso", "0,0,5000,0,1234,-10000"),
        ] {
            let filter = Filter::parse(part, name).unwrap();
            assert_eq!(filter.part(part).as_deref(), Some(name));
            for other in Filter::PARTS.iter().filter(|other| **other != part) {
                assert_eq!(filter.part(other), None, "{part} is not {other}");
            }
            let mut cleared = filter.clone();
            cleared.set(part, Filter::default());
            assert!(cleared.is_empty());
        }
    }

    #[test]
    fn what_means_nothing_is_no_filter() {
        let many = vec!["0"; 2 * MOST_CORNERS + 2].join(",");
        for (part, names) in [
            ("cluster", ["", "0", "-1", "one", "4294967296"].as_slice()),
            ("group", &["", "0", "Noise", "1.5"]),
            ("folder", &[""]),
            ("tag", &[""]),
            ("lasso", &["", "0,0,1,1", "0,0,1,1,1", "0,0,1,1,x,0", "0,0,1,1,1.5,0", "0,0,1,1,99999999999,0", &many]),
        ] {
            for name in names {
                assert_eq!(Filter::parse(part, name), None, "{part} {name}");
            }
        }
    }

    /// The slow twin of [`is_inside`]: the angles under which the edges are seen add up to a whole turn.
    fn winds_around([x, y]: [f32; 2], corners: &[[f32; 2]]) -> bool {
        let angle = |[to_x, to_y]: [f32; 2]| f64::from(to_y - y).atan2(f64::from(to_x - x));
        let turns = corners.iter().zip(corners.iter().cycle().skip(1)).map(|(from, to)| {
            let turn = angle(*to) - angle(*from);
            turn - std::f64::consts::TAU * (turn / std::f64::consts::TAU).round()
        });
        turns.sum::<f64>().abs() > 1.0
    }

    #[test]
    fn of_a_cell_that_is_not_there_cluster_and_place_are_known() {
        let area = Area::new([0.5, 0.25], 0.1, 3);
        let admits = |part, name| Filter::parse(part, name).unwrap().admits_cell(&area);
        assert!(Filter::default().admits_cell(&area));
        assert!(admits("cluster", "4") && !admits("cluster", "3"));
        assert!(admits("lasso", "0,0,10000,0,5000,10000") && !admits("lasso", "0,0,-10000,0,-5000,10000"));
        for (part, name) in [("group", "noise"), ("group", "1"), ("folder", "birds"), ("tag", "bird")] {
            assert!(!admits(part, name), "nobody knows");
        }
        let mut both = Filter::parse("cluster", "4").unwrap();
        both.set("tag", Filter::parse("tag", "bird").unwrap());
        assert!(!both.admits_cell(&area));
    }

    #[test]
    fn inside_a_lasso_is_what_it_goes_around() {
        // A star without crossings: far from convex.
        let corners: Vec<_> = (0..10)
            .map(|at| {
                let (turn, far) = (at as f32 * 0.6283, if at % 2 == 0 { 0.9 } else { 0.3 });
                [turn.cos() * far, turn.sin() * far]
            })
            .collect();
        let places = || (0..900).map(|at| [(at % 30) as f32 / 15.0 - 0.98, (at / 30) as f32 / 15.0 - 0.97]);
        for place in places() {
            assert_eq!(is_inside(place, &corners), winds_around(place, &corners), "{place:?}");
        }
        assert!(places().any(|place| is_inside(place, &corners)));
        assert!(!is_inside([0.0, 0.0], &[]));
    }

    #[test]
    fn a_long_line_becomes_few_corners() {
        let line: Vec<_> = (0..1000).map(|at| [at as f32 / 700.0, 1.0 / 3.0]).collect();
        let corners = lasso(&line);
        assert!((MOST_CORNERS / 2..=MOST_CORNERS).contains(&corners.len()));
        let filter = Filter { lasso: corners, ..Filter::default() };
        let name = filter.part("lasso").unwrap();
        assert_eq!(Filter::parse("lasso", &name), Some(filter), "an address is as exact");
    }

    #[test]
    fn folders_count_what_lies_in_them() {
        assert_eq!(folders(&items()), [("a", 3), ("a/b", 2), ("a/c", 1), ("ab", 1)]);
        for (folder, count) in folders(&items()) {
            assert_eq!(passing(&[("folder", folder)]).len(), count as usize);
        }
    }
}
