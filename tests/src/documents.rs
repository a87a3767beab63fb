//! The commands in a document, as somebody would type them.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

/// The comment on the line before a block that no test can run, with its reason.
const MARK: &str = "<!-- not run: ";

/// A fenced block of commands.
#[derive(Debug, PartialEq)]
pub struct Block {
    /// The number of its first line.
    pub line: usize,
    /// Its commands, one each.
    pub commands: Vec<String>,
    /// Why it can't be run.
    pub not_run: Option<String>,
}

/// The blocks of commands of a Markdown file, in their order.
///
/// # Errors
/// A file that can't be read, or a mark without a reason.
pub fn blocks(path: &Path) -> Result<Vec<Block>> {
    let text = fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))?;
    read(&text).with_context(|| path.display().to_string())
}

fn read(text: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    let mut mark = None;
    while let Some((number, line)) = lines.next() {
        if let Some(rest) = line.strip_prefix(MARK) {
            let reason = rest.trim_end_matches("-->").trim();
            ensure!(reason.split(' ').count() > 2, "line {}: why is it not run?", number + 1);
            mark = Some(reason.to_owned());
            continue;
        }
        let Some(language) = line.strip_prefix("```") else {
            ensure!(mark.is_none(), "line {number}: the mark belongs right before a block");
            continue;
        };
        let body: Vec<_> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let typed: Vec<_> = match language {
            "sh" => body,
            "console" => body.into_iter().filter_map(|line| line.strip_prefix("$ ")).collect(),
            _ => continue,
        };
        // A line that ends with a backslash goes on in the next.
        let commands = typed.join("\n").replace("\\\n", " ");
        let commands = commands.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty());
        blocks.push(Block { line: number + 2, commands: commands.collect(), not_run: mark.take() });
    }
    Ok(blocks)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_output_and_from_other_languages() {
        let text = "# A\n```sh\none # why\ntwo \\\n  more\n```\n```rust\nno\n```\n<!-- not run: it takes a week -->\n```console\n$ three\nsays\n```\n";
        let blocks = read(text).unwrap();
        assert_eq!(
            blocks[0],
            Block { line: 3, commands: vec!["one # why".into(), "two    more".into()], not_run: None }
        );
        assert_eq!((&*blocks[1].commands[0], blocks[1].not_run.as_deref()), ("three", Some("it takes a week")));
        assert_eq!((blocks.len(), blocks[1].commands.len()), (2, 1));
    }

    #[test]
    fn a_mark_has_a_reason_and_a_block() {
        for text in ["<!-- not run: -->\n```sh\na\n```\n", "<!-- not run: it takes a week -->\ntext\n```sh\na\n```\n"] {
            read(text).unwrap_err();
        }
    }
}
