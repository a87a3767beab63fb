//! `cargo xtask bench`: hands over to the benches of the tests package.

use std::path::PathBuf;

use anyhow::Result;

use crate::{
    browser, demo, node, run, test,
    tools::{EDGEVEC, HNSWLIB, ORT, Tool, VOY},
};

/// Where the benches look for the packages that they compare with.
const ORT_FOLDER: &str = "LOOKALIKE_ORT";
const SEARCH_FOLDERS: [(&str, &Tool); 3] =
    [("LOOKALIKE_VOY", &VOY), ("LOOKALIKE_HNSWLIB", &HNSWLIB), ("LOOKALIKE_EDGEVEC", &EDGEVEC)];

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|word| word == "--help" || word == "-h") {
        return start(arguments, None, &[]);
    }
    let browser = browser::ensure()?;
    let mut folders = Vec::new();
    let mut fetch = |variable, tool| -> Result<()> {
        folders.extend(node::package(tool, "nothing is compared with it")?.map(|folder| (variable, folder)));
        Ok(())
    };
    // Who brings a model for it wants to compare.
    if arguments.iter().any(|word| word == "--peer-model") {
        fetch(ORT_FOLDER, &ORT)?;
    }
    if wants(arguments, "search") {
        SEARCH_FOLDERS.into_iter().try_for_each(|(variable, tool)| fetch(variable, tool))?;
    }
    demo::make_default()?;
    start(arguments, Some(&browser), &folders)
}

/// Whether a part is among those named, or none is named: then all are run.
fn wants(arguments: &[String], part: &str) -> bool {
    let mut words = arguments.iter();
    let mut named = false;
    while let Some(word) = words.next() {
        if word == part {
            return true;
        }
        if !word.starts_with("--") {
            named = true;
        } else if word != "--write" {
            // All other options have a value.
            words.next();
        }
    }
    !named
}

fn start(arguments: &[String], browser: Option<&browser::Browser>, folders: &[(&str, PathBuf)]) -> Result<()> {
    let mut bench = run::cargo();
    bench.args(["run", "--quiet", "--release", "--package", "lookalike-tests", "--bin", "bench", "--"]);
    test::environment(bench.args(arguments), browser);
    bench.envs(folders.iter().map(|(variable, folder)| (variable, folder)));
    run::stage("bench", "building and running the benches", None, &mut bench)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_wanted_if_it_is_named_or_none_is() {
        let wanted = |line: &str| wants(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), "search");
        assert!(wanted("") && wanted("--write") && wanted("tasks search --write") && wanted("--photos DIR"));
        assert!(!wanted("tasks") && !wanted("--write native --photos search"));
    }
}
