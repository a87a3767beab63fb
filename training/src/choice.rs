//! Which model: the default encoder, the pretrained teacher, an autoencoder of one's own, or a folder.

use std::{
    convert::Infallible,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::{Context, Result};
use lookalike::{
    encoder::Architecture,
    gallery::{DecoderFile, EncoderFile, Stored},
};

use crate::{commands::Refusal, model, teacher, train::EpochLoss};

/// What `--model` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The encoder that comes with the command.
    Default,
    /// EfficientNet-Lite0 with its ImageNet weights, which `cargo xtask teacher` gets.
    Lite0,
    /// A plain autoencoder, trained on the photos at hand.
    Autoencoder,
    /// A model's folder.
    Folder(PathBuf),
}

/// What a model holds for a site.
#[derive(Debug, Clone)]
pub struct Networks {
    /// From photos to embeddings.
    pub encoder: EncoderFile,
    /// And back, if the model has one.
    pub decoder: Option<DecoderFile>,
}

/// Side of the teacher's input, in pixels, unless told otherwise.
const LITE0_SIDE: u16 = 224;

/// The default encoder, as MODEL.md says how to train it.
const DEFAULT_ENCODER: &[u8] = include_bytes!("../weights/encoder.lka");

/// Its decoder.
const DEFAULT_DECODER: &[u8] = include_bytes!("../weights/decoder.lka");

/// The losses of the training that made it.
const DEFAULT_HISTORY: &str = include_str!("../weights/loss.json");

impl Choice {
    /// The losses of the training that made the model; `own` is the folder of an autoencoder of one's own. None where
    /// there is no history.
    ///
    /// # Errors
    /// A history that can't be read.
    pub fn history(&self, own: &Path) -> Result<Vec<EpochLoss>> {
        match self {
            Self::Default => serde_json::from_str(DEFAULT_HISTORY).context("this build is damaged"),
            Self::Lite0 => Ok(Vec::new()),
            Self::Autoencoder => model::history(own),
            Self::Folder(folder) => model::history(folder),
        }
    }

    /// The folder, if it is one.
    pub fn folder(&self) -> Option<&Path> {
        if let Self::Folder(folder) = self { Some(folder) } else { None }
    }

    /// Reads the networks, for an input of `side` pixels if that is to be another than the model's own.
    /// `None` for an autoencoder that is yet to be trained.
    ///
    /// # Errors
    /// A folder without a model, files that can't be used, a teacher that is not at hand, or a side that does not suit.
    pub fn networks(&self, side: Option<u16>) -> Result<Option<Networks>> {
        let networks = match self {
            Self::Autoencoder => return Ok(None),
            Self::Default => shipped()?,
            Self::Lite0 => Networks { encoder: teacher::lite0_model(side.unwrap_or(LITE0_SIDE))?, decoder: None },
            Self::Folder(folder) => {
                let encoder = model::load(folder)?;
                Networks { decoder: model::decoder(folder, &encoder)?, encoder }
            }
        };
        networks.at(side).map(Some)
    }
}

impl Networks {
    /// The same for photos of `side` pixels, if that is said: only a network that pools its features has no side of
    /// its own.
    ///
    /// # Errors
    /// A side that does not suit the network.
    pub fn at(mut self, side: Option<u16>) -> Result<Self> {
        let own = self.encoder.config.preprocess.side;
        let Some(side) = side.filter(|&side| side != own) else { return Ok(self) };
        if matches!(self.encoder.config.architecture, Architecture::ConvPool { .. }) {
            let message = format!("the autoencoder takes photos of {own} pixels only; leave out --side");
            return Err(Refusal::new(message).into());
        }
        self.encoder.config.preprocess.side = side;
        self.encoder.config.check().map_err(|e| Refusal::new(e.to_string()))?;
        // A decoder draws from a latent of one size.
        self.decoder = self.decoder.filter(|decoder| decoder.config.check_for(&self.encoder.config).is_ok());
        Ok(self)
    }
}

fn shipped() -> Result<Networks> {
    let encoder = EncoderFile::from_file(DEFAULT_ENCODER, "the default encoder");
    let decoder = DecoderFile::from_file(DEFAULT_DECODER, "the default decoder");
    let (encoder, decoder) = (encoder.context("this build is damaged")?, decoder.context("this build is damaged")?);
    Ok(Networks { encoder, decoder: Some(decoder) })
}

impl FromStr for Choice {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(match name {
            "default" => Self::Default,
            "lite0" => Self::Lite0,
            "autoencoder" => Self::Autoencoder,
            folder => Self::Folder(folder.into()),
        })
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Lite0 => f.write_str("lite0"),
            Self::Autoencoder => f.write_str("autoencoder"),
            Self::Folder(folder) => folder.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantise;

    #[test]
    fn names_are_models_and_anything_else_is_a_folder() {
        for name in ["default", "lite0", "autoencoder", "my/model"] {
            assert_eq!(name.parse::<Choice>().unwrap().to_string(), name);
        }
        assert_eq!("my/model".parse(), Ok(Choice::Folder("my/model".into())));
    }

    #[test]
    fn the_default_encoder_is_whole_and_small() {
        let networks = Choice::Default.networks(None).unwrap().unwrap();
        networks.encoder.config.check().unwrap();
        networks.decoder.unwrap().config.check_for(&networks.encoder.config).unwrap();
        assert!(networks.encoder.config.width <= 64);
        assert!(quantise::gzip_size(DEFAULT_ENCODER).unwrap() <= 2_000_000);
    }

    #[test]
    fn the_shipped_history_is_that_of_the_card() {
        let card = include_str!("../../MODEL.md");
        let history = Choice::Default.history(Path::new("")).unwrap();
        assert_eq!(history.len(), 6);
        for EpochLoss { epoch, training, validation } in history {
            let row = format!("| {epoch} | {training:.4} | {validation:.4} |");
            assert!(card.contains(&row), "{row}");
        }
    }

    #[test]
    fn another_side_leaves_the_decoder_out_and_impossible_ones_are_refused() {
        let at = |side| Choice::Default.networks(Some(side));
        let networks = at(224).unwrap().unwrap();
        assert_eq!(networks.encoder.config.preprocess.side, 224);
        assert!(networks.decoder.is_none());
        assert!(at(8).unwrap_err().is::<Refusal>());
    }
}
