//! An order: its kind, its way, where it stands.

use members::keypad::Binding;
use money::{Amount, AssetId};
use serde::{Deserialize, Serialize};
use types::{
    BusinessDate, CustomerId, DecisionId, MerchantId, OrderId, Problem, ProblemKind, Text,
    Timestamp, UserId,
};

use super::request::{bound_order, bound_payee};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its stable word, as API, records and filters write it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The one that this word names.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// What an order does.
    Kind {
        /// Money of a user's card or wallet becomes the user's balance (充值).
        TopUp = "top_up",
        /// A user pays a merchant (支付).
        Payment = "payment",
        /// A user's balance goes to another user's (转账).
        Transfer = "transfer",
        /// A user's balance leaves to a bank account (提现).
        Withdrawal = "withdrawal",
        /// A payment goes back, in part or in full (退款).
        Refund = "refund",
    }
}

words! {
    /// Where an order stands, as the outside sees it.
    Status {
        /// It waits for a stronger factor of the payer.
        AuthenticationRequired = "authentication_required",
        /// Its money is set aside and a person decides.
        Review = "review",
        /// It is under way; ask again, or wait for the message.
        Processing = "processing",
        /// Its money has moved; final.
        Succeeded = "succeeded",
        /// Its money has not moved and will not; final.
        Failed = "failed",
    }
}

words! {
    /// Where an order stands in the records. The real state may be further on: every stage says
    /// what *may* have been done since, and recovery does those steps again under the same ids.
    Stage {
        /// Waits for a stronger factor; nothing was asked of the book.
        AwaitingFactor = "awaiting_factor",
        /// The book may have been asked; a channel may have been asked, if the order needs one.
        Trying = "trying",
        /// The book holds the money; an operator decides.
        Review = "review",
        /// The channel was asked and its answer is not certain yet.
        Sent = "sent",
        /// It is certain that the money moved; the hold is being posted.
        Confirming = "confirming",
        /// It is decided that the order fails; the hold is being voided.
        Cancelling = "cancelling",
        /// Final: the money moved.
        Succeeded = "succeeded",
        /// Final: the money did not move.
        Failed = "failed",
    }
}

impl Stage {
    /// Whether nothing will happen to the order any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }

    /// What the outside is told.
    pub const fn status(self) -> Status {
        match self {
            Self::AwaitingFactor => Status::AuthenticationRequired,
            Self::Review => Status::Review,
            Self::Trying | Self::Sent | Self::Confirming | Self::Cancelling => Status::Processing,
            Self::Succeeded => Status::Succeeded,
            Self::Failed => Status::Failed,
        }
    }
}

/// Whose keys an order's key is unique among, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The own order numbers of the merchant that places it.
    Merchant(MerchantId),
    /// The keys that a user's client makes.
    User(UserId),
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Merchant(id) => id.fmt(f),
            Self::User(id) => id.fmt(f),
        }
    }
}

/// Why an order failed: a stable code and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The stable code, `snake_case`.
    pub code: String,
    /// The sentence for people.
    pub reason: Text,
}

/// An order as the records have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id; also the number that the channel is given.
    pub id: OrderId,
    /// Whose key it bears.
    pub scope: Scope,
    /// The caller's key (merchant order number, or the client's idempotency key).
    pub key: String,
    /// What it does.
    pub kind: Kind,
    /// Where it stands in the records.
    pub stage: Stage,
    /// Whose money goes (the receiver of a refund). None: a refund to a payer who is no user.
    pub payer: Option<UserId>,
    /// The customer of the payer at that time.
    pub customer: Option<CustomerId>,
    /// The merchant that is paid, or that gives back; none: the house gives back.
    pub merchant: Option<MerchantId>,
    /// The user that is paid.
    pub payee: Option<UserId>,
    /// How much, in minor units.
    pub amount: Amount,
    /// Of what; CNY.
    pub asset: AssetId,
    /// The channel's code, if outside money moves.
    pub channel: Option<String>,
    /// The channel's own number, once it told us.
    pub channel_order_no: Option<String>,
    /// Of a refund: the payment.
    pub refund_of: Option<OrderId>,
    /// Of a payment: how much of it went back or is on its way back, in minor units.
    pub refunded: Amount,
    /// What is paid for, as people may see it.
    pub subject: String,
    /// When it came in.
    pub created_at: Timestamp,
    /// When it became final.
    pub finished_at: Option<Timestamp>,
    /// The accounting date it became final on.
    pub date: Option<BusinessDate>,
    /// Why it failed, or why it waits for a factor.
    pub failure: Option<Failure>,
    /// The risk decision: every order that is written has one.
    pub decision: Option<DecisionId>,
    /// How often the channel was asked.
    pub attempts: u32,
    /// When recovery looks at it next, while it is not final; of one that was given up, when its
    /// channel is asked again.
    pub next_at: Option<Timestamp>,
}

impl Order {
    /// What the outside is told.
    pub fn status(&self) -> Status {
        self.stage.status()
    }

    /// The merchant that placed it: the only one that may look at it, bring its payer's password,
    /// and hear of its end. None: the payer's own client did, or the house.
    pub fn placed_by(&self) -> Option<MerchantId> {
        match self.scope {
            Scope::Merchant(merchant) => Some(merchant).filter(|_| !self.gives_back_late()),
            Scope::User(_) => None,
        }
    }

    /// Whether it sends back what a channel took after the order it is about was given up: such a
    /// refund is the house's own, no merchant's.
    pub fn gives_back_late(&self) -> bool {
        self.kind == Kind::Refund && self.merchant.is_none()
    }

    /// What the payer's password for the order is bound to; `instrument` is its plan's.
    pub fn binding(&self, instrument: Option<&str>) -> Binding {
        let order = bound_order(self.kind, &self.key, instrument);
        Binding { order, amount: self.amount, payee: self.bound_payee() }
    }

    /// Who is paid, as the payer's password and signature name it.
    pub fn bound_payee(&self) -> String {
        bound_payee(self.merchant, self.payee)
    }

    /// The refusal as a problem, for callers that answer with one. The code is always
    /// `order_failed` or one that this room knows; the failure's own code stands in the order.
    pub fn problem(&self) -> Option<Problem> {
        let failure = self.failure.as_ref()?;
        let code = crate::problems::known_code(&failure.code);
        Some(Problem::new(
            ProblemKind::Refused,
            code,
            failure.reason.en.clone(),
            failure.reason.zh.clone(),
        ))
    }
}
