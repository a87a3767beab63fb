//! What a part says about itself, in the file's metadata.

use std::{collections::BTreeMap, fmt};

use anyhow::{Context, Result, bail, ensure};
use lookalike::{
    gallery::{EncoderFile, Stored, container::hash},
    preprocess::PreprocessConfig,
};
use parquet::file::metadata::KeyValue;

use super::hex;

/// The version of the format.
const VERSION: &str = "1";

/// What its rows depend on, and what was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    /// Of the encoder without its projection.
    pub encoder: u64,
    /// What the encoder is called.
    pub model: String,
    /// How a photo becomes its input.
    pub preprocess: PreprocessConfig,
    /// Numbers in an embedding; 0: it has no projection of its own.
    pub embedding_width: usize,
    /// Numbers in features.
    pub feature_width: usize,
    /// Of the paths that were asked for.
    pub share: u64,
}

impl Stamp {
    /// Of an encoder, and of the photos that it is to embed.
    ///
    /// # Errors
    /// An encoder over the limits of its file.
    pub fn new<'a>(encoder: &EncoderFile, projects: bool, paths: impl Iterator<Item = &'a str>) -> Result<Self> {
        let mut trunk = encoder.clone();
        trunk.tensors.retain(|tensor| !tensor.name.starts_with("projection."));
        let paths: String = paths.flat_map(|path| [path, "\n"]).collect();
        Ok(Self {
            encoder: trunk.to_file()?.1.hash,
            model: encoder.name.clone(),
            preprocess: encoder.config.preprocess,
            embedding_width: if projects { usize::from(encoder.config.width) } else { 0 },
            feature_width: encoder.config.feature_width(),
            share: hash(paths.as_bytes()),
        })
    }

    /// Whether rows of both can stand in one collection.
    pub fn agrees(&self, other: &Self) -> bool {
        self.encoder == other.encoder && self.feature_width == other.feature_width
    }

    pub(super) fn write(&self) -> Result<Vec<KeyValue>> {
        let pairs = [
            ("version", VERSION.to_owned()),
            ("encoder", hex(self.encoder)),
            ("model", self.model.clone()),
            ("preprocess", serde_json::to_string(&self.preprocess)?),
            ("embedding_width", self.embedding_width.to_string()),
            ("feature_width", self.feature_width.to_string()),
            ("share", hex(self.share)),
        ];
        Ok(pairs.into_iter().map(|(key, value)| pair(key, value)).collect())
    }

    pub(super) fn read(pairs: &Pairs) -> Result<Self> {
        let version = pairs.get("version")?;
        ensure!(
            version == VERSION,
            "it has version {version} of the format, this command reads version {VERSION}: embed its photos again"
        );
        Ok(Self {
            encoder: pairs.hash("encoder")?,
            model: pairs.get("model")?.to_owned(),
            preprocess: serde_json::from_str(pairs.get("preprocess")?).context("its preprocess can't be read")?,
            embedding_width: pairs.number("embedding_width")?,
            feature_width: pairs.number("feature_width")?,
            share: pairs.hash("share")?,
        })
    }
}

/// For people.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { encoder, model, preprocess, feature_width, .. } = self;
        write!(f, "{model} {encoder:016x} at {} pixels, {feature_width} features", preprocess.side)
    }
}

/// One of our pairs.
pub(super) fn pair(key: &str, value: String) -> KeyValue {
    KeyValue::new(format!("lookalike.{key}"), value)
}

/// The pairs of a file.
pub(super) struct Pairs(BTreeMap<String, String>);

impl Pairs {
    pub(super) fn new(pairs: Option<&Vec<KeyValue>>) -> Self {
        let text = |pair: &KeyValue| Some((pair.key.clone(), pair.value.clone()?));
        Self(pairs.into_iter().flatten().filter_map(text).collect())
    }

    fn get(&self, key: &str) -> Result<&str> {
        let Some(value) = self.0.get(&format!("lookalike.{key}")) else {
            bail!("it does not say its lookalike.{key}; only files that `lookalike embed` has written can be used");
        };
        Ok(value)
    }

    pub(super) fn number(&self, key: &str) -> Result<usize> {
        self.get(key)?.parse().with_context(|| format!("its lookalike.{key} is no number"))
    }

    pub(super) fn hash(&self, key: &str) -> Result<u64> {
        u64::from_str_radix(self.get(key)?, 16).with_context(|| format!("its lookalike.{key} is no hash"))
    }
}
