//! 3 × 3 convolutions for WebAssembly, as [products](super::product) over neighbourhoods.
//!
//! Only the plain autoencoder and the decoder have such convolutions, and their channels are few. burn's kernels for them
//! come in every precision and dimension, and would be a tenth of the program that the page downloads.

use super::product::{Product, Weight, packed};

/// Places that a kernel sees.
const PLACES: usize = 9;

/// An image `[inputs, height, width]` to `y`, `[outputs, height, width]`; `weight` is `[outputs, inputs, 3, 3]`.
pub(super) fn convolve(image: &[f32], [height, width]: [usize; 2], weight: &[f32], bias: &[f32], y: &mut [f32]) {
    let outputs = bias.len();
    let taps = weight.len() / outputs.max(1);
    let weight: Vec<f32> = (0..weight.len()).map(|at| weight[at % outputs * taps + at / outputs]).collect(); // [taps, outputs]
    let weight = packed(&weight, outputs);
    let mut seen = vec![0.0; width * taps];
    let mut line = vec![0.0; width * outputs];
    for row in 0..height {
        see(image, [height, width], row, &mut seen);
        Product { x: &seen, weight: Weight::Panels(&weight), bias, clip: false, y: &mut line }.compute();
        for (at, &value) in line.iter().enumerate() {
            y[(at % outputs * height + row) * width + at / outputs] = value;
        }
    }
}

/// What the kernel sees at each place of a row: `[width, inputs, 3, 3]`, zeros outside of the image.
fn see(image: &[f32], [height, width]: [usize; 2], row: usize, seen: &mut [f32]) {
    let taps = image.len() / (height * width) * PLACES;
    for tap in 0..taps {
        let (channel, down, right) = (tap / PLACES, tap % PLACES / 3, tap % 3);
        let line = (row + down).checked_sub(1).filter(|&y| y < height);
        let line = line.map_or(&[][..], |y| &image[(channel * height + y) * width..][..width]);
        for (column, seen) in seen[tap..].iter_mut().step_by(taps).enumerate() {
            *seen = (column + right).checked_sub(1).and_then(|x| line.get(x)).copied().unwrap_or(0.0);
        }
    }
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use burn::tensor::{Device, Distribution, Tensor, module::conv2d, ops::ConvOptions};

    use super::*;

    #[test]
    fn it_is_the_convolution_of_burn() {
        let device = Device::flex();
        device.seed(1);
        let random = |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Normal(0.0, 1.0), &device);
        let values = |x: Tensor<4>| x.into_data().iter::<f32>().collect::<Vec<_>>();
        for (inputs, outputs, height, width) in [(3, 8, 6, 6), (5, 3, 1, 4), (17, 20, 7, 2), (1, 1, 1, 1)] {
            let (x, weight) = (random([1, inputs, height, width]), random([outputs, inputs, 3, 3]));
            let bias: Vec<f32> = (0..outputs).map(|at| at as f32 - 1.0).collect();
            let mut fast = vec![f32::NAN; outputs * height * width];
            convolve(&values(x.clone()), [height, width], &values(weight.clone()), &bias, &mut fast);
            let bias = Tensor::<1>::from_data(bias.as_slice(), &device);
            let slow = conv2d(x, weight, Some(bias), ConvOptions::new([1, 1], [1, 1], [1, 1], 1));
            for (fast, slow) in fast.into_iter().zip(values(slow)) {
                assert!((fast - slow).abs() < 1e-4, "{fast} for {slow}, {inputs} to {outputs}");
            }
        }
    }
}
