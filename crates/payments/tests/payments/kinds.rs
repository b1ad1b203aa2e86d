//! Each kind of order on its good path: what the book has of it afterwards, entry by entry.

use money::CNY;
use payments::{Auth, Kind, Method, NewOrder, Stage, Status};
use simulators::Faults;

use crate::house::{PASSWORD, World, pay, pay_by, refund, role, top_up, transfer, withdraw};

#[tokio::test(flavor = "multi_thread")]
async fn a_top_up_becomes_balance() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let user = house.user(&world).await;
    let order = house.payments.place(top_up(user, "t1", 10_000, "card"), world.tick()).await;
    let order = order.expect("placed");
    assert_eq!((order.status(), order.failure.clone()), (Status::Succeeded, None));
    assert!(order.channel_order_no.is_some() && order.decision.is_some());
    assert_eq!(order.date, Some(house.book.open_date()));
    let (cash, card) = (house.cash(user).await, channels::receivable("card", CNY));
    assert_eq!(house.moves(order.id), [("topup".to_owned(), card, cash, 10_000)]);
    assert_eq!(house.balance(user).await, (10_000, 0));
    assert_eq!(
        house.steps(order.id).await,
        ["created", "judged", "authenticated", "tried", "sent", "confirmed", "closed"]
    );
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_reach_the_merchant_from_balance_and_by_channel() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 10_000).await;
    house.agree(&world, user, merchant).await;
    let place = |new| house.payments.place(new, world.tick());

    let by_balance = place(pay(user, merchant, "m1", 1_200)).await.expect("placed");
    let by_card = place(pay_by(user, merchant, "m2", 3_400, "card")).await.expect("placed");
    // A user without a real name has no account and pays by card all the same.
    let stranger = house.stranger(&world).await;
    let by_wallet = place(pay_by(stranger, merchant, "m3", 500, "wallet")).await.expect("placed");
    for order in [&by_balance, &by_card, &by_wallet] {
        assert_eq!((order.stage, order.kind), (Stage::Succeeded, Kind::Payment), "{order:?}");
    }
    let (cash, pending) = (house.cash(user).await, house.pending(merchant));
    let moved = |event: &str, debit, amount| vec![(event.to_owned(), debit, pending, amount)];
    assert_eq!(house.moves(by_balance.id), moved("pay_balance", cash, 1_200));
    let card = channels::receivable("card", CNY);
    assert_eq!(house.moves(by_card.id), moved("pay_channel", card, 3_400));
    assert_eq!(house.stands(pending), (5_100, 0));
    assert_eq!(house.balance(user).await, (8_800, 0));
    assert_eq!(
        house.steps(by_balance.id).await,
        ["created", "judged", "authenticated", "confirmed", "closed"]
    );
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_and_a_withdrawal_leave_the_payer() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let (user, friend) = (house.settled_user_with(&world, 10_000).await, house.user(&world).await);
    house.fill_reserve(40_000).await;

    let new = house.with_password(&world, transfer(user, friend, "u1", 2_500)).await;
    let sent = house.payments.place(new, world.tick()).await.expect("placed");
    let new = house.with_password(&world, withdraw(user, "u2", 4_000)).await;
    let out = house.payments.place(new, world.tick()).await.expect("placed");
    assert_eq!((sent.status(), out.status()), (Status::Succeeded, Status::Succeeded), "{out:?}");

    let (from, to) = (house.cash(user).await, house.cash(friend).await);
    let (transit, bank) = (role("withdrawal_in_transit"), role("reserve_bank"));
    assert_eq!(house.moves(sent.id), [("transfer".to_owned(), from, to, 2_500)]);
    assert_eq!(
        house.moves(out.id),
        [
            ("withdraw_try".to_owned(), from, transit, 4_000),
            ("withdraw_paid".to_owned(), transit, bank, 4_000)
        ]
    );
    assert_eq!((house.balance(user).await, house.balance(friend).await), ((3_500, 0), (2_500, 0)));
    assert_eq!((house.stands(transit), house.stands(bank)), ((0, 0), (46_000, 0)));
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_go_back_the_way_the_money_came() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 10_000).await;
    house.agree(&world, user, merchant).await;
    let by_balance = house.payments.place(pay(user, merchant, "m1", 1_000), world.tick()).await;
    let by_balance = by_balance.expect("placed").id;
    let by_card = pay_by(user, merchant, "m2", 2_000, "card");
    let by_card = house.payments.place(by_card, world.tick()).await.expect("placed").id;

    let give =
        |key, of, amount| house.payments.refund(refund(merchant, key, of, amount), world.tick());
    let one = give("r1", by_balance, 400).await.expect("refunded");
    let two = give("r2", by_card, 700).await.expect("refunded");
    assert_eq!((one.status(), two.status()), (Status::Succeeded, Status::Succeeded), "{two:?}");
    let (cash, pending) = (house.cash(user).await, house.pending(merchant));
    let (transit, card) = (role("refund_in_transit"), channels::receivable("card", CNY));
    assert_eq!(house.moves(one.id), [("refund_balance".to_owned(), pending, cash, 400)]);
    assert_eq!(
        house.moves(two.id),
        [
            ("refund_channel_try".to_owned(), pending, transit, 700),
            ("refund_channel_paid".to_owned(), transit, card, 700)
        ]
    );
    assert_eq!((one.refund_of, two.refund_of), (Some(by_balance), Some(by_card)));
    assert_eq!(house.order(by_card).await.refunded.minor(), 700);
    assert_eq!(house.stands(pending), (1_900, 0));
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_pays_out_to_no_other_account_than_it_was_typed_for() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    house.fill_reserve(100_000).await;
    let user = house.settled_user_with(&world, 50_000).await;
    let to = |key: &str, account: &str| {
        let instrument = account.to_owned();
        let method = Method::Channel { code: "card".to_owned(), instrument };
        NewOrder { method, ..withdraw(user, key, 20_000) }
    };
    let mine = to("o1", "card_4321");
    let top_up = NewOrder { kind: Kind::TopUp, ..mine.clone() };
    for (typed_for, sent) in [(&mine, to("o1", "card_9999")), (&top_up, mine.clone())] {
        let auth = Auth::Password(house.password(&world, typed_for, PASSWORD).await);
        let refused = house.payments.place(NewOrder { auth, ..sent }, world.tick()).await;
        assert_eq!(refused.expect_err("moved").code, "envelope_invalid");
    }
    let good = house.with_password(&world, mine).await;
    let done = house.payments.place(good, world.tick()).await.expect("placed");
    assert_eq!(done.status(), Status::Succeeded);
    house.prove().await;
}
