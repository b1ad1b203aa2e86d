//! `demo`: one business day, from an empty folder to proved books.

use super::{Context, serve};
use crate::charter::Folder;
use crate::demo::{self, Options, Progress};
use anyhow::{Context as _, Result};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use types::{Locale, Problem, ProblemKind};

/// The most orders of one demo day: the memory of a day's script is in proportion.
const MOST_ORDERS: u64 = 2_000_000;

/// Arguments of `demo`.
#[derive(Args)]
pub struct Arguments {
    /// Stop after the proofs instead of serving the institution.
    #[arg(long)]
    exit: bool,
    /// Print one JSON object on stdout; no progress bars.
    #[arg(long)]
    json: bool,
    /// How many orders the day has.
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    orders: u64,
    /// The same seed plays the same day.
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// An empty or new folder to keep the institution in. Default: a temporary one.
    #[arg(long, value_name = "D")]
    data_dir: Option<PathBuf>,
}

/// Plays the day; exit code 0 only if all four proofs hold and every planted difference was found.
pub async fn run(arguments: &Arguments, context: &Context) -> Result<ExitCode> {
    if arguments.orders == 0 || arguments.orders > MOST_ORDERS {
        let (en, zh) = (
            format!("{} is outside 1 to {MOST_ORDERS}", arguments.orders),
            format!("{} 不在 1 至 {MOST_ORDERS} 之间", arguments.orders),
        );
        let problem = Problem::new(ProblemKind::Invalid, "orders_out_of_range", en, zh);
        return Err(problem.at("--orders").into());
    }
    let temporary;
    let folder = if let Some(path) = &arguments.data_dir {
        Folder::new(path)
    } else {
        temporary = tempfile::tempdir().context("no temporary folder")?;
        Folder::new(&temporary.path().join("institution"))
    };
    let options = Options {
        orders: arguments.orders,
        seed: arguments.seed,
        date: types::BusinessDate::new(2026, 10, 12)?,
    };
    let progress = Progress::new(arguments.json, context.locale);
    progress.say(match context.locale {
        Locale::En => "One business day of a payment institution, on simulated channels:",
        Locale::Zh => "支付机构的一个营业日（模拟渠道）：",
    });
    let (stage, outcome) = demo::play(&folder, &context.config, &options, &progress).await?;
    if arguments.json {
        print(&serde_json::to_string(&outcome)?);
    } else {
        progress.say(&outcome.summary(context.locale));
    }
    for finding in &outcome.proofs.findings {
        eprintln!("{finding}");
    }
    let code = if outcome.proofs.hold() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    if !arguments.exit {
        let world = stage.keep_channels_days();
        serve::serve(&stage.institution, context.config.listen, context).await?;
        world.abort();
    }
    stage.close().await?;
    Ok(code)
}

#[expect(clippy::print_stdout, reason = "stdout is data")]
fn print(line: &str) {
    println!("{line}");
}
