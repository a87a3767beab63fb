//! `lookalike query`.

use std::{fs, io::Read as _, path::Path, time::Duration};

use anyhow::{Context, Result};
use lookalike::{
    engine::{Answer, Engine},
    gallery::{self, Details},
    likeness::{Likeness, likeness},
    photo::Photo,
};
use serde::Serialize;

use super::{Outcome, Refusal};
use crate::{
    cli::Query,
    device::{self, DeviceChoice},
    output::write_atomic,
    photos::MAX_BYTES,
    plot::{self, Captioned},
    progress::say,
    site,
};

/// The result, as `--json` prints it.
#[derive(Serialize)]
struct Report<'a> {
    query: &'a str,
    cluster: u32,
    density_group: Option<u32>,
    map: [f32; 2],
    device: &'a str,
    embedding: &'a [f32],
    pixels: Option<String>,
    results: Vec<Ranked<'a>>,
}

#[derive(Serialize)]
struct Ranked<'a> {
    rank: usize,
    path: &'a str,
    similarity: f32,
    likeness: Option<&'static str>,
    cluster: u32,
    #[serde(flatten)]
    details: Option<&'a Details>,
}

pub(super) fn run(options: &Query) -> Result<Outcome> {
    check_plot(options)?;
    let device = device::open(options.device)?;
    let engine = Engine::open(&site::files(&options.site)?, device.device)
        .with_context(|| format!("{} can't be used", options.site.display()))?;
    if options.device != DeviceChoice::Cpu {
        pollster::block_on(engine.check(usize::MAX))?;
    }
    let bytes = photo_bytes(&options.photo)?;
    let answer = pollster::block_on(engine.ask(&bytes, options.k))
        .map_err(|e| Refusal::new(format!("{}: {e}", options.photo)))?;
    let report = report(&options.photo, &answer, &engine, &device.name);
    say(if options.json { serde_json::to_string(&report)? } else { table(&report, &engine) });
    if let Some(path) = &options.plot {
        write_atomic(path, &plot::png(&draw(options, &bytes, &report, &answer, &engine)?)?)?;
    }
    Ok(Outcome::Done)
}

/// A picture is drawn into a PNG file, and never over the photo itself.
fn check_plot(options: &Query) -> Result<()> {
    let Some(plot) = &options.plot else { return Ok(()) };
    if plot.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("png")) {
        return Err(Refusal::new(format!("--plot {} must end in .png", plot.display())).into());
    }
    let same = plot.canonicalize().ok().zip(Path::new(&options.photo).canonicalize().ok()).is_some_and(|(a, b)| a == b);
    if same {
        return Err(Refusal::new(format!("--plot {} is the photo itself; choose another name", plot.display())).into());
    }
    Ok(())
}

fn photo_bytes(photo: &str) -> Result<Vec<u8>> {
    if photo.starts_with("http://") || photo.starts_with("https://") {
        return download(photo);
    }
    fs::read(photo).map_err(|e| Refusal::new(format!("the photo {photo} can't be read: {e}")).into())
}

fn download(address: &str) -> Result<Vec<u8>> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(60))).build().into();
    let advice = || {
        format!(
            "{address} can't be fetched; check the address and the connection, or save the photo and give its file name"
        )
    };
    let mut response = agent.get(address).call().with_context(advice)?;
    let mut bytes = Vec::new();
    response.body_mut().as_reader().take(MAX_BYTES + 1).read_to_end(&mut bytes).with_context(advice)?;
    anyhow::ensure!(
        bytes.len() as u64 <= MAX_BYTES,
        "{address} is larger than 200 MB; that is no photo to search with"
    );
    Ok(bytes)
}

fn report<'a>(query: &'a str, answer: &'a Answer, engine: &'a Engine, device: &'a str) -> Report<'a> {
    let items = &engine.gallery().items;
    let thresholds = &engine.gallery().entry.likeness;
    let ranked = |(at, neighbor): (usize, &lookalike::search::Neighbor)| {
        let item = &items[neighbor.id as usize];
        let similarity = neighbor.similarity;
        let likeness = likeness(similarity, thresholds).map(Likeness::name);
        Ranked {
            rank: at + 1,
            path: &item.path,
            similarity,
            likeness,
            cluster: item.cluster,
            details: item.details.as_deref(),
        }
    };
    Report {
        query,
        cluster: answer.cluster,
        density_group: answer.density_group,
        map: [answer.map.x, answer.map.y],
        device,
        embedding: &answer.embedding,
        pixels: answer.pixels_hash.map(|hash| format!("{hash:016x}")),
        results: answer.neighbors.iter().enumerate().map(ranked).collect(),
    }
}

fn table(report: &Report<'_>, engine: &Engine) -> String {
    let entry = &engine.gallery().entry;
    let group = report.density_group.map_or("noise".to_owned(), |g| format!("{} of {}", g + 1, entry.density.groups));
    let [x, y] = report.map;
    let head = format!(
        "{}\ncluster {} of {} · density group {group} · about ({x:.2}, {y:.2}) on the map · {}",
        report.query,
        report.cluster + 1,
        entry.clusters.len(),
        report.device
    );
    let rows = report.results.iter().map(|r| {
        let likeness = r.likeness.unwrap_or_default();
        format!("{:>3}  {:.4}  {likeness:<14}  cluster {}  {}", r.rank, r.similarity, r.cluster + 1, r.path)
    });
    std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\n")
}

/// The picture of the result, from the site's thumbnails.
fn draw(
    options: &Query,
    bytes: &[u8],
    report: &Report<'_>,
    answer: &Answer,
    engine: &Engine,
) -> Result<image::RgbImage> {
    let folder = options.site.join(gallery::FOLDER);
    let captioned = |(ranked, neighbor): (&Ranked<'_>, &lookalike::search::Neighbor)| -> Result<Captioned> {
        let thumb = folder.join(engine.gallery().items[neighbor.id as usize].thumb_path());
        let bytes =
            fs::read(&thumb).with_context(|| format!("{} is missing; build the site again", thumb.display()))?;
        let title = format!("{}. {}", ranked.rank, ranked.path);
        Ok(Captioned {
            picture: Photo::decode(&bytes)?.picture().clone(),
            title,
            detail: format!("similarity {:.3}", ranked.similarity),
        })
    };
    let results = report.results.iter().zip(&answer.neighbors).map(captioned).collect::<Result<Vec<_>>>()?;
    let detail = format!("cluster {}", report.cluster + 1);
    let query = Captioned { picture: Photo::decode(bytes)?.picture().clone(), title: report.query.to_owned(), detail };
    plot::query(&query, &results)
}
