//! What the page asks for: every file is in the site, and its address is relative, so that the site works under any path.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};

use crate::commands::Refusal;

/// Checks the addresses in a site's index.html.
///
/// # Errors
/// A page that lacks a file, or asks the root of its host for one.
pub fn check(site: &Path) -> Result<()> {
    let index = site.join("index.html");
    let html = fs::read_to_string(&index).with_context(|| format!("{} can't be read", index.display()))?;
    for address in addresses(&html) {
        if address.starts_with('/') {
            return Err(Refusal::new(format!(
                "the page asks the root of its host for {address}, so it would not work below a path such as \
                 /REPOSITORY/: build the page with relative addresses (public_url = \"./\" in Trunk.toml)"
            ))
            .into());
        }
        let file = address.split(['?', '#']).next().unwrap_or_default();
        if !site.join(file).exists() {
            return Err(Refusal::new(format!(
                "{} lacks {file}, which its page asks for: build the site again",
                site.display()
            ))
            .into());
        }
    }
    Ok(())
}

/// What stands in `href` and `src`, but for links for people (`<a>`), inside the page, and to elsewhere.
fn addresses(html: &str) -> BTreeSet<&str> {
    let tags = html.split('<').skip(1).filter(|tag| !tag.starts_with("a "));
    let all = tags.flat_map(|tag| [" href=\"", " src=\""].map(|name| attribute(tag, name)));
    let is_elsewhere =
        |address: &str| address.starts_with("//") || address.split('/').next().unwrap_or_default().contains(':');
    all.flatten().filter(|address| !(address.is_empty() || address.starts_with('#') || is_elsewhere(address))).collect()
}

fn attribute<'html>(tag: &'html str, name: &str) -> Option<&'html str> {
    tag.split('>').next()?.split(name).nth(1)?.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_and_links_for_people_are_not_asked_for() {
        let html = r##"<link rel="icon" href="icon.svg?v=1"><use href="#lock"></use><a href="https://example.org">x</a>
            <script type="module" src="boot.js?v=1"></script><p>src="no.js"</p><img src="data:image/png;base64,AA//">
            <link rel="canonical" href="https://example.org/photos/"><link rel="preconnect" href="//example.org">"##;
        assert_eq!(addresses(html), BTreeSet::from(["icon.svg?v=1", "boot.js?v=1"]));
    }

    #[test]
    fn a_page_for_one_path_alone_or_without_a_file_is_refused() {
        let site = tempfile::tempdir().unwrap();
        let refusal = |html: &str| {
            fs::write(site.path().join("index.html"), html).unwrap();
            check(site.path()).unwrap_err().to_string()
        };
        assert!(refusal(r#"<script src="/boot.js"></script>"#).contains("root of its host for /boot.js"));
        assert!(refusal(r#"<script src="boot.js?v=1"></script>"#).contains("lacks boot.js"));
        fs::write(site.path().join("boot.js"), "").unwrap();
        check(site.path()).unwrap();
    }
}
