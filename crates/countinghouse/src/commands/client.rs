//! `client`: business systems and apps that sign their users in here (docs/reference/sso.md).

use super::Context;
use crate::chance::SystemRandom;
use crate::charter::Folder;
use crate::clock::SystemClock;
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use records::{Records, Secrets};
use serde_json::json;
use sso::{Desk, NewClient};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use types::{ClientId, Clock as _, Problem};

/// How the command line is named in the audit log.
const ACTOR: &str = "command line";

/// Arguments of `client`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Register a client from a JSON file and print its id and secret: the secret cannot be shown
    /// again.
    Add {
        #[command(flatten)]
        place: Place,
        /// The file: `name`, `grade`, `proving`, `redirect_uris`, `scopes`, ...
        file: PathBuf,
    },
    /// List all clients as JSON, those out of use too.
    List(Place),
    /// Give a client another secret and print it; the old one is refused from now on.
    Secret(One),
    /// Put a client out of use; what it was granted ends.
    Disable(One),
    /// Let another key sign tokens and print its name; the old one verifies until its last token has
    /// ended. A server that runs takes it up within a minute.
    RotateKeys(Place),
}

/// Where the institution is.
#[derive(Args)]
struct Place {
    /// The institution's folder.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
}

#[derive(Args)]
struct One {
    #[command(flatten)]
    place: Place,
    /// The client.
    client: ClientId,
}

/// Runs it.
#[expect(clippy::print_stdout, reason = "stdout is data")]
pub async fn run(arguments: Arguments, context: &Context) -> Result<ExitCode> {
    let desk = desk(&arguments.command, context).await?;
    let said = execute(&desk, arguments.command).await;
    desk.records.close().await;
    if let Some(said) = said? {
        println!("{said}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn execute(desk: &Desk, command: Command) -> Result<Option<serde_json::Value>> {
    let now = SystemClock.now();
    let told = |error: sso::Error| anyhow::Error::new(Problem::from(error));
    Ok(match command {
        Command::Add { file, .. } => {
            let shown = file.display().to_string();
            let text = std::fs::read_to_string(&file).with_context(|| shown.clone())?;
            let new: NewClient = serde_json::from_str(&text).with_context(|| shown)?;
            let made = desk.add_client(new, ACTOR, now).await.map_err(told)?;
            // Exposed to the one it is made for.
            let secret = made.secret.as_ref().map(types::Masked::expose);
            Some(json!({ "client_id": made.client, "client_secret": secret }))
        }
        Command::List(_) => Some(json!(desk.clients().await.map_err(told)?)),
        Command::Secret(One { client, .. }) => {
            let secret = desk.rotate_secret(client, ACTOR, now).await.map_err(told)?;
            Some(json!({ "client_secret": secret.expose() }))
        }
        Command::Disable(One { client, .. }) => {
            desk.disable_client(client, ACTOR, now).await.map_err(told)?;
            None
        }
        Command::RotateKeys(_) => {
            Some(json!({ "kid": desk.rotate_keys(ACTOR, now).await.map_err(told)? }))
        }
    })
}

async fn desk(command: &Command, context: &Context) -> Result<Desk> {
    let (Command::Add { place, .. }
    | Command::List(place)
    | Command::Secret(One { place, .. })
    | Command::Disable(One { place, .. })
    | Command::RotateKeys(place)) = command;
    let folder = Folder::new(&place.data_dir);
    if folder.charter()?.is_none() {
        bail!("{} holds no institution", place.data_dir.display());
    }
    let url = folder.records_url(&context.config.records.url);
    let records = Records::open(&url, &[sso::MIGRATIONS]).await?;
    let secrets = Arc::new(Secrets::open(&folder.keys(), &SystemRandom)?);
    let access_seconds = context.config.sso.access_seconds;
    Ok(Desk { records, secrets, random: Arc::new(SystemRandom), access_seconds })
}
