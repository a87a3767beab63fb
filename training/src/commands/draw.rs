//! `lookalike train --decoder-only`: an encoder stays as it is, and a decoder learns what can be drawn from its latent.

use anyhow::Result;
use burn::module::Module as _;
use lookalike::{gallery::EncoderFile, preprocess::Pixels};

use super::{
    Outcome, adapt,
    scratch::none_readable,
    train::{SHOWN, begin, leave_pictures},
};
use crate::{
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
    let shown: Vec<_> = spread(pictures.len(), SHOWN).collect();
    let shown = pictures.squares(&shown, &input);
    leave_pictures(&config, trained, &shown.iter().collect::<Vec<&Pixels>>(), &device.device, &options.out)?;
    let file = EncoderFile { config: config.encoder.clone(), ..start };
    model::finish(&options.out, &file)?;
    say(format!("model        {}", options.out.display()));
    Ok(Outcome::from(skipped))
}
