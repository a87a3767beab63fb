//! One file a subcommand; here what they share: exit codes, refusals, and how an error is told.

mod adapt;
mod build;
mod compare;
mod draw;
mod embed;
mod eval;
mod inspect;
mod part;
mod publish;
mod query;
mod scratch;
mod serve;
mod train;

use std::{path::Path, process::ExitCode};

use anyhow::Result;

use crate::{
    cli::Command,
    interrupt::{self, Interrupted},
    photos::Skipped,
    progress::tell,
};

/// The exit code after Ctrl-C, as shells have it.
pub const EXIT_INTERRUPTED: u8 = 130;

/// How a command ended, if it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All is done.
    Done,
    /// All is done, without some photos.
    SomeSkipped,
}

impl From<&Skipped> for Outcome {
    fn from(skipped: &Skipped) -> Self {
        if skipped.count() == 0 { Self::Done } else { Self::SomeSkipped }
    }
}

/// Input that is refused before anything is done.
#[derive(Debug)]
pub struct Refusal(String);

impl Refusal {
    /// With what is wrong, the likely cause and the next step.
    pub fn new(message: String) -> Self {
        Self(message)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// Runs a command and tells how it ended.
pub fn run(command: Command) -> ExitCode {
    // What is over in a moment, or has nothing to lose, ends at once as any program does.
    let listening = match &command {
        Command::Query(_) | Command::Inspect(_) | Command::Publish(_) => Ok(()),
        Command::Serve(_) => interrupt::listen("stopping"),
        _ => interrupt::listen("stopping after this step; press Ctrl-C again to stop at once"),
    };
    let result = listening.and_then(|()| match command {
        Command::Train(options) => train::run(&options),
        Command::Build(options) => build::run(&options),
        Command::Query(options) => query::run(&options),
        Command::Eval(options) => eval::run(&options),
        Command::Compare(options) => compare::run(&options),
        Command::Embed(options) => embed::run(&options),
        Command::Inspect(options) => inspect::run(&options),
        Command::Publish(options) => publish::run(&options),
        Command::Serve(options) => serve::run(&options),
    });
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::SomeSkipped) => ExitCode::from(3),
        Err(error) => {
            tell(format!("lookalike: {error:#}"));
            exit_code(&error)
        }
    }
}

fn exit_code(error: &anyhow::Error) -> ExitCode {
    match () {
        () if error.chain().any(|e| e.is::<Interrupted>()) => ExitCode::from(EXIT_INTERRUPTED),
        () if error.chain().any(|e| e.is::<Refusal>()) => ExitCode::from(2),
        () => ExitCode::FAILURE,
    }
}

/// Refuses a path inside a folder: an output among the photos would be read by the next run, and inputs inside the
/// output would be replaced with it.
fn refuse_inside(folder: &Path, path: &Path) -> Result<()> {
    let (Ok(folder), Ok(path)) = (canonical_parent(folder), canonical_parent(path)) else { return Ok(()) };
    if path.starts_with(&folder) {
        let message = format!("{} is inside {}; choose another place", path.display(), folder.display());
        return Err(Refusal::new(message).into());
    }
    Ok(())
}

/// The canonical form of a path whose end may not exist yet.
fn canonical_parent(path: &Path) -> std::io::Result<std::path::PathBuf> {
    let path = std::path::absolute(path)?;
    let existing = path.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(&path);
    let rest = path.strip_prefix(existing).unwrap_or(Path::new(""));
    Ok(existing.canonicalize()?.join(rest))
}
