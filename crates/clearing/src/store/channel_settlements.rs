//! What each channel owes us for each day, by its own statement.

use crate::store::SettlementState;
use money::Amount;
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use types::{BusinessDate, Timestamp};

/// The settlement of one channel for one day. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSettlement {
    /// The channel's code.
    pub channel: String,
    /// The day of its statement.
    pub date: BusinessDate,
    /// The working day on which it pays.
    pub due_date: BusinessDate,
    /// The cost that our own orders make us expect; negative when refunds return more.
    pub expected_cost_minor: i64,
    /// Payments and top-ups, by its statement.
    pub gross: Amount,
    /// Refunds, by its statement.
    pub refunds: Amount,
    /// What it charges, by its statement.
    pub cost_minor: i64,
    /// What it pays us; negative: what we pay.
    pub net_minor: i64,
    /// How far it is.
    pub state: SettlementState,
}

const COLUMNS: &str = "channel, date, due_date, expected_cost_minor, gross_minor, refunds_minor, \
                       cost_minor, net_minor, state";

fn read(row: &Row<'_>) -> Result<ChannelSettlement, Error> {
    Ok(ChannelSettlement {
        channel: row.text("channel")?,
        date: row.date("date")?,
        due_date: row.date("due_date")?,
        expected_cost_minor: row.number("expected_cost_minor")?,
        gross: row.amount("gross_minor")?,
        refunds: row.amount("refunds_minor")?,
        cost_minor: row.number("cost_minor")?,
        net_minor: row.number("net_minor")?,
        state: row.word("state", SettlementState::from_word)?,
    })
}

/// Writes a settlement that waits for its day; one that is there stays as it is.
pub(crate) async fn upsert_channel(
    db: &impl ConnectionTrait,
    settlement: &ChannelSettlement,
) -> Result<(), Error> {
    let sql = "INSERT INTO channel_settlement (channel, date, due_date, expected_cost_minor, state) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (channel, date) DO NOTHING";
    let values = vec![
        settlement.channel.clone().into(),
        i64::from(settlement.date.days()).into(),
        i64::from(settlement.due_date.days()).into(),
        settlement.expected_cost_minor.into(),
        settlement.state.word().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// The settlements of a day.
pub(crate) async fn channel_settlements_of(
    db: &impl ConnectionTrait,
    date: BusinessDate,
) -> Result<Vec<ChannelSettlement>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM channel_settlement WHERE date = $1 ORDER BY channel");
    let values = vec![i64::from(date.days()).into()];
    select(db, "channel_settlement", &sql, values, read).await
}

/// Up to which date a channel has settled without a gap, counting in the one at hand; `None` if an
/// earlier one waits and none has settled before that.
pub(crate) async fn settled_through(
    db: &impl ConnectionTrait,
    at_hand: &ChannelSettlement,
) -> Result<Option<BusinessDate>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM channel_settlement WHERE channel = $1 \
         AND (state = $2 OR date = $3) AND date < COALESCE((SELECT MIN(date) \
         FROM channel_settlement WHERE channel = $1 AND state <> $2 AND date <> $3), $4) \
         ORDER BY date DESC LIMIT 1"
    );
    let values = vec![
        at_hand.channel.clone().into(),
        SettlementState::Settled.word().into(),
        i64::from(at_hand.date.days()).into(),
        i64::from(i32::MAX).into(),
    ];
    Ok(select(db, "channel_settlement", &sql, values, read).await?.pop().map(|row| row.date))
}

/// Finishes it with what the statement says, after the book answered.
pub(crate) async fn mark_channel_settled(
    db: &impl ConnectionTrait,
    settlement: &ChannelSettlement,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "UPDATE channel_settlement SET gross_minor = $3, refunds_minor = $4, \
               cost_minor = $5, net_minor = $6, state = $7, settled_at = $8 \
               WHERE channel = $1 AND date = $2";
    let values = vec![
        settlement.channel.clone().into(),
        i64::from(settlement.date.days()).into(),
        settlement.gross.signed().into(),
        settlement.refunds.signed().into(),
        settlement.cost_minor.into(),
        settlement.net_minor.into(),
        SettlementState::Settled.word().into(),
        now.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}
