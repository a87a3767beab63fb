//! Child processes: started with their output going straight through, waited for, and never left behind.

use std::{
    fmt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::{paths, progress::Stage};

/// Ctrl-C was pressed, or we were asked to end.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// A terminal sends Ctrl-C to the child as well, which then ends in its own way; this much time it gets to do so.
const GRACE: Duration = Duration::from_secs(10);
/// Short enough not to be felt, long enough to cost nothing.
const POLL: Duration = Duration::from_millis(20);

pub(crate) fn catch_interrupts() -> Result<()> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst)).context("could not listen for Ctrl-C")
}

pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// A command of the workspace's root.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root()).stdin(Stdio::null());
    command
}

/// The cargo that started us.
pub(crate) fn cargo() -> Command {
    command("cargo")
}

/// One stage that is one command, which must succeed.
pub(crate) fn stage(name: &str, what: &str, first_time: Option<u64>, command: &mut Command) -> Result<()> {
    let mut stage = Stage::start(name, what, first_time);
    within(&mut stage, command)?;
    stage.done();
    Ok(())
}

/// A command that must succeed, as a part of a stage.
pub(crate) fn within(stage: &mut Stage, command: &mut Command) -> Result<()> {
    let status = status(command, Some(stage))?;
    if !status.success() {
        bail!("{}\nended with {}; its own words are above", shown(command), told(status));
    }
    Ok(())
}

/// Runs to the end, whatever that is.
pub(crate) fn status(command: &mut Command, mut stage: Option<&mut Stage>) -> Result<ExitStatus> {
    if interrupted() {
        bail!(Interrupted);
    }
    let mut child = command.spawn().with_context(|| format!("could not start {}: is it installed?", shown(command)))?;
    loop {
        if let Some(status) = child.try_wait().with_context(|| format!("lost sight of {}", shown(command)))? {
            return if interrupted() { Err(Interrupted.into()) } else { Ok(status) };
        }
        if interrupted() {
            end(&mut child)?;
            bail!(Interrupted);
        }
        if let Some(stage) = stage.as_deref_mut() {
            stage.tick();
        }
        thread::sleep(POLL);
    }
}

fn end(child: &mut Child) -> Result<()> {
    let asked = Instant::now();
    while asked.elapsed() < GRACE {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        thread::sleep(POLL);
    }
    child.kill().context("could not end a running command")?;
    child.wait()?;
    Ok(())
}

/// What a short command prints on success; `None` when it fails or is not there. For questions, not for work.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as it could be typed.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| match word.to_string_lossy() {
            word if word.is_empty() || word.contains(char::is_whitespace) => format!("\"{word}\""),
            word => word.into_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn told(status: ExitStatus) -> String {
    status.code().map_or_else(|| format!("{status}"), |code| format!("exit code {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_is_typed() {
        assert_eq!(shown(Command::new("a").args(["b c", "", "d"])), "a \"b c\" \"\" d");
    }

    #[test]
    fn a_question_to_a_missing_program_has_no_answer() {
        assert_eq!(answer(&mut Command::new("lookalike-no-such-program")), None);
        assert!(answer(Command::new("cargo").arg("--version")).is_some_and(|text| text.starts_with("cargo")));
    }

    #[test]
    fn err_a_failed_command_names_itself() {
        let mut stage = Stage::start("test", "a command that fails", None);
        let error = within(&mut stage, cargo().arg("no-such-command").stderr(Stdio::null())).unwrap_err();
        assert!(error.to_string().contains("cargo no-such-command"), "{error}");
    }
}
