//! The outbox: messages appear with their unit, go in order, come back after failures.

use records::outbox::{self, BACK_OFF_SECONDS, LEASE_SECONDS, MessageState, OutboxMessage};
use records::{Error, Records};
use serde_json::json;
use types::Timestamp;

use super::fresh;
use crate::insert;

const T0: Timestamp = Timestamp::from_millis(1_760_000_000_000);

fn message(key: &str, topic: &str) -> OutboxMessage {
    OutboxMessage {
        topic: topic.into(),
        key: key.into(),
        destination: "https://shop.example/hook".into(),
        payload: json!({"order": key, "topic": topic}),
        now: T0,
    }
}

async fn enqueue(records: &Records, messages: Vec<OutboxMessage>) -> Vec<i64> {
    records
        .write(move |txn| {
            Box::pin(async move {
                let mut seqs = Vec::new();
                for message in messages {
                    seqs.push(outbox::enqueue(txn, message).await?);
                }
                Ok::<_, Error>(seqs)
            })
        })
        .await
        .expect("enqueued")
}

async fn claim(records: &Records, now: Timestamp) -> Vec<i64> {
    let taken = outbox::claim(records, now, 10).await.expect("claims");
    taken.into_iter().map(|message| message.seq).collect()
}

#[tokio::test]
async fn a_message_lives_and_dies_with_its_unit() {
    let (_dir, records) = fresh().await;
    let result = records
        .write(|txn| {
            Box::pin(async move {
                outbox::enqueue(txn, message("ord_1", "order.succeeded")).await?;
                insert(txn, 1).await?;
                insert(txn, 1).await
            })
        })
        .await;
    result.expect_err("the unit fails");
    assert_eq!(claim(&records, T0).await, [0; 0]);
}

#[tokio::test]
async fn what_is_stored_is_what_was_given() {
    let (_dir, records) = fresh().await;
    let seqs = enqueue(&records, vec![message("ord_1", "order.succeeded")]).await;
    let stored = outbox::get(&records, seqs[0]).await.expect("reads").expect("is there");
    assert_eq!(stored.id(), "msg_000000000001");
    assert_eq!(stored.payload, r#"{"order":"ord_1","topic":"order.succeeded"}"#);
    assert_eq!((stored.created_at, stored.next_at, stored.attempts), (T0, T0, 0));
    assert_eq!((stored.state, stored.delivered_at), (MessageState::Waiting, None));
    assert_eq!(outbox::of_key(&records, "ord_1").await.expect("reads"), [stored]);
    assert_eq!(outbox::get(&records, 99).await.expect("reads"), None);
}

#[tokio::test]
async fn messages_of_a_key_go_in_order_and_keys_do_not_wait_for_one_another() {
    let (_dir, records) = fresh().await;
    let mut elsewhere = message("ord_1", "order.created");
    elsewhere.destination = "https://other.example/hook".into();
    let batch = vec![
        message("ord_1", "order.created"),
        message("ord_1", "order.succeeded"),
        message("ord_2", "order.created"),
        elsewhere,
    ];
    assert_eq!(enqueue(&records, batch).await, [1, 2, 3, 4]);
    assert_eq!(claim(&records, T0.plus_micros(-1)).await, [0; 0]);
    assert_eq!(claim(&records, T0).await, [1, 3, 4]);
    // Claimed ones are their taker's; the second of ord_1 waits for the first.
    assert_eq!(claim(&records, T0).await, [0; 0]);
    let next = outbox::failed(&records, 1, "503", T0).await.expect("noted").expect("goes on");
    assert_eq!(claim(&records, next.plus_micros(-1)).await, [0; 0]);
    assert_eq!(claim(&records, next).await, [1]);
    outbox::delivered(&records, 1, next).await.expect("noted");
    assert_eq!(claim(&records, next).await, [2]);
}

#[tokio::test]
async fn a_sender_that_dies_loses_nothing() {
    let (_dir, records) = fresh().await;
    enqueue(&records, vec![message("ord_1", "order.created")]).await;
    assert_eq!(claim(&records, T0).await, [1]);
    let lapsed = T0.plus_seconds(LEASE_SECONDS);
    assert_eq!(claim(&records, lapsed.plus_micros(-1)).await, [0; 0]);
    assert_eq!(claim(&records, lapsed).await, [1]);
    let stored = outbox::get(&records, 1).await.expect("reads").expect("is there");
    assert_eq!(stored.attempts, 2);
}

#[tokio::test]
async fn two_senders_never_hold_the_same_message() {
    let (_dir, records) = fresh().await;
    enqueue(&records, (0..40).map(|n| message(&format!("ord_{n}"), "t")).collect()).await;
    let (a, b, c, d) = tokio::join!(
        claim(&records, T0),
        claim(&records, T0),
        claim(&records, T0),
        claim(&records, T0)
    );
    let mut all = [a, b, c, d].concat();
    all.sort_unstable();
    assert_eq!(all, (1..=40).collect::<Vec<_>>());
}

#[tokio::test]
async fn after_the_last_attempt_it_is_given_up_and_can_be_replayed() {
    let (_dir, records) = fresh().await;
    enqueue(&records, vec![message("ord_1", "first"), message("ord_1", "second")]).await;
    let mut now = T0;
    for (attempt, seconds) in BACK_OFF_SECONDS.into_iter().enumerate() {
        assert_eq!(claim(&records, now).await, [1], "attempt {attempt}");
        let next = outbox::failed(&records, 1, "refused", now).await.expect("noted");
        assert_eq!(next, Some(now.plus_seconds(seconds)), "attempt {attempt}");
        now = next.expect("goes on");
    }
    assert_eq!(claim(&records, now).await, [1]);
    let reason = "x".repeat(2000);
    assert_eq!(outbox::failed(&records, 1, &reason, now).await.expect("noted"), None);
    let given_up = outbox::get(&records, 1).await.expect("reads").expect("is there");
    assert_eq!(given_up.state, MessageState::Exhausted);
    assert_eq!(given_up.last_error.map(|e| e.len()), Some(500));
    // The next one is free to go, and what is given up is not touched by a late answer.
    assert_eq!(claim(&records, now).await, [2]);
    outbox::delivered(&records, 1, now).await.expect("ignored");
    assert_eq!(outbox::failed(&records, 1, "late", now).await.expect("ignored"), None);
    let counts = outbox::counts(&records).await.expect("reads");
    assert_eq!((counts.waiting, counts.delivered, counts.exhausted), (1, 0, 1));

    outbox::delivered(&records, 2, now).await.expect("noted");
    assert!(outbox::replay(&records, 1, now).await.expect("replayed"));
    assert!(!outbox::replay(&records, 99, now).await.expect("none"));
    assert_eq!(claim(&records, now).await, [1]);
    outbox::delivered(&records, 1, now).await.expect("noted");
    let counts = outbox::counts(&records).await.expect("reads");
    assert_eq!((counts.waiting, counts.delivered, counts.exhausted), (0, 2, 0));
}
