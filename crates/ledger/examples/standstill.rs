//! How long the book stands still while its state is taken for a checkpoint, and how long the
//! state then takes to be written out beside it.
//!
//! `cargo run --release -p ledger --example standstill -- 1000000 100000` (accounts, waiting holds)

use ledger::{
    Action, Chart, Command, Ledger, NewAccount, Owner, Posting, Transaction, house_account,
};
use money::{Amount, CNY};
use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use types::{AccountId, BusinessDate, Timestamp, TransactionId, UserId};

type Failure = Box<dyn Error>;

const BATCH: usize = 8_192;
const TIMES: usize = 5;
/// As many accounts as the bookkeeper copies between two batches.
const SLICE: usize = 1 << 14;

fn account(number: u64) -> AccountId {
    AccountId::of(&[&number.to_be_bytes()])
}

fn opened(chart: &Chart, number: u64) -> Result<Command, Failure> {
    let leaf = chart.role("customer_balance_1").ok_or("the chart has no such role")?;
    let owner = Owner::User(UserId::of(&[&number.to_be_bytes()]));
    let flags = chart.flags(leaf);
    let id = account(number);
    Ok(Command::OpenAccount(NewAccount { id, asset: CNY, leaf, owner, flags }))
}

fn moved(
    name: &str,
    number: u64,
    action: Action,
    [debit, credit]: [AccountId; 2],
) -> Result<Command, Failure> {
    Ok(Command::Transact(Transaction {
        id: TransactionId::of(&[name.as_bytes(), &number.to_be_bytes()]),
        event: 1,
        order: None,
        reference: 0,
        date: None,
        action,
        postings: vec![Posting::exact(debit, credit, Amount::new(100)?)],
        conditions: Vec::new(),
        corrects: None,
    }))
}

fn fill(ledger: &mut Ledger, chart: &Chart, accounts: u64, holds: u64) -> Result<(), Failure> {
    let reserve = house_account("reserve_bank", CNY);
    let mut commands: Vec<Command> =
        chart.house_accounts().into_iter().map(Command::OpenAccount).collect();
    for number in 0..accounts {
        commands.push(opened(chart, number)?);
        commands.push(moved("in", number, Action::Post, [reserve, account(number)])?);
        if number < holds {
            let sides = [account(number), account(number / 2)];
            let hold = Action::Hold { expires_at: None };
            if number > 0 {
                commands.push(moved("hold", number, hold, sides)?);
            }
        }
    }
    let mut at = Timestamp::from_micros(1_800_000_000_000_000);
    for batch in commands.chunks(BATCH) {
        at = at.plus_micros(1);
        for outcome in ledger.apply(at, batch) {
            outcome.receipt().map_err(|refusal| refusal.code())?;
        }
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let accounts = numbers.next().transpose()?.unwrap_or(1_000_000);
    let holds = numbers.next().transpose()?.unwrap_or(0);
    let text = std::fs::read_to_string("books/chart.toml")?;
    let chart = Arc::new(Chart::parse(&text, "books/chart.toml").map_err(|e| e.to_string())?);
    let open_date: BusinessDate = "2027-01-15".parse().map_err(|e| format!("{e:?}"))?;
    let mut ledger = Ledger::new(Arc::clone(&chart), open_date);
    fill(&mut ledger, &chart, accounts, holds)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} accounts, {} holds", ledger.accounts().len(), ledger.holds().count())?;
    for _ in 0..TIMES {
        let start = Instant::now();
        drop(ledger.freeze());
        let whole = start.elapsed();
        let start = Instant::now();
        ledger.begin_freeze();
        let begun = start.elapsed();
        let (mut longest, mut slices) = (Duration::ZERO, 0);
        let frozen = loop {
            let start = Instant::now();
            let frozen = ledger.freeze_more(SLICE);
            longest = longest.max(start.elapsed());
            slices += 1;
            if let Some(frozen) = frozen {
                break frozen;
            }
        };
        let start = Instant::now();
        let bytes = frozen.encode().len();
        let written = start.elapsed();
        writeln!(
            out,
            "at once {whole:.1?}; little by little {begun:.1?} and {slices} times at most \
             {longest:.1?}; {bytes} bytes written out in {written:.1?}"
        )?;
    }
    Ok(())
}
