//! A small book with one account of each kind, and short ways to ask it.

use ledger::{
    Account, Action, Chart, Command, Controls, Correction, CorrectionKind, NewAccount, Outcome,
    Owner, Posting, Receipt, Refusal, Transaction, house_account,
};
use ledger::{Flags, Ledger};
use money::{Amount, AssetId, CNY};
use std::sync::{Arc, LazyLock};
use types::{AccountId, BusinessDate, Timestamp, TransactionId};

/// A quota asset of the shipped file.
pub const QUOTA: AssetId = AssetId(103);

/// The shipped chart, read once.
pub fn chart() -> Arc<Chart> {
    static CHART: LazyLock<Arc<Chart>> = LazyLock::new(|| {
        let text = include_str!("../../../../books/chart.toml");
        Arc::new(Chart::parse(text, "chart.toml").expect("valid"))
    });
    Arc::clone(&CHART)
}

pub fn account(name: &str) -> AccountId {
    AccountId::of(&[name.as_bytes()])
}

pub fn id(number: u128) -> TransactionId {
    TransactionId::from_u128(number)
}

pub fn amount(minor: u64) -> Amount {
    Amount::new(minor).expect("within the bound")
}

pub fn first_date() -> BusinessDate {
    BusinessDate::new(2026, 10, 12).expect("a date")
}

/// An account on the leaf of a role, with the leaf's flags.
pub fn on(chart: &Chart, name: &str, role: &str, asset: AssetId) -> NewAccount {
    let leaf = chart.role(role).expect("a role");
    let flags = chart.flags(leaf);
    NewAccount { id: account(name), asset, leaf, owner: Owner::Channel(7), flags }
}

pub fn post(number: u128, postings: &[(AccountId, AccountId, u64)]) -> Transaction {
    Transaction {
        id: id(number),
        event: 1,
        order: None,
        reference: 0,
        date: None,
        action: Action::Post,
        postings: postings.iter().map(|(d, c, a)| Posting::exact(*d, *c, amount(*a))).collect(),
        conditions: Vec::new(),
        corrects: None,
    }
}

/// Takes a transaction back.
pub fn reverse(number: u128, of: &Transaction) -> Transaction {
    let back = |p: &Posting| Posting::exact(p.credit, p.debit, p.amount);
    let corrects = Some(Correction { of: of.id, kind: CorrectionKind::Reversal });
    let postings = of.postings.iter().rev().map(back).collect();
    Transaction { corrects, postings, ..post(number, &[]) }
}

/// Adds to a transaction what it posted.
pub fn supplement(number: u128, of: &Transaction) -> Transaction {
    let corrects = Some(Correction { of: of.id, kind: CorrectionKind::Supplement });
    Transaction { corrects, postings: of.postings.clone(), ..post(number, &[]) }
}

/// The book and its time, which moves one second a batch.
pub struct Book {
    pub ledger: Ledger,
    pub at: Timestamp,
}

impl Book {
    /// With the accounts `ann`, `bob` (no overdraft), `shop` (overdraft allowed), `chan`
    /// (channel, debit-normal), `left` and `used` (quota), and the house's.
    pub fn new() -> Self {
        let chart = chart();
        let at = first_date().start();
        let mut book = Self { ledger: Ledger::new(Arc::clone(&chart), first_date()), at };
        let mut batch: Vec<_> =
            chart.house_accounts().into_iter().map(Command::OpenAccount).collect();
        for (name, role, asset) in [
            ("ann", "customer_balance_2", CNY),
            ("bob", "customer_balance_1", CNY),
            ("shop", "merchant_pending", CNY),
            ("chan", "channel_receivable", CNY),
            ("left", "quota_left", QUOTA),
            ("used", "quota_used", QUOTA),
        ] {
            batch.push(Command::OpenAccount(on(&chart, name, role, asset)));
        }
        for outcome in book.batch(&batch) {
            assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
        }
        book
    }

    /// With 1000 for ann.
    pub fn funded() -> Self {
        let mut book = Self::new();
        book.done(post(1, &[(account("chan"), account("ann"), 1_000)]));
        book
    }

    pub fn batch(&mut self, batch: &[Command]) -> Vec<Outcome> {
        self.at = self.at.plus_seconds(1);
        self.ledger.apply(self.at, batch)
    }

    pub fn run(&mut self, command: Command) -> Outcome {
        let outcomes = self.batch(&[command]);
        *outcomes.first().expect("one outcome a command")
    }

    pub fn ask(&mut self, transaction: Transaction) -> Outcome {
        self.run(Command::Transact(transaction))
    }

    pub fn done(&mut self, transaction: Transaction) -> Receipt {
        match self.ask(transaction) {
            Outcome::Done(receipt) => receipt,
            other => panic!("{other:?}"),
        }
    }

    pub fn refused(&mut self, transaction: Transaction) -> Refusal {
        match self.ask(transaction) {
            Outcome::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    }

    pub fn hold(&mut self, number: u128, postings: &[(AccountId, AccountId, u64)]) -> Receipt {
        let action = Action::Hold { expires_at: None };
        self.done(Transaction { action, ..post(number, postings) })
    }

    pub fn control(&mut self, number: u128, name: &str, controls: Controls) -> Outcome {
        let account = account(name);
        self.run(Command::SetControls { id: id(number), account, controls, reference: 0 })
    }

    pub fn get(&self, name: &str) -> &Account {
        self.ledger.account(account(name)).expect("open")
    }

    /// Balance, held, available, unconfirmed.
    pub fn shows(&self, name: &str) -> (i128, u64, i128, u64) {
        let account = self.get(name);
        (account.balance(), account.held(), account.available(), account.unconfirmed())
    }

    pub fn proves(&self) {
        let proofs = self.ledger.prove();
        assert!(proofs.hold(), "{:#?}", proofs.findings);
    }
}

pub fn bank() -> AccountId {
    house_account("reserve_bank", CNY)
}

pub fn transit() -> AccountId {
    house_account("withdrawal_in_transit", CNY)
}

pub const BLOCKED_DEBITS: Controls =
    Controls { debits_blocked: true, credits_blocked: false, closed: false };
pub const BLOCKED_CREDITS: Controls =
    Controls { debits_blocked: false, credits_blocked: true, closed: false };
pub const CLOSED: Controls =
    Controls { debits_blocked: false, credits_blocked: false, closed: true };

/// Flags that could never be.
pub const BOTH_BOUNDS: Flags = Flags {
    debits_must_not_exceed_credits: true,
    credits_must_not_exceed_debits: true,
    history: false,
};
