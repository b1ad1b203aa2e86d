//! One trade as the channel keeps it, and how a request becomes one. Pure.

use crate::SimulatorKind;
use crate::chance::Chance;
use channels::{PayKind, PayRequest, PayoutRequest, RefundRequest};
use money::Amount;
use serde::{Deserialize, Serialize};
use types::{BusinessDate, Timestamp};

/// What a trade does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TradeKind {
    Pay,
    Topup,
    Refund,
    Payout,
}

/// The trade that a refund gives back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Original {
    pub(crate) no: String,
    pub(crate) channel_no: String,
}

/// One trade, final from the moment it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trade {
    /// The institution's number.
    pub(crate) no: String,
    pub(crate) kind: TradeKind,
    pub(crate) amount: Amount,
    /// The payer's card or wallet, or the bank account paid to.
    pub(crate) token: String,
    /// Empty for payouts.
    pub(crate) merchant_no: String,
    /// Empty for payouts.
    pub(crate) subject: String,
    /// Of refunds.
    pub(crate) original: Option<Original>,
    /// The channel's own number.
    pub(crate) channel_no: String,
    /// Why it failed, if it did.
    pub(crate) failure: Option<String>,
    pub(crate) finished_at: Timestamp,
    /// The day whose statement has it.
    pub(crate) statement_date: BusinessDate,
    /// What the channel charges for it, or gives back for a refund.
    pub(crate) fee: Amount,
}

/// What a request asks for, whichever of the three it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) no: String,
    pub(crate) kind: TradeKind,
    pub(crate) amount: Amount,
    /// Empty for refunds: it goes back where it came from.
    pub(crate) token: String,
    pub(crate) merchant_no: String,
    pub(crate) subject: String,
    /// The number of the trade to refund.
    pub(crate) original: Option<String>,
    pub(crate) at: Timestamp,
}

impl From<PayRequest> for Wish {
    fn from(request: PayRequest) -> Self {
        Self {
            no: request.order_no,
            kind: match request.kind {
                PayKind::Pay => TradeKind::Pay,
                PayKind::Topup => TradeKind::Topup,
            },
            amount: request.amount_minor,
            token: request.payer_token,
            merchant_no: request.merchant_no,
            subject: request.subject,
            original: None,
            at: request.at,
        }
    }
}

impl From<RefundRequest> for Wish {
    fn from(request: RefundRequest) -> Self {
        Self {
            no: request.refund_no,
            kind: TradeKind::Refund,
            amount: request.amount_minor,
            token: String::new(),
            merchant_no: String::new(),
            subject: String::new(),
            original: Some(request.order_no),
            at: request.at,
        }
    }
}

impl From<PayoutRequest> for Wish {
    fn from(request: PayoutRequest) -> Self {
        Self {
            no: request.order_no,
            kind: TradeKind::Payout,
            amount: request.amount_minor,
            token: request.bank_account_token,
            merchant_no: String::new(),
            subject: String::new(),
            original: None,
            at: request.at,
        }
    }
}

impl Trade {
    /// Whether the money moved.
    pub(crate) fn succeeded(&self) -> bool {
        self.failure.is_none()
    }

    /// Whether it takes money from a payer.
    pub(crate) fn is_payment(&self) -> bool {
        matches!(self.kind, TradeKind::Pay | TradeKind::Topup)
    }

    /// Whether a statement of trades lists it: what moved, payouts apart.
    pub(crate) fn is_on_statement(&self) -> bool {
        self.succeeded() && self.kind != TradeKind::Payout
    }

    /// Whether a repeated request asks for this very trade. The moment may differ: a retry may
    /// have been stamped anew.
    pub(crate) fn is_of(&self, wish: &Wish) -> bool {
        let same_party = self.kind == TradeKind::Refund
            || (self.token == wish.token
                && self.merchant_no == wish.merchant_no
                && self.subject == wish.subject);
        self.kind == wish.kind
            && self.amount == wish.amount
            && self.original.as_ref().map(|o| &o.no) == wish.original.as_ref()
            && same_party
    }
}

/// The channel's own number of a trade, in the form the real one gives it: the same whenever the
/// trade arrives.
pub(crate) fn channel_no(
    kind: SimulatorKind,
    seed: u64,
    wish: TradeKind,
    no: &str,
    date: BusinessDate,
) -> String {
    let mut chance = Chance::of(seed, &["channel_no", no]);
    match (kind, wish) {
        (SimulatorKind::Card, TradeKind::Refund) => format!("50000{}", chance.digits(22)),
        (SimulatorKind::Card, _) => format!("4200000{}", chance.digits(21)),
        (SimulatorKind::Wallet, _) => format!("{}22001{}", date.compact(), chance.digits(15)),
    }
}
