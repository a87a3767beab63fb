//! k-means: how k was chosen, and what its clusters hold.

use super::{
    About,
    page::{self, count, figure},
    photos,
};
use crate::{
    chart::{Axis, Chart, Drawn, Table},
    cluster::Candidate,
    export::Collection,
    html::grouped,
    photos::plural,
};

/// Clusters that are shown; the largest come first.
const SHOWN: usize = 24;

/// Photos that are shown of each.
const EXEMPLARS: usize = 6;

/// The section.
pub(super) fn section(about: &About<'_>) -> String {
    let clustering = &about.collection.clustering;
    let (k, entry) = (clustering.clusters.len(), about.entry);
    let how = if clustering.tried.is_empty() {
        "given when the gallery was built"
    } else {
        "taken for its silhouette, the highest"
    };
    let silhouette = entry
        .silhouette
        .map_or(String::new(), |s| format!(" and the silhouette {}", figure("silhouette", s, format!("{s:.3}"))));
    let text = format!(
        "<p>k-means (MacQueen 1967; Lloyd 1982) puts k centroids among the photos so that the mean squared distance of a photo to its \
         nearest centroid, the <strong>inertia</strong>, is small; ten starts, of which the best counts. k = {} was {how}; with it the inertia is {}{silhouette}.</p>\n\
         <p>Inertia always falls when k grows: a cluster for each photo would make it zero. So one looks for an elbow, after which \
         more clusters bring little, or asks the <strong>silhouette</strong> (Rousseeuw 1987): how much nearer a photo is to \
         its own cluster than to the next one, from −1 to 1. Around 0 the clusters run into each other, which photos of everyday \
         things mostly do: then k-means draws borders where there are none, and another k would be as true.</p>\n",
        count("k", k as u64),
        figure("inertia", clustering.inertia, format!("{:.3}", clustering.inertia)),
    );
    let body = format!("<div class=\"prose\">\n{text}</div>\n{}{}", charts(about), list(about));
    page::section("k-means", "k-means: how many kinds of photos?", &body)
}

fn charts(about: &About<'_>) -> String {
    let candidates = &about.candidates.figures;
    if candidates.len() < 2 {
        return "<p>There are too few different photos to compare numbers of clusters.</p>\n".to_owned();
    }
    let inertia = chart(about, ["inertia-by-k", "Inertia against k", "inertia"], |c| Some(c.inertia));
    let silhouette = chart(about, ["silhouette-by-k", "Silhouette against k", "silhouette"], |c| c.silhouette);
    let (tried, all) = (about.candidates.photos, about.collection.files.len());
    let sample = if tried < all {
        format!("<p class=\"small\">The curves are those of {} photos taken at random.</p>\n", grouped(tried as u64))
    } else {
        String::new()
    };
    format!("<div class=\"pair\">{inertia}{silhouette}</div>\n{sample}")
}

fn chart(about: &About<'_>, [id, title, label]: [&str; 3], figure: fn(&Candidate) -> Option<f64>) -> String {
    let k = about.collection.clustering.clusters.len();
    let figures: Vec<_> = about.candidates.figures.iter().filter_map(|c| Some((c.k, figure(c)?))).collect();
    let points: Vec<_> = figures.iter().map(|&(k, value)| [k as f64, value]).collect();
    let largest = figures.iter().map(|&(k, _)| k).max().unwrap_or(2).max(k) as f64;
    Chart {
        id,
        title,
        description: format!("A line over k from 2 to {largest}; k = {k} is marked."),
        x: Axis { label: "number of clusters k", low: 1.0, high: largest + 1.0 },
        y: Axis::around(label, points.iter().map(|point| point[1]), None),
        drawn: vec![
            Drawn::Uprights(vec![(k as f64, format!("k = {k}"))]),
            Drawn::Line("first", points.clone()),
            Drawn::Dots(points),
        ],
        table: Table {
            headings: vec!["k", label],
            rows: figures.iter().map(|(k, value)| vec![k.to_string(), format!("{value:.4}")]).collect(),
        },
    }
    .figure()
}

fn list(about: &About<'_>) -> String {
    let collection = about.collection;
    let all = &collection.clustering.clusters;
    let one = |cluster: usize| {
        let shape = ["", " square", " diamond"][cluster / 12 % 3];
        let chip = format!("<span class=\"chip c{}{shape}\"></span>", cluster % 12);
        let size = plural(all[cluster].size as usize, "photo");
        let row = photos::row(collection, &exemplars(collection, cluster, EXEMPLARS));
        format!("<li><h4>{chip} Cluster {} <span>{size}</span></h4>\n{row}</li>\n", cluster + 1)
    };
    let items: String = (0..all.len().min(SHOWN)).map(one).collect();
    let rest = all.len().saturating_sub(SHOWN);
    let rest = if rest > 0 { format!("<p class=\"small\">And {rest} smaller ones.</p>\n") } else { String::new() };
    format!(
        "<h3>The clusters, each by its exemplars: the photos nearest to its centroid</h3>\n<ol class=\"kinds\">\n{items}</ol>\n{rest}"
    )
}

fn exemplars(collection: &Collection<'_>, cluster: usize, count: usize) -> Vec<usize> {
    let clustering = collection.clustering;
    let members = (0..collection.files.len()).filter(|&place| clustering.labels[place] as usize == cluster);
    photos::nearest(collection, &clustering.clusters[cluster].centroid, members, count)
}

/// Photos that stand for the collection: the first exemplar of each cluster, then the second, and so on.
pub(super) fn typical(collection: &Collection<'_>, count: usize) -> Vec<usize> {
    let clusters = collection.clustering.clusters.len().min(count);
    let exemplars: Vec<_> = (0..clusters).map(|cluster| exemplars(collection, cluster, count)).collect();
    let turns = (0..count).flat_map(|turn| exemplars.iter().filter_map(move |places| places.get(turn).copied()));
    turns.take(count).collect()
}
