//! The colours of `style.css`, light or dark.

use web_sys::{CssStyleDeclaration, Element};

use crate::web::page::{
    dom,
    failure::{Failure, Outcome},
    text,
};

/// `#rrggbb`, and what that means.
pub(super) struct Colour {
    pub(super) css: String,
    pub(super) rgb: [u8; 3],
}

pub(super) struct Colours {
    groups: Vec<Colour>,
    /// Of what is in no group.
    rest: Colour,
    pub(super) paper: Colour,
    pub(super) ink: String,
    pub(super) accent: String,
}

impl Colours {
    pub(super) fn read(element: &Element) -> Outcome<Self> {
        let style = dom::window()?.get_computed_style(element)?.ok_or_else(|| Failure::new(text::OLD_BROWSER))?;
        let groups = (0..dom::COLOURS).map(|i| colour(&style, &format!("--c{i}"))).collect::<Outcome<_>>()?;
        let of = |name| colour(&style, name);
        let (ink, accent) = (of("--ink")?.css, of("--accent")?.css);
        Ok(Self { groups, rest: of("--soft")?, paper: of("--raised")?, ink, accent })
    }

    /// The colour and the shape of a cluster or a density group, as in the legend.
    pub(super) fn of(&self, group: Option<u32>) -> (&Colour, usize) {
        let Some(id) = group else { return (&self.rest, 0) };
        let colour = self.groups.get((id % dom::COLOURS) as usize).unwrap_or(&self.rest);
        (colour, (id / dom::COLOURS) as usize)
    }
}

fn colour(style: &CssStyleDeclaration, name: &str) -> Outcome<Colour> {
    let css = style.get_property_value(name)?.trim().to_owned();
    let [_, rgb @ ..] = u32::from_str_radix(css.trim_start_matches('#'), 16).unwrap_or_default().to_be_bytes();
    Ok(Colour { css, rgb })
}
