//! What happens to an order after its call has returned: the stronger factor, the operator's
//! decision, and recovery.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use members::Credentials;
use types::{Clock, OrderId, Problem, Timestamp};

use crate::authenticate::Shown;
use crate::engine::{Decided, Engine};
use crate::model::machine::{Cause, Fact, State};
use crate::model::order::{Order, Stage, Status};
use crate::model::view::Recovered;
use crate::moment::Moment;
use crate::problems;
use crate::store::{self, Entry};

/// How many orders recovery drives at the same time.
const AT_ONCE: usize = 16;
/// How many orders recovery reads at a time.
const PAGE: u64 = 256;

impl Engine {
    /// The order, taken for this caller alone and read afterwards, so that it is as the last
    /// driver left it.
    pub(crate) async fn taken(&self, id: OrderId, wanted: Status) -> Result<Entry, Problem> {
        let entry = store::find(self.db(), id).await?.ok_or_else(problems::order_not_found)?;
        let found = entry.order.status();
        if found == wanted { Ok(entry) } else { Err(problems::order_state(wanted, found)) }
    }

    /// The payer brings credentials for an order that waits for them.
    pub(crate) async fn authenticate(
        &self,
        id: OrderId,
        shown: &Credentials,
        now: Timestamp,
    ) -> Result<Order, Problem> {
        let moment = Moment::new(now);
        let Some(_driving) = self.busy.take(id) else { return Err(problems::order_busy()) };
        let mut entry = self.taken(id, Status::AuthenticationRequired).await?;
        let state = State::new(Stage::AwaitingFactor);
        if entry.order.next_at.is_some_and(|until| until <= now) {
            self.drive(&mut entry, state, Fact::FactorExpired, moment).await?;
            return Ok(entry.order);
        }
        if let Some(answer) = &shown.device_key {
            entry.trail.step(moment.now(), "device_reported", answer.integrity.word());
        }
        let fact = match self.show(&entry.order, &entry.plan, shown, now).await? {
            Shown::Enough(factors) => {
                entry.plan.quotas = self.quotas(&entry.order, factors.strength(), now).await?;
                entry.plan.tried_at = now;
                entry.order.failure = None;
                entry.trail.step(moment.now(), "authenticated", factors.words());
                Fact::Authenticated
            }
            Shown::Locked(_) => Fact::FactorLocked,
            Shown::NotEnough(problem) | Shown::NotSet(problem) => {
                entry.trail.step(moment.now(), "authentication_required", problem.code);
                entry.order.failure = Some(problems::failure_of(problem.clone()));
                self.save(&entry, None).await?;
                return Err(problem);
            }
        };
        self.drive(&mut entry, state, fact, moment).await?;
        Ok(entry.order)
    }

    /// An operator decides an order under review.
    pub(crate) async fn review_decide(
        &self,
        id: OrderId,
        approve: bool,
        operator: &str,
        now: Timestamp,
    ) -> Result<Order, Problem> {
        let moment = Moment::new(now);
        let Some(_driving) = self.busy.take(id) else { return Err(problems::order_busy()) };
        let mut entry = self.taken(id, Status::Review).await?;
        let (word, action, fact) = if approve {
            ("approved", "review.approve", Fact::Approved)
        } else {
            ("denied", "review.deny", Fact::Denied)
        };
        let operator: String = operator.chars().take(64).collect();
        entry.trail.step(moment.now(), word, operator.clone());
        let decided = Decided { operator, action, at: moment.now() };
        let state = State::new(Stage::Review);
        self.drive_for(Some(decided), &mut entry, state, fact, moment).await?;
        Ok(entry.order)
    }

    /// Moves on every order that is due.
    pub(crate) async fn recover(&self, now: Timestamp) -> Result<Recovered, Problem> {
        let mut done = Recovered::default();
        self.recover_unfinished(now, &mut done).await?;
        self.look_after_given_up(now, &mut done).await?;
        Ok(done)
    }

    async fn recover_unfinished(
        &self,
        now: Timestamp,
        done: &mut Recovered,
    ) -> Result<(), Problem> {
        let mut after = None;
        loop {
            let page = store::due(self.db(), now, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some((last.order.created_at, last.order.id));
            let results: Vec<_> = futures::stream::iter(page)
                .map(|entry| self.recover_one(entry.order.id, now))
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            for result in results {
                match result {
                    Ok(None) => continue,
                    Ok(Some(stage)) => {
                        done.finished = done.finished.saturating_add(u64::from(stage.is_final()));
                    }
                    Err(problem) => {
                        tracing::warn!(%problem, "an order could not be moved on");
                        done.faults = done.faults.saturating_add(1);
                    }
                }
                done.tried = done.tried.saturating_add(1);
            }
        }
    }

    /// Moves one order on; `None` if somebody else drives it, or it is not due any more.
    async fn recover_one(&self, id: OrderId, now: Timestamp) -> Result<Option<Stage>, Problem> {
        let Some(_driving) = self.busy.take(id) else { return Ok(None) };
        // Read again: the page may be older than what its last driver wrote.
        let entry = store::find(self.db(), id).await?;
        let due = |entry: &Entry| {
            !entry.order.stage.is_final() && entry.order.next_at.is_some_and(|at| at <= now)
        };
        let Some(mut entry) = entry.filter(due) else { return Ok(None) };
        let saved = entry.order.failure.as_ref().and_then(|f| Cause::of_saved(&f.code));
        let cause = saved.filter(|_| entry.order.stage == Stage::Cancelling);
        let fact = match entry.order.stage {
            Stage::AwaitingFactor => Fact::FactorExpired,
            _ => Fact::Resumed,
        };
        let state = State::resumed(entry.order.stage, cause);
        self.drive(&mut entry, state, fact, Moment::new(now)).await?;
        Ok(Some(entry.order.stage))
    }

    /// Recovers again and again until `stop` is ready.
    pub(crate) async fn recovery_loop(
        &self,
        clock: Arc<dyn Clock>,
        every: Duration,
        stop: impl Future<Output = ()>,
    ) {
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(every) => {}
            }
            if let Err(problem) = self.recover(clock.now()).await {
                tracing::warn!(%problem, "recovery failed; it will try again");
            }
        }
    }
}
