//! `lookalike inspect`.

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;
use lookalike::gallery::{self, DecoderFile, Gallery, container};
use serde::Serialize;

use super::Outcome;
use crate::{cli::Inspect, progress::say, site};

/// What is in a site, as `--json` prints it.
#[derive(Serialize)]
struct Report<'a> {
    title: &'a str,
    generator: &'a str,
    format_version: u16,
    photos: usize,
    encoder: &'a str,
    input_side: u16,
    embedding_width: u16,
    decoder: Option<DecoderReport>,
    miniatures_bytes: Option<u32>,
    autoencoder_bytes: Option<u32>,
    cluster_sizes: Vec<u32>,
    silhouette: Option<f32>,
    eps: f32,
    min_points: u32,
    density_groups: u32,
    with_metadata: usize,
    tags: usize,
    noise: u32,
    perplexity: f32,
    files: usize,
    bytes: BTreeMap<&'static str, u64>,
}

/// A decoder in a site.
#[derive(Serialize)]
struct DecoderReport {
    output_side: usize,
    bytes: u32,
}

pub(super) fn run(options: &Inspect) -> Result<Outcome> {
    let gallery = site::check(&options.site)?;
    let decoder = site::decoder(&options.site, &gallery)?;
    let report = report(&options.site, &gallery, decoder.as_ref())?;
    say(if options.json { serde_json::to_string_pretty(&report)? } else { text(&report) });
    Ok(Outcome::Done)
}

fn report<'a>(site: &Path, gallery: &'a Gallery, decoder: Option<&DecoderFile>) -> Result<Report<'a>> {
    let Gallery { entry, encoder, items, .. } = gallery;
    let mut bytes = BTreeMap::new();
    let mut files = 0;
    for file in walkdir::WalkDir::new(site) {
        let file = file?;
        if file.file_type().is_file() {
            files += 1;
            *bytes.entry(part(site, file.path())).or_default() += file.metadata()?.len();
        }
    }
    Ok(Report {
        title: &entry.title,
        generator: &entry.generator,
        format_version: container::VERSION,
        photos: items.len(),
        encoder: &encoder.name,
        input_side: encoder.config.preprocess.side,
        embedding_width: entry.width,
        decoder: decoder
            .zip(entry.decoder)
            .map(|(d, file)| DecoderReport { output_side: d.config.side(), bytes: file.bytes }),
        miniatures_bytes: entry.miniatures.map(|file| file.bytes),
        autoencoder_bytes: entry.autoencoder.map(|file| file.bytes),
        cluster_sizes: entry.clusters.iter().map(|c| c.size).collect(),
        silhouette: entry.silhouette,
        eps: entry.density.eps,
        min_points: entry.density.min_points,
        density_groups: entry.density.groups,
        with_metadata: items.iter().filter(|item| item.details.is_some()).count(),
        tags: entry.tags.len(),
        noise: entry.density.noise,
        perplexity: entry.perplexity,
        files,
        bytes,
    })
}

fn part(site: &Path, file: &Path) -> &'static str {
    let gallery = site.join(gallery::FOLDER);
    match () {
        () if file.starts_with(gallery.join(gallery::THUMBS)) => "thumbnails",
        () if file.starts_with(gallery.join(gallery::LARGE)) => "large",
        () if file.starts_with(gallery) => "gallery",
        () if file.extension().is_some_and(|e| e == "wasm") => "wasm",
        () => "page",
    }
}

fn text(report: &Report<'_>) -> String {
    let sizes = report.cluster_sizes.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let silhouette = report.silhouette.map_or(String::new(), |s| format!(", silhouette {s:.3}"));
    let decoder = report.decoder.as_ref().map_or("none".to_owned(), |decoder| {
        format!("{} px out, {:.1} kB, fetched when it is wanted", decoder.output_side, f64::from(decoder.bytes) / 1e3)
    });
    let methods = report.miniatures_bytes.map_or("none to compare with".to_owned(), |bytes| {
        let autoencoder = if report.autoencoder_bytes.is_some() { ", autoencoder" } else { "" };
        let bytes = f64::from(bytes + report.autoencoder_bytes.unwrap_or(0)) / 1e3;
        format!(
            "raw pixels, colour histogram{autoencoder} to compare with, {bytes:.1} kB, fetched when they are wanted"
        )
    });
    let bytes = report
        .bytes
        .iter()
        .map(|(part, bytes)| format!("{part} {:.2} MB", *bytes as f64 / 1e6))
        .collect::<Vec<_>>()
        .join(", ");
    format!(
        "{} · {} photos · {}, format {}\nencoder   {}, {} px in, {} numbers out\ndecoder   {decoder}\nmethods   {methods}\nk-means   {} clusters of {sizes} photos{silhouette}\n\
         DBSCAN    {} groups, {} noise, eps {:.4}, {} points\nmap       perplexity {}\nmetadata  {} photos, {} tags\nfiles     {}: {bytes}\nEvery file of the gallery and every thumbnail is sound.",
        report.title,
        report.photos,
        report.generator,
        report.format_version,
        report.encoder,
        report.input_side,
        report.embedding_width,
        report.cluster_sizes.len(),
        report.density_groups,
        report.noise,
        report.eps,
        report.min_points,
        report.perplexity,
        report.with_metadata,
        report.tags,
        report.files,
    )
}
