//! Real name over HTTP: classes, fail-over, mismatch, and who pays for what.

use crate::support::{House, card, claim, code, id_number, noon, verified};
use ledger::Owner;
use members::{Class, CustomerKind, IdType, RealNameClaim};
use simulators::VerifierSimulator;
use types::Masked;

#[tokio::test]
async fn each_class_takes_the_cheapest_checks_and_opens_the_account_of_its_leaf() {
    for (class, calls, leaf) in [
        (Class::I, &[("id-network", 1)][..], "customer_balance_1"),
        (Class::II, &[("bank-card-3", 2), ("id-network", 1)], "customer_balance_2"),
        // One check of class III has to make highly sure.
        (
            Class::III,
            &[("bank-card-3", 3), ("bank-card-4", 1), ("id-network", 1)],
            "customer_balance_3",
        ),
    ] {
        let house = House::open().await;
        let done = house.verified(1, class).await;
        assert!(done.new && done.class == class, "{done:?}");
        let calls: Vec<_> = calls.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect();
        assert_eq!(house.asked(), calls, "{class}");
        let account = house.book.account(done.account).expect("opened");
        assert_eq!(account.owner, Owner::User(done.user));
        assert!(account.flags.debits_must_not_exceed_credits, "no overdraft");
        assert_eq!(Some(account.leaf), house.book.chart().role(leaf));
        let view = house.members.customer(done.customer, noon()).await.expect("read");
        assert_eq!((view.kind, view.class), (CustomerKind::Person, Some(class)));
        assert_eq!(view.channels.len(), [1, 3, 5][usize::from(class.number()) - 1]);
        assert_eq!(view.name.to_string(), "**强");
    }
}

#[tokio::test]
async fn asking_again_changes_nothing_and_more_cards_raise_the_class() {
    let house = House::open().await;
    let first = house.verified(1, Class::I).await;
    let again =
        verified(house.members.verify_real_name(first.user, claim(1, Class::I), noon()).await);
    assert_eq!((again.customer, again.new), (first.customer, false));
    assert_eq!(house.sim("id-network").checks(), 1, "no provider was asked again");
    let up =
        verified(house.members.verify_real_name(first.user, claim(1, Class::II), noon()).await);
    assert_eq!((up.class, up.account), (Class::II, first.account));
    assert_eq!(house.sim("id-network").checks(), 1, "what is known is not paid for again");
    assert_eq!(house.sim("bank-card-3").checks(), 2);
    let payer = house.members.payer(first.user).await.expect("known");
    assert_eq!(payer.class, Some(Class::II), "limits follow at once");
    let other = house.members.verify_real_name(first.user, claim(2, Class::I), noon()).await;
    assert_eq!(code(other), "already_verified");
}

#[tokio::test]
async fn a_provider_that_is_down_is_replaced_by_the_next() {
    let house = House::open().await;
    house.sim("id-network").set_away(true);
    let done = house.verified(1, Class::I).await;
    let asked = [("id-network".to_owned(), 2), ("id-network-reserve".to_owned(), 1)];
    assert_eq!(house.asked(), asked, "tried as often as agreed, then the next");
    let day = noon().date();
    let cost = house.members.verification_cost(day.start(), day.next().start()).await;
    let expected = vec![("id-network-reserve".to_owned(), 1, 90)];
    assert_eq!(cost.expect("read"), expected, "nothing is owed for no answer");
    assert_eq!(done.class, Class::I);

    house.sim("id-network-reserve").set_away(true);
    let user = house.register(2).await;
    let refused = house.members.verify_real_name(user, claim(2, Class::I), noon()).await;
    let problem = types::Problem::from(refused.expect_err("nobody answers"));
    assert_eq!(problem.code, "realname_provider_down");
    assert!(problem.retryable());
    house.sim("id-network").set_away(false);
    verified(house.members.verify_real_name(user, claim(2, Class::I), noon()).await);
}

#[tokio::test]
async fn a_provider_that_is_gone_altogether_is_replaced_too() {
    let mut house = House::open().await;
    house.sims.remove(3).stop().await;
    let done = house.verified(1, Class::I).await;
    assert_eq!(done.class, Class::I);
}

#[tokio::test]
async fn a_wrong_name_is_refused_alike_whether_the_person_is_known_or_not() {
    let house = House::open().await;
    house.verified(1, Class::I).await;
    let wrong = |n| RealNameClaim { name: Masked::new("李小强"), ..claim(n, Class::I) };
    // The provider knows person 2 by another name, but the house knows nobody of that number.
    house.sim("id-network").declare("王小强", &id_number(2));
    let user = house.register(9).await;
    for n in [1, 2] {
        let refused = house.members.verify_real_name(user, wrong(n), noon()).await;
        assert_eq!(refused.expect_err("wrong").to_string(), "the real name does not match");
    }
    assert_eq!(house.members.payer(user).await.expect("known").customer, None);
}

#[tokio::test]
async fn too_little_evidence_and_wrong_forms_are_named() {
    let house = House::open().await;
    let user = house.register(1).await;
    let base = || claim(1, Class::I);
    let one_bank = RealNameClaim { cards: vec![card(1, 0), card(2, 0)], ..claim(1, Class::II) };
    let wrong_card = || {
        let mut wrong = card(1, 0);
        wrong.number = Masked::new("6222020000000000001");
        wrong
    };
    let mut unknown = card(1, 0);
    unknown.number = Masked::new("4111111111111111");
    let child = "110105201203070014";
    let child = members::model::id_number::check_character(&child[..17])
        .map(|c| format!("{}{c}", &child[..17]))
        .expect("digits");
    for (claim, expected) in [
        (one_bank, "class_insufficient"),
        (RealNameClaim { name: Masked::new("1"), ..base() }, "name_invalid"),
        (
            RealNameClaim { id_number: Masked::new("110105199003070011"), ..base() },
            "id_number_invalid",
        ),
        (RealNameClaim { id_number: Masked::new(child), ..base() }, "under_age"),
        (RealNameClaim { cards: vec![wrong_card()], ..base() }, "card_number_invalid"),
        (RealNameClaim { cards: vec![unknown], ..base() }, "card_issuer_unknown"),
        (RealNameClaim { id_type: IdType::TaiwanPermit, ..base() }, "permit_number_invalid"),
    ] {
        assert_eq!(code(house.members.verify_real_name(user, claim, noon()).await), expected);
    }
    let asked: u64 = house.sims.iter().map(VerifierSimulator::checks).sum();
    assert_eq!(asked, 0, "nobody was paid for a claim that could not succeed");
}

#[tokio::test]
async fn nothing_personal_lies_in_the_database_in_the_clear() {
    let house = House::open().await;
    house.verified(1, Class::II).await;
    let bytes = testkit::postgres::stored(house.folder());
    assert!(bytes.windows(15).any(|w| w == b"member_customer"), "the search finds what is there");
    let number = card(1, 0).number;
    let phone = crate::support::phone(1);
    for secret in [id_number(1).as_str(), "王小强", number.expose(), phone.expose()] {
        assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret}");
    }
}
