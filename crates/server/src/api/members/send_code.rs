//! `POST /v1/users/{user}/codes`: a one-time code by message to the user's phone.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::CodePurpose;
use serde::{Deserialize, Serialize};
use types::UserId;

/// What the code is to be good for.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeBody {
    /// `merge`, `password_reset`, `order`.
    #[schema(value_type = String, example = "order")]
    purpose: CodePurpose,
    /// Which one: of `merge` the user that is to be merged, of `order` its `order_no`; of
    /// `password_reset` nothing.
    #[serde(default)]
    subject: Option<String>,
}

/// A code on its way.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SentCodeBody {
    /// To which phone, masked.
    phone: String,
    /// Until when it is good, RFC 3339.
    expires_at: String,
    /// From when another may be sent, RFC 3339.
    resend_at: String,
}

/// Send a one-time code to the user's phone
#[utoipa::path(post, path = "/v1/users/{user}/codes", tag = "users",
    operation_id = "send_code", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = CodeBody,
    responses((status = OK, body = SentCodeBody),
        (status = TOO_MANY_REQUESTS, body = ProblemBody, content_type = "application/problem+json",
            description = "`code_too_soon`, `code_day_limit`"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<CodeBody>,
) -> Answer<SentCodeBody> {
    // Where nothing needs to be named, the subject is the user itself.
    let subject = body.subject.unwrap_or_else(|| user.to_string());
    let sent = site.members.send_code(user, body.purpose, &subject, site.now()).await?;
    Ok(Json(SentCodeBody {
        phone: sent.phone.to_string(),
        expires_at: sent.expires_at.to_string(),
        resend_at: sent.resend_at.to_string(),
    }))
}
