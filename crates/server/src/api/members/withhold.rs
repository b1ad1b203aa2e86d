//! `PUT /v1/users/{user}/withholding`: a withholding agreement with the calling merchant.

use super::agree::AgreementBody;
use super::envelope::done;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::AgreementKind;
use types::UserId;

/// Make or replace the withholding agreement with the calling merchant, on the payer's password
#[utoipa::path(put, path = "/v1/users/{user}/withholding", tag = "users",
    operation_id = "agree_withholding", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = AgreementBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<AgreementBody>,
) -> Result<StatusCode, Refusal> {
    let (kind, merchant) = (AgreementKind::Withholding, merchant.merchant);
    let (agreement, password) = body.read(kind, user, merchant, site.now())?;
    done(site.members.agree_by_password(agreement, &password).await)
}
