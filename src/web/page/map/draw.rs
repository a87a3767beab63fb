//! Paints the map.

use std::{collections::BTreeMap, f64::consts::TAU};

use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, Element, HtmlCanvasElement};

use super::view::View;
use crate::{
    gallery::Item,
    web::page::{
        dom,
        failure::{Failure, Outcome},
    },
};

/// Dots that are filled at once: one by one takes long, and so does one path of many thousands.
const PATH_DOTS: usize = 256;

/// The query on the map.
pub(super) struct Mark {
    /// Its place.
    pub(super) place: [f32; 2],
    /// What stands beside it: whether the place is known or estimated.
    pub(super) label: &'static str,
    /// The places of its neighbours.
    pub(super) neighbors: Vec<[f32; 2]>,
}

pub(super) struct Painter {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Painter {
    pub(super) fn new(canvas: &HtmlCanvasElement) -> Outcome<Self> {
        Ok(Self { canvas: canvas.clone(), context: dom::context(canvas)? })
    }

    pub(super) fn paint(&self, items: &[Item], mark: Option<&Mark>, view: &View) -> Outcome {
        self.prepare()?;
        let colours = Colours::read(&self.canvas)?;
        // A large collection gets small dots.
        let radius = (90.0 / (items.len().max(1) as f64).sqrt()).clamp(1.5, 5.0);
        self.context.set_global_alpha(0.85);
        for (cluster, places) in by_cluster(items) {
            self.context.set_fill_style_str(colours.cluster(cluster));
            for some in places.chunks(PATH_DOTS) {
                self.context.begin_path();
                for place in some {
                    self.dot(view.to_canvas(*place), radius, cluster / dom::COLOURS)?;
                }
                self.context.fill();
            }
        }
        self.context.set_global_alpha(1.0);
        mark.map_or(Ok(()), |mark| self.mark(mark, view, &colours))
    }

    /// As many pixels as the screen has, and a clean sheet.
    fn prepare(&self) -> Outcome {
        let ratio = dom::window()?.device_pixel_ratio().clamp(1.0, 3.0);
        let (width, height) = (f64::from(self.canvas.client_width()), f64::from(self.canvas.client_height()));
        self.canvas.set_width((width * ratio).round() as u32);
        self.canvas.set_height((height * ratio).round() as u32);
        self.context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0)?;
        Ok(())
    }

    /// Adds a dot to the path. Shapes as in the legend: circle, square, diamond.
    fn dot(&self, [x, y]: [f32; 2], radius: f64, shape: u32) -> Outcome {
        let (x, y) = (f64::from(x), f64::from(y));
        match shape % 3 {
            0 => {
                self.context.move_to(x + radius, y);
                self.context.arc(x, y, radius, 0.0, TAU)?;
            }
            1 => self.context.rect(x - radius, y - radius, 2.0 * radius, 2.0 * radius),
            _ => {
                let reach = 1.3 * radius;
                self.context.move_to(x, y - reach);
                self.context.line_to(x + reach, y);
                self.context.line_to(x, y + reach);
                self.context.line_to(x - reach, y);
            }
        }
        Ok(())
    }

    fn mark(&self, mark: &Mark, view: &View, colours: &Colours) -> Outcome {
        let [x, y] = view.to_canvas(mark.place).map(f64::from);
        let context = &self.context;
        context.set_stroke_style_str(&colours.ink);
        context.set_line_width(1.0);
        for neighbor in &mark.neighbors {
            let [to_x, to_y] = view.to_canvas(*neighbor).map(f64::from);
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
        context.set_fill_style_str(&colours.paper);
        context.fill();
        context.set_line_width(3.0);
        context.stroke();
        self.label(mark.label, [x, y], f64::from(self.canvas.client_width()), colours)
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
        context.set_stroke_style_str(&colours.paper);
        context.set_line_width(4.0);
        context.set_line_join("round");
        context.stroke_text(words, at, y)?;
        context.set_fill_style_str(&colours.ink);
        Ok(context.fill_text(words, at, y)?)
    }
}

/// The places of all photos, sorted by cluster.
fn by_cluster(items: &[Item]) -> BTreeMap<u32, Vec<[f32; 2]>> {
    let mut groups = BTreeMap::<u32, Vec<_>>::new();
    for item in items {
        groups.entry(item.cluster).or_default().push(item.map);
    }
    groups
}

/// The colours of `style.css`, light or dark.
struct Colours {
    clusters: Vec<String>,
    ink: String,
    paper: String,
}

impl Colours {
    fn read(element: &Element) -> Outcome<Self> {
        let style = dom::window()?.get_computed_style(element)?.ok_or_else(|| Failure::new("the page has no style"))?;
        let clusters = (0..dom::COLOURS).map(|i| colour(&style, &format!("--c{i}"))).collect::<Outcome<_>>()?;
        Ok(Self { clusters, ink: colour(&style, "--ink")?, paper: colour(&style, "--raised")? })
    }

    fn cluster(&self, cluster: u32) -> &str {
        self.clusters.get((cluster % dom::COLOURS) as usize).unwrap_or(&self.ink)
    }
}

fn colour(style: &CssStyleDeclaration, name: &str) -> Outcome<String> {
    Ok(style.get_property_value(name)?.trim().to_owned())
}
