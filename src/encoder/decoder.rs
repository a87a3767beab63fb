//! The way back: what a second network draws from an encoder's latent shows what that keeps.

use burn::{
    module::Module,
    tensor::{Device, Tensor, module::adaptive_avg_pool2d},
};

use super::{
    DecoderConfig, EncodeError, WeightTensor,
    kernels::direct::{relu, sigmoid, to_values, upsample},
    layers::{Convolution, Fresh, Start, Vacant},
    load_weights,
};
use crate::preprocess::Pixels;

/// From the latent back to a picture.
#[derive(Module, Debug)]
pub struct Decoder {
    layers: Vec<Convolution>,
    last: Convolution,
}

impl Decoder {
    /// A network with fresh, random weights. `config` has been [checked](DecoderConfig::check).
    pub fn init(config: &DecoderConfig, device: &Device) -> Self {
        Self::start::<Fresh>(config, device)
    }

    fn start<S: Start>(config: &DecoderConfig, device: &Device) -> Self {
        let mut input = usize::from(config.latent[0]);
        let layer = |&output: &u16| {
            let layer = Convolution::start::<S>(input, usize::from(output), device);
            input = usize::from(output);
            layer
        };
        let layers = config.channels.iter().map(layer).collect();
        Self { layers, last: Convolution::start::<S>(input, 3, device) }
    }

    /// A network with stored weights.
    ///
    /// # Errors
    /// A configuration that describes no network, or weights that do not fit it.
    pub fn load(config: &DecoderConfig, tensors: &[WeightTensor], device: &Device) -> Result<Self, EncodeError> {
        config.check()?;
        load_weights(Self::start::<Vacant>(config, device), tensors, device).map_err(EncodeError::Weights)
    }

    /// # Shapes
    /// - latent: `[batch, channels, side / 2^layers, side / 2^layers]`
    /// - output: `[batch, 3, side, side]` in [0, 1], see [`DecoderConfig::side`]
    pub fn forward(&self, latent: Tensor<4>) -> Tensor<4> {
        let picture = self.layers.iter().fold(latent, |x, layer| upsample(relu(layer.forward(x))));
        sigmoid(self.last.forward(picture))
    }

    /// Mean squared error of the pictures against the photos at their side, a single number.
    ///
    /// # Shapes
    /// - latent: as for [`Self::forward`]
    /// - photos: `[batch, 3, height, width]` in [0, 1]
    pub fn error(&self, latent: Tensor<4>, photos: Tensor<4>) -> Tensor<1> {
        let pictures = self.forward(latent);
        let [_, _, side, _] = pictures.dims();
        let difference = pictures - at_side(photos, side);
        (difference.clone() * difference).mean()
    }
}

/// Brings photos to another side by averaging: `[batch, 3, height, width]` to `[batch, 3, side, side]`.
pub fn at_side(photos: Tensor<4>, side: usize) -> Tensor<4> {
    match photos.dims() {
        [_, _, height, width] if [height, width] == [side, side] => photos,
        _ => adaptive_avg_pool2d(photos, [side, side]),
    }
}

/// Numbers in [0, 1] as pictures, `[batch, 3, S, S]` to one each. Asynchronous, because a browser can't wait for its GPU.
///
/// # Errors
/// A device that fails, or that computed something that is not finite.
pub async fn pictures(values: Tensor<4>) -> Result<Vec<Pixels>, EncodeError> {
    let [_, channels, height, width] = values.dims();
    let values = to_values(values).await?;
    let pictures: Option<_> = values.chunks_exact(channels * height * width).map(|x| picture(width, x)).collect();
    pictures.ok_or_else(|| EncodeError::Device("it drew something that is no picture".to_owned()))
}

/// `[3, S, S]` in [0, 1] as bytes; `None` for what is not square or not finite.
fn picture(side: usize, values: &[f32]) -> Option<Pixels> {
    let byte = |x: &f32| x.is_finite().then_some((x * 255.0).round() as u8);
    Pixels::new(u16::try_from(side).ok()?, values.iter().map(byte).collect::<Option<_>>()?)
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use super::*;
    use crate::encoder::{TensorValues, cpu, store_weights};

    #[test]
    fn a_picture_has_the_side_of_its_configuration() {
        let config = DecoderConfig { latent: [5, 3, 3], channels: vec![4, 2] };
        let decoder = Decoder::init(&config, &cpu());
        assert_eq!(decoder.forward(Tensor::zeros([2, 5, 3, 3], &cpu())).dims(), [2, 3, 12, 12]);
    }

    #[test]
    fn stored_weights_draw_the_same_picture() {
        let config = DecoderConfig { latent: [2, 2, 2], channels: vec![3] };
        let decoder = Decoder::init(&config, &cpu());
        let loaded = Decoder::load(&config, &store_weights(&decoder, |x| TensorValues::F32(x.to_vec())), &cpu());
        let latent = || Tensor::<4>::ones([1, 2, 2, 2], &cpu());
        let drawn = [decoder, loaded.unwrap()].map(|decoder| decoder.forward(latent()).into_data());
        assert_eq!(drawn[0], drawn[1]);
        assert!(matches!(Decoder::load(&config, &[], &cpu()), Err(EncodeError::Weights(_))));
    }

    #[test]
    fn upsampling_repeats_pixels() {
        let x = Tensor::<4>::from_data([[[[1.0, 2.0]]]], &cpu());
        let data = upsample(x).into_data();
        assert_eq!(data.iter::<f32>().collect::<Vec<_>>(), [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0]);
    }

    #[test]
    fn photos_of_the_same_side_stay_and_larger_ones_are_averaged() {
        let values: Vec<f32> = (0..16_u8).map(f32::from).collect();
        let photos = || Tensor::<1>::from_data(values.as_slice(), &cpu()).reshape([1, 1, 4, 4]);
        let brought_to = |side| at_side(photos(), side).into_data().iter::<f32>().collect::<Vec<_>>();
        assert_eq!(brought_to(4), values);
        assert_eq!(brought_to(2), [2.5, 4.5, 10.5, 12.5]);
        assert_eq!(brought_to(1), [7.5]);
    }

    #[test]
    fn the_error_is_that_of_the_photo_at_the_side_of_the_picture() {
        let config = DecoderConfig { latent: [1, 1, 1], channels: vec![1] };
        let (decoder, latent) = (Decoder::init(&config, &cpu()), || Tensor::<4>::ones([1, 1, 1, 1], &cpu()));
        let drawn = decoder.forward(latent()); // [1, 3, 2, 2]
        let photo = |shift: f32| super::upsample(drawn.clone() + shift); // [1, 3, 4, 4]
        let error = |shift| decoder.error(latent(), photo(shift)).into_scalar::<f32>();
        assert!(error(0.0) < 1e-12 && (error(0.5) - 0.25).abs() < 1e-6);
    }

    #[test]
    fn numbers_become_bytes_and_what_is_no_picture_is_refused() {
        assert_eq!(picture(1, &[0.0, 0.5, 1.0]).unwrap().bytes(), [0, 128, 255]);
        for values in [&[0.0, f32::NAN, 1.0][..], &[0.0, 0.0]] {
            assert_eq!(picture(1, values), None);
        }
    }
}
