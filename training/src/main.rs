//! The `lookalike` command.

use std::process::ExitCode;

use clap::Parser as _;
use lookalike_training::{cli::Cli, commands};

fn main() -> ExitCode {
    commands::run(Cli::parse().command)
}
