//! `lookalike eval`.

use anyhow::Result;
use lookalike::{descriptor::RawPixels, preprocess::PreprocessConfig};

use super::{
    Outcome, Refusal,
    scratch::{Scratch, Wanted, embed_photos, networks, none_readable},
};
use crate::{
    cli::Eval,
    comparison::BASELINE_SIDE,
    dataset::Dataset,
    device, embed,
    evaluate::{Evaluation, evaluate},
    photos::{self, PhotoFile, Skipped},
    progress::say,
};

/// The name that stands for no model at all.
const PIXELS: &str = "pixels";

pub(super) fn run(options: &Eval) -> Result<Outcome> {
    let skipped = Skipped::default();
    let files = photos::find(&options.photos, &skipped)?;
    let (files, vectors) = if options.model.to_string() == PIXELS {
        raw_pixels(files, &skipped)?
    } else {
        let training = Scratch { seed: options.seed, device: options.device };
        let wanted = Wanted { model: &options.model, side: options.side, training };
        vectors(wanted, options, files, &skipped)?
    };
    if vectors.is_empty() {
        return Err(none_readable(&options.photos, &skipped));
    }
    skipped.report();
    if vectors.len() < 2 {
        return Err(Refusal::new("leave-one-out needs at least two photos".to_owned()).into());
    }
    let classes: Vec<_> = files.iter().map(PhotoFile::class).collect();
    let evaluation = evaluate(&vectors, &classes);
    say(if options.json { serde_json::to_string(&evaluation)? } else { table(&evaluation) });
    Ok(Outcome::from(&skipped))
}

fn table(e: &Evaluation) -> String {
    let percent = |x: f64| format!("{:5.1} %", 100.0 * x);
    format!(
        "{} images, {} classes\nprecision@1             {}\nprecision@6             {}\nR-precision             {}\nmean average precision  {}",
        e.images,
        e.classes,
        percent(e.precision_at_1),
        percent(e.precision_at_6),
        percent(e.r_precision),
        percent(e.mean_average_precision)
    )
}

/// Embeddings, or the features before them.
fn vectors(wanted: Wanted<'_>, options: &Eval, files: Vec<PhotoFile>, skipped: &Skipped) -> Result<Vectors> {
    if !options.features {
        let (files, embeddings) = embed_photos(wanted, &options.photos, files, skipped)?;
        return Ok((files, embeddings.iter().map(|e| e.as_slice().to_vec()).collect()));
    }
    let file = networks(wanted, &options.photos, &files, None)?.encoder;
    let data = Dataset::load(files, &file.config.preprocess, skipped)?;
    let device = device::open(options.device)?;
    Ok((data.files, embed::centred_features(&file, &data.pixels, &device.device)?))
}

type Vectors = (Vec<PhotoFile>, Vec<Vec<f32>>);

/// Raw pixels as unit vectors.
fn raw_pixels(files: Vec<PhotoFile>, skipped: &Skipped) -> Result<Vectors> {
    let data = Dataset::load(files, &PreprocessConfig::unit_range(BASELINE_SIDE), skipped)?;
    let raw = RawPixels::fit(&data.pixels);
    Ok((data.files, data.pixels.iter().map(|pixels| raw.embed(pixels)).collect()))
}
