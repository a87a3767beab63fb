//! DBSCAN: how eps was chosen, and what its groups hold.

use super::{
    About,
    page::{self, count, figure},
    photos,
};
use crate::{
    chart::{Axis, Chart, Drawn, Table},
    density::NEIGHBOR,
    html::grouped,
    photos::plural,
};

/// Groups that are shown.
const SHOWN: usize = 6;

/// Photos that are shown of each.
const MEMBERS: usize = 6;

/// Points of the curve at most: more can't be seen.
const POINTS: usize = 200;

/// The section.
pub(super) fn section(about: &About<'_>) -> String {
    let density = about.entry.density;
    let text = format!(
        "<p>DBSCAN (Ester, Kriegel, Sander &amp; Xu 1996) looks for dense regions. A photo with at least {} photos within eps, itself among \
         them, is a <strong>core point</strong>; core points within eps of each other belong to one group, with whatever else they reach. The \
         rest is <strong>noise</strong>. Nobody has to say how many groups there are, and they may have any shape; but one eps must do for all of them.</p>\n\
         <p>The figure that helps to choose it is the sorted distance of each photo to its fifth neighbour. Where it bends upward, the \
         lonely photos begin. Here eps is {}, a cosine distance{}; it gives <strong>{} groups</strong> and leaves <strong>{} of {} photos</strong> as noise.</p>\n",
        density.min_points,
        figure("eps", density.eps, format!("{:.4}", density.eps)),
        how(about),
        count("groups", density.groups),
        count("noise", density.noise),
        grouped(about.entry.photos.into()),
    );
    let body = format!(
        "<div class=\"pair\">{}<div class=\"prose\">\n{text}</div></div>\n{}{}",
        curve(about),
        list(about),
        lonely(about)
    );
    page::section("dbscan", "DBSCAN: where are the photos dense?", &body)
}

fn sorted(about: &About<'_>) -> Vec<f32> {
    let mut distances = about.collection.grouping.distances.clone();
    distances.sort_by(f32::total_cmp);
    distances
}

/// The median is what the command takes by itself.
fn how(about: &About<'_>) -> &'static str {
    let sorted = sorted(about);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    if (median - about.entry.density.eps).abs() < 1e-5 { ", the median of this curve" } else { ", as it was given" }
}

fn curve(about: &About<'_>) -> String {
    let sorted = sorted(about);
    let eps = about.entry.density.eps;
    let last = sorted.len().saturating_sub(1);
    let steps = last.clamp(1, POINTS);
    let at = |step: usize, steps: usize| step * last / steps;
    let point = |place: usize| [place as f64 + 1.0, f64::from(sorted[place])];
    let points: Vec<_> = (0..=steps.min(last)).map(|step| point(at(step, steps))).collect();
    let row = |tenth: usize| {
        let place = at(tenth, 10);
        vec![grouped(place as u64 + 1), format!("{:.4}", sorted[place])]
    };
    let heights = sorted.iter().map(|&distance| f64::from(distance)).chain([f64::from(eps)]);
    Chart {
        id: "k-distance",
        title: "Sorted distance to the fifth neighbour",
        description: format!(
            "A line that rises from {:.4} to {:.4} over {}; eps, {eps:.4}, is marked.",
            sorted.first().unwrap_or(&0.0),
            sorted.last().unwrap_or(&0.0),
            plural(sorted.len(), "photo")
        ),
        x: Axis { label: "photos, sorted", low: 1.0, high: sorted.len().max(2) as f64 },
        y: Axis::around("cosine distance", heights, Some(0.0)),
        drawn: vec![Drawn::Level(eps.into(), format!("eps = {eps:.4}")), Drawn::Line("first", points)],
        table: Table { headings: vec!["Photo", "Distance to its fifth neighbour"], rows: (0..=10).map(row).collect() },
    }
    .figure()
}

/// The largest groups.
fn list(about: &About<'_>) -> String {
    let collection = about.collection;
    let mut groups = vec![Vec::new(); about.entry.density.groups as usize];
    for (place, label) in collection.grouping.labels.iter().enumerate() {
        label.iter().for_each(|&group| groups[group as usize].push(place));
    }
    let mut numbered: Vec<_> = groups.into_iter().enumerate().collect();
    numbered.sort_by_key(|(number, places)| (std::cmp::Reverse(places.len()), *number));
    let one = |(number, places): &(usize, Vec<usize>)| {
        let centre = photos::mean(collection, places);
        let row = photos::row(collection, &photos::nearest(collection, &centre, places.iter().copied(), MEMBERS));
        format!("<li><h4>Group {} <span>{}</span></h4>\n{row}</li>\n", number + 1, plural(places.len(), "photo"))
    };
    let items: String = numbered.iter().take(SHOWN).map(one).collect();
    if items.is_empty() {
        return "<p>No region is dense enough for a group.</p>\n".to_owned();
    }
    format!("<h3>The largest groups, each by the photos nearest to its mean</h3>\n<ol class=\"kinds\">\n{items}</ol>\n")
}

/// The photos with the fewest like them.
fn lonely(about: &About<'_>) -> String {
    let collection = about.collection;
    let mut far: Vec<_> = collection.grouping.distances.iter().copied().zip(0..).collect();
    far.sort_by(|a, b| photos::ascending(b, a));
    let noise = far.iter().map(|&(_, place)| place).filter(|&place| collection.grouping.labels[place].is_none());
    let places: Vec<_> = noise.take(MEMBERS).collect();
    if places.is_empty() {
        return String::new();
    }
    format!(
        "<h3>The loneliest photos: the farthest from their {NEIGHBOR}th neighbour</h3>\n{}",
        photos::row(collection, &places)
    )
}
