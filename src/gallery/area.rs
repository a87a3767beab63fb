//! What is known of a cell's photos on the map before they are there.
//!
//! ```text
//! offset  bytes  what
//!      0      4  place: see `place`
//!      4      1  spread: its square root in 255ths of the map's half side
//!      5      2  cluster
//! ```

use serde::{Deserialize, Serialize};

use super::place;

/// Steps of a spread. It is stored as its square root: most cells are small.
const STEPS: f32 = 255.0;

/// What a cell covers of the map. No bytes mean a number that is not finite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// The mean of its photos' places.
    #[serde(with = "place")]
    pub middle: [f32; 2],
    /// How far its photos lie from there.
    spread: u8,
    /// The cluster that most of its photos are in.
    pub cluster: u16,
}

impl Area {
    /// `middle` in [−1, 1], as the map; `spread` in [0, 1]. What lies beyond comes as close as there are numbers.
    pub fn new(middle: [f32; 2], spread: f32, cluster: u32) -> Self {
        Self {
            middle: place::as_read(middle),
            spread: (spread.sqrt() * STEPS).round() as u8,
            cluster: u16::try_from(cluster).unwrap_or(u16::MAX),
        }
    }

    /// The root mean square of its photos' distances from its middle.
    pub fn spread(&self) -> f32 {
        let root = f32::from(self.spread) / STEPS;
        root * root
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::codec;

    #[test]
    fn an_area_takes_seven_bytes_and_comes_back_closely() {
        for (at, spread) in [([0.0, 0.0], 0.0), ([1.0, -1.0], 1.0), ([-0.123_45, 0.987_6], 0.012), ([0.5, 0.1], 0.3)] {
            let area = Area::new(at, spread, 700);
            let bytes = codec::encode(&area).unwrap();
            assert_eq!((bytes.len(), codec::decode(&bytes)), (7, Ok(area)));
            assert!(area.middle.iter().zip(at).all(|(a, b)| (a - b).abs() < 2e-5), "{area:?} {at:?}");
            assert!((area.spread() - spread).abs() < 0.004 * spread.sqrt() + 1e-6, "{} {spread}", area.spread());
            assert_eq!(area.cluster, 700);
        }
    }

    #[test]
    fn what_lies_beyond_comes_as_close_as_there_are_numbers() {
        let area = Area::new([7.0, -7.0], 1.5, u32::MAX);
        assert_eq!((area.middle, area.cluster), ([1.0, -1.0], u16::MAX));
        assert!((area.spread() - 1.0).abs() < 1e-6);
        assert_eq!(Area::new([f32::NAN; 2], f32::NAN, 0), Area::new([0.0; 2], 0.0, 0));
    }

    #[test]
    fn whatever_the_bytes_are_the_numbers_are_finite() {
        for byte in [0, 1, 0x7F, 0x80, 0xFF] {
            let area: Area = codec::decode(&[byte; 7]).unwrap();
            assert!(area.middle.iter().all(|x| (-1.0..=1.0).contains(x)) && (0.0..=1.0).contains(&area.spread()));
        }
    }
}
