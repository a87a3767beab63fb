//! The command's steps on one thread of this machine, or all of them.

use std::{fmt::Write as _, path::Path, time::Instant};

use anyhow::Result;
use lookalike::{
    embedding::Embedding,
    encoder::{DecoderConfig, Encoder, EncoderConfig, cpu},
    preprocess::PreprocessConfig,
    search::{Search, linear_scan},
};
use lookalike_training::{
    cluster::{self, ClusterCount},
    dataset::Dataset,
    density, embed, model,
    photos::{self, Skipped},
    reconstruct,
    train::TrainConfig,
    tsne,
};

use super::report::{median, stamp};

/// All folders with one model.
pub(crate) fn measure(folders: &[std::path::PathBuf], model: &Path) -> Result<String> {
    let mut text = format!("{}\n", stamp());
    for folder in folders {
        text += &native(folder, model)?;
    }
    Ok(text)
}

/// The median time of three runs, in seconds, and the last result.
fn timed<T>(mut run: impl FnMut() -> Result<T>) -> Result<(f64, T)> {
    let mut once = || {
        let started = Instant::now();
        run().map(|result| (started.elapsed().as_secs_f64(), result))
    };
    let (a, _) = once()?;
    let (b, _) = once()?;
    let (c, result) = once()?;
    Ok((median(&mut [a, b, c]), result))
}

fn native(folder: &Path, model: &Path) -> Result<String> {
    let mut text = String::new();
    let device = cpu();
    let file = model::load(model)?;
    let network = model::network(&file, &device)?;
    let found = photos::find(folder, &Skipped::default())?;
    let (reading, data) = timed(|| Dataset::load(found.clone(), &file.config.preprocess, &Skipped::default()))?;
    let count = data.pixels.len() as f64;
    let (embedding, embeddings) = timed(|| embed::embed(&network, &file.config, &data.pixels, &device))?;
    let (k_means, _) = timed(|| cluster::cluster(&embeddings, ClusterCount::Fixed(4), 1))?;
    let (dbscan, _) = timed(|| density::group(&embeddings, None))?;
    let (map, _) = timed(|| tsne::layout(&embeddings, 30.0))?;
    let training = training_rate(&data)?;
    writeln!(
        text,
        "\n{} photos of {}:\n",
        data.pixels.len(),
        folder.file_name().unwrap_or_default().to_string_lossy()
    )?;
    writeln!(text, "| step | figure |\n| --- | --: |")?;
    writeln!(text, "| decoding and preprocessing | {:.0} photos/s |", count / reading)?;
    writeln!(text, "| training, forward and backward, batch 32 | {training:.0} photos/s |")?;
    writeln!(text, "| embedding | {:.0} photos/s |", count / embedding)?;
    writeln!(text, "| one photo, encoder alone, batch 1 | {:.2} ms |", one_photo(&network, &file.config, &data)?)?;
    writeln!(text, "| k-means, k = 4, ten starts, with silhouette | {k_means:.2} s |")?;
    writeln!(text, "| DBSCAN with its choice of eps | {dbscan:.2} s |")?;
    writeln!(text, "| t-SNE, 1,000 steps | {map:.2} s |")?;
    let (tree, scan) = search(&embeddings)?;
    writeln!(text, "| k-d tree, k = 6, one query | {:.1} µs |", tree * 1e6)?;
    writeln!(text, "| linear scan, k = 6, one query | {:.1} µs |", scan * 1e6)?;
    writeln!(text, "| k-d tree against linear scan | {:.2} times as fast |\n", scan / tree)?;
    Ok(text)
}

fn training_rate(data: &Dataset) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let config = TrainConfig {
        from: None,
        teacher: None,
        seed: 1,
        epochs: 2,
        patience: 5,
        batch_size: 32,
        learning_rate: 1e-3,
        validation_share: 0.02,
        augment: true,
        encoder: EncoderConfig { preprocess: PreprocessConfig::unit_range(64), ..EncoderConfig::autoencoder() },
        decoder: DecoderConfig::autoencoder(),
    };
    let device = cpu();
    let started = Instant::now();
    reconstruct::train(&config, data, &device, folder.path())?;
    Ok(2.0 * data.pixels.len() as f64 / started.elapsed().as_secs_f64())
}

fn one_photo(network: &Encoder, config: &EncoderConfig, data: &Dataset) -> Result<f64> {
    let device = cpu();
    let mut times = Vec::new();
    for pixels in data.pixels.iter().cycle().take(60) {
        let started = Instant::now();
        pollster::block_on(network.embed(&[pixels], &config.preprocess, &device))?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(&mut times))
}

/// Seconds a query of the tree and of the scan, in turn over the same queries.
fn search(embeddings: &[Embedding]) -> Result<(f64, f64)> {
    let search = Search::new(embeddings.to_vec())?;
    let (mut tree, mut scan) = (Vec::new(), Vec::new());
    for query in embeddings.iter().step_by((embeddings.len() / 300).max(1)) {
        let started = Instant::now();
        let a = search.nearest(query, 6);
        tree.push(started.elapsed().as_secs_f64());
        let started = Instant::now();
        let b = linear_scan(query, embeddings, 6);
        scan.push(started.elapsed().as_secs_f64());
        anyhow::ensure!(a == b, "the tree and the scan disagree");
    }
    Ok((median(&mut tree), median(&mut scan)))
}
