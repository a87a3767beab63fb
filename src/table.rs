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
    /// Several words; CSV has a semicolon between them.
    List(&'a [String]),
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
                Value::Text(words) => field(&mut text, words),
                Value::List(words) => field(&mut text, &words.join("; ")),
                Value::Number(number) => text.push_str(&number.to_string()),
                Value::Count(count) => text.push_str(&count.to_string()),
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
                Value::List(words) => {
                    text.push('[');
                    for (at, word) in words.iter().enumerate() {
                        text.push_str(if at > 0 { "," } else { "" });
                        quote(&mut text, word, escape);
                    }
                    text.push(']');
                }
                Value::Number(number) => text.push_str(&number.to_string()),
                Value::Count(count) => text.push_str(&count.to_string()),
            }
        }
        text.push('}');
    }
    text.push_str("\n]\n");
    text
}

/// Whether a spreadsheet would take words for a formula, which may fetch and run what it likes. An apostrophe tells it that
/// they are words.
fn computes(words: &str) -> bool {
    words.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn field(text: &mut String, words: &str) {
    let words = if computes(words) { &["'", words].concat() } else { words };
    if words.contains([',', '"', '\n', '\r']) {
        quote(text, words, |letter| if letter == '"' { Some("\"\"") } else { None });
    } else {
        text.push_str(words);
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
    fn words_are_no_formulas_and_numbers_stay_numbers() {
        let row = |words| vec![Value::Text(words), Value::Number(-1.5)];
        let rows = ["=1+1.jpg", "-rf.jpg", "@a,b", "+1", "a=b", "birds/=1"].map(row);
        let expected =
            "p,n\r\n'=1+1.jpg,-1.5\r\n'-rf.jpg,-1.5\r\n\"'@a,b\",-1.5\r\n'+1,-1.5\r\na=b,-1.5\r\nbirds/=1,-1.5\r\n";
        assert_eq!(csv(&["p", "n"], &rows), expected);
    }

    #[test]
    fn json_escapes_what_needs_it() {
        let text = json(&["path", "similarity", "cluster"], &rows());
        let expected = "[\n{\"path\":\"birds/a, \\\"b\\\".jpg\",\"similarity\":0.5,\"cluster\":1},\n\
                        {\"path\":\"ü\\\\ .png\",\"similarity\":-1,\"cluster\":20}\n]\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_list_is_a_field() {
        let words = ["a".to_owned(), "\"b\", c".to_owned()];
        let rows = [vec![Value::List(&words)], vec![Value::List(&[])]];
        assert_eq!(csv(&["tags"], &rows), "tags\r\n\"a; \"\"b\"\", c\"\r\n\r\n");
        assert_eq!(json(&["tags"], &rows), "[\n{\"tags\":[\"a\",\"\\\"b\\\", c\"]},\n{\"tags\":[]}\n]\n");
    }

    #[test]
    fn of_nothing_there_is_an_empty_table() {
        assert_eq!((csv(&["path"], &[]), json(&["path"], &[])), ("path\r\n".to_owned(), "[\n]\n".to_owned()));
    }
}
