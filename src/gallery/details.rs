//! What somebody says of a photo: a title, a link, tags. Texts of other people's: shown as text, and checked wherever they are read.

use serde::{Deserialize, Serialize};

/// What is said of a photo; the default says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Stands where its path would; empty: its path does.
    pub title: String,
    /// Where it leads: an address that begins with `https://`, `http://` or `mailto:`, or one within the site; empty: nowhere.
    pub link: String,
    /// Words that it shares with others, sorted, each once.
    pub tags: Vec<String>,
}

/// A tag, as the entry lists all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The tag.
    pub name: String,
    /// Number of photos that have it.
    pub photos: u32,
}

impl Details {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What can't be shown, in words that follow a photo's name.
    ///
    /// # Errors
    /// A text over its limit, or a link that could do more than lead to a page.
    pub fn check(&self) -> Result<(), &'static str> {
        let is_long = |text: &str, most| text.chars().count() > most;
        match () {
            () if is_long(&self.title, 200) => Err("has a title of more than 200 letters"),
            () if is_long(&self.link, 2000) => Err("has a link of more than 2000 letters"),
            () if !is_harmless(&self.link) => Err(
                "has a link that is neither an address with https://, http:// or mailto: before it nor one within the site",
            ),
            () if self.tags.len() > 32 => Err("has more than 32 tags"),
            () if self.tags.iter().any(|tag| tag.is_empty() || is_long(tag, 64)) => {
                Err("has a tag of no letter, or of more than 64")
            }
            () => Ok(()),
        }
    }
}

/// Whether a link leads somewhere, and does nothing else: `javascript:` and `data:` would run in the page.
fn is_harmless(link: &str) -> bool {
    // Browsers leave out tabs and line breaks, and take \ for /: what is looked at here is what they see.
    if link.bytes().any(|byte| byte <= b' ' || byte == b'\\') {
        return false;
    }
    let begins = |with: &str| link.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    if ["https://", "http://", "mailto:"].into_iter().any(begins) {
        return true;
    }
    // Within the site there is no colon before the first of these, and no host.
    let path = link.split(['/', '?', '#']).next().unwrap_or_default();
    !path.contains(':') && !link.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(link: &str) -> bool {
        Details { link: link.to_owned(), ..Details::default() }.check().is_ok()
    }

    #[test]
    fn links_lead_to_pages() {
        for good in [
            "",
            "https://example.org/a?b=c#d",
            "HTTP://example.org",
            "mailto:me@example.org",
            "shop/12.html",
            "/shop/a:b",
            "?photo=12:30",
            "#top",
            "../other/",
            "ü.html",
        ] {
            assert!(link(good), "{good}");
        }
    }

    #[test]
    fn links_that_could_do_more_are_refused() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "blob:https://example.org/1",
            "file:///etc/passwd",
            "https:example.org",
            "//example.org",
            "\\\\example.org",
            "/\\example.org",
            "a page.html",
        ] {
            assert!(!link(bad), "{bad}");
        }
    }

    #[test]
    fn texts_have_limits() {
        let title = |count| Details { title: "ü".repeat(count), ..Details::default() }.check();
        assert_eq!((title(200), title(201)), (Ok(()), Err("has a title of more than 200 letters")));
        assert!(link(&"a".repeat(2000)) && !link(&"a".repeat(2001)));
        let tags = |tag: &str, count| Details { tags: vec![tag.to_owned(); count], ..Details::default() }.check();
        assert_eq!((tags(&"a".repeat(64), 32), tags("a", 33)), (Ok(()), Err("has more than 32 tags")));
        for tag in ["", &"a".repeat(65)] {
            assert_eq!(tags(tag, 1), Err("has a tag of no letter, or of more than 64"));
        }
    }
}
