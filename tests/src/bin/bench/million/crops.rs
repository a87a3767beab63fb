//! Real embeddings in number: photos, then parts of them, as the default encoder embeds them.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use lookalike::{
    crop::Crop,
    encoder::cpu,
    photo::Photo,
    preprocess::{Pixels, PreprocessConfig},
    symmetry::Symmetry,
};
use lookalike_training::{
    choice::Choice,
    embed, model,
    photos::{self, PhotoFile, Skipped},
};
use rayon::prelude::*;

use super::chance::Chance;

/// Photos on which the projection is fitted.
const FITTED: usize = 4096;

/// Photos a pass through the encoder.
const BATCH: usize = 256;

/// One photo in so many is kept for queries, with all its parts.
const HELD_OUT: usize = 20;

/// A part of a photo, and whether it is mirrored.
type Part = (Crop, bool);

/// Embeds all photos of the folders whole, then a part of each, `passes` times over: into `photos.f32` and
/// `held-out.f32` in `out`, rows of numbers. A photo that is held out has no part among the others.
///
/// # Errors
/// Folders without photos, or a disk that is full.
pub(super) fn embed_crops(folders: &[PathBuf], passes: usize, out: &Path) -> Result<()> {
    let mut found = Vec::new();
    for folder in folders {
        found.extend(photos::find(folder, &Skipped::default())?);
    }
    let mut chance = Chance::new(1);
    chance.shuffle(&mut found);
    let networks = Choice::Default.networks(None)?.context("the default encoder is not there")?;
    let preprocess = networks.encoder.config.preprocess;
    let device = cpu();
    let sample: Vec<Pixels> = found.par_iter().take(FITTED).filter_map(|file| seen(file, None, preprocess)).collect();
    let (file, _) = embed::index(networks.encoder, &sample, &device)?;
    drop(sample);
    let network = model::network(&file, &device)?;
    let (held_out, kept) = found.split_at(found.len() / HELD_OUT);
    fs::create_dir_all(out)?;
    let mut write = |name: &str, files: &[PhotoFile], cut: bool| -> Result<()> {
        let mut to = BufWriter::new(File::options().create(true).append(true).open(out.join(name))?);
        for batch in files.chunks(BATCH) {
            let parts: Vec<_> = batch.iter().map(|file| (file, cut.then(|| part(&mut chance)))).collect();
            let pixels: Vec<_> = parts.par_iter().filter_map(|(file, part)| seen(file, *part, preprocess)).collect();
            for embedding in embed::embed(&network, &file.config, &pixels, &device)? {
                embedding.as_slice().iter().try_for_each(|x| to.write_all(&x.to_le_bytes()))?;
            }
            to.flush()?;
        }
        Ok(())
    };
    write("held-out.f32", held_out, false)?;
    (0..=passes).try_for_each(|pass| write("photos.f32", kept, pass > 0))
}

/// From two fifths to all but a twentieth of each side.
fn part(chance: &mut Chance) -> Part {
    let mut side = || {
        let length = 400 + chance.below(551) as u16;
        (chance.below(1001 - usize::from(length)) as u16, length)
    };
    let ((left, width), (top, height)) = (side(), side());
    (Crop::try_from([left, top, width, height]).unwrap_or(Crop::START), chance.below(2) == 1)
}

fn seen(file: &PhotoFile, part: Option<Part>, preprocess: PreprocessConfig) -> Option<Pixels> {
    let photo = Photo::decode(&fs::read(&file.location).ok()?).ok()?;
    let Some((crop, mirrored)) = part else { return Some(preprocess.pixels(&photo)) };
    let pixels = preprocess.pixels_of(&photo, crop);
    Some(if mirrored { Symmetry { mirrored, turns: 0 }.apply(&pixels) } else { pixels })
}
