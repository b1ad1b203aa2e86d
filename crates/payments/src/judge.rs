//! What risk control is asked, and what its answer means for an order.

use members::Payer;
use risk::{Decision, ElementValue, Event, Outcome};

use crate::model::order::{Failure, Kind, Order};
use crate::model::request::{Auth, Method, NewOrder};
use crate::place::password_suffices;

// Elements beyond risk control's own, as books/risk/features.toml declares them.
/// What the payer's account holds.
const AVAILABLE: &str = "available_minor";
/// Why the order could not pass anyway.
const REFUSED: &str = "refused";

/// The kind's name among risk control's events.
const fn event_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::TopUp => "topup",
        Kind::Payment => "payment",
        Kind::Transfer => "transfer",
        Kind::Withdrawal => "withdrawal",
        Kind::Refund => "refund",
    }
}

/// What a channel is asked to do for an order of this kind.
pub const fn channel_kind(kind: Kind) -> channels::Kind {
    match kind {
        Kind::TopUp => channels::Kind::Topup,
        Kind::Withdrawal => channels::Kind::Payout,
        Kind::Refund => channels::Kind::Refund,
        Kind::Payment | Kind::Transfer => channels::Kind::Pay,
    }
}

/// What stands about a new order before it is judged.
pub struct Standing<'o> {
    /// Who pays.
    pub payer: &'o Payer,
    /// What the payer's account holds before it.
    pub available: Option<i128>,
    /// Why it cannot pass, if freeze, limits or balance say so.
    pub refused: Option<&'o Failure>,
}

/// The event of a new order.
pub fn order(new: &NewOrder, order: &Order, standing: &Standing<'_>) -> Event {
    let (payer, at) = (standing.payer, order.created_at);
    let mut event = Event::new(event_kind(new.kind), at, Some(order.id));
    event.customer = payer.customer;
    event.user = Some(new.payer);
    event.account = payer.account;
    event.phone = Some(hex::encode(payer.phone));
    event.document = payer.document.map(hex::encode);
    event.merchant = new.merchant;
    event.payee_user = new.payee;
    event.amount_minor = Some(order.amount.signed());
    event.device.clone_from(&new.origin.device);
    event.ip.clone_from(&new.origin.ip);
    match &new.method {
        Method::Balance => event.channel = Some("balance".to_owned()),
        Method::Channel { code, instrument } => {
            event.channel = Some(code.clone());
            event.card = Some(instrument.clone());
        }
    }
    event.factors = match &new.auth {
        Auth::Password(_) => Some(1),
        // A device key's signature comes later, and may be one that nobody speaks for.
        Auth::PasswordFree | Auth::Withholding | Auth::DeviceKey => Some(0),
        Auth::Factors(shown) => i64::try_from(shown.factors().kinds()).ok(),
        // The channel's own check is not ours to count.
        Auth::ByChannel => None,
    };
    if let Some(available) = standing.available.and_then(|minor| i64::try_from(minor).ok()) {
        event.extra.insert(AVAILABLE.to_owned(), ElementValue::Int(available));
    }
    if let Some(refused) = standing.refused {
        event.extra.insert(REFUSED.to_owned(), ElementValue::Text(refused.code.clone()));
    }
    event.account_age_days = Some(payer.age_days(at));
    event
}

/// The event of a new refund.
pub fn refund(refund: &Order) -> Event {
    let mut event = Event::new(event_kind(refund.kind), refund.created_at, Some(refund.id));
    event.customer = refund.customer;
    event.user = refund.payer;
    event.merchant = refund.merchant;
    event.amount_minor = Some(refund.amount.signed());
    event.channel = Some(refund.channel.clone().unwrap_or_else(|| "balance".to_owned()));
    event
}

/// Whether a person must look: risk control says so, or asks for a factor that only a person can
/// make up for.
pub fn needs_review(decision: &Decision) -> bool {
    match decision.outcome {
        Outcome::Review => true,
        Outcome::StepUp => !password_suffices(decision),
        Outcome::Accept | Outcome::Reject => false,
    }
}
