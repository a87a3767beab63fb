//! One photo after another, ours and onnxruntime-web's, on the processor and on WebGPU.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use lookalike_tests::{
    demo_site,
    driver::{WebGpu, wait},
    page::{LAPTOP, Page},
    samples,
    server::Server,
};
use serde_json::json;

use super::{
    ours::{PROGRAM, put_script},
    peer::Peer,
    report::{browser, median, stamp},
};

const PATIENCE: Duration = Duration::from_secs(120);
/// The peer's sides: the fastest that is of use, and the one its authors mean.
const SIDES: [u32; 2] = [128, 224];
/// A device to compute on.
struct Device {
    name: &'static str,
    /// What our page calls it, and theirs.
    device: [&'static str; 2],
    gpu: WebGpu,
    /// Whether our program can be had without our page around it.
    alone: bool,
    /// How often each page is come to, in turn.
    rounds: usize,
    /// How many photos it then takes at each side, after as many that do not count as the browser needs to compile the program well.
    photos: usize,
    warming: usize,
}

/// An imitated GPU takes onnxruntime-web seconds.
const DEVICES: [Device; 2] = [
    Device {
        name: "processor, one thread",
        device: ["cpu", "wasm"],
        gpu: WebGpu::None,
        alone: true,
        rounds: 5,
        photos: 12,
        warming: 12,
    },
    Device {
        name: "WebGPU, imitated where there is no GPU",
        device: ["webgpu", "webgpu"],
        gpu: WebGpu::Software,
        alone: false,
        rounds: 2,
        photos: 2,
        warming: 1,
    },
];

/// `None`: there is nothing to compare with, which is said.
pub(crate) fn measure(model: Option<&Path>) -> Result<Option<String>> {
    let Some(peer) = Peer::find("photo", model)? else { return Ok(None) };
    let site = peer.site(&[("index.html", include_str!("photo.html")), ("photo.js", include_str!("photo.js"))])?;
    let servers = [Server::start(&demo_site(), "", None)?, Server::start(site.path(), "", None)?];
    // A small photo: its decoding is not what is compared.
    let small = site.path().join("small.jpg");
    image::open(&samples()[0])?.thumbnail(224, 224).save(&small)?;
    image::open(&samples()[0])?.thumbnail(8, 8).save(site.path().join("tiny.jpg"))?;
    put_script(site.path())?;
    put_ours(&demo_site(), &site.path().join("ours"))?;
    let mut program = String::new();
    let mut rows = String::new();
    for Device { name, device: [ours, theirs], gpu, alone, rounds, photos, warming } in DEVICES {
        let page = Page::load("about:blank", gpu, LAPTOP)?;
        program = browser(&page)?;
        let (mut in_page, mut own) = (Vec::new(), [Vec::new(), Vec::new()]);
        let mut rival = SIDES.map(|_| [Vec::new(), Vec::new()]);
        for _ in 0..rounds {
            page.browser.load(&format!("{}?device={ours}", servers[0].address))?;
            page.wait_for_state("ready")?;
            for at in 0..warming + photos {
                let taken = ask(&page, &small)?;
                in_page.extend((at >= warming).then_some(taken));
            }
            if alone {
                load(&page, &servers[1], "ours")?;
                several(&page, 0, [warming, photos], &mut own)?;
            }
            load(&page, &servers[1], theirs)?;
            for (times, side) in rival.iter_mut().zip(SIDES) {
                several(&page, side, [warming, photos], times)?;
            }
        }
        let in_page = median(&mut in_page);
        let own = alone.then(|| own.each_mut().map(|times| median(times)));
        for (side, times) in SIDES.iter().zip(&mut rival) {
            let theirs = times.each_mut().map(|times| median(times));
            let beside = |at: usize| {
                own.map_or_else(|| "– | –".to_owned(), |own| format!("{:.1} | {}", own[at], bold(own[at] / theirs[at])))
            };
            rows += &format!(
                "| {name} | {side} px | {:.1} | {} | {:.1} | {} | {in_page:.1} | {} |\n",
                theirs[1],
                beside(1),
                theirs[0],
                beside(0),
                bold(in_page / theirs[0])
            );
        }
    }
    Ok(Some(format!(
        "{} {program}, ours and theirs in turn, medians of a photo of 224 px. Theirs is onnxruntime-web {} and {} on a page that does nothing \
         else: the network alone, and from the JPEG to the features (createImageBitmap, a canvas, a tensor, the network). Ours alone is our \
         program on such a page: encoding at 192 px, from a JPEG of 8 pixels, which takes no time to decode; and from the same JPEG as \
         theirs to the embedding (decoding, preprocessing, encoding). In our page is all that the worker does there: the same, search, \
         cluster, group and place, while the page shows the photo.\n\n\
         | device | their side | their network, ms | ours, ms | of theirs | theirs from the JPEG, ms | ours alone, ms | of theirs | ours in our page, ms | of theirs |\n\
         | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n{rows}",
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

/// Our program and what it opens, as a site has them.
fn put_ours(site: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join("gallery"))?;
    let copy = |name: &str| {
        let from = site.join(name);
        fs::copy(&from, folder.join(name)).with_context(|| format!("{} can't be read", from.display()))
    };
    for name in PROGRAM.iter().chain(&["gallery/gallery.lka"]) {
        copy(name)?;
    }
    for entry in fs::read_dir(site.join("gallery"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("encoder-") || name.starts_with("probes-") {
            copy(&format!("gallery/{name}"))?;
        }
    }
    Ok(())
}

fn load(page: &Page, server: &Server, on: &str) -> Result<()> {
    page.browser.load(&format!("{}?on={on}", server.address))?;
    Peer::value(page, "ready").map(drop)
}

/// The times of so many photos, after so many that do not count.
fn several(page: &Page, side: u32, [warming, photos]: [usize; 2], times: &mut [Vec<f64>; 2]) -> Result<()> {
    for at in 0..warming + photos {
        let taken = once(page, side)?;
        times.iter_mut().zip(taken).for_each(|(times, taken)| times.extend((at >= warming).then_some(taken)));
    }
    Ok(())
}

/// Milliseconds from the JPEG to the numbers, and those of the network.
fn once(page: &Page, side: u32) -> Result<[f64; 2]> {
    Ok(serde_json::from_value(page.browser.script("return window.once(arguments[0])", json!([side]))?)?)
}

fn bold(ratio: f64) -> String {
    format!("**{ratio:.2}**")
}
