//! Chromium and chromedriver for the tests: two programs whose major versions must agree.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::{install, paths, system};

pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

const CHROMIUM_NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
/// Where browsers live that are not on PATH.
const CHROMIUM_PLACES: [&str; 3] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
const WHAT_TO_DO: &str = "\
Install both, of the same major version:
  Debian   apt-get install chromium chromium-driver
  Ubuntu   apt-get install chromium-browser chromium-chromedriver
  Fedora   dnf install chromium chromedriver
  macOS    brew install --cask google-chrome chromedriver
or name them: CHROMIUM=/path/to/chromium CHROMEDRIVER=/path/to/chromedriver
or leave the browser's tests out: cargo xtask test --no-browser";

pub(crate) fn ensure() -> Result<Browser> {
    if let Some(browser) = find() {
        return Ok(browser);
    }
    let missing: Vec<_> = [("chromium", chromiums().is_empty()), ("chromium-driver", drivers().is_empty())]
        .into_iter()
        .filter_map(|(package, missing)| missing.then_some(package))
        .collect();
    if !missing.is_empty()
        && system::install(&missing, "for the tests of the page")?
        && let Some(browser) = find()
    {
        return Ok(browser);
    }
    bail!("{}\n{WHAT_TO_DO}", what_is_wrong());
}

/// The first driver with a browser of its version. A version that cannot be asked for (as on Windows, where
/// `chrome --version` opens a window) is trusted.
fn find() -> Option<Browser> {
    let chromiums = chromiums();
    drivers().into_iter().find_map(|driver| {
        let wanted = major(&driver)?;
        let fits = |chromium: &&PathBuf| cfg!(windows) || major(chromium).is_some_and(|major| major == wanted);
        let chromium = chromiums.iter().find(fits)?.clone();
        Some(Browser { chromium, driver })
    })
}

fn what_is_wrong() -> String {
    let [chromiums, drivers] = [chromiums(), drivers()];
    match (chromiums.first(), drivers.first()) {
        (None, None) => "the tests need Chromium and chromedriver, and neither was found".to_owned(),
        (None, _) => "the tests need Chromium (or Chrome), and it was not found".to_owned(),
        (_, None) => "the tests need chromedriver, and it was not found".to_owned(),
        (Some(_), Some(_)) => {
            let list = |programs: Vec<PathBuf>| programs.iter().map(|program| named(program)).collect::<Vec<_>>();
            format!(
                "no browser fits the chromedriver: {} beside {}",
                list(chromiums).join(", "),
                list(drivers).join(", ")
            )
        }
    }
}

fn named(program: &Path) -> String {
    format!("{} ({})", program.display(), install::version_of(program).unwrap_or_else(|| "does not run".into()))
}

/// What the environment names, and else what is found.
fn chromiums() -> Vec<PathBuf> {
    if let Some(named) = paths::set("CHROMIUM") {
        return vec![named.into()];
    }
    let places = CHROMIUM_PLACES.iter().map(PathBuf::from).filter(|program| program.is_file());
    CHROMIUM_NAMES.iter().filter_map(|name| paths::on_path(name)).chain(places).collect()
}

/// CHROMEWEBDRIVER is the folder that GitHub's machines name.
fn drivers() -> Vec<PathBuf> {
    if let Some(named) = paths::set("CHROMEDRIVER") {
        return vec![named.into()];
    }
    let github =
        env::var_os("CHROMEWEBDRIVER").map(|folder| Path::new(&folder).join(paths::executable("chromedriver")));
    github.into_iter().filter(|program| program.is_file()).chain(paths::on_path("chromedriver")).collect()
}

fn major(program: &Path) -> Option<String> {
    install::version_of(program)?.split('.').next().map(str::to_owned)
}
