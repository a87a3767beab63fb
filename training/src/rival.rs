//! The plain autoencoder that visitors may compare a gallery's encoder with.

use std::path::Path;

use anyhow::Result;
use lookalike::{
    cells::{Layout, STEP},
    encoder::{Architecture, Encoder, cpu},
    gallery::{AutoencoderFile, EncoderFile, Rounded},
    photo::Photo,
};

use crate::{commands::Refusal, model};

/// An autoencoder, ready to embed. On the processor: it is small, and its numbers are the same on every machine.
#[derive(Debug)]
pub struct Rival {
    /// The encoder.
    pub file: EncoderFile,
    network: Encoder,
}

impl Rival {
    /// The encoder of a model's folder.
    ///
    /// # Errors
    /// A folder without a model, or whose model is no plain autoencoder.
    pub fn load(folder: &Path) -> Result<Self> {
        let file = model::load(folder)?;
        if !matches!(file.config.architecture, Architecture::ConvPool { .. }) {
            let message = format!(
                "{} holds no plain autoencoder; `lookalike train PHOTOS --out DIR` makes one",
                folder.display()
            );
            return Err(Refusal::new(message).into());
        }
        let network = model::network(&file, &cpu())?;
        Ok(Self { file, network })
    }

    /// A photo's embedding, `[D]`.
    ///
    /// # Errors
    /// Numbers that are not finite.
    pub fn embed(&self, photo: &Photo) -> Result<Vec<f32>> {
        let preprocess = &self.file.config.preprocess;
        let embedded = pollster::block_on(self.network.embed(&[&preprocess.pixels(photo)], preprocess, &cpu()))?;
        Ok(embedded[0].as_slice().to_vec())
    }

    /// What a site carries. `embeddings`: of the photos by their paths, `[photos, D]`.
    pub fn to_file(&self, embeddings: &[f32], layout: &Layout) -> AutoencoderFile {
        let width = usize::from(self.file.config.width);
        let embedding = |&at: &u32| &embeddings[at as usize * width..][..width];
        let in_order: Vec<f32> = layout.cells.iter().flatten().flat_map(embedding).copied().collect();
        AutoencoderFile { encoder: self.file.clone(), embeddings: Rounded::of(&in_order, STEP) }
    }
}
