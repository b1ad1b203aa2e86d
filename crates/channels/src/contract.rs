//! The wire types of the channel contract (docs/reference/channel-contract.md).
//!
//! Both sides read them strictly: an unknown field, a missing field or a value outside its bounds
//! is refused. A channel written in another language sees only the JSON; nothing here leaks Rust.

use money::Amount;
use serde::{Deserialize, Serialize};
use types::{BusinessDate, Timestamp};

/// The header that carries the caller's moment, RFC 3339.
pub const TIMESTAMP_HEADER: &str = "x-channel-timestamp";
/// The header that carries the caller's nonce, 32 lower-case hexadecimal digits.
pub const NONCE_HEADER: &str = "x-channel-nonce";
/// The header that carries the signature of a request, and of its answer.
pub const SIGNATURE_HEADER: &str = "x-channel-signature";
/// The largest JSON body that either side reads, in bytes.
pub const MAX_JSON_BYTES: usize = 64 * 1024;
/// The largest statement that is read, in bytes.
pub const MAX_STATEMENT_BYTES: usize = 256 * 1024 * 1024;
/// The code of a 404 that says: no such order was ever accepted.
pub const ORDER_NOT_FOUND: &str = "order_not_found";
/// The code of a 409 that says: this number already names another trade.
pub const IDEMPOTENCY_CONFLICT: &str = "idempotency_conflict";

/// What a channel can be asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Take a payer's money for a merchant (收款).
    Pay,
    /// Take a user's money for the user's own balance (充值).
    Topup,
    /// Give back part or all of a pay or top-up (退款).
    Refund,
    /// Send money out of the reserve to a bank account (出款).
    Payout,
}

/// The two kinds of taking money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayKind {
    /// For a merchant.
    Pay,
    /// For the payer's own balance.
    Topup,
}

impl From<PayKind> for Kind {
    fn from(kind: PayKind) -> Self {
        match kind {
            PayKind::Pay => Self::Pay,
            PayKind::Topup => Self::Topup,
        }
    }
}

/// `POST /v1/pay`: take money from a payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayRequest {
    /// Our number of the trade; the same number twice is the same trade.
    pub order_no: String,
    /// How much, in minor units; more than nothing.
    pub amount_minor: Amount,
    /// ISO 4217 code; `CNY`.
    pub currency: String,
    /// For whom.
    pub kind: PayKind,
    /// The merchant's number, as the payer may see it; the institution's own for a top-up.
    pub merchant_no: String,
    /// The payer's card or wallet, as the channel's own token.
    pub payer_token: String,
    /// What is paid for, as the payer may see it.
    pub subject: String,
    /// The caller's moment; the channel stamps its trade with it.
    pub at: Timestamp,
}

/// `POST /v1/refund`: give back part or all of a trade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundRequest {
    /// Our number of the refund, of the same name space as order numbers.
    pub refund_no: String,
    /// The trade that is refunded.
    pub order_no: String,
    /// How much, in minor units.
    pub amount_minor: Amount,
    /// The caller's moment.
    pub at: Timestamp,
}

/// `POST /v1/payout`: send money to a bank account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayoutRequest {
    /// Our number of the payout, of the same name space as order numbers.
    pub order_no: String,
    /// How much, in minor units.
    pub amount_minor: Amount,
    /// The bank account, as the channel's own token.
    pub bank_account_token: String,
    /// The caller's moment.
    pub at: Timestamp,
}

/// How far a trade has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The money has moved; final.
    Succeeded,
    /// The money has not moved and will not; final.
    Failed,
    /// Not decided yet; ask again.
    Processing,
}

/// The 200 answer to a pay, refund, payout or query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderAnswer {
    /// The number that was asked about.
    pub order_no: String,
    /// The channel's own number of the trade.
    pub channel_order_no: String,
    /// How far it has come.
    pub status: Status,
    /// Why it failed; present exactly when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
    /// When it became final; present exactly when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// Every answer that is not 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorAnswer {
    /// The stable code.
    pub code: String,
    /// The field at fault, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The sentence for people.
    pub message: String,
}

/// `GET /v1/settlements/{date}`: what the channel will pay for a day. The statement is the
/// authority: these are the sums of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// The statement's date.
    pub date: BusinessDate,
    /// Pays and top-ups that count.
    pub gross_minor: Amount,
    /// Refunds.
    pub refunds_minor: Amount,
    /// The channel's fee less what refunds gave back; negative if they gave back more.
    pub fee_minor: i64,
    /// Gross less refunds less fee; negative if we owe the channel.
    pub net_minor: i64,
}

/// How many trades of a day the statement lies about, by class. A simulator's control only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Differences {
    /// Rows of trades we never made.
    pub missing_at_us: u32,
    /// Trades of ours without a row.
    pub missing_at_channel: u32,
    /// Rows with another amount.
    pub amount: u32,
    /// Rows with another fee.
    pub fee: u32,
    /// Rows with another status.
    pub status: u32,
    /// Rows that stand twice.
    pub duplicate: u32,
}

/// `POST /v1/control/close-day`: end a simulator's day and write its statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseDay {
    /// The day to end.
    pub date: BusinessDate,
    /// What to plant.
    #[serde(default)]
    pub differences: Differences,
}
