//! `ledger`: the book alone, for programs that bring their own business.

mod key;
mod serve;

use super::Context;
use crate::charter::Folder;
use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use records::{Records, Secrets};
use server::{LEDGER_MIGRATIONS, LedgerKeys};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use types::Clock;

use crate::chance::SystemRandom;

/// Arguments of `ledger`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a ledger that belongs to no institution. An institution's is served by `serve`.
    Serve(serve::Arguments),
    /// Keys to the ledger over the network, of an institution or of a ledger alone.
    Key(key::Arguments),
}

/// Runs it.
pub async fn run(arguments: Arguments, context: &Context) -> Result<ExitCode> {
    match arguments.command {
        Command::Serve(arguments) => serve::run(&arguments, context).await,
        Command::Key(arguments) => key::run(arguments, context).await,
    }
}

/// Where a ledger or an institution is.
#[derive(Args)]
struct Place {
    /// The folder.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
}

impl Place {
    /// Its folder, made if missing.
    fn folder(&self) -> Result<Folder> {
        let shown = self.data_dir.display();
        std::fs::create_dir_all(&self.data_dir)
            .with_context(|| format!("{shown} cannot be made"))?;
        Ok(Folder::new(&self.data_dir))
    }
}

/// The records of a folder and the ledger keys in them.
async fn keys(
    folder: &Folder,
    context: &Context,
    clock: Arc<dyn Clock>,
) -> Result<(Records, LedgerKeys)> {
    let url = folder.records_url(&context.config.records.url);
    let records = Records::open(&url, &[LEDGER_MIGRATIONS]).await?;
    let secrets = Arc::new(Secrets::open(&folder.keys(), &SystemRandom)?);
    Ok((records.clone(), LedgerKeys::new(records, secrets, clock)))
}
