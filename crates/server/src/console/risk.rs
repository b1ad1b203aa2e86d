//! `/risk`: the newest decisions, and what the rules in force are.

use super::figures::{count, moment, money};
use super::frame::{Frame, Section, Visit};
use super::names::Names;
use super::words::{self, Tone};
use super::{Page, page};
use crate::app::Site;
use crate::extract::StrictQuery;
use askama::Template;
use axum::extract::State;
use risk::{Decision, Outcome};
use serde::Deserialize;
use types::{DecisionId, Locale, OrderId, UserId};

const LIMIT: u64 = 50;

struct DecisionRow {
    at: String,
    kind: String,
    order: Option<OrderId>,
    user: Option<UserId>,
    amount: String,
    outcome: &'static str,
    tone: Tone,
    score: i64,
    /// A rule's title and what it says.
    reasons: Vec<(String, String)>,
    micros: String,
}

/// A choice of outcome.
struct Choice {
    word: &'static str,
    name: &'static str,
    chosen: bool,
}

/// The decisions.
#[derive(Template)]
#[template(path = "risk.html")]
pub(super) struct Decisions {
    frame: Frame,
    version: String,
    fallbacks: String,
    outcomes: Vec<Choice>,
    outcome: String,
    rows: Vec<DecisionRow>,
    next: Option<DecisionId>,
}

/// Which decisions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    #[serde(default)]
    outcome: String,
    before: Option<DecisionId>,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let outcome = Outcome::from_code(&query.outcome);
    let decisions = site.risk.recent(outcome, query.before, LIMIT).await?;
    let (version, fallbacks) = (&site.risk.version(), site.risk.fallbacks());
    let names = Names::new(&site, visit.locale);
    let frame = Frame::new(&site, visit, Section::Risk);
    page(&Decisions::new(frame, version, fallbacks, outcome, &decisions, &names))
}

impl Decisions {
    fn new(
        frame: Frame,
        version: &str,
        fallbacks: u64,
        outcome: Option<Outcome>,
        decisions: &[Decision],
        names: &Names,
    ) -> Self {
        let l = frame.locale;
        let full = u64::try_from(decisions.len()).is_ok_and(|count| count == LIMIT);
        let outcomes = Outcome::ALL.map(|one| Choice {
            word: one.code(),
            name: words::outcome(one, l),
            chosen: Some(one) == outcome,
        });
        Self {
            version: version.chars().take(12).collect(),
            fallbacks: count(fallbacks),
            outcomes: outcomes.into(),
            outcome: outcome.map(Outcome::code).unwrap_or_default().to_owned(),
            rows: decisions.iter().map(|decision| row(l, decision, names)).collect(),
            next: decisions.last().filter(|_| full).map(|decision| decision.id),
            frame,
        }
    }
}

fn row(l: Locale, decision: &Decision, names: &Names) -> DecisionRow {
    let event = &decision.event;
    DecisionRow {
        at: moment(event.at),
        kind: words::judged(&event.kind, l).to_owned(),
        order: event.order,
        user: event.user,
        amount: event.amount_minor.map(money).unwrap_or_default(),
        outcome: words::outcome(decision.outcome, l),
        tone: words::outcome_tone(decision.outcome),
        score: decision.score,
        reasons: decision
            .reasons
            .iter()
            .map(|reason| (names.rule(&reason.rule), reason.text.get(l).to_owned()))
            .collect(),
        micros: count(decision.micros),
    }
}

#[cfg(test)]
pub(super) fn sample_decision(at: types::Timestamp, order: OrderId) -> Decision {
    let event = risk::Event::new("payment", at, Some(order));
    Decision {
        id: event.decision_id(),
        event,
        outcome: Outcome::Review,
        factors: Vec::new(),
        score: 70,
        reasons: vec![risk::Reason {
            rule: "large_amount".to_owned(),
            outcome: Some(Outcome::Review),
            score: 70,
            tag: None,
            text: types::Text::new("the amount is large", "金额较大"),
        }],
        features: [("user_count_1h".to_owned(), 3)].into(),
        listed: std::collections::BTreeMap::new(),
        passed_over: Vec::new(),
        version: "0123456789abcdef".to_owned(),
        fallback: false,
        micros: 17,
    }
}

#[cfg(test)]
impl Decisions {
    pub(super) fn sample(locale: Locale) -> Self {
        let at = types::Timestamp::from_micros(0);
        let decisions = vec![sample_decision(at, OrderId::of(&[b"o"])); 50];
        let frame = Frame::sample(locale, Section::Risk);
        let outcome = Some(Outcome::Review);
        let names = Names::none(locale);
        Self::new(frame, "0123456789abcdef", 0, outcome, &decisions, &names)
    }
}
