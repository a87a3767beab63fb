//! Load to first answer and one photo's time, processor and imitated WebGPU in turn.

use std::time::{Duration, Instant};

use anyhow::Result;
use lookalike_tests::{
    demo_site,
    driver::{WebGpu, wait},
    page::{LAPTOP, Page},
    samples,
    server::Server,
};

use super::report::{self, median, stamp};

/// Load to first answer and encoding, processor and imitated WebGPU in turn.
pub(crate) fn measure() -> Result<String> {
    const ROUNDS: usize = 3;
    let server = Server::start(&demo_site(), "", None)?;
    let devices = [
        ("processor", "?device=cpu", WebGpu::None),
        ("WebGPU imitated by the processor", "?device=webgpu", WebGpu::Software),
    ];
    let mut program = String::new();
    let mut figures = vec![[Vec::new(), Vec::new(), Vec::new()]; devices.len()];
    for _ in 0..ROUNDS {
        for (device, (_, query, gpu)) in devices.iter().enumerate() {
            let page = Page::load("about:blank", *gpu, LAPTOP)?;
            program = report::browser(&page)?;
            let started = Instant::now();
            page.browser.load(&format!("{}{query}", server.address))?;
            page.wait_for_state("ready")?;
            figures[device][0].push(started.elapsed().as_secs_f64() * 1e3);
            page.ask(&samples()[0])?;
            figures[device][1].push(started.elapsed().as_secs_f64() * 1e3);
            let mut answers = Vec::new();
            for photo in &samples() {
                let before = page.answered()?;
                page.choose(&[photo])?;
                wait(Duration::from_secs(60), || Ok((page.answered()? > before).then_some(())))?;
                answers.extend(page.attribute("results", "data-milliseconds")?.parse::<f64>());
            }
            figures[device][2].push(median(&mut answers));
        }
    }
    let mut text = format!(
        "{} {program}, the demo site with the default encoder, {ROUNDS} rounds, a new profile each time, processor and WebGPU in turn, \
         served from the same machine. WebGPU is the browser's SwiftShader where there is no GPU, a processor that imitates one: then \
         its row says that it works, not how fast a GPU is.\n\n\
         | device | load to ready, ms | load to first answer, ms | one photo in the worker, ms |\n| --- | --: | --: | --: |\n",
        stamp()
    );
    for ((name, ..), columns) in devices.iter().zip(&mut figures) {
        let [ready, first, answer] = columns.each_mut().map(|column| median(column));
        text += &format!("| {name} | {ready:.0} | {first:.0} | {answer:.1} |\n");
    }
    text +=
        "\n\"One photo\" is decoding (640 pixels wide), preprocessing, encoding, search, cluster, group and place.\n";
    Ok(text)
}
