//! Writing.

use crate::account::{Controls, Flags, NewAccount, Owner};
use crate::command::{
    Action, Command, CorrectionKind, MAX_CONDITIONS, MAX_POSTINGS, Transaction, UpTo,
};

fn u16_of(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn u32_of(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn u64_of(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn u128_of(out: &mut Vec<u8>, value: u128) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// A zero for nothing; a one before something.
fn option<T>(out: &mut Vec<u8>, value: Option<T>, write: impl FnOnce(&mut Vec<u8>, T)) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        write(out, value);
    }
}

/// A list, cut one past its bound.
fn bounded<T>(list: &[T], most: usize) -> &[T] {
    list.get(..=most).unwrap_or(list)
}

/// Bits from the lowest.
fn bits(out: &mut Vec<u8>, values: [bool; 3]) {
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
        Command::Transact(tx) => transact(tx, out),
        Command::CutDay { closing, opening } => {
            out.push(4);
            out.extend_from_slice(&closing.days().to_be_bytes());
            out.extend_from_slice(&opening.days().to_be_bytes());
        }
    }
}

/// A transaction with the tag of its command.
pub(crate) fn transact(tx: &Transaction, out: &mut Vec<u8>) {
    out.push(3);
    transaction(tx, out);
}

fn account(new: &NewAccount, out: &mut Vec<u8>) {
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

fn transaction(tx: &Transaction, out: &mut Vec<u8>) {
    u128_of(out, tx.id.as_u128());
    u16_of(out, tx.event);
    option(out, tx.order, |out, order| u128_of(out, order.as_u128()));
    u128_of(out, tx.reference);
    option(out, tx.date, |out, date| out.extend_from_slice(&date.days().to_be_bytes()));
    match tx.action {
        Action::Post => out.push(1),
        Action::Hold { expires_at } => {
            out.push(2);
            option(out, expires_at, |out, at| out.extend_from_slice(&at.as_micros().to_be_bytes()));
        }
        Action::PostHold { hold } => {
            out.push(3);
            u128_of(out, hold.as_u128());
        }
        Action::VoidHold { hold } => {
            out.push(4);
            u128_of(out, hold.as_u128());
        }
    }
    let postings = bounded(&tx.postings, MAX_POSTINGS);
    u16_of(out, u16::try_from(postings.len()).unwrap_or(u16::MAX));
    for posting in postings {
        u128_of(out, posting.debit.as_u128());
        u128_of(out, posting.credit.as_u128());
        u64_of(out, posting.amount.minor());
        out.push(match posting.up_to {
            UpTo::Exact => 0,
            UpTo::AvailableOfDebit => 1,
            UpTo::AvailableOfCredit => 2,
        });
    }
    let conditions = bounded(&tx.conditions, MAX_CONDITIONS);
    out.push(u8::try_from(conditions.len()).unwrap_or(u8::MAX));
    for condition in conditions {
        u128_of(out, condition.account.as_u128());
        u64_of(out, condition.at_least.minor());
    }
    option(out, tx.corrects, |out, correction| {
        u128_of(out, correction.of.as_u128());
        out.push(match correction.kind {
            CorrectionKind::Reversal => 1,
            CorrectionKind::Supplement => 2,
        });
    });
}
