//! Black, grey and white lists.

use risk::{Error, Level, ListEntry, Listed, Outcome};

use crate::{DAY, SECOND, entry, noon, open, payment, reopen, shipped, with_rules};

/// Rules that allow everything, first and last.
const ALLOW_ALL: &str = r#"
[[rule]]
name = "allow_first"
order = 1
kind = "context"
when = "true"
outcome = "accept"
text = { en = "allowed", zh = "放行" }
[[rule]]
name = "allow_last"
order = 99
kind = "context"
when = "true"
outcome = "accept"
text = { en = "allowed", zh = "放行" }
"#;

#[tokio::test]
async fn no_rule_allows_what_the_black_list_forbids() {
    let (_dir, _records, risk) = open(with_rules(ALLOW_ALL)).await;
    let event = payment("a", 1, noon());
    assert_eq!(risk.judge(&event).outcome, Outcome::Accept);
    let values = [
        (Listed::Device, event.device.clone().expect("set")),
        (Listed::User, event.user.expect("set").to_string()),
        (Listed::Customer, event.customer.expect("set").to_string()),
    ];
    for (listed, value) in values {
        risk.list(entry(listed, value.clone(), Level::Black)).await.expect("listed");
        let decision = risk.judge(&event);
        assert_eq!(decision.outcome, Outcome::Reject, "{listed:?}");
        assert_eq!(decision.reasons[0].rule, "blacklist");
        assert_eq!(decision.listed.get(&listed), Some(&Level::Black));
        assert!(risk.unlist(listed, &value, "risk desk", noon()).await.expect("unlisted"));
        assert_eq!(risk.judge(&event).outcome, Outcome::Accept, "{listed:?} taken off");
    }
    assert!(!risk.unlist(Listed::Ip, "192.0.2.1", "risk desk", noon()).await.expect("asked"));
}

#[tokio::test]
async fn entries_expire_by_the_events_moment_replace_one_another_and_outlive_a_restart() {
    let (_dir, records, risk) = open(shipped()).await;
    let end = noon().plus_micros(DAY);
    let black =
        ListEntry { expires_at: Some(end), ..entry(Listed::Device, "device-of-a", Level::Black) };
    risk.list(entry(Listed::Device, "device-of-a", Level::Grey)).await.expect("listed");
    risk.list(black.clone()).await.expect("replaced");
    let again = reopen(&records, shipped()).await;
    for risk in [&risk, &again] {
        assert_eq!(risk.lists(None, 10).await.expect("read"), std::slice::from_ref(&black));
        let at_last = risk.judge(&payment("a", 1, end.plus_micros(-1)));
        assert_eq!(at_last.outcome, Outcome::Reject);
        assert_eq!(risk.judge(&payment("a", 2, end)).outcome, Outcome::Accept);
    }
    let audit = records::audit::list(&records, Some("device:device-of-a"), None, 10).await;
    assert_eq!(audit.expect("read").len(), 2);
    let behind = risk.lists(Some((Listed::Device, "device-of-a".into())), 10).await;
    assert_eq!(behind.expect("read"), []);
}

#[tokio::test]
async fn entries_out_of_bounds_are_refused_and_change_nothing() {
    let (_dir, _records, risk) = open(shipped()).await;
    let good = entry(Listed::Device, "d", Level::Black);
    let bad = [
        ("value", ListEntry { value: " ".into(), ..good.clone() }),
        ("value", ListEntry { value: "x".repeat(129), ..good.clone() }),
        ("value", ListEntry { value: "a\nb".into(), ..good.clone() }),
        ("source", ListEntry { source: String::new(), ..good.clone() }),
        ("reason", ListEntry { reason: "x".repeat(201), ..good.clone() }),
        ("expires_at", ListEntry { expires_at: Some(good.created_at), ..good.clone() }),
    ];
    for (field, entry) in bad {
        match risk.list(entry).await {
            Err(Error::ListEntry { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    assert_eq!(risk.lists(None, 10).await.expect("read"), []);
    let longest = ListEntry {
        value: "x".repeat(128),
        expires_at: Some(good.created_at.plus_micros(SECOND)),
        ..good
    };
    risk.list(longest).await.expect("in bounds");
}
