//! A large collection in the browser: what a question fetches, how long it takes, what the tab holds, how fast its map is.

use std::{
    fs,
    io::Write as _,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use flate2::{Compression, write::GzEncoder};
use lookalike::gallery::{ENTRY, FOLDER};
use lookalike_tests::{
    demo_site,
    driver::{WebGpu, wait},
    line::Line,
    page::{LAPTOP, Page},
    samples,
    server::Server,
    synthetic::{Division, multiply},
    tab,
};
use serde_json::json;

use super::report::{browser, median, stamp};

/// Sizes of collections; `None`: the demo.
const PHOTOS: [Option<usize>; 3] = [None, Some(100_000), Some(1_000_000)];
/// Photos of a cell, as `build` has them in collections of this size.
const CELL: usize = 160;
const PATIENCE: Duration = Duration::from_secs(300);
/// So long a visitor looks at an answer.
const PAUSE: Duration = Duration::from_secs(3);
/// Frames of the map.
const FRAMES: usize = 31;

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
        let frame = median(&mut frames(&page)?);
        drop(page);
        let memory = memory(&server)?;
        rows += &format!(
            "| {} | {:.0} | {:.0} | {:.0} | {:.0} | {:.1} | {loaded} | {:.1} | {} | {} |\n",
            photos.map_or("the demo".to_owned(), |photos| photos.to_string()),
            entry(site)? as f64 / 1e3,
            start as f64 / 1e3,
            median(bytes) / 1e3,
            median(times),
            median(&mut searches),
            frame,
            memory[0],
            memory[1],
        );
    }
    Ok(format!(
        "{} {program}. The demo's photos multiplied, each somewhere between two of them, in cells of at most {CELL}; each of the {} \
         sample photos is asked about once, with the effort that a question begins with. Bytes are after gzip; thumbnails are among those \
         of a question. The search is the worker's time for a photo of the collection among all that have been loaded by then: \
         nothing is encoded. A frame is the whole map at that point, on a canvas of the usual size (median of {FRAMES}): dots, and discs for cells that have \
         not been loaded. The memory is that of the tab's process, browser, engine and page: what it shares with other processes divided among \
         them (PSS), the most {} s after any question of a second visit; and what it then shares with none, which is what Chromium's task manager shows. \
         The first row is the demo itself, for comparison.\n\n\
         | photos | entry, kB | fetched before the first question, kB | by a question after the first, kB (median) | until its answer is done, ms | \
         search, ms | photos loaded at the end | a frame of the map, ms | memory, MB | not shared, MB |\n\
         | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n{rows}",
        stamp(),
        samples().len(),
        PAUSE.as_secs(),
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

/// The most MB of the tab after any of as many questions, each about a sample and then about its nearest photo: all, and what it
/// shares with no other process. In a visit of its own, in which nobody asks the page how it is: the scripts of a driver that
/// does so twenty times a second leave tens of MB behind.
fn memory(server: &Server) -> Result<[u64; 2]> {
    let page = Page::load(&format!("{}?device=cpu", server.address), WebGpu::None, LAPTOP)?;
    page.wait_for_state("ready")?;
    let mut most = [0; 2];
    for sample in 0..samples().len() {
        let clicks = [
            "document.querySelectorAll('[data-sample]')[arguments[0]]",
            "document.querySelector('[data-testid=result] a')",
        ];
        for clicked in clicks {
            page.browser.script(&format!("{clicked}.click()"), json!([sample]))?;
            thread::sleep(PAUSE);
            let now = [tab::memory()?, tab::private()?];
            most = [most[0].max(now[0]), most[1].max(now[1])];
        }
    }
    Ok(most)
}

/// Milliseconds of some frames of the whole map.
fn frames(page: &Page) -> Result<Vec<f64>> {
    let body = "return (async () => {
        const times = [], frame = () => new Promise(requestAnimationFrame);
        while (times.length < arguments[0]) {
            dispatchEvent(new Event('resize'));
            await frame();
            await frame();
            times.push(Number(map.dataset.painted));
        }
        return times;
    })()";
    Ok(serde_json::from_value(page.browser.script(body, json!([FRAMES]))?)?)
}

/// The size of a site's entry after gzip.
fn entry(site: &Path) -> Result<usize> {
    let mut zipped = GzEncoder::new(Vec::new(), Compression::best());
    zipped.write_all(&fs::read(site.join(FOLDER).join(ENTRY))?)?;
    Ok(zipped.finish()?.len())
}
