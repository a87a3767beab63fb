//! `lookalike train --decoder-only`: an encoder stays as it is, and a decoder learns what can be drawn from its latent.

use std::fs;

use anyhow::Result;
use burn::module::Module as _;
use lookalike::{
    gallery::{EncoderFile, Stored as _},
    preprocess::Pixels,
};

use super::{
    Outcome, adapt,
    scratch::none_readable,
    train::{begin, leave_pictures},
};
use crate::{
    checkpoint,
    choice::Networks,
    cli::Train,
    dataset::spread,
    device,
    distill::Pictures,
    drawing::Drawing,
    model,
    output::write_atomic,
    photos::{PhotoFile, Skipped},
    progress::say,
    train::Training,
};

pub(super) fn run(options: &Train, files: Vec<PhotoFile>, skipped: &Skipped) -> Result<Outcome> {
    let Networks { encoder: start, decoder } = adapt::start(options)?;
    let device = device::open(options.device)?;
    eprintln!("device       {}", device.name);
    let config = adapt::config(options, &start, files.len())?;
    let pictures = Pictures::load(files, skipped)?;
    if pictures.is_empty() {
        return Err(none_readable(&options.photos, skipped));
    }
    skipped.report();
    begin(options)?;
    let network = adapt::network(&start, decoder.as_ref(), &config, &device.device)?;
    let encoder = network.encoder.clone().valid();
    let input = config.encoder.preprocess;
    let objective = Drawing { pictures: &pictures, encoder: &encoder, input };
    write_atomic(&options.out.join(model::CONFIG), config.to_json()?.as_bytes())?;
    let trained = Training::begin(&config, network, &objective, &device.device, &options.out)?.run()?;
    let shown: Vec<_> = spread(pictures.len(), adapt::SHOWN).collect();
    let shown = pictures.squares(&shown, &input);
    leave_pictures(&config, trained, &shown.iter().collect::<Vec<&Pixels>>(), &device.device, &options.out)?;
    let file = EncoderFile { config: config.encoder.clone(), ..start };
    // Last: a folder with an encoder is a finished model.
    write_atomic(&options.out.join(model::ENCODER), &file.to_file()?.0)?;
    fs::remove_file(options.out.join(checkpoint::FILE)).ok();
    say(format!("model        {}", options.out.display()));
    Ok(Outcome::from(skipped))
}
