//! Classes of accounts, and accounts that nobody uses.

use crate::support::{House, claim, code, fen, noon, verified};
use members::{Class, FreezeLevel, Purpose, Standing};
use simulators::VerifierSimulator;
use testkit::moment;

#[tokio::test]
async fn an_unused_account_is_suspended_after_six_months_until_its_holder_is_checked_again() {
    let house = House::open().await;
    let used = house.verified(1, Class::I).await;
    let unused = house.verified(2, Class::II).await;
    house.register(3).await;
    house.deposit(used.account, fen(1)).await;
    let due = moment("2027-04-12T12:00:00+08:00");
    assert_eq!(house.members.suspend_dormant(due.plus_micros(-1)).await.expect("looked"), 0);
    assert_eq!(house.members.suspend_dormant(due).await.expect("looked"), 1);
    assert_eq!(house.members.suspend_dormant(due).await.expect("looked"), 0, "once");
    let house = house.reopen().await;
    let standing = async |user| house.members.standing(user, due).await.expect("known");
    assert_eq!(standing(unused.user).await, Standing::AccountFrozen);
    assert_eq!(standing(used.user).await, Standing::Active);
    let controls = || house.book.account(unused.account).expect("opened").controls;
    assert!(controls().debits_blocked && controls().credits_blocked);

    // What was proved before does not count: the provider is asked anew, and paid.
    let asked = || house.sims.iter().map(VerifierSimulator::checks).sum::<u64>();
    let before = asked();
    let again = house.members.verify_real_name(unused.user, claim(2, Class::I), due).await;
    assert_eq!(verified(again).class, Class::II, "the class stays");
    assert_eq!(asked() - before, 1);
    assert_eq!(standing(unused.user).await, Standing::Active);
    assert!(!controls().debits_blocked && !controls().credits_blocked);
    let later = moment("2028-04-12T12:00:00+08:00");
    assert_eq!(house.members.suspend_dormant(later).await.expect("looked"), 0, "once for all");
}

#[tokio::test]
async fn a_wrong_claim_wakes_nobody_and_other_freezes_stay() {
    let house = House::open().await;
    let one = house.verified(1, Class::I).await;
    let due = moment("2027-04-12T12:00:00+08:00");
    assert_eq!(house.members.suspend_dormant(due).await.expect("looked"), 1);
    let mut wrong = claim(1, Class::I);
    wrong.name = types::Masked::new("李小强");
    let refused = house.members.verify_real_name(one.user, wrong, due).await;
    assert_eq!(code(refused), "already_verified", "somebody else");
    house.sim("id-network").set_away(true);
    house.sim("id-network-reserve").set_away(true);
    let refused = house.members.verify_real_name(one.user, claim(1, Class::I), due).await;
    assert_eq!(code(refused), "realname_provider_down");
    let standing = house.members.standing(one.user, due).await.expect("known");
    assert_eq!(standing, Standing::AccountFrozen);
    let entry = &house.members.register_entries(members::Target::Account(one.account)).await;
    let entry = &entry.as_ref().expect("read")[0];
    assert_eq!((entry.who.as_str(), entry.level), ("system", FreezeLevel::Risk));
    assert!(entry.lifted.is_none());
}

#[tokio::test]
async fn one_customer_has_one_account_of_class_three() {
    let house = House::open().await;
    let first = house.with_password(1).await;
    let up = house.members.verify_real_name(first.user, claim(1, Class::III), noon()).await;
    assert_eq!(verified(up).class, Class::III);
    let second = house.register(101).await;
    let joined = house.joined(second, first.user, noon()).await;
    let payer = async |user| house.members.payer(user).await.expect("known");
    let (one, two) = (payer(first.user).await, payer(second).await);
    assert_eq!((one.class, one.account_class), (Some(Class::III), Some(Class::III)));
    assert_eq!((two.class, two.account_class), (Some(Class::III), Some(Class::I)));
    let up = house.members.verify_real_name(second, claim(1, Class::III), noon()).await;
    assert_eq!(verified(up).account, joined.account);
    let two = payer(second).await;
    assert_eq!(two.class, Some(Class::III), "the customer's limits are one");
    for (payer, purpose, allowed) in [
        (&one, Purpose::Investment, true),
        (&one, Purpose::Consumption, true),
        (&two, Purpose::Investment, false),
        (&two, Purpose::Transfer, true),
    ] {
        let checked = house.members.check_use(payer, purpose, noon());
        assert_eq!(checked.is_ok(), allowed, "{purpose:?}");
        if !allowed {
            assert_eq!(code(checked), "use_not_allowed");
        }
    }
    let unverified = payer(house.register(9).await).await;
    let refused = house.members.check_use(&unverified, Purpose::Consumption, noon());
    assert_eq!(code(refused), "not_verified");
}
