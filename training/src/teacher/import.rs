//! From PyTorch's layers to ours: batch norms folded into their convolutions, channels last.

use anyhow::Result;
use lookalike::encoder::{BlockConfig, TensorValues, WeightTensor};

/// Added to a batch norm's variance (TensorFlow's EfficientNet, which the weights come from).
const EPSILON: f64 = 1e-3;

/// Colours of a pixel.
const COLOURS: usize = 3;

/// Where weights come from: `read(name, shape)` gives a tensor's numbers, the last axis running fastest.
pub(super) type Read<'a> = &'a dyn Fn(&str, &[usize]) -> Result<Vec<f32>>;

/// The weights of an inverted-residual trunk.
///
/// Shapes: pointwise `[inputs, outputs]`, depthwise `[kernel, kernel, channels]`, biases `[outputs]`;
/// the stem `[27, outputs]`, its rows ordered by row, column and colour of the kernel.
pub(super) fn trunk(stem: u16, blocks: &[BlockConfig], head: u16, read: Read) -> Result<Vec<WeightTensor>> {
    let mut import = Import { read, tensors: Vec::new() };
    import.stem(usize::from(stem))?;
    let mut inputs = usize::from(stem);
    for (at, block) in blocks.iter().enumerate() {
        import.block(at, inputs, block)?;
        inputs = usize::from(block.channels);
    }
    import.pointwise("head", ["_conv_head", "_bn1"], [inputs, usize::from(head)])?;
    Ok(import.tensors)
}

struct Import<'a> {
    read: Read<'a>,
    tensors: Vec<WeightTensor>,
}

impl Import<'_> {
    fn stem(&mut self, outputs: usize) -> Result<()> {
        let (weight, bias) = self.folded(["_conv_stem", "_bn0"], [outputs, COLOURS, 3, 3])?;
        let seen = 3 * 3 * COLOURS;
        // PyTorch orders a kernel by colour, row, column.
        let colours_last: Vec<f32> = weight.chunks(seen).flat_map(|kernel| transposed(kernel, COLOURS)).collect();
        self.store("stem", &[seen, outputs], transposed(&colours_last, outputs), bias);
        Ok(())
    }

    fn block(&mut self, at: usize, inputs: usize, config: &BlockConfig) -> Result<()> {
        let (hidden, outputs) = (usize::from(config.hidden), usize::from(config.channels));
        let layer = |name: &str| format!("_blocks.{at}.{name}");
        if hidden != inputs {
            let names = [layer("_expand_conv"), layer("_bn0")];
            self.pointwise(&format!("blocks.{at}.expand"), names, [inputs, hidden])?;
        }
        let names = [layer("_depthwise_conv"), layer("_bn1")];
        self.depthwise(&format!("blocks.{at}.depthwise"), names, usize::from(config.kernel), hidden)?;
        let names = [layer("_project_conv"), layer("_bn2")];
        self.pointwise(&format!("blocks.{at}.project"), names, [hidden, outputs])
    }

    fn pointwise<S: AsRef<str>>(&mut self, ours: &str, theirs: [S; 2], shape: [usize; 2]) -> Result<()> {
        let [inputs, outputs] = shape;
        let (weight, bias) = self.folded(theirs, [outputs, inputs, 1, 1])?;
        self.store(ours, &shape, transposed(&weight, outputs), bias);
        Ok(())
    }

    fn depthwise<S: AsRef<str>>(&mut self, ours: &str, theirs: [S; 2], kernel: usize, channels: usize) -> Result<()> {
        let (weight, bias) = self.folded(theirs, [channels, 1, kernel, kernel])?;
        self.store(ours, &[kernel, kernel, channels], transposed(&weight, channels), bias);
        Ok(())
    }

    /// Weight, in PyTorch's `[outputs, inputs / groups, kernel, kernel]`, and bias of the convolution that does what
    /// the named convolution and its batch norm do one after the other (Ioffe & Szegedy, "Batch Normalization", 2015).
    fn folded<S: AsRef<str>>(&self, names: [S; 2], shape: [usize; 4]) -> Result<(Vec<f32>, Vec<f32>)> {
        let [convolution, norm] = names;
        let mut weight = (self.read)(&format!("{}.weight", convolution.as_ref()), &shape)?;
        let outputs = shape[0];
        let part = |name: &str| (self.read)(&format!("{}.{name}", norm.as_ref()), &[outputs]);
        let (scale, offset) = (part("weight")?, part("bias")?);
        let (mean, variance) = (part("running_mean")?, part("running_var")?);
        let mut bias = Vec::with_capacity(outputs);
        for (at, kernel) in weight.chunks_mut(shape[1..].iter().product()).enumerate() {
            let factor = f64::from(scale[at]) / (f64::from(variance[at]) + EPSILON).sqrt();
            kernel.iter_mut().for_each(|x| *x = (f64::from(*x) * factor) as f32);
            bias.push((f64::from(offset[at]) - f64::from(mean[at]) * factor) as f32);
        }
        Ok((weight, bias))
    }

    fn store(&mut self, layer: &str, shape: &[usize], weight: Vec<f32>, bias: Vec<f32>) {
        let mut push = |part: &str, shape: &[usize], values| {
            let name = format!("InvertedResidual.{layer}.{part}");
            let shape = shape.iter().map(|&axis| axis as u32).collect();
            self.tensors.push(WeightTensor { name, shape, values: TensorValues::F32(values) });
        };
        let outputs = bias.len();
        push("weight", shape, weight);
        push("bias", &[outputs], bias);
    }
}

/// A matrix of `rows` rows, row by row, turned into its transpose.
pub(super) fn transposed(matrix: &[f32], rows: usize) -> Vec<f32> {
    let columns = matrix.len() / rows;
    (0..columns).flat_map(|column| matrix.iter().skip(column).step_by(columns)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::RefCell, collections::BTreeMap};

    use burn::{
        module::{Param, RunningState},
        nn::{BatchNormConfig, conv::Conv2dConfig},
        tensor::{Device, Distribution, Tensor, TensorData},
    };
    use lookalike::encoder::{Architecture, Encoder, EncoderConfig, load_weights};

    /// A checkpoint whose tensors are made up as they are asked for.
    struct MadeUp {
        device: Device,
        tensors: RefCell<BTreeMap<String, TensorData>>,
    }

    impl MadeUp {
        fn read(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
            let least = if name.ends_with("running_var") { 0.2 } else { -1.0 };
            let count: usize = shape.iter().product();
            let numbers = Tensor::<1>::random([count], Distribution::Uniform(least, 1.5), &self.device);
            let values: Vec<f32> = numbers.into_data().iter().collect();
            let data = TensorData::new(values.clone(), shape.to_vec());
            assert!(self.tensors.borrow_mut().insert(name.to_owned(), data).is_none(), "{name} is read twice");
            Ok(values)
        }

        fn tensor<const D: usize>(&self, name: &str) -> Tensor<D> {
            Tensor::from_data(self.tensors.borrow()[name].clone(), &self.device)
        }

        /// burn's own convolution and batch norm, channels first; the sides are even wherever the stride is 2.
        fn layer(&self, x: Tensor<4>, names: [&str; 2], stride: usize) -> Tensor<4> {
            let weight = self.tensor::<4>(&format!("{}.weight", names[0]));
            let [outputs, seen, kernel, _] = weight.dims();
            let [_, inputs, ..] = x.dims();
            let mut convolution = Conv2dConfig::new([inputs, outputs], [kernel; 2])
                .with_stride([stride; 2])
                .with_groups(inputs / seen)
                .with_bias(false)
                .init(&self.device);
            convolution.weight = Param::from_tensor(weight);
            let part = |name: &str| self.tensor::<1>(&format!("{}.{name}", names[1]));
            let mut norm = BatchNormConfig::new(outputs).with_epsilon(EPSILON).init(&self.device);
            (norm.gamma, norm.beta) = (Param::from_tensor(part("weight")), Param::from_tensor(part("bias")));
            norm.running_mean = RunningState::new(part("running_mean"));
            norm.running_var = RunningState::new(part("running_var"));
            let [before, after] = [(kernel - stride) / 2, (kernel - stride).div_ceil(2)];
            norm.forward(convolution.forward(x.pad([(0, 0), (0, 0), (before, after), (before, after)], 0.0)))
        }
    }

    fn relu6(x: Tensor<4>) -> Tensor<4> {
        x.clamp(0.0, 6.0)
    }

    #[test]
    fn an_imported_trunk_does_what_convolutions_and_batch_norms_do() {
        let device = Device::flex();
        device.seed(3);
        // One block without expansion, one that halves, one that adds its input.
        let blocks = vec![BlockConfig::new(3, 1, 8, 4), BlockConfig::new(5, 2, 24, 6), BlockConfig::new(3, 1, 36, 6)];
        let made_up = MadeUp { device: device.clone(), tensors: RefCell::default() };
        let tensors = trunk(8, &blocks, 16, &|name, shape| made_up.read(name, shape)).unwrap();
        let architecture = Architecture::InvertedResidual { stem: 8, blocks, head: 16 };
        let config = EncoderConfig { architecture, ..EncoderConfig::lite0(32) };
        let trunk = load_weights(Encoder::init(&config, &device).trunk, &tensors, &device).unwrap();
        let pixels = Tensor::<4>::random([2, 3, 32, 32], Distribution::Normal(0.0, 1.0), &device);
        let features = trunk.features(trunk.latent(pixels.clone()));

        let layer = |x, convolution: &str, norm: &str, stride| made_up.layer(x, [convolution, norm], stride);
        let x = relu6(layer(pixels, "_conv_stem", "_bn0", 2));
        let x = relu6(layer(x, "_blocks.0._depthwise_conv", "_blocks.0._bn1", 1));
        let x = layer(x, "_blocks.0._project_conv", "_blocks.0._bn2", 1);
        let x = relu6(layer(x, "_blocks.1._expand_conv", "_blocks.1._bn0", 1));
        let x = relu6(layer(x, "_blocks.1._depthwise_conv", "_blocks.1._bn1", 2));
        let x = layer(x, "_blocks.1._project_conv", "_blocks.1._bn2", 1);
        let y = relu6(layer(x.clone(), "_blocks.2._expand_conv", "_blocks.2._bn0", 1));
        let y = relu6(layer(y, "_blocks.2._depthwise_conv", "_blocks.2._bn1", 1));
        let x = x + layer(y, "_blocks.2._project_conv", "_blocks.2._bn2", 1);
        let x = relu6(layer(x, "_conv_head", "_bn1", 1));
        let expected = x.mean_dim(3).mean_dim(2).reshape([2, 16]);

        let spread = (expected.clone().max() - expected.clone().min()).into_scalar::<f32>();
        let largest = (features - expected).abs().max().into_scalar::<f32>();
        assert!(spread > 1.0 && largest < 1e-4, "{largest} of {spread}");
    }
}
