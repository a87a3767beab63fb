//! A visit to a page that runs one search program.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use lookalike_tests::{
    driver::{WebGpu, wait},
    page::{LAPTOP, Page},
    tab::memory,
};
use serde_json::{Value, json};

use crate::report::browser;

/// A graph of 100,000 photos takes some programs minutes.
const PATIENCE: Duration = Duration::from_secs(900);

/// Queries that were answered with one setting of a program.
pub(super) struct Asked {
    pub(super) setting: String,
    /// Milliseconds of each query.
    pub(super) times: Vec<f64>,
    /// Of each query, what was found, as the program numbers it.
    pub(super) found: Vec<Vec<u32>>,
}

/// What a page has told.
pub(super) struct Visit {
    /// Milliseconds to build or to load the index.
    pub(super) ready: f64,
    pub(super) asked: Vec<Asked>,
    /// Of each query, the cells that were fetched for it.
    pub(super) fetched: Vec<Vec<usize>>,
    /// Of the tab, in MB, once all has been asked.
    pub(super) memory: u64,
    /// The browser.
    pub(super) browser: String,
}

/// Opens an address in a new browser, and waits until its page has told everything.
pub(super) fn visit(address: &str) -> Result<Visit> {
    let page = Page::load(address, WebGpu::None, LAPTOP)?;
    let report = wait(PATIENCE, || {
        let [report, failed] =
            ["report", "failed"].map(|name| page.browser.script(&format!("return window.{name} ?? null"), json!([])));
        let failed = failed?;
        ensure!(failed.is_null(), "{failed}");
        report.map(|report| (!report.is_null()).then_some(report))
    })
    .with_context(|| format!("{address} could not be measured"))?;
    page.browser.devtools("HeapProfiler.collectGarbage", json!({}))?;
    read(&report, memory()?, browser(&page)?).context("a report of another shape")
}

fn read(report: &Value, memory: u64, browser: String) -> Result<Visit> {
    let asked = report["asked"].as_array().into_iter().flatten().map(|asked| {
        Ok(Asked {
            setting: asked["setting"].as_str().unwrap_or_default().to_owned(),
            times: serde_json::from_value(asked["times"].clone())?,
            found: serde_json::from_value(asked["found"].clone())?,
        })
    });
    Ok(Visit {
        ready: report["ready"].as_f64().unwrap_or(f64::NAN),
        asked: asked.collect::<Result<_>>()?,
        fetched: serde_json::from_value(report["fetched"].clone()).unwrap_or_default(),
        memory,
        browser,
    })
}
