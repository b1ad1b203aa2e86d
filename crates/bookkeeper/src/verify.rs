//! Walking a book from its first byte, without touching it.

use crate::abode;
use crate::claims::Claims;
use crate::model::no_later;
use crate::past::DiskPast;
use crate::replay::{Apply, Replay, Stage};
use crate::{Error, Storage};
use archive::{Archive, Checkpoint};
use journal::{Files, Place, Position};
use ledger::{Account, Chart, Effect, Ledger, Observer, Outcome, Proofs, Side, TransactionState};
use money::Amount;
use std::path::Path;
use std::sync::Arc;
use types::{BusinessDate, Timestamp};

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
    /// Whether the entries of every account lead to its balance, each with the one told beside it.
    pub entries_lead_to_balances: bool,
    /// Whether the last checkpoint and the index of the past say what the journal says; `None` if
    /// there is no checkpoint. Where they do not, stop the program and delete `index/` in the
    /// book's folder: the next opening builds it anew.
    pub index_agrees: Option<bool>,
    /// Bytes of a batch that a crash kept from being written; cut off at the next opening.
    pub torn_bytes: u64,
}

impl Verification {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.proofs.hold() && self.entries_lead_to_balances && self.index_agrees != Some(false)
    }
}

/// Walks the journal of the book in `dir` from the first byte: checks checksums and hash chain,
/// replays every batch, proves what comes out, and compares with it what
/// the last checkpoint and the index of the past claim. Changes nothing in `dir` and takes no lock;
/// of a book that is being written it sees what was written when it came by.
///
/// Memory grows with accounts, holds that wait and dates, and not with the past: the ids met on the
/// way, which every later command is checked against, go to files in `scratch`, some 40 bytes an
/// id. It is made if it is missing, is nobody else's meanwhile, and is left empty.
///
/// # Errors
/// [`Error::Journal`] naming file and offset of damage, [`Error::Unreadable`],
/// [`Error::Diverged`], [`Error::NoBook`]; [`Error::Index`] if `scratch` cannot be written or read.
pub fn verify(
    storage: &Storage,
    dir: &Path,
    scratch: &Path,
    chart: impl Into<Arc<Chart>>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Verification, Error> {
    let chart = chart.into();
    let files = &*storage.files;
    abode::check(storage, dir)?;
    let claims = Claims::read(files, dir);
    let scratch = Scratch { files, dir: scratch };
    let archive = scratch.archive(storage)?;
    let home = storage.home(dir);
    let reader = home.reader();
    let mut replay = Replay::new(|open_date| {
        let past = DiskPast::new(archive, reader, Vec::new(), 0);
        Walk {
            ledger: Ledger::with_past(chart, open_date, past),
            watch: Watch { balances: Balances::default(), claims },
        }
    });
    let mut batches = 0;
    let found = home.walk(&mut |batch| {
        replay.batch(batch)?;
        batches += 1;
        let effects = replay.mark().effects;
        progress(Progress { batches, commands: replay.commands, effects });
        Ok(())
    })?;
    let commands = replay.commands;
    let Stage::Begun(Walk { ledger, watch }) = replay.finish() else {
        return Err(Error::NoBook { dir: dir.display().to_string() });
    };
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
        entries_lead_to_balances: watch.balances.lead_to(ledger.accounts()),
        index_agrees: watch.claims.agree(),
        torn_bytes: found.torn_bytes,
    })
}

/// Where the ids of a walk are kept; left empty.
struct Scratch<'s> {
    files: &'s dyn Files,
    dir: &'s Path,
}

impl Scratch<'_> {
    fn archive(&self, storage: &Storage) -> Result<Archive, Error> {
        self.files.create_dir(self.dir).map_err(|source| archive::Error::Io {
            action: "make",
            path: self.dir.to_owned(),
            source,
        })?;
        archive::clear(self.files, self.dir)?;
        let options = archive::Options { lists: 0, ..storage.index };
        let (archive, _) = Archive::open(Arc::clone(&storage.files), self.dir, options)?;
        Ok(archive)
    }
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        if let Err(error) = archive::clear(self.files, self.dir) {
            tracing::warn!(%error, "what verification kept is left over");
        }
    }
}

/// A book that is only walked.
struct Walk {
    ledger: Ledger<DiskPast>,
    watch: Watch,
}

/// Everybody who is told what took effect.
struct Watch {
    balances: Balances,
    claims: Claims,
}

impl Observer for Watch {
    fn effect(&mut self, effect: Effect<'_>) {
        self.balances.effect(effect);
        self.claims.effect(effect);
    }
}

impl Apply for Walk {
    fn apply(
        &mut self,
        at: Timestamp,
        position: Position,
        pieces: &mut dyn Iterator<Item = (Place, &[u8])>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Error> {
        let Self { ledger, watch } = self;
        ledger.begin(at, watch).map_err(|_| no_later(position.sequence))?;
        ledger.memory_mut().absorb_ids()?;
        for (place, piece) in pieces {
            ledger.memory_mut().begin(place);
            let run = ledger.run(piece, watch, outcomes);
            run.map_err(|error| Error::unreadable(position.sequence, &error))?;
            ledger.memory_mut().absorb_ids()?;
            watch.claims.piece(at, place);
        }
        watch.claims.batch(position, ledger);
        let archive = &mut ledger.memory_mut().archive;
        if archive.is_due() {
            // Nobody goes on from it, but without one nothing is merged.
            let checkpoint = Checkpoint { tag: Vec::new(), state: Box::new(|| Some(Vec::new())) };
            archive.freeze(Some(checkpoint))?;
        }
        Ok(())
    }

    fn effects(&self) -> u64 {
        self.ledger.seq()
    }
}

/// Adds the entries of every account up anew, and compares each with the balance told beside it.
#[derive(Default)]
struct Balances {
    /// By the place of the account: the side it stands on, and the sum.
    sums: Vec<(Side, i128)>,
    differ: bool,
}

impl Balances {
    fn entry(&mut self, place: u32, side: Side, amount: Amount, told: i128) {
        let account = usize::try_from(place).ok().and_then(|place| self.sums.get_mut(place));
        let Some((normal, sum)) = account else {
            self.differ = true;
            return;
        };
        let amount = i128::from(amount.minor());
        *sum = sum.saturating_add(if side == *normal { amount } else { -amount });
        self.differ |= *sum != told;
    }

    fn lead_to(&self, accounts: &[Account]) -> bool {
        let same = |((_, sum), account): (&(Side, i128), &Account)| *sum == account.balance();
        !self.differ
            && self.sums.len() == accounts.len()
            && self.sums.iter().zip(accounts).all(same)
    }
}

impl Observer for Balances {
    fn effect(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::AccountOpened { account, .. } => self.sums.push((account.normal, 0)),
            Effect::Transacted { receipt, moves, .. }
                if receipt.state == TransactionState::Posted =>
            {
                for moved in moves {
                    let [debit, credit] = moved.places;
                    self.entry(debit, Side::Debit, moved.amount, moved.debit_balance);
                    self.entry(credit, Side::Credit, moved.amount, moved.credit_balance);
                }
            }
            _ => {}
        }
    }
}
