//! Unmerging: two persons, one atomic step, nothing gained by it.

use crate::support::{House, claim, code, fen, noon};
use members::{
    Alongside, Class, Error, FactorStrength, FreezeLevel, NewEntry, Scope, Split, Standing, Target,
    Verified,
};
use records::approvals::Decision;
use sea_orm::{ConnectionTrait, Statement};
use types::Timestamp;

/// Nothing of other rooms.
fn nothing() -> Alongside {
    Box::new(|_, _| Box::pin(async { Ok(()) }))
}

fn decision(checker: &str, approve: bool) -> Decision {
    Decision { checker: checker.to_owned(), approve, note: "looked at".to_owned() }
}

/// Two users of one customer.
async fn merged(house: &House) -> (Verified, Verified) {
    let first = house.with_password(1).await;
    let second = house.register(101).await;
    let joined = house.joined(second, first.user, noon()).await;
    (first, joined)
}

async fn ask(house: &House, one: &Verified) -> i64 {
    let asked = house.members.ask_unmerge(one.user, "mei", "merged in error", noon()).await;
    asked.expect("asked")
}

async fn split(house: &House, number: i64) -> Result<Option<Split>, Error> {
    house.members.decide_unmerge(number, decision("lin", true), nothing(), noon()).await
}

#[tokio::test]
async fn a_second_person_splits_a_user_off_with_its_account_limits_and_freezes() {
    let house = House::open().await;
    let (first, second) = merged(&house).await;
    let legs = house.members.quotas(first.customer, FactorStrength::Single, noon()).await;
    house.use_quota(b"a", &legs.expect("legs"), fen(30_000)).await.expect("within");
    let frozen = NewEntry {
        target: Target::Customer(first.customer),
        who: "court".into(),
        reason: "ordered".into(),
        document: Some("(2026)1".into()),
        level: FreezeLevel::Judicial,
        scope: Scope::Debit,
        until: None,
    };
    house.members.freeze(frozen, noon()).await.expect("frozen");
    let number = ask(&house, &second).await;
    let again = house.members.ask_unmerge(second.user, "mei", "again", noon()).await;
    assert_eq!(code(again), "approval_waiting");
    let herself = house.members.decide_unmerge(number, decision("mei", true), nothing(), noon());
    assert_eq!(code(herself.await), "approval_same_person");
    let done = split(&house, number).await.expect("split").expect("approved");
    assert_eq!((done.user, done.from), (second.user, first.customer));

    let house = house.reopen().await;
    let payer = house.members.payer(second.user).await.expect("known");
    assert_eq!((payer.customer, payer.class), (Some(done.to), Some(Class::I)));
    assert_eq!(payer.account, Some(second.account), "the account stays the user's");
    let old = house.members.customer(first.customer, noon()).await.expect("read");
    assert_eq!(old.users.iter().map(|u| u.user).collect::<Vec<_>>(), [first.user]);
    assert!(!old.accounts.contains(&second.account));
    for customer in [first.customer, done.to] {
        let limits = house.members.limits_view(customer, noon()).await.expect("limits");
        let used: Vec<_> = limits.iter().map(|v| (v.code, v.used.minor())).collect();
        let expected = [("life", 30_000), ("day_two_factors", 0), ("day_one_factor", 30_000)];
        assert_eq!(used, expected, "nobody gains a limit");
    }
    let legs = house.members.quotas(done.to, FactorStrength::Single, noon()).await.expect("legs");
    house.use_quota(b"b", &legs, fen(70_001)).await.expect_err("over the life");
    house.use_quota(b"c", &legs, fen(70_000)).await.expect("exactly what is left");
    for user in [first.user, second.user] {
        let standing = house.members.standing(user, noon()).await.expect("known");
        assert_eq!(standing, Standing::CustomerFrozen, "a court's freeze holds on both sides");
    }
    assert!(house.book.account(second.account).expect("opened").controls.debits_blocked);
    assert_eq!(code(split(&house, number).await), "approval_stale");
    let lines = records::audit::list(&house.records, Some(&second.user.to_string()), None, 3).await;
    let lines: Vec<_> = lines.expect("read").into_iter().map(|l| (l.actor, l.action)).collect();
    assert_eq!(lines[0], ("lin".into(), "member.unmerge".into()));
    assert_eq!(lines[2], ("mei".into(), "approval.ask".into()));
}

#[tokio::test]
async fn who_was_split_off_establishes_an_identity_of_its_own() {
    let house = House::open().await;
    let (first, second) = merged(&house).await;
    let number = ask(&house, &second).await;
    let done = split(&house, number).await.expect("split").expect("approved");
    let back = house.members.verify_real_name(second.user, claim(1, Class::I), noon()).await;
    let back = back.expect("answered");
    assert!(matches!(back, members::RealNameOutcome::MergeRequired(c) if c[0].user == first.user));
    let own = house.members.verify_real_name(second.user, claim(2, Class::II), noon()).await;
    let own = crate::support::verified(own);
    assert_eq!((own.customer, own.class, own.account), (done.to, Class::II, second.account));
    let third = house.register(102).await;
    let found = house.members.verify_real_name(third, claim(2, Class::I), noon()).await;
    let found = found.expect("answered");
    assert!(
        matches!(found, members::RealNameOutcome::MergeRequired(c) if c[0].user == second.user)
    );
}

#[tokio::test]
async fn a_higher_class_after_the_split_begins_with_what_was_used_before_it() {
    let house = House::open().await;
    let (first, second) = merged(&house).await;
    let raised = house.members.verify_real_name(first.user, claim(1, Class::II), noon()).await;
    crate::support::verified(raised);
    let legs = house.members.quotas(first.customer, FactorStrength::Two, noon()).await;
    house.use_quota(b"a", &legs.expect("legs"), fen(400_000)).await.expect("within");
    let number = ask(&house, &second).await;
    let done = split(&house, number).await.expect("split").expect("approved");
    let house = house.reopen().await;
    let used = async || {
        let views = house.members.limits_view(done.to, noon()).await.expect("limits");
        views.iter().map(|v| (v.code, v.used.minor())).collect::<Vec<_>>()
    };
    let days = [("day_two_factors", 400_000), ("day_one_factor", 0)];
    assert_eq!(used().await, [[("life", 100_000)].as_slice(), &days].concat(), "the whole life's");
    let own = house.members.verify_real_name(second.user, claim(2, Class::II), noon()).await;
    crate::support::verified(own);
    assert_eq!(used().await, [[("year", 400_000)].as_slice(), &days].concat());
    let legs = house.members.quotas(done.to, FactorStrength::Two, noon()).await.expect("legs");
    assert_eq!(used().await, [[("year", 400_000)].as_slice(), &days].concat());
    house.use_quota(b"b", &legs[1..], fen(100_001)).await.expect_err("over the day");
}

#[tokio::test]
async fn what_was_declined_failed_or_changed_meanwhile_splits_nobody() {
    let house = House::open().await;
    let (first, second) = merged(&house).await;
    let number = ask(&house, &second).await;
    let no = decision("lin", false);
    let declined = house.members.decide_unmerge(number, no, nothing(), noon()).await;
    assert_eq!(declined.expect("decided"), None);

    // What another room writes fails: nothing of the split is kept, and it can be decided again.
    let number = ask(&house, &second).await;
    let failing: Alongside = Box::new(|txn, _| {
        Box::pin(async move {
            let backend = txn.get_database_backend();
            txn.execute_raw(Statement::from_string(backend, "DELETE FROM no_such_table"))
                .await
                .map_err(records::Error::from)?;
            Ok(())
        })
    });
    let yes = decision("lin", true);
    let failed = house.members.decide_unmerge(number, yes, failing, noon()).await;
    assert_eq!(code(failed), "members_fault");
    assert_eq!(customer_of(&house, &second).await, first.customer);

    // The other user is split off first: this one is the only one left.
    let other = ask(&house, &first).await;
    split(&house, other).await.expect("split");
    assert_eq!(code(split(&house, number).await), "approval_stale");
    assert_eq!(customer_of(&house, &second).await, first.customer);
    let alone = house.members.ask_unmerge(second.user, "mei", "r", noon()).await;
    assert_eq!(code(alone), "not_merged");
    let unverified = house.register(7).await;
    let refused = house.members.ask_unmerge(unverified, "mei", "r", noon()).await;
    assert_eq!(code(refused), "not_verified");
    assert_eq!(code(split(&house, 99).await), "approval_not_found");
    let late: Timestamp = noon().plus_seconds(records::approvals::WAIT_SECONDS);
    let late = house.members.decide_unmerge(number, decision("lin", true), nothing(), late).await;
    assert_eq!(code(late), "approval_stale");
}

async fn customer_of(house: &House, one: &Verified) -> types::CustomerId {
    house.members.payer(one.user).await.expect("known").customer.expect("verified")
}
