//! Channels pay: what their statement says goes from in transit to the reserve account.

use crate::store::{self, ChannelSettlement, SettlementState};
use crate::{Clearing, Error, receivable, step_id};
use bookkeeper::PostError;
use ledger::{Command, TransactionHead};
use money::{Amount, CNY};
use types::{BusinessDate, Timestamp};

impl Clearing {
    /// Posts what a channel pays for `date`, as the channel's own settlement notice gives it: the
    /// channel's statement is the authority, differences are breaks. Settled before, it is
    /// returned as it was settled.
    ///
    /// # Errors
    /// [`Error::NoDayBook`] before the day books of the date were written; [`Error::Channel`] while
    /// the channel has no notice.
    pub async fn settle_channel(
        &self,
        channel: &str,
        date: BusinessDate,
        now: Timestamp,
    ) -> Result<ChannelSettlement, Error> {
        let due = self.channel_settlements(date).await?;
        let due = due.into_iter().find(|one| one.channel == channel);
        let due = due.ok_or_else(|| Error::NoDayBook { channel: channel.to_owned(), date })?;
        if due.state == SettlementState::Settled {
            return Ok(due);
        }
        self.settle_due_channel(due, now).await
    }

    /// Transfers what the house earned out of the reserve account, as far as the channels have paid
    /// it in (the institution's own fee income leaves the reserve only by a fee transfer). Once for
    /// each accounting date, after its settlement.
    pub async fn transfer_fees(&self, date: BusinessDate) -> Result<Amount, Error> {
        let id = step_id("fee_transfer", b"", date);
        if self.0.book.transaction(id)?.is_some() {
            return Ok(Amount::ZERO);
        }
        let settled = |role| {
            let states = self.0.book.fund_states(ledger::house_account(role, CNY));
            states.map_or(0, |states| states.settled_free).max(0)
        };
        let earned = settled("house_in_reserve").min(settled("reserve_bank"));
        let amount = u64::try_from(earned).ok().and_then(|minor| Amount::new(minor).ok());
        let amount = amount.ok_or(money::MoneyError::TooLarge)?;
        if !amount.is_zero() {
            let head = TransactionHead::new(id);
            let transfer =
                self.0.templates.transaction("fee_transfer", head, &[], &[("amount", amount)])?;
            self.0.book.post(transfer).await?;
        }
        Ok(amount)
    }

    /// What entered through the channel up to the date is settled money from now on, wherever it
    /// is: it may leave the house. While an earlier date waits, so does this one: the book knows
    /// one date up to which a channel has settled.
    async fn arrived(&self, due: &ChannelSettlement) -> Result<(), Error> {
        let source = receivable(&due.channel);
        // A channel that never had an order has no account, and nothing in transit.
        if self.0.book.account(source).is_none() {
            return Ok(());
        }
        let Some(through) = store::settled_through(self.0.records.db(), due).await? else {
            return Ok(());
        };
        let id = step_id("channel_arrived", due.channel.as_bytes(), through);
        let settle = Command::Settle { id, source, through, reference: 0 };
        for outcome in self.0.book.submit(vec![settle]).await? {
            outcome.receipt().map_err(PostError::Refused)?;
        }
        Ok(())
    }

    async fn settle_due_channel(
        &self,
        mut due: ChannelSettlement,
        now: Timestamp,
    ) -> Result<ChannelSettlement, Error> {
        let notice = self.0.channels.get(&due.channel)?.settlement(due.date).await?;
        due.gross = notice.gross_minor;
        due.refunds = notice.refunds_minor;
        due.cost_minor = notice.fee_minor;
        due.net_minor = notice.net_minor;
        let of = |minor: i64| Amount::new(minor.unsigned_abs());
        let net = if due.net_minor < 0 { "paid" } else { "received" };
        let cost = if due.cost_minor < 0 { "cost_returned" } else { "cost" };
        let amounts = [(net, of(due.net_minor)?), (cost, of(due.cost_minor)?)];
        if amounts.iter().any(|(_, amount)| !amount.is_zero()) {
            let id = step_id("channel_settlement", due.channel.as_bytes(), due.date);
            let transaction = self.0.templates.transaction(
                "channel_settlement",
                TransactionHead::new(id),
                &[("channel", receivable(&due.channel))],
                &amounts,
            )?;
            self.0.book.post(transaction).await?;
        }
        self.arrived(&due).await?;
        let settlement = due.clone();
        self.write(move |txn| {
            Box::pin(async move { store::mark_channel_settled(txn, &settlement, now).await })
        })
        .await?;
        due.state = SettlementState::Settled;
        Ok(due)
    }
}
