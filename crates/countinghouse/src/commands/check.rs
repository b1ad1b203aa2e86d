//! `check`: reads the configuration and the books as a start would, and touches nothing.

use super::Context;
use crate::books::Books;
use clap::Args;
use std::process::ExitCode;

/// Arguments of `check`.
#[derive(Args)]
pub struct Arguments {}

/// Exit code 2 for books at fault; a configuration at fault never gets here.
#[expect(clippy::print_stdout, reason = "stdout is data")]
pub fn run(_: &Arguments, context: &Context) -> ExitCode {
    match Books::load(context.config.books.as_deref()) {
        Ok(books) => {
            println!(
                "configuration and books are sound: {} accounts in the chart, {} templates, {} assets, {} channels",
                books.chart.nodes().count(),
                books.templates.list().count(),
                books.assets.list().len(),
                books.channels.len()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("books_invalid: {error:#}");
            ExitCode::from(2)
        }
    }
}
