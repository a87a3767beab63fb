//! What a decoder is, apart from its weights.

use serde::{Deserialize, Serialize};

use super::{ConfigError, EncoderConfig};

/// The longest side of a picture, in pixels.
const MAX_SIDE: usize = 512;

/// From a latent back to a picture: 3 × 3 convolutions, each followed by ReLU and upsampling to twice the side, and a
/// last one to red, green and blue, followed by a sigmoid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecoderConfig {
    /// Shape of the latent that it reads, `[channels, side, side]`.
    pub latent: [u16; 3],
    /// Channels after each convolution but the last.
    pub channels: Vec<u16>,
}

impl DecoderConfig {
    /// The way back from the latent of [`EncoderConfig::autoencoder`] to 64 × 64 pixels.
    pub fn autoencoder() -> Self {
        Self { latent: [8, 8, 8], channels: vec![32, 32, 16] }
    }

    /// Side of the picture in pixels; the encoder's input may have another.
    pub fn side(&self) -> usize {
        usize::from(self.latent[2]) << self.channels.len()
    }

    /// Checks what a file may have made up.
    ///
    /// # Errors
    /// The first thing that describes no network.
    pub fn check(&self) -> Result<(), ConfigError> {
        let possible = |channels: u16| (1..=1024).contains(&channels);
        let [channels, height, width] = self.latent;
        if !possible(channels) || height == 0 || height != width {
            return Err(ConfigError::DecoderLatent(self.latent));
        }
        if !(1..=8).contains(&self.channels.len()) || !self.channels.iter().all(|&channels| possible(channels)) {
            return Err(ConfigError::DecoderChannels);
        }
        if self.side() > MAX_SIDE {
            return Err(ConfigError::DecoderSide(self.side()));
        }
        Ok(())
    }

    /// Checks likewise, and that this encoder's latent is the one that it reads.
    ///
    /// # Errors
    /// As [`Self::check`], or the latents of both.
    pub fn check_for(&self, encoder: &EncoderConfig) -> Result<(), ConfigError> {
        self.check()?;
        let (reads, given) = (self.latent.map(usize::from), encoder.latent_shape());
        if reads == given { Ok(()) } else { Err(ConfigError::OtherLatent { reads, given }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoder_of_the_autoencoder_fits_it() {
        let (encoder, decoder) = (EncoderConfig::autoencoder(), DecoderConfig::autoencoder());
        assert_eq!(decoder.check_for(&encoder), Ok(()));
        assert_eq!(decoder.side(), usize::from(encoder.preprocess.side));
    }

    #[test]
    fn a_picture_may_be_smaller_than_the_photo() {
        let decoder = DecoderConfig { latent: [320, 5, 5], channels: vec![128, 64, 32, 16] };
        assert_eq!((decoder.check_for(&EncoderConfig::lite0(160)), decoder.side()), (Ok(()), 80));
    }

    #[test]
    fn made_up_configurations_are_refused() {
        let check = |latent, channels: &[u16]| DecoderConfig { latent, channels: channels.to_vec() }.check();
        for latent in [[0, 8, 8], [1025, 8, 8], [8, 0, 0], [8, 8, 4]] {
            assert_eq!(check(latent, &[16]), Err(ConfigError::DecoderLatent(latent)));
        }
        for channels in [&[][..], &[0], &[1025], &[1; 9]] {
            assert_eq!(check([8, 8, 8], channels), Err(ConfigError::DecoderChannels));
        }
        assert_eq!(check([8, 65, 65], &[1, 1, 1]), Err(ConfigError::DecoderSide(520)));
        assert_eq!(check([8, u16::MAX, u16::MAX], &[1; 8]), Err(ConfigError::DecoderSide(65_535 << 8)));
    }

    #[test]
    fn a_decoder_of_another_encoder_is_refused() {
        let refusal = DecoderConfig::autoencoder().check_for(&EncoderConfig::lite0(160));
        assert_eq!(refusal, Err(ConfigError::OtherLatent { reads: [8, 8, 8], given: [320, 5, 5] }));
    }
}
