//! Evidence of many kinds over HTTP: class III from five independent channels, in one go and in
//! steps; tries, pauses, fail-over; what each call cost, by our books and by the providers' bills.

use crate::support::{House, card, claim, code, noon, phone, verified};
use members::{Class, Further, IdType, RealNameClaim};
use simulators::Trouble;
use std::time::Duration;
use types::Masked;

/// Everything that is no card.
fn everything() -> Further {
    Further {
        mobile: Some(phone(1)),
        live_face: Some(Masked::new("ticket-0001")),
        utility_account: Some(Masked::new("3301000001")),
        housing_fund_account: Some(Masked::new("HF-000001")),
        tax_record: Some(Masked::new("TX2026000001")),
    }
}

fn offering(further: Further, wanted: Class) -> RealNameClaim {
    RealNameClaim { cards: Vec::new(), further, ..claim(1, wanted) }
}

fn names(asked: &[(String, u64)]) -> Vec<(&str, u64)> {
    asked.iter().map(|(code, n)| (code.as_str(), *n)).collect()
}

/// What the house owes by its own books, and by the providers' bills.
async fn owed(house: &House) -> (u64, u64) {
    let day = noon().date();
    let cost = house.members.verification_cost(day.start(), day.next().start()).await;
    let ours = cost.expect("read").iter().map(|(_, _, fen)| fen).sum();
    (ours, house.sims.iter().map(simulators::VerifierSimulator::bill).sum())
}

#[tokio::test]
async fn class_three_stands_on_five_channels_without_a_single_card() {
    let house = House::open().await;
    let user = house.register(1).await;
    let done = house.members.verify_real_name(user, offering(everything(), Class::III), noon());
    let done = verified(done.await);
    assert_eq!(done.class, Class::III);
    // The face asks the ID network's own photo: dearer than its plain check, but class III has to
    // have one check that makes highly sure, and the same source counts once.
    let expected = [
        ("live-face", 1),
        ("mobile-operator-3", 1),
        ("utility", 1),
        ("housing-fund", 1),
        ("tax", 1),
    ];
    assert_eq!(names(&house.asked()), expected);
    let view = house.members.customer(done.customer, noon()).await.expect("read");
    let channels = ["housing_fund", "id_network", "mobile_operator", "tax", "utility"];
    assert_eq!(view.channels, channels);
    assert_eq!(owed(&house).await, (450, 450));
}

#[tokio::test]
async fn a_class_rises_in_steps_as_channels_accumulate() {
    let house = House::open().await;
    let user = house.register(1).await;
    let verify = |claim| house.members.verify_real_name(user, claim, noon());
    let first = verified(verify(offering(Further::default(), Class::I)).await);
    let two = Further { mobile: Some(phone(1)), ..Further::default() };
    let short = verify(offering(two.clone(), Class::II)).await;
    assert_eq!(code(short), "class_insufficient", "two of three");
    let two = Further { utility_account: Some(Masked::new("3301000001")), ..two };
    let second = verified(verify(offering(two, Class::II)).await);
    assert_eq!((first.class, second.class), (Class::I, Class::II));
    // Five channels, but none of the checks makes highly sure.
    let five = Further { live_face: None, ..everything() };
    let weak = verify(offering(five, Class::III)).await;
    assert_eq!(code(weak), "verification_level_insufficient");
    let before = house.asked().iter().map(|(_, n)| n).sum::<u64>();
    assert_eq!(before, 3, "nobody was paid for what could not succeed");
    let third = verified(verify(offering(everything(), Class::III)).await);
    assert_eq!((third.class, third.account), (Class::III, first.account));
    // The face proves a channel that is known; it is asked for its level.
    let asked = house.asked();
    let expected = [
        ("id-network", 1),
        ("live-face", 1),
        ("mobile-operator-3", 1),
        ("utility", 1),
        ("housing-fund", 1),
        ("tax", 1),
    ];
    assert_eq!(names(&asked), expected, "what is known is not paid for again");
    let payer = house.members.payer(user).await.expect("known");
    assert_eq!(payer.class, Some(Class::III), "limits follow at once");
    assert_eq!(owed(&house).await, (480, 480));
}

#[tokio::test]
async fn holders_of_other_documents_are_known_elsewhere() {
    for (id_type, number) in [
        (IdType::HongKongMacauPermit, "H12345678"),
        (IdType::TaiwanPermit, "12345678"),
        (IdType::Passport, "E12345678"),
    ] {
        let house = House::open().await;
        let user = house.register(1).await;
        let cards = vec![card(1, 0), card(1, 1)];
        let id_number = Masked::new(number);
        let claim = RealNameClaim { id_type, id_number, cards, ..claim(1, Class::II) };
        let done = verified(house.members.verify_real_name(user, claim, noon()).await);
        assert_eq!(done.class, Class::II);
        assert_eq!(names(&house.asked()), [("bank-card-3", 2), ("exit-entry", 1)], "{number}");
    }
}

#[tokio::test]
async fn another_set_is_planned_when_a_provider_stays_away_or_talks_nonsense() {
    for trouble in [Trouble::Down, Trouble::Wrong] {
        let house = House::open().await;
        let user = house.register(1).await;
        house.sim("utility").set_trouble(Some(trouble));
        let claim = offering(everything(), Class::II);
        let done = verified(house.members.verify_real_name(user, claim, noon()).await);
        assert_eq!(done.class, Class::II);
        let expected =
            [("id-network", 1), ("mobile-operator-3", 1), ("utility", 2), ("housing-fund", 1)];
        assert_eq!(names(&house.asked()), expected, "{trouble:?}: its tries, then the next set");
        assert_eq!(owed(&house).await, (190, 190), "nothing is owed for no answer");
    }
}

#[tokio::test]
async fn calls_that_were_charged_without_an_answer_stand_in_the_cost_report() {
    let house = House::open().await;
    let user = house.register(1).await;
    let verify = |claim| house.members.verify_real_name(user, claim, noon());
    house.sim("live-face").set_trouble(Some(Trouble::Wrong));
    let five = RealNameClaim { further: everything(), ..claim(1, Class::III) };
    let only_face = RealNameClaim { cards: Vec::new(), ..five.clone() };
    let refused = verify(only_face.clone()).await;
    let problem = types::Problem::from(refused.expect_err("no other makes so sure"));
    assert_eq!((problem.code, problem.retryable()), ("realname_provider_down", true));
    let (ours, bills) = owed(&house).await;
    assert_eq!(ours, bills);
    house.sim("live-face").set_trouble(None);
    let done = verified(verify(only_face).await);
    // Two calls in vain, then the one that was answered; each other channel once.
    assert_eq!(owed(&house).await, (ours + 110, bills + 110));
    let made = house.members.verifications(done.customer).await.expect("read");
    let face: Vec<_> = made.iter().filter(|check| check.provider == "live-face").collect();
    assert_eq!(face.len(), 3);
    assert_eq!(face.iter().filter(|check| check.matched.is_none()).count(), 2);
    assert!(face.iter().all(|check| check.price_minor == 110), "{face:?}");
    let calls = house.members.cost_by_day(noon().date(), noon().date()).await.expect("read");
    let calls: Vec<_> = calls.iter().filter(|cost| cost.provider == "live-face").collect();
    assert_eq!((calls[0].calls, calls[0].cost_minor), (3, 330));
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_none() {
    let house = House::open().await;
    // Longer than its time-out of two seconds.
    house.sim("id-network").set_trouble(Some(Trouble::Slow(Duration::from_mins(1))));
    let done = house.verified(1, Class::I).await;
    assert_eq!(done.class, Class::I);
    assert_eq!(names(&house.asked()), [("id-network", 2), ("id-network-reserve", 1)]);
}
