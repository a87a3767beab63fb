//! The eight ways to turn and mirror a square, for photos that lie on their side or look the other way.

use serde::{Deserialize, Serialize};

use crate::preprocess::Pixels;

/// Whether a square is mirrored, and then how often it is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symmetry {
    /// Left and right change places.
    pub mirrored: bool,
    /// Quarter turns clockwise, 0 to 3.
    pub turns: u8,
}

impl Symmetry {
    /// All of them; the first leaves a photo as it is.
    pub fn all() -> impl Iterator<Item = Self> {
        [false, true].into_iter().flat_map(|mirrored| (0..4).map(move |turns| Self { mirrored, turns }))
    }

    /// Its name in attributes, empty for a photo as it is; what people read is the page's.
    pub fn name(self) -> &'static str {
        match (self.mirrored, self.turns) {
            (false, 1) => "turned right",
            (false, 2) => "upside down",
            (false, 3) => "turned left",
            (true, 0) => "mirrored",
            (true, 1) => "mirrored, turned right",
            (true, 2) => "mirrored, upside down",
            (true, 3) => "mirrored, turned left",
            _ => "",
        }
    }

    /// The photo, so mirrored and turned. The encoder sees a centred square of a photo: turning that is turning the photo.
    pub fn apply(self, photo: &Pixels) -> Pixels {
        let (bytes, side) = (photo.interleaved(), usize::from(photo.side()));
        let last = side.saturating_sub(1);
        let places = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        let turned = places.flat_map(|place| {
            let (x, y) = (0..self.turns).fold(place, |(x, y), _| (y, last - x));
            let at = 3 * (y * side + if self.mirrored { last - x } else { x });
            [bytes[at], bytes[at + 1], bytes[at + 2]]
        });
        Pixels::from_interleaved(photo.side(), &turned.collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use image::{RgbImage, imageops};

    use super::*;

    #[test]
    fn each_symmetry_is_what_the_image_library_makes() {
        let picture = RgbImage::from_fn(5, 5, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]));
        let pixels = |picture: &RgbImage| Pixels::from_interleaved(5, picture.as_raw());
        for symmetry in Symmetry::all() {
            let start = if symmetry.mirrored { imageops::flip_horizontal(&picture) } else { picture.clone() };
            let expected = (0..symmetry.turns).fold(start, |picture, _| imageops::rotate90(&picture));
            assert_eq!(symmetry.apply(&pixels(&picture)), pixels(&expected), "{symmetry:?}");
        }
    }

    #[test]
    fn there_are_eight_and_only_the_first_has_no_name() {
        let names: Vec<_> = Symmetry::all().map(Symmetry::name).collect();
        assert_eq!((names.len(), names[0]), (8, ""));
        assert!(names[1..].iter().all(|name| !name.is_empty()));
    }
}
