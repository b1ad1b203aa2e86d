//! What callers ask for.

use members::keypad::{Binding, Envelope};
use members::{Credentials, Factor, Factors};
use money::Amount;
use types::{MerchantId, OrderId, Problem, UserId};

use super::order::{Kind, Stage};

/// By what way the money comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// From the payer's balance.
    Balance,
    /// Through a channel.
    Channel {
        /// The channel's code.
        code: String,
        /// The payer's card, wallet or bank account as the channel's own token.
        instrument: String,
    },
}

/// How the payer shows that it is the payer.
#[derive(Debug, Clone)]
pub enum Auth {
    /// The payment password, sealed in the client. It is bound to the order's *key*, its amount and
    /// its payee.
    Password(Envelope),
    /// A device key. The order waits until its challenge is signed, see
    /// [`crate::Payments::device_challenge`]: the challenge carries the order, so the order comes
    /// first.
    DeviceKey,
    /// Several credentials; the day's limit follows from how many sorts of factors they are.
    Factors(Box<Credentials>),
    /// An agreement with the merchant (免密): balance payments only.
    PasswordFree,
    /// A withholding agreement with the merchant (代扣), which orders by itself: balance payments
    /// only.
    Withholding,
    /// The channel authenticates the payer: channel orders only, but withdrawals.
    ByChannel,
}

impl Auth {
    /// Its stable word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Password(_) => "password",
            Self::DeviceKey => "device_key",
            Self::Factors(_) => "factors",
            Self::PasswordFree => "password_free",
            Self::Withholding => "withholding",
            Self::ByChannel => "by_channel",
        }
    }

    /// Which factors it comes to at most; what was right counts once it is known.
    pub fn promised(&self) -> Factors {
        match self {
            Self::Password(_) => [Factor::PaymentPassword].into_iter().collect(),
            Self::DeviceKey => [Factor::DeviceKey, Factor::Body].into_iter().collect(),
            Self::Factors(shown) => shown.factors(),
            Self::PasswordFree | Self::Withholding | Self::ByChannel => Factors::default(),
        }
    }
}

/// Where a request comes from; all optional, for risk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The client's device id.
    pub device: Option<String>,
    /// The client's address.
    pub ip: Option<String>,
}

impl Origin {
    /// Whether risk control may be told of it.
    ///
    /// # Errors
    /// `text_invalid`: each is 1 to 128 visible ASCII.
    pub fn check(&self) -> Result<(), Problem> {
        super::form::origin(self)
    }
}

/// A new order of any kind but refund.
#[derive(Debug, Clone)]
pub struct NewOrder {
    /// Top-up, payment, transfer or withdrawal.
    pub kind: Kind,
    /// The merchant that is paid: payments only.
    pub merchant: Option<MerchantId>,
    /// The merchant that places it, and may look at it later. A payment is placed by the merchant
    /// that is paid; the payer's own client places the rest where this is absent.
    pub placed_by: Option<MerchantId>,
    /// Unique for ever among the orders of the merchant that places it, or among the payer's where
    /// none does.
    pub key: String,
    /// Whose money it is.
    pub payer: UserId,
    /// The user that is paid: transfers only (a top-up pays its payer).
    pub payee: Option<UserId>,
    /// How much, in minor units.
    pub amount: i64,
    /// ISO 4217 code; `CNY`.
    pub currency: String,
    /// By what way. Top-ups and withdrawals name a channel.
    pub method: Method,
    /// How the payer is authenticated.
    pub auth: Auth,
    /// From where.
    pub origin: Origin,
    /// What is paid for, at most 128 characters.
    pub subject: String,
    /// Where the result is told; the merchant's own URL if absent.
    pub notify_url: Option<String>,
}

impl NewOrder {
    /// What the payer's password for the order is bound to.
    ///
    /// # Errors
    /// An amount that is none.
    pub fn binding(&self) -> Result<Binding, Problem> {
        let amount = Amount::try_from(self.amount)
            .map_err(|_| crate::problems::amount_not_positive(self.amount))?;
        let instrument = match &self.method {
            Method::Channel { instrument, .. } => Some(instrument.as_str()),
            Method::Balance => None,
        };
        let order = bound_order(self.kind, &self.key, instrument);
        Ok(Binding { order, amount, payee: bound_payee(self.merchant, self.payee) })
    }
}

/// Which order the password for it is bound to: its key; of a withdrawal the bank account behind it
/// too, for money that leaves the house is paid to nobody else. Neither has a blank.
pub(crate) fn bound_order(kind: Kind, key: &str, instrument: Option<&str>) -> String {
    match instrument.filter(|_| kind == Kind::Withdrawal) {
        Some(account) => format!("{key} {account}"),
        None => key.to_owned(),
    }
}

/// Who is paid; empty where nobody inside is.
pub(crate) fn bound_payee(merchant: Option<MerchantId>, payee: Option<UserId>) -> String {
    let merchant = merchant.map(|id| id.to_string());
    merchant.or_else(|| payee.map(|id| id.to_string())).unwrap_or_default()
}

/// A refund of a payment, in part or in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund {
    /// The merchant that gives back.
    pub merchant: MerchantId,
    /// Its own refund number; of the same name space as its order numbers.
    pub key: String,
    /// The payment.
    pub of: OrderId,
    /// How much, in minor units.
    pub amount: i64,
    /// Why, at most 128 characters.
    pub subject: String,
    /// Where the result is told; the merchant's own URL if absent.
    pub notify_url: Option<String>,
}

/// Which orders a list shows; everything absent matches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<Kind>,
    /// At this stage.
    pub stage: Option<Stage>,
    /// That pay this merchant, or that it gives back.
    pub merchant: Option<MerchantId>,
    /// That this merchant placed ([`super::order::Order::placed_by`]).
    pub placed_by: Option<MerchantId>,
    /// Where this user pays or is paid.
    pub user: Option<UserId>,
    /// Through this channel.
    pub channel: Option<String>,
    /// Refunds of this payment.
    pub refund_of: Option<OrderId>,
    /// With exactly this key.
    pub key: Option<String>,
}

/// A page of a list, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Only orders before this one; the cursor of the page before.
    pub before: Option<OrderId>,
    /// At most this many, 1 to 500.
    pub limit: u64,
}

impl Default for Page {
    fn default() -> Self {
        Self { before: None, limit: 50 }
    }
}
