//! A book in memory: a channel that pays later, a hold, a correction, a day cut.
//!
//! `cargo run -p ledger --example shop`

use ledger::{
    Action, Chart, Command, Correction, CorrectionKind, Ledger, NewAccount, Outcome, Owner,
    Posting, Refusal, Statements, Transaction, house_account,
};
use money::{Amount, CNY, format_minor};
use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use types::{AccountId, BusinessDate, MerchantId, Timestamp, TransactionId, UserId};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A book, its entries, and its time.
struct Book {
    ledger: Ledger,
    statements: Statements,
    at: Timestamp,
}

impl Book {
    fn run(&mut self, command: Command) -> Option<Outcome> {
        self.at = self.at.plus_seconds(1);
        let outcomes = self.ledger.apply_observed(self.at, &[command], &mut self.statements);
        outcomes.into_iter().next()
    }

    /// Runs a command that must take effect.
    fn done(&mut self, command: Command) -> Result<()> {
        self.run(command).ok_or("one outcome a command")?.receipt()?;
        Ok(())
    }

    /// Runs a transaction that must be refused.
    fn refused(&mut self, transaction: Transaction) -> Result<Refusal> {
        match self.run(Command::Transact(transaction)) {
            Some(Outcome::Refused(refusal)) => Ok(refusal),
            other => Err(format!("not refused: {other:?}").into()),
        }
    }
}

fn id(name: &str) -> TransactionId {
    TransactionId::of(&[name.as_bytes()])
}

fn named(name: &str) -> AccountId {
    AccountId::of(&[name.as_bytes()])
}

fn yuan(yuan: u64) -> Result<Amount> {
    Ok(Amount::new(yuan.saturating_mul(100))?)
}

fn account(chart: &Chart, name: &str, role: &str, owner: Owner) -> Result<Command> {
    let leaf = chart.role(role).ok_or("the chart has no such role")?;
    let flags = chart.flags(leaf);
    Ok(Command::OpenAccount(NewAccount { id: named(name), asset: CNY, leaf, owner, flags }))
}

fn post(name: &str, posting: Posting) -> Transaction {
    Transaction {
        id: id(name),
        event: 1,
        order: None,
        reference: 0,
        date: None,
        action: Action::Post,
        postings: vec![posting],
        conditions: Vec::new(),
        corrects: None,
    }
}

fn corrected(transaction: Transaction, of: &str, kind: CorrectionKind) -> Transaction {
    Transaction { corrects: Some(Correction { of: id(of), kind }), ..transaction }
}

fn open(date: BusinessDate) -> Result<Book> {
    let text = include_str!("../../../books/chart.toml");
    let chart = Arc::new(Chart::parse(text, "books/chart.toml")?);
    let ledger = Ledger::new(Arc::clone(&chart), date);
    let mut book = Book { ledger, statements: Statements::default(), at: date.start() };
    for new in chart.house_accounts() {
        book.done(Command::OpenAccount(new))?;
    }
    let alice = Owner::User(UserId::of(&[b"alice"]));
    let shop = Owner::Merchant(MerchantId::of(&[b"shop"]));
    book.done(account(&chart, "wallet", "channel_receivable", Owner::Channel(2))?)?;
    book.done(account(&chart, "alice", "customer_balance_1", alice)?)?;
    book.done(account(&chart, "shop", "merchant_settled", shop)?)?;
    Ok(book)
}

fn main() -> Result<()> {
    let mut out = std::io::stdout().lock();
    let date: BusinessDate = "2026-10-12".parse()?;
    let mut book = open(date)?;
    let (wallet, alice, shop) = (named("wallet"), named("alice"), named("shop"));
    let bank = house_account("reserve_bank", CNY);
    // The bank account is not empty: somebody's transfer waits there to be explained.
    let unknown = Posting::exact(bank, house_account("recon_long", CNY), yuan(50)?);
    book.done(Command::Transact(post("unknown", unknown)))?;

    // Alice tops up through a channel, which will pay tomorrow; she may spend it today.
    let top_up = post("top-up", Posting::exact(wallet, alice, yuan(100)?));
    book.done(Command::Transact(top_up))?;
    let action = Action::Hold { expires_at: Some(book.at.plus_seconds(900)) };
    let order = post("order", Posting::exact(alice, shop, yuan(60)?));
    book.done(Command::Transact(Transaction { action, ..order }))?;
    let action = Action::PostHold { hold: id("order") };
    let delivered = post("delivered", Posting::exact(alice, shop, yuan(45)?));
    book.done(Command::Transact(Transaction { action, ..delivered }))?;

    // The shop has the money and may not take it out yet.
    let payout = post("payout", Posting::exact(shop, bank, yuan(40)?).settled());
    writeln!(out, "paid out on the day: {}", book.refused(payout.clone())?.code())?;

    // It was five yuan too much: taken back whole, and posted right.
    let back = post("back", Posting::exact(shop, alice, yuan(45)?));
    let back = corrected(back, "delivered", CorrectionKind::Reversal);
    book.done(Command::Transact(back.clone()))?;
    let right = post("right", Posting::exact(alice, shop, yuan(40)?));
    let right = corrected(right, "delivered", CorrectionKind::Supplement);
    book.done(Command::Transact(right))?;
    let again = Transaction { id: id("back again"), ..back };
    writeln!(out, "reversed twice: {}", book.refused(again)?.code())?;

    // The day is closed, the channel pays, and the money settles where it is by now.
    book.done(Command::CutDay { closing: date, opening: date.next() })?;
    book.done(Command::Transact(post("paid", Posting::exact(bank, wallet, yuan(100)?))))?;
    let arrived = id("arrived");
    book.done(Command::Settle { id: arrived, source: wallet, through: date, reference: 0 })?;
    book.done(Command::Transact(payout))?;

    for entry in book.statements.entries(shop) {
        let amount = format_minor(entry.amount.signed(), 2);
        let balance = format_minor(i64::try_from(entry.balance_after)?, 2);
        writeln!(out, "{} {:?} {amount}, balance {balance}", entry.date, entry.side)?;
    }
    let proofs = book.ledger.prove();
    assert!(proofs.hold(), "{:#?}", proofs.findings);
    writeln!(out, "the book agrees with itself")?;
    Ok(())
}
