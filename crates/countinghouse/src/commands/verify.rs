//! `verify`: walks the journal from the first byte, checks every checksum and the chain, replays it
//! and proves the book that comes out.

use super::Context;
use crate::books::Books;
use crate::charter::Folder;
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `verify`.
#[derive(Args)]
pub struct Arguments {
    /// The institution's folder. Nobody may have it open.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
}

/// Exit code 0 only if everything holds.
#[expect(clippy::print_stdout, reason = "stdout is data")]
pub fn run(arguments: &Arguments, context: &Context) -> Result<ExitCode> {
    let books = Books::load(context.config.books.as_deref())?;
    let folder = Folder::new(&arguments.data_dir);
    let bar = indicatif::ProgressBar::new_spinner();
    let verification =
        bookkeeper::verify(&journal::RealFiles, &folder.book(), books.chart, &mut |walked| {
            bar.set_position(walked.batches);
        })?;
    bar.finish_and_clear();
    println!("{verification:#?}");
    Ok(if verification.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
