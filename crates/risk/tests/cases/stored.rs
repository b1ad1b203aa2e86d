//! Decisions in the records: written in a caller's unit, read, counted, replayed; and windows that
//! are filled from them.

use proptest::prelude::*;
use records::Records;
use risk::{Decision, ElementValue, Event, Level, Listed, Outcome, Risk};
use types::{DecisionId, MerchantId, OrderId};

use crate::{DAY, HOUR, MINUTE, SECOND, entry, noon, open, payment, reopen, shipped, user};

async fn keep(records: &Records, risk: &Risk, decisions: Vec<Decision>) {
    let risk = risk.clone();
    let unit = records.write::<(), records::Error, _>(move |txn| {
        Box::pin(async move { risk.record_many(txn, &decisions).await })
    });
    unit.await.expect("written");
}

/// Events of every sort.
fn events() -> Vec<Event> {
    let mut events = Vec::new();
    for i in 0..8u64 {
        let mut event = payment("a", i, noon().plus_micros(i64::try_from(i).expect("few") * 7));
        event.merchant = Some(MerchantId::of(&[b"m"]));
        event.ip = Some("192.0.2.7".to_owned());
        events.push(event);
    }
    let mut large = payment("b", 1, noon().plus_micros(123));
    large.amount_minor = Some(450_000);
    large.factors = Some(0);
    large.extra.insert("available_minor".to_owned(), ElementValue::Int(500_000));
    events.push(large);
    let mut login = Event::new("login", noon().plus_micros(999), None);
    login.user = Some(user("b"));
    login.device = Some("bad".to_owned());
    events.push(login);
    events
}

#[tokio::test]
async fn decisions_are_stored_read_counted_and_replayed_identical() {
    let (_dir, records, risk) = open(shipped()).await;
    risk.list(entry(Listed::Device, "bad", Level::Black)).await.expect("listed");
    let decisions: Vec<_> = events().iter().map(|e| risk.judge(e)).collect();
    keep(&records, &risk, decisions.clone()).await;
    for decision in &decisions {
        let read = risk.decision(decision.id).await.expect("read").expect("there");
        assert_eq!(&read, decision);
        assert_eq!(risk.replay(&read).await.expect("kept"), read);
    }
    let order = decisions[3].event.order.expect("set");
    let of_order = risk.decision_of_order(order).await.expect("read");
    assert_eq!(of_order.as_ref(), Some(&decisions[3]));
    assert_eq!(risk.decision_of_order(OrderId::of(&[b"none"])).await.expect("read"), None);

    let stats = risk.stats(noon().date()).await.expect("counted");
    assert_eq!((stats.accepted, stats.step_up, stats.review, stats.rejected), (5, 1, 0, 4));
    assert_eq!(stats.hits[0], ("burst_in_a_minute".to_owned(), 3));
    let other = risk.stats(noon().date().next()).await.expect("counted");
    assert_eq!(other, risk::Stats::default());
}

#[tokio::test]
async fn pages_go_back_in_time() {
    let (_dir, records, risk) = open(shipped()).await;
    let decisions: Vec<_> = (0..7u64)
        .map(|i| {
            payment(
                &format!("user{i}"),
                i,
                noon().plus_micros(i64::try_from(i).expect("few") * SECOND),
            )
        })
        .map(|event| risk.judge(&event))
        .collect();
    keep(&records, &risk, decisions.clone()).await;
    let mut seen: Vec<DecisionId> = Vec::new();
    loop {
        let page = risk.recent(Some(Outcome::Accept), seen.last().copied(), 3).await.expect("read");
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 3);
        seen.extend(page.iter().map(|d| d.id));
    }
    let newest_first: Vec<_> = decisions.iter().rev().map(|d| d.id).collect();
    assert_eq!(seen, newest_first);
    assert_eq!(risk.recent(Some(Outcome::Review), None, 3).await.expect("read"), []);
}

#[tokio::test]
async fn a_unit_that_fails_keeps_no_decision_and_a_second_write_changes_none() {
    let (_dir, records, risk) = open(shipped()).await;
    let decision = risk.judge(&payment("a", 1, noon()));
    let (again, written) = (risk.clone(), decision.clone());
    let failed = records.write::<(), records::Error, _>(move |txn| {
        Box::pin(async move {
            again.record(txn, &written).await?;
            Err(records::Error::Overloaded)
        })
    });
    failed.await.expect_err("the caller gave up");
    assert_eq!(risk.decision(decision.id).await.expect("read"), None);
    keep(&records, &risk, vec![decision.clone()]).await;
    let other = Decision { outcome: Outcome::Reject, ..decision.clone() };
    keep(&records, &risk, vec![other, risk.judge(&payment("a", 2, noon()))]).await;
    assert_eq!(risk.decision(decision.id).await.expect("read"), Some(decision));
    assert_eq!(risk.recent(None, None, 10).await.expect("read").len(), 2);
}

#[tokio::test]
async fn the_same_event_again_is_counted_once() {
    let (_dir, _records, risk) = open(shipped()).await;
    let event = payment("a", 1, noon());
    let first = risk.judge(&event);
    assert_eq!(risk.judge(&event), first);
    let second = risk.judge(&payment("a", 2, noon().plus_micros(1)));
    assert_eq!(second.features["user_orders_60s"], 2);
    assert_eq!(risk.judge(&event), first, "what came later is not seen by what was before");
}

/// A seeded small world: who, what, how far apart.
fn any_event() -> impl Strategy<Value = (u8, u8, u8, i64, i64)> {
    (0..4u8, 0..4u8, 0..3u8, 0..40 * DAY, 1..600_000i64)
}

fn made(index: usize, raw: (u8, u8, u8, i64, i64)) -> Event {
    let (who, kind, device, at, amount) = raw;
    let number = u64::try_from(index).expect("few");
    let mut event = payment(&format!("user{who}"), number, noon().plus_micros(at));
    event.kind = ["payment", "transfer", "topup", "change_password"][usize::from(kind)].into();
    event.device = Some(format!("device{device}"));
    event.ip = Some(format!("192.0.2.{device}"));
    event.amount_minor = Some(amount);
    event.payee_user = Some(user("payee"));
    event
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever happened, in whatever order it arrived: a restart knows what the running house
    /// knew, and a next event is judged alike by both.
    #[test]
    fn a_restart_judges_like_the_house_that_never_stopped(
        raw in proptest::collection::vec(any_event(), 1..120),
        next in proptest::collection::vec(any_event(), 1..8),
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let (_dir, records, live) = open(shipped()).await;
            let events: Vec<_> = raw.into_iter().enumerate().map(|(i, r)| made(i, r)).collect();
            let newest = events.iter().map(|e| e.at).max().expect("some");
            let decisions: Vec<_> = events.iter().map(|e| live.judge(e)).collect();
            keep(&records, &live, decisions).await;
            let warm = reopen(&records, shipped()).await;
            for (i, r) in next.into_iter().enumerate() {
                let mut event = made(1_000 + i, r);
                event.at = newest.plus_micros(i64::try_from(i).expect("few") * MINUTE);
                assert_eq!(live.judge(&event), warm.judge(&event));
            }
            assert!(warm.warm().await.expect("read") > 0);
            let mut last = made(2_000, (0, 0, 0, 0, 5));
            last.at = newest.plus_micros(HOUR);
            assert_eq!(live.judge(&last), warm.judge(&last), "warming again changes nothing");
        });
    }

    /// Own keys: features depend on the set of events, not on the order of arrival.
    #[test]
    fn arrival_order_does_not_matter_to_what_comes_after(
        raw in proptest::collection::vec(any_event(), 1..60),
        seed in any::<u64>(),
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let (_dir, _records, one) = open(shipped()).await;
            let (_dir, _records, two) = open(shipped()).await;
            let events: Vec<_> = raw.into_iter().enumerate().map(|(i, r)| made(i, r)).collect();
            let mut shuffled = events.clone();
            shuffled.sort_by_key(|e| e.decision_id().as_u128().wrapping_mul(u128::from(seed | 1)));
            for event in &events {
                one.judge(event);
            }
            for event in &shuffled {
                two.judge(event);
            }
            let mut last = made(999, (1, 0, 1, 0, 700));
            last.at = events.iter().map(|e| e.at).max().expect("some").plus_micros(SECOND);
            assert_eq!(one.judge(&last), two.judge(&last));
        });
    }
}
