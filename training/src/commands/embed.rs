//! `lookalike embed`.

use std::io::Cursor;

use anyhow::Result;
use ndarray::Array2;
use ndarray_npy::WriteNpyExt as _;

use super::{
    Outcome, Refusal,
    eval::{Scratch, model_or_scratch, none_readable},
};
use crate::{
    cli::Embed,
    dataset::Dataset,
    device, embed, model,
    output::write_atomic,
    photos::{self, Skipped, plural},
    progress::say,
};

pub(super) fn run(options: &Embed) -> Result<Outcome> {
    if options.out.extension().is_none_or(|extension| extension != "npy") {
        return Err(Refusal::new(format!("--out {} must end in .npy", options.out.display())).into());
    }
    let list = options.out.with_extension("txt");
    if list.exists() && !options.out.exists() {
        let message =
            format!("{} is there and would be replaced by the list of names; choose another --out", list.display());
        return Err(Refusal::new(message).into());
    }
    let skipped = Skipped::default();
    let files = photos::find(&options.photos, &skipped)?;
    let file = model_or_scratch(
        options.model.as_deref(),
        &options.photos,
        &files,
        Scratch { seed: options.seed, device: options.device },
    )?;
    let data = Dataset::load(files, &file.config.preprocess, &skipped)?;
    if data.pixels.is_empty() {
        return Err(none_readable(&options.photos, &skipped));
    }
    skipped.report();
    let device = device::open(options.device)?;
    let network = model::network(&file, &device.device)?;
    let embeddings = embed::embed(&network, &file.config, &data.pixels, &device.device)?;
    let values = embeddings.iter().flat_map(|e| e.as_slice().to_vec()).collect();
    let array = Array2::<f32>::from_shape_vec((embeddings.len(), usize::from(file.config.width)), values)?;
    let mut bytes = Cursor::new(Vec::new());
    array.write_npy(&mut bytes)?;
    let lines: String = data.files.iter().map(|f| format!("{}\n", f.path)).collect();
    write_atomic(&list, lines.as_bytes())?;
    write_atomic(&options.out, &bytes.into_inner())?;
    say(format!(
        "{} of {} numbers in {}, their names in {}",
        plural(embeddings.len(), "embedding"),
        file.config.width,
        options.out.display(),
        list.display()
    ));
    Ok(Outcome::from(&skipped))
}
