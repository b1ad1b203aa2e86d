//! Orders that wait for people: the stronger factor, the review.

use members::Credentials;
use payments::{Auth, NewOrder, Status};
use simulators::Faults;

use crate::house::{PASSWORD, REVIEW, STEP_UP, World, pay, pay_by, top_up};

#[tokio::test(flavor = "multi_thread")]
async fn step_up_waits_for_the_password() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 100_000).await;
    house.agree(&world, user, merchant).await;
    let before = house.snapshot();
    let new = pay(user, merchant, "m1", STEP_UP);
    let order = house.payments.place(new.clone(), world.tick()).await.expect("placed");
    assert_eq!(order.status(), Status::AuthenticationRequired);
    assert_eq!(house.snapshot(), before);
    house.prove().await;
    // It outlives the house.
    house.close().await;
    let house = world.open().await;
    let envelope = house.password(&world, &new, PASSWORD).await;
    let done =
        house.payments.authenticate(order.id, Credentials::password(envelope), world.tick()).await;
    assert_eq!(done.expect("paid").status(), Status::Succeeded);
    assert_eq!(house.balance(user).await, (i128::from(100_000 - STEP_UP), 0));
    let again = house.password(&world, &new, PASSWORD).await;
    let problem =
        house.payments.authenticate(order.id, Credentials::password(again), world.tick()).await;
    assert_eq!(problem.expect_err("paid already").code, "order_state_conflict");
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn step_up_is_met_by_a_password_given_at_once_and_by_channel() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 100_000).await;
    let new = pay(user, merchant, "m1", STEP_UP);
    let new = house.with_password(&world, new).await;
    let order = house.payments.place(new, world.tick()).await.expect("placed");
    assert_eq!(order.status(), Status::Succeeded);
    let new = pay_by(user, merchant, "m2", STEP_UP, "card");
    let order = house.payments.place(new.clone(), world.tick()).await.expect("placed");
    assert_eq!(order.status(), Status::AuthenticationRequired);
    let envelope = house.password(&world, &new, PASSWORD).await;
    let done =
        house.payments.authenticate(order.id, Credentials::password(envelope), world.tick()).await;
    assert_eq!(done.expect("paid").status(), Status::Succeeded);
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn step_up_expires() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user(&world).await;
    let new = || pay_by(user, merchant, "m1", STEP_UP, "card");
    let order = house.payments.place(new(), world.tick()).await.expect("placed");
    house.payments.recover(world.after(800)).await.expect("recovered");
    assert_eq!(house.order(order.id).await.status(), Status::AuthenticationRequired);
    house.settle(&world).await;
    let failed = house.payments.place(new(), world.tick()).await.expect("found");
    let code = failed.failure.as_ref().map(|f| f.code.as_str());
    assert_eq!(
        (failed.id, failed.status(), code),
        (order.id, Status::Failed, Some("authentication_expired"))
    );
    let late = NewOrder { key: "m2".to_owned(), ..new() };
    let order = house.payments.place(late.clone(), world.tick()).await.expect("placed");
    world.after(1_000);
    let envelope = house.password(&world, &late, PASSWORD).await;
    let expired =
        house.payments.authenticate(order.id, Credentials::password(envelope), world.tick()).await;
    assert_eq!(expired.expect("ended").status(), Status::Failed);
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_holds_the_money_until_an_operator_decides() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 100_000).await;
    house.agree(&world, user, merchant).await;
    let table = [
        (pay(user, merchant, "m1", REVIEW), false),
        (pay_by(user, merchant, "m2", REVIEW, "card"), false),
        (top_up(user, "t1", REVIEW, "card"), true),
        (pay_by(user, merchant, "m3", REVIEW, "card"), true),
        (pay(user, merchant, "m4", REVIEW), true),
    ];
    for (new, approve) in table {
        let from_balance = matches!(new.auth, Auth::PasswordFree);
        let before = house.snapshot();
        let order = house.payments.place(new, world.tick()).await.expect("placed");
        assert_eq!(order.status(), Status::Review, "{order:?}");
        assert_eq!(house.balance(user).await.1 > 0, from_balance);
        assert!(house.moves(order.id).is_empty());
        house.prove().await;
        // Recovery leaves it to people.
        house.payments.recover(world.after(3_600)).await.expect("recovered");
        assert_eq!(house.order(order.id).await.status(), Status::Review);
        let done = house.payments.review_decide(order.id, approve, "op-7", world.tick()).await;
        let done = done.expect("decided");
        if approve {
            assert_eq!(done.status(), Status::Succeeded, "{done:?}");
            assert_eq!(house.moves(order.id).len(), 1);
        } else {
            let code = done.failure.as_ref().map(|f| f.code.as_str());
            assert_eq!((done.status(), code), (Status::Failed, Some("review_denied")));
            assert_eq!(house.snapshot(), before);
        }
        let again = house.payments.review_decide(order.id, true, "op-7", world.tick()).await;
        assert_eq!(again.expect_err("decided").code, "order_state_conflict");
        house.prove().await;
    }
    let audit = records::audit::list(&house.records, None, None, 10).await.expect("listed");
    let actions = audit.iter().filter(|line| line.actor == "op-7").map(|l| l.action.as_str());
    let expected = ["approve", "approve", "approve", "deny", "deny"].map(|a| format!("review.{a}"));
    assert_eq!(actions.collect::<Vec<_>>(), expected, "newest first");
    let nothing = types::OrderId::of(&[b"none"]);
    let problem = house.payments.review_decide(nothing, true, "op", world.tick()).await;
    assert_eq!(problem.expect_err("none").code, "order_not_found");
}
