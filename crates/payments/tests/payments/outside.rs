//! What channels do to an order: decline, think it over, lose the answer, never receive it.

use std::time::Duration;

use members::{FreezeLevel, NewEntry, Scope, Target};
use payments::{Stage, Status};
use simulators::Faults;

use crate::house::{ALWAYS, House, World, pay_by, top_up, withdraw};

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_voids_the_hold() {
    let world = World::new(Faults { decline_ppm: ALWAYS, ..Faults::default() }).await;
    let house = world.open().await;
    house.fill_reserve(50_000).await;
    let merchant = house.merchant(&world, None).await;
    let user = house.settled_user_with(&world, 10_000).await;
    let before = house.snapshot();
    let out = house.with_password(&world, withdraw(user, "u1", 500)).await;
    for new in [top_up(user, "t1", 500, "card"), pay_by(user, merchant, "m1", 500, "card"), out] {
        let order = house.payments.place(new, world.tick()).await.expect("placed");
        let code = order.failure.as_ref().map(|f| f.code.as_str());
        assert_eq!((order.status(), code), (Status::Failed, Some("channel_declined")));
        assert_eq!(house.snapshot(), before);
    }
    house.prove().await;
}

/// What a lost answer leaves: the money held, and the truth found by asking.
async fn is_found_later(faults: Faults, why: &str) {
    let world = World::new(faults).await;
    let house = world.open().await;
    house.fill_reserve(50_000).await;
    let merchant = house.merchant(&world, None).await;
    let user = house.settled_user_with(&world, 10_000).await;
    let out = house.with_password(&world, withdraw(user, "u1", 500)).await;
    let new = [top_up(user, "t1", 500, "card"), pay_by(user, merchant, "m1", 500, "card"), out];
    let mut ids = Vec::new();
    for new in new {
        let order = house.payments.place(new, world.tick()).await.expect("placed");
        assert_eq!((order.status(), order.stage), (Status::Processing, Stage::Sent), "{order:?}");
        assert!(house.moves(order.id).is_empty(), "nothing is guessed");
        let trace = house.payments.trace(order.id).await.expect("read").expect("there");
        let call = trace.calls.last().expect("a call");
        assert_eq!((call.answer.as_str(), call.note.as_str()), ("unknown", why));
        ids.push(order.id);
    }
    assert_eq!(house.balance(user).await, (10_000, 500));
    house.prove().await;
    assert_eq!(house.payments.unfinished().await.expect("counted"), 3);
    // Not due yet: the wait after the first attempt is a second.
    let early = house.payments.recover(house.order(ids[0]).await.created_at).await;
    assert_eq!(early.expect("recovered").finished, 0);
    house.settle(&world).await;
    for id in ids {
        let order = house.order(id).await;
        assert_eq!(order.status(), Status::Succeeded, "{order:?}");
        assert!(order.attempts >= 2 && order.channel_order_no.is_some());
        let calls = house.payments.trace(id).await.expect("read").expect("there").calls;
        assert_eq!(calls.iter().filter(|c| c.call != "query").count(), 1, "sent once");
    }
    assert_eq!(house.balance(user).await, (10_000, 0));
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_answer_is_found_later() {
    let faults = Faults { cut_ppm: ALWAYS, ..Faults::default() };
    is_found_later(faults, "connection_broken").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_answer_is_found_later() {
    let hold = Duration::from_millis(800);
    let faults = Faults { held_ppm: ALWAYS, hold, ..Faults::default() };
    is_found_later(faults, "timed_out").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processing_becomes_success() {
    let faults = Faults { processing_ppm: ALWAYS, ..Faults::default() };
    is_found_later(faults, "processing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_arrived_is_given_up_after_a_grace() {
    let world = World::new(Faults { server_error_ppm: ALWAYS, ..Faults::default() }).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user(&world).await;
    let before = house.snapshot();
    let new = pay_by(user, merchant, "m1", 500, "card");
    let order = house.payments.place(new, world.tick()).await.expect("placed");
    assert_eq!(order.stage, Stage::Sent);
    // It may still arrive: asking again changes nothing.
    house.payments.recover(world.after(20)).await.expect("recovered");
    assert_eq!(house.order(order.id).await.stage, Stage::Sent);
    house.prove().await;
    house.settle(&world).await;
    let order = house.order(order.id).await;
    let code = order.failure.as_ref().map(|f| f.code.as_str());
    assert_eq!((order.status(), code), (Status::Failed, Some("channel_never_received")));
    let calls = house.payments.trace(order.id).await.expect("read").expect("there").calls;
    assert_eq!(calls.iter().filter(|c| c.call != "query").count(), 1, "nothing is resent");
    assert_eq!(house.snapshot(), before);
    house.prove().await;
}

async fn freeze_credits(
    house: &House,
    world: &World,
    user: types::UserId,
) -> types::RegisterEntryId {
    let entry = NewEntry {
        target: Target::User(user),
        who: "op".to_owned(),
        reason: "case".to_owned(),
        document: None,
        level: FreezeLevel::Risk,
        scope: Scope::Both,
        until: None,
    };
    house.members.freeze(entry, world.tick()).await.expect("frozen")
}

#[tokio::test(flavor = "multi_thread")]
async fn money_of_a_payee_frozen_meanwhile_is_never_lost() {
    let world = World::new(Faults { processing_ppm: ALWAYS, ..Faults::default() }).await;
    let house = world.open().await;
    let user = house.user(&world).await;
    let order = house.payments.place(top_up(user, "t1", 500, "card"), world.tick()).await;
    let order = order.expect("placed");
    let entry = freeze_credits(&house, &world, user).await;
    house.payments.recover(world.after(30)).await.expect("recovered");
    house.prove().await;
    house.members.lift(entry, FreezeLevel::Risk, "op", "done", world.tick()).await.expect("lifted");
    house.settle(&world).await;
    assert_eq!(house.order(order.id).await.status(), Status::Succeeded);
    assert_eq!(house.balance(user).await, (500, 0));
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_of_clearing_has_every_final_order() {
    use futures::TryStreamExt;
    let world = World::new(Faults { decline_ppm: ALWAYS, ..Faults::default() }).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 500).await;
    let paid = pay_by(user, merchant, "m1", 300, "wallet");
    let paid = house.payments.place(paid, world.tick()).await.expect("placed");
    let declined = pay_by(user, merchant, "m2", 400, "card");
    let declined = house.payments.place(declined, world.tick()).await.expect("placed");
    let date = house.book.open_date();
    let day: Vec<_> = house.payments.day_orders(date).try_collect().await.expect("read");
    assert_eq!(day.len(), 3);
    let row = day.iter().find(|row| row.id == paid.id).expect("there");
    assert_eq!((row.stage, row.amount.minor(), row.sent), (Stage::Succeeded, 300, true));
    assert_eq!(row.channel_order_no, paid.channel_order_no);
    let row = day.iter().find(|row| row.id == declined.id).expect("there");
    assert_eq!((row.stage, row.failure_code.as_deref()), (Stage::Failed, Some("channel_declined")));
    let none: Vec<_> = house.payments.day_orders(date.next()).try_collect().await.expect("read");
    assert!(none.is_empty());
    let stats = house.payments.stats(date).await.expect("counted");
    assert_eq!(stats.count(|c| c.hour == 9 && c.stage == Stage::Succeeded), 2);
    assert_eq!(stats.count(|_| true), 3);
}
