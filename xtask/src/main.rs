//! `cargo xtask …`: everything between a fresh clone and a running site.
//!
//! ```text
//! cargo xtask demo     tools → page → `lookalike` command → model → dist/ → http://127.0.0.1:8080
//! cargo xtask test     lint → tools → Chromium → demo site → cargo test
//! ```
//!
//! Each file is one command or one thing that the commands share:
//!
//! | commands | shared |
//! | --- | --- |
//! | `setup`, `page`, `demo`, `test`, `lint`, `deny`, `sbom`, `fuzz`, `guide`, `package`, `bench`, `teacher` | `args` and `help` (what was typed), `paths` (where things lie) |
//! | | `tools` (every pinned version), `install`, `wasm_target`, `browser`, `engines`, `system` (what a machine lacks) |
//! | | `run` (child processes), `progress` (stages and time left), `stamp` (what need not be done again), `lock` |
//!
//! A command that needs a tool installs it into a cache folder of its own; nothing here asks a question.

mod args;
mod bench;
mod browser;
mod demo;
mod deny;
mod engines;
mod fuzz;
mod guide;
mod help;
mod install;
mod lint;
mod lock;
mod node;
mod package;
mod page;
mod paths;
mod progress;
mod run;
mod sbom;
mod setup;
mod shorten;
mod stamp;
mod system;
mod teacher;
mod test;
mod tools;
mod wasm_target;

use std::process::ExitCode;

use args::Command;

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<run::Interrupted>() => {
            eprintln!("\nStopped. What was finished is kept; the same command goes on from there.");
            ExitCode::from(130)
        }
        Err(error) if error.is::<args::Misuse>() => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("\nerror: {error}");
            error.chain().skip(1).for_each(|cause| eprintln!("  because: {cause}"));
            ExitCode::FAILURE
        }
    }
}

fn start() -> anyhow::Result<()> {
    let command = args::parse(std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()))?;
    run::catch_interrupts()?;
    dispatch(command)?;
    progress::summary();
    Ok(())
}

fn dispatch(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Help(text) => {
            print!("{text}");
            Ok(())
        }
        Command::Setup { browser } => setup::command(browser),
        Command::Page { optimise } => page::command(optimise),
        Command::Demo(options) => demo::command(&options),
        Command::Test(options) => test::command(&options),
        Command::Lint => lint::command(),
        Command::Deny => deny::command(),
        Command::Guide => guide::command(),
        Command::Package(options) => package::command(&options),
        Command::Sbom => sbom::command(),
        Command::Fuzz(options) => fuzz::command(&options),
        Command::Teacher => teacher::command(),
        Command::Bench(arguments) => bench::command(&arguments),
    }
}
