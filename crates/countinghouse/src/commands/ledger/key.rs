//! `ledger key`: makes, lists and revokes keys to the ledger over the network. The folder may be
//! served meanwhile, unless its records are on PostgreSQL, which lets one process write.

use super::{Context, Place, keys};
use crate::chance::SystemRandom;
use crate::clock::SystemClock;
use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use ledger::GlCode;
use server::{NewKey, Reach, Scope};
use std::process::ExitCode;
use std::sync::Arc;
use types::Problem;

/// How the command line is named in the audit log.
const ACTOR: &str = "command line";

/// Arguments of `ledger key`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a key and print it: it cannot be shown again.
    Make(Make),
    /// List all keys as JSON, those that were revoked too.
    List(Place),
    /// Take a key out of use.
    Revoke(Revoke),
}

#[derive(Args)]
struct Make {
    #[command(flatten)]
    place: Place,
    /// The program that gets it.
    #[arg(long)]
    name: String,
    /// What it is for.
    #[arg(long, required = true, value_delimiter = ',')]
    scope: Vec<Allowed>,
    /// It reaches every account, customers', merchants' and channels' among them.
    #[arg(long, conflicts_with = "leaf", required_unless_present = "leaf")]
    whole_book: bool,
    /// It reaches the house's own accounts on this leaf of the chart; may be given again.
    #[arg(long, value_name = "CODE")]
    leaf: Vec<u32>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Allowed {
    /// Lookups, history, chart, trial balance.
    Read,
    /// Opening accounts, setting controls, transactions.
    Post,
}

#[derive(Args)]
struct Revoke {
    #[command(flatten)]
    place: Place,
    /// The program that has it.
    #[arg(long)]
    name: String,
}

/// Runs it.
#[expect(clippy::print_stdout, reason = "stdout is data")]
pub async fn run(arguments: Arguments, context: &Context) -> Result<ExitCode> {
    let (Command::Make(Make { place, .. })
    | Command::List(place)
    | Command::Revoke(Revoke { place, .. })) = &arguments.command;
    let (records, keys) = keys(&place.folder()?, context, Arc::new(SystemClock)).await?;
    let said = match arguments.command {
        Command::Make(make) => {
            keys.make(make.key(), ACTOR, &SystemRandom).await.map(Some).map_err(Problem::from)
        }
        Command::List(_) => {
            let list = keys.list().await.map_err(Problem::from);
            list.map(|list| Some(serde_json::json!(list).to_string()))
        }
        Command::Revoke(Revoke { name, .. }) => {
            keys.revoke(&name, ACTOR).await.map(|()| None).map_err(Problem::from)
        }
    };
    records.close().await;
    if let Some(said) = said? {
        println!("{said}");
    }
    Ok(ExitCode::SUCCESS)
}

impl Make {
    fn key(self) -> NewKey {
        let scope = |allowed| match allowed {
            Allowed::Read => Scope::Read,
            Allowed::Post => Scope::Post,
        };
        let leaves = self.leaf.into_iter().map(GlCode).collect();
        let reach = if self.whole_book { Reach::WholeBook } else { Reach::Leaves(leaves) };
        NewKey { name: self.name, scopes: self.scope.into_iter().map(scope).collect(), reach }
    }
}
