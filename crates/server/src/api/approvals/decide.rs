//! `POST /v1/admin/approvals/{number}`: a second person decides what was asked, and it is done.

use super::ApprovalBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Checker, Number, Operator, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::{Alongside, UNMERGE};
use records::approvals::{self, Decision, Refused};
use risk::Listed;
use serde::Deserialize;
use std::sync::{Arc, OnceLock};
use types::{Problem, Timestamp};

/// The decision.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideBody {
    /// Whether it is done.
    approve: bool,
    /// Why.
    note: String,
}

/// Decides what was asked and, if it is approved, lets its room do it.
pub(crate) async fn decide(
    site: &Site,
    operator: &Operator,
    number: i64,
    approve: bool,
    note: String,
) -> Result<(), Problem> {
    let now = site.now();
    let asked = approvals::get(site.records.db(), number).await?.ok_or(Refused::NotFound)?;
    let decision = Decision { checker: operator.name().to_owned(), approve, note };
    match asked.action.as_str() {
        UNMERGE => unmerge(site, number, decision, now).await,
        // Nobody here asks for anything else.
        _ => Err(Refused::NotFound.into()),
    }
}

/// The lists that name the old customer name the new one too.
async fn unmerge(
    site: &Site,
    number: i64,
    decision: Decision,
    now: Timestamp,
) -> Result<(), Problem> {
    let copied = Arc::new(OnceLock::new());
    let (risk, found, who) = (site.risk.clone(), Arc::clone(&copied), decision.checker.clone());
    let lists: Alongside = Box::new(move |txn, split| {
        Box::pin(async move {
            let (from, to) = (split.from.to_string(), split.to.to_string());
            let entry = risk.copy_entry(txn, Listed::Customer, &from, &to, &who, now).await?;
            // A unit runs once.
            let _ = found.set(entry);
            Ok(())
        })
    });
    let split = site.members.decide_unmerge(number, decision, lists, now).await?;
    if split.is_some()
        && let Some(Some(entry)) = copied.get()
    {
        site.risk.take_up(entry);
    }
    Ok(())
}

/// Decide what another operator has asked for
#[utoipa::path(post, path = "/v1/admin/approvals/{number}", tag = "operators",
    operation_id = "decide_approval", security(("operator" = [])),
    params(("number" = i64, Path, description = "The approval")), request_body = DecideBody,
    responses((status = OK, body = ApprovalBody),
        (status = FORBIDDEN, body = ProblemBody, content_type = "application/problem+json",
            description = "`approval_same_person`: whoever asked may not decide"),
        (status = CONFLICT, body = ProblemBody, content_type = "application/problem+json",
            description = "`approval_stale`: decided, too old, or the world has changed"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Checker(operator): Checker,
    State(site): State<Site>,
    Number(number): Number,
    StrictJson(body): StrictJson<DecideBody>,
) -> Answer<ApprovalBody> {
    decide(&site, &operator, number, body.approve, body.note).await?;
    let decided = approvals::get(site.records.db(), number).await?;
    Ok(Json(decided.ok_or(Refused::NotFound)?.into()))
}
