//! `POST /v1/users/{user}/payment-password/reset`: a new password in place of a forgotten one.

use super::EnvelopeBody;
use super::judging::password_judged;
use super::real_name::RealNameBody;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal, renamed};
use axum::extract::State;
use axum::http::StatusCode;
use members::keypad::Envelope;
use payments::Origin;
use risk::Factor;
use serde::Deserialize;
use types::UserId;

/// What the members' room calls otherwise than this request does.
const NAMES: [(&str, &str); 5] = [
    ("name", "claim.name"),
    ("id_number", "claim.id_number"),
    ("cards.number", "claim.cards.number"),
    ("cards.phone", "claim.cards.phone"),
    ("password", "envelope"),
];

/// The person again, the phone, and the new password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPasswordBody {
    /// Who the user is, with the cards that its class needs; `class` is not looked at.
    claim: RealNameBody,
    /// The one-time code sent for the purpose `password_reset`.
    code: String,
    /// Bound to the order `password.reset`, amount 0, payee empty.
    #[schema(value_type = EnvelopeBody)]
    envelope: Envelope,
    /// The client's device id, for risk.
    #[serde(default)]
    device: Option<String>,
    /// The client's address, for risk.
    #[serde(default)]
    ip: Option<String>,
}

/// Reset a forgotten payment password by real name and a one-time code
#[utoipa::path(post, path = "/v1/users/{user}/payment-password/reset", tag = "users",
    operation_id = "reset_payment_password", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = ResetPasswordBody,
    responses((status = NO_CONTENT),
        (status = UNPROCESSABLE_ENTITY, body = ProblemBody, content_type = "application/problem+json",
            description = "`realname_mismatch`, `code_wrong`, `password_weak`, `risk_rejected` and more"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<ResetPasswordBody>,
) -> Result<StatusCode, Refusal> {
    let now = site.now();
    let origin = Origin { device: body.device, ip: body.ip };
    origin.check()?;
    // The phone shows itself with the reset; that outsiders prove the person anew stands where the
    // forgotten password would.
    let known = [Factor::SmsCode, Factor::PaymentPassword];
    password_judged(&site, user, origin, &known, now).await?;
    let (claim, members) = (body.claim.into(), &site.members);
    let reset = members.reset_payment_password(user, claim, &body.code, &body.envelope, now).await;
    reset.map_err(|error| renamed(error.into(), &NAMES))?;
    Ok(StatusCode::NO_CONTENT)
}
