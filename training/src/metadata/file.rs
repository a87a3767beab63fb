//! The file of a [`Metadata`](super::Metadata), line by line.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use lookalike::gallery::Details;
use serde_json::{Map, Value};

/// What a line may have.
pub(super) const COLUMNS: [&str; 4] = ["path", "title", "link", "tags"];

/// Between tags.
const SEPARATOR: char = ';';

/// What is said of a photo.
pub(super) struct Line {
    /// Where in the file, for people.
    pub(super) place: String,
    pub(super) path: String,
    pub(super) details: Details,
}

/// The lines, and the names of what is not used.
pub(super) fn read(file: &Path) -> Result<(Vec<Line>, Vec<String>)> {
    let extension = file.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    let read = match extension.as_deref() {
        Some("csv") => csv,
        Some("json") => json,
        _ => bail!("it is neither a .csv nor a .json file"),
    };
    let text = String::from_utf8(fs::read(file)?).context("it is not UTF-8 text; save it as “CSV UTF-8”")?;
    read(text.trim_start_matches('\u{feff}'))
}

fn csv(text: &str) -> Result<(Vec<Line>, Vec<String>)> {
    // The reader counts a line too few where it ends in two letters.
    let text = text.replace("\r\n", "\n");
    let names = text.lines().next().unwrap_or_default();
    // As spreadsheets write it where the comma is in numbers.
    let delimiter = if !names.contains(',') && names.contains(SEPARATOR) { b';' } else { b',' };
    let mut reader =
        ::csv::ReaderBuilder::new().delimiter(delimiter).trim(::csv::Trim::All).from_reader(text.as_bytes());
    let names = reader.headers()?.clone();
    let places = COLUMNS.map(|column| names.iter().position(|name| name == column));
    ensure!(places[0].is_some(), "its first line names no column `path`; the columns are {}", COLUMNS.join(","));
    let unknown = names.iter().filter(|name| !COLUMNS.contains(name)).map(str::to_owned).collect();
    let line = |record: ::csv::Result<::csv::StringRecord>| {
        let record = record?;
        let [path, title, link, tags] = places.map(|at| at.and_then(|at| record.get(at)).unwrap_or_default());
        let details = Details { title: title.to_owned(), link: link.to_owned(), tags: apart(tags) };
        let place = record.position().map_or(String::new(), |position| format!("line {}", position.line()));
        Ok(Line { place, path: path.to_owned(), details })
    };
    Ok((reader.records().map(line).collect::<Result<_>>()?, unknown))
}

fn json(text: &str) -> Result<(Vec<Line>, Vec<String>)> {
    let photos: Vec<Map<String, Value>> =
        serde_json::from_str(text).context("it is no JSON array with an object for each photo")?;
    let mut unknown = BTreeSet::new();
    let mut lines = Vec::new();
    for (number, photo) in (1..).zip(photos) {
        let place = format!("entry {number}");
        let text = |name: &str| match photo.get(name) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.trim().to_owned()),
            Some(other) => bail!("the {name} of {place} is {other}, which is no text"),
        };
        let tags = match photo.get("tags") {
            Some(Value::Array(tags)) => {
                let tag = |tag: &Value| tag.as_str().map(|tag| tag.trim().to_owned());
                let tags = tags.iter().map(tag).collect::<Option<_>>();
                in_order(tags.with_context(|| format!("a tag of {place} is no text"))?)
            }
            _ => apart(&text("tags")?),
        };
        let (path, details) = (text("path")?, Details { title: text("title")?, link: text("link")?, tags });
        unknown.extend(photo.keys().filter(|name| !COLUMNS.contains(&name.as_str())).cloned());
        lines.push(Line { place, path, details });
    }
    Ok((lines, unknown.into_iter().collect()))
}

fn apart(tags: &str) -> Vec<String> {
    in_order(tags.split(SEPARATOR).map(|tag| tag.trim().to_owned()).collect())
}

fn in_order(mut tags: Vec<String>) -> Vec<String> {
    tags.retain(|tag| !tag.is_empty());
    tags.sort();
    tags.dedup();
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(read: Result<(Vec<Line>, Vec<String>)>) -> Vec<String> {
        let (lines, unknown) = read.unwrap();
        let line = |Line { place, path, details: Details { title, link, tags } }| {
            format!("{place}: {path}|{title}|{link}|{}", tags.join("+"))
        };
        lines.into_iter().map(line).chain(unknown).collect()
    }

    #[test]
    fn a_table_may_have_its_columns_in_any_order_and_others() {
        let text = "tags,author,path,title\n b ; a;b;,me, x.jpg ,\"One, \"\"two\"\"\"\n,,y.jpg,\n";
        assert_eq!(told(csv(text)), ["line 2: x.jpg|One, \"two\"||a+b", "line 3: y.jpg|||", "author"]);
        assert_eq!(told(csv("path;tags\r\nx.jpg;\"a;b\"\r\n")), ["line 2: x.jpg|||a+b"]);
    }

    #[test]
    fn a_list_may_have_its_tags_in_a_list() {
        let text = r#"[{"path": "x.jpg", "tags": ["b", " a ", "b"], "year": 2020}, {"path": "y.jpg", "tags": "c; d"}]"#;
        assert_eq!(told(json(text)), ["entry 1: x.jpg|||a+b", "entry 2: y.jpg|||c+d", "year"]);
    }

    #[test]
    fn what_is_no_such_file_is_told() {
        let refused = |read: Result<(Vec<Line>, Vec<String>)>| format!("{:#}", read.err().unwrap());
        assert!(refused(csv("")).contains("no column `path`"));
        assert!(refused(csv("Path,title\n")).contains("no column `path`"));
        assert!(refused(csv("path,title\na.jpg\n")).contains("line: 2"));
        assert!(refused(json("{}")).contains("no JSON array"));
        assert!(refused(json(r#"[{"path": 7}]"#)).contains("the path of entry 1 is 7"));
        assert!(refused(json(r#"[{"path": "a", "tags": [1]}]"#)).contains("a tag of entry 1"));
    }
}
