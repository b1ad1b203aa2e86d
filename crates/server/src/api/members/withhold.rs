//! `PUT /v1/users/{user}/withholding`: a withholding agreement with the calling merchant.

use super::EnvelopeBody;
use super::agree::positive;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::keypad::Envelope;
use serde::Deserialize;
use types::UserId;

/// The limits agreed upon, minor units, and the payer's word.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithholdingBody {
    /// The most of one order.
    #[schema(example = 20_000)]
    per_order_minor: i64,
    /// The most of one day.
    #[schema(example = 100_000)]
    per_day_minor: i64,
    /// The payment password, bound to the order `agreement.withholding`, the day's limit as amount, and
    /// the merchant as payee.
    #[schema(value_type = EnvelopeBody)]
    envelope: Envelope,
}

/// Make or replace the withholding agreement with the calling merchant
#[utoipa::path(put, path = "/v1/users/{user}/withholding", tag = "users",
    operation_id = "agree_withholding", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = WithholdingBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<WithholdingBody>,
) -> Result<StatusCode, Refusal> {
    let per_order = positive(body.per_order_minor, "per_order_minor")?;
    let per_day = positive(body.per_day_minor, "per_day_minor")?;
    let (members, limits, now) = (&site.members, (per_order, per_day), site.now());
    members.agree_withholding(user, merchant.merchant, limits, &body.envelope, now).await?;
    Ok(StatusCode::NO_CONTENT)
}
