//! Photos of the collection on the page.

use std::cmp::Ordering;

use lookalike::{
    gallery::{self, thumb_path},
    lanes::squared_distance,
};

use crate::{
    export::Collection,
    html::{escaped, in_address},
};

/// A row of photos; each leads to those most similar to it.
pub(super) fn row(collection: &Collection<'_>, places: &[usize]) -> String {
    let tiles: String = places.iter().map(|&place| format!("<li>{}</li>", tile(collection, place))).collect();
    format!("<ul class=\"photos\">{tiles}</ul>\n")
}

fn tile(collection: &Collection<'_>, place: usize) -> String {
    let path = &collection.files[place].path;
    let thumbnail = collection.thumbnails[place];
    let [width, height] = thumbnail.size;
    format!(
        "<a href=\"./#photo={}\" title=\"{name}\"><img src=\"{}/{}\" alt=\"{name}\" width=\"{width}\" height=\"{height}\" loading=\"lazy\"></a>",
        escaped(&in_address(path)),
        gallery::FOLDER,
        thumb_path(thumbnail.hash),
        name = escaped(path)
    )
}

/// The photos nearest to a point, nearest first.
pub(super) fn nearest(
    collection: &Collection<'_>,
    point: &[f32],
    among: impl Iterator<Item = usize>,
    count: usize,
) -> Vec<usize> {
    let squared = |place: usize| squared_distance(collection.embeddings[place].as_slice(), point);
    let mut found: Vec<_> = among.map(|place| (squared(place), place)).collect();
    found.sort_by(ascending);
    found.into_iter().take(count).map(|(_, place)| place).collect()
}

/// By distance, equals by place.
pub(super) fn ascending(a: &(f32, usize), b: &(f32, usize)) -> Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

/// The mean of some photos' embeddings.
pub(super) fn mean(collection: &Collection<'_>, places: &[usize]) -> Vec<f32> {
    let mut sum = vec![0.0; collection.embeddings.first().map_or(0, |embedding| embedding.width())];
    for &place in places {
        sum.iter_mut().zip(collection.embeddings[place].as_slice()).for_each(|(sum, x)| *sum += x);
    }
    sum.iter_mut().for_each(|x| *x /= places.len().max(1) as f32);
    sum
}
