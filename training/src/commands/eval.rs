//! `lookalike eval`.

use anyhow::Result;
use lookalike::preprocess::{Pixels, PreprocessConfig};

use super::{
    Outcome, Refusal,
    scratch::{Scratch, Wanted, embed_photos, none_readable},
};
use crate::{
    cli::Eval,
    dataset::Dataset,
    evaluate::{Evaluation, evaluate},
    photos::{self, PhotoFile, Skipped},
    progress::say,
};

/// The name that stands for no model at all.
const PIXELS: &str = "pixels";

/// Side of the raw pixels that a model is compared with.
const PIXELS_SIDE: u16 = 32;

pub(super) fn run(options: &Eval) -> Result<Outcome> {
    let skipped = Skipped::default();
    let files = photos::find(&options.photos, &skipped)?;
    let (files, vectors) = if options.model.to_string() == PIXELS {
        raw_pixels(files, &skipped)?
    } else {
        let training = Scratch { seed: options.seed, device: options.device };
        let wanted = Wanted { model: &options.model, side: options.side, training };
        let (files, embeddings) = embed_photos(wanted, &options.photos, files, &skipped)?;
        (files, embeddings.iter().map(|e| e.as_slice().to_vec()).collect())
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

type Vectors = (Vec<PhotoFile>, Vec<Vec<f32>>);

/// Raw pixels as unit vectors, each pixel less its mean over the collection.
fn raw_pixels(files: Vec<PhotoFile>, skipped: &Skipped) -> Result<Vectors> {
    let data = Dataset::load(files, &PreprocessConfig::unit_range(PIXELS_SIDE), skipped)?;
    let count = data.pixels.len().max(1) as f64;
    let size = 3 * usize::from(PIXELS_SIDE) * usize::from(PIXELS_SIDE);
    let mut mean = vec![0.0_f64; size];
    for pixels in &data.pixels {
        mean.iter_mut().zip(pixels.bytes()).for_each(|(sum, &byte)| *sum += f64::from(byte) / count);
    }
    let vectors = data.pixels.iter().map(|pixels| centred(pixels, &mean)).collect();
    Ok((data.files, vectors))
}

fn centred(pixels: &Pixels, mean: &[f64]) -> Vec<f32> {
    let difference: Vec<f64> = pixels.bytes().iter().zip(mean).map(|(&byte, mean)| f64::from(byte) - mean).collect();
    let norm = difference.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    difference.iter().map(|x| (x / norm) as f32).collect()
}
