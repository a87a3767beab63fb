//! `cargo xtask bench`: hands over to the benches of the tests package.

use std::path::Path;

use anyhow::Result;

use crate::{browser, demo, node, run, test, tools::ORT};

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|word| word == "--help" || word == "-h") {
        return start(arguments, None, None);
    }
    let browser = browser::ensure()?;
    // Who brings a model for it wants to compare.
    let compares = arguments.iter().any(|word| word == "--peer-model");
    let peer = if compares { node::ensure(&ORT, "nothing is compared with it")? } else { None };
    demo::make_default()?;
    // Its script lies in `dist` of its package.
    start(arguments, Some(&browser), peer.as_deref().and_then(|script| script.ancestors().nth(2)))
}

fn start(arguments: &[String], browser: Option<&browser::Browser>, peer: Option<&Path>) -> Result<()> {
    let mut bench = run::cargo();
    bench.args(["run", "--quiet", "--release", "--package", "lookalike-tests", "--bin", "bench", "--"]);
    test::environment(bench.args(arguments), browser);
    if let Some(peer) = peer {
        bench.env("LOOKALIKE_ORT", peer);
    }
    run::stage("bench", "building and running the benches", None, &mut bench)
}
