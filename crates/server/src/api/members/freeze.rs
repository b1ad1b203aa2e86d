//! `POST /v1/admin/freezes`: enters a freeze into the register.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Maker, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::{FreezeLevel, NewEntry, Scope, Target};
use serde::{Deserialize, Serialize};
use types::{AccountId, CustomerId, RegisterEntryId, Timestamp, UserId};

/// What is frozen: exactly one of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum TargetBody {
    /// A customer with all its users and accounts.
    Customer(CustomerId),
    /// A user.
    User(UserId),
    /// An account.
    Account(AccountId),
}

/// An entry of the freeze register.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeBody {
    /// `{"customer": id}`, `{"user": id}` or `{"account": id}`.
    #[schema(value_type = Object, example = json!({"user": "usr_01h455vb4pex5vsknk084sn02q"}))]
    target: TargetBody,
    /// On whose word, where it is not the operator's own.
    #[serde(default)]
    who: Option<String>,
    reason: String,
    /// The document that orders it.
    #[serde(default)]
    document: Option<String>,
    /// `judicial`, `risk` or `own`.
    #[schema(value_type = String, example = "risk")]
    level: FreezeLevel,
    /// `debit`, `credit` or `both`.
    #[schema(value_type = String, example = "both")]
    scope: Scope,
    /// When it ends by itself.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    until: Option<Timestamp>,
}

/// The entry.
#[derive(Serialize, utoipa::ToSchema)]
pub struct FrozenBody {
    #[schema(value_type = String)]
    id: RegisterEntryId,
}

/// Enter a freeze; when this answers the ledger enforces it
#[utoipa::path(post, path = "/v1/admin/freezes", tag = "operators", operation_id = "freeze",
    security(("operator" = [])), request_body = FreezeBody,
    responses((status = OK, body = FrozenBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    StrictJson(body): StrictJson<FreezeBody>,
) -> Answer<FrozenBody> {
    let entry = NewEntry {
        target: match body.target {
            TargetBody::Customer(id) => Target::Customer(id),
            TargetBody::User(id) => Target::User(id),
            TargetBody::Account(id) => Target::Account(id),
        },
        who: operator.on_the_word_of(body.who.as_deref()),
        reason: body.reason,
        document: body.document,
        level: body.level,
        scope: body.scope,
        until: body.until,
    };
    let id = site.members.freeze(entry, site.now()).await?;
    Ok(Json(FrozenBody { id }))
}
