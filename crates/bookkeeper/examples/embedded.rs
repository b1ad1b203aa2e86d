//! The book inside another program: no server, no database, no async runtime.
//!
//! `cargo run -p bookkeeper --example embedded`

use bookkeeper::{Bookkeeper, Config, Storage};
use ledger::{Action, Chart, Command, NewAccount, Owner, Posting, Transaction, house_account};
use money::{Amount, CNY, format_minor};
use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use types::{AccountId, BusinessDate, Clock, ManualClock, MerchantId, TransactionId, UserId};

fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let date: BusinessDate = "2026-10-12".parse()?;
    // A real program hands in the system's clock.
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(date.start()));
    let chart = Chart::parse(include_str!("../../../books/chart.toml"), "books/chart.toml")?;
    let config = Config { dir: dir.path().to_owned(), open_date: date };
    let book = Bookkeeper::open(config, chart, clock)?;

    // Accounts hang under leaves of the chart, which are known by their role.
    let alice = AccountId::of(&[b"cash", b"alice"]);
    let shop = AccountId::of(&[b"merchant_pending", b"shop"]);
    let commands = vec![
        account(&book, alice, "customer_balance_1", Owner::User(UserId::of(&[b"alice"])))?,
        account(&book, shop, "merchant_pending", Owner::Merchant(MerchantId::of(&[b"shop"])))?,
    ];
    for outcome in book.submit_blocking(commands)? {
        outcome.receipt()?;
    }

    // Money comes in at the bank, and some of it goes to the shop. An id is a promise: sending
    // the same again changes nothing and gives the first receipt.
    let bank = house_account("reserve_bank", CNY);
    book.post_blocking(transfer("top-up 1", bank, alice, 10_000)?)?;
    let paid = book.post_blocking(transfer("order 1", alice, shop, 2_550)?)?;
    let again = book.post_blocking(transfer("order 1", alice, shop, 2_550)?)?;
    assert_eq!(paid, again);
    let too_much = book.post_blocking(transfer("order 2", alice, shop, 1_000_000)?);

    let mut out = std::io::stdout().lock();
    for entry in book.entries(alice, None, 100)? {
        let amount = format_minor(entry.amount.signed(), 2);
        let balance = format_minor(i64::try_from(entry.balance_after)?, 2);
        writeln!(out, "{} {:?} {amount}, balance {balance}", entry.date, entry.side)?;
    }
    writeln!(out, "a payment of 10000.00: {}", too_much.map_or_else(|e| e.code(), |_| "posted"))?;
    writeln!(out, "the book agrees with itself: {}", book.prove().hold())?;

    // What was acknowledged is on the disk; anybody can walk it again from the first byte.
    book.close();
    let scratch = tempfile::tempdir()?;
    let found = bookkeeper::verify(
        &Storage::default(),
        dir.path(),
        scratch.path(),
        book.chart(),
        &mut |_| {},
    )?;
    let same = found.state_hash == book.state_hash();
    writeln!(out, "{} batches verified, the same state: {same}", found.batches)?;
    Ok(())
}

fn account(
    book: &Bookkeeper,
    id: AccountId,
    role: &str,
    owner: Owner,
) -> Result<Command, Box<dyn Error>> {
    let chart = book.chart();
    let leaf = chart.role(role).ok_or("the chart has no such role")?;
    let flags = chart.flags(leaf);
    Ok(Command::OpenAccount(NewAccount { id, asset: CNY, leaf, owner, flags }))
}

fn transfer(
    name: &str,
    debit: AccountId,
    credit: AccountId,
    minor: u64,
) -> Result<Transaction, Box<dyn Error>> {
    Ok(Transaction {
        id: TransactionId::of(&[name.as_bytes()]),
        event: 1,
        order: None,
        reference: 0,
        date: None,
        action: Action::Post,
        postings: vec![Posting::exact(debit, credit, Amount::new(minor)?)],
        conditions: Vec::new(),
        corrects: None,
    })
}
