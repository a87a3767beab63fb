//! The benchmarks: tables in Markdown on standard output. `cargo xtask bench` runs this; BENCHMARKS.md keeps a run.
//!
//! Every figure is a median. What is compared is measured in turn (A B A B …) within one run, so that a machine that slows
//! down slows both.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Result, bail};
use flate2::{Compression, write::GzEncoder};
use lookalike::{
    embedding::Embedding,
    encoder::{DecoderConfig, Encoder, EncoderConfig, cpu},
    preprocess::PreprocessConfig,
    search::{Search, linear_scan},
};
use lookalike_tests::{
    demo_photos, demo_site,
    driver::{WebGpu, wait},
    million,
    page::{LAPTOP, Page},
    samples,
    server::Server,
};
use lookalike_training::{
    cluster::{self, ClusterCount},
    dataset::Dataset,
    density, embed, model,
    photos::{self, Skipped},
    reconstruct,
    train::TrainConfig,
    tsne,
};
use serde_json::json;

const USAGE: &str = "\
cargo xtask bench [PART…] [--photos DIR] [--model DIR]

Parts: bytes (a cold visit), browser (load to first answer, encoding), native (training, embedding, clustering, map, search).
`million` is a benchmark by itself: `bench million` tells what it takes.
All of them by default. `native` measures the demo photos, and DIR too, with the model in target/demo/model or --model.";

fn main() -> Result<()> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    if given.first().is_some_and(|part| part == "million") {
        return million::run(&given[1..]);
    }
    let mut parts = Vec::new();
    let mut folders = vec![demo_photos()];
    let mut model = lookalike_tests::root().join("target/demo/model");
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--photos" => folders.extend(arguments.next().map(PathBuf::from)),
            "--model" => model = arguments.next().map_or(model, PathBuf::from),
            "bytes" | "browser" | "native" => parts.push(argument),
            "--help" | "-h" => {
                println!("{USAGE}");
                return Ok(());
            }
            other => bail!("{other} is no part and no option\n\n{USAGE}"),
        }
    }
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|p| p == part);
    println!("{}\n", machine());
    if wanted("bytes") {
        bytes(&demo_site())?;
    }
    if wanted("browser") {
        browser()?;
    }
    if wanted("native") {
        for folder in &folders {
            native(folder, &model)?;
        }
    }
    Ok(())
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("", |l| l.trim_start_matches([' ', '\t', ':']));
    format!("Machine: {cores} cores, {model}, {} {}.", std::env::consts::OS, std::env::consts::ARCH)
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(9));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// What a cold visit downloads, by part.
fn bytes(site: &Path) -> Result<()> {
    println!("| part | files | raw kB | gzip kB |\n| --- | --: | --: | --: |");
    let part = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let inside = |folder: &str| path.starts_with(site.join(folder));
        match () {
            () if inside("gallery/thumbs") => "thumbnails (all)",
            () if inside("samples") => "sample photos",
            () if name.starts_with("encoder") => "encoder",
            () if name.starts_with("decoder") => "decoder, if wanted",
            () if inside("gallery") => "gallery without networks and thumbnails",
            () if name.starts_with("worker_webgpu") => "WebGPU engine",
            () if name.starts_with("worker_cpu") => "processor engine",
            () => "page",
        }
    };
    let mut sums = std::collections::BTreeMap::<&str, (usize, usize, usize)>::new();
    for entry in photos_walk(site) {
        let content = fs::read(&entry)?;
        let sum = sums.entry(part(&entry)).or_default();
        *sum = (sum.0 + 1, sum.1 + content.len(), sum.2 + gzip(&content)?);
    }
    for (name, (files, raw, zipped)) in &sums {
        println!("| {name} | {files} | {:.1} | {:.1} |", *raw as f64 / 1e3, *zipped as f64 / 1e3);
    }
    println!();
    Ok(())
}

fn photos_walk(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files.extend(photos_walk(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// Load to first answer and encoding, processor and imitated WebGPU in turn.
fn browser() -> Result<()> {
    const ROUNDS: usize = 5;
    let server = Server::start(&demo_site(), "", None)?;
    let devices = [
        ("processor", "?device=cpu", WebGpu::None),
        ("WebGPU imitated by the processor", "?device=webgpu", WebGpu::Software),
    ];
    let mut figures = vec![[Vec::new(), Vec::new(), Vec::new()]; devices.len()];
    for _ in 0..ROUNDS {
        for (device, (_, query, gpu)) in devices.iter().enumerate() {
            let page = Page::load("about:blank", *gpu, LAPTOP)?;
            let started = Instant::now();
            page.browser.load(&format!("{}{query}", server.address))?;
            page.wait_for_state("ready")?;
            figures[device][0].push(started.elapsed().as_secs_f64() * 1e3);
            page.ask(&samples()[0])?;
            figures[device][1].push(started.elapsed().as_secs_f64() * 1e3);
            let mut answers = Vec::new();
            for photo in samples().iter().chain(&samples()) {
                let before = page.answered()?;
                page.choose(&[photo])?;
                wait(std::time::Duration::from_secs(60), || Ok((page.answered()? > before).then_some(())))?;
                answers.extend(page.attribute("results", "data-milliseconds")?.parse::<f64>());
            }
            figures[device][2].push(median(&mut answers));
            page.browser.script("return 0", json!([]))?;
        }
    }
    println!(
        "| device | load to ready, ms | load to first answer, ms | one photo in the worker, ms |\n| --- | --: | --: | --: |"
    );
    for ((name, ..), columns) in devices.iter().zip(&mut figures) {
        let [ready, first, answer] = columns.each_mut().map(|column| median(column));
        println!("| {name} | {ready:.0} | {first:.0} | {answer:.1} |");
    }
    println!(
        "\n\"One photo\" is decoding (640 pixels wide), preprocessing, encoding, search, cluster, group and place.\n"
    );
    Ok(())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median time of three runs, in seconds, and the last result.
fn timed<T>(mut run: impl FnMut() -> Result<T>) -> Result<(f64, T)> {
    let mut once = || {
        let started = Instant::now();
        run().map(|result| (started.elapsed().as_secs_f64(), result))
    };
    let (a, _) = once()?;
    let (b, _) = once()?;
    let (c, result) = once()?;
    Ok((median(&mut [a, b, c]), result))
}

fn native(folder: &Path, model: &Path) -> Result<()> {
    let device = cpu();
    let file = model::load(model)?;
    let network = model::network(&file, &device)?;
    let found = photos::find(folder, &Skipped::default())?;
    let (reading, data) = timed(|| Dataset::load(found.clone(), &file.config.preprocess, &Skipped::default()))?;
    let count = data.pixels.len() as f64;
    let (embedding, embeddings) = timed(|| embed::embed(&network, &file.config, &data.pixels, &device))?;
    let (k_means, _) = timed(|| cluster::cluster(&embeddings, ClusterCount::Fixed(4), 1))?;
    let (dbscan, _) = timed(|| density::group(&embeddings, None))?;
    let (map, _) = timed(|| tsne::layout(&embeddings, 30.0))?;
    let training = training_rate(&data)?;
    println!("\n{} photos of {}:\n", data.pixels.len(), folder.file_name().unwrap_or_default().to_string_lossy());
    println!("| step | figure |\n| --- | --: |");
    println!("| decoding and preprocessing | {:.0} photos/s |", count / reading);
    println!("| training, forward and backward, batch 32 | {training:.0} photos/s |");
    println!("| embedding | {:.0} photos/s |", count / embedding);
    println!("| one photo, encoder alone, batch 1 | {:.2} ms |", one_photo(&network, &file.config, &data)?);
    println!("| k-means, k = 4, ten starts, with silhouette | {k_means:.2} s |");
    println!("| DBSCAN with its choice of eps | {dbscan:.2} s |");
    println!("| t-SNE, 1,000 steps | {map:.2} s |");
    let (tree, scan) = search(&embeddings)?;
    println!("| k-d tree, k = 6, one query | {:.1} µs |", tree * 1e6);
    println!("| linear scan, k = 6, one query | {:.1} µs |", scan * 1e6);
    println!("| k-d tree against linear scan | {:.2} times as fast |\n", scan / tree);
    Ok(())
}

fn training_rate(data: &Dataset) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let config = TrainConfig {
        from: None,
        teacher: None,
        seed: 1,
        epochs: 2,
        patience: 5,
        batch_size: 32,
        learning_rate: 1e-3,
        validation_share: 0.02,
        augment: true,
        encoder: EncoderConfig { preprocess: PreprocessConfig::unit_range(64), ..EncoderConfig::autoencoder() },
        decoder: DecoderConfig::autoencoder(),
    };
    let device = cpu();
    let started = Instant::now();
    reconstruct::train(&config, data, &device, folder.path())?;
    Ok(2.0 * data.pixels.len() as f64 / started.elapsed().as_secs_f64())
}

fn one_photo(network: &Encoder, config: &EncoderConfig, data: &Dataset) -> Result<f64> {
    let device = cpu();
    let mut times = Vec::new();
    for pixels in data.pixels.iter().cycle().take(60) {
        let started = Instant::now();
        pollster::block_on(network.embed(&[pixels], &config.preprocess, &device))?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(&mut times))
}

/// Seconds a query of the tree and of the scan, in turn over the same queries.
fn search(embeddings: &[Embedding]) -> Result<(f64, f64)> {
    let search = Search::new(embeddings.to_vec())?;
    let (mut tree, mut scan) = (Vec::new(), Vec::new());
    for query in embeddings.iter().step_by((embeddings.len() / 300).max(1)) {
        let started = Instant::now();
        let a = search.nearest(query, 6);
        tree.push(started.elapsed().as_secs_f64());
        let started = Instant::now();
        let b = linear_scan(query, embeddings, 6);
        scan.push(started.elapsed().as_secs_f64());
        anyhow::ensure!(a == b, "the tree and the scan disagree");
    }
    Ok((median(&mut tree), median(&mut scan)))
}
