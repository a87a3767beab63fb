//! What stands in a thumbnail's place until it has come: the brightness of its four quarters and one tint, in three bytes.
//!
//! Whole numbers throughout, so that every machine makes the same bytes.

use image::RgbImage;
use serde::{Deserialize, Serialize};

/// Levels of brightness, and of each part of the tint, are 4 bits: this many of the 256 lie between two.
const BRIGHTNESS_STEP: i32 = 17;
const TINT_STEP: i32 = 8;

/// No tint.
const NEUTRAL: i32 = 8;

/// Brightness of the quarters, from the upper left row by row, then blue and red difference: 4 bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placeholder([u8; 3]);

/// Grey, for pictures that are at hand.
impl Default for Placeholder {
    fn default() -> Self {
        Self([0x88; 3])
    }
}

impl Placeholder {
    /// That of a picture, by the means of its quarters and by its mean.
    pub fn of(picture: &RgbImage) -> Self {
        let quarters = quarters(picture);
        let [top, bottom] = [[0, 1], [2, 3]]
            .map(|pair| pair.map(|at| (brightness(quarters[at]) + BRIGHTNESS_STEP / 2) / BRIGHTNESS_STEP));
        let mean = [0, 1, 2].map(|channel| (quarters.iter().map(|quarter| quarter[channel]).sum::<i32>() + 2) / 4);
        // JPEG's colour differences (ITU-T T.871).
        let [red, green, blue] = mean;
        let tint = [-169 * red - 331 * green + 500 * blue, 500 * red - 419 * green - 81 * blue];
        let tint = tint.map(|difference| (difference.div_euclid(1000) + TINT_STEP / 2).div_euclid(TINT_STEP));
        let [blue, red] = tint.map(|steps| (steps + NEUTRAL).clamp(0, 15));
        Self([top, bottom, [blue, red]].map(|[first, second]| (first << 4 | second) as u8))
    }

    /// Its six numbers, each 0 to 15, in their order. `www/style.css` makes colours of them.
    pub fn levels(self) -> [u32; 6] {
        std::array::from_fn(|at| u32::from(self.0[at / 2] >> (4 * (1 - at % 2)) & 15))
    }
}

/// The mean colour of each quarter; of a side of one pixel both halves are that pixel.
fn quarters(picture: &RgbImage) -> [[i32; 3]; 4] {
    let halves = |side: u32| [0..side.div_ceil(2), side / 2..side];
    let ([left, right], [top, bottom]) = (halves(picture.width()), halves(picture.height()));
    [(&left, &top), (&right, &top), (&left, &bottom), (&right, &bottom)].map(|(across, down)| {
        let mut sum = [0_u64; 3];
        for (x, y) in down.clone().flat_map(|y| across.clone().map(move |x| (x, y))) {
            let pixel = picture.get_pixel(x, y);
            sum.iter_mut().zip(pixel.0).for_each(|(sum, part)| *sum += u64::from(part));
        }
        let count = (across.len() * down.len()).max(1) as u64;
        sum.map(|sum| ((sum + count / 2) / count) as i32)
    })
}

fn brightness([red, green, blue]: [i32; 3]) -> i32 {
    (299 * red + 587 * green + 114 * blue + 500) / 1000
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    /// The colours of the quarters of a picture's placeholder, as `www/style.css` draws them.
    fn of(picture: impl Fn(u32, u32) -> [u8; 3], width: u32, height: u32) -> [[u8; 3]; 4] {
        colours(Placeholder::of(&RgbImage::from_fn(width, height, |x, y| Rgb(picture(x, y)))))
    }

    fn colours(placeholder: Placeholder) -> [[u8; 3]; 4] {
        let [quarters @ .., blue, red] = placeholder.levels().map(|level| level as i32);
        let [blue, red] = [blue, red].map(|level| (level - NEUTRAL) * TINT_STEP);
        quarters.map(|level| {
            let y = level * BRIGHTNESS_STEP;
            [y + 1402 * red / 1000, y - (344 * blue + 714 * red) / 1000, y + 1772 * blue / 1000]
                .map(|part| part.clamp(0, 255) as u8)
        })
    }

    fn is_near(one: [u8; 3], other: [u8; 3], most: u8) -> bool {
        one.iter().zip(other).all(|(a, b)| a.abs_diff(b) <= most)
    }

    #[test]
    fn a_plain_picture_gets_its_colour() {
        for colour in [[0, 0, 0], [255, 255, 255], [128, 128, 128], [180, 140, 100], [60, 90, 130], [90, 120, 70]] {
            for found in of(|_, _| colour, 40, 30) {
                assert!(is_near(found, colour, 18), "{found:?} of {colour:?}");
            }
        }
    }

    #[test]
    fn each_quarter_has_its_brightness() {
        let level = |x, y| if y < 20 { [20, 200][usize::from(x >= 30)] } else { [120, 70][usize::from(x >= 30)] };
        let found = of(|x, y| [level(x, y); 3], 60, 40);
        for (found, expected) in found.into_iter().zip([20, 200, 120, 70]) {
            assert!(is_near(found, [expected; 3], 9), "{found:?} of {expected}");
        }
    }

    #[test]
    fn the_narrowest_pictures_have_one() {
        for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 3)] {
            assert!(of(|_, _| [200, 180, 160], width, height).into_iter().all(|c| is_near(c, [200, 180, 160], 18)));
        }
    }

    #[test]
    fn a_tint_past_the_end_is_the_last() {
        let [blue, ..] = of(|_, _| [0, 0, 255], 4, 4);
        assert!(blue[2] > blue[0] && blue[2] > blue[1], "{blue:?}");
    }

    #[test]
    fn without_a_picture_it_is_grey() {
        assert!(colours(Placeholder::default()).into_iter().all(|[red, green, blue]| red == green && green == blue));
    }
}
