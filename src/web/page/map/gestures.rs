//! What fingers and mouse buttons that are down mean: a tap, a drag, a pinch.

/// As far as a finger trembles, in CSS pixels.
const TREMBLE: f32 = 6.0;

/// A drag or a pinch since the last one, in places of the canvas.
pub(super) struct Drag {
    pub(super) from: [f32; 2],
    pub(super) to: [f32; 2],
    /// How much farther from each other two fingers are; 1 for one.
    pub(super) factor: f32,
}

/// The pointers that are down, by their ids.
#[derive(Default)]
pub(super) struct Pointers {
    down: Vec<(i32, [f32; 2])>,
    /// Whether they have done more than tremble.
    moved: bool,
}

impl Pointers {
    /// A third finger means nothing.
    pub(super) fn press(&mut self, id: i32, place: [f32; 2]) {
        if self.down.is_empty() {
            self.moved = false;
        }
        if self.down.len() < 2 {
            self.down.push((id, place));
        }
        self.moved |= self.down.len() == 2;
    }

    /// `None`: the pointer is not down, or has only trembled.
    pub(super) fn drag(&mut self, id: i32, place: [f32; 2]) -> Option<Drag> {
        let at = self.down.iter().position(|(down, _)| *down == id)?;
        let old = self.down[at].1;
        self.moved |= distance(old, place) > TREMBLE;
        if !self.moved {
            return None;
        }
        self.down[at].1 = place;
        // One finger of two moves the point between them half as far.
        let other = self.down.get(1 - at).map_or([old, place], |other| [other.1; 2]);
        let factor =
            if self.down.len() == 2 { distance(other[1], place) / distance(other[0], old).max(1.0) } else { 1.0 };
        Some(Drag { from: middle(old, other[0]), to: middle(place, other[1]), factor: factor.max(0.01) })
    }

    /// Whether it was a tap.
    pub(super) fn lift(&mut self, id: i32) -> bool {
        let before = self.down.len();
        self.down.retain(|(down, _)| *down != id);
        before == 1 && self.down.is_empty() && !self.moved
    }

    pub(super) fn any(&self) -> bool {
        !self.down.is_empty()
    }
}

fn middle(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0]
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    ((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)).sqrt()
}
