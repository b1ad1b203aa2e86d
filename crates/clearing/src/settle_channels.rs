//! Channels pay: what their statement says goes from in transit to the reserve account.

use crate::store::{self, ChannelSettlement};
use crate::{Clearing, Error, receivable, step_id};
use ledger::TransactionHead;
use money::{Amount, CNY};
use types::{BusinessDate, Timestamp};

/// What the channels paid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChannelsSettled {
    /// How many settlements were posted.
    pub settlements: usize,
    /// What came in, less what we paid, minor units.
    pub net_minor: i64,
    /// What they kept as their cost, minor units.
    pub cost_minor: i64,
}

impl Clearing {
    /// Posts every channel settlement that is due by `today`, as the channel's own settlement
    /// notice gives it: the channel's statement is the authority, differences are breaks.
    pub async fn settle_channels(
        &self,
        today: BusinessDate,
        now: Timestamp,
    ) -> Result<ChannelsSettled, Error> {
        let mut settled = ChannelsSettled::default();
        for due in store::due_channels(self.0.records.db(), today).await? {
            let done = self.settle_channel(due, now).await?;
            settled.settlements = settled.settlements.saturating_add(1);
            settled.net_minor = settled.net_minor.saturating_add(done.net_minor);
            settled.cost_minor = settled.cost_minor.saturating_add(done.cost_minor);
        }
        Ok(settled)
    }

    /// Transfers what the house earned out of the reserve account, as far as the channels have paid
    /// it in (the institution's own fee income leaves the reserve only by a fee transfer). Once a
    /// day; `today` is the day of the transfer.
    pub async fn transfer_fees(&self, today: BusinessDate) -> Result<Amount, Error> {
        let id = step_id("fee_transfer", b"", today);
        if self.0.book.transaction(id).is_some() {
            return Ok(Amount::ZERO);
        }
        let balance = |role| {
            let account = self.0.book.account(ledger::house_account(role, CNY));
            account.map_or(0, |account| account.available()).max(0)
        };
        let earned = balance("house_in_reserve").min(balance("reserve_bank"));
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

    async fn settle_channel(
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
        let settlement = due.clone();
        self.write(move |txn| {
            Box::pin(async move { store::mark_channel_settled(txn, &settlement, now).await })
        })
        .await?;
        Ok(due)
    }
}
