//! Writing the day books of a closed date and the channel cost that follows from them.

use crate::daybook::{self, DayBookKind, DayBookRow, DayBookStatus};
use crate::store::{self, ChannelSettlement, SettlementState};
use crate::{Clearing, Error, step_id};
use channels::CostPlan;
use futures::TryStreamExt as _;
use ledger::{Action, TransactionHead};
use money::{Amount, MoneyError};
use payments::{DayOrder, Kind, Stage};
use std::collections::BTreeMap;
use std::path::PathBuf;
use types::BusinessDate;

/// A day book that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayBook {
    /// The channel's code.
    pub channel: String,
    /// The file.
    pub path: PathBuf,
    /// Its rows.
    pub rows: usize,
    /// The cost it makes us expect, minor units; negative when refunds return more.
    pub cost_minor: i64,
}

impl Clearing {
    /// Writes the day book of every channel for a closed date, and books the channels' cost that
    /// it makes us expect. A channel without an order that day has an empty book.
    ///
    /// # Errors
    /// [`Error::NotCut`] while the date is open; [`Error::Unfinished`] while an order of it is: the
    /// cost of a day is booked once.
    pub async fn write_day_books(&self, date: BusinessDate) -> Result<Vec<DayBook>, Error> {
        store::find_day(self.0.records.db(), date).await?.ok_or(Error::NotCut(date))?;
        self.no_half_done(date).await?;
        let mut by_channel: BTreeMap<String, (CostPlan, Vec<DayBookRow>)> = BTreeMap::new();
        for channel in self.0.channels.list() {
            by_channel.insert(channel.terms.code.clone(), (channel.terms.cost, Vec::new()));
        }
        let orders: Vec<DayOrder> = self.0.payments.day_orders(date).try_collect().await?;
        for order in &orders {
            let Some(channel) = order.channel.as_ref() else { continue };
            let Some((plan, rows)) = by_channel.get_mut(channel) else { continue };
            rows.extend(row(order, *plan)?);
        }
        let mut books = Vec::new();
        for (channel, (_, rows)) in by_channel {
            books.push(self.write_day_book(date, channel, rows).await?);
        }
        Ok(books)
    }

    async fn write_day_book(
        &self,
        date: BusinessDate,
        channel: String,
        rows: Vec<DayBookRow>,
    ) -> Result<DayBook, Error> {
        let cost_minor = rows
            .iter()
            .try_fold(0i64, |sum, row| sum.checked_add(row.fee_minor))
            .ok_or(MoneyError::TooLarge)?;
        self.book_cost(&channel, date, cost_minor).await?;
        let settlement = ChannelSettlement {
            channel: channel.clone(),
            date,
            due_date: self.0.calendar.t_plus(date, 1),
            expected_cost_minor: cost_minor,
            gross: Amount::ZERO,
            refunds: Amount::ZERO,
            cost_minor: 0,
            net_minor: 0,
            state: SettlementState::Due,
        };
        self.write(move |txn| {
            Box::pin(async move { store::upsert_channel(txn, &settlement).await })
        })
        .await?;
        let (root, name, count) = (self.0.day_books.clone(), channel.clone(), rows.len());
        let path = tokio::task::spawn_blocking(move || daybook::write(&root, date, &name, &rows))
            .await
            .map_err(|gone| daybook::DayBookError::File {
                path: self.0.day_books.clone(),
                source: std::io::Error::other(gone),
            })??;
        Ok(DayBook { channel, path, rows: count, cost_minor })
    }

    async fn book_cost(
        &self,
        channel: &str,
        date: BusinessDate,
        cost_minor: i64,
    ) -> Result<(), Error> {
        let event = if cost_minor < 0 { "channel_cost_returned" } else { "channel_cost" };
        let cost = Amount::new(cost_minor.unsigned_abs())?;
        if cost.is_zero() {
            return Ok(());
        }
        let id = step_id("channel_cost", channel.as_bytes(), date);
        let head = TransactionHead::new(id).action(Action::Post);
        let transaction = self.0.templates.transaction(event, head, &[], &[("cost", cost)])?;
        self.0.book.post(transaction).await?;
        Ok(())
    }
}

/// The line of an order, if the channel may have heard of it and shows it on its statement.
fn row(order: &DayOrder, plan: CostPlan) -> Result<Option<DayBookRow>, MoneyError> {
    let kind = match order.kind {
        Kind::Payment => DayBookKind::Pay,
        Kind::TopUp => DayBookKind::TopUp,
        Kind::Refund => DayBookKind::Refund,
        // A payout is on the bank account's statement, not among the channel's trades.
        Kind::Withdrawal | Kind::Transfer => return Ok(None),
    };
    let status = match order.stage {
        Stage::Succeeded => DayBookStatus::Succeeded,
        _ if order.sent => DayBookStatus::Failed,
        _ => return Ok(None),
    };
    let fee_minor = match (status, kind) {
        (DayBookStatus::Succeeded, DayBookKind::Refund) => {
            plan.returned(order.amount)?.signed().saturating_neg()
        }
        (DayBookStatus::Succeeded, _) => plan.fee(order.amount)?.signed(),
        _ => 0,
    };
    Ok(Some(DayBookRow {
        order: order.id,
        kind,
        our_no: order.id.to_string(),
        channel_order_no: order.channel_order_no.clone(),
        refund_of: order.refund_of.map(|id| id.to_string()),
        amount: order.amount,
        fee_minor,
        status,
        merchant: order.merchant,
        occurred_at: order.created_at,
    }))
}
