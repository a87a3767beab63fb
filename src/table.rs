//! Rows of values as CSV (RFC 4180) or JSON, for whoever takes results elsewhere.

/// A field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Words.
    Text(&'a str),
    /// A finite number.
    Number(f32),
    /// A whole number.
    Count(u32),
}

/// A line of names, then a line a row.
pub fn csv(columns: &[&str], rows: &[Vec<Value<'_>>]) -> String {
    let mut text = String::new();
    let names: Vec<_> = columns.iter().map(|name| Value::Text(name)).collect();
    for row in [&names].into_iter().chain(rows) {
        for (at, value) in row.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            match value {
                Value::Text(words) if words.contains([',', '"', '\n', '\r']) => {
                    quote(&mut text, words, |letter| if letter == '"' { Some("\"\"") } else { None });
                }
                value => plain(&mut text, value),
            }
        }
        text.push_str("\r\n");
    }
    text
}

/// An array of objects, a line each.
pub fn json(columns: &[&str], rows: &[Vec<Value<'_>>]) -> String {
    let mut text = String::from("[");
    for (line, row) in rows.iter().enumerate() {
        text.push_str(if line > 0 { ",\n{" } else { "\n{" });
        for (at, (name, value)) in columns.iter().zip(row).enumerate() {
            if at > 0 {
                text.push(',');
            }
            quote(&mut text, name, escape);
            text.push(':');
            match value {
                Value::Text(words) => quote(&mut text, words, escape),
                value => plain(&mut text, value),
            }
        }
        text.push('}');
    }
    text.push_str("\n]\n");
    text
}

fn plain(text: &mut String, value: &Value<'_>) {
    match value {
        Value::Text(words) => text.push_str(words),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::Count(count) => text.push_str(&count.to_string()),
    }
}

fn quote(text: &mut String, words: &str, replaced: impl Fn(char) -> Option<&'static str>) {
    text.push('"');
    for letter in words.chars() {
        match replaced(letter) {
            Some(other) => text.push_str(other),
            None => text.push(letter),
        }
    }
    text.push('"');
}

/// A name of a file may hold anything; what is no letter at all becomes a space.
fn escape(letter: char) -> Option<&'static str> {
    match letter {
        '"' => Some("\\\""),
        '\\' => Some("\\\\"),
        letter if letter < ' ' => Some(" "),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<Value<'static>>> {
        vec![
            vec![Value::Text("birds/a, \"b\".jpg"), Value::Number(0.5), Value::Count(1)],
            vec![Value::Text("ü\\\n.png"), Value::Number(-1.0), Value::Count(20)],
        ]
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        let text = csv(&["path", "similarity", "cluster"], &rows());
        assert_eq!(text, "path,similarity,cluster\r\n\"birds/a, \"\"b\"\".jpg\",0.5,1\r\n\"ü\\\n.png\",-1,20\r\n");
    }

    #[test]
    fn json_escapes_what_needs_it() {
        let text = json(&["path", "similarity", "cluster"], &rows());
        let expected = "[\n{\"path\":\"birds/a, \\\"b\\\".jpg\",\"similarity\":0.5,\"cluster\":1},\n\
                        {\"path\":\"ü\\\\ .png\",\"similarity\":-1,\"cluster\":20}\n]\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn of_nothing_there_is_an_empty_table() {
        assert_eq!((csv(&["path"], &[]), json(&["path"], &[])), ("path\r\n".to_owned(), "[\n]\n".to_owned()));
    }
}
