//! Which part of the map the canvas shows. The only place that knows it: moving and zooming will change this alone.

/// Room at the edge, in CSS pixels.
const MARGIN: f32 = 18.0;

/// From the map's plane, y upwards, to the canvas's CSS pixels, y downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    /// CSS pixels of one unit of the map.
    scale: f32,
    /// Where the map's origin lies on the canvas.
    origin: [f32; 2],
}

impl View {
    /// The whole map, [−1, 1] in both directions, in a canvas of this size.
    pub(super) fn of(width: f32, height: f32) -> Self {
        let scale = ((width.min(height) / 2.0) - MARGIN).max(1.0);
        Self { scale, origin: [width / 2.0, height / 2.0] }
    }

    pub(super) fn scale(&self) -> f32 {
        self.scale
    }

    pub(super) fn to_canvas(self, [x, y]: [f32; 2]) -> [f32; 2] {
        [self.origin[0] + x * self.scale, self.origin[1] - y * self.scale]
    }

    pub(super) fn to_map(self, [x, y]: [f32; 2]) -> [f32; 2] {
        [(x - self.origin[0]) / self.scale, (self.origin[1] - y) / self.scale]
    }
}
