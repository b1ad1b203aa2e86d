//! Registering: forms, what is taken, and that nothing personal lies in the clear.

use crate::support::{House, code, new_user, noon, phone};
use members::{NewUser, UserFilter};
use types::{Masked, Problem, ProblemKind};

#[tokio::test]
async fn the_same_phone_twice_is_a_clear_conflict() {
    let house = House::open().await;
    let user = house.register(1).await;
    let again = house.members.register(new_user(1), noon()).await.expect_err("taken");
    let problem = Problem::from(again);
    assert_eq!((problem.code, problem.kind), ("phone_taken", ProblemKind::Conflict));
    assert_eq!(problem.field.as_deref(), Some("phone"));
    assert_eq!(house.members.user_by_phone(&phone(1)).await.expect("read"), Some(user));
    assert_eq!(house.members.user_by_phone(&phone(2)).await.expect("read"), None);
}

#[tokio::test]
async fn forms_and_what_else_must_be_unique() {
    let house = House::open().await;
    let full = |n, email: &str, name: &str| NewUser {
        phone: phone(n),
        email: Some(Masked::new(email)),
        login_name: Some(name.to_owned()),
    };
    house.members.register(full(1, "a@b.cn", "alice"), noon()).await.expect("registered");
    let bad_phone = NewUser { phone: Masked::new("12345"), ..new_user(9) };
    for (new, expected) in [
        (full(2, "A@B.CN", "bob"), "email_taken"),
        (full(2, "c@b.cn", "alice"), "login_name_taken"),
        (full(2, "nonsense", "bob"), "email_invalid"),
        (full(2, "c@b.cn", "13800000000"), "login_name_invalid"),
        (bad_phone, "phone_invalid"),
    ] {
        assert_eq!(code(house.members.register(new, noon()).await), expected);
    }
    house.members.register(full(2, "c@b.cn", "bob"), noon()).await.expect("nothing was kept");
}

#[tokio::test]
async fn fifty_at_once_with_one_phone_make_one_user() {
    let house = House::open().await;
    let tries = (0..50).map(|_| {
        let members = house.members.clone();
        tokio::spawn(async move { members.register(new_user(1), noon()).await })
    });
    let mut made = 0;
    for task in tries.collect::<Vec<_>>() {
        match task.await.expect("no panic") {
            Ok(_) => made += 1,
            Err(error) => assert_eq!(error.code(), "phone_taken"),
        }
    }
    assert_eq!(made, 1);
}

#[tokio::test]
async fn pages_go_through_every_user_once() {
    let house = House::open().await;
    for n in 0..7 {
        let later = noon().plus_seconds(i64::try_from(n).expect("small"));
        house.members.register(new_user(n), later).await.expect("registered");
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = house.members.users(UserFilter::default(), before, 3, noon()).await;
        let page = page.expect("read");
        assert_eq!(page.total, 7);
        seen.extend(page.users.iter().map(|u| u.user));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    let mut sorted = seen.clone();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    sorted.dedup();
    assert_eq!((seen.len(), &seen), (7, &sorted), "newest first, each once");
    let filter = UserFilter { phone: Some(phone(3)), customer: None };
    let found = house.members.users(filter, None, 10, noon()).await.expect("read");
    assert_eq!(found.users.len(), 1);
    assert_eq!(found.users[0].phone.to_string(), phone(3).to_string(), "shown masked");
}
