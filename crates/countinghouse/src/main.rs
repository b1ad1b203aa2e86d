//! The binary: commands, configuration, wiring.
//!
//! stdout is data, stderr is talk. A wrong input ends with exit code 2 and one sentence that names
//! the field and the fault; anything else that fails ends with exit code 1.

mod bench;
mod books;
mod chance;
mod charter;
mod clock;
mod commands;
mod config;
mod core_dumps;
mod demo;
mod institution;
mod outside;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run(commands::Cli::parse())
}
