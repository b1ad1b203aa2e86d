//! The state machine: the book's state, and one batch after another applied to it.

mod accounts;
mod copying;
mod corrections;
mod effect;
mod hash;
mod lots;
mod lots_state;
mod prove;
mod snapshot;
mod transact;
mod window;

pub use corrections::CorrectedBy;
pub use effect::{Effect, Move, Observer};
pub use snapshot::{Frozen, SnapshotError};

use crate::account::{Account, Controls};
use crate::chart::{Chart, GlCode};
use crate::codec::{self, CodecError, Encoded};
use crate::command::Command;
use crate::general::{General, Turnover};
use crate::hold::Hold;
use crate::idmap::IdMap;
use crate::lots::{FundStates, LotRole, Standing};
use crate::outcome::{Outcome, Receipt, TransactionState};
use crate::past::{MemoryPast, Past, PastRecord, Resolution};
use crate::proofs::Proofs;
use crate::refusal::Refusal;
use crate::trial::{self, TrialBalance};
use accounts::Accounts;
use corrections::Corrections;
use hash::History;
use lots::Lots;
use money::AssetId;
use std::collections::BTreeSet;
use std::sync::Arc;
use types::{AccountId, BusinessDate, Timestamp, TransactionId};
use window::{Asked, Window};

/// The book.
///
/// Deterministic: the same chart, first date and batches give the same outcomes and the same
/// [`Ledger::state_hash`], on any machine. It never looks at a clock.
#[derive(Debug)]
pub struct Ledger<P = MemoryPast> {
    chart: Arc<Chart>,
    past: P,
    accounts: Accounts,
    holds: IdMap<TransactionId, Hold>,
    expiries: BTreeSet<(Timestamp, TransactionId)>,
    general: General,
    cuts: Vec<Cut>,
    corrections: Corrections,
    lots: Lots,
    seq: u64,
    last_at: Option<Timestamp>,
    history: History,
    /// A state that is being taken: whole but for its accounts.
    taking: Option<Box<Frozen>>,
    /// Room for a transaction's postings and moves, kept between transactions.
    scratch: transact::Scratch,
    /// Room for the commands of a piece.
    window: Window,
}

/// A day cut that was made, so that asking again is no error.
#[derive(Debug, Clone, Copy)]
struct Cut {
    closing: BusinessDate,
    opening: BusinessDate,
    receipt: Receipt,
}

/// The fields of [`Command::SetControls`].
#[derive(Debug, Clone, Copy)]
struct ControlsSet {
    id: TransactionId,
    account: AccountId,
    controls: Controls,
    reference: u128,
}

/// The fields of [`Command::Settle`].
#[derive(Debug, Clone, Copy)]
struct Settled {
    id: TransactionId,
    source: AccountId,
    through: BusinessDate,
    reference: u128,
}

impl Ledger<MemoryPast> {
    /// An empty book whose first accounting date is `open_date`.
    pub fn new(chart: Arc<Chart>, open_date: BusinessDate) -> Self {
        Self::with_past(chart, open_date, MemoryPast::default())
    }

    /// Applies a batch at a moment later than the last one's, and gives one outcome a command;
    /// each command stands by itself. First the holds that have run out by then end: an empty
    /// batch does only that. A batch of which nothing takes effect ([`Ledger::seq`] stays)
    /// leaves no trace and need not be kept.
    ///
    /// A command is refused for the first of these that applies:
    ///
    /// 1. the moment: `timestamp_not_monotonic`;
    /// 2. its id: the same content gives [`Outcome::Exists`], another `id_conflict`
    ///    (`account_exists` when opening an account);
    /// 3. of a transaction, in this order
    ///    - its form: `no_postings`, `too_many_postings`, `postings_not_allowed`,
    ///      `too_many_conditions`, `expiry_in_past`;
    ///    - its date: `date_closed`, `date_not_open`;
    ///    - what it corrects: `corrected_not_found`, `correction_must_post`, `not_correctable`,
    ///      `already_reversed`, `reversal_mismatch`;
    ///    - the hold it ends: `pending_not_found`, `pending_not_a_hold`,
    ///      `pending_already_posted`, `pending_already_voided`, `pending_expired`;
    ///    - each posting in turn, where it ends a hold: `amount_zero`, `accounts_equal`,
    ///      `pending_mismatch`, `amount_exceeds_pending`;
    ///    - each posting in turn: `amount_zero`, `accounts_equal`, `account_not_found` (debit,
    ///      then credit), `asset_mismatch`, `fund_mismatch`, `account_closed` (debit, then
    ///      credit), `debits_blocked`, `credits_blocked`;
    ///    - each condition in turn: `account_not_found`, `condition_failed`;
    ///    - the balances, posting after posting, each seeing what the ones before it did:
    ///      `insufficient_available` (debit, then credit), `overflow` (debit, then credit),
    ///      `not_settled`;
    /// 4. of another command, in the order of [`Refusal`].
    ///
    /// Voiding a hold is never blocked by an account's controls: it takes nothing away. Posting
    /// one is: what was held before a freeze stays held until the freeze is lifted or the hold is
    /// voided.
    pub fn apply(&mut self, at: Timestamp, batch: &[Command]) -> Vec<Outcome> {
        self.apply_observed(at, batch, &mut ())
    }

    /// As [`Ledger::apply`], telling an observer of everything that takes effect.
    pub fn apply_observed(
        &mut self,
        at: Timestamp,
        batch: &[Command],
        observer: &mut dyn Observer,
    ) -> Vec<Outcome> {
        if let Err(refusal) = self.begin(at, observer) {
            return vec![Outcome::Refused(refusal); batch.len()];
        }
        let mut outcomes = Vec::with_capacity(batch.len());
        for piece in Encoded::of(batch).pieces() {
            self.run(piece, observer, &mut outcomes).expect("what was encoded is read back");
        }
        outcomes
    }
}

impl<P: Past> Ledger<P> {
    /// An empty book that remembers ids in `past`, which must be empty too.
    pub fn with_past(chart: Arc<Chart>, open_date: BusinessDate, past: P) -> Self {
        Self {
            chart,
            past,
            accounts: Accounts::default(),
            taking: None,
            holds: IdMap::default(),
            expiries: BTreeSet::new(),
            general: General::new(open_date),
            cuts: Vec::new(),
            corrections: Corrections::default(),
            lots: Lots::default(),
            seq: 0,
            last_at: None,
            history: History::default(),
            scratch: transact::Scratch::default(),
            window: Window::default(),
        }
    }

    /// Begins a batch at a moment later than the last one's. First the holds that have run out by
    /// then end.
    ///
    /// # Errors
    /// [`Refusal::TimestampNotMonotonic`]: no command of the batch may be run.
    pub fn begin(&mut self, at: Timestamp, observer: &mut dyn Observer) -> Result<(), Refusal> {
        if let Some(last) = self.last_at
            && at <= last
        {
            return Err(Refusal::TimestampNotMonotonic { at, last });
        }
        self.last_at = Some(at);
        self.expire(at, observer);
        Ok(())
    }

    /// Runs a piece of the batch that was begun: commands in their canonical form, each refused
    /// for the first reason that [`Ledger::apply`] names. Appends one outcome a command.
    ///
    /// # Errors
    /// When the bytes are no commands; none of the piece was run.
    pub fn run(
        &mut self,
        piece: &[u8],
        observer: &mut dyn Observer,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), CodecError> {
        let mut window = std::mem::take(&mut self.window);
        let read = window.read(piece);
        if read.is_ok() {
            self.look_ahead(&mut window);
            let at = self.last_at.unwrap_or_default();
            for number in 0..window.len() {
                let Some((command, asked)) = window.get(number, piece) else { break };
                let outcome = self.one(at, (command, asked), observer);
                outcomes.push(outcome.unwrap_or_else(Outcome::Refused));
            }
        }
        self.window = window;
        read
    }

    fn one(
        &mut self,
        at: Timestamp,
        (command, asked): (&Command, Asked<'_>),
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Refusal> {
        match command {
            Command::OpenAccount(new) => self.open_account(at, (new, asked), observer),
            Command::SetControls { id, account, controls, reference } => {
                let set = ControlsSet {
                    id: *id,
                    account: *account,
                    controls: *controls,
                    reference: *reference,
                };
                self.set_controls(at, asked, set, observer)
            }
            Command::Settle { id, source, through, reference } => {
                let settled =
                    Settled { id: *id, source: *source, through: *through, reference: *reference };
                self.settle_source(at, asked, settled, observer)
            }
            Command::Transact(transaction) => self.transact(at, (transaction, asked), observer),
            Command::CutDay { closing, opening } => {
                self.cut_day((*closing, *opening), (at, asked), observer)
            }
        }
    }

    /// The receipt of what takes effect now, on the open date.
    fn receipt(&mut self, at: Timestamp, state: TransactionState) -> Receipt {
        self.seq = self.seq.checked_add(1).expect("2^64 effects are out of reach");
        Receipt { seq: self.seq, at, date: self.general.open_date(), state }
    }

    /// What an id that is known answers; `None` for a new one.
    fn known(&self, id: TransactionId, asked: Asked<'_>) -> Result<Option<Outcome>, Refusal> {
        let Some(past) = self.past.get(id) else { return Ok(None) };
        if self.past.command(id) == codec::decode(asked.bytes).ok() {
            Ok(Some(Outcome::Exists(past.receipt)))
        } else {
            Err(Refusal::IdConflict { id })
        }
    }

    fn remember(&mut self, id: TransactionId, asked: Asked<'_>, receipt: Receipt) {
        self.history.add(receipt.at, asked.bytes);
        let record = PastRecord { receipt, resolution: None };
        self.past.put(id, record, asked.number, asked.bytes);
    }

    fn open_account(
        &mut self,
        at: Timestamp,
        (new, asked): (&crate::NewAccount, Asked<'_>),
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Refusal> {
        if let Some(account) = self.accounts.get(new.id) {
            return if account.as_opened() == *new {
                Ok(Outcome::Exists(account.opening_receipt()))
            } else {
                Err(Refusal::AccountExists { account: new.id })
            };
        }
        let code = new.leaf.0;
        let chart = Arc::clone(&self.chart);
        let node = chart.node(new.leaf).ok_or(Refusal::GlCodeUnknown { code })?;
        if !node.leaf {
            return Err(Refusal::GlCodeNotLeaf { code });
        }
        let flags = new.flags;
        if flags.debits_must_not_exceed_credits && flags.credits_must_not_exceed_debits {
            return Err(Refusal::FlagsConflict);
        }
        let cell = self.general.cell((new.leaf, new.asset));
        let receipt = self.receipt(at, TransactionState::Applied);
        let account = Account::open(new, node, cell, receipt).expect("a leaf has a fund");
        self.history.add(at, asked.bytes);
        observer.effect(Effect::AccountOpened { receipt, account: &account });
        self.accounts.push(account);
        Ok(Outcome::Done(receipt))
    }

    fn set_controls(
        &mut self,
        at: Timestamp,
        asked: Asked<'_>,
        set: ControlsSet,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Refusal> {
        let ControlsSet { id, account, controls, reference } = set;
        if let Some(outcome) = self.known(id, asked)? {
            return Ok(outcome);
        }
        let target = self.accounts.get_mut(account).ok_or(Refusal::AccountNotFound { account })?;
        if controls.closed && !target.is_empty() {
            return Err(Refusal::AccountNotEmpty { account });
        }
        target.controls = controls;
        let receipt = self.receipt(at, TransactionState::Applied);
        self.remember(id, asked, receipt);
        observer.effect(Effect::ControlsSet { receipt, id, account, controls, reference });
        Ok(Outcome::Done(receipt))
    }

    fn settle_source(
        &mut self,
        at: Timestamp,
        asked: Asked<'_>,
        settled: Settled,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Refusal> {
        let Settled { id, source, through, reference } = settled;
        if let Some(outcome) = self.known(id, asked)? {
            return Ok(outcome);
        }
        let missing = Refusal::AccountNotFound { account: source };
        let place = self.accounts.place(source).ok_or(missing)?;
        if self.accounts.at(place).lot_role != Some(LotRole::Source) {
            return Err(Refusal::NotASource { account: source });
        }
        let open = self.general.open_date();
        if through >= open {
            return Err(Refusal::ValueDateOpen { date: through, open });
        }
        self.lots.settle(place, through);
        let receipt = self.receipt(at, TransactionState::Applied);
        self.remember(id, asked, receipt);
        observer.effect(Effect::SourceSettled { receipt, id, source, through, reference });
        Ok(Outcome::Done(receipt))
    }

    fn cut_day(
        &mut self,
        (closing, opening): (BusinessDate, BusinessDate),
        (at, asked): (Timestamp, Asked<'_>),
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Refusal> {
        if let Some(cut) = self.cuts.iter().find(|c| c.closing == closing && c.opening == opening) {
            return Ok(Outcome::Exists(cut.receipt));
        }
        self.check_date(Some(closing))?;
        if opening <= closing {
            return Err(Refusal::DateNotAfter { closing, opening });
        }
        let receipt = self.receipt(at, TransactionState::Applied);
        self.history.add(at, asked.bytes);
        self.general.cut(opening);
        self.cuts.push(Cut { closing, opening, receipt });
        observer.effect(Effect::DayCut { receipt, closing, opening });
        Ok(Outcome::Done(receipt))
    }

    fn check_date(&self, date: Option<BusinessDate>) -> Result<(), Refusal> {
        let open = self.general.open_date();
        match date {
            Some(date) if date < open => Err(Refusal::DateClosed { date, open }),
            Some(date) if date > open => Err(Refusal::DateNotOpen { date, open }),
            _ => Ok(()),
        }
    }

    /// Ends the holds that have run out by `at`, the earliest first.
    fn expire(&mut self, at: Timestamp, observer: &mut dyn Observer) {
        while let Some((expires_at, id)) = self.expiries.first().copied()
            && expires_at <= at
        {
            let hold = self.end_hold(id, Resolution::Expired);
            self.release(&hold);
            let receipt = self.receipt(at, TransactionState::Applied);
            self.history.add(at, &id.as_u128().to_be_bytes());
            observer.effect(Effect::HoldExpired { receipt, hold: &hold });
        }
    }

    /// The earliest moment at or after `now` that the next batch may have.
    pub fn next_at(&self, now: Timestamp) -> Timestamp {
        self.last_at.map_or(now, |last| now.max(last.plus_micros(1)))
    }

    /// The moment of the last batch.
    pub fn last_at(&self) -> Option<Timestamp> {
        self.last_at
    }

    /// How many things ever took effect: the sequence number of the last.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The open accounting date.
    pub fn open_date(&self) -> BusinessDate {
        self.general.open_date()
    }

    /// The chart of accounts.
    pub fn chart(&self) -> &Arc<Chart> {
        &self.chart
    }

    /// The account of this id.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// All accounts, in the order they were opened.
    pub fn accounts(&self) -> &[Account] {
        self.accounts.list()
    }

    /// The place of an account among [`Ledger::accounts`].
    pub fn place(&self, id: AccountId) -> Option<u32> {
        self.accounts.place(id).map(accounts::Place::number)
    }

    /// The hold of this id, if it waits.
    pub fn hold(&self, id: TransactionId) -> Option<&Hold> {
        self.holds.get(&id)
    }

    /// All holds that wait, in no order.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.values()
    }

    /// When the next hold runs out: a batch is due by then, be it an empty one.
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.expiries.first().map(|(at, _)| *at)
    }

    /// The memory of ids.
    pub fn memory(&self) -> &P {
        &self.past
    }

    /// The memory of ids alone.
    pub fn into_memory(self) -> P {
        self.past
    }

    /// The memory of ids, to tell it where a piece is kept, or to freeze it.
    pub fn memory_mut(&mut self) -> &mut P {
        &mut self.past
    }

    /// What is remembered of an id.
    pub fn past(&self, id: TransactionId) -> Option<PastRecord> {
        self.past.get(id)
    }

    /// An account's balance by fund state: settled or in transit, free or held.
    pub fn fund_states(&self, account: AccountId) -> Option<FundStates> {
        let place = self.accounts.place(account)?;
        Some(self.lots.states(&self.accounts, place))
    }

    /// Up to which value date a source of lots has settled.
    pub fn settled_through(&self, source: AccountId) -> Option<BusinessDate> {
        self.accounts.place(source).and_then(|place| self.lots.through(place))
    }

    /// An account, and which of its money has arrived.
    pub fn standing(&self, account: AccountId) -> Option<Standing> {
        let place = self.accounts.place(account)?;
        Some(Standing {
            account: self.account(account)?.clone(),
            funds: self.lots.states(&self.accounts, place),
            settled_through: self.lots.through(place),
        })
    }

    /// The corrections of a transaction, in the order they were made. The way back is
    /// [`crate::Transaction::corrects`].
    pub fn corrections(&self, of: TransactionId) -> &[CorrectedBy] {
        self.corrections.of(of)
    }

    /// What a leaf was debited and credited on a date.
    pub fn gl_movement(&self, date: BusinessDate, leaf: GlCode, asset: AssetId) -> Turnover {
        self.general.movement(date, (leaf, asset))
    }

    /// The dates the general ledger knows, oldest first; the last is the open one.
    pub fn dates(&self) -> Vec<BusinessDate> {
        self.general.days().map(|(date, _)| date).collect()
    }

    /// The trial balance of a date; of a date that was never open, the balances carried into it.
    pub fn trial_balance(&self, date: BusinessDate) -> TrialBalance {
        trial::balance(&self.chart, &self.general, date)
    }

    /// Proves the book; reads every account.
    pub fn prove(&self) -> Proofs {
        prove::prove(self)
    }

    /// A hash of everything the book knows: equal books, equal hashes. Reads every account.
    pub fn state_hash(&self) -> [u8; 32] {
        hash::state(self.parts())
    }
}
