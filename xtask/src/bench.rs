//! `cargo xtask bench`: hands over to the benches of the tests package.

use anyhow::Result;

use crate::{browser, demo, run, test};

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|word| word == "--help" || word == "-h") {
        return start(arguments, None);
    }
    let browser = browser::ensure()?;
    demo::make_default()?;
    start(arguments, Some(&browser))
}

fn start(arguments: &[String], browser: Option<&browser::Browser>) -> Result<()> {
    let mut bench = run::cargo();
    bench.args(["run", "--quiet", "--release", "--package", "lookalike-tests", "--bin", "bench", "--"]);
    test::environment(bench.args(arguments), browser);
    run::stage("bench", "building and running the benches", None, &mut bench)
}
