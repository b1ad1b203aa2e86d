//! Merging: who joins a customer must know the payment password of one of its users.

use crate::support::{House, PASSWORD, claim, code, id_number, noon, short_locks};
use members::keypad::Envelope;
use members::{
    Class, Error, FreezeLevel, Members, MembersConfig, NewEntry, RealNameClaim, RealNameOutcome,
    Scope, Target, Verified,
};
use simulators::VerifierSimulator;
use std::sync::Arc;
use types::{Masked, UserId};

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

    let joined = house.joined(second, first.user, noon()).await;
    assert_eq!((joined.customer, joined.new), (first.customer, false));
    let payer = house.members.payer(second).await.expect("known");
    assert_eq!(payer.customer, Some(first.customer), "what was cached is forgotten");
    assert_ne!(joined.account, first.account, "accounts belong to users");
    assert!(house.book.account(joined.account).is_some());
    let view = house.members.customer(first.customer, noon()).await.expect("read");
    assert_eq!(view.users.len(), 2);
    let binding = Members::merge_binding(second);
    let again = house.seal(first.user, &binding, PASSWORD, noon()).await;
    let claim = claim(1, Class::I);
    let again = house.members.merge(second, claim, first.user, &again, "123456", noon()).await;
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
        let refused = merge(&house, second, first.user, &envelope, "123456").await;
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
    let refused = merge(&house, second, stranger.user, &envelope, "123456").await;
    assert_eq!(code(refused), "merge_password_wrong");
    // An envelope that authorises one merge does not authorise another user's.
    let third = house.register(102).await;
    let envelope = house.seal(first.user, &binding, PASSWORD, noon()).await;
    let refused = merge(&house, third, first.user, &envelope, "123456").await;
    assert_eq!(code(refused), "envelope_invalid");
}

#[tokio::test]
async fn another_persons_password_is_neither_tried_nor_locked_by_a_merge() {
    let house = House::with(short_locks()).await;
    house.with_password(1).await;
    let stranger = house.with_password(2).await;
    let second = house.register(101).await;
    let binding = Members::merge_binding(second);
    for password in [PASSWORD, "830593", "830593", "830593", "830593", "830593", "830593"] {
        let envelope = house.seal(stranger.user, &binding, password, noon()).await;
        let refused = merge(&house, second, stranger.user, &envelope, "123456").await;
        assert_eq!(code(refused), "merge_password_wrong", "right or wrong, nothing differs");
    }
    let own = Members::change_password_binding();
    let wrong = house.seal(stranger.user, &own, "830593", noon()).await;
    let refused = house.members.verify_payment_password(stranger.user, &wrong, &own, noon()).await;
    assert!(matches!(refused, Err(Error::PasswordWrong { left: 4 })), "{refused:?}");
}

#[tokio::test]
async fn whom_a_freeze_bars_lets_nobody_in() {
    let house = House::open().await;
    let first = house.with_password(1).await;
    let second = house.register(101).await;
    for target in [Target::User(first.user), Target::Account(first.account)] {
        let frozen = NewEntry {
            target,
            who: "li.na".into(),
            reason: "the phone was stolen".into(),
            document: None,
            level: FreezeLevel::Own,
            scope: Scope::Both,
            until: None,
        };
        let entry = house.members.freeze(frozen, noon()).await.expect("frozen");
        let binding = Members::merge_binding(second);
        let envelope = house.seal(first.user, &binding, PASSWORD, noon()).await;
        let refused = merge(&house, second, first.user, &envelope, "123456").await;
        assert_eq!(code(refused), "merge_password_wrong", "the asker is not told of the freeze");
        let lifted = house.members.lift(entry, FreezeLevel::Own, "li.na", "found", noon()).await;
        lifted.expect("lifted");
    }
    house.joined(second, first.user, noon()).await;
}

#[tokio::test]
async fn a_customer_has_at_most_so_many_users() {
    let house = House::with(MembersConfig { most_users: 2, ..MembersConfig::default() }).await;
    let first = house.with_password(1).await;
    for (n, at, expected) in [(101, 0, None), (102, 60, Some("customer_users_exceeded"))] {
        let (user, at) = (house.register(n).await, noon().plus_seconds(at));
        let envelope = house.seal(first.user, &Members::merge_binding(user), PASSWORD, at).await;
        let code = house.merge_code(first.user, 1, user, at).await;
        let claim = claim(1, Class::I);
        let merged = house.members.merge(user, claim, first.user, &envelope, &code, at).await;
        assert_eq!(merged.err().map(|e| e.code()), expected);
    }
}

async fn merge(
    house: &House,
    user: UserId,
    existing: UserId,
    envelope: &Envelope,
    code: &str,
) -> Result<Verified, Error> {
    house.members.merge(user, claim(1, Class::I), existing, envelope, code, noon()).await
}

#[tokio::test]
async fn the_password_alone_does_not_merge_nor_the_code_of_another() {
    let house = House::open().await;
    let first = house.with_password(1).await;
    let (second, third) = (house.register(101).await, house.register(102).await);
    let binding = Members::merge_binding(second);
    let seal = async || house.seal(first.user, &binding, PASSWORD, noon()).await;
    assert_eq!(
        code(merge(&house, second, first.user, &seal().await, "123456").await),
        "code_unknown"
    );
    let for_another = house.merge_code(first.user, 1, third, noon()).await;
    let refused = merge(&house, second, first.user, &seal().await, &for_another).await;
    assert_eq!(code(refused), "code_other_subject", "sent for the merge of another user");
    assert_eq!(code(merge(&house, second, first.user, &seal().await, "").await), "code_malformed");
    // Without the password nothing is told of the code, right or wrong.
    let wrong = house.seal(first.user, &binding, "830593", noon()).await;
    let refused = merge(&house, second, first.user, &wrong, "123456").await;
    assert_eq!(code(refused), "merge_password_wrong");
    assert_eq!(house.members.payer(second).await.expect("known").customer, None);
}

#[tokio::test]
async fn who_probes_learns_nothing_from_words_or_work() {
    let house = House::open().await;
    let known = house.with_password(1).await;
    let (second, without) = (house.register(101).await, house.register(102).await);
    house.sim("id-network").declare("王小强", &id_number(2));
    // A wrong name of a known customer, and of nobody's number: the same words, the same checks.
    let asked = || house.sims.iter().map(VerifierSimulator::checks).sum::<u64>();
    let mut told = Vec::new();
    for n in [1, 2] {
        let before = asked();
        let claim = RealNameClaim { name: Masked::new("李小强"), ..claim(n, Class::I) };
        let refused = house.members.verify_real_name(second, claim, noon()).await;
        let problem = types::Problem::from(refused.expect_err("wrong"));
        told.push((problem.code, problem.reason, asked() - before));
    }
    assert_eq!(told[0], told[1]);
    // Nobody, somebody without a password, and a wrong password: the same words.
    let nobody = UserId::from_u128(7);
    let binding = Members::merge_binding(second);
    let mut told = Vec::new();
    for (existing, password) in [(nobody, PASSWORD), (without, PASSWORD), (known.user, "830593")] {
        let envelope = house.seal(existing, &binding, password, noon()).await;
        let refused = merge(&house, second, existing, &envelope, "123456").await;
        let problem = types::Problem::from(refused.expect_err("refused"));
        told.push((problem.code, problem.reason));
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_merges_at_once_of_one_user_and_of_the_last_place() {
    let most = MembersConfig { most_users: 2, ..MembersConfig::default() };
    let house = Arc::new(House::with(most).await);
    let first = house.with_password(1).await;
    let mut tasks = Vec::new();
    for n in 0..2u32 {
        let at = noon().plus_seconds(60 * i64::from(n));
        let user = house.register(101 + u64::from(n)).await;
        let envelope = house.seal(first.user, &Members::merge_binding(user), PASSWORD, at).await;
        let code = house.merge_code(first.user, 1, user, at).await;
        let members = house.members.clone();
        tasks.push(tokio::spawn(async move {
            members.merge(user, claim(1, Class::I), first.user, &envelope, &code, at).await
        }));
    }
    let mut codes = Vec::new();
    for task in tasks {
        codes.push(task.await.expect("no panic").err().map_or("merged", |error| error.code()));
    }
    codes.sort_unstable();
    assert_eq!(codes, ["customer_users_exceeded", "merged"], "one place was left");
    let view = house.members.customer(first.customer, noon()).await.expect("read");
    assert_eq!(view.users.len(), 2);
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
