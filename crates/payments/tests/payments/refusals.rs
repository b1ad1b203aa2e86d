//! Each refusal has its code and leaves every balance and every limit as it was.

use members::{Class, Credentials, FreezeLevel, NewEntry, Scope, Target};
use payments::{Auth, NewOrder, Status};
use simulators::Faults;
use types::{MerchantId, UserId};

use crate::house::{House, REJECT, World, pay, pay_by, top_up, transfer, withdraw};

/// The order fails with this code, and nothing else happens.
async fn fails(house: &House, world: &World, new: NewOrder, code: &str) {
    let before = house.snapshot();
    let order = house.payments.place(new, world.tick()).await.expect(code);
    let found = order.failure.as_ref().map(|f| f.code.as_str());
    assert_eq!((order.status(), found), (Status::Failed, Some(code)), "{order:?}");
    let problem = order.problem().expect("a failure");
    assert_eq!(problem.code, code);
    assert_eq!(house.snapshot(), before, "{code} changed the book");
    assert!(house.moves(order.id).is_empty());
    let judged = house.risk.decision_of_order(order.id).await.expect("read").expect("judged");
    assert_eq!(Some(judged.id), order.decision);
}

/// The request is refused with this code, and leaves nothing.
async fn refused(house: &House, world: &World, new: NewOrder, code: &str, field: &str) {
    let before = house.snapshot();
    let problem = house.payments.place(new, world.tick()).await.expect_err(code);
    assert_eq!((problem.code, problem.field.as_deref()), (code, Some(field)), "{problem:?}");
    assert_eq!(house.snapshot(), before, "{code} changed the book");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_of_its_form_or_names_nobody_is_refused() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 10_000).await;
    let stranger = house.stranger(&world).await;
    let nobody = UserId::of(&[b"nobody"]);
    let good = || pay_by(user, merchant, "m1", 100, "card");
    let no_merchant = MerchantId::of(&[b"none"]);
    let table = [
        (NewOrder { amount: 0, ..good() }, "amount_not_positive", "amount_minor"),
        (NewOrder { amount: -5, ..good() }, "amount_not_positive", "amount_minor"),
        (NewOrder { amount: 5_000_001, ..good() }, "amount_too_large", "amount_minor"),
        (NewOrder { amount: i64::MAX, ..good() }, "amount_too_large", "amount_minor"),
        (NewOrder { currency: "USD".into(), ..good() }, "currency_unsupported", "currency"),
        (NewOrder { key: String::new(), ..good() }, "text_invalid", "key"),
        (NewOrder { merchant: Some(no_merchant), ..good() }, "merchant_not_found", "merchant"),
        (NewOrder { payer: nobody, ..good() }, "user_not_found", "payer"),
        (transfer(user, nobody, "u1", 100), "payee_not_found", "payee"),
        (transfer(user, stranger, "u1", 100), "payee_not_found", "payee"),
        (pay(stranger, merchant, "m1", 100), "real_name_required", "payer"),
        (top_up(stranger, "u1", 100, "card"), "real_name_required", "payer"),
        (top_up(user, "u1", 100, "bank"), "channel_unknown", "channel"),
    ];
    for (mut new, code, field) in table {
        if new.merchant.is_none() && new.payee.is_some() {
            new.auth = house.with_password(&world, new.clone()).await.auth;
        }
        refused(&house, &world, new, code, field).await;
    }
    let filter = payments::Filter::default();
    let all = house.payments.list(&filter, payments::Page::default()).await.expect("listed");
    assert_eq!(all.len(), 1, "only the top-up that filled the balance was written");
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_little_money_or_too_narrow_limits() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 150_000).await;
    let place = |new| house.payments.place(new, world.tick());

    fails(&house, &world, pay(user, merchant, "m0", 100), "agreement_missing").await;
    house.agree(&world, user, merchant).await;
    // The reserve bank account has nothing yet: a withdrawal cannot be paid.
    let new = house.with_password(&world, withdraw(user, "u1", 1_000)).await;
    fails(&house, &world, new, "reserve_insufficient").await;
    fails(&house, &world, pay(user, merchant, "m1", 100_001), "limit_exceeded").await;
    // One factor or none: 1,000 CNY a day, over both ways.
    let order = place(pay(user, merchant, "m2", 99_999)).await.expect("placed");
    assert_eq!(order.status(), Status::Succeeded, "{order:?}");
    let friend = house.user(&world).await;
    let new = house.with_password(&world, transfer(user, friend, "u2", 2)).await;
    fails(&house, &world, new, "limit_exceeded").await;
    let new = house.with_password(&world, transfer(user, friend, "u3", 1)).await;
    assert_eq!(place(new).await.expect("placed").status(), Status::Succeeded);
    house.prove().await;

    let poor = house.user_with(&world, 99).await;
    house.agree(&world, poor, merchant).await;
    fails(&house, &world, pay(poor, merchant, "m3", 100), "insufficient_available").await;
    let new = house.with_password(&world, withdraw(poor, "u4", 100)).await;
    fails(&house, &world, new, "insufficient_available").await;
    house.prove().await;
}

/// Money that a channel still owes us may be used and passed on, not withdrawn - by nobody, until
/// the channel has settled the day on which it came in.
#[tokio::test(flavor = "multi_thread")]
async fn money_in_transit_is_spent_but_not_withdrawn() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    house.fill_reserve(50_000).await;
    let (user, friend) = (house.user_with(&world, 10_000).await, house.user(&world).await);
    let new = house.with_password(&world, transfer(user, friend, "u1", 4_000)).await;
    let sent = house.payments.place(new, world.tick()).await.expect("placed");
    assert_eq!(sent.status(), Status::Succeeded, "{sent:?}");
    for (who, key) in [(user, "u2"), (friend, "u3")] {
        let new = house.with_password(&world, withdraw(who, key, 100)).await;
        fails(&house, &world, new, "not_settled").await;
    }
    house.settle_day("wallet").await;
    for (who, key) in [(user, "u4"), (friend, "u5")] {
        let new = house.with_password(&world, withdraw(who, key, 4_000)).await;
        let out = house.payments.place(new, world.tick()).await.expect("placed");
        assert_eq!(out.status(), Status::Succeeded, "{out:?}");
    }
    house.prove().await;
}

/// What could not pass anyway is judged, counts as an attempt, and spends nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_hopeless_order_is_an_attempt_and_no_spending() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 1_000).await;
    house.agree(&world, user, merchant).await;
    fails(&house, &world, pay(user, merchant, "m1", 50_000), "insufficient_available").await;
    let paid = house.payments.place(pay(user, merchant, "m2", 100), world.tick()).await;
    let paid = paid.expect("placed");
    let decision = house.risk.decision_of_order(paid.id).await.expect("read").expect("judged");
    let feature = |name: &str| decision.features.get(name).copied();
    assert_eq!(feature("user_orders_24h"), Some(2));
    assert_eq!(feature("customer_sum_24h"), Some(100));
    assert_eq!(feature("user_past_orders_30d"), Some(0));
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn class_one_ends_for_life_after_a_thousand() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_of(&world, Class::I).await;
    house.fund(&world, user, 200_000).await;
    house.agree(&world, user, merchant).await;
    let first = house.payments.place(pay(user, merchant, "m1", 60_000), world.tick()).await;
    assert_eq!(first.expect("placed").status(), Status::Succeeded);
    // The next day the day's limit is new, the life's is not.
    world.after(86_400);
    let next = house.payments.place(pay(user, merchant, "m2", 1), world.tick()).await;
    assert_eq!(next.expect("placed").status(), Status::Succeeded);
    fails(&house, &world, pay(user, merchant, "m3", 40_000), "limit_exceeded").await;
    let last = house.payments.place(pay(user, merchant, "m4", 39_999), world.tick()).await;
    assert_eq!(last.expect("placed").status(), Status::Succeeded);
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn risk_control_and_freezes_bar_an_order() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 90_000).await;
    house.agree(&world, user, merchant).await;
    fails(&house, &world, pay(user, merchant, "m1", REJECT), "risk_rejected").await;
    fails(&house, &world, pay_by(user, merchant, "m2", REJECT, "card"), "risk_rejected").await;

    let payer = house.members.payer(user).await.expect("a payer");
    let (customer, account) = (payer.customer.expect("one"), payer.account.expect("one"));
    for (target, code) in [
        (Target::Account(account), "account_frozen"),
        (Target::User(user), "user_frozen"),
        (Target::Customer(customer), "customer_frozen"),
    ] {
        let entry = NewEntry {
            target,
            who: "judge".to_owned(),
            reason: "case".to_owned(),
            document: Some("(2026)1".to_owned()),
            level: FreezeLevel::Judicial,
            scope: Scope::Both,
            until: None,
        };
        let id = house.members.freeze(entry, world.tick()).await.expect("frozen");
        fails(&house, &world, pay(user, merchant, &format!("b{code}"), 100), code).await;
        fails(&house, &world, top_up(user, &format!("t{code}"), 100, "card"), code).await;
        if code != "account_frozen" {
            let by_card = pay_by(user, merchant, &format!("c{code}"), 100, "card");
            fails(&house, &world, by_card, code).await;
        }
        house
            .members
            .lift(id, FreezeLevel::Judicial, "judge", "done", world.tick())
            .await
            .expect("lifted");
    }
    let after = house.payments.place(pay(user, merchant, "m9", 100), world.tick()).await;
    assert_eq!(after.expect("placed").status(), Status::Succeeded);
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_payee_is_not_paid() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let (user, friend) = (house.user_with(&world, 10_000).await, house.user(&world).await);
    let entry = NewEntry {
        target: Target::User(friend),
        who: "op".to_owned(),
        reason: "risk".to_owned(),
        document: None,
        level: FreezeLevel::Risk,
        scope: Scope::Credit,
        until: None,
    };
    house.members.freeze(entry, world.tick()).await.expect("frozen");
    let new = house.with_password(&world, transfer(user, friend, "u1", 100)).await;
    fails(&house, &world, new, "payee_frozen").await;
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_wait_and_then_lock() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let (user, friend) = (house.user_with(&world, 10_000).await, house.user(&world).await);
    let before = house.snapshot();
    let new = transfer(user, friend, "u1", 100);
    let wrong = house.password(&world, &new, "203948").await;
    let first = NewOrder { auth: Auth::Password(wrong), ..new.clone() };
    let order = house.payments.place(first, world.tick()).await.expect("placed");
    assert_eq!(order.status(), Status::AuthenticationRequired);
    assert_eq!(order.failure.as_ref().map(|f| f.code.as_str()), Some("password_wrong"));
    assert_eq!(house.snapshot(), before);

    // An envelope for another order does not open for this one.
    let other = house.password(&world, &transfer(user, friend, "u2", 100), "830592").await;
    let problem =
        house.payments.authenticate(order.id, Credentials::password(other), world.tick()).await;
    assert_eq!(problem.expect_err("another order's").code, "envelope_invalid");

    let right = house.password(&world, &new, "830592").await;
    let done = house
        .payments
        .authenticate(order.id, Credentials::password(right), world.tick())
        .await
        .expect("paid");
    assert_eq!((done.status(), done.failure), (Status::Succeeded, None));
    assert_eq!(house.balance(friend).await, (100, 0));

    let locked = transfer(user, friend, "u3", 100);
    let wrong = house.password(&world, &locked, "203948").await;
    let new = NewOrder { auth: Auth::Password(wrong), ..locked.clone() };
    let order = house.payments.place(new, world.tick()).await.expect("placed");
    let mut last = Ok(order.clone());
    for _ in 0..8 {
        let wrong = house.password(&world, &locked, "203948").await;
        last =
            house.payments.authenticate(order.id, Credentials::password(wrong), world.tick()).await;
        if last.is_ok() {
            break;
        }
    }
    let ended = last.expect("the lock ends the order");
    assert_eq!(ended.failure.map(|f| f.code).as_deref(), Some("password_locked"));
    assert_eq!(house.balance(friend).await, (100, 0));
    house.prove().await;
}
