//! `POST /v1/users/{user}/payment-password`: changes the payment password, if risk control agrees.

use super::EnvelopeBody;
use super::judging::password_judged;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::keypad::Envelope;
use payments::Origin;
use risk::Factor;
use serde::Deserialize;
use types::UserId;

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
    // The standing password is checked with the change itself.
    let known = [Factor::PaymentPassword];
    password_judged(&site, user, origin, &known, now).await?;
    site.members.change_payment_password(user, &body.old, &body.new, now).await?;
    Ok(StatusCode::NO_CONTENT)
}
