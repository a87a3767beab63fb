//! Firefox and WebKit for the tests of the page, each with its driver. Unlike Chromium they may be missing: what is left out
//! then is said. Not on CI, where a test that is left out is a test that nobody runs.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::{install, paths, progress, system, tools::GECKODRIVER};

/// A program, and the variable by which the tests find it.
pub(crate) type Program = (&'static str, PathBuf);

const WHY: &str = "for the tests of the page in other engines";

/// What the tests are told of both.
pub(crate) fn ensure() -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for (engine, found, packages) in [
        ("Firefox", firefox as fn() -> Result<Option<Vec<Program>>>, "firefox-esr"),
        ("WebKit", webkit, "webkit2gtk-driver and xvfb"),
    ] {
        match found()? {
            Some(found) => programs.extend(found),
            None if paths::set("CI").is_some() => bail!("the tests need {engine}: apt-get install {packages}"),
            None => progress::note(&format!(
                "going on without {engine}: its test is left out. On Debian {packages} would bring it."
            )),
        }
    }
    Ok(programs)
}

fn firefox() -> Result<Option<Vec<Program>>> {
    let find = || named("FIREFOX").or_else(|| paths::on_path("firefox-esr")).or_else(|| paths::on_path("firefox"));
    let Some(firefox) = found_or_installed(find, &["firefox-esr"])? else { return Ok(None) };
    // GECKOWEBDRIVER is the folder that GitHub's machines name.
    let github = named("GECKOWEBDRIVER").map(|folder| folder.join(paths::executable("geckodriver")));
    let found = named("GECKODRIVER").or(github.filter(|program| program.is_file()));
    let driver = match found.or_else(|| paths::on_path("geckodriver")) {
        Some(driver) => driver,
        None => install::ensure(&GECKODRIVER)?,
    };
    Ok(Some(vec![("FIREFOX", firefox), ("GECKODRIVER", driver)]))
}

fn webkit() -> Result<Option<Vec<Program>>> {
    let program = |variable, name| Some((variable, named(variable).or_else(|| paths::on_path(name))?));
    let find = || Some(vec![program("WEBKIT_DRIVER", "WebKitWebDriver")?, program("XVFB", "Xvfb")?]);
    found_or_installed(find, &["webkit2gtk-driver", "xvfb"])
}

fn named(variable: &str) -> Option<PathBuf> {
    paths::set(variable).map(PathBuf::from)
}

fn found_or_installed<T>(find: impl Fn() -> Option<T>, packages: &[&str]) -> Result<Option<T>> {
    if let Some(found) = find() {
        return Ok(Some(found));
    }
    Ok(if system::install(packages, WHY)? { find() } else { None })
}
