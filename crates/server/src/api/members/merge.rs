//! `POST /v1/users/{user}/merge`: hangs a second registration under the customer it belongs to.

use super::EnvelopeBody;
use super::real_name::{RealNameBody, VerifiedBody};
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, renamed};
use axum::Json;
use axum::extract::State;
use members::keypad::Envelope;
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

/// Who the user is, and the password and code that say so.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeBody {
    /// The claim that was answered by `customer_exists_merge_required`.
    claim: RealNameBody,
    /// One of the `candidates` of that answer.
    #[schema(value_type = String)]
    existing: UserId,
    /// The payment password of `existing`, sealed with a one-time value of `existing`; bound to the
    /// order `member.merge`, amount 0, and as payee the user of the path.
    #[schema(value_type = EnvelopeBody)]
    envelope: Envelope,
    /// The one-time code that `/v1/users/{existing}/codes` sent for the purpose `merge` with the user
    /// of the path as its subject.
    #[schema(example = "830592")]
    code: String,
}

/// Merge a user into its customer, authorised by payment password and phone of one of that customer's users
#[utoipa::path(post, path = "/v1/users/{user}/merge", tag = "users", operation_id = "merge_user",
    security(("merchant" = [])),
    params(("user" = String, Path, description = "The second registration, not verified yet")),
    request_body = MergeBody,
    responses((status = OK, body = VerifiedBody),
        (status = CONFLICT, body = ProblemBody, content_type = "application/problem+json",
            description = "`already_verified`: the user has a customer"),
        (status = UNPROCESSABLE_ENTITY, body = ProblemBody, content_type = "application/problem+json",
            description = "`merge_password_wrong` (counted as any wrong password is), \
                `password_locked`, `code_wrong` and the other refusals of a code, \
                `customer_users_exceeded`, `realname_mismatch`"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<MergeBody>,
) -> Answer<VerifiedBody> {
    let (members, claim, now) = (&site.members, body.claim.into(), site.now());
    let merged = members.merge(user, claim, body.existing, &body.envelope, &body.code, now).await;
    Ok(Json(merged.map_err(|error| renamed(error.into(), &NAMES))?.into()))
}
