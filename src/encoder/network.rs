//! The network itself, on any burn device.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{Device, Tensor},
};
use thiserror::Error;

use super::{
    Architecture, ConfigError, EncoderConfig, TensorValues, WeightTensor,
    kernels::direct::{from_values, max_pool, parameter, permute, relu, reshape, to_values},
    layers::{Convolution, Fresh, Pointwise, Start, Vacant},
    mobile::InvertedResidual,
};
use crate::{
    embedding::{Embedding, EmbeddingError},
    preprocess::{Pixels, PreprocessConfig},
    why::FeatureMap,
};

/// From pixels to features. Training and the browser run this one definition.
#[derive(Module, Debug)]
pub struct Encoder {
    /// From pixels to the latent, and from there to the features.
    pub trunk: Trunk,
    /// From the features to the embedding.
    pub projection: Pointwise,
}

/// The trunk of an encoder.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one trunk, and it is moved once")]
pub enum Trunk {
    /// 3 × 3 convolutions, each halving the side by its pooling.
    ConvPool(Vec<Convolution>),
    /// Inverted residuals.
    InvertedResidual(InvertedResidual),
}

/// Why photos could not be encoded, or weights not be taken.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum EncodeError {
    /// The configuration describes no network.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A weight is missing, superfluous, or of another shape.
    #[error("the weights do not fit the network: {0}")]
    Weights(String),
    /// The device failed.
    #[error("the device failed while encoding: {0}")]
    Device(String),
    /// The device answered with something that is no embedding.
    #[error(transparent)]
    Embedding(#[from] EmbeddingError),
}

impl Encoder {
    /// A network with fresh, random weights. `config` has been [checked](EncoderConfig::check).
    pub fn init(config: &EncoderConfig, device: &Device) -> Self {
        Self::start::<Fresh>(config, device)
    }

    fn start<S: Start>(config: &EncoderConfig, device: &Device) -> Self {
        let projection = Pointwise::projection::<S>(config.feature_width(), usize::from(config.width), device);
        Self { trunk: Trunk::start::<S>(&config.architecture, device), projection }
    }

    /// A network with stored weights.
    ///
    /// # Errors
    /// A configuration that describes no network, or weights that do not fit it.
    pub fn load(config: &EncoderConfig, tensors: &[WeightTensor], device: &Device) -> Result<Self, EncodeError> {
        config.check()?;
        load_weights(Self::start::<Vacant>(config, device), tensors, device).map_err(EncodeError::Weights)
    }

    /// The embedding before it is scaled to unit length.
    ///
    /// # Shapes
    /// - pixels: `[batch, 3, side, side]`
    /// - output: `[batch, width]`
    pub fn forward(&self, pixels: Tensor<4>) -> Tensor<2> {
        self.project(self.features(pixels))
    }

    /// The latent, from which a decoder gives the photo back.
    ///
    /// # Shapes
    /// - pixels: `[batch, 3, side, side]`
    /// - output: `[batch, channels, height, width]`, see [`EncoderConfig::latent_shape`]
    pub fn latent(&self, pixels: Tensor<4>) -> Tensor<4> {
        self.trunk.latent(pixels)
    }

    /// Everything before the projection.
    ///
    /// # Shapes
    /// - pixels: `[batch, 3, side, side]`
    /// - output: `[batch, features]`, see [`EncoderConfig::feature_width`]
    pub fn features(&self, pixels: Tensor<4>) -> Tensor<2> {
        self.trunk.features(self.trunk.latent(pixels))
    }

    /// From features to the embedding before it is scaled to unit length, `[batch, features]` to `[batch, width]`.
    pub fn project(&self, features: Tensor<2>) -> Tensor<2> {
        self.projection.rows(features)
    }

    /// Encodes a batch, `[batch, 3, S, S]` to one embedding each. Asynchronous, because a browser can't wait for its GPU.
    ///
    /// # Errors
    /// A device that fails, or that computes something that is not finite.
    pub async fn embed(
        &self,
        batch: &[&Pixels],
        preprocess: &PreprocessConfig,
        device: &Device,
    ) -> Result<Vec<Embedding>, EncodeError> {
        embeddings(self.forward(batch_tensor(batch, preprocess, device))).await
    }

    /// As [`Encoder::embed`], with each photo's feature map.
    ///
    /// # Errors
    /// As there.
    pub async fn embed_with_maps(
        &self,
        batch: &[&Pixels],
        preprocess: &PreprocessConfig,
        device: &Device,
    ) -> Result<Vec<(Embedding, FeatureMap)>, EncodeError> {
        let latent = self.latent(batch_tensor(batch, preprocess, device));
        let maps = self.trunk.feature_map(latent.clone()); // [batch, cells, channels]
        let [_, cells, channels] = maps.dims();
        let embeddings = embeddings(self.project(self.trunk.features(latent))).await?;
        let maps = to_values(maps).await?;
        let maps = maps.chunks_exact(cells * channels).map(|map| FeatureMap { channels, values: map.to_vec() });
        Ok(embeddings.into_iter().zip(maps).collect())
    }
}

/// Unit vectors of features `[batch, width]`.
async fn embeddings(features: Tensor<2>) -> Result<Vec<Embedding>, EncodeError> {
    let [_, width] = features.dims();
    let values = to_values(features).await?;
    values.chunks_exact(width).map(|row| Ok(Embedding::from_features(row.to_vec())?)).collect()
}

impl Trunk {
    fn start<S: Start>(architecture: &Architecture, device: &Device) -> Self {
        match architecture {
            Architecture::ConvPool { channels } => {
                let inputs = std::iter::once(3).chain(channels.iter().map(|&c| usize::from(c)));
                let layer = |(input, &output)| Convolution::start::<S>(input, usize::from(output), device);
                Self::ConvPool(inputs.zip(channels).map(layer).collect())
            }
            Architecture::InvertedResidual { stem, blocks, head } => {
                Self::InvertedResidual(InvertedResidual::start::<S>(*stem, blocks, *head, device))
            }
        }
    }

    /// `[batch, 3, side, side]` to the latent, `[batch, channels, height, width]`.
    pub fn latent(&self, pixels: Tensor<4>) -> Tensor<4> {
        match self {
            // [batch, channels, height, width] to [batch, channels, height / 2, width / 2]
            Self::ConvPool(layers) => layers.iter().fold(pixels, |x, layer| max_pool(relu(layer.forward(x)))),
            Self::InvertedResidual(network) => network.latent(pixels),
        }
    }

    /// The latent to the features, `[batch, features]`.
    pub fn features(&self, latent: Tensor<4>) -> Tensor<2> {
        match self {
            Self::ConvPool(_) => {
                let [batch, channels, height, width] = latent.dims();
                reshape(latent, [batch, channels * height * width])
            }
            Self::InvertedResidual(network) => network.features(latent),
        }
    }

    /// The last feature map that still knows places, row by row: `[batch, cells, channels]`. That of convolutions and
    /// poolings is the latent; inverted residuals average theirs over the places.
    pub fn feature_map(&self, latent: Tensor<4>) -> Tensor<3> {
        match self {
            Self::ConvPool(_) => {
                let [batch, channels, height, width] = latent.dims();
                reshape(permute(latent, [0, 2, 3, 1]), [batch, height * width, channels])
            }
            Self::InvertedResidual(network) => network.feature_map(latent),
        }
    }
}

/// A batch of pixels on a device: `[batch, 3, S, S]`, scaled.
pub fn batch_tensor(batch: &[&Pixels], preprocess: &PreprocessConfig, device: &Device) -> Tensor<4> {
    let side = usize::from(preprocess.side);
    let mut values = Vec::with_capacity(batch.len() * 3 * side * side);
    batch.iter().for_each(|pixels| preprocess.push_scaled(pixels, &mut values));
    from_values(values, [batch.len(), 3, side, side], device)
}

/// Takes the weights out of a network, each named by its path.
pub fn store_weights<M: Module>(network: &M, store: fn(&[f32]) -> TensorValues) -> Vec<WeightTensor> {
    let mut collector = Collector { path: Vec::new(), store, tensors: Vec::new() };
    network.visit(&mut collector);
    collector.tensors
}

/// Puts stored weights into a network of the same shape.
///
/// # Errors
/// A weight that is missing, left over, or of another shape, by its name.
pub fn load_weights<M: Module>(network: M, tensors: &[WeightTensor], device: &Device) -> Result<M, String> {
    let mut loader = Loader { path: Vec::new(), tensors, used: 0, device, error: None };
    let network = network.map(&mut loader);
    match loader.error {
        Some(error) => Err(error),
        None if loader.used != tensors.len() => {
            Err(format!("the file holds {} tensors, the network has {}", tensors.len(), loader.used))
        }
        None => Ok(network),
    }
}

struct Collector {
    path: Vec<String>,
    store: fn(&[f32]) -> TensorValues,
    tensors: Vec<WeightTensor>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().into_data();
        let shape = data.shape().iter().map(|&axis| axis as u32).collect();
        let values = data.iter::<f32>().collect::<Vec<_>>();
        self.tensors.push(WeightTensor { name: self.path.join("."), shape, values: (self.store)(&values) });
    }
}

struct Loader<'a> {
    path: Vec<String>,
    tensors: &'a [WeightTensor],
    used: usize,
    device: &'a Device,
    error: Option<String>,
}

impl Loader<'_> {
    fn values(&mut self, shape: &[usize]) -> Result<Vec<f32>, String> {
        let name = self.path.join(".");
        let tensor = self.tensors.iter().find(|t| t.name == name).ok_or_else(|| format!("{name} is missing"))?;
        let stored: Vec<usize> = tensor.shape.iter().map(|&axis| axis as usize).collect();
        if stored != shape || tensor.values.len() != shape.iter().product::<usize>() {
            return Err(format!("{name} has shape {stored:?}, the network needs {shape:?}"));
        }
        let values = tensor.values.to_f32();
        if values.iter().any(|x| !x.is_finite()) {
            return Err(format!("{name} holds a number that is not finite"));
        }
        self.used += 1;
        Ok(values)
    }
}

impl ModuleMapper for Loader<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape = param.lazy_shape();
        match self.values(shape.as_slice()) {
            Ok(values) => {
                let tensor = parameter(values, shape, self.device);
                Param::initialized(param.id, tensor).set_require_grad(self.device.is_autodiff())
            }
            Err(error) => {
                self.error.get_or_insert(error);
                param
            }
        }
    }
}
