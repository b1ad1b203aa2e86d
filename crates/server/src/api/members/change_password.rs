//! `POST /v1/users/{user}/payment-password`: changes the payment password, if risk control agrees.

use super::EnvelopeBody;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::Payer;
use members::keypad::Envelope;
use payments::Origin;
use risk::{Decision, Event, Factor, Outcome};
use serde::Deserialize;
use types::{Problem, ProblemKind, Timestamp, UserId};

/// Both sealed passwords, each with a one-time value of its own; both bound to the order
/// `password.change`, amount 0, payee empty.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordBody {
    /// The password that stands.
    #[schema(value_type = EnvelopeBody)]
    old: Envelope,
    /// The one that is to take its place.
    #[schema(value_type = EnvelopeBody)]
    new: Envelope,
    /// The client's device id, for risk.
    #[serde(default)]
    device: Option<String>,
    /// The client's address, for risk.
    #[serde(default)]
    ip: Option<String>,
}

/// What risk control is asked.
fn event(payer: &Payer, origin: Origin, now: Timestamp) -> Event {
    let mut event = Event::new("change_password", now, None);
    event.user = Some(payer.user);
    event.customer = payer.customer;
    event.account = payer.account;
    event.phone = Some(hex::encode(payer.phone));
    event.document = payer.document.map(hex::encode);
    event.device = origin.device;
    event.ip = origin.ip;
    // The standing password is checked with the change itself.
    event.factors = Some(1);
    event.account_age_days = Some(payer.age_days(now));
    event
}

/// Whether risk control lets the change pass on the strength of the standing password. Nothing can
/// wait here until a person has looked: what asks for more is refused.
fn passes(decision: &Decision) -> bool {
    match decision.outcome {
        Outcome::Accept => true,
        Outcome::StepUp => decision.factors.iter().all(|f| *f == Factor::PaymentPassword),
        Outcome::Review | Outcome::Reject => false,
    }
}

/// Which rule it was stays in the house.
fn rejected() -> Problem {
    Problem::new(
        ProblemKind::Refused,
        "risk_rejected",
        "the change was refused for safety",
        "出于安全原因，修改被拒绝",
    )
}

/// Change the payment password
#[utoipa::path(post, path = "/v1/users/{user}/payment-password", tag = "users",
    operation_id = "change_payment_password", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = ChangePasswordBody,
    responses((status = NO_CONTENT),
        (status = UNPROCESSABLE_ENTITY, body = ProblemBody, content_type = "application/problem+json",
            description = "`password_wrong`, `password_locked`, `password_not_set`, \
                `password_weak`, `risk_rejected`"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<ChangePasswordBody>,
) -> Result<StatusCode, Refusal> {
    let now = site.now();
    let origin = Origin { device: body.device, ip: body.ip };
    origin.check()?;
    let event = event(&site.members.payer(user).await?, origin, now);
    if !passes(&site.judged(&event).await?) {
        return Err(rejected().into());
    }
    site.members.change_payment_password(user, &body.old, &body.new, now).await?;
    Ok(StatusCode::NO_CONTENT)
}
