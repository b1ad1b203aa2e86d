//! `PUT /v1/users/{user}/agreement`: a password-free agreement with the calling merchant.

use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use money::{Amount, MoneyError};
use serde::Deserialize;
use types::{Problem, ProblemKind, UserId};

/// The limits agreed upon, minor units.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementBody {
    /// The most of one order.
    #[schema(example = 20_000)]
    per_order_minor: i64,
    /// The most of one day.
    #[schema(example = 100_000)]
    per_day_minor: i64,
}

pub(super) fn positive(minor: i64, field: &str) -> Result<Amount, Problem> {
    let fault = |error: Option<MoneyError>| {
        let what = error.map_or_else(|| "it is zero".to_owned(), |e| e.to_string());
        Problem::new(
            ProblemKind::Invalid,
            "amount_not_positive",
            format!("a limit must be more than nothing: {what}"),
            "限额必须大于零",
        )
        .at(field)
    };
    let amount = Amount::try_from(minor).map_err(|error| fault(Some(error)))?;
    if amount.is_zero() { Err(fault(None)) } else { Ok(amount) }
}

/// Make or replace the password-free agreement with the calling merchant
#[utoipa::path(put, path = "/v1/users/{user}/agreement", tag = "users",
    operation_id = "agree_password_free", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = AgreementBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<AgreementBody>,
) -> Result<StatusCode, Refusal> {
    let per_order = positive(body.per_order_minor, "per_order_minor")?;
    let per_day = positive(body.per_day_minor, "per_day_minor")?;
    let (members, now) = (&site.members, site.now());
    members.agree_password_free(user, merchant.merchant, per_order, per_day, now).await?;
    Ok(StatusCode::NO_CONTENT)
}
