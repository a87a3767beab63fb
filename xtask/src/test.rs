//! `cargo xtask test`: what must hold before anything is merged.

use std::process::Command;

use anyhow::{Context as _, Result};

use crate::{
    args,
    browser::{self, Browser},
    demo, deny, engines, lint, node, package, paths, run,
    tools::AXE,
};

pub(crate) fn command(options: &args::Test) -> Result<()> {
    // What may be missing on this machine is asked for before the long builds.
    let browser = if options.browser { Some(browser::ensure()?) } else { None };
    let others = if options.browser { engines::ensure()? } else { Vec::new() };
    let axe = if options.browser { node::ensure(&AXE, "the tests of accessibility are skipped")? } else { None };
    if options.lint {
        lint::all()?;
    } else {
        lint::format()?;
    }
    if options.deny {
        deny::command()?;
    }
    match &browser {
        Some(_) => {
            demo::make_default()?;
            demo::build_one_file()?;
            package::pack(&paths::one_file(), &package::host()?)?;
        }
        None => demo::build_native()?,
    }
    let mut tests = run::cargo();
    tests.arg("test").args(demo::WORKSPACE).arg("--no-fail-fast");
    tests.arg("--").args(&options.filters);
    environment(&mut tests, browser.as_ref()).envs(others);
    match &axe {
        Some(axe) => tests.env("LOOKALIKE_AXE", axe),
        None => tests.env_remove("LOOKALIKE_AXE"),
    };
    run::stage("tests", "building and running all tests", Some(1200), &mut tests).context("the tests did not pass")
}

/// What tests and benches are told: where the command, the site, the page and the browser are.
pub(crate) fn environment<'command>(
    command: &'command mut Command,
    browser: Option<&Browser>,
) -> &'command mut Command {
    command.env("LOOKALIKE_BIN", paths::lookalike());
    match browser {
        Some(browser) => command
            .env("LOOKALIKE_SITE", paths::site())
            .env("LOOKALIKE_PAGE", paths::page())
            .env("LOOKALIKE_ONE_FILE", paths::one_file())
            .env("LOOKALIKE_PACKAGES", paths::packages())
            .env("CHROMIUM", &browser.chromium)
            .env("CHROMEDRIVER", &browser.driver),
        None => command
            .env("LOOKALIKE_NO_BROWSER", "1")
            .env_remove("LOOKALIKE_SITE")
            .env_remove("LOOKALIKE_PAGE")
            .env_remove("LOOKALIKE_ONE_FILE")
            .env_remove("LOOKALIKE_PACKAGES")
            .env_remove("CHROMIUM")
            .env_remove("CHROMEDRIVER"),
    }
}
