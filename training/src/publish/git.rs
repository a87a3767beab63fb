//! The git commands that publish a site: one a line, as they are typed in any shell.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Where a site lies in a git repository.
#[derive(Debug, PartialEq)]
pub struct Repository {
    /// Its folder.
    pub root: PathBuf,
    /// The site's folder in it, with slashes; empty for the repository itself.
    pub inside: String,
}

impl Repository {
    /// The innermost repository that holds a site, if there is one.
    ///
    /// # Errors
    /// A site that can't be found, or whose name is not text.
    pub fn around(site: &Path) -> Result<Option<Self>> {
        let site = site.canonicalize().with_context(|| format!("{} can't be found", site.display()))?;
        let Some(root) = site.ancestors().find(|folder| folder.join(".git").exists()) else { return Ok(None) };
        let names = site.strip_prefix(root)?.iter().map(|name| name.to_str().context("the site's path is not text"));
        Ok(Some(Self { root: root.to_owned(), inside: names.collect::<Result<Vec<_>>>()?.join("/") }))
    }

    /// Commits the site, and sends its folder alone to the branch `gh-pages`, without a history: old thumbnails would
    /// pile up there.
    pub fn to_branch(&self, remote: &str) -> Vec<String> {
        let (git, site) = (self.git(), self.named());
        let tree = quoted(&format!("HEAD:{}", self.inside));
        let message = quoted(&self.message());
        vec![
            format!("{git} add --all --force {site}"),
            format!("{git} commit --allow-empty --quiet --message {message} -- {site}"),
            format!(
                "{git} push --force {} $({git} commit-tree -m {message} {tree}):refs/heads/gh-pages",
                quoted(remote)
            ),
        ]
    }

    /// Commits the site and the workflow, which does the rest once they are pushed.
    pub fn to_workflow(&self, workflow: &str, remote: &str) -> Vec<String> {
        let (git, files) = (self.git(), format!("{} {}", self.named(), quoted(workflow)));
        vec![
            format!("{git} add --all --force {files}"),
            format!("{git} commit --allow-empty --quiet --message {} -- {files}", quoted(&self.message())),
            format!("{git} push {} HEAD", quoted(remote)),
        ]
    }

    fn git(&self) -> String {
        format!("git -C {}", quoted(&self.root.display().to_string()))
    }

    fn message(&self) -> String {
        if self.inside.is_empty() { "Publish the site".to_owned() } else { format!("Publish {}", self.inside) }
    }

    fn named(&self) -> String {
        if self.inside.is_empty() { ".".to_owned() } else { quoted(&self.inside) }
    }
}

/// For a site outside of a repository: one that lies beside it, and holds nothing else. A `.git` in the site itself would
/// be lost when the site is built again.
///
/// # Errors
/// A site without a name.
pub fn beside(site: &Path, remote: &str) -> Result<Vec<String>> {
    let name = site.file_name().context("the site's folder needs a name")?.to_string_lossy();
    let repository = quoted(&site.with_file_name(format!("{name}.git")).display().to_string());
    let git = format!("git --git-dir={repository} --work-tree={}", quoted(&site.display().to_string()));
    Ok(vec![
        format!("git init --quiet --bare --initial-branch=gh-pages {repository}"),
        format!("{git} add --all --force"),
        format!("{git} commit --allow-empty --quiet --message {}", quoted(&format!("Publish {name}"))),
        format!("{git} push {} gh-pages", quoted(remote)),
    ])
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:@~+=,".contains(letter);
    match () {
        () if !word.is_empty() && word.chars().all(plain) => word.to_owned(),
        // Both kinds of shell take a backslash in single quotes for what it is, in paths of Windows.
        () => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_repository_counts() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let site = folder.join("outer/inner/my sites/flowers");
        std::fs::create_dir_all(&site).unwrap();
        assert_eq!(Repository::around(&site).unwrap(), None);
        for repository in ["outer", "outer/inner"] {
            std::fs::create_dir(folder.join(repository).join(".git")).unwrap();
            let found = Repository::around(&site).unwrap().unwrap();
            assert_eq!(found.root, folder.join(repository));
        }
        let found = Repository::around(&site).unwrap().unwrap();
        assert_eq!(found.inside, "my sites/flowers");
        assert!(found.to_branch("origin")[2].contains("'HEAD:my sites/flowers'"), "{:?}", found.to_branch("origin"));
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_read_more_into_them() {
        assert_eq!(quoted("https://github.com/me/photos.git"), "https://github.com/me/photos.git");
        assert_eq!([quoted("my site"), quoted("it's $5"), quoted("")], ["'my site'", r"'it'\''s $5'", "''"]);
    }
}
