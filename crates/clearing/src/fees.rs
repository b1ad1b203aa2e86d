//! Working out the fees of a day and what each merchant is owed for it.

use crate::model::settlement::{RefundOf, Totals, Trade, line};
use crate::store::{self, MerchantSettlement, StoredLine};
use crate::{Clearing, Error};
use futures::TryStreamExt as _;
use members::Merchant;
use money::Amount;
use payments::{DayOrder, Kind, Stage};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::{BusinessDate, MerchantId, OrderId, Timestamp};

/// A payment as refunds need it.
struct Paid {
    method: String,
    amount: Amount,
    refunded: Amount,
}

/// `balance` or the channel's code: what fee rules call the method.
fn method(channel: Option<&str>) -> String {
    channel.unwrap_or("balance").to_owned()
}

impl Clearing {
    /// Works out the fee of every payment and refund of `date` and what each merchant is owed, due
    /// on the next working day. Returns the number of lines.
    ///
    /// # Errors
    /// [`Error::NotCut`] while the date is open; [`Error::Unfinished`] while an order of it is.
    pub async fn clear(&self, date: BusinessDate, now: Timestamp) -> Result<usize, Error> {
        let day = store::find_day(self.0.records.db(), date).await?.ok_or(Error::NotCut(date))?;
        if day.cleared_at.is_some() {
            return Ok(0);
        }
        self.no_half_done(date).await?;
        let lines = self.lines(date).await?;
        let count = lines.len();
        let mut totals: BTreeMap<MerchantId, Totals> = BTreeMap::new();
        for stored in &lines {
            totals.entry(stored.line.merchant).or_default().add(&stored.line)?;
        }
        let due_date = self.0.calendar.t_plus(date, 1);
        let settlements: Vec<MerchantSettlement> = totals
            .iter()
            .map(|(merchant, totals)| MerchantSettlement::due(*merchant, date, due_date, totals))
            .collect();
        self.write(move |txn| {
            Box::pin(async move {
                store::put_lines(txn, date, &lines).await?;
                for settlement in &settlements {
                    store::insert_settlement(txn, settlement).await?;
                }
                store::mark_cleared(txn, date, now).await
            })
        })
        .await?;
        Ok(count)
    }

    /// The merchants' trades of a day with their fees, in the order of their ids.
    async fn lines(&self, date: BusinessDate) -> Result<Vec<StoredLine>, Error> {
        let orders: Vec<DayOrder> = self
            .0
            .payments
            .day_orders(date)
            .try_filter(|order| {
                let wanted = order.stage == Stage::Succeeded
                    && matches!(order.kind, Kind::Payment | Kind::Refund);
                std::future::ready(wanted)
            })
            .try_collect()
            .await?;
        let merchants: BTreeMap<MerchantId, Arc<Merchant>> =
            self.0.members.merchants().into_iter().map(|m| (m.merchant, m)).collect();
        let mut paid = self.refunded_payments(date, &orders).await?;
        let mut lines = Vec::with_capacity(orders.len());
        for order in &orders {
            let Some(merchant) = order.merchant.and_then(|id| merchants.get(&id)) else { continue };
            let trade = trade(order, merchant.merchant, &mut paid)?;
            let line = line(&self.0.schedule, &merchant.fee_plan, &trade)?;
            lines.push(StoredLine { line, method: trade.method, refund_of: order.refund_of });
        }
        Ok(lines)
    }

    /// The payments that the day's refunds give back of: those of the day itself, and those of
    /// earlier days with what was refunded of them before.
    async fn refunded_payments(
        &self,
        date: BusinessDate,
        orders: &[DayOrder],
    ) -> Result<BTreeMap<OrderId, Paid>, Error> {
        let wanted: std::collections::BTreeSet<OrderId> =
            orders.iter().filter_map(|order| order.refund_of).collect();
        let before: Vec<OrderId> = wanted.iter().copied().collect();
        let refunded = store::refunded_before(self.0.records.db(), date, &before).await?;
        let mut paid = BTreeMap::new();
        for order in orders.iter().filter(|order| wanted.contains(&order.id)) {
            let method = method(order.channel.as_deref());
            paid.insert(order.id, Paid { method, amount: order.amount, refunded: Amount::ZERO });
        }
        for id in wanted {
            if paid.contains_key(&id) {
                continue;
            }
            if let Some(order) = self.0.payments.get(id).await? {
                let refunded = refunded.get(&id).copied().unwrap_or_default();
                let method = method(order.channel.as_deref());
                paid.insert(id, Paid { method, amount: order.amount, refunded });
            }
        }
        Ok(paid)
    }
}

fn trade(
    order: &DayOrder,
    merchant: MerchantId,
    paid: &mut BTreeMap<OrderId, Paid>,
) -> Result<Trade, Error> {
    let original = order.refund_of.and_then(|id| paid.get_mut(&id));
    let (method, refund) = match original {
        None => (method(order.channel.as_deref()), None),
        Some(original) => {
            let before = original.refunded;
            original.refunded = before.plus(order.amount)?;
            let of = RefundOf { paid: original.amount, before };
            (original.method.clone(), Some(of))
        }
    };
    Ok(Trade { order: order.id, merchant, method, amount: order.amount, refund })
}
