//! The nearest neighbours: how alike they are, and from when on that has a word.

use lookalike::{
    gallery::{Entry, Thresholds},
    likeness::{Likeness, is_calibrated, likeness},
};

use super::{
    About,
    page::{self, figure},
};
use crate::{
    chart::{Axis, Chart, Drawn, Table},
    html::grouped,
};

/// Bars of the histogram.
const BINS: usize = 40;

/// The section.
pub(super) fn section(about: &About<'_>) -> String {
    let neighbors = about.neighbors;
    if neighbors.is_empty() {
        return page::section("knn", HEADING, "<p>A photo alone has no neighbour.</p>\n");
    }
    let thresholds = &about.entry.likeness;
    let words = if is_calibrated(thresholds) { CALIBRATED } else { UNCALIBRATED };
    let text = format!(
        "<p>The answer to a photo is its <strong>k nearest neighbours</strong> (Fix &amp; Hodges 1951; Cover &amp; Hart 1967) by cosine similarity: all photos \
         count, none is skipped, so the answer is exact. A cosine alone says little, though: which figure is high depends on the encoder and on the \
         photos. So each photo of the collection was asked for its own nearest neighbour; the histogram shows how similar those are.</p>\n{words}",
    );
    let methods = methods(about.entry);
    let (histogram, table) = (histogram(about), table(about));
    let body = format!("<div class=\"pair\">{histogram}<div class=\"prose\">\n{text}{methods}{table}</div></div>\n");
    page::section("knn", HEADING, &body)
}

const HEADING: &str = "Nearest neighbours: how alike is alike?";

const CALIBRATED: &str = "<p>The words come from there. <em>Look-alike</em> begins at the median: half of the photos have a neighbour as close. \
<em>Related</em> is what one pair of photos in twenty reaches. <em>Near-duplicate</em> is within half of the angle of look-alike, and <em>identical</em> leaves \
no more than rounding.</p>\n";

const UNCALIBRATED: &str = "<p>This collection is too small, or its photos too equal, to tell what is usual: only <em>identical</em> photos get a word.</p>\n";

/// What else the gallery's page can search with.
fn methods(entry: &Entry) -> &'static str {
    match (entry.miniatures, entry.autoencoder) {
        (None, _) => "",
        (Some(_), None) => METHODS,
        (Some(_), Some(_)) => METHODS_AND_AUTOENCODER,
    }
}

const METHODS: &str = "<p>Another way to describe photos finds other neighbours. <em>Compare the methods</em>, on the page of the gallery, shows those by \
raw pixels and by colour histogram above those of the encoder, for any photo.</p>\n";

const METHODS_AND_AUTOENCODER: &str = "<p>Another way to describe photos finds other neighbours. <em>Compare the methods</em>, on the page of the gallery, \
shows those by raw pixels, by colour histogram, and by a plain autoencoder that was trained from scratch, above those of the encoder, for any photo.</p>\n";

/// Each word with its threshold, the weakest first.
fn words(thresholds: &Thresholds) -> Vec<(Likeness, f32)> {
    let all = [
        (Likeness::Related, thresholds.related),
        (Likeness::LookAlike, thresholds.look_alike),
        (Likeness::NearDuplicate, thresholds.near_duplicate),
        (Likeness::Identical, thresholds.identical),
    ];
    let calibrated = is_calibrated(thresholds);
    all.into_iter().filter(|(word, _)| calibrated || *word == Likeness::Identical).collect()
}

/// How many photos have a neighbour that deserves each word.
fn table(about: &About<'_>) -> String {
    let thresholds = &about.entry.likeness;
    let deserve =
        |word| about.neighbors.iter().filter(|&&similarity| likeness(similarity, thresholds) == word).count() as u64;
    let row = |name: &str, from: String, count: u64| {
        format!("<tr><th scope=\"row\">{name}</th><td>{from}</td><td>{}</td></tr>\n", grouped(count))
    };
    let none = row("no word", "–".to_owned(), deserve(None));
    let rows = words(thresholds).into_iter().map(|(word, from)| {
        let name = word.name();
        row(name, figure(name, from, format!("{from:.4}")), deserve(Some(word)))
    });
    format!(
        "<table>\n<thead><tr><th scope=\"col\">Nearest neighbour</th><th scope=\"col\">from</th><th scope=\"col\">photos</th></tr></thead>\n\
         <tbody>\n{none}{}</tbody>\n</table>\n",
        rows.collect::<String>()
    )
}

fn histogram(about: &About<'_>) -> String {
    let thresholds = words(&about.entry.likeness);
    let all = || about.neighbors.iter().map(|&similarity| f64::from(similarity));
    let least = all().chain(thresholds.iter().map(|&(_, from)| f64::from(from))).fold(1.0, f64::min);
    // From a round number on, so that the bars have round borders.
    let low = (least * 20.0).floor().min(19.0) / 20.0;
    let width = (1.0 - low) / BINS as f64;
    let mut counts = [0_u64; BINS];
    all().for_each(|similarity| counts[(((similarity - low) / width) as usize).min(BINS - 1)] += 1);
    let border = |at: usize| low + width * at as f64;
    let bars = (0..BINS).map(|at| [border(at), border(at + 1), counts[at] as f64]).collect();
    let row = |at: usize| vec![format!("{:.3} to {:.3}", border(at), border(at + 1)), grouped(counts[at])];
    let marks = thresholds.iter().map(|&(word, from)| (f64::from(from), word.name().to_owned())).collect();
    Chart {
        id: "neighbours",
        title: "Similarity of each photo to its nearest neighbour",
        description: format!(
            "A histogram of {} similarities from {low:.2} to 1, with the thresholds of the words marked.",
            about.neighbors.len()
        ),
        x: Axis { label: "cosine similarity", low, high: 1.0 },
        // With room for the words above the bars.
        y: Axis { label: "photos", low: 0.0, high: 1.35 * counts.iter().max().map_or(1.0, |&most| most as f64) },
        drawn: vec![Drawn::Bars(bars), Drawn::Uprights(marks)],
        table: Table { headings: vec!["Similarity", "Photos"], rows: (0..BINS).map(row).collect() },
    }
    .figure()
}
