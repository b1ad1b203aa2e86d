//! `bench`: what the house does on this machine.

use super::Context;
use crate::bench::{self, Measured, MembersPlan, Plan};
use crate::books::Books;
use crate::charter::Folder;
use crate::demo::Progress;
use anyhow::Result;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use types::Locale;

/// Arguments of `bench`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The ledger: durable transfers a second, in batches and one by one.
    Ledger(LedgerArguments),
    /// Members: finding customers, wrong and right passwords, freezing.
    Members(MembersArguments),
}

#[derive(Args)]
struct MembersArguments {
    /// Customers among whom a claim is looked up.
    #[arg(long, default_value_t = 5_000_000, value_parser = clap::value_parser!(u64).range(1..=14_000_000))]
    customers: u64,
    /// A folder on the disk to be measured: an empty one, which is filled with customers and stays
    /// filled, or one that an earlier run filled with as many, which is measured as it is (a run that
    /// was interrupted is gone on with). The records are where the configuration has them, in the
    /// folder or in a PostgreSQL database: an empty one, or the one filled together with the folder.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
    /// Print the figures as one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct LedgerArguments {
    /// Transfers sent in batches.
    #[arg(long, default_value_t = 8_000_000)]
    transfers: u64,
    /// Accounts among which they are spread.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(2..))]
    accounts: u32,
    /// Transfers a batch.
    #[arg(long, default_value_t = 8_190, value_parser = clap::value_parser!(u32).range(1..=8_192))]
    batch: u32,
    /// An empty folder on the disk to be measured; what is written stays there. The journal is where
    /// the configuration has it, in the folder or in a new PostgreSQL database.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
    /// Client and server as two processes that talk over the loopback network.
    #[arg(long)]
    over_network: bool,
    /// Print the figures as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Exit code 0 whatever the figures are.
pub fn run(arguments: &Arguments, context: &Context) -> Result<ExitCode> {
    match &arguments.what {
        What::Ledger(arguments) => ledger(arguments, context),
        What::Members(arguments) => super::runtime()?.block_on(members(arguments, context)),
    }
}

#[expect(clippy::print_stdout, reason = "stdout is data")]
async fn members(arguments: &MembersArguments, context: &Context) -> Result<ExitCode> {
    let books = Books::load(context.config.books.as_deref())?;
    let plan = MembersPlan {
        customers: arguments.customers,
        dir: arguments.data_dir.clone(),
        records: Folder::new(&arguments.data_dir).records_url(&context.config.records.url),
    };
    let progress = Progress::new(arguments.json, context.locale);
    let measured = bench::run_members(&plan, books, &progress).await?;
    if arguments.json {
        println!("{}", serde_json::to_string(&measured)?);
    } else {
        println!("{measured:#?}");
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "stdout is data")]
fn ledger(arguments: &LedgerArguments, context: &Context) -> Result<ExitCode> {
    let books = Books::load(context.config.books.as_deref())?;
    let plan = Plan {
        transfers: arguments.transfers,
        accounts: usize::try_from(arguments.accounts)?,
        batch: usize::try_from(arguments.batch)?,
        dir: arguments.data_dir.clone(),
        book: context.config.book.clone(),
    };
    let progress = Progress::new(arguments.json, context.locale);
    let bar = progress.stage(plan.transfers, "Transfers in batches", "批量记账");
    let measured = if arguments.over_network {
        bench::run_over_network(&plan, &books.chart, &bar)?
    } else {
        bench::run(&plan, &books.chart, &bar)?
    };
    bar.finish_and_clear();
    if arguments.json {
        println!("{}", serde_json::to_string(&measured)?);
    } else {
        print(&measured, context.locale);
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "stdout is data")]
fn print(measured: &Measured, locale: Locale) {
    let m = measured;
    for (en, zh, value, unit) in [
        ("transfers a second, in batches", "批量每秒笔数", m.transfers_per_second, ""),
        ("a batch, half of them within", "单批耗时中位数", m.batch_p50_ms, "ms"),
        ("a batch, 99 of 100 within", "单批耗时 99 分位", m.batch_p99_ms, "ms"),
        ("a lone transfer", "单笔耗时中位数", m.lone_transfer_p50_us, "µs"),
        ("a second by 64 threads, one by one", "64 线程逐笔每秒笔数", m.threads64_per_second, ""),
        ("resident memory", "常驻内存", m.rss_mib, "MiB"),
        ("opening the book again", "重新打开账本", m.reopen_seconds, "s"),
        ("one durable write on this disk", "本机单次落盘", m.sync_p50_us, "µs"),
        ("written a transfer", "每笔写盘", m.bytes_written_per_transfer, "bytes"),
    ] {
        let name = match locale {
            Locale::En => en,
            Locale::Zh => zh,
        };
        println!("{value:>14} {unit:<6} {name}");
    }
}
