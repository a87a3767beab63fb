//! Photos in place of dots, where the map is near enough.

use std::{cell::RefCell, rc::Rc};

use web_sys::CanvasRenderingContext2d;

use super::{colours::Colours, draw::Scene, pictures::Pictures};
use crate::web::page::failure::Outcome;

/// Longest side of a photo, in CSS pixels: from where on it can be recognised, and as large as it needs to be.
const SIDES: [f32; 2] = [36.0, 96.0];
/// Line around a photo in the colour of its group.
const LINE: f32 = 2.0;

/// A photo that is on the canvas: left, top, right, bottom.
type Place = (u32, [f32; 4]);

#[derive(Default)]
pub(super) struct Photos {
    pictures: Rc<Pictures>,
    shown: RefCell<Vec<Place>>,
}

impl Photos {
    /// Another collection is shown.
    pub(super) fn forget(&self) {
        self.pictures.forget();
    }

    /// The photo that lies there; not one under it.
    pub(super) fn at(&self, [x, y]: [f32; 2]) -> Option<u32> {
        let covers = |[left, top, right, bottom]: [f32; 4]| x >= left && x <= right && y >= top && y <= bottom;
        self.shown.borrow().iter().rev().find(|(_, place)| covers(*place)).map(|(id, _)| *id)
    }

    /// How many are on the canvas.
    pub(super) fn count(&self) -> usize {
        self.shown.borrow().len()
    }

    pub(super) fn paint(
        &self,
        context: &CanvasRenderingContext2d,
        scene: &Scene<'_>,
        colours: &Colours,
        arrived: impl Fn() + Clone + 'static,
    ) -> Outcome {
        let mut shown = self.shown.borrow_mut();
        shown.clear();
        for (id, side) in chosen(scene) {
            let Some(item) = scene.collection.item(id) else { continue };
            let Some(bitmap) = self.pictures.get(id, item, arrived.clone()) else { continue };
            let [width, height] = [bitmap.width(), bitmap.height()].map(|pixels| pixels as f32);
            let scale = side / width.max(height).max(1.0);
            let [x, y] = scene.sheet.to_canvas(item.map);
            let [width, height] = [width * scale, height * scale];
            let [left, top] = [x - width / 2.0, y - height / 2.0];
            let frame = [left - LINE, top - LINE, width + 2.0 * LINE, height + 2.0 * LINE].map(f64::from);
            context.set_fill_style_str(&colours.of(scene.legend.group_of(item)).0.css);
            context.fill_rect(frame[0], frame[1], frame[2], frame[3]);
            let [left, top, width, height] = [left, top, width, height].map(f64::from);
            context.draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, left, top, width, height)?;
            shown.push((id, [left, top, left + width, top + height].map(|x| x as f32)));
        }
        Ok(())
    }
}

/// The photos that have room, one in each cell of a grid, and how large they are. The grid lies on the map, not on the
/// screen: while the map moves the same photos stay.
fn chosen(scene: &Scene<'_>) -> Vec<(u32, f32)> {
    let sheet = &scene.sheet;
    let side = (2.0 * scene.spacing()).min(SIDES[1]);
    if side < SIDES[0] {
        return Vec::new();
    }
    let cell = side / sheet.scale;
    let first = sheet.to_map([-side, sheet.size[1] + side]).map(|x| (x / cell).floor());
    let columns = ((sheet.size[0] / side) as usize) + 4;
    let rows = ((sheet.size[1] / side) as usize) + 4;
    let mut taken = vec![false; columns * rows];
    let mut chosen = Vec::new();
    for (id, item) in scene.collection.items.numbered() {
        if !scene.admits(id) || !sheet.sees(sheet.to_canvas(item.map), side / 2.0) {
            continue;
        }
        let [column, row] = [0, 1].map(|axis| ((item.map[axis] / cell).floor() - first[axis]) as usize);
        match taken.get_mut(row * columns + column) {
            Some(taken) if !*taken => *taken = true,
            _ => continue,
        }
        chosen.push((id, side));
    }
    chosen
}
