//! `lookalike publish`, as typed.

use std::path::PathBuf;

use clap::Args;

/// Options of `publish`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lookalike publish my-site
  lookalike publish my-site --remote https://github.com/me/photos.git
  lookalike publish my-site --workflow

Reads every file of the site, holds its size against the limits of GitHub Pages, and prints the git
commands that publish it on the branch gh-pages: those of the repository that holds the site, or of
one beside it. With --workflow, a workflow in that repository publishes the folder when it is pushed.
Nothing is sent by this command; it may be repeated at any time. Any other static host takes the
folder as it is.")]
pub struct Publish {
    /// Folder of the site.
    pub site: PathBuf,
    /// Write .github/workflows/pages.yml into the git repository that holds the site.
    #[arg(long)]
    pub workflow: bool,
    /// Where to push: the name or the address of a git repository; `origin` where the site is in one.
    #[arg(long, value_name = "REPOSITORY")]
    pub remote: Option<String>,
}
