//! Messages to merchants: shape, signature, order, another try.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use payments::webhooks::{Config, Dispatcher, signature};
use records::outbox::MessageState;
use simulators::Faults;

use crate::house::{World, pay, refund};

#[derive(Default)]
struct Inbox {
    refuse: u32,
    taken: Vec<(HeaderMap, String)>,
}

type Shared = Arc<Mutex<Inbox>>;

async fn take(State(inbox): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut inbox = inbox.lock().expect("whole");
    if inbox.refuse > 0 {
        inbox.refuse -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    inbox.taken.push((headers, String::from_utf8(body.to_vec()).expect("text")));
    StatusCode::NO_CONTENT
}

async fn receiver(inbox: Shared) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let router = Router::new().route("/hook", post(take)).with_state(inbox);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_final_order_is_told_once_signed_and_in_order() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let inbox: Shared = Arc::default();
    let url = receiver(Arc::clone(&inbox)).await;
    let merchant = house.merchant(&world, Some(url)).await;
    let silent = house.merchant(&world, None).await;
    let user = house.user_with(&world, 10_000).await;
    for merchant in [merchant, silent] {
        house.agree(&world, user, merchant).await;
    }
    let place = |new| house.payments.place(new, world.tick());
    let paid = place(pay(user, merchant, "m1", 700)).await.expect("placed");
    let failed = place(pay(user, merchant, "m2", 90_000)).await.expect("placed");
    place(pay(user, silent, "m1", 100)).await.expect("placed");
    place(pay(user, merchant, "m1", 700)).await.expect("found");
    let back = house.payments.refund(refund(merchant, "r1", paid.id, 200), world.tick()).await;
    let back = back.expect("refunded");

    inbox.lock().expect("whole").refuse = 3;
    let config = Config { internal_targets: true };
    let dispatcher = Dispatcher::new(house.records.clone(), house.members.clone(), config);
    let dispatcher = dispatcher.expect("made");
    let now = world.tick();
    let first = dispatcher.deliver_due(now).await.expect("tried");
    assert_eq!((first.delivered, first.failed), (0, 3));
    // Another try comes later, not at once.
    let soon = dispatcher.deliver_due(now).await.expect("tried");
    assert_eq!((soon.delivered, soon.failed), (0, 0));
    let now = world.after(7_200);
    assert_eq!(dispatcher.deliver_due(now).await.expect("tried").delivered, 3);
    assert_eq!(dispatcher.deliver_due(world.after(7_200)).await.expect("tried").delivered, 0);

    let secret = house.members.webhook_secret(merchant).expect("a secret");
    let mut told = Vec::new();
    for (headers, body) in &inbox.lock().expect("whole").taken {
        let header = |name: &str| headers[name].to_str().expect("text").to_owned();
        let seconds = header("webhook-timestamp").parse().expect("a number");
        let signed = signature(secret.expose(), &header("webhook-id"), seconds, body);
        assert_eq!(Some(header("webhook-signature")), signed);
        let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
        let word = |path: &str| body.pointer(path).expect(path).as_str().expect(path).to_owned();
        told.push((word("/type"), word("/data/order_id"), word("/data/kind")));
    }
    told.sort();
    let mut expected = vec![
        ("order.succeeded".to_owned(), paid.id.to_string(), "payment".to_owned()),
        ("order.failed".to_owned(), failed.id.to_string(), "payment".to_owned()),
        ("order.succeeded".to_owned(), back.id.to_string(), "refund".to_owned()),
    ];
    expected.sort();
    assert_eq!(told, expected);
    let trace = house.payments.trace(paid.id).await.expect("read").expect("there");
    assert_eq!(trace.messages.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_reached_is_recorded_and_tried_again() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let inbox: Shared = Arc::default();
    let url = receiver(Arc::clone(&inbox)).await;
    let merchant = house.merchant(&world, Some(url)).await;
    let user = house.user_with(&world, 10_000).await;
    house.agree(&world, user, merchant).await;
    let paid = house.payments.place(pay(user, merchant, "m1", 700), world.tick()).await;
    let paid = paid.expect("placed");

    let dispatcher = |internal_targets| {
        let config = Config { internal_targets };
        Dispatcher::new(house.records.clone(), house.members.clone(), config).expect("made")
    };
    let first = dispatcher(false).deliver_due(world.tick()).await.expect("tried");
    assert_eq!((first.delivered, first.failed), (0, 1));
    assert!(inbox.lock().expect("whole").taken.is_empty());
    let trace = house.payments.trace(paid.id).await.expect("read").expect("there");
    let message = &trace.messages[0];
    assert_eq!((message.state, message.attempts), (MessageState::Waiting, 1));
    let told = message.last_error.as_deref().expect("a reason");
    assert!(told.starts_with("webhook_target_internal"), "{told}");

    // Once it is allowed, the message is delivered like any that failed before.
    let later = dispatcher(true).deliver_due(world.after(7_200)).await.expect("tried");
    assert_eq!((later.delivered, later.failed), (1, 0));
    assert_eq!(inbox.lock().expect("whole").taken.len(), 1);
}
