//! rules.toml: the rules in their order, each checked before any is asked.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicI64;

use serde::Deserialize;
use toml::Spanned;
use types::Text;

use super::{Declarations, LONGEST_NAME, Source, Template, check_name, kind_bits};
use crate::catalog::{Cell, Type};
use crate::expression::{Expression, NoAnswer, context};
use crate::names::{Names, Slot, Values};
use crate::{Factor, FileError, Outcome};

/// Most rules in a file.
const MOST_RULES: usize = 500;
/// Highest score, of one rule and of all together.
pub(crate) const HIGHEST_SCORE: i64 = 1_000;
/// The parser recurses deeply: 1,000 bytes of expression need less than this in any build.
const STACK: usize = 64 * 1024 * 1024;
/// Names of the house's own reasons.
pub(crate) const OWN_REASONS: [&str; 2] = ["blacklist", "fallback"];

/// The files as compiled.
#[derive(Debug)]
pub(crate) struct RuleBook {
    pub(crate) declarations: Declarations,
    pub(crate) names: Names,
    /// In their order.
    pub(crate) rules: Vec<Rule>,
    /// What identifies the files' texts.
    pub(crate) version: String,
}

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: String,
    /// What people read in lists of rules; its name in a file that has none.
    pub(crate) title: Text,
    order: u32,
    /// The kinds of events it looks at, as bits.
    pub(crate) kinds: u64,
    pub(crate) when: Expression,
    pub(crate) action: Action,
    pub(crate) score: i64,
    pub(crate) text: Template,
}

/// What a rule does when it hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Asks for this outcome. [`Outcome::Accept`] waives what later rules ask short of rejecting.
    Ask(Outcome, Vec<Factor>),
    /// Puts a label on the event.
    Tag(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    name: Spanned<String>,
    title: Option<Text>,
    order: u32,
    #[expect(dead_code, reason = "read to be checked: every rule says what sort it is")]
    kind: RuleKind,
    on: Option<Vec<String>>,
    when: String,
    outcome: RawOutcome,
    #[serde(default)]
    factors: Vec<Factor>,
    tag: Option<String>,
    #[serde(default)]
    score: i64,
    #[serde(default)]
    decides_on_shared: bool,
    text: Text,
}

/// What a rule looks at, for those who read the file.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RuleKind {
    Context,
    Statistics,
    Reputation,
    Count,
    Pattern,
    Velocity,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum RawOutcome {
    Accept,
    StepUp,
    Review,
    Reject,
    Tag,
}

impl RuleBook {
    /// Reads rules.toml against what features.toml declares.
    pub(crate) fn parse(
        declarations: Declarations,
        source: Source<'_>,
        version: String,
    ) -> Result<Self, FileError> {
        let raw: RawFile = source.read()?;
        if raw.rule.len() > MOST_RULES {
            return Err(source.refuse("rule", format!("more than {MOST_RULES} of them")));
        }
        let names = Names::new(&declarations);
        let rules = on_large_stack(|| compile_all(source, raw.rule, &declarations, &names))
            .unwrap_or_else(|| Err(source.refuse("the file", "its rules could not be compiled")))?;
        Ok(Self { declarations, names, rules, version })
    }
}

/// Runs `f` on a thread of its own; `None` if there is none to be had, or it panicked.
fn on_large_stack<T: Send>(f: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("risk-rules".into()).stack_size(STACK);
        thread.spawn_scoped(scope, f).ok()?.join().ok()
    })
}

fn compile_all(
    source: Source<'_>,
    raw: Vec<RawRule>,
    declarations: &Declarations,
    names: &Names,
) -> Result<Vec<Rule>, FileError> {
    let mut rules: Vec<Rule> = Vec::with_capacity(raw.len());
    for rule in raw {
        let item = source.item("rule", &rule.name);
        let rule = compile(rule, declarations, names)
            .and_then(|rule| distinct(&rules, rule))
            .map_err(|reason| source.refuse(item, reason))?;
        rules.push(rule);
    }
    rules.sort_by_key(|rule| rule.order);
    Ok(rules)
}

fn distinct(rules: &[Rule], rule: Rule) -> Result<Rule, String> {
    if rules.iter().any(|r| r.name == rule.name) || OWN_REASONS.contains(&rule.name.as_str()) {
        return Err("the name is taken".to_owned());
    }
    if let Some(other) = rules.iter().find(|r| r.order == rule.order) {
        return Err(format!("order {} is that of '{}'", rule.order, other.name));
    }
    Ok(rule)
}

fn compile(raw: RawRule, declarations: &Declarations, names: &Names) -> Result<Rule, String> {
    let name = raw.name.into_inner();
    check_name(&name)?;
    if !(0..=HIGHEST_SCORE).contains(&raw.score) {
        return Err(format!("score lies between 0 and {HIGHEST_SCORE}"));
    }
    let kinds = kind_bits(raw.on.as_deref(), &declarations.kinds)?;
    let action = action(raw.outcome, raw.factors, raw.tag)?;
    let when = Expression::compile(&raw.when, names)?;
    let decides = !matches!(action, Action::Tag(_)) || raw.score > 0;
    if decides && !raw.decides_on_shared {
        check_shared(&when, declarations)?;
    }
    dry_run(&when, declarations, names)?;
    let text = Template::parse(&raw.text, names)?;
    let title = title(raw.title, &name)?;
    Ok(Rule { name, title, order: raw.order, kinds, when, action, score: raw.score, text })
}

/// Files kept from before rules had titles are judged by again, so a title may be absent.
fn title(given: Option<Text>, name: &str) -> Result<Text, String> {
    let title = given.unwrap_or_else(|| Text::new(name, name));
    for text in [&title.en, &title.zh] {
        if text.trim().is_empty() || text.chars().count() > LONGEST_NAME {
            return Err(format!("a title has 1 to {LONGEST_NAME} characters in both languages"));
        }
    }
    Ok(title)
}

fn action(
    outcome: RawOutcome,
    factors: Vec<Factor>,
    tag: Option<String>,
) -> Result<Action, String> {
    let ask = match outcome {
        RawOutcome::Tag => None,
        RawOutcome::Accept => Some(Outcome::Accept),
        RawOutcome::StepUp => Some(Outcome::StepUp),
        RawOutcome::Review => Some(Outcome::Review),
        RawOutcome::Reject => Some(Outcome::Reject),
    };
    check_factors(ask.unwrap_or_default(), &factors)?;
    match (ask, tag) {
        (Some(outcome), None) => Ok(Action::Ask(outcome, factors)),
        (None, Some(tag)) => check_name(&tag).map(|()| Action::Tag(tag)),
        (Some(_), Some(_)) => Err("only outcome = \"tag\" takes a tag".to_owned()),
        (None, None) => Err("outcome = \"tag\" needs a tag".to_owned()),
    }
}

/// A step up says which factors; nothing else does.
pub(super) fn check_factors(outcome: Outcome, factors: &[Factor]) -> Result<(), String> {
    match (outcome, factors.is_empty()) {
        (Outcome::StepUp, true) => Err("outcome = \"step_up\" needs factors".to_owned()),
        (Outcome::StepUp, false) | (_, true) => Ok(()),
        (_, false) => Err("only outcome = \"step_up\" takes factors".to_owned()),
    }
}

/// Events of many customers reach a shared key in any order, so what such a feature shows may
/// differ from run to run: it may label, and decide only where the rule says so in writing.
fn check_shared(when: &Expression, declarations: &Declarations) -> Result<(), String> {
    let feature = |slot: &Slot| match slot {
        Slot::Feature(place) => declarations.features.get(*place),
        _ => None,
    };
    match when.reads().iter().filter_map(feature).find(|f| !f.own) {
        None => Ok(()),
        Some(feature) => Err(format!(
            "feature.{} has a key that customers share, whose events arrive in any order: \
             only tag with it (score 0), or set decides_on_shared = true",
            feature.name
        )),
    }
}

/// Asks the rule of two made-up events. The type check has passed it; this finds what only the
/// evaluator knows.
fn dry_run(when: &Expression, declarations: &Declarations, names: &Names) -> Result<(), String> {
    for number in [1, 1_000_003] {
        let sample = |ty: &Type| match ty {
            Type::Bool => Cell::Bool(true),
            Type::Int => Cell::Int(number),
            Type::Text(domain) => {
                let first = domain.as_ref().and_then(|d| d.first()).cloned();
                Cell::Text(first.unwrap_or_else(|| "sample".to_owned()).into())
            }
        };
        let elements = declarations.catalog.elements().iter();
        let cells: Vec<_> = elements.map(|e| Some(sample(&e.ty))).collect();
        let features = vec![Some(number); declarations.features.len()];
        let listed = BTreeMap::new();
        let score = AtomicI64::new(number);
        let values = Values { names, cells: &cells, features: &features, listed: &listed, score };
        if let Err(NoAnswer::Missing | NoAnswer::Failed) = when.ask(&values, &context(&values)) {
            return Err("it fails on a sample event: does it divide by zero or overflow?".into());
        }
    }
    Ok(())
}
