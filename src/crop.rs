//! A part of a photo that somebody has chosen: a box, in thousandths of the upright photo's sides.
//!
//! Integers throughout: the same box has the same pixels on every target.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A whole side.
const SIDE: u16 = 1000;

/// A box within a photo, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "[u16; 4]", into = "[u16; 4]")]
pub struct Crop {
    left: u16,
    top: u16,
    width: u16,
    height: u16,
}

/// Four numbers that are no box within a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the box lies outside of the photo, or is empty")]
pub struct NoCrop;

impl TryFrom<[u16; 4]> for Crop {
    type Error = NoCrop;

    /// Left, top, width, height.
    fn try_from([left, top, width, height]: [u16; 4]) -> Result<Self, NoCrop> {
        let fits = |start: u16, length: u16| length > 0 && start.checked_add(length).is_some_and(|end| end <= SIDE);
        (fits(left, width) && fits(top, height)).then_some(Self { left, top, width, height }).ok_or(NoCrop)
    }
}

impl From<Crop> for [u16; 4] {
    fn from(crop: Crop) -> Self {
        [crop.left, crop.top, crop.width, crop.height]
    }
}

impl fmt::Display for Crop {
    /// `left,top,width,height`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{},{}", self.left, self.top, self.width, self.height)
    }
}

impl Crop {
    /// Where a box begins: the middle of the photo.
    pub const START: Self = Self { left: 200, top: 200, width: 600, height: 600 };

    /// Reads what [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = [0; 4];
        let mut parts = text.split(',');
        for number in &mut numbers {
            *number = parts.next()?.parse().ok()?;
        }
        Self::try_from(numbers).ok().filter(|_| parts.next().is_none())
    }

    /// Left, top, width and height in the pixels of a photo of this size: at least one pixel each way.
    pub fn pixels(&self, width: u32, height: u32) -> [u32; 4] {
        let (left, across) = pixels(self.left, self.width, width);
        let (top, down) = pixels(self.top, self.height, height);
        [left, top, across, down]
    }

    /// The box a little further, as far as there is photo.
    #[must_use]
    pub fn moved(self, [right, down]: [i32; 2]) -> Self {
        let along =
            |start: u16, length: u16, by: i32| (i32::from(start) + by).clamp(0, i32::from(SIDE - length)) as u16;
        Self { left: along(self.left, self.width, right), top: along(self.top, self.height, down), ..self }
    }

    /// The box with some of its edges moved, as far as there is photo.
    ///
    /// `edges`: −1 the left or upper one, 1 the right or lower one, 0 none. `least`: how wide and high it stays.
    #[must_use]
    pub fn resized(self, edges: [i8; 2], by: [i32; 2], least: [u16; 2]) -> Self {
        let (left, width) = stretched((self.left, self.width), edges[0], by[0], least[0]);
        let (top, height) = stretched((self.top, self.height), edges[1], by[1], least[1]);
        Self { left, top, width, height }
    }
}

/// Start and length in pixels of a stretch of a side of `side` pixels.
fn pixels(start: u16, length: u16, side: u32) -> (u32, u32) {
    let at = |place: u16| ((u64::from(place) * u64::from(side) + u64::from(SIDE / 2)) / u64::from(SIDE)) as u32;
    let first = at(start).min(side.saturating_sub(1));
    (first, at(start + length).saturating_sub(first).max(1))
}

fn stretched((start, length): (u16, u16), edge: i8, by: i32, least: u16) -> (u16, u16) {
    let (end, least) = (start + length, least.clamp(1, length.max(1)));
    match edge {
        0 => (start, length),
        1 => (start, (i32::from(length) + by).clamp(i32::from(least), i32::from(SIDE - start)) as u16),
        _ => {
            let start = (i32::from(start) + by).clamp(0, i32::from(end - least)) as u16;
            (start, end - start)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crop(numbers: [u16; 4]) -> Crop {
        Crop::try_from(numbers).unwrap()
    }

    #[test]
    fn a_box_lies_within_the_photo_and_is_not_empty() {
        for wrong in [[0, 0, 0, 10], [0, 0, 10, 0], [1, 0, 1000, 10], [0, 1, 10, 1000], [u16::MAX, 0, 2, 2]] {
            assert_eq!(Crop::try_from(wrong), Err(NoCrop), "{wrong:?}");
        }
        assert!(Crop::try_from([0, 0, 1000, 1000]).is_ok() && Crop::try_from([999, 999, 1, 1]).is_ok());
    }

    #[test]
    fn words_and_boxes_are_the_same() {
        assert_eq!(crop([10, 20, 300, 400]).to_string(), "10,20,300,400");
        assert_eq!(Crop::parse("10,20,300,400"), Some(crop([10, 20, 300, 400])));
        for wrong in ["", "1,2,3", "1,2,3,4,5", "1,2,3,-4", "0,0,1001,1", "0.1,0,1,1", "1,2,3,"] {
            assert_eq!(Crop::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn neighbouring_boxes_share_no_pixel_and_leave_none_out() {
        for side in [1, 2, 3, 640, 999, 1001, 4032] {
            assert_eq!(crop([0, 0, 1000, 1000]).pixels(side, side), [0, 0, side, side]);
            let [first, _, across, _] = crop([0, 0, 333, 1000]).pixels(side, side);
            let [second, _, rest, _] = crop([333, 0, 667, 1000]).pixels(side, side);
            if side > 2 {
                assert_eq!((first, across, across + rest), (0, second, side), "{side}");
            }
        }
        assert_eq!(crop([999, 999, 1, 1]).pixels(10, 10), [9, 9, 1, 1]);
        assert_eq!(crop([125, 250, 500, 500]).pixels(640, 360), [80, 90, 320, 180]);
    }

    #[test]
    fn a_box_stays_within_the_photo_when_it_moves() {
        let start = crop([100, 200, 300, 400]);
        assert_eq!(start.moved([50, -50]), crop([150, 150, 300, 400]));
        assert_eq!(start.moved([5000, -5000]), crop([700, 0, 300, 400]));
    }

    #[test]
    fn edges_move_alone_and_stop_where_they_must() {
        let start = crop([100, 200, 300, 400]);
        assert_eq!(start.resized([1, 0], [50, 50], [50, 50]), crop([100, 200, 350, 400]));
        assert_eq!(start.resized([-1, -1], [50, 50], [50, 50]), crop([150, 250, 250, 350]));
        assert_eq!(start.resized([-1, 1], [-5000, 5000], [50, 50]), crop([0, 200, 400, 800]));
        assert_eq!(start.resized([-1, 1], [5000, -5000], [50, 60]), crop([350, 200, 50, 60]));
        // A box from an address may be smaller than fingers allow: it can grow, and does not jump.
        assert_eq!(crop([500, 500, 10, 10]).resized([1, 1], [-5, 40], [50, 50]), crop([500, 500, 10, 50]));
    }
}
