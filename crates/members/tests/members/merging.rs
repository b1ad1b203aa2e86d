//! Merging: who joins a customer must know the payment password of one of its users.

use crate::support::{House, PASSWORD, claim, code, noon, short_locks};
use members::{Class, Members, MembersConfig, RealNameOutcome};

#[tokio::test]
async fn the_second_user_joins_by_the_first_users_password() {
    let house = House::open().await;
    let first = house.with_password(1).await;
    let second = house.register(101).await;
    let outcome = house.members.verify_real_name(second, claim(1, Class::I), noon()).await;
    let RealNameOutcome::MergeRequired(candidates) = outcome.expect("answered") else {
        panic!("the identity is known")
    };
    assert_eq!(candidates.iter().map(|c| c.user).collect::<Vec<_>>(), [first.user]);
    assert_eq!(house.members.payer(second).await.expect("known").customer, None);

    let binding = Members::merge_binding(second);
    let envelope = house.seal(first.user, &binding, PASSWORD, noon()).await;
    let joined =
        house.members.merge(second, claim(1, Class::I), first.user, &envelope, noon()).await;
    let joined = joined.expect("merged");
    assert_eq!((joined.customer, joined.new), (first.customer, false));
    let payer = house.members.payer(second).await.expect("known");
    assert_eq!(payer.customer, Some(first.customer), "what was cached is forgotten");
    assert_ne!(joined.account, first.account, "accounts belong to users");
    assert!(house.book.account(joined.account).is_some());
    let view = house.members.customer(first.customer, noon()).await.expect("read");
    assert_eq!(view.users.len(), 2);
    let again = house.seal(first.user, &binding, PASSWORD, noon()).await;
    let again = house.members.merge(second, claim(1, Class::I), first.user, &again, noon()).await;
    assert_eq!(code(again), "already_verified");
}

#[tokio::test]
async fn a_wrong_password_is_refused_counted_and_locks() {
    let house = House::with(short_locks()).await;
    let first = house.with_password(1).await;
    let second = house.register(101).await;
    let binding = Members::merge_binding(second);
    for try_ in 0..6 {
        let envelope = house.seal(first.user, &binding, "830593", noon()).await;
        let refused =
            house.members.merge(second, claim(1, Class::I), first.user, &envelope, noon()).await;
        let expected = if try_ < 5 { "merge_password_wrong" } else { "password_locked" };
        assert_eq!(code(refused), expected, "try {try_}");
    }
    assert_eq!(house.members.payer(second).await.expect("known").customer, None);
}

#[tokio::test]
async fn another_customers_password_opens_nothing() {
    let house = House::open().await;
    let first = house.with_password(1).await;
    let stranger = house.with_password(2).await;
    let second = house.register(101).await;
    let binding = Members::merge_binding(second);
    let envelope = house.seal(stranger.user, &binding, PASSWORD, noon()).await;
    let refused =
        house.members.merge(second, claim(1, Class::I), stranger.user, &envelope, noon()).await;
    assert_eq!(code(refused), "merge_password_wrong");
    // An envelope that authorises one merge does not authorise another user's.
    let third = house.register(102).await;
    let envelope = house.seal(first.user, &binding, PASSWORD, noon()).await;
    let refused =
        house.members.merge(third, claim(1, Class::I), first.user, &envelope, noon()).await;
    assert_eq!(code(refused), "envelope_invalid");
}

#[tokio::test]
async fn a_customer_has_at_most_so_many_users() {
    let house = House::with(MembersConfig { most_users: 2, ..MembersConfig::default() }).await;
    let first = house.with_password(1).await;
    for (n, expected) in [(101, None), (102, Some("customer_users_exceeded"))] {
        let user = house.register(n).await;
        let envelope =
            house.seal(first.user, &Members::merge_binding(user), PASSWORD, noon()).await;
        let merged =
            house.members.merge(user, claim(1, Class::I), first.user, &envelope, noon()).await;
        assert_eq!(merged.err().map(|e| e.code()), expected);
    }
}

#[tokio::test]
async fn twenty_users_of_one_person_at_once_make_one_customer() {
    let house = House::open().await;
    let mut tasks = Vec::new();
    for n in 0..20 {
        let user = house.register(100 + n).await;
        let members = house.members.clone();
        tasks.push(tokio::spawn(async move {
            members.verify_real_name(user, claim(1, Class::I), noon()).await
        }));
    }
    let mut new = 0;
    for task in tasks {
        if let RealNameOutcome::Verified(done) = task.await.expect("no panic").expect("answered") {
            assert!(done.new);
            new += 1;
        }
    }
    assert_eq!(new, 1);
}
