//! `keys`: the keys that seal personal data: a new one, everything under it, the old ones dropped.

use super::Context;
use crate::chance::SystemRandom;
use crate::charter::Folder;
use crate::demo::Progress;
use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand};
use members::Resealing;
use records::{Records, Secrets};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Arguments of `keys`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Add a sealing key. Restart what serves the folder before `reseal`.
    Rotate(Place),
    /// Seal everything under the newest key; may be cut short and taken again, while it is served.
    Reseal(Place),
    /// Drop all sealing keys but the newest, once nothing is under them; for ever.
    Drop(Place),
}

/// Where the institution is.
#[derive(Args)]
struct Place {
    /// The institution's folder.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
}

/// Runs it; figures as JSON.
#[expect(clippy::print_stdout, reason = "stdout is data")]
pub async fn run(arguments: Arguments, context: &Context) -> Result<ExitCode> {
    let (Command::Rotate(place) | Command::Reseal(place) | Command::Drop(place)) =
        &arguments.command;
    let folder = Folder::new(&place.data_dir);
    let shown = place.data_dir.display().to_string();
    folder.charter()?.with_context(|| format!("{shown} holds no institution"))?;
    match arguments.command {
        Command::Rotate(_) => {
            let ring = Secrets::rotate(&folder.keys(), &SystemRandom)?;
            eprintln!("{ring:?}");
        }
        Command::Reseal(_) => {
            let done = reseal(&folder, context).await?;
            let (seen, resealed, missed) = (done.seen, done.resealed, done.missed);
            println!(
                "{}",
                serde_json::json!({ "seen": seen, "resealed": resealed, "missed": missed })
            );
        }
        Command::Drop(_) => {
            let done = reseal(&folder, context).await?;
            ensure!(done.missed == 0, "values changed meanwhile: take it again");
            let dropped = Secrets::drop_old(&folder.keys(), &SystemRandom)?;
            println!("{}", serde_json::json!({ "dropped": dropped }));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn reseal(folder: &Folder, context: &Context) -> Result<members::Resealed> {
    let records = {
        let url = folder.records_url(&context.config.records.url);
        Records::open(&url, &[members::MIGRATIONS, sso::MIGRATIONS]).await?
    };
    let secrets = Arc::new(Secrets::open(&folder.keys(), &SystemRandom)?);
    let (others, random) = (&sso::SEALED, Arc::new(SystemRandom));
    let job = Resealing { records: records.clone(), others, secrets, random };
    let progress = Progress::new(false, context.locale);
    let bar = progress.stage(job.rows().await?, "Sealing anew", "重新加密");
    let done = job.run(&|rows| bar.inc(rows)).await;
    bar.finish_and_clear();
    records.close().await;
    Ok(done?)
}
