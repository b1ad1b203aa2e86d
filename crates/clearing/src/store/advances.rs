//! Money that merchants got before its time.

use money::Amount;
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use types::{BusinessDate, MerchantId};

/// How far an advance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdvanceState {
    /// Decided and about to be posted: a retry posts the same.
    Advancing,
    /// With the merchant.
    Advanced,
    /// Repaid in full.
    Repaid,
}

impl AdvanceState {
    const fn word(self) -> &'static str {
        match self {
            Self::Advancing => "advancing",
            Self::Advanced => "advanced",
            Self::Repaid => "repaid",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Advancing, Self::Advanced, Self::Repaid].into_iter().find(|s| s.word() == word)
    }
}

/// An advance of one day's takings to one merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advance {
    /// The merchant.
    pub merchant: MerchantId,
    /// The day whose takings were advanced.
    pub date: BusinessDate,
    /// What was advanced.
    pub amount: Amount,
    /// Its fee, taken at once.
    pub fee: Amount,
    /// Repaid so far.
    pub repaid: Amount,
    /// How far it is.
    pub state: AdvanceState,
}

const COLUMNS: &str = "merchant_id, date, amount_minor, fee_minor, repaid_minor, state";

fn read(row: &Row<'_>) -> Result<Advance, Error> {
    Ok(Advance {
        merchant: row.parsed("merchant_id")?,
        date: row.date("date")?,
        amount: row.amount("amount_minor")?,
        fee: row.amount("fee_minor")?,
        repaid: row.amount("repaid_minor")?,
        state: row.word("state", AdvanceState::from_word)?,
    })
}

pub(crate) async fn insert_advance(
    db: &impl ConnectionTrait,
    advance: &Advance,
) -> Result<(), Error> {
    let sql = "INSERT INTO advance (merchant_id, date, amount_minor, fee_minor, state) \
               VALUES ($1, $2, $3, $4, $5)";
    let values = vec![
        advance.merchant.to_string().into(),
        i64::from(advance.date.days()).into(),
        advance.amount.signed().into(),
        advance.fee.signed().into(),
        advance.state.word().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

pub(crate) async fn find_advance(
    db: &impl ConnectionTrait,
    merchant: MerchantId,
    date: BusinessDate,
) -> Result<Option<Advance>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM advance WHERE merchant_id = $1 AND date = $2");
    let values = vec![merchant.to_string().into(), i64::from(date.days()).into()];
    Ok(select(db, "advance", &sql, values, read).await?.pop())
}

pub(crate) async fn advances_of(
    db: &impl ConnectionTrait,
    date: BusinessDate,
) -> Result<Vec<Advance>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM advance WHERE date = $1 ORDER BY merchant_id");
    select(db, "advance", &sql, vec![i64::from(date.days()).into()], read).await
}

/// The advances of a merchant not yet repaid, oldest first.
pub(crate) async fn outstanding(
    db: &impl ConnectionTrait,
    merchant: MerchantId,
) -> Result<Vec<Advance>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM advance WHERE merchant_id = $1 AND state = $2 ORDER BY date"
    );
    let values = vec![merchant.to_string().into(), AdvanceState::Advanced.word().into()];
    select(db, "advance", &sql, values, read).await
}

pub(crate) async fn mark_advanced(
    db: &impl ConnectionTrait,
    advance: &Advance,
) -> Result<(), Error> {
    let sql = "UPDATE advance SET state = $3 WHERE merchant_id = $1 AND date = $2";
    let values = vec![
        advance.merchant.to_string().into(),
        i64::from(advance.date.days()).into(),
        AdvanceState::Advanced.word().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// Books a repayment against the oldest advances first.
pub(crate) async fn repay(
    db: &impl ConnectionTrait,
    merchant: MerchantId,
    repaid: Amount,
) -> Result<(), Error> {
    let mut left = repaid;
    for advance in outstanding(db, merchant).await? {
        let owed = advance.amount.minus(advance.repaid).unwrap_or_default();
        let part = owed.min(left);
        left = left.minus(part).unwrap_or_default();
        let state = if part == owed { AdvanceState::Repaid } else { AdvanceState::Advanced };
        let sql = "UPDATE advance SET repaid_minor = repaid_minor + $3, state = $4 \
                   WHERE merchant_id = $1 AND date = $2";
        let values = vec![
            merchant.to_string().into(),
            i64::from(advance.date.days()).into(),
            part.signed().into(),
            state.word().into(),
        ];
        execute(db, sql, values).await?;
    }
    Ok(())
}
