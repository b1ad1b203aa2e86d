//! Every shipped rule hits at its boundary and not beside it.

use risk::{Decision, ElementValue, Event, Level, Listed, Outcome, Risk};
use types::{MerchantId, OrderId, Timestamp};

use crate::{DAY, HOUR, MINUTE, SECOND, entry, noon, open, payment, shipped, user};

/// A user nobody else is, so that cases do not meet.
struct Actor<'a> {
    risk: &'a Risk,
    name: String,
    number: u64,
}

impl Actor<'_> {
    /// Judges an event of this kind and amount at this distance from noon, changed by `with`.
    fn does(&mut self, kind: &str, yuan: i64, at: i64, with: impl Fn(&mut Event)) -> Decision {
        self.number += 1;
        let at = noon().plus_micros(at);
        let mut event = payment(&self.name, self.number, at);
        event.kind = kind.into();
        event.amount_minor = Some(yuan * 100);
        with(&mut event);
        self.risk.judge(&event)
    }
}

fn hits(decision: &Decision, rule: &str) -> bool {
    decision.reasons.iter().any(|reason| reason.rule == rule)
}

fn nothing(_: &mut Event) {}

/// One case: a name, the rule, whether it hits, and what happens; the last event is asked.
type Case = (&'static str, &'static str, bool, fn(&mut Actor<'_>) -> Decision);

fn burst(actor: &mut Actor<'_>, times: i64, step: i64) -> Decision {
    for i in 0..times - 1 {
        actor.does("payment", 20, i * step, nothing);
    }
    actor.does("payment", 20, (times - 1) * step, nothing)
}

fn weak(event: &mut Event) {
    event.factors = Some(0);
}

fn other_device(event: &mut Event) {
    event.device = Some(format!("second-{}", event.user.expect("set")));
}

fn holds(event: &mut Event, yuan: i64) {
    event.extra.insert("available_minor".to_owned(), ElementValue::Int(yuan * 100));
}

fn taken_over(actor: &mut Actor<'_>, changed: i64, seen: i64, out: i64) -> Decision {
    actor.does("payment", 20, -9 * DAY, nothing);
    actor.does("login", 0, seen, other_device);
    actor.does("change_password", 0, changed, other_device);
    actor.does("withdrawal", out, 0, |e| {
        other_device(e);
        holds(e, 1_000);
    })
}

fn habit(actor: &mut Actor<'_>, usual: i64, then: i64) -> Decision {
    for day in 1..=3 {
        actor.does("payment", usual, -day * DAY, nothing);
    }
    actor.does("payment", then, 0, nothing)
}

fn to_payee(event: &mut Event) {
    event.payee_user = Some(user("payee"));
}

fn crowd(actor: &mut Actor<'_>, users: usize, kind: &str, with: fn(&mut Event)) -> Decision {
    let own = actor.name.clone();
    for i in 1..users {
        actor.name = format!("{own}-{i}");
        actor.does(kind, 20, 0, with);
    }
    actor.name = own;
    actor.does(kind, 20, SECOND, with)
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("sixth in 60 s", "burst_in_a_minute", true, |a| burst(a, 6, 11 * SECOND)),
    ("fifth in 60 s", "burst_in_a_minute", false, |a| burst(a, 5, 11 * SECOND)),
    ("sixth in exactly 60 s", "burst_in_a_minute", false, |a| burst(a, 6, 12 * SECOND)),
    ("twelfth in 10 min", "many_in_ten_minutes", true, |a| burst(a, 12, 54 * SECOND)),
    ("eleventh in 10 min", "many_in_ten_minutes", false, |a| burst(a, 11, 54 * SECOND)),
    ("61st of a day", "many_in_a_day", true, |a| burst(a, 61, 20 * MINUTE)),
    ("61st of a day, by a channel that checks", "many_in_a_day", true,
        |a| { burst(a, 60, 20 * MINUTE); a.does("payment", 20, 20 * HOUR, |e| e.factors = None) }),
    ("61st of a day, two factors", "many_in_a_day", false,
        |a| { burst(a, 60, 20 * MINUTE); a.does("payment", 20, 20 * HOUR, |e| e.factors = Some(2)) }),
    ("60th of a day", "many_in_a_day", false, |a| burst(a, 60, 20 * MINUTE)),
    ("30,000 yuan a day", "much_in_a_day", true,
        |a| { a.does("payment", 29_999, -DAY + SECOND, nothing); a.does("transfer", 1, 0, nothing) }),
    ("29,999 yuan a day", "much_in_a_day", false,
        |a| { a.does("payment", 29_998, -DAY + SECOND, nothing); a.does("transfer", 1, 0, nothing) }),
    ("30,000 yuan in more than a day", "much_in_a_day", false,
        |a| { a.does("payment", 29_999, -DAY, nothing); a.does("transfer", 1, 0, nothing) }),
    ("1,000 yuan unproved", "large_and_weakly_proved", true, |a| a.does("payment", 1_000, 0, weak)),
    ("999 yuan unproved", "large_and_weakly_proved", false, |a| a.does("payment", 999, 0, weak)),
    ("1,000 yuan proved", "large_and_weakly_proved", false, |a| a.does("payment", 1_000, 0, nothing)),
    ("top-up of 1,000 yuan", "large_and_weakly_proved", false, |a| a.does("topup", 1_000, 0, weak)),
    ("new device", "new_device", true,
        |a| { a.does("payment", 20, -DAY, nothing); a.does("payment", 50, 0, |e| { other_device(e); weak(e); }) }),
    ("new device, small", "new_device", false,
        |a| { a.does("payment", 20, -DAY, nothing); a.does("payment", 49, 0, |e| { other_device(e); weak(e); }) }),
    ("new device, proved", "new_device", false,
        |a| { a.does("payment", 20, -DAY, nothing); a.does("payment", 50, 0, other_device) }),
    ("the first device is no new one", "new_device", false, |a| a.does("payment", 50, 0, weak)),
    ("device known ten minutes", "new_device", false,
        |a| { a.does("payment", 20, -DAY, nothing); a.does("login", 0, -10 * MINUTE, other_device);
              a.does("payment", 50, 0, |e| { other_device(e); weak(e); }) }),
    ("young account", "young_account_sends_much", true,
        |a| a.does("transfer", 2_000, 0, |e| e.account_age_days = Some(2))),
    ("young account, less", "young_account_sends_much", false,
        |a| a.does("transfer", 1_999, 0, |e| e.account_age_days = Some(2))),
    ("three days old", "young_account_sends_much", false,
        |a| a.does("transfer", 2_000, 0, |e| e.account_age_days = Some(3))),
    ("at 04:59", "large_at_night", true, |a| a.does("payment", 1_000, -7 * HOUR - SECOND, nothing)),
    ("at 05:00", "large_at_night", false, |a| a.does("payment", 1_000, -7 * HOUR, nothing)),
    ("eight times the habit", "far_above_habit", true, |a| habit(a, 250, 2_000)),
    ("not eight times the habit", "far_above_habit", false, |a| habit(a, 251, 2_000)),
    ("far above a habit of little", "far_above_habit", false, |a| habit(a, 20, 1_999)),
    ("taken over", "taken_over", true, |a| taken_over(a, -DAY + SECOND, -DAY + SECOND, 900)),
    ("less than nine tenths", "taken_over", false, |a| taken_over(a, -HOUR, -HOUR, 899)),
    ("password changed a day ago", "taken_over", false, |a| taken_over(a, -DAY, -HOUR, 900)),
    ("device known a day", "taken_over", false, |a| taken_over(a, -HOUR, -DAY, 900)),
    ("in and out", "in_and_out", true,
        |a| { a.does("topup", 2_000, -10 * MINUTE + SECOND, nothing); a.does("withdrawal", 1_800, 0, nothing) }),
    ("in, and less out", "in_and_out", false,
        |a| { a.does("topup", 2_000, -MINUTE, nothing); a.does("withdrawal", 1_799, 0, nothing) }),
    ("in, and out later", "in_and_out", false,
        |a| { a.does("topup", 2_000, -10 * MINUTE, nothing); a.does("withdrawal", 1_800, 0, nothing) }),
    ("fifth to one payee", "same_payee_again", true,
        |a| { for i in 1..5 { a.does("transfer", 20, -i * 12 * MINUTE, to_payee); } a.does("transfer", 20, 0, to_payee) }),
    ("fourth to one payee", "same_payee_again", false,
        |a| { for i in 1..4 { a.does("transfer", 20, -i * 12 * MINUTE, to_payee); } a.does("transfer", 20, 0, to_payee) }),
    ("third user of a device", "shared_device", true,
        |a| crowd(a, 3, "login", |e| e.device = Some("shared-by-three".into()))),
    ("second user of a device", "shared_device", false,
        |a| crowd(a, 2, "login", |e| e.device = Some("shared-by-two".into()))),
    ("fiftieth user at an address", "crowded_address", true,
        |a| crowd(a, 50, "login", |e| e.ip = Some("192.0.2.50".into()))),
    ("49th user at an address", "crowded_address", false,
        |a| crowd(a, 49, "login", |e| e.ip = Some("192.0.2.49".into()))),
    ("300th order at a merchant", "merchant_rush", true,
        |a| crowd(a, 300, "payment", |e| e.merchant = Some(MerchantId::of(&[b"300"])))),
    ("299th order at a merchant", "merchant_rush", false,
        |a| crowd(a, 299, "payment", |e| e.merchant = Some(MerchantId::of(&[b"299"])))),
    ("tenth payer of a payee", "collecting_payee", true,
        |a| crowd(a, 10, "transfer", |e| e.payee_user = Some(user("collector")))),
    ("ninth payer of a payee", "collecting_payee", false,
        |a| crowd(a, 9, "transfer", |e| e.payee_user = Some(user("no collector")))),
    // A young account (40) sends far above habit (40).
    ("a score of 80", "high_score", true,
        |a| { for d in 1..=3 { a.does("payment", 20, -d * DAY, nothing); }
              a.does("transfer", 2_000, 0, |e| e.account_age_days = Some(2)) }),
    // Far above habit (40), unproved (20).
    ("a score of 60", "high_score", false,
        |a| { for d in 1..=3 { a.does("payment", 20, -d * DAY, nothing); } a.does("payment", 2_000, 0, weak) }),
    ("grey device", "grey_listed", true, |a| a.does("payment", 20, 0, |e| e.device = Some("grey-device".into()))),
    ("white device", "grey_listed", false, |a| a.does("payment", 20, 0, |e| e.device = Some("white-device".into()))),
    ("unknown device", "grey_listed", false, |a| a.does("payment", 20, 0, nothing)),
    ("trusted", "trusted_user", true, |a| { a.name = "trusted".into(); a.does("payment", 1_000, 0, weak) }),
    ("trusted, more", "trusted_user", false, |a| { a.name = "trusted".into(); a.does("payment", 1_001, HOUR, weak) }),
];

#[tokio::test]
async fn each_rule_hits_at_its_boundary_and_not_beside_it() {
    let (_dir, _records, risk) = open(shipped()).await;
    for (listed, value, level) in [
        (Listed::Device, "grey-device".to_owned(), Level::Grey),
        (Listed::Device, "white-device".to_owned(), Level::White),
        (Listed::User, user("trusted").to_string(), Level::White),
    ] {
        risk.list(entry(listed, value, level)).await.expect("listed");
    }
    for (case, rule, expected, play) in CASES {
        let name = format!("actor {case}");
        let decision = play(&mut Actor { risk: &risk, name, number: 0 });
        assert_eq!(hits(&decision, rule), *expected, "{case}: {decision:#?}");
        if let Some(reason) = decision.reasons.iter().find(|r| r.rule == *rule) {
            for text in [&reason.text.en, &reason.text.zh] {
                assert!(!text.contains(['{', '?']), "{case}: {text}");
            }
        }
    }
    let covered: std::collections::BTreeSet<_> = CASES.iter().map(|c| c.1).collect();
    let declared = crate::RULES.lines().filter(|l| l.starts_with("name = ")).count();
    assert_eq!(covered.len(), declared, "every shipped rule has its cases");
}

#[tokio::test]
async fn the_strongest_outcome_wins_and_an_allow_waives_less_than_a_reject() {
    let (_dir, _records, risk) = open(shipped()).await;
    risk.list(entry(Listed::User, user("white").to_string(), Level::White)).await.expect("listed");
    let mut plain = Actor { risk: &risk, name: "plain".into(), number: 0 };
    let step_up = plain.does("payment", 1_000, 0, weak);
    assert_eq!(step_up.outcome, Outcome::StepUp);
    assert_eq!(step_up.factors, [risk::Factor::PaymentPassword]);
    assert_eq!(step_up.reasons[0].text.zh, "1000.00 元且未经任何要素验证");
    let mut white = Actor { risk: &risk, name: "white".into(), number: 0 };
    let waived = white.does("payment", 1_000, 0, weak);
    assert_eq!(waived.outcome, Outcome::Accept);
    assert!(hits(&waived, "large_and_weakly_proved"), "it is still told: {waived:?}");
    let rejected = burst(&mut white, 6, SECOND);
    assert_eq!(rejected.outcome, Outcome::Reject, "{rejected:?}");
}

#[tokio::test]
async fn missing_elements_pass_over_the_rules_that_read_them_only() {
    let (_dir, _records, risk) = open(shipped()).await;
    let order = OrderId::of(&[b"bare"]);
    let decision = risk.judge(&Event::new("payment", noon(), Some(order)));
    assert_eq!(decision.outcome, Outcome::Accept);
    assert!(decision.passed_over.contains(&"large_and_weakly_proved".to_owned()));
    assert!(decision.features.is_empty(), "no key, no feature: {decision:?}");
    let unknown = risk.judge(&Event::new("barter", noon(), Some(order)));
    assert!(unknown.fallback && unknown.outcome == Outcome::Reject, "{unknown:?}");
    assert_eq!(risk.fallbacks(), 1);
}

#[test]
fn the_moment_orders_ids() {
    let early = payment("a", 1, noon()).decision_id();
    let late = payment("a", 1, Timestamp::from_micros(noon().as_micros() + 1_000)).decision_id();
    assert!(early < late);
}

#[tokio::test]
async fn every_shipped_rule_and_feature_has_a_name_in_both_languages() {
    let (_dir, _records, risk) = open(shipped()).await;
    let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let (titles, features) = (risk.titles(), risk.features());
    assert!(titles.len() > 10 && features.len() > 10);
    for (name, title) in titles.iter().chain(&features) {
        assert!(*name != title.en && !han(&title.en) && han(&title.zh), "{name}: {title:?}");
    }
}
