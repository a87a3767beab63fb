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
    // A small photo: its decoding is not what is compared, though it counts against us.
    let folder = tempfile::tempdir()?;
    let small = folder.path().join("small.jpg");
    image::open(&samples()[0])?.thumbnail(224, 224).save(&small)?;
    let mut program = String::new();
    let mut rows = String::new();
    for (name, [ours, theirs], gpu, [rounds, photos]) in DEVICES {
        let page = Page::load("about:blank", gpu, LAPTOP)?;
        program = browser(&page)?;
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..rounds {
            page.browser.load(&format!("{}?device={ours}", servers[0].address))?;
            page.wait_for_state("ready")?;
            several(photos, &mut times[0], || ask(&page, &small))?;
            page.browser.load(&format!("{}?on={theirs}", servers[1].address))?;
            Peer::value(&page, "ready")?;
            for (times, side) in times[1..].iter_mut().zip(SIDES) {
                several(photos, times, || once(&page, side))?;
            }
        }
        let [ours, small, large] = times.each_mut().map(|times| median(times));
        eprintln!("{name}: ours {ours:.1}, theirs {small:.1} and {large:.1} ms");
        rows += &format!(
            "| {name} | {ours:.1} | {small:.1} | {large:.1} | **{:.2}** | **{:.2}** |\n",
            ours / small,
            ours / large
        );
    }
    Ok(Some(format!(
        "{} {program}, ours and theirs in turn, medians. Ours is all that the worker does for a photo of 224 px: decoding, \
         preprocessing, encoding at 192 px, search, cluster, group and place. Theirs is onnxruntime-web {} and {} alone, from the tensor \
         to the features, at two sides.\n\n\
         | device | ours, ms | theirs at 128 px, ms | theirs at 224 px, ms | ours of theirs, 128 px | 224 px |\n\
         | --- | --: | --: | --: | --: | --: |\n{rows}",
        stamp(),
        peer.version()?,
        peer.model(),
    )))
}

fn several(photos: usize, times: &mut Vec<f64>, mut one: impl FnMut() -> Result<f64>) -> Result<()> {
    one()?;
    for _ in 0..photos {
        times.push(one()?);
    }
    Ok(())
}

/// The milliseconds that our worker says.
fn ask(page: &Page, photo: &Path) -> Result<f64> {
    let before = page.answered()?;
    page.choose(&[photo])?;
    wait(PATIENCE, || Ok((page.answered()? > before).then_some(())))?;
    Ok(page.attribute("results", "data-milliseconds")?.parse()?)
}

fn once(rival: &Page, side: u32) -> Result<f64> {
    let time = rival.browser.script("return window.once(arguments[0])", json!([side]))?;
    Ok(time.as_f64().unwrap_or(f64::NAN))
}
