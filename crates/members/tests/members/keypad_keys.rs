//! The keys that passwords are sealed to: every suite, rotation, and what is refused by name.

use crate::support::{House, PASSWORD, code, fen, noon};
use members::MembersConfig;
use members::keypad::{Binding, Envelope, Nonce, Suite};
use std::sync::Arc;
use std::time::Duration;
use types::{ManualClock, Timestamp};

fn order() -> Binding {
    Binding { order: "o-1".to_owned(), amount: fen(100), payee: "mch_1".to_owned() }
}

#[tokio::test]
async fn every_suite_opens_once_and_what_is_wrong_is_named() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let check = async |envelope: &Envelope, binding: &Binding| {
        house.members.verify_payment_password(user, envelope, binding, noon()).await
    };
    for suite in Suite::OFFERED {
        let key = house.members.password_key(suite.name(), noon()).await.expect("offered");
        assert_eq!(key.suite, suite.name());
        let good = house.seal_to(&key, user, &order(), PASSWORD, noon()).await;
        let stranger = Binding { order: "o-2".to_owned(), ..order() };
        assert_eq!(code(check(&good, &stranger).await), "envelope_invalid", "{suite}");
        let dearer = Binding { amount: fen(10_000), ..order() };
        assert_eq!(code(check(&good, &dearer).await), "envelope_invalid", "{suite}");
        let e = || good.clone();
        let unknown = Nonce("00".repeat(16));
        for (altered, named) in [
            (Envelope { suite: "rot13".into(), ..e() }, "envelope_suite_unknown"),
            (Envelope { key_id: "0011223344556677".into(), ..e() }, "envelope_key_unknown"),
            (Envelope { ciphertext: "A".repeat(257), ..e() }, "envelope_oversize"),
            (Envelope { enc: "A".repeat(1_025), ..e() }, "envelope_oversize"),
            (Envelope { nonce: unknown, ..e() }, "envelope_invalid"),
            (Envelope { sealed_at: noon().plus_seconds(1), ..e() }, "envelope_invalid"),
            (Envelope { sealed_at: noon().plus_seconds(-301), ..e() }, "envelope_expired"),
        ] {
            assert_eq!(code(check(&altered, &order()).await), named, "{suite}: {altered:?}");
        }
        for length in 0..good.ciphertext.len() {
            let cut = Envelope { ciphertext: good.ciphertext[..length].to_owned(), ..e() };
            assert_eq!(code(check(&cut, &order()).await), "envelope_invalid", "{suite} {length}");
        }
        check(&good, &order()).await.expect("none of these counted, or used it up");
        assert_eq!(code(check(&good, &order()).await), "nonce_unknown", "{suite}: replayed");
    }
    let unknown = house.members.password_key("rot13", noon()).await;
    assert_eq!(code(unknown), "envelope_suite_unknown");
}

#[tokio::test]
async fn a_rotated_key_opens_for_its_grace_and_lies_nowhere_afterwards() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let rsa = Suite::RsaOaep.name();
    let old = [
        house.members.password_public_key(),
        house.members.password_key(rsa, noon()).await.expect("offered"),
    ];
    let new = house.members.rotate_password_keys("op", noon()).await.expect("rotated");
    assert_eq!(new.len(), 2, "one for each in use");
    assert_eq!(house.members.password_public_key(), new[0]);
    assert_eq!(house.members.password_key(rsa, noon()).await.expect("offered"), new[1]);
    assert!(old.iter().zip(&new).all(|(old, new)| old.key_id != new.key_id));

    let use_ = async |house: &House, key, at: Timestamp| {
        let envelope = house.seal_to(key, user, &order(), PASSWORD, at).await;
        house.members.verify_payment_password(user, &envelope, &order(), at).await
    };
    let last = noon().plus_seconds(86_399);
    for key in old.iter().chain(&new) {
        use_(&house, key, last).await.expect("within the grace");
    }
    let house = house.reopen().await;
    assert_eq!(house.members.password_public_key(), new[0], "kept over a restart");
    let after = noon().plus_seconds(86_400);
    for key in &old {
        use_(&house, key, last).await.expect("within the grace, after a restart");
        assert_eq!(code(use_(&house, key, after).await), "envelope_key_unknown");
    }
    use_(&house, &new[1], after).await.expect("in use");
    house.members.rotate_password_keys("op", after).await.expect("rotated");
    assert_eq!(kept(&house).await, [4], "two in use, two in their grace");
}

async fn kept(house: &House) -> Vec<i64> {
    let counted = records::rows::select(
        house.records.db(),
        "member_keypad_key",
        "SELECT COUNT(*) AS n FROM member_keypad_key",
        Vec::new(),
        |row| row.number("n"),
    );
    counted.await.expect("counted")
}

#[tokio::test]
async fn a_key_whose_time_is_over_is_rotated_once_and_erased_after_its_grace() {
    let config = MembersConfig {
        keypad_rotate_seconds: 1_000,
        keypad_grace_seconds: 100,
        ..MembersConfig::default()
    };
    let house = House::with(config).await;
    let user = house.with_password(1).await.user;
    let old = house.members.password_public_key();
    let at = |seconds| noon().plus_seconds(seconds);
    let keep = async |house: &House, seconds| {
        house.members.keep_password_keys(at(seconds)).await.expect("kept")
    };
    let use_ = async |house: &House, key, at: Timestamp| {
        let envelope = house.seal_to(key, user, &order(), PASSWORD, at).await;
        house.members.verify_payment_password(user, &envelope, &order(), at).await
    };
    assert!(!keep(&house, 999).await);
    assert!(keep(&house, 1_000).await);
    let new = house.members.password_public_key();
    assert_ne!(new.key_id, old.key_id);
    for seconds in [1_000, 1_099] {
        assert!(!keep(&house, seconds).await, "once");
        use_(&house, &old, at(seconds)).await.expect("within the grace");
        use_(&house, &new, at(seconds)).await.expect("in use");
    }
    assert_eq!(kept(&house).await, [2]);
    assert!(!keep(&house, 1_100).await);
    assert_eq!(code(use_(&house, &old, at(1_100)).await), "envelope_key_unknown");
    assert_eq!(kept(&house).await, [1], "erased");
    // The age is the key's own: it is kept over a restart, here into the default of thirty days.
    let house = house.reopen().await;
    let days = 30 * 86_400;
    assert!(!keep(&house, 1_000 + days - 1).await);
    assert_eq!(house.members.password_public_key(), new);
    assert!(keep(&house, 1_000 + days).await);
    let lines = records::audit::list(&house.records, Some("password_key"), None, 10).await;
    let actors = lines.expect("lines").into_iter().map(|line| line.actor);
    assert_eq!(actors.collect::<Vec<_>>(), ["system", "system"]);
}

#[tokio::test]
async fn the_rooms_upkeep_rotates_by_its_clock() {
    let house = House::open().await;
    let old = house.members.password_public_key();
    let clock = Arc::new(ManualClock::new(noon()));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let upkeep = {
        let (members, clock) = (house.members.clone(), Arc::clone(&clock));
        let end = async move { drop(stopped.await) };
        tokio::spawn(async move {
            members.run_upkeep(clock, Duration::from_millis(1), end).await;
        })
    };
    // The default: thirty days.
    clock.advance_to(noon().plus_seconds(30 * 86_400));
    while house.members.password_public_key() == old {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    stop.send(()).expect("it runs");
    upkeep.await.expect("it ended");
}
