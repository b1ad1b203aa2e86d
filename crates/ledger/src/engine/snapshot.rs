//! The whole state as bytes, and back: what an opening begins with instead of the first batch.
//!
//! One state has one form. Numbers are those of [`crate::codec`]; the last 32 bytes are the
//! [`Ledger::state_hash`], which the state that was read must have.
//!
//! ```text
//! "CHstat02" chart:32 seq:var last_at:(0 | 1 i64) history:(u64 u64) ids:var
//! cells       count:var (leaf:u32 asset:u32)*                    in the order of their places
//! days        count:var (date:i32 lines:var (opening:i128 debit:u128 credit:u128)*)*
//! accounts    count:var (as opened, controls:bits, 4 sums:var, opened at:i64 date:i32 seq:var)*
//! holds       count:var (id event:u16 order at:i64 expires count:var (debit credit amount)*)*
//! cuts        count:var (closing:i32 opening:i32 seq:var at:i64)*
//! corrections count:var (of count:var (by kind:u8)*)*
//! lots        as in `lots_state.rs`
//! ```

use super::accounts::Accounts;
use super::copying::Copying;
use super::corrections::{CorrectedBy, Corrections};
use super::hash::{self, History, Parts};
use super::lots::Lots;
use super::{Cut, Ledger, transact};
use crate::account::{Account, Controls};
use crate::chart::{Chart, GlCode};
use crate::codec::write::{account, bits, u16_of, u32_of, u128_of, var};
use crate::codec::{CodecError, Reader};
use crate::command::{Correction, CorrectionKind};
use crate::general::{General, Line, Turnover};
use crate::hold::{HeldPosting, Hold};
use crate::outcome::{Receipt, TransactionState};
use crate::past::Past;
use money::AssetId;
use std::sync::Arc;
use types::{AccountId, BusinessDate, OrderId, Timestamp, TransactionId};

const MAGIC: &[u8; 8] = b"CHstat02";

/// Why bytes are no state of a book.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// They are of no such form.
    #[error(transparent)]
    Form(#[from] CodecError),
    /// An account hangs under what is no leaf of the chart of accounts, or not there.
    #[error("account {account} hangs under {leaf}, which is no leaf of the chart of accounts")]
    Leaf {
        /// The account.
        account: AccountId,
        /// What it hangs under.
        leaf: u32,
    },
    /// The chart of accounts was changed where past decisions hung on it: replay them.
    #[error("the chart of accounts is another than the one the state was written under")]
    Chart,
    /// They read as another state than they were made of.
    #[error("the state has another hash than the one it was written with")]
    Hash,
}

/// The state at one moment, apart from the book that goes on: taken quickly, written elsewhere.
#[derive(Debug, Clone)]
pub struct Frozen {
    accounts: Vec<Account>,
    holds: Vec<Hold>,
    general: General,
    cuts: Vec<Cut>,
    corrections: Corrections,
    lots: Lots,
    seq: u64,
    last_at: Option<Timestamp>,
    history: History,
    ids: u64,
    chart: [u8; 32],
}

impl<P: Past> Ledger<P> {
    /// The state as it is now.
    pub fn freeze(&self) -> Frozen {
        Frozen { accounts: self.accounts.list().to_vec(), ..self.without_accounts() }
    }

    /// Begins to take the state as it is now, in place of one that is being taken: the accounts are
    /// copied little by little, so that a book of a million of them never stands still for long.
    pub fn begin_freeze(&mut self) {
        self.taking = Some(Box::new(self.without_accounts()));
        self.accounts.copying = Some(Copying::of(self.accounts.list().len()));
    }

    /// Copies at most so many accounts more; the state of the moment at which it was begun, once it
    /// is whole. `None` too if none was begun.
    pub fn freeze_more(&mut self, most: usize) -> Option<Frozen> {
        let accounts = self.accounts.copy_more(most)?;
        let taken = self.taking.take()?;
        Some(Frozen { accounts, ..*taken })
    }

    fn without_accounts(&self) -> Frozen {
        Frozen {
            accounts: Vec::new(),
            holds: self.holds.values().cloned().collect(),
            general: self.general.clone(),
            cuts: self.cuts.clone(),
            corrections: self.corrections.clone(),
            lots: self.lots.clone(),
            seq: self.seq,
            last_at: self.last_at,
            history: self.history.clone(),
            ids: self.past.len(),
            chart: self.chart.fingerprint(),
        }
    }

    pub(super) fn parts(&self) -> Parts<'_> {
        Parts {
            history: &self.history,
            seq: self.seq,
            ids: self.past.len(),
            accounts: self.accounts.list(),
            holds: self.holds.values().collect(),
            corrections: &self.corrections,
            lots: &self.lots,
            general: &self.general,
        }
    }

    /// The book that [`Frozen::encode`] wrote, with the memory of ids it had then.
    ///
    /// # Errors
    /// When the bytes are no such state, or lead to another hash than the one in them: then the
    /// chart of accounts was changed, or the memory of ids is another.
    pub fn restore(chart: Arc<Chart>, past: P, bytes: &[u8]) -> Result<Self, SnapshotError> {
        let mut reader = Reader::new(bytes);
        let frozen = read(&mut reader, &chart)?;
        let hash: [u8; 32] = reader.take()?;
        reader.end()?;
        let mut book = Self::with_past(chart, frozen.general.open_date(), past);
        let Frozen { accounts, holds, general, cuts, corrections, lots, .. } = frozen;
        let Frozen { seq, last_at, history, ids, .. } = frozen;
        let mut list = Accounts::default();
        for account in accounts {
            list.push(account);
        }
        lots.mark_all(&mut list);
        book.accounts = list;
        book.lots = lots;
        for hold in &holds {
            book.expiries.extend(hold.expires_at.map(|at| (at, hold.id)));
        }
        book.holds = holds.into_iter().map(|hold| (hold.id, hold)).collect();
        book.general = general;
        book.cuts = cuts;
        book.corrections = corrections;
        book.seq = seq;
        book.last_at = last_at;
        book.history = history;
        book.scratch = transact::Scratch::default();
        if book.past.len() != ids || book.state_hash() != hash {
            return Err(SnapshotError::Hash);
        }
        Ok(book)
    }
}

impl Frozen {
    /// The hash of the state; that of the book when it was frozen.
    pub fn state_hash(&self) -> [u8; 32] {
        hash::state(Parts {
            history: &self.history,
            seq: self.seq,
            ids: self.ids,
            accounts: &self.accounts,
            holds: self.holds.iter().collect(),
            corrections: &self.corrections,
            lots: &self.lots,
            general: &self.general,
        })
    }

    /// The state as bytes.
    pub fn encode(mut self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.accounts.len().saturating_mul(96));
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&self.chart);
        var(&mut out, self.seq);
        option(&mut out, self.last_at, moment);
        for sum in self.history.sums {
            out.extend_from_slice(&sum.to_be_bytes());
        }
        var(&mut out, self.ids);
        general(&mut out, &self.general);
        list(&mut out, &self.accounts, standing);
        self.holds.sort_unstable_by_key(|hold| hold.id);
        list(&mut out, &self.holds, held);
        list(&mut out, &self.cuts, |out, cut| {
            date(out, cut.closing);
            date(out, cut.opening);
            var(out, cut.receipt.seq);
            moment(out, cut.receipt.at);
        });
        count(&mut out, self.corrections.len());
        for (of, by) in self.corrections.all() {
            u128_of(&mut out, of.as_u128());
            list(&mut out, by, |out, correction| {
                u128_of(out, correction.by.as_u128());
                out.push(match correction.kind {
                    CorrectionKind::Reversal => 1,
                    CorrectionKind::Supplement => 2,
                });
            });
        }
        self.lots.encode(&mut out);
        let hash = self.state_hash();
        out.extend_from_slice(&hash);
        out
    }
}

fn count(out: &mut Vec<u8>, count: usize) {
    var(out, u64::try_from(count).unwrap_or(u64::MAX));
}

fn list<T>(out: &mut Vec<u8>, items: &[T], mut item: impl FnMut(&mut Vec<u8>, &T)) {
    count(out, items.len());
    for one in items {
        item(out, one);
    }
}

fn option<T>(out: &mut Vec<u8>, value: Option<T>, put: impl FnOnce(&mut Vec<u8>, T)) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(out, value);
    }
}

fn moment(out: &mut Vec<u8>, at: Timestamp) {
    out.extend_from_slice(&at.as_micros().to_be_bytes());
}

fn date(out: &mut Vec<u8>, date: BusinessDate) {
    out.extend_from_slice(&date.days().to_be_bytes());
}

fn general(out: &mut Vec<u8>, general: &General) {
    list(out, &general.keys_by_place(), |out, (leaf, asset)| {
        u32_of(out, leaf.0);
        u32_of(out, asset.0);
    });
    count(out, general.days().count());
    for (of, lines) in general.days() {
        date(out, of);
        list(out, lines, |out, line| {
            out.extend_from_slice(&line.opening.to_be_bytes());
            u128_of(out, line.turnover.debit);
            u128_of(out, line.turnover.credit);
        });
    }
}

fn standing(out: &mut Vec<u8>, standing: &Account) {
    account(&standing.as_opened(), out);
    let Controls { debits_blocked, credits_blocked, closed } = standing.controls;
    bits(out, [debits_blocked, credits_blocked, closed]);
    for sum in [
        standing.debits_pending,
        standing.debits_posted,
        standing.credits_pending,
        standing.credits_posted,
    ] {
        var(out, sum);
    }
    moment(out, standing.opened_at);
    date(out, standing.opened_date);
    var(out, standing.opened_seq);
}

fn held(out: &mut Vec<u8>, hold: &Hold) {
    u128_of(out, hold.id.as_u128());
    u16_of(out, hold.event);
    option(out, hold.order, |out, order| u128_of(out, order.as_u128()));
    moment(out, hold.at);
    option(out, hold.expires_at, moment);
    list(out, &hold.postings, |out, posting| {
        u128_of(out, posting.debit.as_u128());
        u128_of(out, posting.credit.as_u128());
        var(out, posting.amount.minor());
    });
}

type Read<T> = Result<T, CodecError>;

/// Items until the count is reached: the list grows as it is read, so that a count alone claims
/// no memory.
fn items<T, E: From<CodecError>>(
    reader: &mut Reader<'_>,
    mut item: impl FnMut(&mut Reader<'_>) -> Result<T, E>,
) -> Result<Vec<T>, E> {
    let count = reader.var()?;
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(item(reader)?);
    }
    Ok(items)
}

fn optional<'b, T>(
    reader: &mut Reader<'b>,
    read: impl FnOnce(&mut Reader<'b>) -> Read<T>,
) -> Read<Option<T>> {
    match reader.u8()? {
        0 => Ok(None),
        1 => read(reader).map(Some),
        _ => reader.fail("neither there nor not there"),
    }
}

fn read(reader: &mut Reader<'_>, chart: &Chart) -> Result<Frozen, SnapshotError> {
    if reader.take::<8>()? != *MAGIC {
        return Ok(reader.fail("this is no state of a known version")?);
    }
    let fingerprint = chart.fingerprint();
    if reader.take::<32>()? != fingerprint {
        return Err(SnapshotError::Chart);
    }
    let seq = reader.var()?;
    let last_at = optional(reader, Reader::moment)?;
    let mut sum = || reader.take().map(u64::from_be_bytes);
    let history = History { sums: [sum()?, sum()?] };
    let ids = reader.var()?;
    let general = read_general(reader)?;
    let accounts = items(reader, |reader| read_account(reader, chart, &general))?;
    let holds = items(reader, read_hold)?;
    let cuts = items(reader, |reader| {
        let (closing, opening) = (reader.date()?, reader.date()?);
        let (seq, at) = (reader.var()?, reader.moment()?);
        let receipt = Receipt { seq, at, date: closing, state: TransactionState::Applied };
        Ok::<_, CodecError>(Cut { closing, opening, receipt })
    })?;
    let mut corrections = Corrections::default();
    for (of, by) in items(reader, |reader| {
        let of = TransactionId::from_u128(reader.u128()?);
        Ok::<_, CodecError>((of, items(reader, read_correction)?))
    })? {
        for CorrectedBy { by, kind } in by {
            corrections.note(Correction { of, kind }, by);
        }
    }
    let lots = Lots::read(reader, accounts.len())?;
    let chart = fingerprint;
    Ok(Frozen {
        accounts,
        holds,
        general,
        cuts,
        corrections,
        lots,
        seq,
        last_at,
        history,
        ids,
        chart,
    })
}

fn read_correction(reader: &mut Reader<'_>) -> Read<CorrectedBy> {
    let Correction { of: by, kind } = reader.correction()?;
    Ok(CorrectedBy { by, kind })
}

fn read_general(reader: &mut Reader<'_>) -> Read<General> {
    let keys = items(reader, |reader| {
        Ok::<_, CodecError>((GlCode(reader.u32()?), AssetId(reader.u32()?)))
    })?;
    let days = items(reader, |reader| {
        let date = reader.date()?;
        let lines = items(reader, |reader| {
            let opening = i128::from_be_bytes(reader.take()?);
            let turnover = Turnover { debit: reader.u128()?, credit: reader.u128()? };
            Ok::<_, CodecError>(Line { opening, turnover })
        })?;
        Ok::<_, CodecError>((date, lines))
    })?;
    General::restore(keys, days).map_or_else(|| reader.fail("no general ledger"), Ok)
}

fn read_account(
    reader: &mut Reader<'_>,
    chart: &Chart,
    general: &General,
) -> Result<Account, SnapshotError> {
    let new = reader.account()?;
    let [debits_blocked, credits_blocked, closed] = reader.bits()?;
    let mut sums = [0; 4];
    for sum in &mut sums {
        *sum = reader.var()?;
    }
    let (at, date, seq) = (reader.moment()?, reader.date()?, reader.var()?);
    let receipt = Receipt { seq, at, date, state: TransactionState::Applied };
    let no_leaf = SnapshotError::Leaf { account: new.id, leaf: new.leaf.0 };
    let node = chart.leaf(new.leaf).ok_or_else(|| no_leaf.clone())?;
    let Some(cell) = general.known_cell((new.leaf, new.asset)) else {
        return Ok(reader.fail("the general ledger does not count the account")?);
    };
    let mut account = Account::open(&new, node, cell, receipt).ok_or(no_leaf)?;
    account.controls = Controls { debits_blocked, credits_blocked, closed };
    [
        account.debits_pending,
        account.debits_posted,
        account.credits_pending,
        account.credits_posted,
    ] = sums;
    Ok(account)
}

fn read_hold(reader: &mut Reader<'_>) -> Read<Hold> {
    Ok(Hold {
        id: TransactionId::from_u128(reader.u128()?),
        event: reader.u16()?,
        order: optional(reader, |reader| reader.u128().map(OrderId::from_u128))?,
        at: reader.moment()?,
        expires_at: optional(reader, Reader::moment)?,
        postings: items(reader, |reader| {
            let debit = AccountId::from_u128(reader.u128()?);
            let credit = AccountId::from_u128(reader.u128()?);
            Ok::<_, CodecError>(HeldPosting { debit, credit, amount: reader.amount()? })
        })?,
    })
}
