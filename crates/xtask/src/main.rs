//! The house's own tools: `cargo run -p xtask -- <command>`.

mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

const HELP: &str = "usage: cargo run -p xtask -- <command>
  tidy     check the rules of the house; each fault is one line, file:line: what is wrong
  codes    list every stable error code and where it is made";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let done = match command.as_str() {
        "tidy" => tidy(),
        "codes" => codes(),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::print_stdout, reason = "the faults are what the command is for")]
fn tidy() -> Result<ExitCode> {
    let faults = tidy::check(&root()?)?;
    for fault in &faults {
        println!("{fault}");
    }
    if faults.is_empty() {
        eprintln!("tidy: every rule is kept");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("tidy: {} faults", faults.len());
    Ok(ExitCode::FAILURE)
}

#[expect(clippy::print_stdout, reason = "the codes are what the command is for")]
fn codes() -> Result<ExitCode> {
    for (code, place) in tidy::codes(&root()?)? {
        println!("{code}\t{place}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The workspace: two folders above this crate.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(Path::to_owned).context("xtask lies outside of its workspace")
}
