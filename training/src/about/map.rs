//! The map: what t-SNE can say and what it can't.

use std::fmt::Write as _;

use super::{
    About,
    page::{self, figure},
};
use crate::{html::grouped, trustworthiness::NEIGHBORS};

/// Dots at most: of a larger collection, every so many-th photo.
const DOTS: usize = 8000;

/// Colours of the style sheet.
const COLOURS: u32 = 12;

/// Side of the picture, in its own units.
const SIDE: f32 = 1000.0;

/// The section.
pub(super) fn section(about: &About<'_>) -> String {
    let perplexity = about.entry.perplexity;
    let method = if perplexity > 0.0 { tsne(about) } else { TOO_FEW.to_owned() };
    let body =
        format!("<div class=\"pair\">{}<div class=\"prose\">\n{method}{}</div></div>\n", picture(about), trust(about));
    page::section("t-sne", "t-SNE: a map of a space that has none", &body)
}

const TOO_FEW: &str = "<p>There are too few photos for t&#8209;SNE: the map shows the first two <strong>principal components</strong>, the directions \
in which the photos differ most. Distances on it are true as far as two of many directions can be.</p>\n";

fn tsne(about: &About<'_>) -> String {
    let (perplexity, width) = (about.entry.perplexity, about.entry.width);
    format!(
        "<p>No sheet of paper has room for the distances of {width} dimensions. t&#8209;SNE (van der Maaten &amp; Hinton 2008) gives up on most of \
         them and keeps neighbourhoods: photos that are close should be close on the map. The <strong>perplexity</strong>, here {}, \
         says about how many neighbours matter to a photo. It starts from the first two principal components (Kobak &amp; Berens 2019), so that the same photos \
         give the same map.</p>\n\
         <p>What the map <strong>can</strong> say: dots side by side are mostly photos that look alike, and an island is mostly a kind of photo.</p>\n\
         <p>What it <strong>can't</strong> say (Wattenberg, Viégas &amp; Johnson 2016): how different two islands are, by the sea between \
         them; how varied a kind is, by the size of its island, since t&#8209;SNE spreads dense regions and draws sparse ones together; which way is up. \
         And with a small perplexity it finds islands in pure chance.</p>\n",
        figure("perplexity", perplexity, perplexity)
    )
}

fn trust(about: &About<'_>) -> String {
    let Some(trust) = about.trustworthiness else { return String::new() };
    format!(
        "<p>One figure for all that is the <strong>trustworthiness</strong> (Venna &amp; Kaski 2001), from 0 to 1: do a photo's {NEIGHBORS} nearest dots on \
         the map belong to its nearest in truth, and if not, by how many ranks do they miss? This map has {}; a map drawn by chance has about 0.5.</p>\n",
        figure("trustworthiness", trust, format!("{trust:.3}"))
    )
}

/// Dots in the colours of their clusters; one path a cluster, each dot a line of no length with a round end.
fn picture(about: &About<'_>) -> String {
    let (points, labels) = (&about.collection.map.points, &about.collection.clustering.labels);
    let every = points.len().div_ceil(DOTS).max(1);
    let clusters = about.collection.clustering.clusters.len() as u32;
    let place = |x: f32| ((x + 1.04) / 2.08 * SIDE).round();
    let dots = |cluster: u32| {
        let mut path = String::new();
        for (point, _) in points.iter().zip(labels).step_by(every).filter(|(_, label)| **label == cluster) {
            write!(path, "M{} {}h0", place(point[0]), place(-point[1])).ok();
        }
        let shape = if cluster / COLOURS % 2 == 1 { " square" } else { "" };
        format!("<path class=\"dot d{}{shape}\" d=\"{path}\"/>\n", cluster % COLOURS)
    };
    let dots: String = (0..clusters).map(dots).collect();
    let (all, method) = (points.len(), if about.entry.perplexity > 0.0 { "t-SNE" } else { "principal components" });
    let part = if every > 1 { format!(", one in {every} of them drawn") } else { String::new() };
    format!(
        "<figure class=\"chart\" id=\"dots\">\n<figcaption>The map: {} photos{part}</figcaption>\n\
         <svg viewBox=\"0 0 {SIDE} {SIDE}\" role=\"img\" aria-labelledby=\"dots-title dots-words\">\n\
         <title id=\"dots-title\">The map of the collection</title>\n\
         <desc id=\"dots-words\">Each dot is a photo, placed by {method}, in the colour of its k-means cluster.</desc>\n{dots}</svg>\n\
         <p class=\"small\">Each dot is a photo in the colour of its cluster. The <a href=\"./\">search</a> has the same map with the photos in it.</p>\n</figure>\n",
        grouped(all as u64)
    )
}
