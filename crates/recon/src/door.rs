//! The door: reconcile a day of a channel, look at what was found, treat it, close it.

use std::sync::Arc;

use bookkeeper::Bookkeeper;
use ledger::{Command, Templates};
use records::{Migrations, Records};
use tokio::sync::Mutex;
use types::{BusinessDate, RunId, Timestamp};

use crate::breaks::{store, treat};
use crate::matching::{self, Outcome, Resources};
use crate::run::{Sides, breaks, report};
use crate::statement::Limits;
use crate::{
    Break, BreakFilter, BreakState, Error, Formats, RunReport, RunRequest, RunState, Treatment,
};

/// This room's tables.
pub const MIGRATIONS: Migrations =
    Migrations { room: "recon", steps: &[("0001_init", include_str!("breaks/0001_init.sql"))] };

/// Breaks treated with one submission to the book; each is at most two transactions.
const BREAKS_A_SUBMISSION: u64 = 1_000;

/// Reconciliation of one institution. Cloning shares it.
#[derive(Clone)]
pub struct Recon {
    records: Records,
    book: Bookkeeper,
    templates: Arc<Templates>,
    formats: Arc<Formats>,
    limits: Limits,
    resources: Resources,
    /// Held while a run is written or treated: a statement must not be superseded in between.
    turn: Arc<Mutex<()>>,
}

impl std::fmt::Debug for Recon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recon").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Recon {
    /// Over these records (opened with [`MIGRATIONS`]), this book and these formats.
    pub fn open(
        records: Records,
        book: Bookkeeper,
        templates: Arc<Templates>,
        formats: Formats,
    ) -> Self {
        Self {
            records,
            book,
            templates,
            formats: Arc::new(formats),
            limits: Limits::default(),
            resources: Resources::default(),
            turn: Arc::new(Mutex::new(())),
        }
    }

    /// With other limits than the default ones.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits, resources: Resources) -> Self {
        self.limits = limits;
        self.resources = resources;
        self
    }

    /// The formats it reads.
    pub fn formats(&self) -> &Formats {
        &self.formats
    }

    /// Reads the statement, matches it, and writes down the run and its breaks.
    ///
    /// The same file and day book again return the report of the first time. Another file for the
    /// same channel and date takes its place; what was treated under the old one is undone by the
    /// next [`Recon::treat`].
    ///
    /// # Errors
    /// [`Error::UnknownFormat`], [`Error::Refused`], [`Error::DayBook`], [`Error::TooManyBreaks`]:
    /// nothing was changed. [`Error::Records`]: the same call may succeed later.
    pub async fn run(&self, request: RunRequest, now: Timestamp) -> Result<RunReport, Error> {
        let format = self
            .formats
            .get(&request.format)
            .ok_or_else(|| Error::UnknownFormat { id: request.format.clone() })?
            .clone();
        let limits = self.limits;
        let (request, sides) = tokio::task::spawn_blocking(move || {
            let sides = Sides::read(&format, &request, limits);
            sides.map(|sides| (request, sides))
        })
        .await
        .map_err(|_| Error::Stopped)??;
        let outcome = matching::run(&sides.ours, &sides.theirs, self.resources).await?;
        self.keep(&request, &sides, outcome, now).await
    }

    async fn keep(
        &self,
        request: &RunRequest,
        sides: &Sides,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<RunReport, Error> {
        let _turn = self.turn.lock().await;
        let last = store::current_run(self.records.db(), &request.channel, request.date).await?;
        if let Some(last) = &last
            && last.statement_hash == sides.statement_hash
            && last.daybook_hash == sides.daybook_hash
            && last.format == request.format
        {
            return Ok(last.clone());
        }
        let version = last.map_or(1, |last| last.version.saturating_add(1));
        let (report, pairs) = report(request, sides, outcome, version);
        let breaks = breaks(&report, pairs, now)?;
        let kept = report.clone();
        self.records
            .write(move |txn| {
                Box::pin(async move {
                    store::put_run(txn, &kept, &breaks, now).await.map_err(Error::from)
                })
            })
            .await?;
        tracing::info!(
            run = %report.run,
            channel = %report.channel,
            date = %report.date,
            matched = report.matched,
            breaks = report.sheet.breaks(),
            "statement reconciled"
        );
        Ok(report)
    }

    /// Posts what every break of the run means, after taking back what superseded statements of
    /// the same channel and date had posted. Doing it twice posts once.
    ///
    /// # Errors
    /// [`Error::UnknownRun`], [`Error::Superseded`]; [`Error::Book`]: what was posted before the
    /// refusal stands, and the same call goes on where it stopped.
    pub async fn treat(&self, run: RunId, now: Timestamp) -> Result<Treatment, Error> {
        let _turn = self.turn.lock().await;
        let report = self.report(run).await?;
        if report.state == RunState::Superseded {
            return Err(Error::Superseded { run });
        }
        let undone = self.undo(&report, now).await?;
        self.post_found(&report, now).await?;
        let mut treatment =
            Treatment { run, treated: 0, undone, receivable_minor: 0, fee_minor: 0 };
        for (_, count, receivable, fee) in store::sums(self.records.db(), run).await? {
            treatment.treated = treatment.treated.saturating_add(count);
            treatment.receivable_minor = treatment.receivable_minor.saturating_add(receivable);
            treatment.fee_minor = treatment.fee_minor.saturating_add(fee);
        }
        Ok(treatment)
    }

    /// The book, not the records, says what was posted: a crash may lie between the two.
    async fn undo(&self, report: &RunReport, now: Timestamp) -> Result<u64, Error> {
        let mut undone: u64 = 0;
        loop {
            let db = self.records.db();
            let limit = BREAKS_A_SUBMISSION;
            let breaks = store::to_undo(db, &report.channel, report.date, limit).await?;
            if breaks.is_empty() {
                return Ok(undone);
            }
            let mut commands = Vec::new();
            for found in &breaks {
                let before = commands.len();
                for id in treat::treatment_ids(found.id) {
                    let posted = self.book.transaction(id).map_err(bookkeeper::PostError::from)?;
                    commands.extend(
                        posted.map(|view| Command::Transact(treat::reversal(&view.transaction))),
                    );
                }
                undone = undone.saturating_add(u64::from(commands.len() > before));
            }
            self.submit(commands).await?;
            self.mark(breaks, store::Mark::Undone, now).await?;
        }
    }

    async fn post_found(&self, report: &RunReport, now: Timestamp) -> Result<(), Error> {
        let channel = channels::receivable(&report.channel, money::CNY);
        loop {
            let filter = BreakFilter {
                run: Some(report.run),
                state: Some(BreakState::Found),
                limit: BREAKS_A_SUBMISSION,
                ..BreakFilter::default()
            };
            let breaks = self.breaks(filter).await?;
            if breaks.is_empty() {
                return Ok(());
            }
            let mut commands = Vec::new();
            for found in &breaks {
                let transactions = treat::transactions(&self.templates, channel, found)?;
                commands.extend(transactions.into_iter().map(Command::Transact));
            }
            self.submit(commands).await?;
            self.mark(breaks, store::Mark::Treated, now).await?;
        }
    }

    async fn submit(&self, commands: Vec<Command>) -> Result<(), Error> {
        if commands.is_empty() {
            return Ok(());
        }
        for outcome in self.book.submit(commands).await? {
            outcome.receipt().map_err(bookkeeper::PostError::Refused)?;
        }
        Ok(())
    }

    async fn mark(
        &self,
        breaks: Vec<Break>,
        mark: store::Mark,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.records
            .write(move |txn| {
                Box::pin(
                    async move { store::mark(txn, &breaks, mark, now).await.map_err(Error::from) },
                )
            })
            .await
    }

    /// Closes the treated breaks of a run (the money was found, claimed, or written off); returns
    /// how many.
    ///
    /// # Errors
    /// [`Error::Untreated`] while a break of the run is not treated.
    pub async fn close(&self, run: RunId, note: &str, now: Timestamp) -> Result<u64, Error> {
        let _turn = self.turn.lock().await;
        if self.report(run).await?.state == RunState::Superseded {
            return Err(Error::Superseded { run });
        }
        let sums = store::sums(self.records.db(), run).await?;
        let found = sums.iter().find(|(state, ..)| *state == BreakState::Found);
        if let Some((_, open, ..)) = found {
            return Err(Error::Untreated { run, open: *open });
        }
        let note = note.to_owned();
        self.records
            .write(move |txn| {
                Box::pin(
                    async move { store::close(txn, run, &note, now).await.map_err(Error::from) },
                )
            })
            .await
    }

    /// One run.
    ///
    /// # Errors
    /// [`Error::UnknownRun`].
    pub async fn report(&self, run: RunId) -> Result<RunReport, Error> {
        store::find_run(self.records.db(), run).await?.ok_or(Error::UnknownRun { run })
    }

    /// The run that counts for a channel and date.
    pub async fn current(
        &self,
        channel: &str,
        date: BusinessDate,
    ) -> Result<Option<RunReport>, Error> {
        Ok(store::current_run(self.records.db(), channel, date).await?)
    }

    /// Every run of a date (all dates if `None`), newest first, superseded ones included; at most
    /// `limit` (0 means 100).
    pub async fn runs(
        &self,
        date: Option<BusinessDate>,
        limit: u64,
    ) -> Result<Vec<RunReport>, Error> {
        Ok(store::list_runs(self.records.db(), date, limit).await?)
    }

    /// Breaks in the order of their run.
    pub async fn breaks(&self, filter: BreakFilter) -> Result<Vec<Break>, Error> {
        Ok(store::list_breaks(self.records.db(), &filter).await?)
    }
}
