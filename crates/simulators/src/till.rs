//! The simulator's memory: every trade it decided and every day it closed, each written to the
//! log before anybody is told.

use crate::config::SimulatorConfig;
use crate::error::file_error;
use crate::fate::{self, Fate, Manner};
use crate::record::{Closed, KIND, Record};
use crate::statement::{self, Statement};
use crate::trade::{Original, Trade, TradeKind, Wish, channel_no};
use crate::{Error, SimulatorKind};
use channels::Differences;
use journal::{Durability, FileJournal, Journal as _, Options, RealFiles, VisitError};
use money::Amount;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use types::{BusinessDate, Timestamp};

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Done {
    /// It is this trade; the manner says how to tell.
    Decided(Arc<Trade>, Manner),
    /// Its number names another trade.
    Conflict,
    /// This channel does not offer it.
    Unsupported,
    /// It stumbled before any work.
    Stumbled,
}

/// What became of a wish to close a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Closing {
    /// It is closed, now or since an earlier equal wish.
    Closed(Differences),
    /// It was closed with other differences.
    Conflict,
}

/// The simulator's memory.
pub(crate) struct Till {
    config: SimulatorConfig,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// None once stopped.
    journal: Option<FileJournal>,
    trades: HashMap<String, Arc<Trade>>,
    days: BTreeMap<BusinessDate, Vec<Arc<Trade>>>,
    /// How much of a trade was given back.
    refunded: HashMap<String, Amount>,
    closed: BTreeMap<BusinessDate, Closed>,
    /// Numbers that got their one 500 since the start.
    stumbled: HashSet<String>,
}

impl Till {
    /// Opens the memory kept in the set-up's directory.
    pub(crate) fn open(config: SimulatorConfig) -> Result<Self, Error> {
        let mut state = State::default();
        let options = Options { durability: Durability::Buffered, ..Options::new(KIND) };
        let (journal, _) = FileJournal::open(
            Arc::new(RealFiles),
            &config.dir.join("trades"),
            options,
            &mut |batch| {
                for record in batch.records() {
                    let record = serde_json::from_slice(record).map_err(VisitError::from)?;
                    state.learn(record)?;
                }
                Ok(())
            },
        )?;
        state.journal = Some(journal);
        Ok(Self { config, state: Mutex::new(state) })
    }

    /// The set-up.
    pub(crate) fn config(&self) -> &SimulatorConfig {
        &self.config
    }

    /// Does what is wished, once for each number.
    pub(crate) fn wish(&self, wish: &Wish) -> Result<Done, Error> {
        let fate = fate::of(self.config.seed, &self.config.faults, &wish.no);
        self.with(|state| {
            if let Some(trade) = state.trades.get(&wish.no) {
                let same = trade.is_of(wish);
                let known = Done::Decided(Arc::clone(trade), Manner::Prompt);
                return Ok(if same { known } else { Done::Conflict });
            }
            if wish.kind == TradeKind::Payout && self.config.kind == SimulatorKind::Wallet {
                return Ok(Done::Unsupported);
            }
            if fate.manner == Manner::ErrorFirst && state.stumbled.insert(wish.no.clone()) {
                return Ok(Done::Stumbled);
            }
            let trade = self.decide(state, wish, fate)?;
            state.keep(Record::Trade(trade))?;
            let trade = state.trades.get(&wish.no).ok_or(Error::Stopped)?;
            Ok(Done::Decided(Arc::clone(trade), fate.manner))
        })
    }

    /// The trade of this number, if it was ever accepted.
    pub(crate) fn find(&self, no: &str) -> Option<Arc<Trade>> {
        self.lock().trades.get(no).cloned()
    }

    /// Ends a day: plants differences, writes the statement, remembers the sums.
    pub(crate) fn close(&self, date: BusinessDate, asked: Differences) -> Result<Closing, Error> {
        self.with(|state| {
            if let Some(closed) = state.closed.get(&date) {
                let same = closed.asked == asked;
                return Ok(if same { Closing::Closed(closed.planted) } else { Closing::Conflict });
            }
            let trades = state.days.get(&date).map(Vec::as_slice).unwrap_or_default();
            let refunded = |no: &str| state.refunded.contains_key(no);
            let Statement { name, bytes, planted, settlement } =
                statement::make(&self.config, date, trades, &refunded, asked)?;
            write_whole(&self.statements(), &name, &bytes)?;
            let hash = blake3::hash(&bytes).to_hex().to_string();
            state.keep(Record::Closed(Closed { date, asked, planted, settlement, name, hash }))?;
            Ok(Closing::Closed(planted))
        })
    }

    /// A closed day.
    pub(crate) fn closed(&self, date: BusinessDate) -> Option<Closed> {
        self.lock().closed.get(&date).cloned()
    }

    /// The statement of a closed day, byte for byte as it was written.
    pub(crate) fn statement(&self, closed: &Closed) -> Result<Vec<u8>, Error> {
        let path = self.statements().join(&closed.name);
        let bytes = std::fs::read(&path).map_err(file_error("read", &path))?;
        if blake3::hash(&bytes).to_hex().as_str() == closed.hash {
            Ok(bytes)
        } else {
            Err(Error::Damaged(path))
        }
    }

    /// Seals the log and gives the directory free; every later wish is refused.
    pub(crate) fn stop(&self) -> Result<(), Error> {
        match self.lock().journal.take() {
            Some(journal) => Ok(journal.close()?),
            None => Ok(()),
        }
    }

    fn statements(&self) -> PathBuf {
        self.config.dir.join("statements")
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic in a handler leaves whole facts behind: each is learnt after it was written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, f: impl FnOnce(&mut State) -> Result<T, Error>) -> Result<T, Error> {
        f(&mut self.lock())
    }

    /// The trade that a new wish becomes.
    fn decide(&self, state: &State, wish: &Wish, fate: Fate) -> Result<Trade, Error> {
        let original = wish.original.as_ref().and_then(|no| state.trades.get(no));
        let failure = match wish.kind {
            TradeKind::Refund => refund_failure(state, original.map(Arc::as_ref), wish),
            TradeKind::Pay | TradeKind::Topup => fate.declined.then_some("insufficient_funds"),
            TradeKind::Payout => fate.declined.then_some("account_refused"),
        };
        // Kept to the millisecond, as the log has it.
        let at = Timestamp::from_millis(wish.at.as_millis());
        let statement_date = state.first_open_day(at.date());
        let finished_at = self.finish(at, statement_date, fate, &wish.no);
        let fee = match wish.kind {
            _ if failure.is_some() => Amount::ZERO,
            TradeKind::Pay | TradeKind::Topup => self.config.cost.fee(wish.amount)?,
            TradeKind::Refund => self.config.cost.returned(wish.amount)?,
            TradeKind::Payout => Amount::ZERO,
        };
        let (kind, seed) = (self.config.kind, self.config.seed);
        let of = |get: fn(&Trade) -> &String, own: &String| {
            original.map_or_else(|| own.clone(), |trade| get(trade).clone())
        };
        Ok(Trade {
            no: wish.no.clone(),
            kind: wish.kind,
            amount: wish.amount,
            token: of(|t| &t.token, &wish.token),
            merchant_no: of(|t| &t.merchant_no, &wish.merchant_no),
            subject: of(|t| &t.subject, &wish.subject),
            original: wish.original.as_ref().map(|no| Original {
                no: no.clone(),
                channel_no: original.map(|t| t.channel_no.clone()).unwrap_or_default(),
            }),
            channel_no: channel_no(kind, seed, wish.kind, &wish.no, at.date()),
            failure: failure.map(str::to_owned),
            finished_at,
            statement_date,
            fee,
        })
    }

    /// When a trade is done: at its own moment, some seconds later if it is processed for a while,
    /// and never outside of the day whose statement has it.
    fn finish(&self, at: Timestamp, day: BusinessDate, fate: Fate, no: &str) -> Timestamp {
        let seconds = match fate.manner {
            Manner::Processing => {
                let mut chance = crate::chance::Chance::of(self.config.seed, &["finish", no]);
                i64::try_from(chance.below(9)).unwrap_or_default().saturating_add(1)
            }
            _ => 0,
        };
        let last = day.next().start().plus_seconds(-1);
        at.plus_seconds(seconds).max(day.start()).min(last.max(at))
    }
}

fn refund_failure(state: &State, original: Option<&Trade>, wish: &Wish) -> Option<&'static str> {
    let Some(original) = original.filter(|t| t.succeeded() && t.is_payment()) else {
        return Some("original_not_refundable");
    };
    let given = state.refunded.get(&original.no).copied().unwrap_or_default();
    match given.plus(wish.amount) {
        Ok(sum) if sum <= original.amount => None,
        _ => Some("refund_exceeds_payment"),
    }
}

impl State {
    /// The first day from this one on that is not closed yet: what comes late is on the next
    /// statement.
    fn first_open_day(&self, date: BusinessDate) -> BusinessDate {
        let mut date = date;
        while self.closed.contains_key(&date) {
            date = date.next();
        }
        date
    }

    /// Writes a fact to the log, then learns it.
    fn keep(&mut self, record: Record) -> Result<(), Error> {
        let bytes = serde_json::to_vec(&record)?;
        let journal = self.journal.as_mut().ok_or(Error::Stopped)?;
        journal.append(&[&bytes])?;
        self.learn(record)?;
        Ok(())
    }

    fn learn(&mut self, record: Record) -> Result<(), money::MoneyError> {
        match record {
            Record::Closed(closed) => {
                self.closed.insert(closed.date, closed);
            }
            Record::Trade(trade) => {
                if let Some(original) = trade.original.as_ref().filter(|_| trade.succeeded()) {
                    let given = self.refunded.entry(original.no.clone()).or_default();
                    *given = given.plus(trade.amount)?;
                }
                let trade = Arc::new(trade);
                if trade.is_on_statement() {
                    self.days.entry(trade.statement_date).or_default().push(Arc::clone(&trade));
                }
                self.trades.insert(trade.no.clone(), trade);
            }
        }
        Ok(())
    }
}

/// Writes a file so that it is there whole or not at all.
fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    use std::io::Write;
    std::fs::create_dir_all(dir).map_err(file_error("make", dir))?;
    let (path, draft) = (dir.join(name), dir.join(format!("{name}.new")));
    let mut file = std::fs::File::create(&draft).map_err(file_error("make", &draft))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(file_error("write", &draft))?;
    std::fs::rename(&draft, &path).map_err(file_error("rename", &path))?;
    std::fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(file_error("sync", dir))
}
