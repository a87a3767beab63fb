//! What a network costs, from its configuration: numbers to download, multiplications to do.

use lookalike::encoder::{Architecture, DecoderConfig, EncoderConfig, WeightTensor};

/// Numbers that were learnt.
pub fn parameters(tensors: &[WeightTensor]) -> u64 {
    tensors.iter().map(|tensor| tensor.shape.iter().map(|&axis| u64::from(axis)).product::<u64>()).sum()
}

/// Multiply-adds of the convolutions and the projection for one photo.
pub fn encoding(config: &EncoderConfig) -> u64 {
    let side = u64::from(config.preprocess.side);
    let projection = config.feature_width() as u64 * u64::from(config.width);
    let trunk = match &config.architecture {
        Architecture::ConvPool { channels } => {
            let layer = |(sum, side, input): (u64, u64, u64), &output: &u16| {
                (sum + 9 * input * u64::from(output) * side * side, side / 2, u64::from(output))
            };
            channels.iter().fold((0, side, 3), layer).0
        }
        Architecture::InvertedResidual { stem, blocks, head } => {
            let half = side.div_ceil(2);
            let start = (9 * 3 * u64::from(*stem) * half * half, half, u64::from(*stem));
            let (sum, side, input) = blocks.iter().fold(start, |(sum, side, input), block| {
                let (hidden, kernel) = (u64::from(block.hidden), u64::from(block.kernel));
                let next = side.div_ceil(u64::from(block.stride));
                let expand = if hidden == input { 0 } else { input * hidden * side * side };
                let rest = hidden * (kernel * kernel + u64::from(block.channels)) * next * next;
                (sum + expand + rest, next, u64::from(block.channels))
            });
            sum + input * u64::from(*head) * side * side
        }
    };
    trunk + projection
}

/// Multiply-adds of drawing one photo.
pub fn drawing(config: &DecoderConfig) -> u64 {
    let start = (0, u64::from(config.latent[1]), u64::from(config.latent[0]));
    let layer = |(sum, side, input): (u64, u64, u64), &output: &u16| {
        (sum + 9 * input * u64::from(output) * side * side, 2 * side, u64::from(output))
    };
    let (sum, side, input) = config.channels.iter().fold(start, layer);
    sum + 9 * input * 3 * side * side
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::Choice;

    #[test]
    fn the_default_encoder_costs_what_its_card_says() {
        let card = include_str!("../../MODEL.md");
        let networks = Choice::Default.networks(None).unwrap().unwrap();
        let (encoder, decoder) = (networks.encoder, networks.decoder.unwrap());
        let millions = |number: u64| number as f64 / 1e6;
        let row = format!(
            "| encoder | {:.2} M | {:.0} M |",
            millions(parameters(&encoder.tensors)),
            millions(encoding(&encoder.config))
        );
        assert!(card.contains(&row), "{row}");
        let row =
            format!("{:.2} M | {:.0} M |", millions(parameters(&decoder.tensors)), millions(drawing(&decoder.config)));
        assert!(card.contains(&row), "{row}");
    }

    #[test]
    fn the_autoencoder_by_hand() {
        // 64 px, 16 channels; 32 px, 32; 16 px, 8; 512 features to 64.
        let expected = 9 * (3 * 16 * 64 * 64 + 16 * 32 * 32 * 32 + 32 * 8 * 16 * 16) + 512 * 64;
        assert_eq!(encoding(&EncoderConfig::autoencoder()), expected);
    }
}
