//! Hashes of what happened and of what is.

use super::CorrectedBy;
use super::corrections::Corrections;
use super::lots::Lots;
use crate::account::{Account, Owner, Side};
use crate::command::CorrectionKind;
use crate::general::General;
use crate::hold::Hold;
use crate::idmap::{HIGH, LOW, fold, halves};
use types::Timestamp;

/// A running sum over everything that ever took effect, in order: when, and what was asked. It
/// tells two pasts apart that lead to the same balances. It is no proof against somebody who
/// means harm: that is the journal's hash chain, and nothing is hashed like that twice.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    pub(super) sums: [u64; 2],
}

impl History {
    /// Adds something that took effect.
    pub(super) fn add(&mut self, at: Timestamp, what: &[u8]) {
        let [mut first, second] = self.sums;
        first ^= at.as_micros().unsigned_abs();
        let (words, rest) = what.as_chunks::<16>();
        for word in words {
            let (low, high) = halves(u128::from_le_bytes(*word));
            first = fold(first ^ low, LOW ^ high);
        }
        let mut last = [0; 16];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        let (low, high) = halves(u128::from_le_bytes(last));
        let length = u64::try_from(what.len()).unwrap_or(u64::MAX);
        first = fold(first ^ low ^ length, LOW ^ high);
        self.sums = [first, fold(second ^ first, HIGH)];
    }
}

/// What the hash of the state goes over.
pub(super) struct Parts<'a> {
    pub(super) history: &'a History,
    pub(super) seq: u64,
    pub(super) ids: u64,
    pub(super) accounts: &'a [Account],
    pub(super) holds: Vec<&'a Hold>,
    pub(super) corrections: &'a Corrections,
    pub(super) lots: &'a Lots,
    pub(super) general: &'a General,
}

/// The hash of the whole state. Of the past only the running sum over every id goes in.
pub(super) fn state(mut parts: Parts<'_>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for sum in parts.history.sums {
        hasher.update(&sum.to_be_bytes());
    }
    hasher.update(&parts.seq.to_be_bytes());
    hasher.update(&parts.ids.to_be_bytes());
    for account in parts.accounts {
        self::account(&mut hasher, account);
    }
    parts.holds.sort_unstable_by_key(|hold| hold.id);
    for hold in parts.holds {
        hasher.update(&hold.id.as_u128().to_be_bytes());
        let expires = hold.expires_at.map_or(i64::MAX, Timestamp::as_micros);
        hasher.update(&expires.to_be_bytes());
        for posting in &hold.postings {
            hasher.update(&posting.debit.as_u128().to_be_bytes());
            hasher.update(&posting.credit.as_u128().to_be_bytes());
            hasher.update(&posting.amount.minor().to_be_bytes());
        }
    }
    let mut lots = Vec::new();
    parts.lots.encode(&mut lots);
    hasher.update(&lots);
    for (of, corrections) in parts.corrections.all() {
        hasher.update(&of.as_u128().to_be_bytes());
        for CorrectedBy { by, kind } in corrections {
            hasher.update(&by.as_u128().to_be_bytes());
            hasher.update(&[u8::from(*kind == CorrectionKind::Reversal)]);
        }
    }
    for (date, lines) in parts.general.days() {
        hasher.update(&date.days().to_be_bytes());
        for line in lines {
            hasher.update(&line.opening.to_be_bytes());
            hasher.update(&line.turnover.debit.to_be_bytes());
            hasher.update(&line.turnover.credit.to_be_bytes());
        }
    }
    *hasher.finalize().as_bytes()
}

fn account(hasher: &mut blake3::Hasher, account: &Account) {
    hasher.update(&account.id.as_u128().to_be_bytes());
    hasher.update(&account.asset.0.to_be_bytes());
    hasher.update(&account.leaf.0.to_be_bytes());
    let (kind, owner) = match account.owner {
        Owner::User(id) => (1, id.as_u128()),
        Owner::Merchant(id) => (2, id.as_u128()),
        Owner::Channel(number) => (3, u128::from(number)),
        Owner::Bank(number) => (4, u128::from(number)),
        Owner::House => (5, 0),
    };
    let (flags, controls) = (account.flags, account.controls);
    let bits = [
        account.normal == Side::Debit,
        flags.debits_must_not_exceed_credits,
        flags.credits_must_not_exceed_debits,
        flags.history,
        controls.debits_blocked,
        controls.credits_blocked,
        controls.closed,
    ];
    hasher.update(&[kind]);
    hasher.update(&owner.to_be_bytes());
    hasher.update(&bits.map(u8::from));
    for sum in [
        account.debits_pending,
        account.debits_posted,
        account.credits_pending,
        account.credits_posted,
        account.opened_seq,
    ] {
        hasher.update(&sum.to_be_bytes());
    }
}
