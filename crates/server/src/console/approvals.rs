//! `/approvals`: what one operator asked and another decides.

use super::figures::moment;
use super::frame::{Frame, Section, Visit};
use super::words::{self, BAD, CALM, GOOD, Tone, WARN};
use super::{Page, page, see_other};
use crate::api::decide_approval;
use crate::app::Site;
use crate::extract::{Checker, Number, Operator, StrictQuery};
use crate::operators::Role;
use crate::problem::Refusal;
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use members::UNMERGE;
use records::approvals::{self, Approval, State as Standing};
use serde::Deserialize;
use types::{Locale, Timestamp};

const LIMIT: u64 = 50;

struct ApprovalRow {
    number: i64,
    action: String,
    subject: String,
    /// The page of what it is about; empty where there is none.
    path: String,
    maker: String,
    reason: String,
    asked: String,
    state: &'static str,
    tone: Tone,
    checker: String,
    note: String,
    /// Whether who looks may decide it.
    mine: bool,
}

/// The approvals.
#[derive(Template)]
#[template(path = "approvals.html")]
pub(super) struct Approvals {
    frame: Frame,
    rows: Vec<ApprovalRow>,
    next: Option<i64>,
}

/// Which page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    before: Option<i64>,
}

/// The decision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    approve: bool,
    note: String,
}

pub(super) async fn show(
    State(site): State<Site>,
    operator: Operator,
    visit: Visit,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let rows = approvals::page(site.records.db(), false, query.before, LIMIT).await?;
    let checker = operator.is(Role::Checker).then(|| operator.name());
    let now = site.now();
    page(&Approvals::new(Frame::new(&site, visit, Section::Users), rows, checker, now))
}

pub(super) async fn decide(
    Checker(operator): Checker,
    State(site): State<Site>,
    Number(number): Number,
    Form(Decision { approve, note }): Form<Decision>,
) -> Result<Response, Refusal> {
    decide_approval(&site, &operator, number, approve, note).await?;
    Ok(see_other("/approvals"))
}

impl Approvals {
    fn new(frame: Frame, asked: Vec<Approval>, checker: Option<&str>, now: Timestamp) -> Self {
        let full = u64::try_from(asked.len()).is_ok_and(|count| count == LIMIT);
        let next = asked.last().map(|a| a.number).filter(|_| full);
        let l = frame.locale;
        let mine = |a: &Approval| {
            let waits = a.state == Standing::Waiting && now < a.expires_at;
            waits && checker.is_some_and(|checker| checker != a.maker)
        };
        let rows = asked.into_iter().map(|a| ApprovalRow { mine: mine(&a), ..row(l, a, now) });
        Self { rows: rows.collect(), next, frame }
    }
}

fn row(l: Locale, a: Approval, now: Timestamp) -> ApprovalRow {
    let (en, zh, tone) = match a.state {
        Standing::Waiting if now >= a.expires_at => ("too old", "已过期", CALM),
        Standing::Waiting => ("waiting", "待复核", WARN),
        Standing::Approved => ("approved", "已通过", GOOD),
        Standing::Declined => ("declined", "已拒绝", BAD),
    };
    let action = match a.action.as_str() {
        UNMERGE => words::pick(l, "Unmerge", "拆分").to_owned(),
        other => other.to_owned(),
    };
    let path =
        if a.subject.starts_with("usr_") { format!("/users/{}", a.subject) } else { String::new() };
    ApprovalRow {
        number: a.number,
        action,
        subject: a.subject,
        path,
        maker: a.maker,
        reason: a.reason,
        asked: moment(a.asked_at),
        state: words::pick(l, en, zh),
        tone,
        checker: a.checker.unwrap_or_default(),
        note: a.note.unwrap_or_default(),
        mine: false,
    }
}

#[cfg(test)]
impl Approvals {
    pub(super) fn sample(locale: Locale) -> Self {
        let now = Timestamp::from_micros(0);
        let asked = |number, state| Approval {
            number,
            action: UNMERGE.to_owned(),
            subject: types::UserId::of(&[b"u"]).to_string(),
            terms: serde_json::Value::Null,
            maker: "mei".to_owned(),
            reason: "<b>r</b>".to_owned(),
            asked_at: now,
            expires_at: now.plus_seconds(1),
            state,
            checker: (state != Standing::Waiting).then(|| "li.na".to_owned()),
            note: None,
            decided_at: None,
        };
        let rows = vec![asked(2, Standing::Waiting), asked(1, Standing::Approved)];
        let frame = Frame::sample(locale, Section::Users);
        Self { next: Some(1), ..Self::new(frame, rows, Some("li.na"), now) }
    }
}
