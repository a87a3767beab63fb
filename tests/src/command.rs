//! Runs the `lookalike` command as a user would.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context, Result, ensure};

/// The built command.
pub fn path() -> PathBuf {
    crate::configured("LOOKALIKE_BIN", "target/release/lookalike")
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; −1 after a signal.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it reported.
    pub err: String,
}

/// Runs to the end.
///
/// # Errors
/// A command that can't be started: it is not built.
pub fn run<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Result<Ended> {
    end(&mut command(arguments))
}

/// Lets a command run to the end.
///
/// # Errors
/// A command that can't be started: it is not built.
pub fn end(command: &mut Command) -> Result<Ended> {
    let Output { status, stdout, stderr } =
        command.output().context("`cargo build --release -p lookalike-training` builds it")?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Ended { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) })
}

/// The command with its arguments, not yet started. It writes as wide as it does into a file, whatever terminal the tests
/// run in.
pub fn command<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(path());
    command.args(arguments).env_remove("COLUMNS");
    command
}

/// Copies a program that is to be started from its new place.
///
/// # Errors
/// A place that can't be written.
pub fn copy(program: &Path, to: &Path) -> Result<()> {
    if cfg!(not(unix)) {
        return std::fs::copy(program, to).map(drop).context("the program can't be copied");
    }
    // By another process: a child that another thread starts meanwhile would hold the new file open, and what is open for
    // writing can't be started ("text file busy").
    let status = Command::new("cp").arg(program).arg(to).status()?;
    ensure!(status.success(), "cp ended with {status}");
    Ok(())
}

/// What `lookalike query SITE PHOTO --json` says.
///
/// # Errors
/// A query that fails.
pub fn query(site: &Path, photo: &Path) -> Result<serde_json::Value> {
    let ended = run([Path::new("query"), site, photo, Path::new("--json")])?;
    ensure!(ended.code == 0, "{}", ended.err);
    Ok(serde_json::from_str(&ended.out)?)
}
