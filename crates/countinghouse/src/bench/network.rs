//! The ledger in a second process of this binary, over the loopback network.

use super::disk::sync_time;
use super::http::Connection;
use super::load::{Client, Load};
use super::play::{self, Line, Measured, Plan};
use super::process::Process;
use crate::chance::SystemRandom;
use crate::config;
use anyhow::{Context as _, Result, bail, ensure};
use indicatif::ProgressBar;
use ledger::wire::{self, Lookups, Told};
use ledger::{Chart, Command as LedgerCommand};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Measures; `bar` shows the transfers in batches. The server has the books that are built in.
pub fn run(plan: &Plan, chart: &Chart, bar: &ProgressBar) -> Result<Measured> {
    play::empty(&plan.dir)?;
    let sync = sync_time(&plan.dir)?;
    let load = Load::new(plan.accounts, chart, &SystemRandom)?;
    let key = key(plan)?;
    let served = Served::start(plan)?;
    open_accounts(&mut Connection::open(served.address, &key)?, &load)?;
    let lines = || {
        let connection = Connection::open(served.address, &key)?;
        Ok(Box::new(Wire { connection, frame: Vec::new() }) as Box<dyn Line>)
    };
    let played = play::play(plan, &load, &lines, Process::of(served.child.id()), bar)?;
    let before = accounts(&mut Connection::open(served.address, &key)?, &load)?;
    drop(served);
    let start = Instant::now();
    let again = Served::start(plan)?;
    let reopened = start.elapsed();
    let after = accounts(&mut Connection::open(again.address, &key)?, &load)?;
    ensure!(before == after, "what was acknowledged before the kill is not what is there after it");
    drop(again);
    Ok(played.measured(plan, reopened, sync))
}

/// A served ledger; killed when it is dropped, as by a crash.
struct Served {
    child: Child,
    address: SocketAddr,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn command(words: &[&str], plan: &Plan) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("ledger").args(words).arg("--data-dir").arg(&plan.dir).stdin(Stdio::null());
    // Not as an argument, which everybody on the machine may read.
    command.env(config::JOURNAL, plan.book.journal.place());
    Ok(command)
}

fn key(plan: &Plan) -> Result<String> {
    let words = ["key", "make", "--name", "bench", "--scope", "read,post", "--whole-book"];
    let made = command(&words, plan)?.stderr(Stdio::inherit()).output()?;
    ensure!(made.status.success(), "no ledger key was made");
    Ok(String::from_utf8(made.stdout)?.trim().to_owned())
}

impl Served {
    /// Starts it, and waits until it says where it listens.
    fn start(plan: &Plan) -> Result<Self> {
        let mut child = command(&["serve", "--listen", "127.0.0.1:0"], plan)?
            .stdout(Stdio::piped())
            .spawn()
            .context("the server does not start")?;
        let stdout = child.stdout.take().context("the server has no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let said: serde_json::Value =
            serde_json::from_str(&line).context("the server ended before it listened")?;
        let address = said["listening"].as_str().context("no address")?.parse()?;
        Ok(Self { child, address })
    }
}

/// A connection that is kept.
struct Wire {
    connection: Connection,
    frame: Vec<u8>,
}

impl Line for Wire {
    fn send(&mut self, client: &mut Client<'_>, count: usize) -> Result<Duration> {
        let mut frame = wire::Frame::begin(std::mem::take(&mut self.frame));
        for _ in 0..count {
            if let LedgerCommand::Transact(transaction) = client.transfer() {
                frame.push(transaction);
            }
        }
        self.frame = frame.end();
        let start = Instant::now();
        let path = "/v1/ledger/transactions";
        let answer = self.connection.post(path, wire::MEDIA_TYPE, &self.frame)?;
        let elapsed = start.elapsed();
        let outcomes = wire::decode_outcomes(answer)?.items;
        ensure!(outcomes.len() == count, "{} outcomes of {count} transfers", outcomes.len());
        match outcomes.iter().find(|told| !matches!(told, Told::Done(_))) {
            None => Ok(elapsed),
            Some(other) => bail!("a transfer of the load was answered with {other:?}"),
        }
    }
}

/// What stands on the accounts, as far as one call tells.
fn accounts(connection: &mut Connection, load: &Load) -> Result<Vec<u8>> {
    let opened = load.openings().into_iter().filter_map(|command| match command {
        LedgerCommand::OpenAccount(new) => Some(new.id),
        _ => None,
    });
    let accounts = opened.take(bookkeeper::MAX_COMMANDS).collect();
    let mut frame = Vec::new();
    wire::encode_lookups(&Lookups { accounts, ..Lookups::default() }, &mut frame);
    Ok(connection.post("/v1/ledger/lookups", wire::MEDIA_TYPE, &frame)?.to_vec())
}

fn open_accounts(connection: &mut Connection, load: &Load) -> Result<()> {
    for chunk in load.openings().chunks(bookkeeper::MAX_COMMANDS) {
        let items = chunk.iter().filter_map(|command| match command {
            LedgerCommand::OpenAccount(new) => Some(serde_json::json!({
                "type": "open", "id": new.id, "asset": new.asset.0, "leaf": new.leaf.0,
                "owner": new.owner, "flags": new.flags,
            })),
            _ => None,
        });
        let body = serde_json::json!({ "items": items.collect::<Vec<_>>() }).to_string();
        let path = "/v1/ledger/accounts";
        let answer = connection.post(path, "application/json", body.as_bytes())?;
        let told: serde_json::Value = serde_json::from_slice(answer)?;
        let outcomes = told["outcomes"].as_array().context("no outcomes")?;
        if let Some(other) = outcomes.iter().find(|outcome| outcome["result"] != "done") {
            bail!("an account was answered with {other}");
        }
    }
    Ok(())
}
