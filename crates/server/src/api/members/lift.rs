//! `DELETE /v1/admin/freezes/{id}`: lifts one entry of the register.

use crate::app::Site;
use crate::extract::{Id, Maker, StrictQuery};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::FreezeLevel;
use serde::Deserialize;
use types::RegisterEntryId;

/// Who lifts it, and why; a DELETE has no body.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LiftQuery {
    /// The authority that lifts: `own`, `risk` or `judicial`; it must not rank below the entry.
    #[param(value_type = String)]
    level: FreezeLevel,
    /// On whose word, where it is not the operator's own.
    #[serde(default)]
    who: Option<String>,
    /// Why.
    reason: String,
}

/// Lift one entry; the others stay in force
#[utoipa::path(delete, path = "/v1/admin/freezes/{id}", tag = "operators",
    operation_id = "lift_freeze", security(("operator" = [])),
    params(("id" = String, Path, description = "The register entry"), LiftQuery),
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    Id(id): Id<RegisterEntryId>,
    StrictQuery(LiftQuery { level, who, reason }): StrictQuery<LiftQuery>,
) -> Result<StatusCode, Refusal> {
    let who = operator.on_the_word_of(who.as_deref());
    site.members.lift(id, level, &who, &reason, site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
