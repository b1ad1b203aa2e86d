//! Writing.

use super::{ACTION_SHIFT, CONDITIONS, CORRECTS, DATE, ORDER, REFERENCE, SETTLED_ONLY};
use crate::account::{Controls, Flags, NewAccount, Owner};
use crate::command::{
    Action, Command, CorrectionKind, MAX_CONDITIONS, MAX_POSTINGS, Posting, Transaction, UpTo,
};

pub(crate) fn u16_of(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

pub(crate) fn u32_of(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Seven bits a byte, the lowest first, in as few bytes as hold them.
pub(crate) fn var(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7F {
        out.push(u8::try_from(value & 0x7F).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or_default());
}

pub(crate) fn u128_of(out: &mut Vec<u8>, value: u128) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// A list, cut one past its bound.
fn bounded<T>(list: &[T], most: usize) -> &[T] {
    list.get(..=most).unwrap_or(list)
}

/// Bits from the lowest.
pub(crate) fn bits(out: &mut Vec<u8>, values: [bool; 3]) {
    let byte = values.iter().rev().fold(0u8, |byte, bit| (byte << 1) | u8::from(*bit));
    out.push(byte);
}

pub(super) fn command(command: &Command, out: &mut Vec<u8>) {
    match command {
        Command::OpenAccount(new) => {
            out.push(1);
            account(new, out);
        }
        Command::SetControls { id, account, controls, reference } => {
            out.push(2);
            u128_of(out, id.as_u128());
            u128_of(out, account.as_u128());
            let Controls { debits_blocked, credits_blocked, closed } = *controls;
            bits(out, [debits_blocked, credits_blocked, closed]);
            u128_of(out, *reference);
        }
        Command::Transact(tx) => transaction(tx, out),
        Command::Settle { id, source, through, reference } => {
            out.push(6);
            u128_of(out, id.as_u128());
            u128_of(out, source.as_u128());
            out.extend_from_slice(&through.days().to_be_bytes());
            u128_of(out, *reference);
        }
        Command::CutDay { closing, opening } => {
            out.push(4);
            out.extend_from_slice(&closing.days().to_be_bytes());
            out.extend_from_slice(&opening.days().to_be_bytes());
        }
    }
}

pub(crate) fn account(new: &NewAccount, out: &mut Vec<u8>) {
    u128_of(out, new.id.as_u128());
    u32_of(out, new.asset.0);
    u32_of(out, new.leaf.0);
    match new.owner {
        Owner::User(id) => {
            out.push(1);
            u128_of(out, id.as_u128());
        }
        Owner::Merchant(id) => {
            out.push(2);
            u128_of(out, id.as_u128());
        }
        Owner::Channel(number) => {
            out.push(3);
            u32_of(out, number);
        }
        Owner::Bank(number) => {
            out.push(4);
            u32_of(out, number);
        }
        Owner::House => out.push(5),
    }
    let Flags { debits_must_not_exceed_credits, credits_must_not_exceed_debits, history } =
        new.flags;
    bits(out, [debits_must_not_exceed_credits, credits_must_not_exceed_debits, history]);
}

/// Which optional parts follow, and the action.
fn flags(tx: &Transaction) -> u8 {
    let action = match tx.action {
        Action::Post => 0,
        Action::Hold { expires_at: None } => 1,
        Action::Hold { expires_at: Some(_) } => 2,
        Action::PostHold { .. } => 3,
        Action::VoidHold { .. } => 4,
    };
    let present = |bit, present| if present { bit } else { 0u8 };
    present(ORDER, tx.order.is_some())
        | present(REFERENCE, tx.reference != 0)
        | present(DATE, tx.date.is_some())
        | present(CONDITIONS, !tx.conditions.is_empty())
        | present(CORRECTS, tx.corrects.is_some())
        | (action << ACTION_SHIFT)
}

fn transaction(tx: &Transaction, out: &mut Vec<u8>) {
    match tx.postings.as_slice() {
        [posting] if posting.up_to == UpTo::Exact && !posting.settled_only => {
            out.push(5);
            head(tx, out);
            moved(posting, out);
        }
        postings => {
            out.push(3);
            head(tx, out);
            let postings = bounded(postings, MAX_POSTINGS);
            var(out, u64::try_from(postings.len()).unwrap_or(u64::MAX));
            for posting in postings {
                moved(posting, out);
                let way = match posting.up_to {
                    UpTo::Exact => 0,
                    UpTo::AvailableOfDebit => 1,
                    UpTo::AvailableOfCredit => 2,
                };
                out.push(way | if posting.settled_only { SETTLED_ONLY } else { 0 });
            }
        }
    }
    tail(tx, out);
}

fn head(tx: &Transaction, out: &mut Vec<u8>) {
    out.push(flags(tx));
    u128_of(out, tx.id.as_u128());
    u16_of(out, tx.event);
    if let Some(order) = tx.order {
        u128_of(out, order.as_u128());
    }
    if tx.reference != 0 {
        u128_of(out, tx.reference);
    }
    if let Some(date) = tx.date {
        out.extend_from_slice(&date.days().to_be_bytes());
    }
    match tx.action {
        Action::Post | Action::Hold { expires_at: None } => {}
        Action::Hold { expires_at: Some(at) } => {
            out.extend_from_slice(&at.as_micros().to_be_bytes());
        }
        Action::PostHold { hold } | Action::VoidHold { hold } => u128_of(out, hold.as_u128()),
    }
}

fn moved(posting: &Posting, out: &mut Vec<u8>) {
    u128_of(out, posting.debit.as_u128());
    u128_of(out, posting.credit.as_u128());
    var(out, posting.amount.minor());
}

fn tail(tx: &Transaction, out: &mut Vec<u8>) {
    let conditions = bounded(&tx.conditions, MAX_CONDITIONS);
    if !conditions.is_empty() {
        out.push(u8::try_from(conditions.len()).unwrap_or(u8::MAX));
    }
    for condition in conditions {
        u128_of(out, condition.account.as_u128());
        var(out, condition.at_least.minor());
    }
    if let Some(correction) = tx.corrects {
        u128_of(out, correction.of.as_u128());
        out.push(match correction.kind {
            CorrectionKind::Reversal => 1,
            CorrectionKind::Supplement => 2,
        });
    }
}
