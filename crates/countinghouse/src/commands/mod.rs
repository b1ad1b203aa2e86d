//! The command line: a file a command.

mod bench;
mod check;
mod client;
mod demo;
mod export;
mod found;
mod keys;
mod ledger;
mod member;
mod operator;
mod recon;
mod serve;
mod verify;

use crate::config::{self, Config};
use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use types::{Locale, Problem};

/// The core of a third-party payment institution in one program.
#[derive(Parser)]
#[command(name = "countinghouse", version, about, arg_required_else_help = true)]
pub struct Cli {
    /// Configuration file (TOML); every key has a default.
    #[arg(long, global = true, env = "COUNTINGHOUSE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Language of what people read: en or zh-CN. Default: that of the environment.
    #[arg(long, global = true, env = "COUNTINGHOUSE_LANG", value_name = "LANG")]
    lang: Option<String>,
    /// Where people and intentions are kept; overrides the configuration's `records.url`.
    #[arg(
        long,
        global = true,
        env = "COUNTINGHOUSE_RECORDS_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    records_url: Option<String>,
    /// Where the book's journal is: `files` or a URL of PostgreSQL; overrides the configuration's
    /// `book.journal`.
    #[arg(
        long,
        global = true,
        env = config::JOURNAL,
        hide_env_values = true,
        value_name = "PLACE"
    )]
    journal: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Play one business day of an institution on simulators, prove its books, and serve them.
    Demo(demo::Arguments),
    /// Found an institution with real channels, to be opened by `serve`.
    Found(found::Arguments),
    /// Open an institution and serve its API and console.
    Serve(serve::Arguments),
    /// The ledger alone: serve it over a network, make keys to it.
    Ledger(ledger::Arguments),
    /// Business systems and apps that sign their users in here, and the keys that sign for them.
    Client(client::Arguments),
    /// Customers, freezes and approvals of an institution that is served.
    Member(member::Arguments),
    /// The keys that seal personal data.
    Keys(keys::Arguments),
    /// The persons who work at the console, each with a token of their own.
    Operator(operator::Arguments),
    /// Walk an institution's journal from the first byte and prove its book.
    Verify(verify::Arguments),
    /// Write parts of an institution into files for other tools.
    Export(export::Arguments),
    /// Reconciliation tools.
    Recon(recon::Arguments),
    /// Measure what the house does on this machine.
    Bench(bench::Arguments),
    /// Check a configuration and the books it names.
    Check(check::Arguments),
}

/// What every command is given.
struct Context {
    config: Config,
    locale: Locale,
}

/// Runs a command; talks on stderr if it fails.
pub fn run(cli: Cli) -> ExitCode {
    start_log();
    let locale = locale(cli.lang.as_deref());
    match execute(cli, locale) {
        Ok(code) => code,
        Err(error) => {
            // A refusal of the command line itself; one from inside a run is a failure like others.
            if let Some(problem) = error.chain().next().and_then(|e| e.downcast_ref::<Problem>()) {
                let field = problem.field.as_deref().unwrap_or_default();
                eprintln!("{}: {field}: {}", problem.code, problem.reason.get(locale));
                return ExitCode::from(2);
            }
            eprintln!("countinghouse: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(cli: Cli, locale: Locale) -> Result<ExitCode> {
    let config = match Config::load(cli.config.as_deref(), cli.records_url, cli.journal) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("config_invalid: {error:#}");
            return Ok(ExitCode::from(2));
        }
    };
    let context = Context { config, locale };
    match cli.command {
        Command::Found(arguments) => found::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments, &context),
        Command::Export(arguments) => export::run(&arguments, &context),
        Command::Recon(arguments) => recon::run(&arguments, &context),
        Command::Bench(arguments) => bench::run(&arguments, &context),
        Command::Check(arguments) => Ok(check::run(&arguments, &context)),
        Command::Ledger(arguments) => runtime()?.block_on(ledger::run(arguments, &context)),
        Command::Client(arguments) => runtime()?.block_on(client::run(arguments, &context)),
        Command::Member(arguments) => runtime()?.block_on(member::run(arguments, &context)),
        Command::Keys(arguments) => runtime()?.block_on(keys::run(arguments, &context)),
        Command::Operator(arguments) => runtime()?.block_on(operator::run(arguments, &context)),
        Command::Demo(arguments) => runtime()?.block_on(demo::run(&arguments, &context)),
        Command::Serve(arguments) => runtime()?.block_on(serve::run(&arguments, &context)),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime does not start")
}

fn locale(asked: Option<&str>) -> Locale {
    let environment = || {
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
        names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    };
    let text = asked.map(str::to_owned).or_else(environment).unwrap_or_default();
    Locale::from_accept_language(&text.replace('_', "-"))
}

/// Warnings and errors on stderr; more by `RUST_LOG`.
fn start_log() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
