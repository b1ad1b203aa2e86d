//! A channel that takes the money after the order was given up: the money goes back by itself.

use futures::TryStreamExt;
use money::CNY;
use payments::{DayOrder, Kind, Stage, Status};
use simulators::Faults;
use types::OrderId;

use crate::house::{ALWAYS, House, World, pay_by};

/// A payment of 700 by card that the channel took and, for as long as it was asked, did not know;
/// now it remembers, and has these faults. The house is shut.
pub async fn given_up(faults: Faults) -> (World, OrderId) {
    let mut world = World::new(Faults { cut_ppm: ALWAYS, ..Faults::default() }).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user(&world).await;
    let new = pay_by(user, merchant, "m1", 700, "card");
    let order = house.payments.place(new, world.tick()).await.expect("placed");
    assert_eq!(order.status(), Status::Processing);
    house.close().await;
    world.forget_card().await;
    let house = world.open().await;
    house.settle(&world).await;
    let failed = house.order(order.id).await;
    assert_eq!(failed.failure.map(|f| f.code).as_deref(), Some("channel_never_received"));
    house.close().await;
    world.remember_card(faults).await;
    (world, order.id)
}

/// Lets recovery look again until the channel is asked no more.
async fn look_again(house: &House, world: &World) {
    for _ in 0..4 {
        let done = house.payments.recover(world.after(3_600)).await.expect("recovered");
        assert_eq!(done.faults, 0);
        house.settle(world).await;
    }
}

async fn day(house: &House) -> Vec<DayOrder> {
    house.payments.day_orders(house.book.open_date()).try_collect().await.expect("read")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_money_goes_back_by_the_way_it_came() {
    let (world, of) = given_up(Faults::default()).await;
    let house = world.open().await;
    look_again(&house, &world).await;
    let trace = house.payments.trace(of).await.expect("read").expect("there");
    assert_eq!(trace.order.status(), Status::Failed, "its merchant was told so");
    assert!(trace.steps.iter().any(|step| step.step == "late_success"), "{:?}", trace.steps);
    assert!(trace.order.channel_order_no.is_some());
    assert_eq!(trace.order.next_at, None, "it is looked at no more");
    let [back] = trace.refunds.as_slice() else { panic!("one refund: {:?}", trace.refunds) };
    assert_eq!((back.status(), back.merchant, back.amount.minor()), (Status::Succeeded, None, 700));
    assert!(house.risk.decision_of_order(back.id).await.expect("read").is_some());
    let channel = house.channels.get("card").expect("there");
    for no in [of, back.id] {
        let answer = channel.query(&no.to_string()).await;
        assert!(matches!(answer, channels::Answer::Succeeded { .. }), "{no}: {answer:?}");
    }
    assert_eq!(house.stands(channels::receivable("card", CNY)), (0, 0));
    let events: Vec<_> = house.moves(back.id).into_iter().map(|m| m.0).collect();
    assert_eq!(events, ["late_success", "refund_channel_paid"]);
    house.prove().await;
    // Clearing sees what the channel's statement will show, and nothing of it is the merchant's.
    let rows = day(&house).await;
    let shown: Vec<_> = rows.iter().map(|r| (r.id, r.kind, r.stage, r.merchant)).collect();
    let mut expected = vec![
        (of, Kind::Payment, Stage::Succeeded, None),
        (back.id, Kind::Refund, Stage::Succeeded, None),
    ];
    expected.sort_by_key(|row| row.0);
    assert_eq!(shown, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_channel_does_not_take_back_becomes_balance() {
    let (world, of) = given_up(Faults::default()).await;
    let house = world.open().await;
    house.channels.set_on_line("card", false).expect("there");
    look_again(&house, &world).await;
    let trace = house.payments.trace(of).await.expect("read").expect("there");
    let [back] = trace.refunds.as_slice() else { panic!("one refund: {:?}", trace.refunds) };
    assert_eq!((back.status(), &back.channel), (Status::Succeeded, &None));
    assert_eq!(house.balance(back.payer.expect("a user")).await, (700, 0));
    assert_eq!(house.stands(channels::receivable("card", CNY)), (700, 0));
    house.prove().await;
    let rows: Vec<_> = day(&house).await.into_iter().filter(|row| row.id == of).collect();
    assert!(matches!(rows.as_slice(), [row] if row.stage == Stage::Succeeded), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_never_comes_is_asked_after_for_a_day() {
    let (mut world, of) = given_up(Faults::default()).await;
    world.forget_card().await;
    let house = world.open().await;
    look_again(&house, &world).await;
    assert!(house.order(of).await.next_at.is_some());
    for _ in 0..3 {
        house.payments.recover(world.after(43_200)).await.expect("recovered");
    }
    let trace = house.payments.trace(of).await.expect("read").expect("there");
    assert_eq!((trace.order.next_at, trace.refunds.len()), (None, 0));
    house.prove().await;
}
