//! What the room shows: one order, lists, the trace, the board's numbers, clearing's day.

use futures::Stream;
use futures::stream::{self, TryStreamExt};
use records::outbox;
use types::{BusinessDate, OrderId, Problem, Timestamp};

use crate::engine::Engine;
use crate::model::order::{Order, Stage};
use crate::model::request::{Filter, Page};
use crate::model::view::{DayOrder, DayStats, Trace};
use crate::store::{self, Entry};

/// How many refunds a trace shows.
const TRACED_REFUNDS: u64 = 200;

fn orders(entries: Vec<Entry>) -> Vec<Order> {
    entries.into_iter().map(|entry| entry.order).collect()
}

impl Engine {
    pub(crate) async fn get(&self, id: OrderId) -> Result<Option<Order>, Problem> {
        Ok(store::find(self.db(), id).await?.map(|entry| entry.order))
    }

    pub(crate) async fn list(&self, filter: &Filter, page: Page) -> Result<Vec<Order>, Problem> {
        Ok(orders(store::list(self.db(), filter, page).await?))
    }

    pub(crate) async fn trace(&self, id: OrderId) -> Result<Option<Trace>, Problem> {
        let Some(entry) = store::find(self.db(), id).await? else { return Ok(None) };
        let decision = match entry.order.decision {
            Some(decision) => self.risk.decision(decision).await?,
            None => None,
        };
        let filter = Filter { refund_of: Some(id), ..Filter::default() };
        let page = Page { before: None, limit: TRACED_REFUNDS };
        let mut refunds = orders(store::list(self.db(), &filter, page).await?);
        refunds.reverse();
        Ok(Some(Trace {
            steps: entry.trail.steps,
            calls: entry.trail.calls,
            decision,
            transactions: self.keeper().transactions_of(id)?,
            refunds,
            messages: outbox::of_key(&self.records, &id.to_string()).await?,
            order: entry.order,
        }))
    }

    pub(crate) async fn stats(&self, date: BusinessDate) -> Result<DayStats, Problem> {
        Ok(DayStats { date, cells: store::stats(self.db(), date).await? })
    }

    pub(crate) async fn unfinished(&self) -> Result<u64, Problem> {
        Ok(store::unfinished(self.db()).await?)
    }

    pub(crate) async fn processing(&self) -> Result<u64, Problem> {
        Ok(store::processing(self.db()).await?)
    }

    pub(crate) async fn stuck(&self, before: Timestamp, limit: u64) -> Result<Vec<Order>, Problem> {
        Ok(orders(store::oldest_unfinished(self.db(), before, limit).await?))
    }

    pub(crate) fn day_orders(
        &self,
        date: BusinessDate,
    ) -> impl Stream<Item = Result<DayOrder, Problem>> + Send + '_ {
        stream::try_unfold(None, move |after: Option<OrderId>| async move {
            let page = store::day_page(self.db(), date, after).await.map_err(Problem::from)?;
            let Some(last) = page.last() else { return Ok::<_, Problem>(None) };
            let next = Some(last.order.id);
            let mut rows = Vec::with_capacity(page.len());
            for entry in page {
                rows.extend(self.day_rows(entry, date).await?);
            }
            Ok(Some((stream::iter(rows.into_iter().map(Ok::<_, Problem>)), next)))
        })
        .try_flatten()
    }

    /// What an order is on its accounting date. One that came late stands there as what its
    /// channel made of it, on the date on which the money came into the book, followed by the
    /// refund that sent it back.
    async fn day_rows(&self, entry: Entry, date: BusinessDate) -> Result<Vec<DayOrder>, Problem> {
        let back_on =
            |refund: &Order| refund.stage == Stage::Succeeded && refund.date == Some(date);
        let mut rows = Vec::with_capacity(1);
        if entry.order.gives_back_late() && back_on(&entry.order) {
            let first = match entry.order.refund_of {
                Some(of) => store::find(self.db(), of).await?,
                None => None,
            };
            rows.extend(first.and_then(|first| {
                let finished_at = entry.order.finished_at?;
                let row = day_order(first, date)?;
                // The merchant was told that it failed, and has no part in it.
                let stage = Stage::Succeeded;
                Some(DayOrder { stage, failure_code: None, merchant: None, finished_at, ..row })
            }));
        } else if entry.came_late() && self.refunds_of(entry.order.id).await?.iter().any(back_on) {
            return Ok(rows);
        }
        rows.extend(day_order(entry, date));
        Ok(rows)
    }
}

/// Only final orders have an accounting date in the records, and those have a finishing moment.
fn day_order(entry: Entry, date: BusinessDate) -> Option<DayOrder> {
    let order = entry.order;
    Some(DayOrder {
        id: order.id,
        kind: order.kind,
        stage: order.stage,
        sent: entry.sent,
        failure_code: order.failure.map(|failure| failure.code),
        merchant: order.merchant,
        payer: order.payer,
        amount: order.amount,
        channel: order.channel,
        channel_order_no: order.channel_order_no,
        refund_of: order.refund_of,
        created_at: order.created_at,
        finished_at: order.finished_at?,
        date,
    })
}
