//! Which part of the map is seen, and where its places lie on a canvas.

use crate::numbers;

/// Room around the whole map, in CSS pixels.
const MARGIN: f32 = 18.0;

/// What the visitor has chosen to see.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// The place in the middle.
    pub centre: [f32; 2],
    /// How near: 1 shows the whole map.
    pub zoom: f32,
}

impl View {
    /// The whole map.
    pub const WHOLE: Self = Self { centre: [0.0; 2], zoom: 1.0 };

    /// A view that is no nearer than `nearest`, and not beside the map.
    #[must_use]
    pub fn clamped(self, nearest: f32) -> Self {
        let zoom = self.zoom.min(nearest).max(1.0);
        let reach = 1.0 - 1.0 / zoom;
        Self { zoom, centre: self.centre.map(|x| x.min(reach).max(-reach)) }
    }

    /// Nearer by a factor; a place of the map stays where it is on the canvas.
    #[must_use]
    pub fn zoomed(self, factor: f32, about: [f32; 2], nearest: f32) -> Self {
        let zoom = (self.zoom * factor).min(nearest).max(1.0);
        let shrink = self.zoom / zoom;
        let centre = [0, 1].map(|axis| about[axis] + (self.centre[axis] - about[axis]) * shrink);
        Self { centre, zoom }.clamped(nearest)
    }

    /// What was at one place of the map lies where the other was.
    #[must_use]
    pub fn dragged(self, from: [f32; 2], to: [f32; 2]) -> Self {
        let centre = [0, 1].map(|axis| self.centre[axis] + from[axis] - to[axis]);
        Self { centre, ..self }.clamped(self.zoom)
    }

    /// The same if the place is well in sight, else with the place in the middle.
    #[must_use]
    pub fn showing(self, place: [f32; 2]) -> Self {
        let far = [0, 1].into_iter().any(|axis| (place[axis] - self.centre[axis]).abs() > 0.9 / self.zoom);
        if far { Self { centre: place, ..self }.clamped(self.zoom) } else { self }
    }

    /// For an address: the middle and the zoom, in ten-thousandths. `None`: the whole map.
    pub fn name(&self) -> Option<String> {
        let [x, y] = self.centre;
        (*self != Self::WHOLE).then(|| numbers::write(&[x, y, self.zoom]))
    }

    /// What [`View::name`] means; `None` if it is no view.
    pub fn parse(name: &str) -> Option<Self> {
        let [x, y, zoom] = numbers::read(name)?.try_into().ok()?;
        Some(Self { centre: [x, y], zoom })
    }

    /// The view on a canvas of this size.
    pub fn on(self, width: f32, height: f32) -> Sheet {
        let scale = ((width.min(height) / 2.0) - MARGIN).max(1.0) * self.zoom;
        let origin = [width / 2.0 - self.centre[0] * scale, height / 2.0 + self.centre[1] * scale];
        Sheet { scale, origin, size: [width, height] }
    }
}

/// From the map's plane, y upwards, to the canvas's CSS pixels, y downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sheet {
    /// CSS pixels of one unit of the map.
    pub scale: f32,
    /// Where the map's origin lies on the canvas.
    origin: [f32; 2],
    /// Width and height of the canvas.
    pub size: [f32; 2],
}

impl Sheet {
    /// Where a place of the map lies.
    pub fn to_canvas(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [self.origin[0] + x * self.scale, self.origin[1] - y * self.scale]
    }

    /// Which place of the map lies there.
    pub fn to_map(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [(x - self.origin[0]) / self.scale, (self.origin[1] - y) / self.scale]
    }

    /// Whether something at a point of the canvas that reaches this far can be seen.
    pub fn sees(&self, point: [f32; 2], reach: f32) -> bool {
        (0..2).all(|axis| point[axis] > -reach && point[axis] < self.size[axis] + reach)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEAREST: f32 = 40.0;

    fn close(a: [f32; 2], b: [f32; 2], by: f32) -> bool {
        (a[0] - b[0]).abs() < by && (a[1] - b[1]).abs() < by
    }

    #[test]
    fn the_whole_map_fits_into_its_canvas() {
        let sheet = View::WHOLE.on(600.0, 400.0);
        assert!(close(sheet.to_canvas([0.0, 0.0]), [300.0, 200.0], 1e-3));
        assert!(close(sheet.to_canvas([1.0, 1.0]), [300.0 + 182.0, MARGIN], 1e-3));
        assert!(sheet.sees(sheet.to_canvas([-1.0, -1.0]), 0.0));
    }

    #[test]
    fn canvas_and_map_are_each_others_way_back() {
        let sheet = View { centre: [0.4, -0.3], zoom: 7.0 }.on(640.0, 640.0);
        for point in [[0.0, 0.0], [17.0, 630.0], [320.0, 320.0]] {
            assert!(close(sheet.to_canvas(sheet.to_map(point)), point, 1e-2));
        }
    }

    #[test]
    fn zooming_keeps_the_place_under_the_pointer() {
        let mut view = View { centre: [0.1, 0.2], zoom: 2.0 };
        let pointer = [200.0, 250.0];
        let place = view.on(600.0, 600.0).to_map(pointer);
        for factor in [1.3, 2.0, 0.7] {
            view = view.zoomed(factor, place, NEAREST);
            assert!(close(view.on(600.0, 600.0).to_canvas(place), pointer, 0.05), "{view:?}");
        }
    }

    #[test]
    fn nearer_than_the_nearest_and_farther_than_the_whole_is_nowhere() {
        assert_eq!(View::WHOLE.zoomed(1e9, [0.0; 2], NEAREST), View { zoom: NEAREST, ..View::WHOLE });
        assert_eq!(View { centre: [0.7, 0.7], zoom: 4.0 }.zoomed(1e-9, [0.3, 0.1], NEAREST), View::WHOLE);
        let beside = View { centre: [0.7, -9.0], zoom: 2.0 };
        assert_eq!(beside.clamped(NEAREST), View { centre: [0.5, -0.5], ..beside });
        assert_eq!(View::WHOLE.zoomed(2.0, [0.0; 2], 0.5), View::WHOLE, "nothing to see from near");
    }

    #[test]
    fn the_map_follows_the_finger() {
        let view = View { centre: [0.0; 2], zoom: 4.0 };
        let sheet = view.on(600.0, 600.0);
        let (from, to) = ([100.0, 100.0], [160.0, 90.0]);
        let place = sheet.to_map(from);
        let moved = view.dragged(place, sheet.to_map(to));
        assert!(close(moved.on(600.0, 600.0).to_canvas(place), to, 0.05));
        assert_eq!(View::WHOLE.dragged([0.0; 2], [0.3, 0.3]), View::WHOLE, "the whole map stays");
    }

    #[test]
    fn a_view_has_a_name() {
        let view = View { centre: [0.125, -0.5], zoom: 4.25 };
        assert_eq!(view.name().unwrap(), "1250,-5000,42500");
        assert_eq!(View::parse(&view.name().unwrap()), Some(view));
        assert_eq!(View::WHOLE.name(), None);
        for nothing in ["", "1,2", "1,2,3,4", "1,2,x", "0,0,0.5", "0,,1"] {
            assert_eq!(View::parse(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_place_out_of_sight_comes_to_the_middle() {
        let view = View { centre: [0.5, 0.5], zoom: 4.0 };
        assert_eq!(view.showing([0.6, 0.4]), view);
        assert_eq!(view.showing([-0.2, 0.4]), View { centre: [-0.2, 0.4], ..view });
    }
}
