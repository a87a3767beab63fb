//! How far clusters agree with classes (Manning et al., 2008, section 16.3). Neither sees the other's names.

use std::collections::BTreeMap;

/// Share of photos in the class that is most frequent in their cluster, in (0, 1]. More clusters make it larger.
pub fn purity(clusters: &[u32], classes: &[&str]) -> f64 {
    let mut largest = BTreeMap::new();
    for ((cluster, _), count) in counts(clusters.iter().zip(classes)) {
        let most = largest.entry(cluster).or_insert(0);
        *most = count.max(*most);
    }
    largest.values().sum::<usize>() as f64 / clusters.len().max(1) as f64
}

/// Normalised mutual information, 2 I(K; C) / (H(K) + H(C)), in [0, 1]: 0 when a photo's cluster K tells nothing about
/// its class C, 1 when each tells the other.
pub fn normalised_mutual_information(clusters: &[u32], classes: &[&str]) -> f64 {
    let (of_clusters, of_classes) = (entropy(clusters.iter()), entropy(classes.iter()));
    let information = of_clusters + of_classes - entropy(clusters.iter().zip(classes));
    let mean = (of_clusters + of_classes) / 2.0;
    // A single cluster of a single class: they are the same.
    if mean == 0.0 { 1.0 } else { (information / mean).clamp(0.0, 1.0) }
}

/// Entropy H = −Σ p ln p of labels, in nats.
fn entropy<T: Ord>(labels: impl ExactSizeIterator<Item = T>) -> f64 {
    let total = labels.len() as f64;
    counts(labels).into_values().map(|count| count as f64 / total).map(|p| -p * p.ln()).sum()
}

/// How often each label occurs, in the order of the labels.
fn counts<T: Ord>(labels: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    labels.for_each(|label| *counts.entry(label).or_insert(0) += 1);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(clusters: &[u32], classes: &[&str], purity_by_hand: f64, nmi_by_hand: f64) {
        assert!((purity(clusters, classes) - purity_by_hand).abs() < 1e-12, "{}", purity(clusters, classes));
        let nmi = normalised_mutual_information(clusters, classes);
        assert!((nmi - nmi_by_hand).abs() < 1e-12, "{nmi}");
    }

    #[test]
    fn perfect_clusters_are_one_whatever_their_numbers() {
        check(&[7, 7, 0, 0, 3], &["a", "a", "b", "b", "c"], 1.0, 1.0);
        check(&[0, 0], &["a", "a"], 1.0, 1.0);
    }

    #[test]
    fn one_cluster_tells_nothing() {
        check(&[0; 4], &["a", "a", "a", "b"], 0.75, 0.0);
    }

    #[test]
    fn independent_clusters_tell_nothing() {
        check(&[0, 1, 0, 1], &["a", "a", "b", "b"], 0.5, 0.0);
    }

    #[test]
    fn a_cluster_each_is_pure_but_not_the_classes() {
        // I = H(C) = ln 2 and H(K) = ln 4, so 2 ln 2 / (ln 4 + ln 2).
        check(&[0, 1, 2, 3], &["a", "a", "b", "b"], 1.0, 2.0 / 3.0);
    }

    #[test]
    fn mixed_clusters_by_hand() {
        // Clusters of 2 and 4 photos, classes of 3 and 3; together 2, 1 and 3.
        let sixths = |counts: &[f64]| counts.iter().map(|c| -c / 6.0 * (c / 6.0).ln()).sum::<f64>();
        let (of_clusters, of_classes) = (sixths(&[2.0, 4.0]), sixths(&[3.0, 3.0]));
        let information = of_clusters + of_classes - sixths(&[2.0, 1.0, 3.0]);
        let classes = ["a", "a", "a", "b", "b", "b"];
        check(&[0, 0, 1, 1, 1, 1], &classes, 5.0 / 6.0, 2.0 * information / (of_clusters + of_classes));
    }
}
