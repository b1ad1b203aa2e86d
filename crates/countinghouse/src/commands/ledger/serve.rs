//! `ledger serve`: a book of its own behind the ledger's endpoints, and nothing else.

use super::{Place, keys};
use crate::books::Books;
use crate::chance::SystemRandom;
use crate::clock::SystemClock;
use crate::commands::{Context, serve::told_to_stop};
use anyhow::{Context as _, Result, bail};
use bookkeeper::Bookkeeper;
use clap::Args;
use server::LedgerDesk;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use types::{BusinessDate, Clock};

/// Arguments of `ledger serve`.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Where to listen; overrides the configuration. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The first accounting date of a new book. Default: today in Shanghai.
    #[arg(long, value_name = "DATE")]
    first_date: Option<BusinessDate>,
}

/// Serves until it is told to stop; says on stdout where, once it answers.
#[expect(clippy::print_stdout, reason = "stdout is data")]
pub async fn run(arguments: &Arguments, context: &Context) -> Result<ExitCode> {
    let folder = arguments.place.folder()?;
    if folder.charter()?.is_some() {
        bail!(
            "{} is an institution's: 'countinghouse serve' serves its ledger too",
            arguments.place.data_dir.display()
        );
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let chart = Books::load(context.config.books.as_deref())?.chart;
    let open_date = arguments.first_date.unwrap_or_else(|| clock.now().date());
    let config = bookkeeper::Config { dir: folder.book(), open_date };
    let storage = context.config.book.storage()?;
    let (records, ledger_keys) = keys(&folder, context, Arc::clone(&clock)).await?;
    let book =
        tokio::task::spawn_blocking(move || Bookkeeper::open_on(storage, config, chart, clock))
            .await??;
    let listen = arguments.listen.unwrap_or(context.config.listen);
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}"))?;
    println!("{}", serde_json::json!({ "listening": listener.local_addr()? }));
    let desk = LedgerDesk::alone(book.clone(), ledger_keys);
    server::serve_ledger(listener, desk, Arc::new(SystemRandom), told_to_stop()).await?;
    records.close().await;
    tokio::task::spawn_blocking(move || book.close()).await?;
    Ok(ExitCode::SUCCESS)
}
