//! From the address to the first answer, with nothing in any cache: ours, and a page of onnxruntime-web with a model of
//! the usual size.

use std::path::Path;

use anyhow::Result;
use lookalike_tests::{
    demo_site,
    line::{Line, Pace},
    page::LAPTOP,
    server::Server,
    tour::watched,
};

use super::{
    peer::Peer,
    report::{browser, median, stamp},
};

/// Asks our page for the first sample as soon as it is ready, and notes when the answer is there.
const OURS: &str = "const look = setInterval(() => {
        const [status, results] = ['status', 'results'].map(id => document.getElementById(id));
        if (!window.asked && status?.dataset.state === 'ready') {
            window.asked = performance.now();
            document.querySelector('[data-sample]').click();
        }
        if (window.asked && results.dataset.query !== '0') {
            window.answered = performance.now();
            clearInterval(look);
        }
    }, 4);";

/// The lines, and how often each page is visited over them.
const LINES: [(&str, Option<Pace>, usize); 2] =
    [("as fast as the machine", None, 9), ("10 Mbit/s, 40 ms", Some(Pace::HOME), 5)];

/// `None`: there is nothing to compare with, which is said.
pub(crate) fn measure(model: Option<&Path>) -> Result<Option<String>> {
    let Some(peer) = Peer::find("visit", model)? else { return Ok(None) };
    let site = peer.site(&[("index.html", include_str!("peer.html")), ("peer.js", include_str!("peer.js"))])?;
    let mut program = String::new();
    let mut rows = String::new();
    for (name, pace, rounds) in LINES {
        let (mut times, mut bytes) = ([Vec::new(), Vec::new()], [0, 0]);
        // The first round fills the host's own cache of zipped files.
        let lines = [Line::new(pace), Line::new(pace)];
        let servers = [Server::over(&demo_site(), &lines[0])?, Server::over(site.path(), &lines[1])?];
        for round in 0..=rounds {
            for (at, script) in [OURS, ""].into_iter().enumerate() {
                let before = lines[at].sent();
                let (time, said) = visit(&format!("{}?device=cpu", servers[at].address), script)?;
                if round > 0 {
                    times[at].push(time);
                    bytes[at] = lines[at].sent() - before;
                }
                program = said;
            }
        }
        let [ours, theirs] = times.each_mut().map(|times| median(times));
        let [our_bytes, their_bytes] = bytes.map(|bytes| bytes as f64 / 1e6);
        rows += &format!(
            "| {name} | {ours:.0} | {theirs:.0} | **{:.2}** | {our_bytes:.1} | {their_bytes:.1} |\n",
            ours / theirs
        );
    }
    Ok(Some(format!(
        "{} {program}, a new profile for every visit, ours and theirs in turn, medians; the host zips (gzip -9), and over the slower \
         line all answers share its 10 Mbit/s and wait 40 ms each. Ours is the demo site on the processor: the page, its gallery, the first \
         sample clicked as soon as the page is ready, its six neighbours shown. Theirs is the least that gives an embedding: a page with \
         onnxruntime-web {} (one thread, as any static host has it) and {}, the same photo, fetched meanwhile, at 224 px; no gallery, no \
         search.\n\n\
         | line | ours, ms | onnxruntime-web, ms | ours of theirs | ours, MB | theirs, MB |\n\
         | --- | --: | --: | --: | --: | --: |\n{rows}",
        stamp(),
        peer.version()?,
        peer.model(),
    )))
}

/// Milliseconds from the address to the answer, in a new browser.
fn visit(address: &str, script: &str) -> Result<(f64, String)> {
    let page = watched(LAPTOP, script);
    let program = browser(&page)?;
    page.browser.load(address)?;
    let time = Peer::value(&page, "answered")?.as_f64().unwrap_or(f64::NAN);
    Ok((time, program))
}
