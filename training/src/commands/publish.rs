//! `lookalike publish`.

use anyhow::Result;

use super::{Outcome, Refusal};
use crate::{
    cli::Publish,
    photos::plural,
    progress::say,
    publish::{
        addresses,
        git::{self, Repository},
        size::Size,
        workflow,
    },
    site,
};

/// Of a site outside of a repository nobody knows where it is to go.
const UNKNOWN: &str = "https://github.com/USER/REPOSITORY.git";

pub(super) fn run(options: &Publish) -> Result<Outcome> {
    let site = options.site.as_path();
    let gallery = site::check(site)?;
    addresses::check(site)?;
    let size = Size::of(site, gallery.items.len())?;
    size.check(site)?;
    let repository = Repository::around(site)?;
    if options.workflow {
        let Some(repository) = &repository else {
            return Err(Refusal::new(format!(
                "{} is in no git repository, where the workflow belongs: `git init` makes one of a folder above it",
                site.display()
            ))
            .into());
        };
        workflow::write(repository)?;
    }
    site::keep_from_jekyll(site)?;
    say(format!(
        "site         {} · {} · {}, {:.1} MB: whole, and GitHub Pages takes it",
        site.display(),
        plural(gallery.items.len(), "photo"),
        plural(size.files, "file"),
        size.bytes as f64 / 1e6
    ));
    say(format!(
        "first visit  {:.2} MB to the first answer: 100 GB a month, from which on GitHub asks you to look for another \
         host, are {} of them",
        size.first_visit as f64 / 1e6,
        size.visits()
    ));
    tell(options, repository.as_ref())?;
    Ok(Outcome::Done)
}

/// What to type, and what to click.
fn tell(options: &Publish, repository: Option<&Repository>) -> Result<()> {
    let named = options.remote.as_deref();
    let (lines, source) = match repository {
        Some(repository) if options.workflow || workflow::is_there(repository) => {
            (repository.to_workflow(workflow::PLACE, named.unwrap_or("origin")), "\"GitHub Actions\"")
        }
        Some(repository) => (repository.to_branch(named.unwrap_or("origin")), BRANCH),
        None => (git::beside(&options.site, named.unwrap_or(UNKNOWN))?, BRANCH),
    };
    let remote = named.map(str::to_owned).or_else(|| workflow::origin(&repository?.root));
    let address = remote.and_then(|remote| workflow::address(&remote));
    say("\nTo publish it, now and whenever it is built again:\n".to_owned());
    lines.into_iter().for_each(|line| say(format!("  {line}")));
    say(format!(
        "\nOnce, on GitHub: Settings → Pages → Source → {source}. The site is then at\n{}",
        address.unwrap_or_else(|| "https://USER.github.io/REPOSITORY/".to_owned())
    ));
    Ok(())
}

const BRANCH: &str = "\"Deploy from a branch\", gh-pages, / (root)";
