//! The frame of the page: head, header, contents, footer.

use std::fmt::Display;

use super::About;
use crate::{
    html::{escaped, grouped},
    photos::plural,
};

/// What the page adds to the site's style.
pub(super) const STYLE: &str = include_str!("about.css");

/// Nothing runs, and nothing but the site's own pictures and styles is fetched.
const POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'";

const LEAD: &str = "Six methods stand behind this gallery. Each of them is decades or years old, has a paper, and a way to be \
wrong. Here is what they did with these photos, in figures and in pictures, and how far each can be believed.";

/// The whole page. `index` is the site's own page, whose style and icon it shares.
pub(super) fn html(about: &About<'_>, index: &str, own_style: &str, sections: &str) -> String {
    let title = escaped(&about.entry.title);
    let photos = plural(about.collection.files.len(), "photo");
    let (style, icon) = (escaped(&address(index, "style.css")), escaped(&address(index, "icon.svg")));
    let generator = escaped(&about.entry.generator);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"{generator}\">\n\
         <meta name=\"description\" content=\"How the encoder, the clusters, the map and the words of this gallery came to be.\">\n\
         <title>About {title}</title>\n<link rel=\"icon\" href=\"{icon}\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"{style}\">\n<link rel=\"stylesheet\" href=\"{own_style}\">\n</head>\n<body>\n\
         <header class=\"top\"><img class=\"logo\" src=\"{icon}\" alt=\"\" width=\"32\" height=\"32\">\
         <a class=\"name\" href=\"./\" data-testid=\"back\">Lookalike</a>\
         <span class=\"collection\">{title} · {photos}</span></header>\n\
         <main class=\"about\">\n<h1>About this gallery</h1>\n<p class=\"lead\">{LEAD}</p>\n{sections}</main>\n\
         <footer><p><a href=\"./\">Back to the search</a></p>\n<p>Written by {generator} from {photos}, when the gallery \
         was built. The same photos, options and seed give the same page. It runs no script.</p></footer>\n</body>\n</html>\n"
    )
}

/// The address under which the site's page has a file, with its version.
fn address(index: &str, name: &str) -> String {
    let versioned =
        index.split(['"', '\'']).find(|part| part.strip_prefix(name).is_some_and(|rest| rest.starts_with('?')));
    let versioned = versioned.map(|address| address.split('#').next().unwrap_or(address));
    versioned.unwrap_or(name).to_owned()
}

/// A section under its heading.
pub(super) fn section(id: &str, heading: &str, body: &str) -> String {
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n<h2 id=\"{id}-heading\">{heading}</h2>\n{body}</section>\n"
    )
}

/// A figure in a sentence, in full for machines and short for people.
pub(super) fn figure(name: &str, value: impl Display, shown: impl Display) -> String {
    format!("<data data-testid=\"about-{name}\" value=\"{value}\">{shown}</data>")
}

/// A whole number in a sentence.
pub(super) fn count(name: &str, number: impl Into<u64>) -> String {
    let number = number.into();
    figure(name, number, grouped(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_page_keep_their_version() {
        let index = "<link href=\"style.css?v=0a1b\"><use href=\"icon.svg?v=0a1b#mark\">";
        assert_eq!(address(index, "style.css"), "style.css?v=0a1b");
        assert_eq!(address(index, "icon.svg"), "icon.svg?v=0a1b");
        assert_eq!(address("<!DOCTYPE html>", "style.css"), "style.css");
    }

    #[test]
    fn figures_are_whole_for_machines() {
        assert_eq!(count("photos", 3781_u64), "<data data-testid=\"about-photos\" value=\"3781\">3,781</data>");
    }
}
