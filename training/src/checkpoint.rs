//! The state of an unfinished training, in one file that is replaced as a whole.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use burn::{module::Module, optim::ModuleOptimizer, store::ModuleRecord, tensor::Bytes};
use lookalike::gallery::{Stored, container::Kind};
use serde::{Deserialize, Serialize};

use crate::{
    autoencoder::Autoencoder,
    output,
    train::{EpochLoss, TrainConfig},
};

/// The file's name inside a model's folder.
pub const FILE: &str = "checkpoint.lka";

/// Everything needed to go on as if nothing had happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The run's configuration, as JSON: a run goes on only with its own.
    pub config: String,
    /// Hash of the photos' paths and pixels: likewise.
    pub photos: u64,
    /// The epoch under way, from 0.
    pub epoch: usize,
    /// Batches of it that are done.
    pub batch: usize,
    /// Sum of the losses of these batches, each weighted with its photos.
    pub loss_sum: f64,
    /// The epochs before.
    pub history: Vec<EpochLoss>,
    /// The network, in burn's own format, which keeps the identities that the optimizer refers to.
    pub network: Vec<u8>,
    /// The network of the epoch with the lowest validation loss; empty before the first.
    pub best: Vec<u8>,
    /// The optimizer's moments.
    pub optimizer: Vec<u8>,
}

impl Stored for Checkpoint {
    const KIND: Kind = Kind::Checkpoint;
}

impl Checkpoint {
    /// Writes it into a model's folder.
    ///
    /// # Errors
    /// A place that can't be written; the checkpoint before is then still there.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let (bytes, _) = self.to_file()?;
        output::write_atomic(&folder.join(FILE), &bytes)
    }

    /// Reads that of a model's folder, and checks that it belongs to this run.
    ///
    /// # Errors
    /// A file that is damaged, or belongs to other photos or another configuration.
    pub fn load(folder: &Path, config: &TrainConfig, photos: u64) -> Result<Self> {
        let path = folder.join(FILE);
        let bytes = std::fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?;
        let checkpoint = Self::from_file(&bytes, FILE).context("start anew with --overwrite")?;
        let cause = match () {
            () if checkpoint.photos != photos => "other photos",
            () if checkpoint.config != config.to_json()? => "other options",
            () => return Ok(checkpoint),
        };
        Err(anyhow!("{} was made with {cause}; use the same again, or start anew with --overwrite", path.display()))
    }
}

/// A network's weights with the identities of its parameters.
///
/// # Errors
/// What burn says.
pub fn network_bytes(network: &Autoencoder) -> Result<Vec<u8>> {
    let bytes = network.clone().into_record().into_bytes().map_err(|e| anyhow!("the network can't be stored: {e}"))?;
    Ok(bytes.to_vec())
}

/// Puts stored weights into a network.
///
/// # Errors
/// Bytes that do not fit the network.
pub fn load_network(network: Autoencoder, bytes: &[u8]) -> Result<Autoencoder> {
    let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes.to_vec()));
    record.and_then(|record| network.try_load_record(record)).map_err(|e| anyhow!("the checkpoint does not fit: {e}"))
}

/// An optimizer's moments.
///
/// # Errors
/// What burn says.
pub fn optimizer_bytes(optimizer: &ModuleOptimizer) -> Result<Vec<u8>> {
    Ok(optimizer.into_bytes().map_err(|e| anyhow!("the optimizer can't be stored: {e}"))?.to_vec())
}

/// Puts stored moments into an optimizer.
///
/// # Errors
/// Bytes that are no optimizer's.
pub fn load_optimizer(optimizer: ModuleOptimizer, bytes: &[u8]) -> Result<ModuleOptimizer> {
    optimizer.from_bytes(Bytes::from_bytes_vec(bytes.to_vec())).map_err(|e| anyhow!("the checkpoint does not fit: {e}"))
}
