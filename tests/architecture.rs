//! The rules of ARCHITECTURE.md that a machine can check.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use lookalike_tests::root;

/// The modules of `src/` in the order in which a photo flows; a module imports only those above it.
const ORDER: [&str; 26] = [
    "photo",
    "crop",
    "placeholder",
    "thumbnail",
    "preprocess",
    "colour",
    "lanes",
    "symmetry",
    "embedding",
    "mix",
    "why",
    "encoder",
    "gallery",
    "numbers",
    "filter",
    "search",
    "cells",
    "duplicates",
    "descriptor",
    "likeness",
    "cluster",
    "map",
    "folder",
    "table",
    "engine",
    "web",
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(rust_files(&path)),
            false if path.extension().is_some_and(|e| e == "rs") => files.push(path),
            false => {}
        }
    }
    files.sort();
    files
}

/// A file's text without its test module, which comes last.
fn product(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned()
}

fn module_of(path: &Path) -> Option<usize> {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
    ORDER.iter().position(|module| *module == first)
}

#[test]
fn modules_import_only_those_above_them() {
    let mut wrong = BTreeSet::new();
    for path in rust_files(&root().join("src")) {
        let Some(place) = module_of(&path) else { continue };
        let text = product(&path);
        for (other, module) in ORDER.iter().enumerate().filter(|(other, _)| *other > place) {
            let imports = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let direct = imports.clone().any(|line| line.contains(&format!("crate::{module}")));
            // Inside `use crate::{ … }` a module stands at the beginning of a line or behind a comma.
            let grouped = text.split("use crate::{").skip(1).any(|rest| {
                rest.split("};")
                    .next()
                    .unwrap_or_default()
                    .split([',', '\n', '{'])
                    .any(|part| part.trim().split("::").next() == Some(module))
            });
            if direct || grouped {
                wrong.insert(format!("{} imports {} (place {other})", path.display(), module));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_core_does_no_input_or_output() {
    let forbidden = [
        "std::fs",
        "std::net",
        "std::thread",
        "std::time",
        "std::env",
        "std::process",
        "println!",
        "eprintln!",
        "rand::",
        "HashMap",
    ];
    for path in rust_files(&root().join("src")) {
        if module_of(&path).is_none_or(|module| ORDER[module] == "web") {
            continue;
        }
        for word in forbidden {
            assert!(!product(&path).contains(word), "{} uses {word}", path.display());
        }
    }
}

#[test]
fn bincode_is_in_no_program() {
    for path in rust_files(&root().join("src")).into_iter().chain(rust_files(&root().join("training/src"))) {
        let uses = product(&path).lines().any(|line| !line.trim_start().starts_with("//") && line.contains("bincode"));
        assert!(!uses, "{}", path.display());
    }
}

/// What stands between quotes in a line, as far as that can be told without a parser.
fn literals(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

/// Three words in a row: selectors, classes and keys have none.
fn is_sentence(literal: &str) -> bool {
    let is_word = |word: &str| word.len() > 1 && word.chars().all(|letter| letter.is_alphabetic() || letter == '\'');
    let words: Vec<_> = literal.trim_end_matches(['.', '!', '?']).split(' ').collect();
    words.windows(3).any(|three| three.iter().all(|word| is_word(word)))
}

/// The sentences in a file.
fn sentences(path: &Path) -> Vec<String> {
    let text = product(path);
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(literals).filter(|literal| is_sentence(literal)).map(str::to_owned).collect()
}

/// What people read on the page, but for `index.html`; and details of what went wrong, which follow it.
const WORDS: [&str; 7] = [
    "src/web/page/text.rs",
    "src/web/page/text",
    "src/web/details.rs",
    "www/boot.js",
    "www/lookalike.js",
    "www/lookalike-search.js",
    "www/worker_search.js",
];

/// Whoever translates the page finds everything in the files that ARCHITECTURE.md names.
#[test]
fn what_the_page_says_stands_in_one_place() {
    assert!(
        is_sentence("The page has stopped.") && !is_sentence("li a, li button") && !is_sentence("chip c{} {shape}")
    );
    let scripts = fs::read_dir(root().join("www")).unwrap().map(|entry| entry.unwrap().path());
    let scripts = scripts.filter(|path| path.extension().is_some_and(|e| e == "js"));
    let (words, others): (Vec<_>, Vec<_>) = rust_files(&root().join("src/web"))
        .into_iter()
        .chain(scripts)
        .partition(|path| WORDS.iter().any(|words| path.starts_with(root().join(words))));
    for path in others {
        assert_eq!(sentences(&path), Vec::<String>::new(), "{}: words for people stand elsewhere", path.display());
    }
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for file in WORDS {
        let file = file.trim_start_matches("src/web/").trim_start_matches("page/");
        assert!(page.contains(file) && words.iter().any(|path| !sentences(path).is_empty()), "{file}");
    }
}

/// What it says of errors follows a sentence of the page's: it begins with a small letter, or with the name of a file.
#[test]
fn the_core_begins_no_sentence() {
    let mut details = 0;
    for path in rust_files(&root().join("src")) {
        if module_of(&path).is_none_or(|module| ORDER[module] == "web") {
            continue;
        }
        for sentence in sentences(&path) {
            details += 1;
            assert!(!sentence.starts_with(char::is_uppercase), "{}: {sentence:?}", path.display());
        }
    }
    assert!(details > 50, "{details}");
}

#[test]
fn training_and_web_never_meet() {
    for path in rust_files(&root().join("training/src")) {
        assert!(!product(&path).contains("lookalike::web"), "{}", path.display());
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let package = manifest.split("[dependencies]").nth(1).unwrap();
    assert!(!package.contains("lookalike-training"));
}

#[test]
fn every_file_is_short_enough_to_read() {
    for folder in ["src", "training/src", "xtask/src"] {
        for path in rust_files(&root().join(folder)) {
            let lines = product(&path).lines().count();
            assert!(lines <= 330, "{} has {lines} lines: one job, or several?", path.display());
        }
    }
}
