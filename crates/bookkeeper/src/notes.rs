//! What a piece did, in the form in which the archive keeps it: the ledger tells it while the
//! piece runs, and the archive takes it over afterwards.

use crate::look::ended_by;
use crate::past::moment_bits;
use crate::row::{self, Kind};
use archive::Link;
use ledger::{Account, Effect, Hold, Move, Observer, Owner, Receipt, Transaction};
use std::collections::HashMap;
use std::ops::Range;
use types::{OrderId, TransactionId};

/// The kinds of list in the archive. Keys are the places of accounts but where others are named.
pub(crate) mod lists {
    /// An account's entries: entry to transaction.
    pub(crate) const ENTRIES: u8 = 0;
    /// By order: its transactions.
    pub(crate) const ORDERS: u8 = 1;
    /// The holds on an account, on either side: transactions.
    pub(crate) const HOLDS: u8 = 2;
    /// By GL code: the places of its accounts.
    pub(crate) const LEAVES: u8 = 3;
    /// By user: the places of their accounts.
    pub(crate) const USERS: u8 = 4;
    /// By merchant.
    pub(crate) const MERCHANTS: u8 = 5;
    /// By channel, bank, or the house.
    pub(crate) const OTHERS: u8 = 6;
    /// By the seq of a hold: the seq of what ended it, and the moment as the archive orders it.
    pub(crate) const ENDS: u8 = 7;
    /// How many there are.
    pub(crate) const COUNT: u8 = 8;
}

/// The list of an owner's accounts, and its key.
pub(crate) fn owner_list(owner: Owner) -> (u8, u128) {
    match owner {
        Owner::User(id) => (lists::USERS, id.as_u128()),
        Owner::Merchant(id) => (lists::MERCHANTS, id.as_u128()),
        Owner::Channel(number) => (lists::OTHERS, 1 << 32 | u128::from(number)),
        Owner::Bank(number) => (lists::OTHERS, 2 << 32 | u128::from(number)),
        Owner::House => (lists::OTHERS, 0),
    }
}

/// What is noted until it is taken over, and what has to be known for it.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// The rows, by rising seq, and their bytes.
    pub rows: Vec<(u64, Range<usize>)>,
    pub bytes: Vec<u8>,
    pub links: Vec<(u8, u128, Link)>,
    /// How many entries the book has.
    pub entries: u64,
    /// By the place of an account, whether its entries are kept.
    histories: Vec<bool>,
    /// The holds that wait.
    waiting: HashMap<TransactionId, Waiting>,
    places: Vec<u32>,
}

/// What is known of a hold that waits.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    seq: u64,
    /// What ends a hold belongs to its order.
    order: Option<OrderId>,
}

impl Notes {
    /// Of a book that has these accounts, entries and waiting holds with their numbers.
    pub(crate) fn of<'h>(
        accounts: &[Account],
        entries: u64,
        holds: impl Iterator<Item = (&'h Hold, u64)>,
    ) -> Self {
        let waiting = |(hold, seq): (&Hold, u64)| (hold.id, Waiting { seq, order: hold.order });
        Self {
            entries,
            histories: accounts.iter().map(|account| account.flags.history).collect(),
            waiting: holds.map(waiting).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.bytes.clear();
        self.links.clear();
    }

    fn opened(&mut self, receipt: Receipt, account: &Account) {
        let item = Link { at: receipt.seq, to: self.histories.len() as u64 };
        self.histories.push(account.flags.history);
        self.links.push((lists::LEAVES, u128::from(account.leaf.0), item));
        let (kind, key) = owner_list(account.owner);
        self.links.push((kind, key, item));
    }

    fn transacted(
        &mut self,
        receipt: Receipt,
        number: usize,
        transaction: &Transaction,
        moves: &[Move],
    ) {
        let (kind, seq) = (Kind::of(receipt.state), receipt.seq);
        let start = self.bytes.len();
        let number = u8::try_from(number).unwrap_or(u8::MAX);
        row::encode(&mut self.bytes, seq, (kind, number), self.entries, moves);
        self.rows.push((seq, start..self.bytes.len()));
        match kind {
            Kind::Posted => moves.iter().for_each(|moved| self.posted(seq, moved)),
            Kind::Held => self.held(seq, transaction, moves),
            Kind::Released | Kind::NoTransaction => {}
        }
        let hold = ended_by(transaction).and_then(|hold| self.ended(hold, receipt));
        if let Some(order) = transaction.order.or(hold.and_then(|hold| hold.order)) {
            self.links.push((lists::ORDERS, order.as_u128(), Link { at: seq, to: seq }));
        }
    }

    fn posted(&mut self, seq: u64, moved: &Move) {
        self.entries += 1;
        let item = Link { at: self.entries, to: seq };
        for place in moved.places {
            let kept = usize::try_from(place).ok().and_then(|place| self.histories.get(place));
            if kept == Some(&true) {
                self.links.push((lists::ENTRIES, u128::from(place), item));
            }
        }
    }

    fn held(&mut self, seq: u64, transaction: &Transaction, moves: &[Move]) {
        self.waiting.insert(transaction.id, Waiting { seq, order: transaction.order });
        self.places.clear();
        self.places.extend(moves.iter().flat_map(|moved| moved.places));
        self.places.sort_unstable();
        self.places.dedup();
        for place in &self.places {
            let item = Link { at: seq, to: seq };
            self.links.push((lists::HOLDS, u128::from(*place), item));
        }
    }
}

impl Notes {
    fn ended(&mut self, hold: TransactionId, receipt: Receipt) -> Option<Waiting> {
        let waited = self.waiting.remove(&hold)?;
        let end = Link { at: receipt.seq, to: moment_bits(receipt.at) };
        self.links.push((lists::ENDS, u128::from(waited.seq), end));
        Some(waited)
    }
}

impl Observer for Notes {
    fn effect(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::AccountOpened { receipt, account } => self.opened(receipt, account),
            Effect::Transacted { receipt, number, transaction, moves } => {
                self.transacted(receipt, number, transaction, moves);
            }
            Effect::HoldExpired { receipt, hold } => _ = self.ended(hold.id, receipt),
            // The ledger itself knows these.
            Effect::ControlsSet { .. } | Effect::SourceSettled { .. } | Effect::DayCut { .. } => {}
        }
    }
}
