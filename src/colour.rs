//! A photo's colours without its shapes, and its shapes without its colours.

use crate::preprocess::Pixels;

/// Bins of a colour channel.
const BINS: usize = 8;

/// Colour histogram, `[512]`: the square roots of the shares of the photo's pixels in 8 × 8 × 8 equal boxes of RGB.
///
/// The roots of shares have unit length, and their cosine is the Hellinger kernel of the shares (Arandjelović and
/// Zisserman, 2012), which lets no large area of one colour drown the others.
pub fn histogram(photo: &Pixels) -> Vec<f32> {
    let planes = photo.bytes();
    let area = planes.len() / 3;
    let bin = |byte: u8| usize::from(byte) * BINS / 256;
    let mut counts = vec![0_u32; BINS * BINS * BINS];
    for at in 0..area {
        let [red, green, blue] = [0, 1, 2].map(|channel| bin(planes[channel * area + at]));
        counts[(red * BINS + green) * BINS + blue] += 1;
    }
    counts.iter().map(|&count| (f64::from(count) / area.max(1) as f64).sqrt() as f32).collect()
}

/// How alike the colours of two photos are, wherever they lie: the cosine of the histograms, in [0, 1].
pub fn similarity(one: &Pixels, other: &Pixels) -> f32 {
    histogram(one).iter().zip(histogram(other)).map(|(a, b)| a * b).sum::<f32>().min(1.0)
}

/// The photo in grey, by the luma of BT.601 in integers: the same on every target.
pub fn grey(photo: &Pixels) -> Pixels {
    let luma =
        |rgb: &[u8]| ((77 * u32::from(rgb[0]) + 150 * u32::from(rgb[1]) + 29 * u32::from(rgb[2]) + 128) >> 8) as u8;
    let bytes: Vec<u8> = photo.interleaved().chunks_exact(3).flat_map(|rgb| [luma(rgb); 3]).collect();
    Pixels::from_interleaved(photo.side(), &bytes)
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // roots of quarters are exact
mod tests {
    use super::*;

    /// Two by two pixels: red, red, red, and a dark blue.
    fn photo() -> Pixels {
        Pixels::new(2, [[255, 255, 255, 0], [0; 4], [0, 0, 0, 32]].concat()).unwrap()
    }

    #[test]
    fn a_histogram_by_hand() {
        let histogram = histogram(&photo());
        assert_eq!(histogram.len(), 512);
        // Red is box (7, 0, 0); 32 is the first value of the second bin.
        assert_eq!((histogram[7 * 64], histogram[1]), (0.75_f32.sqrt(), 0.5));
        assert_eq!(histogram.iter().filter(|&&x| x > 0.0).count(), 2);
    }

    #[test]
    fn a_histogram_has_unit_length_and_forgets_places() {
        let turned = Pixels::new(2, [[0, 255, 255, 255], [0; 4], [32, 0, 0, 0]].concat()).unwrap();
        assert_eq!(histogram(&photo()), histogram(&turned));
        assert!((similarity(&photo(), &turned) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn photos_without_a_common_colour_have_no_colour_in_common() {
        let green = Pixels::new(2, [[0; 4], [255; 4], [0; 4]].concat()).unwrap();
        assert_eq!(similarity(&photo(), &green), 0.0);
        let half = Pixels::new(2, [[255, 255, 0, 0], [0; 4], [0; 4]].concat()).unwrap();
        assert!((similarity(&photo(), &half) - (0.75_f32 * 0.5).sqrt()).abs() < 1e-6);
    }

    #[test]
    fn grey_keeps_grey_and_the_order_of_brightness() {
        let grey_photo = Pixels::new(1, vec![17, 17, 17]).unwrap();
        assert_eq!(grey(&grey_photo), grey_photo);
        let luma = |rgb: [u8; 3]| grey(&Pixels::new(1, rgb.to_vec()).unwrap()).bytes().to_vec();
        assert_eq!((luma([255, 0, 0]), luma([0, 255, 0]), luma([0, 0, 255])), (vec![77; 3], vec![149; 3], vec![29; 3]));
        assert_eq!(luma([255; 3]), [255; 3]);
    }
}
