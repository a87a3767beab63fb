//! The workflow that publishes a folder of a repository on GitHub Pages.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{commands::Refusal, output, publish::git::Repository};

/// Where it lies in a repository.
pub const PLACE: &str = ".github/workflows/pages.yml";

const TEMPLATE: &str = include_str!("pages.yml");

/// How the first line of ours begins.
const OURS: &str = "# Written by `lookalike publish --workflow`";

/// Writes the workflow into a repository.
///
/// # Errors
/// A workflow of somebody else's in its place, or a folder that can't be written.
pub fn write(repository: &Repository) -> Result<()> {
    let place = repository.root.join(PLACE);
    if fs::read_to_string(&place).is_ok_and(|there| !there.starts_with(OURS)) {
        return Err(Refusal::new(format!(
            "{} is there already, and was not written by `lookalike`: move it elsewhere, or publish without --workflow",
            place.display()
        ))
        .into());
    }
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder).with_context(|| output::unwritable(folder))?;
    }
    output::write_atomic(&place, text(&repository.inside).as_bytes())
}

/// The template with the site's folder in it.
fn text(inside: &str) -> String {
    let folder = if inside.is_empty() { "." } else { inside };
    let paths = if inside.is_empty() { "**".to_owned() } else { format!("{inside}/**") };
    TEMPLATE
        .replace("the folder SITE", &format!("the folder {folder}"))
        .replace("[SITE, ", &format!("[{}, ", yaml(&paths)))
        .replace("path: SITE", &format!("path: {}", yaml(folder)))
}

fn yaml(word: &str) -> String {
    format!("'{}'", word.replace('\'', "''"))
}

/// Whether it is there as we write it.
pub fn is_there(repository: &Repository) -> bool {
    fs::read(repository.root.join(PLACE)).is_ok_and(|there| there == text(&repository.inside).as_bytes())
}

/// The address that GitHub gives to a repository's site, if `remote` is one of GitHub's.
pub fn address(remote: &str) -> Option<String> {
    let path = remote.split("github.com").nth(1)?.trim_start_matches([':', '/']);
    let (owner, name) = path.trim_end_matches('/').trim_end_matches(".git").split_once('/')?;
    let host = format!("{}.github.io", owner.to_lowercase());
    Some(if name.eq_ignore_ascii_case(&host) { format!("https://{host}/") } else { format!("https://{host}/{name}/") })
}

/// The address of a repository's `origin`, as its configuration has it.
pub fn origin(root: &Path) -> Option<String> {
    let config = fs::read_to_string(root.join(".git/config")).ok()?;
    let mut lines = config.lines().map(str::trim).skip_while(|line| *line != "[remote \"origin\"]").skip(1);
    lines
        .by_ref()
        .take_while(|line| !line.starts_with('['))
        .find_map(|line| Some(line.strip_prefix("url = ")?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_stands_wherever_it_belongs() {
        let text = text("my sites/it's");
        assert!(text.contains("paths: ['my sites/it''s/**', .github/workflows/pages.yml]"), "{text}");
        assert!(text.contains("path: 'my sites/it''s'\n") && !text.contains("SITE"), "{text}");
    }

    #[test]
    fn pages_have_an_address_that_follows_from_the_repositorys() {
        assert_eq!(address("git@github.com:Me/photos.git").as_deref(), Some("https://me.github.io/photos/"));
        assert_eq!(address("https://github.com/me/me.github.io").as_deref(), Some("https://me.github.io/"));
        assert_eq!(address("/srv/git/photos.git"), None);
    }
}
