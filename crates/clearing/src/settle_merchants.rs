//! Merchants are settled: fees, the advance, and the rest into their withdrawable account, in one
//! ledger transaction a merchant and day. And the advance itself, the evening before.

use crate::model::settlement::{Due, payout};
use crate::store::{self, Advance, AdvanceState, MerchantSettlement};
use crate::{Clearing, Error, step_id};
use ledger::{Command, Outcome, Transaction, TransactionHead};
use members::Merchant;
use money::{Amount, MoneyError};
use std::collections::BTreeSet;
use types::{BusinessDate, MerchantId, Timestamp};

/// What the merchants got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MerchantsSettled {
    /// How many settlements were posted.
    pub merchants: usize,
    /// Moved to withdrawable accounts or set against advances, minor units.
    pub net_minor: i64,
    /// Fees taken less fees given back, minor units.
    pub fees_minor: i64,
    /// Repaid of advances, minor units.
    pub repaid_minor: i64,
}

impl Clearing {
    /// Settles every merchant whose settlement is due by `today`, an earlier day before a later.
    /// One that the book refuses, because a refund drew on the money at that very moment, waits
    /// for the next call.
    pub async fn settle_merchants(
        &self,
        today: BusinessDate,
        now: Timestamp,
    ) -> Result<MerchantsSettled, Error> {
        let due = store::due_merchants(self.0.records.db(), today).await?;
        let dates: BTreeSet<BusinessDate> = due.iter().map(|one| one.date).collect();
        let mut settled = MerchantsSettled::default();
        for date in dates {
            let of_date = due.iter().filter(|one| one.date == date).cloned().collect();
            for one in self.settle_day(of_date, now).await? {
                let net = one.settled.plus(one.repaid)?.signed();
                settled.merchants = settled.merchants.saturating_add(1);
                settled.net_minor = settled.net_minor.saturating_add(net);
                settled.fees_minor = settled.fees_minor.saturating_add(one.fees_taken_minor);
                settled.repaid_minor = settled.repaid_minor.saturating_add(one.repaid.signed());
            }
        }
        Ok(settled)
    }

    /// Decides, writes the decisions down, posts them, and finishes those that were posted.
    async fn settle_day(
        &self,
        due: Vec<MerchantSettlement>,
        now: Timestamp,
    ) -> Result<Vec<MerchantSettlement>, Error> {
        let mut decided = Vec::with_capacity(due.len());
        let mut commands = Vec::with_capacity(due.len());
        for mut settlement in due {
            let Some(merchant) = self.0.members.merchant(settlement.merchant) else { continue };
            // What was decided before a crash is posted as it was decided.
            if settlement.state != store::SettlementState::Settling {
                self.decide(&merchant, &mut settlement).await?;
            }
            let transaction = self.settlement(&merchant, &settlement)?;
            commands.extend(transaction.clone().map(Command::Transact));
            decided.push((settlement, transaction.is_some()));
        }
        let settling: Vec<MerchantSettlement> =
            decided.iter().map(|(settlement, _)| settlement.clone()).collect();
        self.write(move |txn| {
            Box::pin(async move {
                for settlement in &settling {
                    store::mark_settling(txn, settlement).await?;
                }
                Ok(())
            })
        })
        .await?;
        let mut outcomes = self.0.book.submit(commands).await?.into_iter();
        let mut posted = Vec::new();
        let mut refused = Vec::new();
        for (settlement, has_transaction) in decided {
            match has_transaction.then(|| outcomes.next()).flatten() {
                Some(Outcome::Refused(refusal)) => {
                    tracing::warn!(batch = %settlement.batch, code = refusal.code(), "settlement waits");
                    refused.push(settlement.batch);
                }
                _ => posted.push(settlement),
            }
        }
        let finished = posted.clone();
        self.write(move |txn| {
            Box::pin(async move {
                for settlement in &finished {
                    if store::mark_settled(txn, settlement.batch, now).await? {
                        store::repay(txn, settlement.merchant, settlement.repaid).await?;
                    }
                }
                for batch in refused {
                    store::mark_due(txn, batch).await?;
                }
                Ok(())
            })
        })
        .await?;
        Ok(posted)
    }

    async fn decide(
        &self,
        merchant: &Merchant,
        settlement: &mut MerchantSettlement,
    ) -> Result<(), Error> {
        let db = self.0.records.db();
        let (carried_minor, fees_owed) =
            store::carried(db, merchant.merchant, settlement.date).await?;
        let totals = settlement.totals();
        let advances = store::outstanding(db, merchant.merchant).await?;
        let advanced = advances
            .iter()
            .try_fold(Amount::ZERO, |sum, one| sum.plus(one.amount.minus(one.repaid)?))?;
        let due = Due {
            takings_minor: totals.takings_minor(),
            carried_minor,
            fees_minor: totals.fees_minor().checked_add(fees_owed).ok_or(MoneyError::TooLarge)?,
            advanced,
            available: self.available(merchant),
        };
        settlement.decide(payout(due)?);
        Ok(())
    }

    /// What the pending account can give; nothing if the merchant has none yet.
    fn available(&self, merchant: &Merchant) -> Amount {
        let account = self.0.book.account(merchant.pending);
        let available = account.map_or(0, |account| account.available().max(0));
        u64::try_from(available)
            .ok()
            .and_then(|minor| Amount::new(minor).ok())
            .unwrap_or(Amount::MAX)
    }

    /// The transaction that does what was decided; none if nothing is to be moved.
    fn settlement(
        &self,
        merchant: &Merchant,
        settlement: &MerchantSettlement,
    ) -> Result<Option<Transaction>, Error> {
        let fees = Amount::new(settlement.fees_taken_minor.unsigned_abs())?;
        let fee = if settlement.fees_taken_minor < 0 { "fee_returned" } else { "fee" };
        let amounts = [(fee, fees), ("repaid", settlement.repaid), ("net", settlement.settled)];
        if amounts.iter().all(|(_, amount)| amount.is_zero()) {
            return Ok(None);
        }
        let subject = merchant.merchant.as_u128().to_be_bytes();
        let id = step_id("merchant_settlement", &subject, settlement.date);
        let head = TransactionHead::new(id).reference(settlement.batch.as_u128());
        let slots = [("pending", merchant.pending), ("settled", merchant.settled)];
        let templates = &self.0.templates;
        Ok(Some(templates.transaction("merchant_settlement", head, &slots, &amounts)?))
    }

    /// Advances to every merchant whose contract says so what T+1 would bring of the takings of
    /// `date` so far, less a margin, for a fee (D0 垫资). Once a merchant and day. After the date was
    /// cut nobody is advanced anything more of it; what was decided before is still paid.
    pub async fn advance(&self, date: BusinessDate) -> Result<Vec<Advance>, Error> {
        let mut made = Vec::new();
        for merchant in self.0.members.merchants() {
            if !merchant.advance_d0 {
                continue;
            }
            if let Some(advance) = self.decide_advance(&merchant, date).await? {
                made.push(self.post_advance(&merchant, advance).await?);
            }
        }
        Ok(made)
    }

    async fn decide_advance(
        &self,
        merchant: &Merchant,
        date: BusinessDate,
    ) -> Result<Option<Advance>, Error> {
        let found = store::find_advance(self.0.records.db(), merchant.merchant, date).await?;
        if let Some(advance) = found {
            return Ok((advance.state == AdvanceState::Advancing).then_some(advance));
        }
        if self.0.book.open_date() > date {
            return Ok(None);
        }
        let terms = &self.0.schedule.advance;
        let amount = terms.limit(self.available(merchant))?;
        let due_date = self.0.calendar.t_plus(date, 1);
        let days = u32::try_from(due_date.days().saturating_sub(date.days())).unwrap_or(1);
        let fee = terms.fee(amount, days)?;
        if amount.is_zero() || fee >= amount {
            return Ok(None);
        }
        let merchant = merchant.merchant;
        let (repaid, state) = (Amount::ZERO, AdvanceState::Advancing);
        let advance = Advance { merchant, date, amount, fee, repaid, state };
        let row = advance.clone();
        self.write(move |txn| Box::pin(async move { store::insert_advance(txn, &row).await }))
            .await?;
        Ok(Some(advance))
    }

    async fn post_advance(
        &self,
        merchant: &Merchant,
        mut advance: Advance,
    ) -> Result<Advance, Error> {
        let id = step_id("advance", &merchant_bytes(advance.merchant), advance.date);
        let transaction = self.0.templates.transaction(
            "advance",
            TransactionHead::new(id),
            &[("settled", merchant.settled)],
            &[("amount", advance.amount), ("fee", advance.fee)],
        )?;
        self.0.book.post(transaction).await?;
        let row = advance.clone();
        self.write(move |txn| Box::pin(async move { store::mark_advanced(txn, &row).await }))
            .await?;
        advance.state = AdvanceState::Advanced;
        Ok(advance)
    }
}

fn merchant_bytes(merchant: MerchantId) -> [u8; 16] {
    merchant.as_u128().to_be_bytes()
}
