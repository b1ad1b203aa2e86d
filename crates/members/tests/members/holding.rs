//! What a user holds, read at once: set, locked, used, ended, and nothing secret.

use crate::credentials::{app_code, water_works};
use crate::device_keys::{phone as device, registered};
use crate::support::{House, PASSWORD, code, fen, noon, short_locks};
use members::{AgreementKind, Held, Members, TriesStanding};
use types::{Timestamp, UserId};

const GESTURE: &str = "26847";

impl House {
    async fn held(&self, user: UserId, at: Timestamp) -> Held {
        self.members.held(user, at).await.expect("read")
    }

    async fn password(&self, user: UserId, given: &str, at: Timestamp) -> Option<&'static str> {
        let binding = Members::merge_binding(user);
        let envelope = self.seal(user, &binding, given, at).await;
        let checked = self.members.verify_payment_password(user, &envelope, &binding, at).await;
        checked.err().map(|error| error.code())
    }
}

#[tokio::test]
async fn a_new_user_holds_nothing_and_nobody_is_refused() {
    let house = House::open().await;
    let user = house.register(1).await;
    assert_eq!(house.held(user, noon()).await, Held::default());
    let nobody = house.members.held(UserId::from_u128(7), noon()).await;
    assert_eq!(code(nobody), "user_not_found");
}

#[tokio::test]
async fn wrong_tries_and_locks_are_told_and_end() {
    let house = House::with(short_locks()).await;
    let user = house.with_password(1).await.user;
    let tries = async |at| house.held(user, at).await.password.expect("set").tries;
    let none = TriesStanding::default();
    assert_eq!(tries(noon()).await, none);
    for wrong in 1..=5 {
        assert_eq!(house.password(user, "830593", noon()).await, Some("password_wrong"));
        assert_eq!(tries(noon()).await.wrong, wrong);
    }
    let until = noon().plus_seconds(60);
    assert_eq!(tries(noon()).await.locked_until, Some(until));
    assert_eq!(tries(until).await, none, "served");
    assert_eq!(house.password(user, "830593", until).await, Some("password_wrong"));
    assert_eq!(tries(until).await.wrong, 1, "those of the lock no longer count");
    assert_eq!(house.password(user, PASSWORD, until).await, None);
    assert_eq!(tries(until).await, none);

    let later = noon().plus_seconds(3_600);
    let binding = Members::change_password_binding();
    let old = house.seal(user, &binding, PASSWORD, later).await;
    let new = house.seal(user, &binding, "592830", later).await;
    house.members.change_payment_password(user, &old, &new, later).await.expect("changed");
    assert_eq!(house.held(user, later).await.password.expect("set").set_at, later);
}

#[tokio::test]
async fn each_credential_is_told_of_by_itself() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let waiting = house.app(user).await;
    let app = house.held(user, noon()).await.app.expect("enrolled");
    assert_eq!((app.enrolled_at, app.confirmed_at), (noon(), None));
    house.members.confirm_totp(user, &app_code(&waiting, noon()), noon()).await.expect("right");
    let binding = Members::set_gesture_binding();
    let password = house.seal(user, &binding, PASSWORD, noon()).await;
    let gesture = house.seal(user, &binding, GESTURE, noon()).await;
    house.members.set_gesture(user, &password, &gesture, noon()).await.expect("set");
    let key = registered(&house, user, &device()).await;
    let held = house.held(user, noon()).await;
    assert_eq!(held.app.expect("confirmed").confirmed_at, Some(noon()));
    assert_eq!(held.gesture.expect("set").set_at, noon());
    assert_eq!(held.device_keys.len(), 1);
    assert_eq!((&held.device_keys[0].key, held.device_keys[0].assured), (&key, false));
    house.members.remove_device_key(key.id, "operator", noon()).await.expect("removed");
    assert_eq!(house.held(user, noon()).await.device_keys, []);
}

#[tokio::test]
async fn agreements_are_told_with_what_is_used_today_and_when_they_ended() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let merchant = water_works(&house).await;
    let free = AgreementKind::PasswordFree;
    let agree = async |day: u64| {
        house.members.agree_password_free(user, merchant, fen(500), fen(day), noon()).await
    };
    agree(800).await.expect("agreed");
    let one = async |at| house.held(user, at).await.agreements.pop().expect("an agreement");
    assert_eq!(one(noon()).await.used_today, fen(0));
    let leg = house.members.agreement_quota(free, user, merchant, fen(300), noon()).await;
    house.use_quota(b"one", &[leg.expect("a quota")], fen(300)).await.expect("used");
    let used = one(noon()).await;
    assert_eq!((used.used_today, used.revoked_at), (fen(300), None));
    assert_eq!(used.merchant_name.expect("a name").zh, "自来水公司");
    agree(900).await.expect("raised");
    assert_eq!(one(noon()).await.used_today, fen(300), "what is used stays, whatever the limit");
    let tomorrow = noon().plus_seconds(86_400);
    assert_eq!(one(tomorrow).await.used_today, fen(0));
    house.members.revoke_agreement(free, user, merchant, tomorrow).await.expect("ended");
    let ended = one(tomorrow).await;
    assert_eq!((ended.agreement.per_day, ended.revoked_at), (fen(900), Some(tomorrow)));
}
