//! kill -9 under load, again and again: the client's log of what was acknowledged against the book.

mod client;
mod server;

use crate::crash::seed;
use client::{Answer, Line, Name, Plan};
use ledger::Chart;
use ledger::wire::TransactionRecord;
use server::Server;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use testkit::SeededRandom;
use types::AccountId;

const CONNECTIONS: u64 = 4;

/// A client that outlives its servers.
struct Soak {
    plan: Plan,
    random: SeededRandom,
    /// How long a server lives under load at most, milliseconds.
    longest: u64,
    folder: PathBuf,
    key: String,
    /// The sequence numbers of the transactions of each batch that was acknowledged.
    log: BTreeMap<Name, Vec<u64>>,
    /// The batch of each connection whose answer did not come, to be sent again.
    in_doubt: Vec<Name>,
    /// How many batches in doubt the kills left in the book, and out of it.
    kept: u64,
    lost: u64,
    /// How often a checkpoint was made under load, by a server that was not told to stop.
    checkpoints: u64,
}

/// Sends batch after batch until no answer comes: what was acknowledged, and what is in doubt.
async fn press(line: Line, plan: Plan, mut name: Name) -> (Vec<(Name, Vec<Answer>)>, Name) {
    let mut acknowledged = Vec::new();
    while let Ok(answers) = line.send(&plan.batch(name)).await {
        acknowledged.push((name, answers));
        name = name.next();
    }
    (acknowledged, name)
}

impl Soak {
    fn millis(&self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.random.below(to - from))
    }

    fn note(&mut self, name: Name, answers: Vec<Answer>) {
        let seqs = answers.into_iter().map(|answer| answer.seq).collect();
        let before = self.log.insert(name, seqs);
        assert_eq!(before, None, "{name:?} was acknowledged before");
    }

    /// Load on all connections until the server is killed.
    async fn press_and_kill(&mut self, server: Server) {
        let connections = self.in_doubt.iter().map(|name| {
            let line = Line::open(&server.url, &self.key);
            tokio::spawn(press(line, self.plan, *name))
        });
        let connections: Vec<_> = connections.collect();
        let load = self.millis(1, self.longest);
        // On a thread of its own: the connections go on until there is nobody to answer.
        let (closing, while_closing) = (self.random.once_in(4), self.millis(0, 60));
        let before = server::checkpoint(&self.folder);
        let killing = move || {
            std::thread::sleep(load);
            if closing { server.stop_and_kill(while_closing) } else { drop(server) }
        };
        tokio::task::spawn_blocking(killing).await.expect("killed");
        self.checkpoints += u64::from(!closing && server::checkpoint(&self.folder) != before);
        for (connection, place) in connections.into_iter().zip(0..) {
            let (acknowledged, in_doubt) = connection.await.expect("no refusal");
            for (name, answers) in acknowledged {
                assert!(answers.iter().all(|answer| !answer.again), "{name:?} was never sent");
                self.note(name, answers);
            }
            self.in_doubt[place] = in_doubt;
        }
    }

    /// The book has every acknowledged transaction under its receipt, and of each batch in doubt
    /// all or nothing; its balances are the sums of these, so nothing is there twice.
    async fn check(&mut self, line: &Line) -> Vec<Vec<u64>> {
        let mut totals = Totals::default();
        let mut seqs = BTreeSet::new();
        let names: Vec<Name> = self.log.keys().copied().collect();
        for part in names.chunks(50) {
            let found = self.found(line, part).await;
            for (name, found) in part.iter().zip(found) {
                let found = found.unwrap_or_else(|| panic!("{name:?}: acknowledged and lost"));
                assert_eq!(self.log[name], found, "{name:?}: other receipts");
                totals.add(self.plan, *name);
                seqs.extend(found);
            }
        }
        let in_doubt = self.found(line, &self.in_doubt).await;
        for (name, found) in self.in_doubt.iter().zip(&in_doubt) {
            let Some(found) = found else { continue };
            totals.add(self.plan, *name);
            seqs.extend(found);
        }
        assert_eq!(seqs.len() as u64, totals.transactions, "one receipt each");
        for account in line.accounts(self.plan).await {
            let id = account.opened.id;
            let booked = (account.debits_posted, account.credits_posted);
            assert_eq!(booked, totals.of(id), "debits and credits of {id}");
            assert_eq!((account.debits_pending, account.credits_pending), (0, 0), "{id}");
        }
        in_doubt.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// The receipts of each batch; `None` where nothing of it is in the book.
    async fn found(&self, line: &Line, names: &[Name]) -> Vec<Option<Vec<u64>>> {
        let batches: Vec<_> = names.iter().map(|name| self.plan.batch(*name)).collect();
        let ids = batches.iter().flatten().map(|transaction| transaction.id).collect();
        let mut found = line.transactions(ids).await.into_iter();
        let mut of_batch = |(name, batch): (&Name, &Vec<ledger::Transaction>)| {
            let found: Vec<Option<TransactionRecord>> = found.by_ref().take(batch.len()).collect();
            let there: Vec<TransactionRecord> = found.into_iter().flatten().collect();
            if there.is_empty() {
                return None;
            }
            assert_eq!(there.len(), batch.len(), "{name:?}: a part of it");
            for (sent, record) in batch.iter().zip(&there) {
                assert_eq!(*sent, record.transaction, "{name:?}: something else");
                assert_eq!(sent.postings.len(), record.moves.len(), "{name:?}: a part of it");
            }
            Some(there.iter().map(|record| record.receipt.seq).collect())
        };
        names.iter().zip(&batches).map(&mut of_batch).collect()
    }

    /// What is in doubt is sent again, twice: done once, and by its first receipt if it was
    /// there (`found`).
    async fn resubmit(&mut self, line: &Line, found: Vec<Vec<u64>>) {
        for (place, found) in found.into_iter().enumerate() {
            let name = self.in_doubt[place];
            let batch = self.plan.batch(name);
            let first = line.send(&batch).await.expect("an answer");
            if found.is_empty() {
                assert!(first.iter().all(|answer| !answer.again), "{name:?} was not there");
                self.lost += 1;
            } else {
                let seqs: Vec<u64> = first.iter().map(|answer| answer.seq).collect();
                assert!(first.iter().all(|answer| answer.again), "{name:?} was there");
                assert_eq!(seqs, found, "{name:?}: other receipts");
                self.kept += 1;
            }
            let second = line.send(&batch).await.expect("an answer");
            let again = first.iter().map(|answer| Answer { again: true, ..*answer });
            assert_eq!(second, again.collect::<Vec<_>>(), "{name:?}, once more");
            self.note(name, first);
            self.in_doubt[place] = name.next();
        }
    }
}

/// What the transactions of a client come to.
#[derive(Default)]
struct Totals {
    transactions: u64,
    /// Debits and credits, minor units.
    accounts: BTreeMap<AccountId, (u64, u64)>,
}

impl Totals {
    fn add(&mut self, plan: Plan, name: Name) {
        for transaction in plan.batch(name) {
            self.transactions += 1;
            for posting in transaction.postings {
                self.accounts.entry(posting.debit).or_default().0 += posting.amount.minor();
                self.accounts.entry(posting.credit).or_default().1 += posting.amount.minor();
            }
        }
    }

    fn of(&self, account: AccountId) -> (u64, u64) {
        self.accounts.get(&account).copied().unwrap_or_default()
    }
}

async fn survives(kills: u64, most_in_batch: u64, longest: u64) {
    let seed = seed();
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("ledger");
    let key = server::key(&folder);
    let plan = Plan { seed, most_in_batch };
    let in_doubt = (0..CONNECTIONS).map(|connection| Name { connection, number: 0 }).collect();
    let random = SeededRandom::new(seed);
    let log = BTreeMap::new();
    let (kept, lost, checkpoints) = (0, 0, 0);
    let mut soak =
        Soak { plan, random, longest, folder, key, log, in_doubt, kept, lost, checkpoints };

    let chart = include_str!("../../../../../books/chart.toml");
    let chart = Arc::new(Chart::parse(chart, "chart.toml").expect("the house's own chart"));
    let mut server = Server::open(&soak.folder);
    Line::open(&server.url, &soak.key).open_accounts(plan, &chart).await;
    for kill in 1..=kills {
        soak.press_and_kill(server).await;
        if soak.random.once_in(3) {
            Server::open_and_kill(&soak.folder, soak.millis(1, 400));
        }
        server::verify(&soak.folder);
        server = Server::open(&soak.folder);
        let line = Line::open(&server.url, &soak.key);
        let found = soak.check(&line).await;
        soak.resubmit(&line, found).await;
        let transactions = soak.log.values().map(Vec::len).sum::<usize>();
        eprintln!(
            "kill {kill}: {transactions} acknowledged; of batches in doubt {} kept, {} lost; \
             {} servers made checkpoints under load",
            soak.kept, soak.lost, soak.checkpoints
        );
    }
    soak.check(&Line::open(&server.url, &soak.key)).await;
    drop(server);
    server::verify(&soak.folder);
    assert_eq!(soak.kept + soak.lost, kills * CONNECTIONS);
    assert!(soak.log.len() as u64 > kills * CONNECTIONS, "there was no load");
    assert!(soak.checkpoints > 0, "no checkpoint was made under load");
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_few_kills_and_nothing_is_there_twice() {
    survives(3, 40, 250).await;
}

#[tokio::test]
async fn what_was_acknowledged_outlives_many_kills_and_nothing_is_there_twice_slow() {
    survives(24, 80, 300).await;
}
