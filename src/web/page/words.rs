//! Explains the words beside the figures, with this collection's own thresholds.

use web_sys::HtmlElement;

use super::{dom, failure::Outcome};
use crate::{gallery::Thresholds, likeness::is_calibrated};

pub(super) fn show(thresholds: &Thresholds) -> Outcome {
    let figures = [
        ("from-related", thresholds.related),
        ("from-look-alike", thresholds.look_alike),
        ("from-near-duplicate", thresholds.near_duplicate),
        ("from-identical", thresholds.identical),
    ];
    for (id, figure) in figures {
        dom::say(id, &dom::fixed(figure, 3))?;
    }
    let calibrated = is_calibrated(thresholds);
    dom::by_id::<HtmlElement>("words")?.set_hidden(!calibrated);
    dom::by_id::<HtmlElement>("no-words")?.set_hidden(calibrated);
    Ok(())
}
