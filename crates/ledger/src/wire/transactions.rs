//! Transactions to be applied: 60 bytes a plain transfer.
//!
//! ```text
//! item      flags:u16 id:u128 event:u16
//!           [order:u128] [reference:u128] [date:i32] [expires_at:i64] [hold:u128]
//!           [corrects:u128 how:u8] [conditions:u8 (account:u128 at_least:u64)+]
//!           [postings:u16] (debit:u128 credit:u128 amount:u64 [way:u8])*
//! ```

use super::cursor::Cursor;
use super::{COUNT, HEADER, Kind, Read, begin};
use crate::codec::Encoded;
use crate::command::{
    Action, Command, Condition, Correction, CorrectionKind, Posting, Transaction, UpTo,
};
use money::Amount;
use types::{AccountId, OrderId, TransactionId};

/// How many bytes a plain transfer takes.
const PLAIN: usize = 60;

/// The two lowest bits of the flags.
const ACTION: u16 = 0b11;
const POST: u16 = 0;
const HOLD: u16 = 1;
const POST_HOLD: u16 = 2;
const VOID_HOLD: u16 = 3;

const ORDER: u16 = 1 << 2;
const REFERENCE: u16 = 1 << 3;
const DATE: u16 = 1 << 4;
const EXPIRES: u16 = 1 << 5;
const CORRECTS: u16 = 1 << 6;
const CONDITIONS: u16 = 1 << 7;
/// The postings are counted; else there is exactly one.
const COUNTED: u16 = 1 << 8;
/// Each posting says how its amount is found and of what; else all are exact, of any money.
const BALANCING: u16 = 1 << 9;
/// Added to a posting's way: settled money only.
const SETTLED_ONLY: u8 = 4;
const UNKNOWN: u16 = !((BALANCING << 1) - 1);

/// A frame of transactions in place of what `out` holds. A transaction of more than 65,535 postings
/// or 255 conditions, which no ledger takes, is cut there.
pub fn encode_transactions<'a>(
    transactions: impl ExactSizeIterator<Item = &'a Transaction>,
    out: &mut Vec<u8>,
) {
    let mut frame = Frame::begin(std::mem::take(out));
    frame.out.reserve(transactions.len().saturating_mul(PLAIN));
    for transaction in transactions {
        frame.push(transaction);
    }
    *out = frame.end();
}

/// A frame of transactions in the making, for a client that has them one after another.
#[derive(Debug)]
pub struct Frame {
    out: Vec<u8>,
    count: u32,
}

impl Frame {
    /// An empty frame in place of what this buffer holds.
    pub fn begin(mut buffer: Vec<u8>) -> Self {
        begin(&mut buffer, Kind::Transactions, 0);
        Self { out: buffer, count: 0 }
    }

    /// Appends a transaction.
    pub fn push(&mut self, transaction: &Transaction) {
        self.count = self.count.saturating_add(1);
        put(&mut self.out, transaction);
    }

    /// The frame's bytes.
    pub fn end(mut self) -> Vec<u8> {
        if let Some(count) = self.out.get_mut(COUNT..HEADER) {
            count.copy_from_slice(&self.count.to_le_bytes());
        }
        self.out
    }
}

/// The commands of a frame of at most `limit` transactions, in order.
///
/// # Errors
/// [`super::WireError`] with the place of the first fault.
pub fn decode_transactions(bytes: &[u8], limit: usize) -> Read<Vec<Command>> {
    let (mut cursor, count) = Cursor::open(bytes, Kind::Transactions, limit)?;
    // What the bytes can hold bounds what their count may claim.
    let room = bytes.len().saturating_sub(HEADER).checked_div(PLAIN).unwrap_or_default();
    let mut commands = Vec::with_capacity(count.min(room));
    for _ in 0..count {
        commands.push(Command::Transact(read(&mut cursor)?));
    }
    cursor.end()?;
    Ok(commands)
}

/// As [`decode_transactions`], straight into the form in which they are handed in.
///
/// # Errors
/// The same.
pub fn take_transactions(bytes: &[u8], limit: usize) -> Read<Encoded> {
    let (mut cursor, count) = Cursor::open(bytes, Kind::Transactions, limit)?;
    // Never longer than what it is read from, for all but the rarest.
    let mut encoded = Encoded::with_room(bytes.len());
    for _ in 0..count {
        encoded.push(&Command::Transact(read(&mut cursor)?));
    }
    cursor.end()?;
    Ok(encoded)
}

fn is_plain(posting: &Posting) -> bool {
    posting.up_to == UpTo::Exact && !posting.settled_only
}

fn flags(tx: &Transaction) -> u16 {
    let action = match tx.action {
        Action::Post | Action::Hold { expires_at: None } => {
            if tx.action == Action::Post {
                POST
            } else {
                HOLD
            }
        }
        Action::Hold { expires_at: Some(_) } => HOLD | EXPIRES,
        Action::PostHold { .. } => POST_HOLD,
        Action::VoidHold { .. } => VOID_HOLD,
    };
    let set = |when: bool, flag: u16| if when { flag } else { 0 };
    action
        | set(tx.order.is_some(), ORDER)
        | set(tx.reference != 0, REFERENCE)
        | set(tx.date.is_some(), DATE)
        | set(tx.corrects.is_some(), CORRECTS)
        | set(!tx.conditions.is_empty(), CONDITIONS)
        | set(tx.postings.len() != 1, COUNTED)
        | set(!tx.postings.iter().all(is_plain), BALANCING)
}

/// One transaction.
pub(super) fn put(out: &mut Vec<u8>, tx: &Transaction) {
    let flags = flags(tx);
    out.extend_from_slice(&flags.to_le_bytes());
    out.extend_from_slice(&tx.id.as_u128().to_le_bytes());
    out.extend_from_slice(&tx.event.to_le_bytes());
    if flags & !(ACTION | BALANCING) != 0 || flags & ACTION > HOLD {
        put_rare(out, tx);
    }
    let postings = tx.postings.get(..usize::from(u16::MAX)).unwrap_or(&tx.postings);
    if flags & COUNTED != 0 {
        out.extend_from_slice(&u16::try_from(postings.len()).unwrap_or(u16::MAX).to_le_bytes());
    }
    for posting in postings {
        out.extend_from_slice(&posting.debit.as_u128().to_le_bytes());
        out.extend_from_slice(&posting.credit.as_u128().to_le_bytes());
        out.extend_from_slice(&posting.amount.minor().to_le_bytes());
        if flags & BALANCING != 0 {
            let way = match posting.up_to {
                UpTo::Exact => 0,
                UpTo::AvailableOfDebit => 1,
                UpTo::AvailableOfCredit => 2,
            };
            out.push(way | if posting.settled_only { SETTLED_ONLY } else { 0 });
        }
    }
}

/// What a plain transfer does not have.
fn put_rare(out: &mut Vec<u8>, tx: &Transaction) {
    if let Some(order) = tx.order {
        out.extend_from_slice(&order.as_u128().to_le_bytes());
    }
    if tx.reference != 0 {
        out.extend_from_slice(&tx.reference.to_le_bytes());
    }
    if let Some(date) = tx.date {
        out.extend_from_slice(&date.days().to_le_bytes());
    }
    match tx.action {
        Action::Hold { expires_at: Some(at) } => {
            out.extend_from_slice(&at.as_micros().to_le_bytes());
        }
        Action::PostHold { hold } | Action::VoidHold { hold } => {
            out.extend_from_slice(&hold.as_u128().to_le_bytes());
        }
        Action::Post | Action::Hold { expires_at: None } => {}
    }
    if let Some(correction) = tx.corrects {
        out.extend_from_slice(&correction.of.as_u128().to_le_bytes());
        put_kind(out, correction.kind);
    }
    if !tx.conditions.is_empty() {
        let conditions = tx.conditions.get(..usize::from(u8::MAX)).unwrap_or(&tx.conditions);
        out.push(u8::try_from(conditions.len()).unwrap_or(u8::MAX));
        for condition in conditions {
            out.extend_from_slice(&condition.account.as_u128().to_le_bytes());
            out.extend_from_slice(&condition.at_least.minor().to_le_bytes());
        }
    }
}

/// One transaction.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Read<Transaction> {
    let flags = cursor.u16()?;
    if flags & UNKNOWN != 0 {
        return cursor.fail("the flags before have unknown bits");
    }
    let id = cursor.transaction()?;
    let event = cursor.u16()?;
    if flags == POST {
        let posting = posting(cursor, false)?;
        return Ok(plain(id, event, posting));
    }
    rare(cursor, flags, id, event)
}

fn plain(id: TransactionId, event: u16, posting: Posting) -> Transaction {
    Transaction {
        id,
        event,
        order: None,
        reference: 0,
        date: None,
        action: Action::Post,
        postings: vec![posting],
        conditions: Vec::new(),
        corrects: None,
    }
}

fn rare(cursor: &mut Cursor<'_>, flags: u16, id: TransactionId, event: u16) -> Read<Transaction> {
    let has = |flag: u16| flags & flag != 0;
    let order = if has(ORDER) { Some(cursor.u128().map(OrderId::from_u128)?) } else { None };
    let reference = if has(REFERENCE) { cursor.u128()? } else { 0 };
    if has(REFERENCE) && reference == 0 {
        return cursor.fail("the reference before is zero: leave it away");
    }
    let date = if has(DATE) { Some(cursor.date()?) } else { None };
    let expires_at = if has(EXPIRES) { Some(cursor.moment()?) } else { None };
    let action = match (flags & ACTION, expires_at) {
        (POST, None) => Action::Post,
        (HOLD, expires_at) => Action::Hold { expires_at },
        (POST_HOLD, None) => Action::PostHold { hold: cursor.transaction()? },
        (VOID_HOLD, None) => Action::VoidHold { hold: cursor.transaction()? },
        _ => return cursor.fail("only a hold expires"),
    };
    let corrects = if has(CORRECTS) { Some(correction(cursor)?) } else { None };
    let conditions = if has(CONDITIONS) { conditions(cursor)? } else { Vec::new() };
    let count = if has(COUNTED) { usize::from(cursor.u16()?) } else { 1 };
    if has(COUNTED) && count == 1 {
        return cursor.fail("a single posting is not counted");
    }
    let postings = cursor.list(count, |cursor| posting(cursor, has(BALANCING)))?;
    if has(BALANCING) && postings.iter().all(is_plain) {
        return cursor.fail("all postings are exact, of any money: leave the flag away");
    }
    Ok(Transaction { id, event, order, reference, date, action, postings, conditions, corrects })
}

fn correction(cursor: &mut Cursor<'_>) -> Read<Correction> {
    let of = cursor.transaction()?;
    Ok(Correction { of, kind: read_kind(cursor)? })
}

pub(super) fn put_kind(out: &mut Vec<u8>, kind: CorrectionKind) {
    out.push(match kind {
        CorrectionKind::Reversal => 1,
        CorrectionKind::Supplement => 2,
    });
}

pub(super) fn read_kind(cursor: &mut Cursor<'_>) -> Read<CorrectionKind> {
    match cursor.u8()? {
        1 => Ok(CorrectionKind::Reversal),
        2 => Ok(CorrectionKind::Supplement),
        _ => cursor.fail("the byte before is no way of correcting"),
    }
}

fn conditions(cursor: &mut Cursor<'_>) -> Read<Vec<Condition>> {
    let count = usize::from(cursor.u8()?);
    if count == 0 {
        return cursor.fail("no conditions: leave the flag away");
    }
    cursor.list(count, |cursor| {
        Ok(Condition { account: cursor.account()?, at_least: cursor.amount()? })
    })
}

#[inline]
fn posting(cursor: &mut Cursor<'_>, balancing: bool) -> Read<Posting> {
    let debit: AccountId = cursor.account()?;
    let credit = cursor.account()?;
    let amount: Amount = cursor.amount()?;
    let way = if balancing { cursor.u8()? } else { 0 };
    let up_to = match way & !SETTLED_ONLY {
        0 => UpTo::Exact,
        1 => UpTo::AvailableOfDebit,
        2 => UpTo::AvailableOfCredit,
        _ => return cursor.fail("the byte before is no way of balancing"),
    };
    Ok(Posting { debit, credit, amount, up_to, settled_only: way & SETTLED_ONLY != 0 })
}
