//! The bookkeeper's door.

use crate::clerk::{self, MAX_WRITTEN};
use crate::look::{self, Look};
use crate::model::Model;
use crate::opening::{self, Opened};
use crate::past::Unread;
use crate::record;
use crate::scribe::Scribe;
use crate::shared::{Message, Reply, Shared, Submission};
use crate::views::{Entry, Hold, HoldsThen, TransactionView};
use crate::{Error, IndexOptions, MAX_COMMANDS, MAX_SUBMISSION_BYTES, MAX_WAITING, PostError};
use journal::{FileHome, Files, Home, Options, RealFiles};
use ledger::codec::Encoded;
use ledger::{
    Account, Chart, Command, FundStates, GlCode, Outcome, Owner, Proofs, Receipt, Standing,
    Transaction, TrialBalance, Turnover,
};
use money::AssetId;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError, RwLockReadGuard};
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use types::{AccountId, BusinessDate, Clock, OrderId, Timestamp, TransactionId};

/// Where a book is, and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Its directory; made if missing. One process at a time.
    pub dir: PathBuf,
    /// The first accounting date of a new book; a book that exists knows its own.
    pub open_date: BusinessDate,
}

/// What a book is kept on.
#[derive(Clone)]
pub struct Storage {
    /// The operating system's files, or others.
    pub files: Arc<dyn Files>,
    /// Where the journal is, if not in files of the book's own directory.
    pub journal: Option<Arc<dyn Home>>,
    /// How long a new segment file of the journal is, in bytes.
    pub segment_bytes: u64,
    /// How the index of the past is kept; how many lists it has is the book's own business.
    pub index: IndexOptions,
    /// A checkpoint is worth its writing when the journal behind the last one has this many times
    /// the bytes of the book's state: with 4, a quarter is written on top of the journal at most,
    /// and an opening reads at most that much journal and what is in memory.
    pub states_of_journal: u64,
}

impl Default for Storage {
    /// The operating system's files, segments of the journal's own length.
    fn default() -> Self {
        let segment_bytes = Options::new(record::KIND).segment_bytes;
        let index = IndexOptions::new(0);
        let files = Arc::new(RealFiles);
        Self { files, journal: None, segment_bytes, index, states_of_journal: 4 }
    }
}

impl Storage {
    /// Where the journal of the book in this directory is.
    pub(crate) fn home(&self, dir: &Path) -> Arc<dyn Home> {
        if let Some(home) = &self.journal {
            return Arc::clone(home);
        }
        let options = Options { segment_bytes: self.segment_bytes, ..Options::new(record::KIND) };
        Arc::new(FileHome::new(Arc::clone(&self.files), dir, options))
    }
}

/// A handle on the book; clones are the same book. The last one that is dropped closes it,
/// waiting for what was submitted.
#[derive(Clone)]
pub struct Bookkeeper {
    desk: Arc<Desk>,
}

struct Desk {
    shared: Arc<Shared>,
    queue: SyncSender<Message>,
    scribe: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.close();
    }
}

impl Desk {
    fn close(&self) {
        // A scribe that has ended takes no message and needs none.
        drop(self.queue.send(Message::Close));
        let scribe = self.scribe.lock().unwrap_or_else(PoisonError::into_inner).take();
        if scribe.is_some_and(|scribe| scribe.join().is_err()) {
            tracing::error!("the scribe of the book ended by a panic");
        }
    }
}

/// Opening and writing.
impl Bookkeeper {
    /// Opens the book: replays its journal, starts its threads, and opens the house's accounts
    /// that the chart names and the book lacks. Reads the whole journal: call it where waiting
    /// is allowed.
    ///
    /// # Errors
    /// [`Error::Journal`] (`journal_locked`, `journal_corrupt`, ...), [`Error::Unreadable`],
    /// [`Error::Diverged`], [`Error::HouseAccount`].
    pub fn open(
        config: Config,
        chart: impl Into<Arc<Chart>>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        Self::open_on(Storage::default(), config, chart, clock)
    }

    /// As [`Bookkeeper::open`], on another storage than the default.
    pub fn open_on(
        storage: Storage,
        config: Config,
        chart: impl Into<Arc<Chart>>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let Config { dir, open_date } = config;
        let chart = chart.into();
        let opened = opening::open(storage, &dir, Arc::clone(&chart), open_date)?;
        let book = Self::start(opened, clock)?;
        book.open_house_accounts(&chart)?;
        Ok(book)
    }

    fn start(opened: Opened, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let Opened { model, journal, mark, folder } = opened;
        let last_at = model.ledger.last_at();
        let shared = Arc::new(Shared::new(model, mark));
        let (queue, waiting) = mpsc::sync_channel(MAX_WAITING);
        let (written, work) = mpsc::sync_channel(MAX_WRITTEN);
        let book = Arc::clone(&shared);
        let clerk = thread("clerk", move || clerk::run(&book, &work))?;
        let scribe = Scribe {
            shared: Arc::clone(&shared),
            journal,
            folder,
            clock,
            queue: waiting,
            last_at,
            clerk: (written, clerk),
        };
        let scribe = thread("scribe", move || scribe.run())?;
        Ok(Self { desk: Arc::new(Desk { shared, queue, scribe: Mutex::new(Some(scribe)) }) })
    }

    fn open_house_accounts(&self, chart: &Chart) -> Result<(), Error> {
        let mut missing = chart.house_accounts();
        missing.retain(|account| self.account(account.id).is_none());
        if missing.is_empty() {
            return Ok(());
        }
        let leaves: Vec<u32> = missing.iter().map(|account| account.leaf.0).collect();
        let commands = missing.into_iter().map(Command::OpenAccount).collect();
        for (outcome, leaf) in self.submit_blocking(commands)?.into_iter().zip(leaves) {
            outcome.receipt().map_err(|refusal| Error::HouseAccount { leaf, refusal })?;
        }
        Ok(())
    }

    /// Hands in commands, to be applied one after another with nobody else's between; the future
    /// gives one outcome each, once they are on the disk. They are taken at the call, not when
    /// the future is first polled, and dropping the future takes nothing back.
    ///
    /// # Errors
    /// [`Error::Overloaded`] and [`Error::TooLarge`]: nothing was taken. [`Error::Stopped`]: see
    /// there.
    #[expect(clippy::needless_pass_by_value, reason = "what is handed in is given away")]
    pub fn submit(
        &self,
        commands: Vec<Command>,
    ) -> impl Future<Output = Result<Vec<Outcome>, Error>> + Send + use<> {
        self.hand_in(encode(&commands))
    }

    /// As [`Bookkeeper::submit`], of commands in their canonical form.
    pub fn submit_encoded(
        &self,
        commands: Encoded,
    ) -> impl Future<Output = Result<Vec<Outcome>, Error>> + Send + use<> {
        self.hand_in(check(commands))
    }

    fn hand_in(
        &self,
        commands: Result<Encoded, Error>,
    ) -> impl Future<Output = Result<Vec<Outcome>, Error>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        let taken = commands.and_then(|commands| {
            let submission = Submission { commands, reply: Reply::Future(reply) };
            let weight = submission.weight();
            self.desk.shared.gate.try_enter(weight)?;
            self.desk.queue.try_send(Message::Submit(submission)).map_err(|error| {
                self.desk.shared.gate.leave(weight);
                match error {
                    TrySendError::Full(_) => {
                        Error::Overloaded { limit: MAX_WAITING, what: "submissions" }
                    }
                    TrySendError::Disconnected(_) => self.ended(),
                }
            })
        });
        let desk = Arc::downgrade(&self.desk);
        async move {
            taken?;
            // Without an answer the threads have ended, and may have said why.
            answer.await.unwrap_or_else(|_| {
                let failure = desk.upgrade().and_then(|desk| desk.shared.failure());
                Err(failure.unwrap_or_else(unexplained))
            })
        }
    }

    /// As [`Bookkeeper::submit`], waiting on the spot - for a place in the queue too, so it is
    /// never overloaded. Not for async code.
    #[expect(clippy::needless_pass_by_value, reason = "what is handed in is given away")]
    pub fn submit_blocking(&self, commands: Vec<Command>) -> Result<Vec<Outcome>, Error> {
        self.wait_for(encode(&commands)?)
    }

    /// As [`Bookkeeper::submit_blocking`], of commands in their canonical form.
    pub fn submit_encoded_blocking(&self, commands: Encoded) -> Result<Vec<Outcome>, Error> {
        self.wait_for(check(commands)?)
    }

    fn wait_for(&self, commands: Encoded) -> Result<Vec<Outcome>, Error> {
        let (reply, answer) = mpsc::sync_channel(1);
        let submission = Submission { commands, reply: Reply::Blocking(reply) };
        self.desk.shared.gate.enter(submission.weight());
        self.desk.queue.send(Message::Submit(submission)).map_err(|unsent| {
            if let Message::Submit(submission) = unsent.0 {
                self.desk.shared.gate.leave(submission.weight());
            }
            self.ended()
        })?;
        answer.recv().unwrap_or_else(|_| Err(self.ended()))
    }

    /// Posts one transaction; one that is in the book already with the same content counts as
    /// posted, and gives its first receipt.
    pub async fn post(&self, transaction: Transaction) -> Result<Receipt, PostError> {
        only(self.submit(vec![Command::Transact(transaction)]).await?)
    }

    /// As [`Bookkeeper::post`], waiting on the spot.
    pub fn post_blocking(&self, transaction: Transaction) -> Result<Receipt, PostError> {
        only(self.submit_blocking(vec![Command::Transact(transaction)])?)
    }

    /// Writes what was submitted before, seals the journal and gives the directory free; every
    /// later submission is refused. The last handle does the same when it is dropped.
    pub fn close(&self) {
        self.desk.close();
    }

    /// Whether commands are taken.
    pub fn standing(&self) -> Result<(), Error> {
        self.desk.shared.failure().map_or(Ok(()), Err)
    }

    fn ended(&self) -> Error {
        self.desk.shared.failure().unwrap_or_else(unexplained)
    }
}

/// Reading. Every call sees the book between two batches.
///
/// What reads the past reads files, and gives [`Error::Index`] or [`Error::Journal`] where one of
/// them cannot be read. One that turns out damaged stops the book ([`Bookkeeper::standing`]): open
/// it again, and a damaged index is built anew.
impl Bookkeeper {
    fn model(&self) -> RwLockReadGuard<'_, Model> {
        look::still(&self.desk.shared.model)
    }

    /// Asks the past.
    ///
    /// A file of its index may turn out damaged after it was opened. Then there is no answer, and
    /// none is made up: the book stands still, and its next opening builds the index anew.
    fn read<T>(&self, ask: impl FnOnce(&Look<'_>) -> Result<T, Unread>) -> Result<T, Error> {
        let shared = &self.desk.shared;
        ask(&Look::new(&shared.model)).map_err(|error| shared.unread(error))
    }

    /// An account as it stands.
    pub fn account(&self, id: AccountId) -> Option<Account> {
        self.model().ledger.account(id).cloned()
    }

    /// Many accounts as they stand at one moment, in the order asked for.
    pub fn accounts(&self, ids: &[AccountId]) -> Vec<Option<Account>> {
        let model = self.model();
        ids.iter().map(|id| model.ledger.account(*id).cloned()).collect()
    }

    /// Many accounts as they stand at one moment, with which of their money has arrived, in the
    /// order asked for.
    pub fn standings(&self, ids: &[AccountId]) -> Vec<Option<Standing>> {
        let model = self.model();
        ids.iter().map(|id| model.ledger.standing(*id)).collect()
    }

    /// An account's balance by fund state: settled or in transit, free or held.
    pub fn fund_states(&self, id: AccountId) -> Option<FundStates> {
        self.model().ledger.fund_states(id)
    }

    /// Up to which value date what entered through an account has arrived.
    pub fn settled_through(&self, source: AccountId) -> Option<BusinessDate> {
        self.model().ledger.settled_through(source)
    }

    /// The accounts on a leaf, in the order they were opened.
    pub fn accounts_of_leaf(&self, leaf: GlCode) -> Result<Vec<Account>, Error> {
        self.read(|past| past.of_leaf(leaf))
    }

    /// The accounts of an owner, in the order they were opened.
    pub fn accounts_of(&self, owner: Owner) -> Result<Vec<Account>, Error> {
        self.read(|past| past.of_owner(owner))
    }

    /// The entries of an account with their running balance, oldest first, behind the entry with
    /// seq `after`; none for an account that keeps no history.
    pub fn entries(
        &self,
        account: AccountId,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        self.read(|past| past.entries(account, after, limit))
    }

    /// The entries of an account, newest first, before the entry with seq `before`.
    pub fn latest_entries(
        &self,
        account: AccountId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Entry>, Error> {
        self.read(|past| past.latest_entries(account, before, limit))
    }

    /// The balance an account had at a past moment, on its normal side; `None` if it was not
    /// open then or keeps no history.
    pub fn balance_at(&self, account: AccountId, at: Timestamp) -> Result<Option<i128>, Error> {
        let known = self.account(account);
        if known.is_none_or(|known| at < known.opened_at || !known.flags.history) {
            return Ok(None);
        }
        self.read(|past| past.balance_at(account, at)).map(Some)
    }

    /// A transaction and where it stands.
    pub fn transaction(&self, id: TransactionId) -> Result<Option<TransactionView>, Error> {
        self.read(|past| past.transaction(id))
    }

    /// The transactions of an order, in the order they took effect; those that end its holds
    /// among them.
    pub fn transactions_of(&self, order: OrderId) -> Result<Vec<TransactionView>, Error> {
        self.read(|past| past.transactions_of(order))
    }

    /// All transactions in the order they took effect, behind the one with seq `after`.
    pub fn transactions(
        &self,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<TransactionView>, Error> {
        self.read(|past| past.transactions(after, limit))
    }

    /// The holds on an account, of which they set something aside or which they promise something,
    /// newest first: all that wait, then the last hundred that have ended.
    pub fn holds(&self, account: AccountId) -> Result<Vec<Hold>, Error> {
        self.read(|past| past.holds(account))
    }

    /// The holds on an account that waited at a past moment. Looks at no more than `limit` of those
    /// made by then, newest first, beginning before the one that an earlier page names as `next`.
    pub fn holds_at(
        &self,
        account: AccountId,
        at: Timestamp,
        before: Option<u64>,
        limit: usize,
    ) -> Result<HoldsThen, Error> {
        self.read(|past| past.holds_at(account, at, before, limit))
    }

    /// The open accounting date.
    pub fn open_date(&self) -> BusinessDate {
        self.model().ledger.open_date()
    }

    /// The accounting dates the book knows, oldest first; the last is the open one.
    pub fn dates(&self) -> Vec<BusinessDate> {
        self.model().ledger.dates()
    }

    /// The first number of what took effect under an id on this date or a later one.
    pub fn first_seq_from(&self, date: BusinessDate) -> Option<u64> {
        let model = self.model();
        let days = &model.ledger.memory().days;
        days.iter().find(|(_, day)| *day >= date).map(|(seq, _)| *seq)
    }

    /// The trial balance of a date.
    pub fn trial_balance(&self, date: BusinessDate) -> TrialBalance {
        self.model().ledger.trial_balance(date)
    }

    /// What a leaf was debited and credited on a date.
    pub fn gl_movement(&self, date: BusinessDate, leaf: GlCode, asset: AssetId) -> Turnover {
        self.model().ledger.gl_movement(date, leaf, asset)
    }

    /// Proves the book as it stands. Takes time in proportion to the accounts, and the writer
    /// waits for it.
    pub fn prove(&self) -> Proofs {
        self.model().ledger.prove()
    }

    /// The moment of what last took effect; `None` for a book in which nothing has.
    pub fn last_at(&self) -> Option<Timestamp> {
        self.model().ledger.last_at()
    }

    /// The sequence number of what last took effect.
    pub fn seq(&self) -> u64 {
        self.model().ledger.seq()
    }

    /// The hash of everything the book knows; see [`crate::verify()`].
    pub fn state_hash(&self) -> [u8; 32] {
        self.model().ledger.state_hash()
    }

    /// The chart of accounts.
    pub fn chart(&self) -> Arc<Chart> {
        Arc::clone(self.model().ledger.chart())
    }
}

impl std::fmt::Debug for Bookkeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bookkeeper").field("seq", &self.seq()).finish_non_exhaustive()
    }
}

fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run);
    thread.map_err(|e| Error::Stopped { reason: format!("no thread for its {name}: {e}") })
}

fn too_large(what: &'static str, found: usize, limit: usize) -> Error {
    Error::TooLarge { what, found, limit }
}

fn encode(commands: &[Command]) -> Result<Encoded, Error> {
    if commands.len() > MAX_COMMANDS {
        return Err(too_large("commands", commands.len(), MAX_COMMANDS));
    }
    // A list past its bound is cut when it is encoded, so it is weighed before.
    let postings = commands.iter().map(|command| match command {
        Command::Transact(transaction) => transaction.postings.len(),
        _ => 0,
    });
    let least = postings.fold(0usize, |sum, count| sum.saturating_add(count.saturating_mul(34)));
    if least > MAX_SUBMISSION_BYTES {
        return Err(too_large("bytes", least, MAX_SUBMISSION_BYTES));
    }
    check(Encoded::of(commands))
}

fn check(commands: Encoded) -> Result<Encoded, Error> {
    let (count, bytes) = (commands.len(), commands.bytes().len());
    if count > MAX_COMMANDS {
        return Err(too_large("commands", count, MAX_COMMANDS));
    }
    if bytes > MAX_SUBMISSION_BYTES {
        return Err(too_large("bytes", bytes, MAX_SUBMISSION_BYTES));
    }
    Ok(commands)
}

fn only(outcomes: Vec<Outcome>) -> Result<Receipt, PostError> {
    let Some(outcome) = outcomes.into_iter().next() else { return Err(unexplained().into()) };
    outcome.receipt().map_err(PostError::Refused)
}

fn unexplained() -> Error {
    Error::Stopped { reason: "its threads have ended".to_owned() }
}
