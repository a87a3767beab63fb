//! A photo by other methods than the gallery's encoder.

use super::{Compared, Comparison, Engine, EngineError};
use crate::{
    descriptor::Descriptors,
    encoder::Encoder,
    photo::Photo,
    preprocess::{Pixels, PreprocessConfig},
    search::{Neighbor, Search},
};

/// A photo to compare, decoded once.
enum Asked {
    Given(Photo),
    Item(u32),
}

impl Engine {
    /// What other methods find for a photo, from the bytes of the gallery's miniatures, and from those of its autoencoder
    /// where it has one.
    ///
    /// # Errors
    /// Bytes that are no photo or not the gallery's files, an id that is no place in the gallery, or a device that fails.
    pub async fn compare(
        &self,
        photo: Compared<'_>,
        miniatures: &[u8],
        autoencoder: Option<&[u8]>,
        k: usize,
    ) -> Result<Comparison, EngineError> {
        let photo = match photo {
            Compared::Given(bytes) => Asked::Given(Photo::decode(bytes)?),
            Compared::Item(id) => Asked::Item(id),
        };
        let [pixels, histogram] = self.by_descriptors(&photo, miniatures, k)?;
        let autoencoder = match autoencoder {
            Some(file) => Some(self.by_autoencoder(&photo, file, k).await?),
            None => None,
        };
        Ok(Comparison { pixels, histogram, autoencoder })
    }

    /// By raw pixels and by colour histogram.
    fn by_descriptors(&self, photo: &Asked, miniatures: &[u8], k: usize) -> Result<[Vec<Neighbor>; 2], EngineError> {
        let miniatures = self.gallery().miniatures(miniatures)?;
        let side = miniatures.first().map_or(1, Pixels::side);
        let given;
        let (photo, without) = match photo {
            Asked::Given(photo) => {
                given = PreprocessConfig::unit_range(side).pixels(photo);
                (&given, None)
            }
            Asked::Item(id) => (miniatures.get(*id as usize).ok_or(EngineError::NoSuchPhoto(*id))?, Some(*id)),
        };
        Ok(Descriptors::new(&miniatures).nearest(photo, without, k))
    }

    /// By the autoencoder, which is not kept.
    async fn by_autoencoder(&self, photo: &Asked, file: &[u8], k: usize) -> Result<Vec<Neighbor>, EngineError> {
        let (file, embeddings) = self.gallery().autoencoder(file)?;
        let search = Search::new(embeddings)?;
        let photo = match photo {
            Asked::Given(photo) => photo,
            Asked::Item(id) => return search.near(*id, k).ok_or(EngineError::NoSuchPhoto(*id)),
        };
        let encoder = Encoder::load(&file.config, &file.tensors, &self.device)?;
        let preprocess = &file.config.preprocess;
        let embedded = encoder.embed(&[&preprocess.pixels(photo)], preprocess, &self.device).await?;
        Ok(search.nearest(&embedded[0], k))
    }
}
