//! The door: open, judge, record, read, lists, reload.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use records::{Records, audit};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use types::{BusinessDate, Clock, DecisionId, OrderId, Text, Timestamp};

use crate::catalog::Cell;
use crate::files::{Files, RuleBook, Source};
use crate::judge::{Facts, judge};
use crate::lists::Lists;
use crate::stopwatch::{Monotonic, Stopwatch};
use crate::windows::{Held, Moment, Windows};
use crate::{Decision, Error, Event, ListEntry, Listed, Outcome, store};

/// Rows of one read when the windows are filled.
const PAGE: u64 = 2_000;
/// Most rows a caller gets at once.
const LONGEST_PAGE: u64 = 500;

/// The day's decisions in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Let pass.
    pub accepted: u64,
    /// Asked for further factors.
    pub step_up: u64,
    /// Held for a person.
    pub review: u64,
    /// Refused.
    pub rejected: u64,
    /// Answered by the fallback (counted above as well).
    pub fallback: u64,
    /// How often each rule hit, most often first.
    pub hits: Vec<(String, u64)>,
}

/// Risk control of one institution. Cloning shares it.
#[derive(Clone)]
pub struct Risk(Arc<Inner>);

struct Inner {
    records: Records,
    clock: Arc<dyn Clock>,
    stopwatch: Arc<dyn Stopwatch>,
    lists: Lists,
    engine: RwLock<Engine>,
    /// One change of rules or lists at a time, so that memory follows the records in their order.
    changing: tokio::sync::Mutex<()>,
    fallbacks: AtomicU64,
}

/// What is swapped when rules are reloaded.
#[derive(Clone)]
struct Engine {
    book: Arc<RuleBook>,
    windows: Arc<Windows>,
}

impl Engine {
    /// Adds the event to the windows and measures.
    fn observe(
        &self,
        event: &Event,
        id: DecisionId,
        cells: &[Option<Cell<'_>>],
    ) -> Vec<Option<i64>> {
        let kind = self.book.declarations.kind_bit(&event.kind).unwrap_or_default();
        // The lower half of an id is digest: it tells events of one moment apart.
        let id = u64::try_from(id.as_u128() & u128::from(u64::MAX)).unwrap_or_default();
        let moment = Moment { at: event.at.as_micros(), id, kind, cells };
        self.windows.observe(&moment, &self.book.declarations.features)
    }

    /// Fills the windows from the stored events that can still matter.
    async fn warm(&self, db: &DatabaseConnection) -> Result<u64, Error> {
        let Some(newest) = store::newest_moment(db).await? else { return Ok(0) };
        let mut from = store::first_of(newest.plus_micros(-self.windows.reach()));
        let mut events = 0u64;
        loop {
            let page = store::after(db, from, PAGE).await?;
            for (id, event) in &page {
                self.observe(event, *id, &self.book.declarations.catalog.read(event));
                from = *id;
                events = events.saturating_add(1);
            }
            if u64::try_from(page.len()).unwrap_or(u64::MAX) < PAGE {
                return Ok(events);
            }
        }
    }
}

impl Risk {
    /// Opens risk control: reads the files and the lists, and fills the windows from the events
    /// that are stored.
    ///
    /// # Errors
    /// [`Error::File`] if a file is refused, [`Error::Records`].
    pub async fn open(
        records: Records,
        files: Files<'_>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        Self::open_with(records, files, clock, Arc::new(Monotonic(Instant::now()))).await
    }

    /// The same with another stopwatch, such as [`Standing`].
    pub async fn open_with(
        records: Records,
        files: Files<'_>,
        clock: Arc<dyn Clock>,
        stopwatch: Arc<dyn Stopwatch>,
    ) -> Result<Self, Error> {
        let book = files.compile()?;
        let windows = Windows::new(&book.declarations.spaces, book.declarations.limits);
        let engine = Engine { book: Arc::new(book), windows: Arc::new(windows) };
        let inner = Inner {
            records,
            clock,
            stopwatch,
            lists: Lists::default(),
            engine: RwLock::new(engine),
            changing: tokio::sync::Mutex::new(()),
            fallbacks: AtomicU64::new(0),
        };
        let risk = Self(Arc::new(inner));
        risk.keep(files).await?;
        risk.load_lists().await?;
        risk.warm().await?;
        Ok(risk)
    }

    /// Judges an event and adds it to the windows. Never fails, never waits for I/O.
    ///
    /// The same event again (same kind, order and moment) is counted once. What is judged and
    /// never recorded is forgotten at the next start.
    pub fn judge(&self, event: &Event) -> Decision {
        let inner = &self.0;
        let started = inner.stopwatch.micros();
        let spent = || inner.stopwatch.micros().saturating_sub(started);
        let engine = self.engine();
        let declarations = &engine.book.declarations;
        let cells = declarations.catalog.read(event);
        let features = engine.observe(event, event.decision_id(), &cells);
        let listed = inner.lists.of(&declarations.catalog, &cells, event.at);
        let facts = Facts { event, cells: &cells, features: &features, listed };
        let mut decision = judge(&engine.book, facts, || spent() > declarations.deadline_micros);
        decision.micros = spent();
        if decision.fallback {
            inner.fallbacks.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(decision = %decision.id, kind = %event.kind, micros = decision.micros,
                "the fallback answered");
        }
        decision
    }

    /// Writes a decision in the caller's unit. Again with the same id: the first stays.
    pub async fn record<C: ConnectionTrait>(
        &self,
        txn: &C,
        decision: &Decision,
    ) -> Result<(), records::Error> {
        store::insert(txn, std::slice::from_ref(decision)).await
    }

    /// Writes many decisions in the caller's unit.
    pub async fn record_many<C: ConnectionTrait>(
        &self,
        txn: &C,
        decisions: &[Decision],
    ) -> Result<(), records::Error> {
        store::insert(txn, decisions).await
    }

    /// The decision of this id.
    pub async fn decision(&self, id: DecisionId) -> Result<Option<Decision>, Error> {
        Ok(store::by_id(self.db(), id).await?)
    }

    /// The first decision on this order.
    pub async fn decision_of_order(&self, order: OrderId) -> Result<Option<Decision>, Error> {
        Ok(store::by_order(self.db(), order).await?)
    }

    /// The newest decisions before `before` (all if `None`), newest first, of one outcome if
    /// named; at most 500.
    pub async fn recent(
        &self,
        outcome: Option<Outcome>,
        before: Option<DecisionId>,
        limit: u64,
    ) -> Result<Vec<Decision>, Error> {
        Ok(store::recent(self.db(), outcome, before, limit.min(LONGEST_PAGE)).await?)
    }

    /// The decisions on the events of one natural date (Asia/Shanghai) in numbers.
    pub async fn stats(&self, date: BusinessDate) -> Result<Stats, Error> {
        Ok(store::stats(self.db(), date).await?)
    }

    /// Judges a stored decision's event again, by the rules of then, with the features and lists
    /// of then: what comes out is what was decided (unless a fallback answered).
    ///
    /// # Errors
    /// [`Error::Records`] if the rule set it was judged by is not kept.
    pub async fn replay(&self, decision: &Decision) -> Result<Decision, Error> {
        let kept = store::find_ruleset(self.db(), &decision.version).await?;
        let (features, rules) = kept.ok_or_else(|| records::Error::Corrupt {
            table: "risk_ruleset",
            reason: format!("version {} is not kept", decision.version),
        })?;
        let book = Files {
            features: Source { file: "features.toml", text: &features },
            rules: Source { file: "rules.toml", text: &rules },
        }
        .compile()?;
        let value = |f: &crate::files::Feature| decision.features.get(&f.name).copied();
        let features: Vec<_> = book.declarations.features.iter().map(value).collect();
        let cells = book.declarations.catalog.read(&decision.event);
        let listed = decision.listed.clone();
        let facts = Facts { event: &decision.event, cells: &cells, features: &features, listed };
        let mut again = judge(&book, facts, || false);
        again.micros = decision.micros;
        Ok(again)
    }

    /// Puts an entry on a list (replacing the entry on the same value) in a unit of its own, with
    /// a line in the audit log. It is in force when this returns.
    ///
    /// # Errors
    /// [`Error::ListEntry`] for a value out of bounds, [`Error::Records`].
    pub async fn list(&self, entry: ListEntry) -> Result<(), Error> {
        entry.check()?;
        let _one = self.0.changing.lock().await;
        let stored = entry.clone();
        let unit = self.0.records.write::<(), records::Error, _>(move |txn| {
            Box::pin(async move {
                let before = store::put_entry(txn, &stored).await?;
                let subject = format!("{}:{}", stored.listed.code(), stored.value);
                let (old, new) = (before.as_ref().map(to_json), to_json(&stored));
                let now = stored.created_at;
                let source = stored.source.as_str();
                audit::append(txn, source, "risk.list", &subject, old.as_ref(), Some(&new), now)
                    .await?;
                Ok(())
            })
        });
        unit.await?;
        self.0.lists.put(&entry);
        Ok(())
    }

    /// Takes an entry off its list; false if there was none.
    pub async fn unlist(
        &self,
        listed: Listed,
        value: &str,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let (key, actor) = (value.to_owned(), actor.to_owned());
        let _one = self.0.changing.lock().await;
        let unit = self.0.records.write::<bool, records::Error, _>(move |txn| {
            Box::pin(async move {
                let before = store::delete_entry(txn, listed, &key).await?;
                let Some(before) = before else { return Ok(false) };
                let subject = format!("{}:{key}", listed.code());
                let old = to_json(&before);
                audit::append(txn, &actor, "risk.unlist", &subject, Some(&old), None, now).await?;
                Ok(true)
            })
        });
        let removed = unit.await?;
        self.0.lists.take(listed, value);
        Ok(removed)
    }

    /// Writes, in the caller's unit, that what stands on a list under one value stands there under
    /// another too; hand what it returns to [`Risk::take_up`] once the unit is committed.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn copy_entry<C: ConnectionTrait>(
        &self,
        txn: &C,
        listed: Listed,
        from: &str,
        to: &str,
        actor: &str,
        now: Timestamp,
    ) -> Result<Option<ListEntry>, records::Error> {
        let Some(entry) = store::entry(txn, listed, from).await? else { return Ok(None) };
        let entry = ListEntry { value: to.to_owned(), created_at: now, ..entry };
        if entry.expires_at.is_some_and(|end| end <= now) {
            return Ok(None);
        }
        let before = store::put_entry(txn, &entry).await?;
        let subject = format!("{}:{to}", listed.code());
        let (old, new) = (before.as_ref().map(to_json), to_json(&entry));
        audit::append(txn, actor, "risk.list", &subject, old.as_ref(), Some(&new), now).await?;
        Ok(Some(entry))
    }

    /// Puts an entry in force that is committed.
    pub fn take_up(&self, entry: &ListEntry) {
        self.0.lists.put(entry);
    }

    /// The entries, in force or expired, in order of element and value, behind `after`; at most
    /// 500.
    pub async fn lists(
        &self,
        after: Option<(Listed, String)>,
        limit: u64,
    ) -> Result<Vec<ListEntry>, Error> {
        Ok(store::page_entries(self.db(), after.as_ref(), limit.min(LONGEST_PAGE)).await?)
    }

    /// Puts other rules in force; those of before stay if a file is refused. Returns the version.
    ///
    /// If the windows they need are those that stand, these are kept; else new ones are filled
    /// from the stored events first.
    pub async fn reload(&self, files: Files<'_>) -> Result<String, Error> {
        let _one = self.0.changing.lock().await;
        let book = files.compile()?;
        self.keep(files).await?;
        let standing = self.engine();
        let (spaces, limits) = (&book.declarations.spaces, book.declarations.limits);
        let same_kinds = book.declarations.kinds == standing.book.declarations.kinds;
        let fits = same_kinds && standing.windows.fits(spaces, limits);
        let windows = if fits { standing.windows } else { Arc::new(Windows::new(spaces, limits)) };
        let engine = Engine { book: Arc::new(book), windows };
        let version = engine.book.version.clone();
        if !fits {
            engine.warm(self.db()).await?;
        }
        *self.0.engine.write().unwrap_or_else(PoisonError::into_inner) = engine;
        if !fits {
            // What was judged by the old windows while the new ones were filled.
            self.warm().await?;
        }
        tracing::info!(%version, "risk rules in force");
        Ok(version)
    }

    /// Fills the windows from the stored events; returns how many were read. Opening does this;
    /// doing it again changes nothing.
    pub async fn warm(&self) -> Result<u64, Error> {
        self.engine().warm(self.db()).await
    }

    /// What people call the rules in force, by their names.
    pub fn titles(&self) -> BTreeMap<String, Text> {
        let engine = self.engine();
        engine.book.rules.iter().map(|rule| (rule.name.clone(), rule.title.clone())).collect()
    }

    /// What people call the features that are measured, by their names.
    pub fn features(&self) -> BTreeMap<String, Text> {
        let engine = self.engine();
        let features = engine.book.declarations.features.iter();
        features.map(|feature| (feature.name.clone(), feature.text.clone())).collect()
    }

    /// The content hash of the rules and features in force.
    pub fn version(&self) -> String {
        self.engine().book.version.clone()
    }

    /// How many judgements since the start were answered by a fallback.
    pub fn fallbacks(&self) -> u64 {
        self.0.fallbacks.load(Ordering::Relaxed)
    }

    /// How much the windows hold.
    pub fn held(&self) -> Held {
        self.engine().windows.held()
    }

    fn db(&self) -> &DatabaseConnection {
        self.0.records.db()
    }

    fn engine(&self) -> Engine {
        self.0.engine.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn keep(&self, files: Files<'_>) -> Result<(), Error> {
        let version = files.version();
        let (features, rules) = (files.features.text.to_owned(), files.rules.text.to_owned());
        let now = self.0.clock.now();
        let unit = self.0.records.write::<(), records::Error, _>(move |txn| {
            Box::pin(async move { store::keep_ruleset(txn, version, features, rules, now).await })
        });
        Ok(unit.await?)
    }

    async fn load_lists(&self) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = store::page_entries(self.db(), after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some((last.listed, last.value.clone()));
            for entry in &page {
                self.0.lists.put(entry);
            }
        }
    }
}

fn to_json(entry: &ListEntry) -> serde_json::Value {
    serde_json::json!({
        "level": entry.level.code(), "source": entry.source, "reason": entry.reason,
        "expires_at": entry.expires_at,
    })
}
