//! The door: take what is due, take one step now, show how far each day's end is.

use crate::store::{self, Failure, Progress, StepState};
use crate::{Config, Step, problems};
use bookkeeper::Bookkeeper;
use channels::Channels;
use clearing::Clearing;
use payments::Payments;
use recon::Recon;
use records::Records;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Mutex;
use types::{BusinessDate, Problem, Timestamp};

/// What a day's end stands on.
pub struct Parts {
    /// Where its progress is written.
    pub records: Records,
    /// The book.
    pub book: Bookkeeper,
    /// The orders.
    pub payments: Payments,
    /// Whose statements are fetched.
    pub channels: Channels,
    /// Cut, clearing, settlement.
    pub clearing: Clearing,
    /// Reconciliation.
    pub recon: Recon,
    /// The folder of the statements.
    pub statements: PathBuf,
    /// When.
    pub config: Config,
}

/// A day's end. Cheap to clone.
#[derive(Clone)]
pub struct DayEnd(Arc<Inner>);

struct Inner {
    parts: Parts,
    /// Held while a step is taken: the scheduler and an operator take turns.
    turn: Mutex<()>,
}

/// A step and when it is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepView {
    /// When it is due.
    pub due_at: Timestamp,
    /// How far it is.
    pub progress: Progress,
}

impl DayEnd {
    /// Over its parts; the records were opened with [`crate::MIGRATIONS`].
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner { parts, turn: Mutex::new(()) }))
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// When and how patiently steps are taken.
    pub fn config(&self) -> &Config {
        &self.parts().config
    }

    /// When a step of a date is due.
    pub fn due(&self, step: Step, date: BusinessDate) -> Timestamp {
        step.due(date, self.config(), self.parts().clearing.calendar())
    }

    /// The steps of a date in their order; none if its end was not planned yet.
    pub async fn steps(&self, date: BusinessDate) -> Result<Vec<StepView>, Problem> {
        let rows = store::of_date(self.parts().records.db(), date).await?;
        Ok(rows.into_iter().map(|row| self.view(row)).collect())
    }

    /// The dates whose end is not done, oldest first.
    pub async fn unfinished(&self) -> Result<Vec<BusinessDate>, Problem> {
        let rows = store::unfinished(self.parts().records.db()).await?;
        let dates: std::collections::BTreeSet<_> = rows.into_iter().map(|row| row.date).collect();
        Ok(dates.into_iter().collect())
    }

    /// Takes every step that is due at `now`, one after the other; returns how many were done. A
    /// step that fails is written down and holds up only those that wait for it.
    ///
    /// # Errors
    /// Only if progress cannot be read or written: what a step meets is on the step.
    pub async fn run_due(&self, now: Timestamp) -> Result<usize, Problem> {
        let mut done: usize = 0;
        while let Some(step) = self.run_next(now).await? {
            done = done.saturating_add(usize::from(step.state == StepState::Done));
        }
        Ok(done)
    }

    /// Takes the next step that is due; `None` if none is.
    ///
    /// # Errors
    /// As [`DayEnd::run_due`].
    pub async fn run_next(&self, now: Timestamp) -> Result<Option<Progress>, Problem> {
        let _turn = self.0.turn.lock().await;
        self.plan().await?;
        let rows = store::unfinished(self.parts().records.db()).await?;
        let ready = rows.iter().filter(|row| {
            row.state != StepState::Done
                && self.due(row.step, row.date) <= now
                && row.next_at.is_none_or(|at| at <= now)
                && missing(row, &rows).is_none()
        });
        // A day is cut at its time, whatever else waits.
        let order =
            |row: &&Progress| (row.step > Step::CutDay, row.date, row.step, row.channel.clone());
        match ready.min_by_key(order) {
            Some(row) => self.take(row.clone(), now).await.map(Some),
            None => Ok(None),
        }
    }

    /// Takes a step now, done before or not, without waiting for its time of day or its next
    /// attempt. A statement fetched again is reconciled again.
    ///
    /// # Errors
    /// `day_end_step_unknown`, `day_end_step_blocked` (another must be done first),
    /// `day_end_step_early` (before the natural day on which it is due).
    pub async fn run_now(
        &self,
        date: BusinessDate,
        step: &str,
        channel: Option<&str>,
        now: Timestamp,
    ) -> Result<StepView, Problem> {
        let (this, name) = (self.clone(), step.to_owned());
        let channel = channel.unwrap_or_default().to_owned();
        // The step is taken to its end, even if whoever asked goes away.
        let taken = tokio::spawn(async move { this.now(date, &name, &channel, now).await });
        taken.await.map_err(|fault| problems::stopped(&fault))?
    }

    async fn now(
        &self,
        date: BusinessDate,
        name: &str,
        channel: &str,
        now: Timestamp,
    ) -> Result<StepView, Problem> {
        let _turn = self.0.turn.lock().await;
        self.plan().await?;
        let rows = store::of_date(self.parts().records.db(), date).await?;
        let wanted = rows.iter().find(|row| row.step.word() == name && row.channel == channel);
        let row = wanted.ok_or_else(|| problems::unknown(date, name))?;
        if let Some(before) = missing(row, &rows) {
            return Err(problems::blocked(row.step, before));
        }
        let from = self.due(row.step, date).date().start();
        if now < from {
            return Err(problems::early(row.step, from));
        }
        if row.step == Step::FetchStatement {
            let after = [Step::Reconcile, Step::TreatBreaks];
            for row in rows.iter().filter(|r| after.contains(&r.step) && r.channel == channel) {
                self.save(Progress::waiting(date, row.step, channel)).await?;
            }
        }
        let taken = self.take(row.clone(), now).await?;
        Ok(self.view(taken))
    }

    fn view(&self, progress: Progress) -> StepView {
        StepView { due_at: self.due(progress.step, progress.date), progress }
    }

    /// Writes down the steps of every date up to the open one that has none yet.
    async fn plan(&self) -> Result<(), Problem> {
        let parts = self.parts();
        let open = parts.book.open_date();
        let newest = store::newest(parts.records.db()).await?;
        let mut date = newest.map_or(open, BusinessDate::next);
        while date <= open {
            let channels = parts.channels.list().into_iter().map(|view| view.terms.code);
            let channels: Vec<String> = channels.collect();
            let rows: Vec<Progress> = Step::ALL
                .into_iter()
                .flat_map(|step| {
                    let whole = [String::new()];
                    let of = if step.by_channel() { channels.as_slice() } else { &whole };
                    let rows = of.iter().map(|code| Progress::waiting(date, step, code));
                    rows.collect::<Vec<_>>()
                })
                .collect();
            parts
                .records
                .write::<(), records::Error, _>(move |txn| {
                    Box::pin(async move {
                        for row in &rows {
                            store::plan(txn, row).await?;
                        }
                        Ok(())
                    })
                })
                .await?;
            date = date.next();
        }
        Ok(())
    }

    /// Takes a step; its beginning and its end are durable.
    async fn take(&self, mut row: Progress, now: Timestamp) -> Result<Progress, Problem> {
        row.state = StepState::Running;
        row.attempts = row.attempts.saturating_add(1);
        row.started_at = Some(now);
        self.save(row.clone()).await?;
        match self.perform(&row, now).await {
            Ok(result) => {
                row.state = StepState::Done;
                row.finished_at = Some(now);
                (row.next_at, row.failure, row.alarmed_at) = (None, None, None);
                row.result = Some(result.to_string());
                tracing::info!(date = %row.date, step = row.step.word(), channel = row.channel, "done");
            }
            Err(problem) => self.failed(&mut row, problem, now),
        }
        self.save(row.clone()).await?;
        Ok(row)
    }

    fn failed(&self, row: &mut Progress, problem: Problem, now: Timestamp) {
        let (date, step, channel) = (row.date, row.step.word(), row.channel.as_str());
        tracing::warn!(%date, step, channel, %problem, "a step of a day's end is tried again");
        let late = now >= self.due(row.step, date).plus_seconds(self.config().alarm_seconds);
        if late && row.alarmed_at.is_none() {
            tracing::error!(%date, step, channel, %problem, "a day's end is late");
            row.alarmed_at = Some(now);
        }
        row.state = StepState::Failed;
        row.next_at = Some(now.plus_seconds(self.config().wait(row.attempts)));
        row.failure = Some(Failure { code: problem.code.to_owned(), reason: problem.reason });
    }

    async fn save(&self, row: Progress) -> Result<(), Problem> {
        let written = self.parts().records.write::<(), records::Error, _>(move |txn| {
            Box::pin(async move { store::save(txn, &row).await })
        });
        Ok(written.await?)
    }
}

/// A step that must be done before this one and is not.
fn missing(row: &Progress, rows: &[Progress]) -> Option<Step> {
    row.step.after().iter().copied().find(|before| {
        rows.iter().any(|other| {
            let of_it = other.date == row.date && other.step == *before;
            let both = row.step.by_channel() && before.by_channel();
            of_it && (!both || other.channel == row.channel) && other.state != StepState::Done
        })
    })
}
