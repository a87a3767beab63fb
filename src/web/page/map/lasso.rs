//! A line drawn around photos: with Shift, or once the button has been pressed.

use web_sys::{Element, PointerEvent};

use super::Map;
use crate::{
    filter,
    web::page::{dom, failure::Outcome},
};

impl Map {
    /// What to do with a line that has been drawn.
    pub(in crate::web::page) fn when_drawn(&self, drawn: impl Fn(Vec<[f32; 2]>) + 'static) {
        let _ = self.drawn.set(Box::new(drawn));
    }

    /// The next drag selects, or moves again.
    pub(super) fn toggle_lasso(&self, on: bool) -> Outcome {
        dom::by_id::<Element>("map-lasso")?.set_attribute("aria-pressed", dom::flag(on))?;
        Ok(self.canvas.class_list().toggle_with_force("selects", on).map(drop)?)
    }

    pub(super) fn selects(&self) -> bool {
        self.canvas.class_list().contains("selects")
    }

    /// Whether the event is part of a line.
    pub(super) fn draw_line(&self, event: &PointerEvent, place: [f32; 2]) -> Outcome<bool> {
        let mut line = self.line.borrow_mut();
        let corner = self.sheet().to_map(place);
        match (event.type_().as_str(), &mut *line) {
            ("pointerdown", None) if event.button() == 0 && (event.shift_key() || self.selects()) => {
                self.canvas.set_pointer_capture(event.pointer_id())?;
                self.tooltip.hide();
                *line = Some(vec![corner]);
            }
            ("pointermove", Some(line)) => line.push(corner),
            (_, None) => return Ok(false),
            ("pointerup", _) => {
                let corners = filter::lasso(&line.take().unwrap_or_default());
                drop(line);
                self.toggle_lasso(false)?;
                if let (3.., Some(drawn)) = (corners.len(), self.drawn.get()) {
                    drawn(corners);
                }
            }
            // A second finger, or the browser has taken the pointer away.
            _ => *line = None,
        }
        self.repaint();
        Ok(true)
    }
}
