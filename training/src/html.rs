//! Text for HTML. A file or a collection may be called anything.

use std::fmt::Write as _;

/// Text for HTML, in attributes too.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// A path for an address, as `encodeURIComponent` has it; slashes stay readable.
pub fn in_address(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*()/".contains(&byte);
    path.bytes().fold(String::new(), |mut address, byte| {
        if plain(byte) {
            address.push(byte.into());
        } else {
            write!(address, "%{byte:02X}").ok();
        }
        address
    })
}

/// A number with commas between its thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let comma = |at: usize| if at > 0 && (digits.len() - at).is_multiple_of(3) { "," } else { "" };
    digits.char_indices().map(|(at, digit)| format!("{}{digit}", comma(at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_not_write_html() {
        assert_eq!(escaped("<b> & \"c' d"), "&lt;b&gt; &amp; &quot;c&#39; d");
    }

    #[test]
    fn paths_survive_an_address() {
        assert_eq!(in_address("a b/<ü>\"#?%.jpg"), "a%20b/%3C%C3%BC%3E%22%23%3F%25.jpg");
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!([7, 999, 1000, 1_234_567].map(grouped), ["7", "999", "1,000", "1,234,567"]);
    }
}
