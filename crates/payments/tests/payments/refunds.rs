//! How much may go back, to whom, and what happens when the way is closed.

use futures::future::join_all;
use money::CNY;
use payments::{Stage, Status};
use simulators::Faults;

use types::Clock;

use crate::house::{ALWAYS, REVIEW, World, pay, pay_by, refund, top_up};

#[tokio::test(flavor = "multi_thread")]
async fn never_more_than_was_paid() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let (merchant, other) =
        (house.merchant(&world, None).await, house.merchant(&world, None).await);
    let user = house.user_with(&world, 10_000).await;
    house.agree(&world, user, merchant).await;
    let paid = house.payments.place(pay(user, merchant, "m1", 1_000), world.tick()).await;
    let paid = paid.expect("placed").id;
    let top_up = house.payments.place(top_up(user, "t1", 500, "wallet"), world.tick()).await;
    let top_up = top_up.expect("placed").id;
    let poor = house.payments.place(pay(user, merchant, "m2", 90_000), world.tick()).await;
    let poor = poor.expect("placed").id;
    let ask = |merchant, key, of, amount| {
        house.payments.refund(refund(merchant, key, of, amount), world.tick())
    };
    let first = ask(merchant, "r1", paid, 600).await.expect("refunded");
    assert_eq!(first.status(), Status::Succeeded);
    let before = house.snapshot();
    let nothing = types::OrderId::of(&[b"none"]);
    for (merchant, of, amount, code) in [
        (merchant, paid, 401, "refund_exceeds_payment"),
        (merchant, paid, 0, "amount_not_positive"),
        (merchant, paid, -1, "amount_not_positive"),
        (other, paid, 100, "order_not_found"),
        (merchant, nothing, 100, "order_not_found"),
        (merchant, top_up, 100, "order_not_found"),
        (merchant, first.id, 100, "order_not_refundable"),
        (merchant, poor, 100, "order_not_refundable"),
    ] {
        let problem = ask(merchant, "r2", of, amount).await.expect_err(code);
        assert_eq!(problem.code, code);
    }
    assert_eq!(house.snapshot(), before);
    let rest = ask(merchant, "r2", paid, 400).await.expect("refunded");
    assert_eq!(rest.status(), Status::Succeeded);
    let trace = house.payments.trace(paid).await.expect("read").expect("there");
    assert_eq!((trace.refunds.len(), trace.order.refunded.minor()), (2, 1_000));
    assert_eq!(house.balance(user).await, (10_500, 0));
    house.prove().await;
}

/// The regulator counts payments made; what came back is not taken off (docs/reference/orders.md).
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_gives_back_no_limit() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 100_000).await;
    house.agree(&world, user, merchant).await;
    let customer = house.members.payer(user).await.expect("a payer").customer.expect("one");
    let used = || async {
        let limits = house.members.limits_view(customer, world.clock.now()).await;
        let limits = limits.expect("read");
        limits.iter().map(|l| (l.code, l.used.minor())).collect::<Vec<_>>()
    };
    let paid = house.payments.place(pay(user, merchant, "m1", 60_000), world.tick()).await;
    let paid = paid.expect("placed");
    let before = used().await;
    assert!(before.contains(&("year", 60_000)), "{before:?}");
    let back = house.payments.refund(refund(merchant, "r1", paid.id, 60_000), world.tick()).await;
    assert_eq!(back.expect("refunded").status(), Status::Succeeded);
    assert_eq!(used().await, before);
    let again = house.payments.place(pay(user, merchant, "m2", 60_000), world.tick()).await;
    let failure = again.expect("placed").failure.map(|f| f.code);
    assert_eq!(failure.as_deref(), Some("limit_exceeded"));
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_once_they_share_what_is_left() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 10_000).await;
    let paid = pay_by(user, merchant, "m1", 1_000, "card");
    let paid = house.payments.place(paid, world.tick()).await.expect("placed").id;
    let asked = (0..12).map(|n| {
        let (payments, now) = (house.payments.clone(), world.tick());
        let new = refund(merchant, &format!("r{n}"), paid, 300);
        tokio::spawn(async move { payments.refund(new, now).await })
    });
    let results: Vec<_> = join_all(asked).await.into_iter().map(|r| r.expect("no panic")).collect();
    let good = results.iter().filter(|r| r.as_ref().is_ok_and(|o| o.stage == Stage::Succeeded));
    assert_eq!(good.count(), 3);
    let refused = results.iter().filter_map(|r| r.as_ref().err());
    assert!(refused.map(|p| p.code).all(|code| code == "refund_exceeds_payment"), "{results:?}");
    assert_eq!(house.order(paid).await.refunded.minor(), 900);
    assert_eq!(house.stands(house.pending(merchant)), (100, 0));
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_way_leads_to_the_balance() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let (user, stranger) = (house.user(&world).await, house.stranger(&world).await);
    let place = |new| house.payments.place(new, world.tick());
    let paid = place(pay_by(user, merchant, "m1", 1_000, "card")).await.expect("placed").id;
    let theirs = place(pay_by(stranger, merchant, "m2", 500, "card")).await.expect("placed").id;
    house.channels.set_on_line("card", false).expect("known");
    let back = refund(merchant, "r1", paid, 400);
    let back = house.payments.refund(back, world.tick()).await.expect("refunded");
    assert_eq!((back.status(), back.channel.clone()), (Status::Succeeded, None));
    assert_eq!(house.balance(user).await, (400, 0));
    assert!(house.steps(back.id).await.contains(&"route_closed".to_owned()));
    // Who has no account can only be paid the way the money came.
    let problem = house.payments.refund(refund(merchant, "r2", theirs, 500), world.tick()).await;
    assert_eq!(problem.expect_err("no way").code, "channel_off_line");
    assert_eq!(house.order(theirs).await.refunded.minor(), 0);
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_fails_leads_to_the_balance() {
    let mut world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let (user, stranger) = (house.user(&world).await, house.stranger(&world).await);
    let place = |new| house.payments.place(new, world.tick());
    let paid = place(pay_by(user, merchant, "m1", 1_000, "card")).await.expect("placed").id;
    let theirs = place(pay_by(stranger, merchant, "m2", 500, "card")).await.expect("placed").id;
    house.close().await;
    // The channel knows nothing of its past: it declines every refund.
    world.forget_card().await;
    let house = world.open().await;
    let back = house.payments.refund(refund(merchant, "r1", paid, 400), world.tick()).await;
    let back = back.expect("refunded");
    assert_eq!((back.status(), back.channel.clone()), (Status::Succeeded, None));
    let (cash, pending) = (house.cash(user).await, house.pending(merchant));
    assert_eq!(house.moves(back.id), [("refund_balance".to_owned(), pending, cash, 400)]);
    let steps = house.steps(back.id).await;
    let ends = ["sent", "cancelled", "fell_back", "closed"];
    assert_eq!(steps[steps.len() - 4..], ends);
    // Without a balance to fall to, the refund fails and the payment may be refunded again.
    let failed = house.payments.refund(refund(merchant, "r2", theirs, 500), world.tick()).await;
    let code = failed.expect("asked").failure.map(|f| f.code);
    assert_eq!(code.as_deref(), Some("channel_declined"));
    assert_eq!(house.order(theirs).await.refunded.minor(), 0);
    assert_eq!(house.stands(pending), (1_100, 0));
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_and_reviewed_refunds_are_found_and_released() {
    let world = World::new(Faults { cut_ppm: ALWAYS, ..Faults::default() }).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 100_000).await;
    house.agree(&world, user, merchant).await;
    let by_card = pay_by(user, merchant, "m1", 1_000, "card");
    let by_card = house.payments.place(by_card, world.tick()).await.expect("placed").id;
    house.settle(&world).await;
    let lost = house.payments.refund(refund(merchant, "r1", by_card, 700), world.tick()).await;
    let lost = lost.expect("asked");
    assert_eq!((lost.stage, house.order(by_card).await.refunded.minor()), (Stage::Sent, 700));
    assert_eq!(house.stands(house.pending(merchant)), (1_000, 700));
    house.prove().await;
    house.settle(&world).await;
    assert_eq!(house.order(lost.id).await.status(), Status::Succeeded);
    let card = channels::receivable("card", CNY);
    assert_eq!((house.stands(card), house.stands(house.pending(merchant))), ((300, 0), (300, 0)));

    // A refund that a person refuses gives back what it had set aside of the payment.
    let paid = house.payments.place(pay(user, merchant, "m2", 90_000), world.tick()).await;
    let paid = paid.expect("placed").id;
    let waits = house.payments.refund(refund(merchant, "r2", paid, REVIEW), world.tick()).await;
    let waits = waits.expect("asked");
    assert_eq!(
        (waits.status(), house.order(paid).await.refunded.minor()),
        (Status::Review, REVIEW.unsigned_abs())
    );
    house.prove().await;
    let denied = house.payments.review_decide(waits.id, false, "op", world.tick()).await;
    assert_eq!(denied.expect("decided").status(), Status::Failed);
    assert_eq!(house.order(paid).await.refunded.minor(), 0);
    assert_eq!(house.stands(house.pending(merchant)), (90_300, 0));
    house.prove().await;
}
