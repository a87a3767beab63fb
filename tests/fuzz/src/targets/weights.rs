//! Weights: an encoder or a decoder, loaded into its network, and the network run where that is quick.

use lookalike::{
    encoder::{Architecture, Decoder, DecoderConfig, Encoder, EncoderConfig, batch_tensor, cpu, pictures},
    gallery::{DecoderFile, EncoderFile},
    preprocess::Pixels,
};

use super::read;

/// Channels and sides above these take longer than their shapes are worth.
const MOST: u16 = 32;

fn is_quick(config: &EncoderConfig) -> bool {
    let small = |number: &u16| *number <= MOST;
    let channels = match &config.architecture {
        Architecture::ConvPool { channels } => channels.iter().all(small),
        Architecture::InvertedResidual { stem, blocks, head } => {
            small(stem) && small(head) && blocks.iter().all(|block| small(&block.hidden) && small(&block.channels))
        }
    };
    channels && small(&config.preprocess.side)
}

fn encoder(file: &EncoderFile) {
    let Ok(encoder) = Encoder::load(&file.config, &file.tensors, &cpu()) else { return };
    assert!(file.config.latent_shape().iter().product::<usize>() > 0 && file.config.feature_width() > 0);
    if is_quick(&file.config) {
        let side = file.config.preprocess.side;
        let pixels = Pixels::from_interleaved(side, &[127; 12]);
        // Weights may make of it what is not finite, which is told.
        let _ = pollster::block_on(encoder.embed(&[&pixels], &file.config.preprocess, &cpu()));
    }
}

fn decoder(file: &DecoderFile) {
    if file.config.check().is_err() {
        return;
    }
    let Ok(decoder) = Decoder::load(&file.config, &file.tensors, &cpu()) else { return };
    let DecoderConfig { latent: [channels, side, _], channels: after } = &file.config;
    if file.config.side() <= 64 && *channels <= MOST && after.iter().all(|count| *count <= MOST) {
        let latent = Pixels::from_interleaved(*side, &[127; 12]);
        let unit = lookalike::preprocess::PreprocessConfig::unit_range(*side);
        if *channels == 3 {
            let _ = pollster::block_on(pictures(decoder.forward(batch_tensor(&[&latent], &unit, &cpu()))));
        }
    }
}

/// Reads these.
pub fn run(bytes: &[u8]) {
    if bytes.get(10) == Some(&5) {
        read::<DecoderFile>(bytes).inspect(|(file, _)| decoder(file));
    } else {
        read::<EncoderFile>(bytes).inspect(|(file, _)| encoder(file));
    }
}
