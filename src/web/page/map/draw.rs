//! Paints the map: dots, discs in the place of those that are not there, photos where they have room, the query.

use std::{cell::RefCell, f64::consts::TAU, rc::Rc};

use wasm_bindgen::Clamped;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::{colours::Colours, legend::Legend, photos::Photos};
use crate::{
    map::{
        discs,
        dots::{Picture, SHAPES, Stamp},
        view::Sheet,
    },
    web::page::{collection::Collection, dom, failure::Outcome},
};

/// The query on the map.
pub(super) struct Mark {
    /// Its place.
    pub(super) place: [f32; 2],
    /// What stands beside it: whether the place is known or estimated.
    pub(super) label: &'static str,
    /// The places of its neighbours.
    pub(super) neighbors: Vec<[f32; 2]>,
}

/// What is to be seen.
pub(super) struct Scene<'a> {
    pub(super) collection: &'a Collection,
    /// Which photos pass the filter, and which cells, by their first photo; empty: all.
    pub(super) admitted: &'a [bool],
    /// Knows the colours.
    pub(super) legend: &'a Legend,
    pub(super) mark: Option<&'a Mark>,
    pub(super) lasso: &'a [[f32; 2]],
    pub(super) sheet: Sheet,
}

impl Scene<'_> {
    pub(super) fn admits(&self, id: u32) -> bool {
        self.admitted.get(id as usize).is_none_or(|admitted| *admitted)
    }

    /// From one photo to the next, in CSS pixels, if all were spread evenly.
    pub(super) fn spacing(&self) -> f32 {
        self.sheet.scale / (self.collection.entry.photos as f32).sqrt()
    }
}

pub(super) struct Painter {
    canvas: HtmlCanvasElement,
    pub(super) context: CanvasRenderingContext2d,
    dots: RefCell<Picture>,
    colours: RefCell<Option<Rc<Colours>>>,
    pub(super) photos: Photos,
}

impl Painter {
    pub(super) fn new(canvas: &HtmlCanvasElement) -> Outcome<Self> {
        Ok(Self {
            canvas: canvas.clone(),
            context: dom::context(canvas)?,
            dots: RefCell::default(),
            colours: RefCell::default(),
            photos: Photos::default(),
        })
    }

    /// Light has become dark, or dark light.
    pub(super) fn forget_colours(&self) {
        self.colours.replace(None);
    }

    /// Calls `arrived` when there is more to paint.
    pub(super) fn paint(&self, scene: &Scene<'_>, arrived: impl Fn() + Clone + 'static) -> Outcome {
        let colours = self.colours()?;
        let ratio = dom::window()?.device_pixel_ratio().clamp(1.0, 3.0);
        self.dots(scene, &colours, ratio as f32)?;
        self.context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0)?;
        self.photos.paint(&self.context, scene, &colours, arrived)?;
        self.lasso(scene, &colours);
        scene.mark.map_or(Ok(()), |mark| self.mark(mark, &scene.sheet, &colours))
    }

    fn colours(&self) -> Outcome<Rc<Colours>> {
        let mut kept = self.colours.borrow_mut();
        Ok(match &*kept {
            Some(colours) => Rc::clone(colours),
            None => Rc::clone(kept.insert(Rc::new(Colours::read(&self.canvas)?))),
        })
    }

    /// As many pixels as the screen has, a dot for each photo in sight, and a disc for each cell that is not there.
    fn dots(&self, scene: &Scene<'_>, colours: &Colours, ratio: f32) -> Outcome {
        let [width, height] = scene.sheet.size.map(|side| (side * ratio).round() as u32);
        if (self.canvas.width(), self.canvas.height()) != (width, height) {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
        // A large collection gets small dots, which grow as they part.
        let radius = (0.3 * scene.spacing()).clamp(1.5, 6.0);
        let stamps = [0.15, 0.85].map(|opacity| [0, 1, 2].map(|shape| Stamp::new(shape, radius * ratio, opacity)));
        let mut dots = self.dots.borrow_mut();
        dots.clear(width as usize, height as usize, colours.paper.rgb);
        // Those that pass the filter lie over the shadows of the others.
        let cells = scene.collection.entry.cells.len();
        for passes in [false, true] {
            for (id, area) in scene.collection.discs() {
                let (at, radius) = (scene.sheet.to_canvas(area.middle), discs::radius(area, cells, &scene.sheet));
                if scene.admits(id) == passes && scene.sheet.sees(at, radius) {
                    let (colour, _) = colours.of(scene.legend.group_of_cell(area));
                    let opacity = if passes { 0.6 } else { 0.1 };
                    dots.disc(at.map(|x| x * ratio), radius * ratio, opacity, colour.rgb);
                }
            }
            for (id, item) in scene.collection.items.numbered() {
                let place = scene.sheet.to_canvas(item.map);
                if scene.admits(id) == passes && scene.sheet.sees(place, radius) {
                    let (colour, shape) = colours.of(scene.legend.group_of(item));
                    dots.stamp(place.map(|x| x * ratio), &stamps[usize::from(passes)][shape % SHAPES], colour.rgb);
                }
            }
        }
        let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(dots.bytes()), width, height)?;
        Ok(self.context.put_image_data(&data, 0.0, 0.0)?)
    }

    fn lasso(&self, scene: &Scene<'_>, colours: &Colours) {
        self.context.begin_path();
        for corner in scene.lasso {
            let [x, y] = scene.sheet.to_canvas(*corner).map(f64::from);
            self.context.line_to(x, y);
        }
        self.context.close_path();
        self.context.set_stroke_style_str(&colours.accent);
        self.context.set_line_width(2.0);
        self.context.stroke();
    }

    fn mark(&self, mark: &Mark, sheet: &Sheet, colours: &Colours) -> Outcome {
        let [x, y] = sheet.to_canvas(mark.place).map(f64::from);
        let context = &self.context;
        context.set_stroke_style_str(&colours.ink);
        context.set_line_width(1.0);
        for neighbor in &mark.neighbors {
            let [to_x, to_y] = sheet.to_canvas(*neighbor).map(f64::from);
            context.begin_path();
            context.move_to(x, y);
            context.line_to(to_x, to_y);
            context.stroke();
            context.begin_path();
            context.arc(to_x, to_y, 6.5, 0.0, TAU)?;
            context.stroke();
        }
        context.begin_path();
        context.arc(x, y, 6.0, 0.0, TAU)?;
        context.set_fill_style_str(&colours.paper.css);
        context.fill();
        context.set_line_width(3.0);
        context.stroke();
        self.label(mark.label, [x, y], f64::from(sheet.size[0]), colours)
    }

    fn label(&self, words: &str, [x, y]: [f64; 2], width: f64, colours: &Colours) -> Outcome {
        let context = &self.context;
        context.set_font("600 13px system-ui, sans-serif");
        // To the left where there is no room to the right.
        let right = x < width - 90.0;
        context.set_text_align(if right { "left" } else { "right" });
        context.set_text_baseline("middle");
        let at = if right { x + 12.0 } else { x - 12.0 };
        // A halo in the paper's colour: the word is readable over dots.
        context.set_stroke_style_str(&colours.paper.css);
        context.set_line_width(4.0);
        context.set_line_join("round");
        context.stroke_text(words, at, y)?;
        context.set_fill_style_str(&colours.ink);
        Ok(context.fill_text(words, at, y)?)
    }
}
