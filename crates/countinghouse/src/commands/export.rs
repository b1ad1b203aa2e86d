//! `export`: parts of an institution out as files for other tools.

use super::Context;
use crate::books::Books;
use crate::charter::Folder;
use crate::clock::SystemClock;
use anyhow::{Context as _, Result};
use bookkeeper::{Bookkeeper, Config};
use clap::{Args, Subcommand};
use export::{Bound, Error, Range};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use types::Problem;

/// Arguments of `export`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The book as a Parquet file, a row a posting.
    Ledger {
        /// The institution's folder. Nobody may have it open.
        #[arg(long, value_name = "D")]
        data_dir: PathBuf,
        /// The first accounting date (2026-10-12) or number; the book's first if left out.
        #[arg(long, value_name = "DATE|SEQ")]
        from: Option<Bound>,
        /// The last accounting date or number, included; the book's last if left out.
        #[arg(long, value_name = "DATE|SEQ")]
        to: Option<Bound>,
        /// The file to write; one that is there is replaced.
        #[arg(long, value_name = "F")]
        out: PathBuf,
    },
}

/// Exit code 2 for a range that ends before it begins.
#[expect(clippy::print_stdout, reason = "stdout is data")]
pub fn run(arguments: &Arguments, context: &Context) -> Result<ExitCode> {
    let What::Ledger { data_dir, from, to, out } = &arguments.what;
    let books = Books::load(context.config.books.as_deref())?;
    let folder = Folder::new(data_dir);
    let charter = folder.charter()?;
    let charter =
        charter.with_context(|| format!("{} holds no institution", data_dir.display()))?;
    let config = Config { dir: folder.book(), open_date: charter.first_date };
    let book = Bookkeeper::open_on(
        context.config.book.storage()?,
        config,
        books.chart,
        Arc::new(SystemClock),
    )?;
    match export::ledger(&book, Range { from: *from, to: *to }, out) {
        Ok(exported) => {
            println!("{} transactions, {} rows", exported.transactions, exported.rows);
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ Error::RangeInvalid { .. }) => Err(Problem::from(error).at("--from").into()),
        Err(error) => Err(error.into()),
    }
}
