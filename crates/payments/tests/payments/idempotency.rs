//! One key, one order, for ever - whoever asks, how often, and at the same time.

use futures::future::join_all;
use payments::{NewOrder, Status};
use simulators::Faults;

use crate::house::{World, pay, pay_by, refund};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gives_the_first_result_or_a_conflict() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let other = house.merchant(&world, None).await;
    let user = house.user_with(&world, 10_000).await;
    house.agree(&world, user, merchant).await;
    let new = || pay(user, merchant, "m1", 700);
    let first = house.payments.place(new(), world.tick()).await.expect("placed");
    let again = house.payments.place(new(), world.tick()).await.expect("found");
    assert_eq!(first, again);

    let before = house.snapshot();
    let changed = NewOrder { amount: 701, ..new() };
    let problem = house.payments.place(changed, world.tick()).await.expect_err("another body");
    assert_eq!((problem.code, problem.field.as_deref()), ("idempotency_conflict", Some("key")));
    // A refund has the same name space as orders.
    let crossed = refund(merchant, "m1", first.id, 700);
    let problem = house.payments.refund(crossed, world.tick()).await.expect_err("taken");
    assert_eq!(problem.code, "idempotency_conflict");
    assert_eq!(house.snapshot(), before);

    // Another merchant's key is another key.
    let theirs = pay_by(user, other, "m1", 700, "card");
    let theirs = house.payments.place(theirs, world.tick()).await.expect("placed");
    assert_ne!(theirs.id, first.id);

    // A failure is a first result too.
    let poor = pay(user, merchant, "m2", 90_000);
    let failed = house.payments.place(poor.clone(), world.tick()).await.expect("placed");
    house.fund(&world, user, 100_000).await;
    let still = house.payments.place(poor, world.tick()).await.expect("found");
    assert_eq!((failed.status(), &still), (Status::Failed, &failed));

    // And it outlives the house.
    house.close().await;
    let house = world.open().await;
    assert_eq!(house.payments.place(new(), world.tick()).await.expect("found"), first);
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_finished_though_its_caller_goes_away() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user(&world).await;
    let new = || pay_by(user, merchant, "m1", 700, "card");
    {
        let gone = std::pin::pin!(house.payments.place(new(), world.tick()));
        assert!(futures::poll!(gone).is_pending(), "an order takes longer than that");
    }
    // The same call again waits for the first one and gives its result.
    let order = house.payments.place(new(), world.tick()).await.expect("found");
    assert_eq!(order.status(), Status::Succeeded);
    assert_eq!(house.stands(house.pending(merchant)), (700, 0));
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_at_once_are_one_order() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 10_000).await;
    house.agree(&world, user, merchant).await;
    let ask = |new: NewOrder| {
        let (payments, now) = (house.payments.clone(), world.tick());
        tokio::spawn(async move { payments.place(new, now).await })
    };
    let same = join_all((0..20).map(|_| ask(pay(user, merchant, "m1", 700)))).await;
    let mut ids = Vec::new();
    for order in same {
        let order = order.expect("no panic").expect("placed");
        assert_eq!(order.status(), Status::Succeeded);
        ids.push(order.id);
    }
    ids.dedup();
    assert_eq!((ids.len(), house.balance(user).await), (1, (9_300, 0)));

    // Twenty bodies under one key: one wins, the others conflict.
    let bodies = (1..=20).map(|n| ask(pay_by(user, merchant, "m2", n, "card")));
    let results: Vec<_> =
        join_all(bodies).await.into_iter().map(|r| r.expect("no panic")).collect();
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    let codes = results.iter().filter_map(|r| r.as_ref().err()).map(|p| p.code);
    assert!(codes.into_iter().all(|code| code == "idempotency_conflict"));
    house.prove().await;
}
