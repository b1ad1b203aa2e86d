//! People written by the thousand are people like any other.

use crate::support::{House, claim, code, new_user, noon, phone};
use members::{Class, Person, RealNameOutcome, UserFilter};

/// More than one statement takes, and not a whole number of statements.
const PEOPLE: u64 = 120;

#[tokio::test]
async fn people_written_by_the_thousand_are_found_merged_with_and_opened() {
    let house = House::open().await;
    let person =
        |n| Person { claim: claim(n, Class::I), users: vec![new_user(n), new_user(n + 1_000)] };
    let sealed = house.members.seal_people((0..PEOPLE).map(person).collect(), noon());
    let written = house.members.write_people(sealed.expect("sealed"), noon()).await;
    let written = written.expect("written");
    for (n, (customer, users)) in (0..PEOPLE).zip(&written) {
        let found = house.members.look_up(claim(n, Class::I), noon()).await.expect("looked up");
        assert_eq!(found, Some((*customer, users.len())), "in the order they were given");
    }
    let nobody = house.members.look_up(claim(PEOPLE, Class::I), noon()).await.expect("looked up");
    assert_eq!(nobody, None);

    let (customer, users) = written.last().expect("somebody");
    let view = house.members.customer(*customer, noon()).await.expect("opened");
    assert_eq!(view.users.len(), 2);
    let filter = UserFilter { phone: Some(phone(PEOPLE - 1)), ..UserFilter::default() };
    let page = house.members.users(filter, None, 10, noon()).await.expect("found");
    assert_eq!(page.users[0].user, users[0]);
    assert_eq!(page.users[0].phone.expose(), phone(PEOPLE - 1).expose(), "sealed for its row");

    let other = house.register(5_000).await;
    let outcome = house.members.verify_real_name(other, claim(PEOPLE - 1, Class::I), noon()).await;
    assert!(matches!(outcome, Ok(RealNameOutcome::MergeRequired(_))), "{outcome:?}");
    assert_eq!(code(house.members.register(new_user(3), noon()).await), "phone_taken");
}

#[tokio::test]
async fn one_who_is_known_already_fails_the_whole_unit() {
    let house = House::open().await;
    house.verified(7, Class::I).await;
    let person = |n| Person { claim: claim(n, Class::I), users: vec![new_user(n + 1_000)] };
    let sealed = house.members.seal_people((0..PEOPLE).map(person).collect(), noon());
    house.members.write_people(sealed.expect("sealed"), noon()).await.expect_err("7 is known");
    let found = house.members.look_up(claim(8, Class::I), noon()).await.expect("looked up");
    assert_eq!(found, None);
}
