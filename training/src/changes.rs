//! What a build changes about the site that is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use lookalike::gallery::Gallery;

use crate::{html::grouped, photos::plural};

/// How many photos a site gains, loses and keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes {
    /// Of a new name and content.
    pub added: usize,
    /// Of the same name with another content.
    pub changed: usize,
    /// Of a new name, where the old one is gone.
    pub renamed: usize,
    /// No longer there.
    pub removed: usize,
    /// As before.
    pub same: usize,
}

/// Photos by their paths, each with what names its thumbnail.
pub type Photos = BTreeMap<String, u64>;

/// The photos of a site. Its thumbnails' names stand for their contents.
pub fn photos(gallery: &Gallery) -> Photos {
    gallery.items.iter().map(|item| (item.path.clone(), item.thumb)).collect()
}

impl Changes {
    /// From the photos of the old site to those of the new.
    pub fn between(old: &Photos, new: &Photos) -> Self {
        let gone: Vec<_> = old.iter().filter(|(path, _)| !new.contains_key(*path)).collect();
        let gone_contents: BTreeSet<_> = gone.iter().map(|(_, content)| **content).collect();
        let mut changes = Self::default();
        for (path, content) in new {
            match old.get(path) {
                Some(before) if before == content => changes.same += 1,
                Some(_) => changes.changed += 1,
                None if gone_contents.contains(content) && changes.renamed < gone.len() => changes.renamed += 1,
                None => changes.added += 1,
            }
        }
        changes.removed = gone.len() - changes.renamed;
        changes
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { added, changed, renamed, removed, same } = *self;
        let parts = [(changed, "changed"), (renamed, "renamed"), (removed, "removed")];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let mut words: Vec<_> = parts.map(|(count, what)| format!("{} {what}", grouped(*count as u64))).collect();
        if added > 0 {
            words.insert(0, format!("+{}", plural(added, "photo")));
        }
        match words.is_empty() {
            true => write!(f, "the same {}", plural(same, "photo")),
            false => write!(f, "{}; {} as before", words.join(", "), grouped(same as u64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photos(all: &[(&str, u64)]) -> Photos {
        all.iter().map(|&(path, content)| (path.to_owned(), content)).collect()
    }

    fn told(old: &[(&str, u64)], new: &[(&str, u64)]) -> String {
        Changes::between(&photos(old), &photos(new)).to_string()
    }

    #[test]
    fn every_photo_is_told_once() {
        let old = [("a", 1), ("b", 2), ("c", 3), ("d", 4)];
        assert_eq!(told(&old, &old), "the same 4 photos");
        assert_eq!(
            told(&old, &[("a", 1), ("b", 9), ("e", 3), ("f", 7)]),
            "+1 photo, 1 changed, 1 renamed, 1 removed; 1 as before"
        );
        assert_eq!(told(&old, &[("a", 1)]), "3 removed; 1 as before");
    }

    #[test]
    fn a_copy_is_new_and_one_of_two_copies_may_go() {
        assert_eq!(told(&[("a", 1)], &[("a", 1), ("b", 1)]), "+1 photo; 1 as before");
        assert_eq!(told(&[("a", 1), ("b", 1)], &[("b", 1)]), "1 removed; 1 as before");
        assert_eq!(told(&[("a", 1)], &[("b", 1), ("c", 1)]), "+1 photo, 1 renamed; 0 as before");
    }
}
