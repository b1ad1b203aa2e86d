//! One row: the order, its plan and its trail.

use money::AssetId;
use records::Error;
use records::rows::Row;
use serde::{Deserialize, Serialize};
use types::{Text, Timestamp};

use crate::late::LATE_SUCCESS;
use crate::model::order::{Failure, Kind, Order, Scope, Stage};
use crate::model::plan::Plan;
use crate::model::view::{ChannelCall, Step};

/// The table.
pub const TABLE: &str = "payments_orders";
/// Every column, in the order in which they are written.
pub const COLUMNS: &str = "id, scope, order_key, fingerprint, kind, stage, payer, customer, merchant, \
     payee, amount, asset, channel, channel_order_no, refund_of, refunded, subject, created_at, \
     created_day, created_hour, finished_at, accounting_day, sent, failure_code, failure_en, \
     failure_zh, decision, attempts, next_at, plan, trail";

/// How many calls to a channel the first and the last ones are, that a trail keeps.
const KEPT_CALLS: usize = 32;
/// The most steps a trail keeps; an order has about ten.
const KEPT_STEPS: usize = 128;

/// What happened to an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// Its steps, oldest first.
    pub steps: Vec<Step>,
    /// The calls to its channel, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ChannelCall>,
}

impl Trail {
    /// Adds a step.
    pub fn step(&mut self, at: Timestamp, step: &str, note: impl Into<String>) {
        if self.steps.len() < KEPT_STEPS {
            self.steps.push(Step { at, step: step.to_owned(), note: note.into() });
        }
    }

    /// Adds a call; past twice [`KEPT_CALLS`] the first half stays and the oldest of the rest goes.
    pub fn call(&mut self, call: ChannelCall) {
        if self.calls.len() >= KEPT_CALLS.saturating_mul(2) {
            self.calls.remove(KEPT_CALLS);
        }
        self.calls.push(call);
    }
}

/// An order with what only this room sees of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The order.
    pub order: Order,
    /// The digest of the request.
    pub fingerprint: String,
    /// Whether a channel may have been asked.
    pub sent: bool,
    /// What was decided before the book was asked.
    pub plan: Plan,
    /// What happened.
    pub trail: Trail,
}

impl Entry {
    /// Whether the channel took the money after the order was given up.
    pub fn came_late(&self) -> bool {
        self.trail.steps.iter().any(|step| step.step == LATE_SUCCESS)
    }

    /// Reads a row of [`COLUMNS`].
    pub fn read(row: &Row<'_>) -> Result<Self, Error> {
        let order = Order {
            id: row.parsed("id")?,
            scope: row.word("scope", scope_of)?,
            key: row.text("order_key")?,
            kind: row.word("kind", Kind::from_word)?,
            stage: row.word("stage", Stage::from_word)?,
            payer: row.optional_parsed("payer")?,
            customer: row.optional_parsed("customer")?,
            merchant: row.optional_parsed("merchant")?,
            payee: row.optional_parsed("payee")?,
            amount: row.amount("amount")?,
            asset: AssetId(
                u32::try_from(row.number("asset")?).map_err(|e| row.corrupt("asset", &e))?,
            ),
            channel: row.optional("channel")?,
            channel_order_no: row.optional("channel_order_no")?,
            refund_of: row.optional_parsed("refund_of")?,
            refunded: row.amount("refunded")?,
            subject: row.text("subject")?,
            created_at: row.moment("created_at")?,
            finished_at: moment(row, "finished_at")?,
            date: match row.optional::<i64>("accounting_day")? {
                None => None,
                Some(_) => Some(row.date("accounting_day")?),
            },
            failure: failure(row)?,
            decision: row.optional_parsed("decision")?,
            attempts: u32::try_from(row.number("attempts")?)
                .map_err(|e| row.corrupt("attempts", &e))?,
            next_at: moment(row, "next_at")?,
        };
        Ok(Self {
            order,
            fingerprint: row.text("fingerprint")?,
            sent: row.number("sent")? != 0,
            plan: row.json("plan")?,
            trail: row.json("trail")?,
        })
    }
}

fn moment(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>, Error> {
    Ok(row.optional(column)?.map(Timestamp::from_micros))
}

fn failure(row: &Row<'_>) -> Result<Option<Failure>, Error> {
    let Some(code) = row.optional("failure_code")? else { return Ok(None) };
    let reason = Text::new(row.text("failure_en")?, row.text("failure_zh")?);
    Ok(Some(Failure { code, reason }))
}

fn scope_of(text: &str) -> Option<Scope> {
    let merchant = text.parse().map(Scope::Merchant).ok();
    merchant.or_else(|| text.parse().map(Scope::User).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_keeps_the_first_and_the_last_calls() {
        let mut trail = Trail::default();
        for n in 0..200 {
            trail.call(ChannelCall {
                at: Timestamp::from_millis(n),
                call: "query".to_owned(),
                answer: "unknown".to_owned(),
                note: String::new(),
            });
        }
        let at: Vec<i64> = trail.calls.iter().map(|c| c.at.as_millis()).collect();
        assert_eq!((at.len(), at.first(), at.get(31)), (64, Some(&0), Some(&31)));
        assert_eq!((at.get(32), at.last()), (Some(&168), Some(&199)));
    }

    #[test]
    fn a_scope_reads_back() {
        for scope in [
            Scope::Merchant(types::MerchantId::of(&[b"m"])),
            Scope::User(types::UserId::of(&[b"u"])),
        ] {
            assert_eq!(scope_of(&scope.to_string()), Some(scope));
        }
        assert_eq!(scope_of("x"), None);
    }
}
