//! The table of faults and bad input says what is so: each test that it names is there.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::BTreeSet, fs};

use lookalike_tests::root;

/// Fault, what happens, test.
fn rows() -> Vec<[String; 3]> {
    let page = fs::read_to_string(root().join("www/guide/src/faults.md")).unwrap();
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = page.lines().filter(|line| line.starts_with('|') && line.contains("::"));
    rows.map(|line| cells(line).try_into().unwrap_or_else(|_| panic!("three columns: {line}"))).collect()
}

/// Whether a file has a test of this name.
fn is_there(file: &str, name: &str) -> bool {
    let source = fs::read_to_string(root().join(file)).unwrap_or_default();
    let mut lines = source.lines();
    // Between the two may stand other attributes, such as for one system alone.
    while lines.by_ref().any(|line| line.trim() == "#[test]") {
        let function = lines.by_ref().find(|line| !line.trim().starts_with('#')).unwrap_or_default();
        if function.trim().starts_with(&format!("fn {name}(")) {
            return true;
        }
    }
    false
}

#[test]
fn every_fault_of_the_table_is_shown_by_a_test_that_is_there() {
    let rows = rows();
    assert!(rows.len() >= 60, "{} faults", rows.len());
    let faults: BTreeSet<_> = rows.iter().map(|[fault, _, _]| fault).collect();
    assert_eq!(faults.len(), rows.len(), "a fault stands twice");
    for [fault, happens, test] in &rows {
        assert!(!fault.is_empty() && !happens.is_empty(), "{test}");
        let (file, name) = test.trim_matches('`').split_once("::").unwrap();
        assert!(is_there(file, name), "{fault}: there is no test {test}");
    }
}

#[test]
fn what_is_no_test_is_not_taken_for_one() {
    assert!(is_there("tests/faults.rs", "what_is_no_test_is_not_taken_for_one"));
    assert!(!is_there("tests/faults.rs", "is_there") && !is_there("tests/nowhere.rs", "anything"));
}
