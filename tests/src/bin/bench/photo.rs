//! One photo after another, ours and onnxruntime-web's, on the processor and on WebGPU.

use std::{path::Path, time::Duration};

use anyhow::Result;
use lookalike_tests::{
    demo_site,
    driver::{WebGpu, wait},
    page::{LAPTOP, Page},
    samples,
    server::Server,
};
use serde_json::json;

use super::{
    peer::Peer,
    report::{browser, median, stamp},
};

const PATIENCE: Duration = Duration::from_secs(120);
/// The peer's sides: the fastest that is of use, and the one its authors mean.
const SIDES: [u32; 2] = [128, 224];
/// What a device is called, ours and theirs; how often each page is come to, in turn, and how many photos it then takes at each
/// side after one that does not count. An imitated GPU takes onnxruntime-web seconds.
const DEVICES: [(&str, [&str; 2], WebGpu, [usize; 2]); 2] = [
    ("processor, one thread", ["cpu", "wasm"], WebGpu::None, [6, 7]),
    ("WebGPU, imitated where there is no GPU", ["webgpu", "webgpu"], WebGpu::Software, [2, 2]),
];

/// `None`: there is nothing to compare with, which is said.
pub(crate) fn measure(model: Option<&Path>) -> Result<Option<String>> {
    let Some(peer) = Peer::find("photo", model)? else { return Ok(None) };
    let site = peer.site(&[("index.html", include_str!("photo.html")), ("photo.js", include_str!("photo.js"))])?;
    let servers = [Server::start(&demo_site(), "", None)?, Server::start(site.path(), "", None)?];
    // A small photo: its decoding is not what is compared.
    let small = site.path().join("small.jpg");
    image::open(&samples()[0])?.thumbnail(224, 224).save(&small)?;
    let mut program = String::new();
    let mut rows = String::new();
    for (name, [ours, theirs], gpu, [rounds, photos]) in DEVICES {
        let page = Page::load("about:blank", gpu, LAPTOP)?;
        program = browser(&page)?;
        let mut own = Vec::new();
        let mut rival = SIDES.map(|_| [Vec::new(), Vec::new()]);
        for _ in 0..rounds {
            page.browser.load(&format!("{}?device={ours}", servers[0].address))?;
            page.wait_for_state("ready")?;
            ask(&page, &small)?;
            for _ in 0..photos {
                own.push(ask(&page, &small)?);
            }
            page.browser.load(&format!("{}?on={theirs}", servers[1].address))?;
            Peer::value(&page, "ready")?;
            for (times, side) in rival.iter_mut().zip(SIDES) {
                once(&page, side)?;
                for _ in 0..photos {
                    let taken = once(&page, side)?;
                    times.iter_mut().zip(taken).for_each(|(times, taken)| times.push(taken));
                }
            }
        }
        let ours = median(&mut own);
        for (side, times) in SIDES.iter().zip(&mut rival) {
            let [whole, network] = times.each_mut().map(|times| median(times));
            rows += &format!(
                "| {name} | {side} px | {ours:.1} | {whole:.1} | {network:.1} | **{:.2}** | {:.2} |\n",
                ours / whole,
                ours / network
            );
        }
    }
    Ok(Some(format!(
        "{} {program}, ours and theirs in turn, medians. Ours is all that the worker does for a photo of 224 px: decoding, \
         preprocessing, encoding at 192 px, search, cluster, group and place. Theirs is onnxruntime-web {} and {} at two sides, from \
         the same JPEG to the features (createImageBitmap, a canvas, a tensor, the network), and the network alone.\n\n\
         | device | their side | ours, ms | theirs, ms | their network alone, ms | ours of theirs | ours of their network alone |\n\
         | --- | --: | --: | --: | --: | --: | --: |\n{rows}",
        stamp(),
        peer.version()?,
        peer.model(),
    )))
}

/// The milliseconds that our worker says.
fn ask(page: &Page, photo: &Path) -> Result<f64> {
    let before = page.answered()?;
    page.choose(&[photo])?;
    wait(PATIENCE, || Ok((page.answered()? > before).then_some(())))?;
    Ok(page.attribute("results", "data-milliseconds")?.parse()?)
}

/// Milliseconds from the JPEG to the features, and those of them from the tensor on.
fn once(rival: &Page, side: u32) -> Result<[f64; 2]> {
    Ok(serde_json::from_value(rival.browser.script("return window.once(arguments[0])", json!([side]))?)?)
}
