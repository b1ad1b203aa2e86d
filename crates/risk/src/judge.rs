//! Judging: a pure function of the rules, an event, its features and the lists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};

use types::Text;

use crate::catalog::Cell;
use crate::expression::{NoAnswer, context};
use crate::files::{Action, HIGHEST_SCORE, Rule, RuleBook};
use crate::lists::{Level, Listed};
use crate::names::Values;
use crate::{Decision, Event, Factor, Outcome, Reason};

/// What is known about an event before the rules are asked.
pub(crate) struct Facts<'a> {
    pub(crate) event: &'a Event,
    /// Its elements, as the catalog reads them.
    pub(crate) cells: &'a [Option<Cell<'a>>],
    /// Its features, in the order they are declared.
    pub(crate) features: &'a [Option<i64>],
    /// Its elements that stand on a list.
    pub(crate) listed: BTreeMap<Listed, Level>,
}

/// The judgement while it grows.
struct Verdict {
    outcome: Outcome,
    factors: BTreeSet<Factor>,
    reasons: Vec<Reason>,
    passed_over: Vec<String>,
    /// An allow has hit: what later rules ask short of rejecting is waived.
    waives: bool,
    fallback: bool,
}

/// Asks the rules in their order. `late` tells whether the time is up; it is asked before each rule.
pub(crate) fn judge(book: &RuleBook, facts: Facts<'_>, late: impl Fn() -> bool) -> Decision {
    let mut verdict = Verdict::new();
    verdict.blacklist(&facts);
    let values = Values {
        names: &book.names,
        cells: facts.cells,
        features: facts.features,
        listed: &facts.listed,
        score: AtomicI64::new(0),
    };
    match book.declarations.kind_bit(&facts.event.kind) {
        None => verdict.fall_back(book, facts.event, unknown_kind()),
        Some(kind) => {
            let context = context(&values);
            for rule in book.rules.iter().filter(|rule| rule.kinds & kind != 0) {
                if late() {
                    verdict.fall_back(book, facts.event, out_of_time());
                    break;
                }
                match rule.when.ask(&values, &context) {
                    Ok(true) => verdict.hit(rule, &values),
                    Ok(false) => {}
                    Err(NoAnswer::Missing | NoAnswer::Failed) => {
                        verdict.passed_over.push(rule.name.clone());
                    }
                }
            }
        }
    }
    let score = values.score.load(Ordering::Relaxed);
    let features = named_features(book, facts.features);
    let step_up = verdict.outcome == Outcome::StepUp;
    Decision {
        id: facts.event.decision_id(),
        event: facts.event.clone(),
        outcome: verdict.outcome,
        factors: if step_up { verdict.factors.into_iter().collect() } else { Vec::new() },
        score,
        reasons: verdict.reasons,
        features,
        listed: facts.listed,
        passed_over: verdict.passed_over,
        version: book.version.clone(),
        fallback: verdict.fallback,
        micros: 0,
    }
}

impl Verdict {
    fn new() -> Self {
        Self {
            outcome: Outcome::Accept,
            factors: BTreeSet::new(),
            reasons: Vec::new(),
            passed_over: Vec::new(),
            waives: false,
            fallback: false,
        }
    }

    /// The black list stands before the rules and outside them: no rule can allow what it forbids.
    fn blacklist(&mut self, facts: &Facts<'_>) {
        let black = facts.listed.iter().filter(|(_, level)| **level == Level::Black);
        for (listed, _) in black {
            self.outcome = Outcome::Reject;
            let (en, zh) = listed.names();
            self.reasons.push(Reason {
                rule: "blacklist".to_owned(),
                outcome: Some(Outcome::Reject),
                score: 0,
                tag: None,
                text: Text::new(format!("{en} is blacklisted"), format!("{zh}在黑名单中")),
            });
        }
    }

    fn hit(&mut self, rule: &Rule, values: &Values<'_>) {
        let before = values.score.load(Ordering::Relaxed);
        let score = before.saturating_add(rule.score).min(HIGHEST_SCORE);
        values.score.store(score, Ordering::Relaxed);
        let (outcome, tag) = match &rule.action {
            Action::Tag(tag) => (None, Some(tag.clone())),
            Action::Ask(outcome, factors) => (self.ask(*outcome, factors), None),
        };
        let text = rule.text.fill(values);
        self.reasons.push(Reason {
            rule: rule.name.clone(),
            outcome,
            score: rule.score,
            tag,
            text,
        });
    }

    /// Takes what is asked for, unless it is waived; returns what was taken.
    fn ask(&mut self, outcome: Outcome, factors: &[Factor]) -> Option<Outcome> {
        if self.waives && outcome < Outcome::Reject {
            return None;
        }
        self.waives |= outcome == Outcome::Accept;
        self.outcome = self.outcome.max(outcome);
        self.factors.extend(factors);
        Some(outcome)
    }

    fn fall_back(&mut self, book: &RuleBook, event: &Event, text: Text) {
        self.fallback = true;
        let kind = book.declarations.kind_bit(&event.kind).unwrap_or_default();
        let amount = event.amount_minor.unwrap_or(i64::MAX);
        let answer = book.declarations.fallbacks.iter().find(|f| {
            let of_kind = f.kinds == u64::MAX || f.kinds & kind != 0;
            of_kind && f.up_to_minor.is_none_or(|limit| amount <= limit)
        });
        // The last one declared answers everything; that is checked at load.
        let (outcome, factors) =
            answer.map_or((Outcome::Review, &[][..]), |f| (f.outcome, f.factors.as_slice()));
        self.outcome = self.outcome.max(outcome);
        self.factors.extend(factors);
        let rule = "fallback".to_owned();
        self.reasons.push(Reason { rule, outcome: Some(outcome), score: 0, tag: None, text });
    }
}

fn named_features(book: &RuleBook, features: &[Option<i64>]) -> BTreeMap<String, i64> {
    let named = book.declarations.features.iter().zip(features);
    named.filter_map(|(f, value)| Some((f.name.clone(), (*value)?))).collect()
}

fn out_of_time() -> Text {
    Text::new(
        "judging took too long: the declared fallback answered",
        "风控判断超时，按预设的兜底结果处理",
    )
}

fn unknown_kind() -> Text {
    Text::new(
        "the event is of no declared kind: the declared fallback answered",
        "事件类型未声明，按预设的兜底结果处理",
    )
}
