//! What the room shows of its orders.

use money::Amount;
use serde::{Deserialize, Serialize};
use types::{BusinessDate, MerchantId, OrderId, Timestamp, UserId};

use super::order::{Kind, Order, Stage};

/// One step of an order's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// What: `created`, `judged`, `authenticated`, `tried`, `sent`, `confirmed`, `cancelled`,
    /// `closed`, ...
    pub step: String,
    /// The detail: an outcome, a refusal's code, an operator. Empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// One call to a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelCall {
    /// When.
    pub at: Timestamp,
    /// `pay`, `refund`, `payout` or `query`.
    pub call: String,
    /// `succeeded`, `failed`, `unknown` or `not_found`.
    pub answer: String,
    /// Why it failed or is unknown. Empty if it succeeded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Everything about one order.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The order.
    pub order: Order,
    /// Its steps, oldest first.
    pub steps: Vec<Step>,
    /// The calls to its channel, oldest first (at most the first and last 32).
    pub calls: Vec<ChannelCall>,
    /// The risk decision; none if the order failed before it was judged.
    pub decision: Option<risk::Decision>,
    /// Its ledger transactions, oldest first.
    pub transactions: Vec<bookkeeper::TransactionView>,
    /// Refunds of it, oldest first.
    pub refunds: Vec<Order>,
    /// Messages about it to the merchant.
    pub messages: Vec<records::outbox::StoredMessage>,
}

/// How many orders of one kind, in one stage, came in in one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourCount {
    /// The hour of the day in Shanghai, 0 to 23.
    pub hour: u8,
    /// The kind.
    pub kind: Kind,
    /// Where they stand.
    pub stage: Stage,
    /// Through a channel, or from a balance.
    pub by_channel: bool,
    /// How many.
    pub count: u64,
    /// Their sum, in minor units.
    pub amount: Amount,
}

/// The orders that came in on one natural day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayStats {
    /// The day, by the moment the orders came in.
    pub date: BusinessDate,
    /// By hour, kind, stage and way; empty cells are absent.
    pub cells: Vec<HourCount>,
}

impl DayStats {
    /// How many orders match.
    pub fn count(&self, matches: impl Fn(&HourCount) -> bool) -> u64 {
        self.cells.iter().filter(|c| matches(c)).map(|c| c.count).fold(0, u64::saturating_add)
    }
}

/// A final order of an accounting date, as clearing reads it. Fees are not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayOrder {
    /// The order; its text is the number that the channel was given.
    pub id: OrderId,
    /// What it did.
    pub kind: Kind,
    /// Succeeded or failed.
    pub stage: Stage,
    /// Whether the channel may ever have been asked; false for an order that failed before.
    pub sent: bool,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// The merchant that was paid or gave back.
    pub merchant: Option<MerchantId>,
    /// Whose money it was.
    pub payer: Option<UserId>,
    /// How much, in minor units.
    pub amount: Amount,
    /// The channel through which outside money moved. A refund that fell to the balance has none.
    pub channel: Option<String>,
    /// The channel's own number.
    pub channel_order_no: Option<String>,
    /// Of a refund: the payment; its text is the payment's number at the channel.
    pub refund_of: Option<OrderId>,
    /// When it came in.
    pub created_at: Timestamp,
    /// When it became final with us.
    pub finished_at: Timestamp,
    /// The accounting date.
    pub date: BusinessDate,
}

/// What [`crate::Payments::recover`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Orders looked at.
    pub tried: u64,
    /// Orders that became final.
    pub finished: u64,
    /// Orders that could not be moved on by a fault of ours (each is logged); they stay due.
    pub faults: u64,
}

/// Whether every order's ledger transactions equal what its state says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderProof {
    /// Orders compared.
    pub orders: u64,
    /// What does not fit, at most the first 100.
    pub differences: Vec<OrderDifference>,
}

impl OrderProof {
    /// `orders_equal_ledger`.
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }
}

/// One order whose ledger transactions do not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDifference {
    /// The order.
    pub order: OrderId,
    /// What was expected and what is there.
    pub what: String,
}
