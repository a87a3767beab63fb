//! Several methods side by side on one folder of photos in class folders.

pub mod method;
pub mod page;

pub use method::{BASELINE_SIDE, Cost, Method};

use anyhow::Result;
use serde::Serialize;

use crate::{
    agreement::{normalised_mutual_information, purity},
    cluster::{self, ClusterCount},
    evaluate::Evaluation,
    progress::Progress,
    reduction,
};

/// The methods' figures.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// Number of photos; each is a query once.
    pub images: usize,
    /// Number of classes.
    pub classes: usize,
    /// A row each, in the order in which they were named.
    pub methods: Vec<Figures>,
}

/// One method's figures. Shares are in [0, 1].
#[derive(Debug, Serialize)]
pub struct Figures {
    /// What it is called.
    pub name: String,
    /// See [`Evaluation::precision_at_1`].
    pub precision_at_1: f64,
    /// See [`Evaluation::precision_at_6`].
    pub precision_at_6: f64,
    /// See [`Evaluation::r_precision`].
    pub r_precision: f64,
    /// See [`Evaluation::mean_average_precision`].
    pub mean_average_precision: f64,
    /// Of as many k-means clusters as there are classes.
    #[serde(flatten)]
    pub agreement: Agreement,
    /// What it takes.
    #[serde(flatten)]
    pub cost: Cost,
}

/// What the columns of the table are called.
pub const HEADINGS: [&str; 11] =
    ["method", "P@1", "P@6", "R-prec.", "mAP", "purity", "NMI", "weights", "gzip", "embedding", "ms/photo"];

impl Figures {
    /// Puts together what was measured.
    pub fn new(name: String, evaluation: &Evaluation, agreement: Agreement, cost: Cost) -> Self {
        Self {
            name,
            precision_at_1: evaluation.precision_at_1,
            precision_at_6: evaluation.precision_at_6,
            r_precision: evaluation.r_precision,
            mean_average_precision: evaluation.mean_average_precision,
            agreement,
            cost,
        }
    }

    /// The cells of its row, under [`HEADINGS`].
    pub fn cells(&self) -> [String; 11] {
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        [
            self.name.clone(),
            percent(self.precision_at_1),
            percent(self.precision_at_6),
            percent(self.r_precision),
            percent(self.mean_average_precision),
            percent(self.agreement.purity),
            format!("{:.3}", self.agreement.nmi),
            bytes(self.cost.weights_bytes),
            bytes(self.cost.weights_gzip_bytes),
            bytes(self.cost.embedding_bytes),
            format!("{:.3}", self.cost.milliseconds_per_photo),
        ]
    }
}

impl Comparison {
    /// `1000 photos in 200 classes`.
    pub fn summary(&self) -> String {
        format!("{} photos in {} classes", self.images, self.classes)
    }

    /// The table's cells, headings first.
    pub fn rows(&self) -> Vec<[String; 11]> {
        std::iter::once(HEADINGS.map(str::to_owned)).chain(self.methods.iter().map(Figures::cells)).collect()
    }

    /// The table for a terminal: names to the left, numbers to the right.
    pub fn text(&self) -> String {
        let rows = self.rows();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 11] = std::array::from_fn(width);
        let line = |row: &[String; 11]| {
            let name = format!("{:<width$}", row[0], width = widths[0]);
            let numbers = (1..row.len()).map(|at| format!("  {:>width$}", row[at], width = widths[at]));
            std::iter::once(name).chain(numbers).collect::<String>()
        };
        std::iter::once(self.summary()).chain(rows.iter().map(line)).collect::<Vec<_>>().join("\n")
    }
}

/// `–`, `512 B`, `16.4 kB`, `3.2 MB`.
fn bytes(count: usize) -> String {
    match count {
        0 => "–".to_owned(),
        1..10_000 => format!("{count} B"),
        10_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// How far k-means clusters agree with classes.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Agreement {
    /// See [`purity`].
    pub purity: f64,
    /// See [`normalised_mutual_information`].
    pub nmi: f64,
}

/// Clusters vectors as a site's are clustered, into `k` clusters. Vectors wider than an embedding are
/// [reduced](reduction::embeddings) first.
///
/// # Errors
/// As [`cluster::cluster`].
pub fn agreement(vectors: &[Vec<f32>], classes: &[&str], k: usize, seed: u64) -> Result<Agreement> {
    let progress = Progress::new("k-means", vectors.len());
    let labels = cluster::cluster(&reduction::embeddings(vectors, seed)?, ClusterCount::Fixed(k), seed)?.labels;
    progress.finish(crate::photos::plural(k, "cluster"));
    let (purity, nmi) = (purity(&labels, classes), normalised_mutual_information(&labels, classes));
    Ok(Agreement { purity, nmi })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_units_that_fit() {
        let told = [0, 128, 9_999, 16_384, 3_240_000].map(bytes);
        assert_eq!(told, ["–", "128 B", "9999 B", "16.4 kB", "3.2 MB"]);
    }

    #[test]
    fn vectors_in_blobs_agree_with_their_classes() {
        let axis = |axis: usize| (0..100).map(|at| f32::from(u8::from(at == axis))).collect::<Vec<_>>();
        let vectors: Vec<_> = (0..30).map(|at| axis(at / 10)).collect();
        let classes: Vec<_> = (0..30).map(|at| ["a", "b", "c"][at / 10]).collect();
        let agreement = agreement(&vectors, &classes, 3, 1).unwrap();
        assert!(agreement.purity > 0.999 && agreement.nmi > 0.999, "{agreement:?}");
    }
}
