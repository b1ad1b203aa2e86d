//! `serve`: opens the institution of a folder, finishes what a crash left, and serves it.

use super::Context;
use crate::books::Books;
use crate::chance::SystemRandom;
use crate::charter::Folder;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::core_dumps;
use crate::demo;
use crate::institution::{Institution, Opening};
use crate::outside::Outside;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use records::Secrets;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use types::{BusinessDate, Locale, Random as _};

/// How often what goes on beside the answering is looked at.
const UPKEEP: Duration = Duration::from_millis(500);
/// How often signing keys and what has ended are looked after.
const KEEPING: Duration = Duration::from_secs(30);

/// Arguments of `serve`.
#[derive(Args)]
pub struct Arguments {
    /// The institution's folder.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
    /// Where to listen; overrides the configuration.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

/// Serves until it is told to stop.
pub async fn run(arguments: &Arguments, context: &Context) -> Result<ExitCode> {
    let folder = Folder::new(&arguments.data_dir);
    let Some(charter) = folder.charter()? else {
        bail!(
            "{} holds no institution: make one with 'countinghouse found' or 'countinghouse demo'",
            arguments.data_dir.display()
        );
    };
    let listen = arguments.listen.unwrap_or(context.config.listen);
    let config = &Config { listen, ..context.config.clone() };
    if let Some(world) = charter.simulated {
        let stage = demo::open_simulated(&folder, config, charter.first_date, &world).await?;
        let world = stage.keep_channels_days();
        serve(&stage.institution, listen, context).await?;
        world.abort();
        Arc::new(stage).close().await?;
    } else {
        let institution = open_real(&folder, config, charter.first_date).await?;
        serve(&institution, listen, context).await?;
        institution.close().await;
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens an institution whose channels, verifiers and time are real.
async fn open_real(
    folder: &Folder,
    config: &Config,
    first_date: BusinessDate,
) -> Result<Institution> {
    let books = Books::load(config.books.as_deref())?;
    let outside = Outside::configured(&books, config)?;
    let secrets = Secrets::open(&folder.keys(), &SystemRandom)?;
    let clock = Arc::new(SystemClock);
    let stopwatch = None;
    Institution::open(Opening {
        folder,
        first_date,
        config,
        books,
        secrets,
        outside,
        clock,
        stopwatch,
    })
    .await
}

/// Serves an institution on this address until the process is told to stop, recovering orders
/// meanwhile. Whoever opened it closes it.
pub async fn serve(institution: &Institution, listen: SocketAddr, context: &Context) -> Result<()> {
    core_dumps::forbid();
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}"))?;
    let token = token();
    let address = listener.local_addr()?;
    let shown = match context.locale {
        Locale::En => "The console",
        Locale::Zh => "运营后台",
    };
    eprintln!("  {shown}: http://{address}/sign-in?token={token}");
    let (stop, stopped) = watch::channel(false);
    let upkeep = upkeep(institution, &stopped);
    let app = app(institution, token, context.config.limits.clone());
    let end = {
        let mut stopped = stopped;
        async move {
            // An error means that the sender has gone: stop as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        }
    };
    let serving = tokio::spawn(server::serve(listener, app, end));
    told_to_stop().await;
    let _ = stop.send(true);
    serving.await??;
    for task in upkeep {
        task.await?;
    }
    Ok(())
}

fn app(institution: &Institution, operator_token: String, limits: server::Limits) -> server::App {
    let rooms = institution.clone();
    server::App {
        clock: rooms.clock,
        records: rooms.records,
        book: rooms.book,
        assets: rooms.assets,
        templates: rooms.templates,
        chart: rooms.chart,
        members: rooms.members,
        risk: rooms.risk,
        channels: rooms.channels,
        payments: rooms.payments,
        clearing: rooms.clearing,
        recon: rooms.recon,
        day_end: rooms.day_end,
        ledger_keys: rooms.ledger_keys,
        sso: rooms.sso,
        operators: rooms.operators,
        random: Arc::new(SystemRandom),
        operator_token,
        limits,
    }
}

/// What goes on beside the answering: orders without a clear answer are looked after, merchants are
/// told of results, the members' room is looked after, days are ended, keys are rotated.
fn upkeep(rooms: &Institution, stopped: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
    let stopping = || {
        let mut stopped = stopped.clone();
        // An error means that the sender has gone: stop as well.
        async move { drop(stopped.wait_for(|stop| *stop).await) }
    };
    let (payments, clock, end) = (rooms.payments.clone(), Arc::clone(&rooms.clock), stopping());
    let recovery =
        tokio::spawn(async move { payments.run_recovery_loop(clock, UPKEEP, end).await });
    let (webhooks, clock, end) = (rooms.webhooks.clone(), Arc::clone(&rooms.clock), stopping());
    let telling = tokio::spawn(async move { webhooks.run(clock, UPKEEP, end).await });
    let (day_end, clock, end) = (rooms.day_end.clone(), Arc::clone(&rooms.clock), stopping());
    let days = tokio::spawn(async move { day_end.run(clock, UPKEEP, end).await });
    let (members, clock, end) = (rooms.members.clone(), Arc::clone(&rooms.clock), stopping());
    let people = tokio::spawn(async move { members.run_upkeep(clock, UPKEEP, end).await });
    let (sso, clock, end) = (rooms.sso.clone(), Arc::clone(&rooms.clock), stopping());
    let keys = tokio::spawn(async move {
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = &mut end => return,
                () = tokio::time::sleep(KEEPING) => {}
            }
            if let Err(error) = sso.keep(clock.now()).await {
                tracing::warn!(%error, "signing keys and sessions are not looked after now");
            }
        }
    });
    vec![recovery, telling, people, days, keys]
}

/// 128 bits of chance, as hexadecimal.
fn token() -> String {
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes);
    hex::encode(bytes)
}

/// Until a person or the system ends the process.
pub(super) async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}
