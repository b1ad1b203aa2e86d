//! Limits as quotas: per class, per day by strength, per agreement; reset once a period.

use crate::support::{House, claim, code, fen, noon, verified};
use ledger::Refusal;
use members::{AgreementKind, Class, FactorStrength, LimitView, NewMerchant};
use testkit::moment;
use types::{Masked, MerchantId, Text};

fn used(views: &[LimitView], code: &str) -> (u64, u64, u64) {
    let view = views.iter().find(|v| v.code == code).expect("a limit");
    (view.limit.minor(), view.used.minor(), view.left.minor())
}

const FREE: AgreementKind = AgreementKind::PasswordFree;

#[tokio::test]
async fn the_class_and_the_strength_each_give_a_leg() {
    let house = House::open().await;
    for (n, class, life) in [(1, Class::I, "life"), (2, Class::II, "year"), (3, Class::III, "year")]
    {
        let done = house.verified(n, class).await;
        for (strength, day) in [
            (FactorStrength::None, Some("day_one_factor")),
            (FactorStrength::Single, Some("day_one_factor")),
            (FactorStrength::Two, Some("day_two_factors")),
            (FactorStrength::TwoWithSignature, None),
        ] {
            let legs = house.members.quotas(done.customer, strength, noon()).await.expect("legs");
            let codes: Vec<&str> = legs.iter().map(|l| l.limit_code).collect();
            // What class I pays counts in the year of a class that it may rise to.
            let year = (class == Class::I).then_some("year");
            let expected: Vec<&str> = [Some(life), day, year].into_iter().flatten().collect();
            assert_eq!(codes, expected, "{class} {strength:?}");
            for leg in legs {
                let left = house.book.account(leg.left).expect("opened");
                assert_eq!(left.available(), i128::from(leg.limit.minor()));
                assert!(left.flags.debits_must_not_exceed_credits);
            }
        }
    }
}

#[tokio::test]
async fn one_fen_over_is_refused_and_named() {
    let house = House::open().await;
    let done = house.verified(1, Class::I).await;
    let legs =
        house.members.quotas(done.customer, FactorStrength::Two, noon()).await.expect("legs");
    house.use_quota(b"a", &legs[..1], fen(100_000)).await.expect("exactly the limit");
    let refused = house.use_quota(b"b", &legs[..1], fen(1)).await.expect_err("one fen over");
    assert!(matches!(refused, Refusal::InsufficientAvailable { .. }), "{refused:?}");
    let problem = types::Problem::from(house.members.limit_exceeded(&legs[0]));
    assert_eq!(problem.code, "limit_exceeded");
    assert!(problem.reason.en.contains("1000.00 allowed, 1000.00 used, 0.00 left"), "{problem}");
    let views = house.members.limits_view(done.customer, noon()).await.expect("views");
    assert_eq!(used(&views, "life"), (100_000, 100_000, 0));
    assert_eq!(used(&views, "day_two_factors"), (500_000, 0, 500_000));
}

#[tokio::test]
async fn a_day_begins_anew_once_and_a_life_never() {
    let house = House::open().await;
    let done = house.verified(1, Class::I).await;
    let legs = async |at: &str| {
        let at = moment(at);
        house.members.quotas(done.customer, FactorStrength::Single, at).await.expect("legs")
    };
    let view =
        async |at: &str| house.members.limits_view(done.customer, moment(at)).await.expect("views");
    let evening = "2026-10-12T23:59:59.999+08:00";
    let midnight = "2026-10-13T00:00:00+08:00";
    house.use_quota(b"a", &legs(evening).await, fen(60_000)).await.expect("within");
    house.use_quota(b"b", &legs(evening).await, fen(50_000)).await.expect_err("over the day");
    assert_eq!(
        used(&view(midnight).await, "day_one_factor"),
        (100_000, 0, 100_000),
        "not yet begun"
    );
    let next = legs(midnight).await;
    assert_eq!(used(&view(midnight).await, "day_one_factor"), (100_000, 0, 100_000));
    // A caller whose clock stands a moment behind does not bring the old day back.
    legs(evening).await;
    house.use_quota(b"c", &next[1..], fen(100_000)).await.expect("the new day's");
    legs(midnight).await;
    house.use_quota(b"d", &next[1..], fen(1)).await.expect_err("begun once");
    assert_eq!(used(&view(midnight).await, "life"), (100_000, 60_000, 40_000));
}

#[tokio::test]
async fn a_period_that_was_begun_is_not_begun_again_after_a_restart() {
    let house = House::open().await;
    let done = house.verified(1, Class::I).await;
    let legs =
        house.members.quotas(done.customer, FactorStrength::Single, noon()).await.expect("legs");
    house.use_quota(b"a", &legs, fen(60_000)).await.expect("within");
    let house = house.reopen().await;
    let again =
        house.members.quotas(done.customer, FactorStrength::Single, noon()).await.expect("legs");
    assert_eq!(again, legs);
    house.use_quota(b"b", &again, fen(50_000)).await.expect_err("60,000 are used");
    let next_year = moment("2027-01-01T00:00:00+08:00");
    let view = house.members.limits_view(done.customer, next_year).await.expect("views");
    assert_eq!(used(&view, "life"), (100_000, 60_000, 40_000));
}

#[tokio::test]
async fn a_raised_class_raises_the_year_and_keeps_what_was_used() {
    let house = House::open().await;
    let done = house.verified(1, Class::II).await;
    let legs =
        house.members.quotas(done.customer, FactorStrength::Two, noon()).await.expect("legs");
    house.use_quota(b"a", &legs[..1], fen(9_000_000)).await.expect("within");
    verified(house.members.verify_real_name(done.user, claim(1, Class::III), noon()).await);
    let legs =
        house.members.quotas(done.customer, FactorStrength::Two, noon()).await.expect("legs");
    assert_eq!(legs[0].limit, fen(20_000_000));
    let views = house.members.limits_view(done.customer, noon()).await.expect("views");
    assert_eq!(used(&views, "year"), (20_000_000, 9_000_000, 11_000_000));
    let new_year = moment("2027-01-01T00:00:00+08:00");
    house.members.quotas(done.customer, FactorStrength::Two, new_year).await.expect("legs");
    let views = house.members.limits_view(done.customer, new_year).await.expect("views");
    assert_eq!(used(&views, "year"), (20_000_000, 0, 20_000_000));
}

#[tokio::test]
async fn what_was_paid_as_class_i_counts_in_the_year_of_class_ii() {
    let house = House::open().await;
    let done = house.verified(1, Class::I).await;
    let legs = async |at| {
        house.members.quotas(done.customer, FactorStrength::Two, at).await.expect("legs")
    };
    house.use_quota(b"a", &legs(noon()).await, fen(60_000)).await.expect("within");
    let new_year = moment("2027-01-01T00:00:00+08:00");
    house.use_quota(b"b", &legs(new_year).await, fen(10_000)).await.expect("within");
    let views = house.members.limits_view(done.customer, new_year).await.expect("views");
    assert!(views.iter().all(|view| view.code != "year"), "class I has no limit of the year");
    let raised = house.members.verify_real_name(done.user, claim(1, Class::II), new_year).await;
    verified(raised);
    let view = async || house.members.limits_view(done.customer, new_year).await.expect("views");
    let year = (10_000_000, 10_000, 9_990_000);
    assert_eq!(used(&view().await, "year"), year, "not what the year before saw");
    legs(new_year).await;
    assert_eq!(used(&view().await, "year"), year);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_first_payments_at_once_prepare_one_quota() {
    let house = std::sync::Arc::new(House::open().await);
    let done = house.verified(1, Class::I).await;
    let mut tasks = Vec::new();
    for n in 0..32u64 {
        let house = std::sync::Arc::clone(&house);
        tasks.push(tokio::spawn(async move {
            let legs = house.members.quotas(done.customer, FactorStrength::Single, noon()).await;
            house.use_quota(&n.to_be_bytes(), &legs.expect("legs")[..1], fen(5_000)).await
        }));
    }
    let mut passed = 0;
    for task in tasks {
        passed += usize::from(task.await.expect("no panic").is_ok());
    }
    assert_eq!(passed, 20, "1,000.00 is twenty times 50.00");
}

async fn merchant(house: &House) -> MerchantId {
    let new = NewMerchant {
        name: Text::new("Shop", "小店"),
        uscc: Masked::new("91330100799655058B"),
        legal_name: None,
        fee_plan: "standard".to_owned(),
        cycle: members::Cycle::T1,
        advance_d0: false,
        webhook_url: None,
    };
    house.members.register_merchant(new, noon()).await.expect("registered").merchant
}

#[tokio::test]
async fn an_agreement_limits_the_order_and_the_day_and_ends_at_once() {
    let house = House::open().await;
    let user = house.verified(1, Class::I).await.user;
    let merchant = merchant(&house).await;
    let quota = async |amount| {
        house.members.agreement_quota(FREE, user, merchant, fen(amount), noon()).await
    };
    let agree = async |order, day| {
        house.members.agree_password_free(user, merchant, fen(order), fen(day), noon()).await
    };
    assert_eq!(code(quota(1).await), "agreement_missing");
    assert_eq!(code(agree(0, 100).await), "agreement_limit_invalid");
    assert_eq!(code(agree(101, 100).await), "agreement_limit_invalid");
    agree(100, 250).await.expect("agreed");
    assert_eq!(code(quota(101).await), "limit_exceeded");
    let leg = quota(100).await.expect("within");
    house.use_quota(b"1", &[leg], fen(100)).await.expect("first");
    house.use_quota(b"2", &[leg], fen(100)).await.expect("second");
    house.use_quota(b"3", &[leg], fen(100)).await.expect_err("over the day");
    agree(100, 300).await.expect("raised");
    let leg = quota(100).await.expect("within");
    house.use_quota(b"4", &[leg], fen(100)).await.expect("the raise counts at once");
    house.use_quota(b"5", &[leg], fen(1)).await.expect_err("and not a fen more");
    house.members.revoke_agreement(FREE, user, merchant, noon()).await.expect("revoked");
    assert_eq!(code(quota(1).await), "agreement_missing");
    let unverified = house.register(2).await;
    let refused = house.members.agree_password_free(unverified, merchant, fen(1), fen(1), noon());
    assert_eq!(code(refused.await), "not_verified");
}
