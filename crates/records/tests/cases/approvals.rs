//! Maker and checker: two persons, once, in time, and each step a line of the audit log.

use super::fresh;
use records::approvals::{self, Approval, Decision, NewApproval, Refused, State, WAIT_SECONDS};
use records::{Records, audit};
use serde_json::json;
use types::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_760_000_000_000);

async fn ask(
    records: &Records,
    subject: &'static str,
    reason: &'static str,
) -> Result<i64, Refused> {
    let unit = records.write(move |txn| {
        Box::pin(async move {
            let new = NewApproval {
                action: "member.unmerge",
                subject: subject.to_owned(),
                terms: json!({ "customer": "cus_1" }),
                maker: "mei".to_owned(),
                reason: reason.to_owned(),
            };
            approvals::ask(txn, new, NOW).await
        })
    });
    unit.await
}

async fn decide(
    records: &Records,
    number: i64,
    checker: &'static str,
    approve: bool,
    at: Timestamp,
) -> Result<Approval, Refused> {
    let unit = records.write(move |txn| {
        Box::pin(async move {
            let note = "looked at".to_owned();
            let decision = Decision { checker: checker.to_owned(), approve, note };
            approvals::decide(txn, number, decision, at).await
        })
    });
    unit.await
}

#[tokio::test]
async fn a_second_person_decides_once_and_both_are_in_the_audit_log() {
    let (_dir, records) = fresh().await;
    let number = ask(&records, "usr_1", "wrong person").await.expect("asked");
    let again = ask(&records, "usr_1", "wrong person").await;
    assert_eq!(again.expect_err("waits").code(), "approval_waiting");
    let same = decide(&records, number, "mei", true, NOW).await;
    assert_eq!(same.expect_err("herself").code(), "approval_same_person");
    let asked = decide(&records, number, "lin", true, NOW).await.expect("decided");
    assert_eq!((asked.maker.as_str(), &asked.terms), ("mei", &json!({ "customer": "cus_1" })));
    let again = decide(&records, number, "wu", false, NOW).await;
    assert_eq!(again.expect_err("decided").code(), "approval_stale");
    let kept = approvals::get(records.db(), number).await.expect("read").expect("there");
    assert_eq!((kept.state, kept.checker.as_deref()), (State::Approved, Some("lin")));
    let lines = audit::list(&records, Some("usr_1"), None, 10).await.expect("read");
    let lines: Vec<_> = lines.iter().map(|l| (l.actor.as_str(), l.action.as_str())).collect();
    assert_eq!(lines, [("lin", "approval.decide"), ("mei", "approval.ask")]);
}

#[tokio::test]
async fn what_waits_too_long_is_stale_and_may_be_asked_again() {
    let (_dir, records) = fresh().await;
    let number = ask(&records, "usr_1", "r").await.expect("asked");
    let end = NOW.plus_seconds(WAIT_SECONDS);
    let late = decide(&records, number, "lin", true, end).await;
    assert_eq!(late.expect_err("late").code(), "approval_stale");
    decide(&records, number, "lin", false, end.plus_micros(-1)).await.expect("in time");
    let second = ask(&records, "usr_1", "r").await.expect("the first is decided");
    assert_eq!(second, number + 1);
    let waiting = approvals::page(records.db(), true, None, 10).await.expect("read");
    assert_eq!(waiting.iter().map(|a| a.number).collect::<Vec<_>>(), [second]);
    let all = approvals::page(records.db(), false, Some(second), 10).await.expect("read");
    assert_eq!(all.iter().map(|a| a.state).collect::<Vec<_>>(), [State::Declined]);
}

#[tokio::test]
async fn texts_and_numbers_that_cannot_be_are_refused() {
    let (_dir, records) = fresh().await;
    assert_eq!(
        ask(&records, "usr_1", " ").await.expect_err("empty").code(),
        "approval_text_invalid"
    );
    let long: &'static str = "x".repeat(1_001).leak();
    assert_eq!(
        ask(&records, "usr_1", long).await.expect_err("long").code(),
        "approval_text_invalid"
    );
    let unknown = decide(&records, 7, "lin", true, NOW).await;
    assert_eq!(unknown.expect_err("unknown").code(), "approval_not_found");
    assert!(audit::list(&records, None, None, 10).await.expect("read").is_empty());
}
