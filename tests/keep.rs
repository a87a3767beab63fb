//! What a visitor takes along: results as files.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path};

use lookalike_tests::{
    driver::wait,
    journey::{MORE, choose},
    page::{LAPTOP, PHONE, Page},
    samples,
    server::Server,
    skipped,
    steps::{PATIENCE, SIZES, assert_fits, click, open, save_into},
};
use serde_json::Value;

/// Clicks a hook and reads the file that comes.
fn saved(page: &Page, hook: &str, file: &Path) -> String {
    click(page, hook);
    wait(PATIENCE, || Ok(fs::read_to_string(file).ok().filter(|text| !text.is_empty()))).unwrap()
}

#[test]
fn the_results_on_the_screen_are_saved_as_they_are() {
    if skipped() {
        return;
    }
    let (server, folder) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let page = open(&server, "", LAPTOP);
    save_into(&page, folder.path());
    assert_eq!(page.text("csv").unwrap(), "", "there is nothing to save yet");
    page.ask(&samples()[0]).unwrap();
    page.browser.click(MORE).unwrap();
    let shown = page.shown().unwrap();
    assert_eq!(shown.results.len(), 24);
    let list: Value = serde_json::from_str(&saved(&page, "json", &folder.path().join("similar.json"))).unwrap();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 24);
    for (rank, (row, (path, similarity))) in list.iter().zip(&shown.results).enumerate() {
        assert_eq!((row["rank"].as_u64(), row["path"].as_str()), (Some(rank as u64 + 1), Some(path.as_str())));
        assert!((row["similarity"].as_f64().unwrap() - similarity).abs() < 1e-7);
        assert!(["", "related", "look-alike", "near-duplicate", "identical"].contains(&row["word"].as_str().unwrap()));
        assert!(row["cluster"].as_u64().unwrap() >= 1);
    }
    let table = saved(&page, "csv", &folder.path().join("similar.csv"));
    let mut table = csv::Reader::from_reader(table.as_bytes());
    let columns = ["rank", "path", "similarity", "word", "cluster", "title", "link", "tags"];
    assert_eq!(table.headers().unwrap(), columns.as_slice());
    let lines: Vec<_> = table.records().map(Result::unwrap).collect();
    assert_eq!(lines.len(), 24);
    for (line, row) in lines.iter().zip(list) {
        let fields = columns.map(|name| match &row[name] {
            Value::String(words) => words.clone(),
            Value::Array(words) => words.iter().map(|word| word.as_str().unwrap()).collect::<Vec<_>>().join("; "),
            number => number.to_string(),
        });
        assert_eq!(line, fields.as_slice());
    }
    // Of a photo of the collection as well.
    fs::remove_file(folder.path().join("similar.csv")).unwrap();
    let near = choose(&page, 1);
    let table = saved(&page, "csv", &folder.path().join("similar.csv"));
    assert!(table.lines().nth(1).unwrap().starts_with(&format!("1,{},", near.results[0].0)), "{table}");
    assert_eq!(server.sent(), Vec::<String>::new());
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn the_buttons_fit_every_screen() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    for size in SIZES.into_iter().chain([PHONE]) {
        let page = open(&server, "", size);
        page.ask(&samples()[1]).unwrap();
        assert_fits(&page, size, "saving");
        page.browser.screenshot(&format!("keep-{}", size.0)).unwrap();
    }
}
