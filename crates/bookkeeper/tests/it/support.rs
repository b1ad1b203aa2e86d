//! A small institution: a reserve bank, customers, a merchant.

use bookkeeper::{
    Bookkeeper, Config, Error, IndexOptions, Progress, Storage, Verification, verify,
};
use ledger::{
    Action, Chart, Command, Controls, NewAccount, Outcome, Owner, Posting, Receipt, Refusal,
    Transaction, house_account,
};
use money::{Amount, CNY};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use testkit::{MemoryDisk, TickingClock, moment};
use types::{AccountId, BusinessDate, Clock, MerchantId, OrderId, TransactionId, UserId};

pub(crate) const START: &str = "2026-10-12T08:00:00+08:00";

pub(crate) fn chart() -> Arc<Chart> {
    let text = include_str!("../../../../books/chart.toml");
    Arc::new(Chart::parse(text, "chart.toml").expect("the house's own chart"))
}

/// Disks with and without writes past their cache.
pub(crate) const DISKS: [fn() -> MemoryDisk; 2] = [MemoryDisk::new, MemoryDisk::cached_only];

pub(crate) fn config() -> Config {
    config_at(Path::new("/book"))
}

pub(crate) fn config_at(dir: &Path) -> Config {
    Config { dir: dir.to_owned(), open_date: date("2026-10-12") }
}

pub(crate) fn first_segment() -> PathBuf {
    config().dir.join("0000000001.log")
}

pub(crate) fn date(text: &str) -> BusinessDate {
    text.parse().expect("a date")
}

pub(crate) fn ticking() -> Arc<dyn Clock> {
    Arc::new(TickingClock::new(moment(START), 1))
}

/// Small segments: an opening reads them whole.
pub(crate) fn storage(disk: &MemoryDisk) -> Storage {
    Storage { files: disk.files(), segment_bytes: 64 << 10, ..Storage::default() }
}

pub(crate) fn try_open(disk: &MemoryDisk) -> Result<Bookkeeper, Error> {
    Bookkeeper::open_on(storage(disk), config(), chart(), ticking())
}

pub(crate) fn open(disk: &MemoryDisk) -> Bookkeeper {
    try_open(disk).expect("open")
}

/// Where a walk over the book keeps so little in memory that most of its ids go to files.
pub(crate) fn scratch(disk: &MemoryDisk) -> Storage {
    let index = IndexOptions { fresh_entries: 7, background: false, ..IndexOptions::new(0) };
    Storage { index, ..storage(disk) }
}

pub(crate) fn walk(disk: &MemoryDisk) -> Result<Verification, Error> {
    walk_on(&scratch(disk), chart(), &mut |_| {})
}

pub(crate) fn walk_on(
    storage: &Storage,
    chart: Arc<Chart>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Verification, Error> {
    verify(storage, &config().dir, Path::new("/scratch"), chart, progress)
}

pub(crate) fn amount(minor: u64) -> Amount {
    Amount::new(minor).expect("small")
}

pub(crate) fn user(number: u64) -> UserId {
    UserId::of(&[&number.to_be_bytes()])
}

pub(crate) fn cash(number: u64) -> AccountId {
    AccountId::of(&[b"cash", &number.to_be_bytes()])
}

pub(crate) fn merchant() -> AccountId {
    AccountId::of(&[b"merchant_pending"])
}

pub(crate) fn nobody() -> AccountId {
    AccountId::of(&[b"nobody"])
}

pub(crate) fn reserve() -> AccountId {
    house_account("reserve_bank", CNY)
}

pub(crate) fn txn(name: &str, number: u64) -> TransactionId {
    TransactionId::of(&[name.as_bytes(), &number.to_be_bytes()])
}

pub(crate) fn order(number: u64) -> OrderId {
    OrderId::of(&[&number.to_be_bytes()])
}

pub(crate) fn new_account(id: AccountId, role: &str, owner: Owner) -> Command {
    let chart = chart();
    let leaf = chart.role(role).expect("a role of the chart");
    Command::OpenAccount(NewAccount { id, asset: CNY, leaf, owner, flags: chart.flags(leaf) })
}

/// A transaction of one posting.
pub(crate) fn transfer(
    id: TransactionId,
    debit: AccountId,
    credit: AccountId,
    minor: u64,
) -> Transaction {
    Transaction {
        id,
        event: 7,
        order: None,
        reference: 0,
        date: None,
        action: Action::Post,
        postings: vec![Posting::exact(debit, credit, amount(minor))],
        conditions: Vec::new(),
        corrects: None,
    }
}

/// Customers 0.. with this much each, and the merchant.
pub(crate) fn furnish(book: &Bookkeeper, customers: u64, minor: u64) {
    let owner = Owner::Merchant(MerchantId::of(&[b"m"]));
    let mut commands = vec![new_account(merchant(), "merchant_pending", owner)];
    for number in 0..customers {
        let owner = Owner::User(user(number));
        commands.push(new_account(cash(number), "customer_balance_1", owner));
        let top_up = transfer(txn("top up", number), reserve(), cash(number), minor);
        commands.push(Command::Transact(top_up));
    }
    for outcome in book.submit_blocking(commands).expect("submit") {
        outcome.receipt().expect("no reason to refuse");
    }
}

pub(crate) fn balance(book: &Bookkeeper, account: AccountId) -> i128 {
    book.account(account).expect("there").balance()
}

pub(crate) fn refusal(outcome: Outcome) -> Refusal {
    outcome.receipt().expect_err("a refusal")
}

pub(crate) fn done(book: &Bookkeeper, transaction: Transaction) -> Receipt {
    book.post_blocking(transaction).expect("posted")
}

pub(crate) fn block_debits(account: AccountId, number: u64) -> Command {
    let controls = Controls { debits_blocked: true, ..Controls::default() };
    Command::SetControls { id: txn("controls", number), account, controls, reference: 0 }
}

/// Runs a future on this thread, with no runtime at all.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}
