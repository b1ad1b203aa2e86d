//! Walking a book from its first byte, without touching it.

use crate::model::{Model, Replay};
use crate::{Error, record};
use journal::Files;
use ledger::{Account, Chart, Proofs};
use std::path::Path;
use std::sync::Arc;
use types::BusinessDate;

/// How far a walk has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Batches of the journal.
    pub batches: u64,
    /// Commands in them.
    pub commands: u64,
    /// What took effect of them.
    pub effects: u64,
}

/// What a walk found. A book that is damaged gives an [`Error`] instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Batches of the journal, each with its checksums and its place in the hash chain.
    pub batches: u64,
    /// Segment files.
    pub segments: u64,
    /// Bytes of all batches.
    pub bytes: u64,
    /// Commands replayed, refused ones among them.
    pub commands: u64,
    /// What took effect: the sequence number of the last.
    pub effects: u64,
    /// Accounts opened.
    pub accounts: u64,
    /// The open accounting date.
    pub open_date: BusinessDate,
    /// The hash over the whole journal.
    pub chain: [u8; 32],
    /// The hash of the state it leads to; that of the running book after the same batch.
    pub state_hash: [u8; 32],
    /// The ledger's proofs.
    pub proofs: Proofs,
    /// Whether the entries of every account that keeps a history lead to its balance.
    pub entries_lead_to_balances: bool,
    /// Bytes of a batch that a crash kept from being written; cut off at the next opening.
    pub torn_bytes: u64,
}

impl Verification {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.proofs.hold() && self.entries_lead_to_balances
    }
}

/// Walks the journal of the book in `dir` from the first byte: checks checksums and hash chain,
/// replays every batch, and proves what comes out. Changes nothing and takes no lock; of a book
/// that is being written it sees what was written when it came by.
///
/// # Errors
/// [`Error::Journal`] naming file and offset of damage, [`Error::Unreadable`],
/// [`Error::Diverged`], [`Error::NoBook`].
pub fn verify(
    files: &dyn Files,
    dir: &Path,
    chart: impl Into<Arc<Chart>>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Verification, Error> {
    let mut replay = Replay::new(chart.into());
    let mut batches = 0;
    let found = journal::read(files, dir, record::KIND, &mut |batch| {
        replay.batch(batch)?;
        batches += 1;
        progress(Progress { batches, commands: replay.commands, effects: replay.effects() });
        Ok(())
    })?;
    let commands = replay.commands;
    let Some(model) = replay.finish() else {
        return Err(Error::NoBook { dir: dir.display().to_string() });
    };
    let ledger = &model.ledger;
    Ok(Verification {
        batches: found.batches,
        segments: found.segments,
        bytes: found.bytes,
        commands,
        effects: ledger.seq(),
        accounts: ledger.accounts().len() as u64,
        open_date: ledger.open_date(),
        chain: found.chain,
        state_hash: ledger.state_hash(),
        proofs: ledger.prove(),
        entries_lead_to_balances: ledger.accounts().iter().all(|a| entries_lead_to(&model, a)),
        torn_bytes: found.torn_bytes,
    })
}

/// Adds the entries up anew, and compares each with the running balance beside it.
fn entries_lead_to(model: &Model, account: &Account) -> bool {
    if !model.index.keeps(account.id) {
        return true;
    }
    let entries = model.index.entries(account.id, None, usize::MAX);
    let mut balance = 0i128;
    for entry in &entries {
        let amount = i128::from(entry.amount.minor());
        let signed = if entry.side == account.normal { amount } else { -amount };
        balance = balance.saturating_add(signed);
        if balance != entry.balance_after {
            return false;
        }
    }
    balance == account.balance()
}
