//! A large collection in the browser: what a question fetches, how long it takes, what the tab holds.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use lookalike_tests::{
    demo_site,
    driver::{WebGpu, wait},
    line::Line,
    page::{LAPTOP, Page},
    samples,
    server::Server,
    synthetic::{Division, multiply},
};
use serde_json::json;

use super::report::{browser, median, stamp};

/// Sizes of collections; `None`: the demo.
const PHOTOS: [Option<usize>; 3] = [None, Some(100_000), Some(1_000_000)];
/// Photos of a cell, as `build` has them in collections of this size.
const CELL: usize = 160;
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) fn measure() -> Result<String> {
    let mut program = String::new();
    let mut rows = String::new();
    for photos in PHOTOS {
        let made = tempfile::tempdir()?;
        let site = match photos {
            Some(photos) => {
                eprintln!("large: making a collection of {photos} photos");
                multiply(made.path(), photos, Division::ByQuestion(CELL));
                made.path()
            }
            None => &demo_site(),
        };
        let line = Line::new(None);
        let server = Server::over(site, &line)?;
        let page = Page::load(&format!("{}?device=cpu", server.address), WebGpu::None, LAPTOP)?;
        page.wait_for_state("ready")?;
        program = browser(&page)?;
        let start = line.sent();
        let (mut bytes, mut times, mut searches) = (Vec::new(), Vec::new(), Vec::new());
        for sample in samples() {
            let (before, began) = (line.sent(), Instant::now());
            page.ask(&sample)?;
            wait_until_searched(&page)?;
            times.push(began.elapsed().as_secs_f64() * 1e3);
            bytes.push((line.sent() - before) as f64);
            searches.push(search(&page)?);
        }
        // The first one has met an empty collection.
        let (bytes, times) = (&mut bytes[1..], &mut times[1..]);
        let loaded = page.attribute("reach", "data-compared")?;
        rows += &format!(
            "| {} | {:.0} | {:.0} | {:.0} | {:.1} | {loaded} | {} |\n",
            photos.map_or("the demo".to_owned(), |photos| photos.to_string()),
            start as f64 / 1e3,
            median(bytes) / 1e3,
            median(times),
            median(&mut searches),
            memory()?,
        );
    }
    Ok(format!(
        "{} {program}. The demo's photos multiplied, each somewhere between two of them, in cells of at most {CELL}; each of the {} \
         sample photos is asked about once, with the effort that a question begins with. Bytes are after gzip; thumbnails are among those \
         of a question. The search is the worker's time for a photo of the collection among all that have been loaded by then: \
         nothing is encoded. The memory is that of the tab's process (PSS), browser, engine and page, after the last question; the first row is the \
         demo itself, for comparison.\n\n\
         | photos | fetched before the first question, kB | by a question after the first, kB (median) | until its answer is done, ms | \
         search, ms | photos loaded at the end | memory, MB |\n\
         | --: | --: | --: | --: | --: | --: | --: |\n{rows}",
        stamp(),
        samples().len(),
    ))
}

/// All that the question's effort pays for has come, and is shown.
fn wait_until_searched(page: &Page) -> Result<()> {
    wait(PATIENCE, || Ok((page.attribute("reach", "data-reach")? != "searching").then_some(())))
}

/// Milliseconds of the worker for the photo that was found first: nothing is encoded.
fn search(page: &Page) -> Result<f64> {
    let before = page.answered()?;
    page.browser.script("document.querySelector('[data-testid=result] a').click()", json!([]))?;
    page.wait_for_answer(before)?;
    let time = page.attribute("results", "data-milliseconds")?.parse()?;
    wait_until_searched(page)?;
    Ok(time)
}

/// The memory in MB of the largest of this program's tabs, what it shares with other processes divided among them (PSS).
pub(crate) fn memory() -> Result<u64> {
    let own = std::process::id();
    let mut largest = 0;
    for process in fs::read_dir("/proc").context("there is no /proc to read the tab's memory from")? {
        let process = process?.path();
        let of = |file: &str| fs::read_to_string(process.join(file)).unwrap_or_default();
        if of("cmdline").contains("--type=renderer") && descends(&process, own) {
            let line = of("smaps_rollup").lines().find_map(|line| Some(line.strip_prefix("Pss:")?.trim().to_owned()));
            let kilobytes = line.and_then(|line| line.split(' ').next()?.parse::<u64>().ok()).unwrap_or(0);
            largest = largest.max(kilobytes * 1024);
        }
    }
    Ok(largest / 1_000_000)
}

fn descends(process: &Path, from: u32) -> bool {
    let status = fs::read_to_string(process.join("status")).unwrap_or_default();
    let parent =
        status.lines().find_map(|line| line.strip_prefix("PPid:")).and_then(|id| id.trim().parse::<u32>().ok());
    match parent {
        Some(0) | None => false,
        Some(parent) => parent == from || descends(&Path::new("/proc").join(parent.to_string()), from),
    }
}
