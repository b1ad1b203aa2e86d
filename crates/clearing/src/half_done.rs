//! Orders that the book has moved but whose record does not say so yet: a crash lies between.

use crate::{Clearing, Error};
use bookkeeper::TransactionView;
use ledger::TransactionState;
use payments::{Filter, Page, Stage};
use types::{BusinessDate, OrderId};

/// The stages in which the book may have moved an order's money.
const UNDER_WAY: [Stage; 5] =
    [Stage::Trying, Stage::Review, Stage::Sent, Stage::Confirming, Stage::Cancelling];
const PAGE: u64 = 500;

impl Clearing {
    /// Refuses while an order whose money moved by `date` is not final: it belongs to the day, and
    /// a day worked out without it would never be worked out again. An order that merely waits for
    /// its channel does not count: its money moves on a later date.
    pub(crate) async fn no_half_done(&self, date: BusinessDate) -> Result<(), Error> {
        let mut open: u64 = 0;
        for stage in UNDER_WAY {
            let mut before: Option<OrderId> = None;
            loop {
                let filter = Filter { stage: Some(stage), ..Filter::default() };
                let orders = self.0.payments.list(&filter, Page { before, limit: PAGE }).await?;
                let Some(last) = orders.last() else { break };
                before = Some(last.id);
                for order in &orders {
                    open = open.saturating_add(u64::from(self.moved_by(order.id, date)?));
                }
            }
        }
        if open == 0 { Ok(()) } else { Err(Error::Unfinished { date, open }) }
    }

    fn moved_by(&self, order: OrderId, date: BusinessDate) -> Result<bool, Error> {
        let views = self.0.book.transactions_of(order)?;
        let moved =
            |view: &TransactionView| view.state == TransactionState::Posted && view.date <= date;
        Ok(views.iter().any(moved))
    }
}
