//! How many transactions a second the book takes on this machine's disk: one by one, from many
//! threads one by one, and in large submissions, on one hot account and on many.
//!
//! `cargo run --release -p bookkeeper --example throughput [directory]`

use bookkeeper::{Bookkeeper, Config};
use ledger::{Action, Chart, Command, NewAccount, Owner, Posting, Transaction, house_account};
use money::{Amount, CNY};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use types::{AccountId, BusinessDate, Clock, ManualClock, TransactionId, UserId};

type Failure = Box<dyn Error + Send + Sync>;

const CUSTOMERS: u64 = 10_000;
const THREADS: u64 = 64;

fn main() -> Result<(), Failure> {
    let place = tempfile::tempdir()?;
    let dir = std::env::args().nth(1).map_or_else(|| place.path().to_owned(), PathBuf::from);
    let date: BusinessDate = "2026-10-12".parse()?;
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(date.start()));
    let chart = Chart::parse(include_str!("../../../books/chart.toml"), "books/chart.toml")
        .map_err(|e| e.to_string())?;
    let chart = Arc::new(chart);
    let config = Config { dir, open_date: date };
    let book = Bookkeeper::open(config.clone(), Arc::clone(&chart), Arc::clone(&clock))?;
    open_customers(&book, &chart)?;
    let ids = AtomicU64::new(0);

    measure("one by one", 500, || (0..500).try_for_each(|_| one(&book, &ids, CUSTOMERS)))?;
    for (name, accounts) in
        [("64 threads, hot account", 1), ("64 threads, 10000 accounts", CUSTOMERS)]
    {
        measure(name, THREADS * 500, || crowd(&book, &ids, accounts))?;
    }
    for (name, accounts) in [("batches, hot account", 1), ("batches, 10000 accounts", CUSTOMERS)] {
        measure(name, 20 * 8_000, || {
            (0..20).try_for_each(|_| {
                let commands = (0..8_000).map(|_| payment(&ids, accounts)).collect();
                let outcomes = book.submit_blocking(commands)?;
                outcomes.into_iter().try_for_each(|o| o.receipt().map(|_| ()))?;
                Ok(())
            })
        })?;
    }
    let seq = book.seq();
    drop(book);
    measure("reopening", seq, || {
        Bookkeeper::open(config, chart, clock)?;
        Ok(())
    })
}

/// Runs it, and tells how long a transaction took.
fn measure(
    name: &str,
    count: u64,
    run: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let start = Instant::now();
    run()?;
    let elapsed = start.elapsed();
    let each = elapsed / u32::try_from(count)?;
    let rate = Duration::from_secs(1).as_nanos() / each.as_nanos().max(1);
    writeln!(std::io::stdout(), "{name:28} {count:7} in {elapsed:10.3?}: {rate:8} a second")?;
    Ok(())
}

fn cash(number: u64) -> AccountId {
    AccountId::of(&[b"cash", &number.to_be_bytes()])
}

fn open_customers(book: &Bookkeeper, chart: &Chart) -> Result<(), Failure> {
    let leaf = chart.role("customer_balance_1").ok_or("no such role")?;
    let flags = chart.flags(leaf);
    for first in (0..CUSTOMERS).step_by(5_000) {
        let commands = (first..first + 5_000)
            .map(|number| {
                let owner = Owner::User(UserId::of(&[&number.to_be_bytes()]));
                let id = cash(number);
                Command::OpenAccount(NewAccount { id, asset: CNY, leaf, owner, flags })
            })
            .collect();
        book.submit_blocking(commands)?;
    }
    Ok(())
}

/// A top-up of one of the first `accounts` customers.
fn payment(ids: &AtomicU64, accounts: u64) -> Command {
    let number = ids.fetch_add(1, Ordering::Relaxed);
    let posting = Posting::exact(
        house_account("reserve_bank", CNY),
        cash(number % accounts),
        Amount::new(1).unwrap_or_default(),
    );
    Command::Transact(Transaction {
        id: TransactionId::of(&[&number.to_be_bytes()]),
        event: 1,
        order: None,
        reference: 0,
        date: None,
        action: Action::Post,
        postings: vec![posting],
        conditions: Vec::new(),
        corrects: None,
    })
}

fn one(book: &Bookkeeper, ids: &AtomicU64, accounts: u64) -> Result<(), Failure> {
    for outcome in book.submit_blocking(vec![payment(ids, accounts)])? {
        outcome.receipt()?;
    }
    Ok(())
}

fn crowd(book: &Bookkeeper, ids: &AtomicU64, accounts: u64) -> Result<(), Failure> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| scope.spawn(|| (0..500).try_for_each(|_| one(book, ids, accounts))))
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|_| Err("a thread died".into())))
    })
}
