//! `found`: a new institution whose channels, verifiers and time are real.

use crate::charter::{Charter, Folder};
use crate::clock::SystemClock;
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use types::{BusinessDate, Clock as _};

/// Arguments of `found`.
#[derive(Args)]
pub struct Arguments {
    /// An empty or new folder.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
    /// The first accounting date. Default: today in Shanghai.
    #[arg(long, value_name = "DATE")]
    first_date: Option<BusinessDate>,
}

/// Writes the charter; `serve` opens what was founded.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let first_date = arguments.first_date.unwrap_or_else(|| SystemClock.now().date());
    Folder::new(&arguments.data_dir).found(&Charter { first_date, simulated: None })?;
    Ok(ExitCode::SUCCESS)
}
