//! `lookalike embed --out FILE.parquet`: a part of a folder, in bounded memory.

use std::iter;

use anyhow::{Context as _, Result};
use burn::tensor::Device;
use lookalike::{encoder::Encoder, gallery::EncoderFile, preprocess::Pixels};
use rayon::prelude::*;

use super::{Outcome, Refusal};
use crate::{
    choice::Choice,
    cli::Embed,
    device, embed, interrupt,
    metadata::Metadata,
    model,
    parts::{Part, PartWriter, Row, Share, Stamp},
    photos::{self, Content, PhotoFile, Skipped, plural},
    progress::{Progress, say},
};

/// Photos that are read before they are embedded, as decoding and encoding each fill all cores.
const READ: usize = 4 * embed::BATCH;

pub(super) fn run(options: &Embed) -> Result<Outcome> {
    let share = options.part.unwrap_or(Share::WHOLE);
    let skipped = Skipped::default();
    let mut files = photos::chosen(&options.photos, options.files.as_deref(), &skipped)?;
    files.retain(|file| share.holds(&file.path));
    skipped.retain(|path| share.holds(path));
    let metadata = Metadata::read(options.metadata.as_deref())?;
    // A part is about some of the photos: that the others are not there is no news.
    let Some(networks) = options.model.networks(options.side)? else {
        let message =
            "an autoencoder is trained on all photos first: `lookalike train` makes a model whose folder --model names";
        return Err(Refusal::new(message.to_owned()).into());
    };
    // The pretrained network has no projection that was fitted to anything.
    let projects = options.model != Choice::Lite0;
    let asked: Vec<_> = files.iter().flat_map(|file| asked(file, &metadata)).collect();
    let stamp = Stamp::new(&networks.encoder, projects, asked.iter().copied())?;
    if options.out.exists() && !options.overwrite {
        return there_already(options, &stamp);
    }
    let device = device::open(options.device)?.device;
    let embedder = Embedder {
        network: model::network(&networks.encoder, &device)?,
        file: networks.encoder,
        projects,
        device,
        metadata,
    };
    let mut writer = PartWriter::begin(&options.out, &stamp)?;
    let progress = Progress::new("embedding", files.len());
    let mut embedded = 0;
    for files in files.chunks(READ) {
        let read = read(files, &embedder.file, &skipped);
        for read in read.chunks(embed::BATCH) {
            interrupt::check()?;
            writer.add(embedder.rows(read)?)?;
            embedded += read.len();
        }
        progress.advance(files.len());
    }
    interrupt::check()?;
    skipped.report();
    writer.finish(&options.out, skipped.count())?;
    progress.finish(plural(embedded, "photo"));
    say(format!("{} in {}", plural(embedded, "photo"), options.out.display()));
    Ok(Outcome::from(&skipped))
}

/// What a row is asked to hold: a part with other tags is another part.
fn asked<'a>(file: &'a PhotoFile, metadata: &'a Metadata) -> impl Iterator<Item = &'a str> {
    let tags = metadata.of(&file.path).map_or(&[][..], |said| &said.tags);
    iter::once(file.path.as_str()).chain(tags.iter().map(String::as_str))
}

/// Leaves a part that is there and whole as it is; what else is there is not replaced unasked.
fn there_already(options: &Embed, stamp: &Stamp) -> Result<Outcome> {
    let shown = options.out.display();
    let part = Part::open(&options.out).context("--overwrite writes it anew")?;
    if part.stamp != *stamp {
        let message = format!(
            "{shown} is there, of other photos or by another encoder ({}); --overwrite writes it anew",
            part.stamp
        );
        return Err(Refusal::new(message).into());
    }
    say(format!("{} in {shown} already; --overwrite writes it anew", plural(part.len(), "photo")));
    Ok(if part.skipped == 0 { Outcome::Done } else { Outcome::SomeSkipped })
}

/// A photo, decoded.
struct ReadPhoto<'a> {
    file: &'a PhotoFile,
    hash: Content,
    size: [u32; 2],
    pixels: Pixels,
}

/// On all cores; bad photos are noted and left out.
fn read<'a>(files: &'a [PhotoFile], encoder: &EncoderFile, skipped: &Skipped) -> Vec<ReadPhoto<'a>> {
    let one = |file: &'a PhotoFile| {
        let opened = (!interrupt::asked()).then(|| file.open())?;
        let (photo, hash) = opened.map_err(|error| skipped.add(&file.path, format!("{error:#}"))).ok()?;
        let (width, height) = photo.picture().dimensions();
        Some(ReadPhoto { file, hash, size: [width, height], pixels: encoder.config.preprocess.pixels(&photo) })
    };
    files.par_iter().filter_map(one).collect()
}

/// An encoder where it computes.
struct Embedder {
    network: Encoder,
    file: EncoderFile,
    /// Whether its own projection is one.
    projects: bool,
    device: Device,
    metadata: Metadata,
}

impl Embedder {
    fn rows(&self, read: &[ReadPhoto<'_>]) -> Result<Vec<Row>> {
        let pixels: Vec<_> = read.iter().map(|photo| &photo.pixels).collect();
        let values = embed::batch_features(&self.network, &self.file.config, &pixels, &self.device);
        anyhow::ensure!(
            values.iter().all(|x| x.is_finite()),
            "the encoder gave numbers that are not finite; the device may compute wrongly"
        );
        let width = self.file.config.feature_width();
        let mut embeddings = Vec::new();
        if self.projects {
            let features = |at: usize| Ok(values[at * width..][..width].to_vec());
            embeddings = embed::project(&self.network, read.len(), features, &self.device)?;
        }
        let row = |(at, (photo, features)): (usize, (&ReadPhoto<'_>, &[f32]))| Row {
            path: photo.file.path.clone(),
            hash: photo.hash,
            size: photo.size,
            features: features.to_vec(),
            embedding: embeddings.get(at).map(|embedding| embedding.as_slice().to_vec()),
            tags: self.metadata.of(&photo.file.path).map_or(Vec::new(), |said| said.tags.clone()),
        };
        Ok(read.iter().zip(values.chunks_exact(width)).enumerate().map(row).collect())
    }
}
