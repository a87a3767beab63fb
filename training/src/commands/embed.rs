//! `lookalike embed`.

use std::io::Cursor;

use anyhow::Result;
use lookalike::embedding::Embedding;
use ndarray::Array2;
use ndarray_npy::WriteNpyExt as _;

use super::{
    Outcome, Refusal,
    scratch::{Scratch, Wanted, embed_photos},
};
use crate::{
    cli::Embed,
    output::write_together,
    parts,
    photos::{self, Skipped, plural},
    progress::say,
};

pub(super) fn run(options: &Embed) -> Result<Outcome> {
    match options.out.extension().and_then(|extension| extension.to_str()) {
        Some("npy") if options.part.is_some() || options.overwrite || options.metadata.is_some() => {
            Err(Refusal::new("--part, --overwrite and --metadata are for .parquet files".to_owned()).into())
        }
        Some("npy") => numpy(options),
        Some(parts::EXTENSION) => super::part::run(options),
        _ => Err(Refusal::new(format!("--out {} must end in .npy or .parquet", options.out.display())).into()),
    }
}

fn numpy(options: &Embed) -> Result<Outcome> {
    let list = options.out.with_extension("txt");
    if list.exists() && !options.out.exists() {
        let message =
            format!("{} is there and would be replaced by the list of names; choose another --out", list.display());
        return Err(Refusal::new(message).into());
    }
    let skipped = Skipped::default();
    let files = photos::chosen(&options.photos, options.files.as_deref(), &skipped)?;
    let training = Scratch { seed: options.seed, device: options.device };
    let wanted = Wanted { model: &options.model, side: options.side, training };
    let (files, embeddings) = embed_photos(wanted, &options.photos, files, &skipped)?;
    skipped.report();
    let width = embeddings.first().map_or(0, Embedding::width);
    let values = embeddings.iter().flat_map(|e| e.as_slice().to_vec()).collect();
    let array = Array2::<f32>::from_shape_vec((embeddings.len(), width), values)?;
    let mut bytes = Cursor::new(Vec::new());
    array.write_npy(&mut bytes)?;
    let lines: String = files.iter().map(|f| format!("{}\n", f.path)).collect();
    write_together(&[(&list, lines.as_bytes()), (&options.out, &bytes.into_inner())])?;
    say(format!(
        "{} of {} numbers in {}, their names in {}",
        plural(embeddings.len(), "embedding"),
        width,
        options.out.display(),
        list.display()
    ));
    Ok(Outcome::from(&skipped))
}
