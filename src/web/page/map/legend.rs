//! What the colours mean.

use web_sys::HtmlElement;

use crate::web::page::{collection::Collection, dom, failure::Outcome, text};

pub(super) fn show(collection: &Collection) -> Outcome {
    let legend: HtmlElement = dom::by_id("legend")?;
    legend.set_text_content(None);
    for (id, cluster) in (0_u32..).zip(&collection.entry.clusters) {
        let line: HtmlElement = dom::create("li", "")?;
        let name = dom::labelled("span", "", &text::cluster_name(id))?;
        let count = dom::labelled("span", "count", &cluster.size.to_string())?;
        line.append_with_node_3(&*dom::chip(id)?, &name, &count)?;
        legend.append_child(&line)?;
    }
    Ok(())
}
