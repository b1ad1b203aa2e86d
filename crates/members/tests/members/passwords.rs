//! Payment passwords: one use an envelope, five tries however many run at once.

use crate::support::{House, PASSWORD, claim, code, fen, noon, short_locks, verified};
use members::keypad::{Binding, Envelope};
use members::{Class, Error, Members};
use money::Amount;
use types::Timestamp;

fn order(no: &str, amount: u64) -> Binding {
    Binding { order: no.to_owned(), amount: fen(amount), payee: "mch_1".to_owned() }
}

#[tokio::test]
async fn an_envelope_is_good_for_its_order_once() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let (mine, other) = (order("o-1", 100), order("o-2", 100));
    let envelope = house.seal(user, &mine, PASSWORD, noon()).await;
    let check = async |e: &Envelope, b: &Binding, at: Timestamp| {
        house.members.verify_payment_password(user, e, b, at).await.map_err(|e| e.code())
    };
    assert_eq!(check(&envelope, &other, noon()).await, Err("envelope_invalid"), "moved");
    assert_eq!(check(&envelope, &order("o-1", 10_000), noon()).await, Err("envelope_invalid"));
    let mut cut = envelope.clone();
    cut.ciphertext.truncate(12);
    assert_eq!(check(&cut, &mine, noon()).await, Err("envelope_invalid"), "cut");
    let late = noon().plus_seconds(301);
    assert_eq!(check(&envelope, &mine, late).await, Err("envelope_expired"));
    assert_eq!(check(&envelope, &mine, noon()).await, Ok(()));
    assert_eq!(check(&envelope, &mine, noon()).await, Err("nonce_unknown"), "replayed");
    let stranger = house.with_password(2).await.user;
    let theirs = house.seal(stranger, &mine, PASSWORD, noon()).await;
    assert_eq!(check(&theirs, &mine, noon()).await, Err("envelope_invalid"), "another's");
}

#[tokio::test]
async fn an_envelope_used_a_hundred_times_at_once_is_used_once() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let envelope = house.seal(user, &order("o", 1), PASSWORD, noon()).await;
    let mut tasks = Vec::new();
    for _ in 0..100 {
        let (members, envelope) = (house.members.clone(), envelope.clone());
        tasks.push(tokio::spawn(async move {
            members.verify_payment_password(user, &envelope, &order("o", 1), noon()).await
        }));
    }
    let mut passed = 0;
    for task in tasks {
        match task.await.expect("no panic") {
            Ok(()) => passed += 1,
            Err(error) => assert_eq!(error.code(), "nonce_unknown"),
        }
    }
    assert_eq!(passed, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_wrong_tries_at_once_are_five_looks_and_a_lock() {
    let house = House::with(short_locks()).await;
    let user = house.with_password(1).await.user;
    let mut tasks = Vec::new();
    for n in 0..100 {
        let binding = order(&format!("o-{n}"), 1);
        let envelope = house.seal(user, &binding, "830593", noon()).await;
        let members = house.members.clone();
        tasks.push(tokio::spawn(async move {
            members.verify_payment_password(user, &envelope, &binding, noon()).await
        }));
    }
    let (mut wrong, mut locked) = (Vec::new(), 0);
    for task in tasks {
        match task.await.expect("no panic").expect_err("wrong") {
            Error::PasswordWrong { left } => wrong.push(left),
            Error::PasswordLocked { until } => {
                assert_eq!(until, noon().plus_seconds(60));
                locked += 1;
            }
            other => panic!("{other}"),
        }
    }
    wrong.sort_unstable();
    assert_eq!((wrong, locked), (vec![0, 1, 2, 3, 4], 95));

    // Locked, the right one is refused as well; afterwards the next lock is longer.
    let later = async |seconds, password| {
        let at = noon().plus_seconds(seconds);
        let binding = order("p", 1);
        let envelope = house.seal(user, &binding, password, at).await;
        let checked = house.members.verify_payment_password(user, &envelope, &binding, at);
        checked.await.map_err(|e| e.to_string())
    };
    assert!(later(59, PASSWORD).await.is_err());
    for _ in 0..5 {
        assert!(later(60, "830593").await.is_err());
    }
    assert!(later(179, PASSWORD).await.is_err_and(|e| e.starts_with("locked")));
    assert_eq!(later(180, PASSWORD).await, Ok(()));
    assert!(later(181, "830593").await.is_err_and(|e| e.contains("4 tries left")));
}

#[tokio::test]
async fn weak_and_second_first_passwords_are_refused_and_a_change_needs_the_old_one() {
    let house = House::open().await;
    let user = house.verified(1, members::Class::I).await.user;
    let binding = Members::set_password_binding();
    let set = async |password: &str| {
        let envelope = house.seal(user, &binding, password, noon()).await;
        house.members.set_payment_password(user, &envelope, noon()).await
    };
    let use_ = async |password: &str| {
        let envelope = house.seal(user, &order("o", 1), password, noon()).await;
        house.members.verify_payment_password(user, &envelope, &order("o", 1), noon()).await
    };
    assert_eq!(code(use_(PASSWORD).await), "password_not_set");
    // 900301 is the birthday; 138000 begins the phone.
    for weak in ["123456", "111111", "12345", "900301", "138000", "letter", ""] {
        assert_eq!(code(set(weak).await), "password_weak", "{weak}");
    }
    set(PASSWORD).await.expect("set");
    assert_eq!(code(set("592830").await), "password_already_set");

    let change = async |old: &str, new: &str| {
        let binding = Members::change_password_binding();
        let old = house.seal(user, &binding, old, noon()).await;
        let new = house.seal(user, &binding, new, noon()).await;
        house.members.change_payment_password(user, &old, &new, noon()).await
    };
    assert_eq!(code(change("830593", "592830").await), "password_wrong");
    assert_eq!(code(change(PASSWORD, "123123").await), "password_weak");
    change(PASSWORD, "592830").await.expect("changed");
    assert_eq!(code(use_(PASSWORD).await), "password_wrong");
    use_("592830").await.expect("the new one");
}

#[tokio::test]
async fn no_password_lies_on_the_disk_and_it_is_known_after_a_restart() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let house = house.reopen().await;
    let binding = Binding { order: "o".into(), amount: Amount::ZERO, payee: String::new() };
    let envelope = house.seal(user, &binding, PASSWORD, noon()).await;
    house.members.verify_payment_password(user, &envelope, &binding, noon()).await.expect("right");
    for entry in std::fs::read_dir(house.folder()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("readable");
            let found = bytes.windows(6).any(|w| w == PASSWORD.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}

#[tokio::test]
async fn a_password_set_before_the_document_was_known_may_not_repeat_it() {
    let house = House::open().await;
    let user = house.register(1).await;
    let set = Members::set_password_binding();
    // Born in March 1990, as no one knows yet.
    let envelope = house.seal(user, &set, "199003", noon()).await;
    house.members.set_payment_password(user, &envelope, noon()).await.expect("set");
    let verify = async || house.members.verify_real_name(user, claim(1, Class::I), noon()).await;
    assert_eq!(code(verify().await), "password_weak");
    assert_eq!(house.members.payer(user).await.expect("known").customer, None);
    let bound = Members::change_password_binding();
    let old = house.seal(user, &bound, "199003", noon()).await;
    let new = house.seal(user, &bound, PASSWORD, noon()).await;
    house.members.change_payment_password(user, &old, &new, noon()).await.expect("changed");
    let asked = house.sim("id-network").checks();
    verified(verify().await);
    assert_eq!(house.sim("id-network").checks(), asked, "what was checked is not paid again");
}
