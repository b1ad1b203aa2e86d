//! `recon formats`: which statement formats are known, and what one makes of a file.

use super::Context;
use crate::books::Books;
use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// How many lines of a statement are explained.
const SHOWN_LINES: usize = 50;

/// Arguments of `recon`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Statement formats.
    Formats {
        #[command(subcommand)]
        what: Formats,
    },
}

#[derive(Subcommand)]
enum Formats {
    /// The formats that are declared.
    List,
    /// Read a statement and say what is in it, or what is wrong with it.
    Check {
        /// The statement as delivered.
        file: PathBuf,
        /// The format's id.
        #[arg(long)]
        format: String,
    },
}

/// Exit code 2 for a statement that is refused.
#[expect(clippy::print_stdout, reason = "stdout is data")]
pub fn run(arguments: &Arguments, context: &Context) -> Result<ExitCode> {
    let books = Books::load(context.config.books.as_deref())?;
    let What::Formats { what } = &arguments.what;
    match what {
        Formats::List => {
            for format in books.formats.iter() {
                println!("{}", format.id);
            }
        }
        Formats::Check { file, format } => {
            let bytes = std::fs::read(file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            let format = books
                .formats
                .get(format)
                .with_context(|| format!("no format '{format}' is declared"))?;
            let report = recon::check(format, &bytes, recon::Limits::default(), SHOWN_LINES);
            for line in &report.lines {
                println!("{:>6}  {}", line.line, line.meaning.get(context.locale));
            }
            if report.silent > 0 {
                println!("        … {}", report.silent);
            }
            for finding in &report.findings {
                eprintln!("{}", finding.sentence().get(context.locale));
            }
            if !report.accepted() {
                return Ok(ExitCode::from(2));
            }
            println!("{}", serde_json::to_string(&report.totals)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}
