//! `POST /v1/users/{user}/codes`: a one-time code by message to the user's phone.

use super::agree::positive;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::CodePurpose;
use members::keypad::Binding;
use serde::{Deserialize, Serialize};
use types::UserId;

/// What the code is to be good for: that alone.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(tag = "purpose", rename_all = "snake_case", deny_unknown_fields)]
pub enum CodeBody {
    /// Another user is to be merged into this one's customer.
    Merge {
        /// The other user.
        subject: String,
    },
    /// The payment password is to be set anew.
    PasswordReset {},
    /// An order is to be authenticated: this one, for this amount, to this payee.
    Order {
        /// The number its maker gave it; of a withdrawal, a blank and the instrument behind it.
        #[schema(example = "2026-0001")]
        order_no: String,
        /// Minor units (fen).
        #[schema(example = 1_299)]
        amount_minor: i64,
        /// Who is paid, as in the password's envelope: a merchant's or user's id; absent where
        /// nobody is.
        #[serde(default)]
        payee: Option<String>,
    },
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
///
/// The message says what the code is for; for an order the amount and the payee, by a merchant's name
/// or a user's masked phone.
#[utoipa::path(post, path = "/v1/users/{user}/codes", tag = "users",
    operation_id = "send_code", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = CodeBody,
    responses((status = OK, body = SentCodeBody),
        (status = TOO_MANY_REQUESTS, body = ProblemBody, content_type = "application/problem+json",
            description = "`code_too_soon`, `code_day_limit`"),
        (status = NOT_FOUND, body = ProblemBody, content_type = "application/problem+json",
            description = "`user_not_found`, `payee_not_found`"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<CodeBody>,
) -> Answer<SentCodeBody> {
    let (members, now) = (&site.members, site.now());
    let sent = match body {
        CodeBody::Merge { subject } => {
            members.send_code(user, CodePurpose::Merge, &subject, now).await?
        }
        CodeBody::PasswordReset {} => {
            members.send_code(user, CodePurpose::PasswordReset, &user.to_string(), now).await?
        }
        CodeBody::Order { order_no, amount_minor, payee } => {
            let amount = positive(amount_minor, "amount_minor")?;
            let terms = Binding { order: order_no, amount, payee: payee.unwrap_or_default() };
            members.send_order_code(user, &terms, now).await?
        }
    };
    Ok(Json(SentCodeBody {
        phone: sent.phone.to_string(),
        expires_at: sent.expires_at.to_string(),
        resend_at: sent.resend_at.to_string(),
    }))
}
