//! Hashes of what happened and of what is.

use super::{CorrectedBy, Ledger};
use crate::account::{Account, Owner, Side};
use crate::command::CorrectionKind;
use crate::past::Past;
use types::Timestamp;

/// A hash over everything that ever took effect, in order: each batch's hash is chained to the
/// last one's. A batch of which nothing takes effect does not change it.
#[derive(Debug, Default)]
pub(super) struct History {
    last: [u8; 32],
    at: Timestamp,
    open: Option<blake3::Hasher>,
}

impl History {
    pub(super) fn begin(&mut self, at: Timestamp) {
        self.at = at;
        self.open = None;
    }

    /// Adds something that took effect.
    pub(super) fn add(&mut self, fingerprint: u128) {
        let hasher = self.open.get_or_insert_with(|| {
            let mut hasher = blake3::Hasher::new();
            hasher.update(&self.last);
            hasher.update(&self.at.as_micros().to_be_bytes());
            hasher
        });
        hasher.update(&fingerprint.to_be_bytes());
    }

    pub(super) fn end(&mut self) {
        if let Some(hasher) = self.open.take() {
            self.last = *hasher.finalize().as_bytes();
        }
    }
}

/// The hash of the whole state. Of the past only the history's chain goes in, which holds every
/// fingerprint there ever was.
pub(super) fn state<P: Past>(ledger: &Ledger<P>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&ledger.history.last);
    hasher.update(&ledger.seq.to_be_bytes());
    hasher.update(&ledger.past.len().to_be_bytes());
    for account in ledger.accounts.list() {
        self::account(&mut hasher, account);
    }
    let mut holds: Vec<_> = ledger.holds.values().collect();
    holds.sort_unstable_by_key(|hold| hold.id);
    for hold in holds {
        hasher.update(&hold.id.as_u128().to_be_bytes());
        let expires = hold.expires_at.map_or(i64::MAX, Timestamp::as_micros);
        hasher.update(&expires.to_be_bytes());
        for posting in &hold.postings {
            hasher.update(&posting.debit.as_u128().to_be_bytes());
            hasher.update(&posting.credit.as_u128().to_be_bytes());
            hasher.update(&posting.amount.minor().to_be_bytes());
        }
    }
    for (of, corrections) in ledger.corrections.all() {
        hasher.update(&of.as_u128().to_be_bytes());
        for CorrectedBy { by, kind } in corrections {
            hasher.update(&by.as_u128().to_be_bytes());
            hasher.update(&[u8::from(*kind == CorrectionKind::Reversal)]);
        }
    }
    for (date, lines) in ledger.general.days() {
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
