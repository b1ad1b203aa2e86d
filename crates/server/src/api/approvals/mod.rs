//! Maker and checker: what waits for a second person, and deciding it.

pub(super) mod decide;
pub(super) mod list;

pub(crate) use decide::decide;

use records::approvals::{Approval, State};
use serde::Serialize;
use types::Timestamp;

/// What was asked, and what became of it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ApprovalBody {
    /// Its number.
    #[schema(example = 7)]
    number: i64,
    /// What is to be done: `member.unmerge`.
    action: String,
    /// To what.
    subject: String,
    /// What exactly.
    #[schema(value_type = Object)]
    terms: serde_json::Value,
    /// Who asked.
    maker: String,
    reason: String,
    #[schema(value_type = String)]
    asked_at: Timestamp,
    /// From this moment on it can no longer be decided.
    #[schema(value_type = String)]
    expires_at: Timestamp,
    /// `waiting`, `approved`, `declined`.
    #[schema(value_type = String)]
    state: State,
    /// Who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    checker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    decided_at: Option<Timestamp>,
}

impl From<Approval> for ApprovalBody {
    fn from(a: Approval) -> Self {
        Self {
            number: a.number,
            action: a.action,
            subject: a.subject,
            terms: a.terms,
            maker: a.maker,
            reason: a.reason,
            asked_at: a.asked_at,
            expires_at: a.expires_at,
            state: a.state,
            checker: a.checker,
            note: a.note,
            decided_at: a.decided_at,
        }
    }
}
