//! Late success: a channel did not know an order, the order was given up, and then the channel took
//! the money all the same.
//!
//! An order that failed as `channel_never_received` is looked at again for as long as
//! `late_watch_seconds` says. Once its channel says "succeeded", the money goes back by the way it
//! came, by a refund of the house's own: an order like any other, written before the book is asked,
//! judged, driven and recovered, and traced under the order it belongs to. Where the channel does
//! not take the refund, the payer's balance does. The first order stays failed: that is what its
//! merchant was told.

use futures::StreamExt;
use risk::Outcome;
use types::{OrderId, Problem, Timestamp};

use crate::engine::Engine;
use crate::judge;
use crate::model::form::Formed;
use crate::model::machine::{Cause, Fact};
use crate::model::order::{Kind, Order, Stage};
use crate::model::request::{Filter, Page};
use crate::model::view::Recovered;
use crate::moment::Moment;
use crate::outside;
use crate::problems;
use crate::refund;
use crate::store::{self, Entry};

/// The step of an order whose channel succeeded after it was given up.
pub(crate) const LATE_SUCCESS: &str = "late_success";

/// The longest wait between two looks, in seconds; each lasts as long as the order is given up.
const LONGEST_WAIT: i64 = 3_600;
/// How many orders are looked at at the same time.
const AT_ONCE: usize = 16;
/// How many are read at a time.
const PAGE: u64 = 256;

/// Whether the channel may yet take the money of an order given up for this cause.
pub(crate) fn may_come_late(order: &Order, cause: Option<&Cause>) -> bool {
    // What a payout or a refund does late cannot be sent back: reconciliation finds it.
    order.stage == Stage::Failed
        && matches!(order.kind, Kind::TopUp | Kind::Payment)
        && cause == Some(&Cause::NeverReceived)
}

impl Engine {
    /// When an order given up at `since` is looked at after `now`; `None`: not any more.
    pub(crate) fn next_look(&self, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let passed = now.as_micros().saturating_sub(since.as_micros()) / 1_000_000;
        let wait = passed.clamp(self.config.arrival_seconds.max(1), LONGEST_WAIT);
        (passed < self.config.late_watch_seconds).then(|| now.plus_seconds(wait))
    }

    /// Looks at every order that was given up and is due to be looked at again.
    pub(crate) async fn look_after_given_up(
        &self,
        now: Timestamp,
        done: &mut Recovered,
    ) -> Result<(), Problem> {
        let mut after = None;
        loop {
            let page = store::watched(self.db(), now, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.order.id);
            let results: Vec<_> = futures::stream::iter(page)
                .map(|entry| self.look_again(entry.order.id, now))
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            for problem in results.into_iter().filter_map(Result::err) {
                tracing::warn!(%problem, "an order given up could not be looked at again");
                done.faults = done.faults.saturating_add(1);
            }
        }
    }

    async fn look_again(&self, id: OrderId, now: Timestamp) -> Result<(), Problem> {
        let Some(_driving) = self.busy.take(id) else { return Ok(()) };
        let entry = store::find(self.db(), id).await?;
        let due = |entry: &Entry| entry.order.next_at.is_some_and(|at| at <= now);
        let Some(mut entry) = entry.filter(due) else { return Ok(()) };
        let Some(since) = entry.order.finished_at else { return Ok(()) };
        let moment = Moment::new(now);
        entry.order.next_at = self.next_look(since, now);
        let given_back = self.refunds_of(id).await?;
        if given_back.iter().any(|refund| refund.stage == Stage::Succeeded) {
            entry.order.next_at = None;
            return self.watch_on(&entry).await;
        }
        if given_back.iter().any(|refund| !refund.stage.is_final()) {
            return self.watch_on(&entry).await;
        }
        let came = self.came_late(&mut entry, moment).await;
        self.watch_on(&entry).await?;
        if came { self.give_back(&entry, given_back.len(), moment).await } else { Ok(()) }
    }

    /// Every refund of an order, newest first; at most as many as a page holds.
    pub(crate) async fn refunds_of(&self, id: OrderId) -> Result<Vec<Order>, Problem> {
        let filter = Filter { refund_of: Some(id), ..Filter::default() };
        self.list(&filter, Page { before: None, limit: 500 }).await
    }

    /// Whether the channel has taken the order's money after all.
    async fn came_late(&self, entry: &mut Entry, moment: Moment) -> bool {
        let code = entry.order.channel.clone().unwrap_or_default();
        let Ok(channel) = self.channels.get(&code) else { return false };
        let answer = channel.query(&entry.order.id.to_string()).await;
        if outside::fact(&answer, false) != Fact::ChannelSucceeded {
            return false;
        }
        if let channels::Answer::Succeeded { channel_order_no, .. } = &answer {
            entry.order.channel_order_no = Some(channel_order_no.clone());
        }
        entry.trail.call(outside::noted(moment.now(), "query", &answer));
        if !entry.came_late() {
            entry.trail.step(moment.now(), LATE_SUCCESS, "");
        }
        tracing::warn!(order = %entry.order.id, channel = code,
            "the channel succeeded after the order was given up; the money goes back");
        true
    }

    /// Sends the money back. `before`: how many refunds tried and failed.
    async fn give_back(&self, of: &Entry, before: usize, moment: Moment) -> Result<(), Problem> {
        let formed = Formed {
            kind: Kind::Refund,
            scope: of.order.scope,
            // Blanks are in no key that a caller may choose.
            key: format!("late success of {} ({before})", of.order.id),
            amount: of.order.amount,
            subject: of.order.subject.clone(),
            notify_url: None,
            fingerprint: LATE_SUCCESS.to_owned(),
        };
        let route = self.route_back(of, formed.amount).await?;
        let mut entry = refund::draft(&formed, of, &route, moment.given());
        entry.plan.receivable = of.plan.receivable;
        let Some(_driving) = self.busy.take(entry.order.id) else {
            return Err(problems::order_busy());
        };
        let event = judge::refund(&entry.order);
        let decision = self.judge(&mut entry, &event, moment);
        // The money is not ours to keep: where risk control objects, a person looks.
        entry.plan.review = decision.outcome != Outcome::Accept;
        entry.trail.step(moment.now(), "authenticated", LATE_SUCCESS);
        self.go(&formed, entry, decision, moment).await.map(drop)
    }

    async fn watch_on(&self, entry: &Entry) -> Result<(), Problem> {
        let row = entry.clone();
        let unit = self
            .records
            .write(move |txn| Box::pin(async move { store::watch_on(txn, &row).await }));
        unit.await.map_err(|e: records::Error| e.into())
    }
}
