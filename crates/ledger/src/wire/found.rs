//! What was found, in the order in which it was asked for.
//!
//! ```text
//! body         accounts:u32 transactions:u32 orders:u32 holds_of:u32
//!              opt(account)* opt(transaction)* (u32 transaction*)* (u32 hold*)*
//! opt(x)       0 | 1 x
//! account      id:u128 asset:u32 leaf:u32 owner:u8 [u128 | u32] normal:u8 flags:u8 controls:u8
//!              debits_pending:u64 debits_posted:u64 credits_pending:u64 credits_posted:u64
//!              opened_seq:u64 opened_at:i64 opened_date:i32
//!              settled_free:i128 settled_held:u64 transit_free:u64 transit_held:u64
//!              lots:u32 (source:u128 date:i32 free:u64 held:u64)* settled_through:opt(i32)
//! transaction  seq:u64 at:i64 date:i32 state:u8 item
//!              moves:u16 (debit:u128 credit:u128 amount:u64 debit_balance:i128
//!              credit_balance:i128)* corrected_by:u16 (kind:u8 id:u128)*
//! hold         id:u128 event:u16 order:opt(u128) account:u128 side:u8 amount:u64 state:u8 at:i64
//!              expires_at:opt(i64) ended_at:opt(i64)
//! side         1 debit | 2 credit
//! kind         1 reversal | 2 supplement
//! ```

use super::cursor::{Cursor, put_bits, put_count, put_option, put_receipt, put_state};
use super::{Kind, Read, begin, transactions};
use crate::account::{Controls, Flags, NewAccount, Owner, Side};
use crate::chart::GlCode;
use crate::command::Transaction;
use crate::engine::{CorrectedBy, Move};
use crate::lots::{FundStates, Lot, Standing};
use crate::outcome::{Receipt, TransactionState};
use money::{Amount, AssetId};
use types::{AccountId, BusinessDate, MerchantId, OrderId, Timestamp, TransactionId, UserId};

/// An account as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRecord {
    /// What it was opened as.
    pub opened: NewAccount,
    /// The side its balance is shown on.
    pub normal: Side,
    /// What it may not do for the time being.
    pub controls: Controls,
    /// Debits of holds that wait, minor units like the three below.
    pub debits_pending: u64,
    /// Debits posted.
    pub debits_posted: u64,
    /// Credits of holds that wait.
    pub credits_pending: u64,
    /// Credits posted.
    pub credits_posted: u64,
    /// The sequence number of its opening.
    pub opened_seq: u64,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The accounting date on which it was opened.
    pub opened_date: BusinessDate,
    /// Its balance by fund state.
    pub funds: FundStates,
    /// Of a source of lots: up to which value date it has settled.
    pub settled_through: Option<BusinessDate>,
}

impl From<Standing> for AccountRecord {
    fn from(standing: Standing) -> Self {
        let Standing { account, funds, settled_through } = standing;
        Self {
            opened: account.as_opened(),
            normal: account.normal,
            controls: account.controls,
            debits_pending: account.debits_pending,
            debits_posted: account.debits_posted,
            credits_pending: account.credits_pending,
            credits_posted: account.credits_posted,
            opened_seq: account.opened_seq,
            opened_at: account.opened_at,
            opened_date: account.opened_date,
            funds,
            settled_through,
        }
    }
}

/// What a posting came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoveRecord {
    /// The account debited.
    pub debit: AccountId,
    /// The account credited.
    pub credit: AccountId,
    /// How much, minor units.
    pub amount: Amount,
    /// The debited account's balance after it, on its normal side.
    pub debit_balance: i128,
    /// The credited account's balance after it, on its normal side.
    pub credit_balance: i128,
}

impl From<&Move> for MoveRecord {
    fn from(moved: &Move) -> Self {
        let Move { debit, credit, amount, debit_balance, credit_balance, .. } = *moved;
        Self { debit, credit, amount, debit_balance, credit_balance }
    }
}

/// A transaction and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionRecord {
    /// As it was asked for.
    pub transaction: Transaction,
    /// Its receipt, with the state in which it is now.
    pub receipt: Receipt,
    /// What was moved, held or released.
    pub moves: Vec<MoveRecord>,
    /// What corrected it since, in the order in which it was made.
    pub corrected_by: Vec<CorrectedBy>,
}

/// What a hold sets aside of one account for one order, or promises it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRecord {
    /// The transaction that made it.
    pub id: TransactionId,
    /// The business event that made it.
    pub event: u16,
    /// The order it is for.
    pub order: Option<OrderId>,
    /// The account.
    pub account: AccountId,
    /// Debit: it is set aside of the account. Credit: the account waits for it.
    pub side: Side,
    /// How much, minor units.
    pub amount: Amount,
    /// Where it stands now.
    pub state: TransactionState,
    /// When it was made.
    pub at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What was found, in the order in which it was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The accounts asked for.
    pub accounts: Vec<Option<AccountRecord>>,
    /// The transactions asked for.
    pub transactions: Vec<Option<TransactionRecord>>,
    /// The transactions of each order asked for, oldest first.
    pub orders: Vec<Vec<TransactionRecord>>,
    /// The holds on each account asked for, newest first: all that wait, then the last that ended.
    pub holds_of: Vec<Vec<HoldRecord>>,
}

/// A frame of what was found in place of what `out` holds.
pub fn encode_found(found: &Found, out: &mut Vec<u8>) {
    let Found { accounts, transactions, orders, holds_of } = found;
    let counts = [accounts.len(), transactions.len(), orders.len(), holds_of.len()];
    begin(out, Kind::Found, counts.into_iter().fold(0, usize::saturating_add));
    for count in counts {
        put_count(out, count);
    }
    for account in accounts {
        put_option(out, account.as_ref(), put_account);
    }
    for transaction in transactions {
        put_option(out, transaction.as_ref(), put_transaction);
    }
    for of_order in orders {
        put_count(out, of_order.len());
        for transaction in of_order {
            put_transaction(out, transaction);
        }
    }
    for of_account in holds_of {
        put_count(out, of_account.len());
        for hold in of_account {
            put_hold(out, hold);
        }
    }
}

/// Reads a frame of what was found.
///
/// # Errors
/// [`super::WireError`] with the place of the first fault.
pub fn decode_found(bytes: &[u8]) -> Read<Found> {
    let (mut cursor, count) = Cursor::open(bytes, Kind::Found, usize::MAX)?;
    let mut counts = [0usize; 4];
    for place in &mut counts {
        *place = cursor.count()?;
    }
    if counts.into_iter().fold(0, usize::saturating_add) != count {
        return cursor.fail("the four counts before do not make up the header's");
    }
    let [accounts, transactions, orders, holds_of] = counts;
    let found = Found {
        accounts: cursor.list(accounts, |cursor| cursor.option(account))?,
        transactions: cursor.list(transactions, |cursor| cursor.option(transaction))?,
        orders: cursor.list(orders, |cursor| {
            let count = cursor.count()?;
            cursor.list(count, transaction)
        })?,
        holds_of: cursor.list(holds_of, |cursor| {
            let count = cursor.count()?;
            cursor.list(count, hold)
        })?,
    };
    cursor.end()?;
    Ok(found)
}

fn put_account(out: &mut Vec<u8>, account: &AccountRecord) {
    let opened = &account.opened;
    out.extend_from_slice(&opened.id.as_u128().to_le_bytes());
    out.extend_from_slice(&opened.asset.0.to_le_bytes());
    out.extend_from_slice(&opened.leaf.0.to_le_bytes());
    put_owner(out, opened.owner);
    put_side(out, account.normal);
    let Flags { debits_must_not_exceed_credits, credits_must_not_exceed_debits, history } =
        opened.flags;
    put_bits(out, [debits_must_not_exceed_credits, credits_must_not_exceed_debits, history]);
    let Controls { debits_blocked, credits_blocked, closed } = account.controls;
    put_bits(out, [debits_blocked, credits_blocked, closed]);
    for number in [
        account.debits_pending,
        account.debits_posted,
        account.credits_pending,
        account.credits_posted,
        account.opened_seq,
    ] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&account.opened_at.as_micros().to_le_bytes());
    put_date(out, account.opened_date);
    put_funds(out, &account.funds);
    put_option(out, account.settled_through, put_date);
}

fn put_date(out: &mut Vec<u8>, date: BusinessDate) {
    out.extend_from_slice(&date.days().to_le_bytes());
}

fn put_funds(out: &mut Vec<u8>, funds: &FundStates) {
    out.extend_from_slice(&funds.settled_free.to_le_bytes());
    for sum in [funds.settled_held, funds.transit_free, funds.transit_held] {
        out.extend_from_slice(&sum.to_le_bytes());
    }
    put_count(out, funds.lots.len());
    for lot in &funds.lots {
        out.extend_from_slice(&lot.source.as_u128().to_le_bytes());
        put_date(out, lot.date);
        out.extend_from_slice(&lot.free.to_le_bytes());
        out.extend_from_slice(&lot.held.to_le_bytes());
    }
}

fn funds(cursor: &mut Cursor<'_>) -> Read<FundStates> {
    let settled_free = cursor.i128()?;
    let (settled_held, transit_free) = (cursor.u64()?, cursor.u64()?);
    let transit_held = cursor.u64()?;
    let count = cursor.count()?;
    let lots = cursor.list(count, |cursor| {
        let (source, date) = (cursor.account()?, cursor.date()?);
        Ok(Lot { source, date, free: cursor.u64()?, held: cursor.u64()? })
    })?;
    Ok(FundStates { settled_free, settled_held, transit_free, transit_held, lots })
}

fn put_side(out: &mut Vec<u8>, side: Side) {
    out.push(match side {
        Side::Debit => 1,
        Side::Credit => 2,
    });
}

fn side(cursor: &mut Cursor<'_>) -> Read<Side> {
    match cursor.u8()? {
        1 => Ok(Side::Debit),
        2 => Ok(Side::Credit),
        _ => cursor.fail("the byte before is no side"),
    }
}

fn put_owner(out: &mut Vec<u8>, owner: Owner) {
    let id = |out: &mut Vec<u8>, kind: u8, id: u128| {
        out.push(kind);
        out.extend_from_slice(&id.to_le_bytes());
    };
    let number = |out: &mut Vec<u8>, kind: u8, number: u32| {
        out.push(kind);
        out.extend_from_slice(&number.to_le_bytes());
    };
    match owner {
        Owner::User(user) => id(out, 1, user.as_u128()),
        Owner::Merchant(merchant) => id(out, 2, merchant.as_u128()),
        Owner::Channel(channel) => number(out, 3, channel),
        Owner::Bank(bank) => number(out, 4, bank),
        Owner::House => out.push(5),
    }
}

fn account(cursor: &mut Cursor<'_>) -> Read<AccountRecord> {
    let id = cursor.account()?;
    let asset = cursor.u32().map(AssetId)?;
    let leaf = cursor.u32().map(GlCode)?;
    let owner = match cursor.u8()? {
        1 => Owner::User(cursor.u128().map(UserId::from_u128)?),
        2 => Owner::Merchant(cursor.u128().map(MerchantId::from_u128)?),
        3 => Owner::Channel(cursor.u32()?),
        4 => Owner::Bank(cursor.u32()?),
        5 => Owner::House,
        _ => return cursor.fail("the byte before is no owner"),
    };
    let normal = side(cursor)?;
    let [debits_must_not_exceed_credits, credits_must_not_exceed_debits, history] =
        cursor.bits()?;
    let flags = Flags { debits_must_not_exceed_credits, credits_must_not_exceed_debits, history };
    let [debits_blocked, credits_blocked, closed] = cursor.bits()?;
    Ok(AccountRecord {
        opened: NewAccount { id, asset, leaf, owner, flags },
        normal,
        controls: Controls { debits_blocked, credits_blocked, closed },
        debits_pending: cursor.u64()?,
        debits_posted: cursor.u64()?,
        credits_pending: cursor.u64()?,
        credits_posted: cursor.u64()?,
        opened_seq: cursor.u64()?,
        opened_at: cursor.moment()?,
        opened_date: cursor.date()?,
        funds: funds(cursor)?,
        settled_through: cursor.option(Cursor::date)?,
    })
}

fn put_transaction(out: &mut Vec<u8>, record: &TransactionRecord) {
    put_receipt(out, record.receipt);
    transactions::put(out, &record.transaction);
    let moves = record.moves.get(..usize::from(u16::MAX)).unwrap_or(&record.moves);
    out.extend_from_slice(&u16::try_from(moves.len()).unwrap_or(u16::MAX).to_le_bytes());
    for moved in moves {
        out.extend_from_slice(&moved.debit.as_u128().to_le_bytes());
        out.extend_from_slice(&moved.credit.as_u128().to_le_bytes());
        out.extend_from_slice(&moved.amount.minor().to_le_bytes());
        out.extend_from_slice(&moved.debit_balance.to_le_bytes());
        out.extend_from_slice(&moved.credit_balance.to_le_bytes());
    }
    let corrections = record.corrected_by.get(..usize::from(u16::MAX));
    let corrections = corrections.unwrap_or(&record.corrected_by);
    out.extend_from_slice(&u16::try_from(corrections.len()).unwrap_or(u16::MAX).to_le_bytes());
    for CorrectedBy { by, kind } in corrections {
        transactions::put_kind(out, *kind);
        out.extend_from_slice(&by.as_u128().to_le_bytes());
    }
}

fn transaction(cursor: &mut Cursor<'_>) -> Read<TransactionRecord> {
    let receipt = cursor.receipt()?;
    let transaction = transactions::read(cursor)?;
    let count = usize::from(cursor.u16()?);
    let moves = cursor.list(count, |cursor| {
        Ok(MoveRecord {
            debit: cursor.account()?,
            credit: cursor.account()?,
            amount: cursor.amount()?,
            debit_balance: cursor.i128()?,
            credit_balance: cursor.i128()?,
        })
    })?;
    let count = usize::from(cursor.u16()?);
    let corrected_by = cursor.list(count, |cursor| {
        let kind = transactions::read_kind(cursor)?;
        Ok(CorrectedBy { by: cursor.transaction()?, kind })
    })?;
    Ok(TransactionRecord { transaction, receipt, moves, corrected_by })
}

fn put_hold(out: &mut Vec<u8>, hold: &HoldRecord) {
    out.extend_from_slice(&hold.id.as_u128().to_le_bytes());
    out.extend_from_slice(&hold.event.to_le_bytes());
    put_option(out, hold.order, |out, order| {
        out.extend_from_slice(&order.as_u128().to_le_bytes());
    });
    out.extend_from_slice(&hold.account.as_u128().to_le_bytes());
    put_side(out, hold.side);
    out.extend_from_slice(&hold.amount.minor().to_le_bytes());
    put_state(out, hold.state);
    out.extend_from_slice(&hold.at.as_micros().to_le_bytes());
    for at in [hold.expires_at, hold.ended_at] {
        put_option(out, at, |out, at| out.extend_from_slice(&at.as_micros().to_le_bytes()));
    }
}

fn hold(cursor: &mut Cursor<'_>) -> Read<HoldRecord> {
    Ok(HoldRecord {
        id: cursor.transaction()?,
        event: cursor.u16()?,
        order: cursor.option(|cursor| cursor.u128().map(OrderId::from_u128))?,
        account: cursor.account()?,
        side: side(cursor)?,
        amount: cursor.amount()?,
        state: cursor.state()?,
        at: cursor.moment()?,
        expires_at: cursor.option(Cursor::moment)?,
        ended_at: cursor.option(Cursor::moment)?,
    })
}
