//! `/freezes`, `/freezes/{id}/lift` and `/users/{id}/unmerge`: what an operator decides of a
//! customer on its page.

use super::language::own_path;
use super::see_other;
use crate::app::Site;
use crate::extract::{Id, Maker};
use crate::problem::Refusal;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use members::{FreezeLevel, NewEntry, Scope, Target};
use serde::Deserialize;
use types::{Problem, ProblemKind, RegisterEntryId, UserId};

/// A freeze to be entered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Freeze {
    /// A customer's, a user's or an account's id.
    target: String,
    level: FreezeLevel,
    scope: Scope,
    reason: String,
    document: String,
    /// The page to go back to.
    back: String,
}

/// An entry to be lifted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lift {
    level: FreezeLevel,
    reason: String,
    back: String,
}

/// A user to be split off.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unmerge {
    reason: String,
}

pub(super) async fn freeze(
    Maker(operator): Maker,
    State(site): State<Site>,
    Form(form): Form<Freeze>,
) -> Result<Response, Refusal> {
    let target = Target::from_text(&form.target).ok_or_else(|| {
        let (en, zh) = ("this is no customer, user or account", "不是客户、用户或账户编号");
        Problem::new(ProblemKind::Invalid, "invalid_field", en, zh).at("target")
    })?;
    let document = Some(form.document).filter(|document| !document.trim().is_empty());
    let entry = NewEntry {
        target,
        who: operator.name().to_owned(),
        reason: form.reason,
        document,
        level: form.level,
        scope: form.scope,
        until: None,
    };
    site.members.freeze(entry, site.now()).await?;
    Ok(see_other(own_path(&form.back)))
}

pub(super) async fn lift(
    Maker(operator): Maker,
    State(site): State<Site>,
    Id(id): Id<RegisterEntryId>,
    Form(form): Form<Lift>,
) -> Result<Response, Refusal> {
    site.members.lift(id, form.level, operator.name(), &form.reason, site.now()).await?;
    Ok(see_other(own_path(&form.back)))
}

pub(super) async fn unmerge(
    Maker(operator): Maker,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    Form(form): Form<Unmerge>,
) -> Result<Response, Refusal> {
    site.members.ask_unmerge(user, operator.name(), &form.reason, site.now()).await?;
    Ok(see_other("/approvals"))
}
