//! `operator`: adds, lists and removes operators. The institution may be served meanwhile.

use super::Context;
use crate::chance::SystemRandom;
use crate::charter::Folder;
use crate::clock::SystemClock;
use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, ValueEnum};
use records::{Records, Secrets};
use server::{OPERATOR_MIGRATIONS, Operators, Role};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use types::Problem;

/// How the command line is named in the audit log.
const ACTOR: &str = "command line";

/// Arguments of `operator`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Add an operator and print the token: it cannot be shown again.
    Add(Add),
    /// List all operators as JSON, those that were removed too.
    List(Place),
    /// Take an operator's token out of use.
    Remove(Remove),
}

/// Where the institution is.
#[derive(Args)]
struct Place {
    /// The institution's folder.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
}

#[derive(Args)]
struct Add {
    /// The name, as it will stand in the audit log.
    name: String,
    /// What the operator may do beside looking.
    #[arg(long, required = true, value_delimiter = ',')]
    role: Vec<Allowed>,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
struct Remove {
    /// The operator.
    name: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, ValueEnum)]
enum Allowed {
    /// Look, and nothing else.
    Reader,
    /// Do the day's work, and ask for what needs a second person.
    Maker,
    /// Decide what others have asked for.
    Checker,
}

/// Runs it.
#[expect(clippy::print_stdout, reason = "stdout is data")]
pub async fn run(arguments: Arguments, context: &Context) -> Result<ExitCode> {
    let (Command::Add(Add { place, .. })
    | Command::List(place)
    | Command::Remove(Remove { place, .. })) = &arguments.command;
    let folder = Folder::new(&place.data_dir);
    let shown = place.data_dir.display().to_string();
    folder.charter()?.with_context(|| format!("{shown} holds no institution"))?;
    let url = folder.records_url(&context.config.records.url);
    let records = Records::open(&url, &[OPERATOR_MIGRATIONS]).await?;
    let secrets = Arc::new(Secrets::open(&folder.keys(), &SystemRandom)?);
    let operators = Operators::new(records.clone(), secrets, Arc::new(SystemClock));
    let said = match arguments.command {
        Command::Add(Add { name, role, .. }) => {
            let roles = role.into_iter().map(Allowed::role).collect();
            let added = operators.add(name, roles, ACTOR, &SystemRandom).await;
            added.map(Some).map_err(Problem::from)
        }
        Command::List(_) => {
            let list = operators.list().await.map_err(Problem::from);
            list.map(|list| Some(serde_json::json!(list).to_string()))
        }
        Command::Remove(Remove { name, .. }) => {
            operators.remove(&name, ACTOR).await.map(|()| None).map_err(Problem::from)
        }
    };
    records.close().await;
    if let Some(said) = said? {
        println!("{said}");
    }
    Ok(ExitCode::SUCCESS)
}

impl Allowed {
    const fn role(self) -> Role {
        match self {
            Self::Reader => Role::Reader,
            Self::Maker => Role::Maker,
            Self::Checker => Role::Checker,
        }
    }
}
