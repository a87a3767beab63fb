//! Dots, stamped on a picture: a canvas takes a call for each, a picture of fifty thousand is handed over at once.

/// The shapes of dots, in the order in which they are used: circle, square, diamond.
pub const SHAPES: usize = 3;

/// A picture of opaque pixels, RGBA.
#[derive(Debug, Default)]
pub struct Picture {
    width: usize,
    pixels: Vec<[u8; 4]>,
}

/// A dot's shape: how much of each pixel it covers, in 256ths.
#[derive(Debug)]
pub struct Stamp {
    /// Pixels to each side of the one in the middle.
    reach: usize,
    cover: Vec<u16>,
}

impl Stamp {
    /// A dot of a radius in pixels, opaque or less, in [0, 1].
    pub fn new(shape: usize, radius: f32, opacity: f32) -> Self {
        let reach = (if shape % SHAPES == 2 { 1.3 * radius } else { radius } + 0.5).floor();
        let offsets = || (0..=2 * reach as usize).map(|at| at as f32 - reach);
        let cover = |x: f32, y: f32| {
            let inside = match shape % SHAPES {
                0 => radius - (x * x + y * y).sqrt(),
                1 => radius - x.abs().max(y.abs()),
                _ => 1.3 * radius - x.abs() - y.abs(),
            };
            (256.0 * opacity * (inside + 0.5).clamp(0.0, 1.0)) as u16
        };
        Self { reach: reach as usize, cover: offsets().flat_map(|y| offsets().map(move |x| cover(x, y))).collect() }
    }
}

impl Picture {
    /// A clean sheet.
    pub fn clear(&mut self, width: usize, height: usize, [red, green, blue]: [u8; 3]) {
        self.width = width;
        self.pixels.clear();
        self.pixels.resize(width * height, [red, green, blue, 255]);
    }

    /// Stamps a dot over what is there, as far as it lies on the sheet.
    pub fn stamp(&mut self, [x, y]: [f32; 2], stamp: &Stamp, colour: [u8; 3]) {
        let side = 2 * stamp.reach + 1;
        let [left, top] = [x, y].map(|at| (at.round() as isize).saturating_sub_unsigned(stamp.reach));
        // The part of the stamp that lies on the sheet.
        let [column, row] = [left, top].map(|at| usize::try_from(at).unwrap_or(0));
        let [skipped, above] = [left, top].map(|at| usize::try_from(at.saturating_neg()).unwrap_or(0).min(side));
        if column >= self.width {
            return;
        }
        let rows = self.pixels.chunks_exact_mut(self.width).skip(row);
        for (row, covers) in rows.zip(stamp.cover.chunks_exact(side).skip(above)) {
            let inked = row[column..].iter_mut().zip(&covers[skipped..]).filter(|(_, cover)| **cover > 0);
            inked.for_each(|(pixel, &cover)| blend(pixel, colour, cover));
        }
    }

    /// A soft disc over what is there: nothing is left of its opacity at its edge.
    pub fn disc(&mut self, [x, y]: [f32; 2], radius: f32, opacity: f32, colour: [u8; 3]) {
        let height = self.pixels.len() / self.width.max(1);
        let within = |at: f32, end: usize| (at - radius).max(0.0) as usize..((at + radius + 1.0) as usize).min(end);
        for row in within(y, height) {
            for column in within(x, self.width) {
                let [across, down] = [column as f32 - x, row as f32 - y];
                let part = 1.0 - (across * across + down * down) / (radius * radius);
                // Beyond the edge that is negative, and no cover at all.
                blend(&mut self.pixels[row * self.width + column], colour, (256.0 * opacity * part) as u16);
            }
        }
    }

    /// Red, green, blue and opacity of each pixel, row by row.
    pub fn bytes(&self) -> &[u8] {
        self.pixels.as_flattened()
    }
}

/// `cover` in 256ths.
fn blend(pixel: &mut [u8; 4], colour: [u8; 3], cover: u16) {
    for (under, over) in pixel.iter_mut().zip(colour) {
        *under = ((u16::from(*under) * (256 - cover) + u16::from(over) * cover) >> 8) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPER: [u8; 3] = [250, 250, 240];
    const INK: [u8; 3] = [10, 20, 200];

    fn picture(width: usize, height: usize) -> Picture {
        let mut picture = Picture::default();
        picture.clear(width, height, PAPER);
        picture
    }

    fn at(picture: &Picture, x: usize, y: usize) -> [u8; 3] {
        let [red, green, blue, opacity] = picture.pixels[y * picture.width + x];
        assert_eq!(opacity, 255);
        [red, green, blue]
    }

    #[test]
    fn a_dot_is_where_it_is_put_and_nowhere_else() {
        for shape in 0..SHAPES {
            let mut picture = picture(40, 30);
            picture.stamp([20.2, 9.8], &Stamp::new(shape, 4.0, 1.0), INK);
            assert_eq!(at(&picture, 20, 10), INK);
            assert_eq!(at(&picture, 20, 7), INK);
            for (x, y) in [(20, 17), (27, 10), (13, 10), (20, 3), (0, 0), (39, 29)] {
                assert_eq!(at(&picture, x, y), PAPER, "shape {shape}, {x} {y}");
            }
        }
    }

    #[test]
    fn shapes_differ_at_their_corners() {
        let corner = |shape| {
            let mut picture = picture(21, 21);
            picture.stamp([10.0, 10.0], &Stamp::new(shape, 5.0, 1.0), INK);
            (at(&picture, 14, 14), at(&picture, 16, 10))
        };
        assert_eq!(corner(0), (PAPER, PAPER), "a circle");
        assert_eq!(corner(1), (INK, PAPER), "a square");
        assert_eq!(corner(2).1, INK, "a diamond");
    }

    #[test]
    fn half_opaque_is_half_way() {
        let mut picture = picture(9, 9);
        picture.stamp([4.0, 4.0], &Stamp::new(0, 3.0, 0.5), INK);
        let half = [0, 1, 2].map(|i| (u16::from(PAPER[i]) + u16::from(INK[i])).div_euclid(2) as u8);
        assert_eq!(at(&picture, 4, 4), half);
    }

    #[test]
    fn a_disc_is_densest_in_its_middle_and_ends_at_its_edge() {
        let mut picture = picture(60, 50);
        picture.disc([30.0, 20.0], 10.0, 1.0, INK);
        let ink = |x, y| i32::from(PAPER[0]) - i32::from(at(&picture, x, y)[0]);
        assert_eq!(at(&picture, 30, 20), INK);
        assert!((0..10).all(|step| ink(30 + step, 20) > ink(31 + step, 20)));
        for (x, y) in [(40, 20), (20, 20), (30, 30), (30, 10), (38, 28), (59, 49), (0, 0)] {
            assert_eq!(at(&picture, x, y), PAPER, "{x} {y}");
        }
        assert_eq!([ink(25, 20), ink(30, 15)], [ink(35, 20), ink(30, 25)]);
    }

    #[test]
    fn discs_over_the_edge_are_cut_off() {
        for (x, y) in [(-1e9, 0.0), (0.0, 1e9), (-3.0, 4.0), (11.5, -2.0), (14.0, 9.0), (5.0, 5.0)] {
            let mut picture = picture(12, 9);
            picture.disc([x, y], 4.5, 1.0, INK);
            for (column, row) in (0..12).flat_map(|column| (0..9).map(move |row| (column, row))) {
                let far = (column as f32 - x).hypot(row as f32 - y);
                assert!(far < 4.5 || at(&picture, column, row) == PAPER, "{column} {row} of a disc at {x} {y}");
                assert!(far > 4.0 || at(&picture, column, row) != PAPER, "{column} {row} of a disc at {x} {y}");
            }
        }
        picture(0, 0).disc([0.0, 0.0], 4.0, 1.0, INK);
    }

    #[test]
    fn dots_over_the_edge_are_cut_off() {
        let stamp = Stamp::new(1, 3.5, 1.0);
        for x in [-1e9, -40.0, -3.0, -1.0, 0.0, 5.0, 11.0, 13.0, 40.0, 1e9] {
            for y in [-1e9, -40.0, -3.0, 0.0, 8.0, 9.0, 40.0, 1e9] {
                let mut picture = picture(12, 9);
                picture.stamp([x, y], &stamp, INK);
                for (column, row) in (0..12).flat_map(|column| (0..9).map(move |row| (column, row))) {
                    let inside = (column as f32 - x).abs() <= 3.0 && (row as f32 - y).abs() <= 3.0;
                    assert_eq!(at(&picture, column, row) == INK, inside, "{column} {row} of a dot at {x} {y}");
                }
            }
        }
        let mut nothing = picture(0, 0);
        nothing.stamp([0.0, 0.0], &stamp, INK);
        assert!(nothing.bytes().is_empty());
    }
}
