//! What is refused at load, with file, item and reason; and what is put in force.

use std::sync::Arc;

use risk::{Error, FileError, Files, Outcome, Risk, Source, Stopwatch};
use types::{ManualClock, Problem};

use crate::{FEATURES, RULES, fresh, noon, open, payment, shipped, with_rules};

/// A rule with this condition and these further lines.
fn rule(when: &str, more: &str) -> String {
    let when = when.replace('\'', "\"");
    format!(
        "[[rule]]\nname = 'probe'\norder = 1\nkind = 'context'\nwhen = '{when}'\n\
         text = {{ en = 'probe', zh = '试' }}\n{more}\n"
    )
}

fn condition(when: &str) -> String {
    rule(when, "outcome = 'review'")
}

async fn refusal(risk: &Risk, files: Files<'_>) -> Result<String, FileError> {
    match risk.reload(files).await {
        Ok(version) => Ok(version),
        Err(Error::File(refused)) => Err(refused),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn rules_that_cannot_be_trusted_are_refused() {
    let (_dir, _records, risk) = open(shipped()).await;
    let deep = format!("{}true{}", "(".repeat(17), ")".repeat(17));
    let long = format!("event.channel == '{}'", "x".repeat(1_000));
    let chain = format!("1{} > 0", " + 1".repeat(40));
    let nots = format!("{}true", "!".repeat(9));
    let twice = format!("{}{}", condition("true"), condition("true"));
    let same_order =
        format!("{}{}", condition("true"), condition("true").replace("probe", "other"));
    let cases: &[(String, &str)] = &[
        (rule("true", "outcome = 'review'\ntitle = { en = 'x', zh = '' }"), "a title has 1 to"),
        // undeclared
        (condition("event.colour == 'red'"), "'event.colour' is not declared"),
        (condition("feature.user_orders_61s > 1"), "'feature.user_orders_61s' is not declared"),
        (condition("list.colour == 'black'"), "'list.colour' is not declared"),
        (condition("amount_minor > 1"), "'amount_minor' is not declared"),
        (condition("event.device.length > 1"), "no fields"),
        (condition("false && event.colour > 1"), "'event.colour' is not declared"),
        // unlike types
        (condition("event.amount_minor > '1'"), "'>' does not apply to int and text"),
        (condition("event.device == 1"), "'==' does not apply to text and int"),
        (condition("1 == '1'"), "'==' does not apply to int and text"),
        (condition("true || event.device == 1"), "'==' does not apply to text and int"),
        (condition("event.amount_minor + event.device > 1"), "'+' does not apply"),
        (condition("event.amount_minor in ['a']"), "'in' does not apply to int and text"),
        (condition("event.amount_minor && true"), "'&&' does not apply to int and bool"),
        (condition("!event.amount_minor"), "'!' does not apply to int"),
        (condition("(known.device ? 1 : 'a') == 1"), "'?_:' does not apply to int and text"),
        (condition("event.amount_minor.contains('1')"), "'contains' does not apply"),
        (condition("event.amount_minor"), "yields int, not bool"),
        // a value that cannot be
        (condition("event.kind == 'paymnet'"), "'paymnet' is none of topup, payment"),
        (condition("'gray' in [list.ip, list.device]"), "'gray' is none of black, grey"),
        (condition("event.amount_minor > 10.5"), "it has a fraction"),
        (condition("event.amount_minor / 0 > 1"), "divides by zero"),
        (condition("event.amount_minor / (1 - 1) > 1"), "fails on a sample event"),
        (condition("event.amount_minor * 9223372036854775807 > 1"), "fails on a sample event"),
        // what is not in the subset
        (condition("has(event.device)"), "write known.x"),
        (condition("[1, 2].exists(x, x == 1)"), "not allowed"),
        (condition("event.device.matches('^a+$')"), "matches() is not allowed"),
        (condition("int('1') == 1"), "int() is not allowed"),
        (condition("{'a': 1}.a == 1"), "no fields"),
        (condition("event.amount_minor >"), "no CEL expression (line 1"),
        (condition(""), "the expression is empty"),
        // too deep, too long
        (condition(&deep), "nested deeper than 16"),
        (condition(&long), "longer than 1000 bytes"),
        (condition(&chain), "nested deeper than 32"),
        (condition(&nots), "nested deeper than"),
        // outcomes
        (rule("true", "outcome = 'explode'"), "unknown variant `explode`"),
        (rule("true", "outcome = 'step_up'"), "needs factors"),
        (rule("true", "outcome = 'review'\nfactors = ['face']"), "only outcome = \"step_up\""),
        (rule("true", "outcome = 'step_up'\nfactors = ['charm']"), "unknown variant `charm`"),
        (rule("true", "outcome = 'tag'"), "needs a tag"),
        (rule("true", "outcome = 'review'\ntag = 'a'"), "only outcome = \"tag\""),
        (rule("true", "outcome = 'review'\nscore = 1001"), "score lies between"),
        (rule("true", "outcome = 'review'\nscore = -1"), "score lies between"),
        (rule("true", "outcome = 'review'\non = ['barter']"), "'barter' is no declared event kind"),
        (rule("true", "outcome = 'review'\non = []"), "names no event kind"),
        (rule("true", "outcome = 'review'\ncolour = 'red'"), "unknown field `colour`"),
        // shared keys may label only
        (condition("feature.ip_users_1h > 1"), "key that customers share"),
        (
            rule("feature.ip_users_1h > 1", "outcome = 'tag'\ntag = 'a'\nscore = 1"),
            "customers share",
        ),
        // names, orders, texts
        (twice, "the name is taken"),
        (same_order, "order 1 is that of 'probe'"),
        (condition("true").replace("'probe'\norder", "'blacklist'\norder"), "the name is taken"),
        (condition("true").replace("'probe'\norder", "'Big One'\norder"), "a name is"),
        (
            condition("true").replace("en = 'probe'", "en = '{event.colour}'"),
            "'event.colour' in its text",
        ),
        (condition("true").replace("en = 'probe'", "en = '{event.device|yuan}'"), "no amount"),
        (condition("true").replace("en = 'probe'", "en = '{event.device'"), "is not closed"),
        (condition("true").replace("zh = '试'", "zh = ''"), "between 1 and 200"),
        ("rule = 7".to_owned(), "expected"),
        (format!("# {}", "x".repeat(256 * 1024)), "longer than 262144 bytes"),
    ];
    let before = risk.version();
    for (text, reason) in cases {
        let refused = refusal(&risk, with_rules(text)).await.expect_err(text);
        assert_eq!(refused.file, "rules.toml");
        assert!(refused.reason.contains(reason), "{text}\n{refused}");
    }
    assert_eq!(risk.version(), before, "what was in force stays");
    let refused = refusal(&risk, with_rules(&condition("event.colour > 1"))).await.expect_err("no");
    assert_eq!(refused.item, "rule 'probe' (line 2)");
    let problem = Problem::from(Error::File(refused));
    assert_eq!(problem.code, "risk_rules_invalid");
    assert!(problem.reason.zh.contains("rules.toml"));
}

#[tokio::test]
async fn rules_at_the_bounds_are_taken() {
    let (_dir, _records, risk) = open(shipped()).await;
    let deep = format!("{}true{}", "(".repeat(16), ")".repeat(16));
    let taken = [
        condition(&deep),
        condition("'a' in [event.device, event.ip] || event.hour in [1, 2]"),
        condition("!known.device || event.device == 'x'"),
        condition("event.device.startsWith('x') && size(event.device) > 3"),
        condition("(event.factors > 1 ? 100 : 10) < -event.amount_minor % 7"),
        rule("feature.ip_users_1h > 1", "outcome = 'tag'\ntag = 'a'"),
        rule("feature.ip_users_1h > 1", "outcome = 'reject'\ndecides_on_shared = true"),
        String::new(),
    ];
    for text in taken {
        refusal(&risk, with_rules(&text)).await.expect(&text);
    }
}

#[tokio::test]
async fn features_that_cannot_be_kept_are_refused() {
    let (_dir, _records, risk) = open(shipped()).await;
    let feature = |more: &str| {
        format!("{FEATURES}\n[[feature]]\nname = 'probe'\ntext = {{ en = 'a', zh = '试' }}\n{more}")
    };
    let cases: &[(String, &str)] = &[
        (feature("key = ['colour']\nmeasure = 'count'\nwindow = '1h'"), "'colour' in its key"),
        (feature("key = []\nmeasure = 'count'\nwindow = '1h'"), "one or two elements"),
        (feature("key = ['ip', 'ip']\nmeasure = 'count'\nwindow = '1h'"), "same element twice"),
        (feature("key = ['ip']\nmeasure = 'count'\nwindow = '91d'"), "no window"),
        (feature("key = ['ip']\nmeasure = 'count'\nwindow = '0s'"), "no window"),
        (feature("key = ['ip']\nmeasure = 'count'\nwindow = 'h'"), "no window"),
        (feature("key = ['ip']\nmeasure = 'count'\nwindow = '1小'"), "no window"),
        (feature("key = ['ip']\nmeasure = 'sum'\nwindow = '1h'"), "needs 'of'"),
        (feature("key = ['ip']\nmeasure = 'sum'\nof = 'device'\nwindow = '1h'"), "is no int"),
        (feature("key = ['ip']\nmeasure = 'count'\nof = 'device'\nwindow = '1h'"), "takes no 'of'"),
        (feature("key = ['ip']\nmeasure = 'median'\nwindow = '1h'"), "unknown variant"),
        (
            feature("key = ['ip']\nmeasure = 'count'\nwindow = '1h'\nkinds = ['x']"),
            "'x' is no declared",
        ),
        (feature("key = ['ip']\nmeasure = 'since_last'\nwindow = '1h'\npast = true"), "past says"),
        (
            feature("key = ['ip']\nmeasure = 'count'\nwindow = '1h'")
                .replace("probe", "ip_users_1h"),
            "declared twice",
        ),
        (FEATURES.replace("name = \"available_minor\"", "name = \"device\""), "the name is taken"),
        (FEATURES.replace("deadline_micros = 50_000", "deadline_micros = 0"), "in no time"),
        (FEATURES.replace("entries_per_key = 512", "entries_per_key = 5_000"), "entries_per_key"),
        (FEATURES.replace("[[fallback]]\noutcome = \"reject\"", ""), "must answer every event"),
        (FEATURES.replace("\"login\", \"real", "\"login\", \"login\", \"real"), "declared twice"),
    ];
    for (text, reason) in cases {
        let features = Source { file: "features.toml", text };
        let rules = Source { file: "rules.toml", text: RULES };
        let refused = refusal(&risk, Files { features, rules }).await.expect_err(reason);
        assert_eq!(refused.file, "features.toml", "{refused}");
        assert!(refused.reason.contains(reason), "wanted {reason}: {refused}");
    }
}

#[tokio::test]
async fn a_reload_swaps_the_rules_and_keeps_the_windows() {
    let (_dir, records, risk) = open(shipped()).await;
    let shipped_version = risk.version();
    let first = risk.judge(&payment("a", 1, noon()));
    let strict = condition("feature.user_orders_60s >= 2");
    let version = risk.reload(with_rules(&strict)).await.expect("taken");
    assert_eq!(version, risk.version());
    assert_ne!(version, shipped_version);
    let second = risk.judge(&payment("a", 2, noon().plus_micros(1)));
    assert_eq!((second.outcome, &second.version), (Outcome::Review, &version));
    let replayed = risk.replay(&first).await.expect("kept");
    assert_eq!(replayed, first, "the older rules are kept with the decision");
    // Other windows: what is stored fills them.
    records
        .write::<_, records::Error, _>({
            let risk = risk.clone();
            move |txn| Box::pin(async move { risk.record_many(txn, &[first, second]).await })
        })
        .await
        .expect("written");
    let wider = FEATURES.replace("window = \"60s\"", "window = \"90s\"");
    let features = Source { file: "features.toml", text: &wider };
    risk.reload(Files { features, rules: with_rules(&strict).rules }).await.expect("taken");
    let third = risk.judge(&payment("a", 3, noon().plus_micros(80_000_000)));
    assert_eq!(third.features["user_orders_60s"], 3);
    assert_eq!(risk.reload(shipped()).await.expect("taken"), shipped_version, "by content");
}

/// A stopwatch that moves a millisecond whenever it is looked at.
struct Slow(std::sync::atomic::AtomicU64);

impl Stopwatch for Slow {
    fn micros(&self) -> u64 {
        self.0.fetch_add(1_000, std::sync::atomic::Ordering::Relaxed)
    }
}

#[tokio::test]
async fn when_time_runs_out_the_declared_fallback_answers() {
    let (_dir, records) = fresh().await;
    let hasty = FEATURES.replace("deadline_micros = 50_000", "deadline_micros = 2_500");
    let files = Files {
        features: Source { file: "features.toml", text: &hasty },
        rules: Source { file: "rules.toml", text: RULES },
    };
    let clock = Arc::new(ManualClock::new(noon()));
    let slow = Arc::new(Slow(0.into()));
    let risk = Risk::open_with(records, files, clock, slow).await.expect("opens");
    let cases = [
        ("topup", Some(9_999_999), Outcome::Accept),
        ("payment", Some(20_000), Outcome::Accept),
        ("payment", Some(20_001), Outcome::StepUp),
        ("payment", Some(500_000), Outcome::StepUp),
        ("payment", Some(500_001), Outcome::Reject),
        ("payment", None, Outcome::Reject),
        ("bind_card", Some(1), Outcome::Reject),
    ];
    for (number, (kind, amount, outcome)) in (0u64..).zip(cases) {
        let mut event = payment("a", number, noon());
        event.kind = kind.to_owned();
        event.amount_minor = amount;
        let decision = risk.judge(&event);
        assert!(decision.fallback);
        assert_eq!(decision.outcome, outcome, "{kind} {amount:?}");
        assert_eq!(decision.factors.is_empty(), outcome != Outcome::StepUp);
        assert_eq!(decision.reasons.last().map(|r| r.rule.as_str()), Some("fallback"));
    }
    assert_eq!(risk.fallbacks(), 7);
}
