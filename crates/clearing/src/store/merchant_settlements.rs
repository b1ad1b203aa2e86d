//! What each merchant is owed for each day, and what became of it.

use crate::model::settlement::{Payout, Totals};
use crate::store::SettlementState;
use money::Amount;
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use types::{BatchId, BusinessDate, MerchantId, Timestamp};

/// The settlement of one merchant for one day. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantSettlement {
    /// Its number.
    pub batch: BatchId,
    /// The merchant.
    pub merchant: MerchantId,
    /// The day whose orders it settles.
    pub date: BusinessDate,
    /// The day it is due (T+1: the next working day).
    pub due_date: BusinessDate,
    /// Payments of the day.
    pub payments: Amount,
    /// Refunds of the day.
    pub refunds: Amount,
    /// Fees of the day.
    pub fees: Amount,
    /// Fees given back on refunds.
    pub fees_returned: Amount,
    /// Fees taken at settlement; negative: given back.
    pub fees_taken_minor: i64,
    /// Repaid of advances.
    pub repaid: Amount,
    /// Moved to the withdrawable account.
    pub settled: Amount,
    /// Takings left for the next settlement.
    pub carried_minor: i64,
    /// Fees left for the next settlement.
    pub fees_owed_minor: i64,
    /// How far it is.
    pub state: SettlementState,
}

impl MerchantSettlement {
    /// A settlement that waits for its day.
    pub(crate) fn due(
        merchant: MerchantId,
        date: BusinessDate,
        due_date: BusinessDate,
        totals: &Totals,
    ) -> Self {
        let (id, day) = (merchant.as_u128().to_be_bytes(), date.days().to_be_bytes());
        Self {
            batch: BatchId::derive(date.start(), &[b"merchant_settlement", &id, &day]),
            merchant,
            date,
            due_date,
            payments: totals.payments,
            refunds: totals.refunds,
            fees: totals.fees,
            fees_returned: totals.fees_returned,
            fees_taken_minor: 0,
            repaid: Amount::ZERO,
            settled: Amount::ZERO,
            carried_minor: 0,
            fees_owed_minor: 0,
            state: SettlementState::Due,
        }
    }

    /// The day's sums.
    pub(crate) fn totals(&self) -> Totals {
        let Self { payments, refunds, fees, fees_returned, .. } = self.clone();
        Totals { payments, refunds, fees, fees_returned }
    }

    /// What was decided for it.
    pub(crate) fn decide(&mut self, payout: Payout) {
        self.fees_taken_minor = payout.fees_minor;
        self.repaid = payout.repaid;
        self.settled = payout.settled;
        self.carried_minor = payout.carried_minor;
        self.fees_owed_minor = payout.fees_owed_minor;
        self.state = SettlementState::Settling;
    }
}

const COLUMNS: &str = "batch_id, merchant_id, date, due_date, payments_minor, refunds_minor, \
     fees_minor, fees_returned_minor, fees_taken_minor, repaid_minor, settled_minor, \
     carried_minor, fees_owed_minor, state";

fn read(row: &Row<'_>) -> Result<MerchantSettlement, Error> {
    Ok(MerchantSettlement {
        batch: row.parsed("batch_id")?,
        merchant: row.parsed("merchant_id")?,
        date: row.date("date")?,
        due_date: row.date("due_date")?,
        payments: row.amount("payments_minor")?,
        refunds: row.amount("refunds_minor")?,
        fees: row.amount("fees_minor")?,
        fees_returned: row.amount("fees_returned_minor")?,
        fees_taken_minor: row.number("fees_taken_minor")?,
        repaid: row.amount("repaid_minor")?,
        settled: row.amount("settled_minor")?,
        carried_minor: row.number("carried_minor")?,
        fees_owed_minor: row.number("fees_owed_minor")?,
        state: row.word("state", SettlementState::from_word)?,
    })
}

pub(crate) async fn insert_settlement(
    db: &impl ConnectionTrait,
    settlement: &MerchantSettlement,
) -> Result<(), Error> {
    let sql = "INSERT INTO merchant_settlement (batch_id, merchant_id, date, due_date, \
               payments_minor, refunds_minor, fees_minor, fees_returned_minor, state) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = vec![
        settlement.batch.to_string().into(),
        settlement.merchant.to_string().into(),
        i64::from(settlement.date.days()).into(),
        i64::from(settlement.due_date.days()).into(),
        settlement.payments.signed().into(),
        settlement.refunds.signed().into(),
        settlement.fees.signed().into(),
        settlement.fees_returned.signed().into(),
        settlement.state.word().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// The settlements that wait and are due by `today`, a merchant's oldest first.
pub(crate) async fn due_merchants(
    db: &impl ConnectionTrait,
    today: BusinessDate,
) -> Result<Vec<MerchantSettlement>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM merchant_settlement WHERE state <> $1 AND due_date <= $2 \
         ORDER BY date, merchant_id"
    );
    let values = vec![SettlementState::Settled.word().into(), i64::from(today.days()).into()];
    select(db, "merchant_settlement", &sql, values, read).await
}

/// The settlements of a day, largest first.
pub(crate) async fn merchant_settlements_of(
    db: &impl ConnectionTrait,
    date: BusinessDate,
) -> Result<Vec<MerchantSettlement>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM merchant_settlement WHERE date = $1 \
         ORDER BY payments_minor DESC, merchant_id"
    );
    let values = vec![i64::from(date.days()).into()];
    select(db, "merchant_settlement", &sql, values, read).await
}

/// What the merchant's last settlement before `date` left: takings and fees, minor units.
pub(crate) async fn carried(
    db: &impl ConnectionTrait,
    merchant: MerchantId,
    date: BusinessDate,
) -> Result<(i64, i64), Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM merchant_settlement \
         WHERE merchant_id = $1 AND date < $2 ORDER BY date DESC LIMIT 1"
    );
    let values = vec![merchant.to_string().into(), i64::from(date.days()).into()];
    let last = select(db, "merchant_settlement", &sql, values, read).await?.pop();
    Ok(last.map_or((0, 0), |last| (last.carried_minor, last.fees_owed_minor)))
}

/// Writes down what was decided, before the book is asked.
pub(crate) async fn mark_settling(
    db: &impl ConnectionTrait,
    settlement: &MerchantSettlement,
) -> Result<(), Error> {
    let sql = "UPDATE merchant_settlement SET fees_taken_minor = $2, repaid_minor = $3, \
               settled_minor = $4, carried_minor = $5, fees_owed_minor = $6, state = $7 \
               WHERE batch_id = $1";
    let values = vec![
        settlement.batch.to_string().into(),
        settlement.fees_taken_minor.into(),
        settlement.repaid.signed().into(),
        settlement.settled.signed().into(),
        settlement.carried_minor.into(),
        settlement.fees_owed_minor.into(),
        SettlementState::Settling.word().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// Finishes it, after the book answered. False if it was finished already.
pub(crate) async fn mark_settled(
    db: &impl ConnectionTrait,
    batch: BatchId,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE merchant_settlement SET state = $2, settled_at = $3 \
               WHERE batch_id = $1 AND state <> $2";
    let state = SettlementState::Settled.word();
    let values = vec![batch.to_string().into(), state.into(), now.as_micros().into()];
    Ok(execute(db, sql, values).await? == 1)
}

/// Takes back a decision that the book refused.
pub(crate) async fn mark_due(db: &impl ConnectionTrait, batch: BatchId) -> Result<(), Error> {
    let sql = "UPDATE merchant_settlement SET state = $2 WHERE batch_id = $1";
    let values = vec![batch.to_string().into(), SettlementState::Due.word().into()];
    execute(db, sql, values).await.map(drop)
}
