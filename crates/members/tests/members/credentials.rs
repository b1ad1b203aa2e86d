//! Reset, authenticator apps, gestures, several factors, withholding.

use crate::support::{House, PASSWORD, claim, code, fen, new_user, noon, phone, to_sign};
use members::keypad::Binding;
use members::model::totp;
use members::{
    Agreement, AgreementKind, Class, CodePurpose, Credentials, Error, FactorStrength, Members,
    NewMerchant,
};
use types::{Masked, MerchantId, Text, Timestamp, UserId};

const NEW: &str = "592830";
/// A path that no rule calls weak.
const GESTURE: &str = "26847";

fn order(no: &str, amount: u64) -> Binding {
    Binding { order: no.to_owned(), amount: fen(amount), payee: "mch_1".to_owned() }
}

impl House {
    async fn use_(&self, user: UserId, password: &str, now: Timestamp) -> Result<(), Error> {
        let envelope = self.seal(user, &order("o", 1), password, now).await;
        self.members.verify_payment_password(user, &envelope, &order("o", 1), now).await
    }

    async fn message(
        &self,
        user: UserId,
        n: u64,
        what: (CodePurpose, &str),
        at: Timestamp,
    ) -> String {
        self.members.send_code(user, what.0, what.1, at).await.expect("sent");
        self.sms.last(phone(n).expose()).expect("a message")
    }

    pub async fn app(&self, user: UserId) -> Vec<u8> {
        let envelope = self.seal(user, &Members::enrol_totp_binding(), PASSWORD, noon()).await;
        let new = self.members.enrol_totp(user, &envelope, noon()).await.expect("enrolled");
        unbase32(new.secret.expose())
    }
}

/// What the app makes of the text it was given.
fn unbase32(text: &str) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bits = text.bytes().flat_map(|b| {
        let value = digits.iter().position(|d| *d == b).expect("base32");
        (0..5).rev().map(move |bit| (value >> bit) & 1)
    });
    let mut out = Vec::new();
    while let Some(first) = bits.next() {
        let rest: Vec<usize> = bits.by_ref().take(7).collect();
        out.push(rest.iter().fold(first, |n, bit| n * 2 + bit));
    }
    out.into_iter().map(|n| u8::try_from(n).expect("a byte")).collect()
}

pub fn app_code(secret: &[u8], at: Timestamp) -> String {
    format!("{:06}", totp::code(secret, at.as_millis() / 30_000))
}

#[tokio::test]
async fn a_forgotten_password_needs_the_phone_and_the_person_again() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    for _ in 0..5 {
        assert_eq!(code(house.use_(user, "830593", noon()).await), "password_wrong");
    }
    assert_eq!(code(house.use_(user, PASSWORD, noon()).await), "password_locked");
    let subject = user.to_string();
    let binding = Members::reset_password_binding();
    let reset = async |person: u64, new: &str, code: &str, at: Timestamp| {
        let envelope = house.seal(user, &binding, new, at).await;
        let claim = claim(person, Class::I);
        house.members.reset_payment_password(user, claim, code, &envelope, at).await
    };
    let checks = || house.sims.iter().map(simulators::VerifierSimulator::checks).sum::<u64>();
    let before = checks();
    let what = (CodePurpose::PasswordReset, subject.as_str());
    assert_eq!(code(reset(1, NEW, "123456", noon()).await), "code_unknown", "no code was sent");
    let sent = house.message(user, 1, what, noon()).await;
    assert_eq!(code(reset(1, "123123", &sent, noon()).await), "password_weak");
    assert_eq!(checks(), before, "nobody was asked so far");
    assert_eq!(code(reset(2, NEW, &sent, noon()).await), "realname_mismatch", "another person");
    let later = noon().plus_seconds(60);
    let sent = house.message(user, 1, what, later).await;
    house.sims.iter().for_each(|sim| sim.set_away(true));
    assert_eq!(code(reset(1, NEW, &sent, later).await), "realname_provider_down");
    house.sims.iter().for_each(|sim| sim.set_away(false));
    let later = noon().plus_seconds(120);
    let sent = house.message(user, 1, what, later).await;
    let before = checks();
    reset(1, NEW, &sent, later).await.expect("reset");
    assert_eq!(checks(), before + 1, "the person was asked about anew");
    assert_eq!(code(reset(1, NEW, &sent, later).await), "code_unknown", "used");
    assert_eq!(code(house.use_(user, PASSWORD, later).await), "password_wrong");
    house.use_(user, NEW, later).await.expect("the new one, and no lock");

    let nobody = house.members.register(new_user(9), noon()).await.expect("registered");
    let envelope = house.seal(nobody, &binding, NEW, noon()).await;
    let reset = house.members.reset_payment_password(
        nobody,
        claim(9, Class::I),
        "123456",
        &envelope,
        noon(),
    );
    assert_eq!(code(reset.await), "not_verified");
}

#[tokio::test]
async fn an_app_is_confirmed_by_a_code_and_no_step_is_used_twice() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let check = async |code: &str, at| house.members.check_totp(user, code, at).await;
    assert_eq!(code(check("123456", noon()).await), "totp_not_set");
    let waiting = house.app(user).await;
    assert_eq!(code(check(&app_code(&waiting, noon()), noon()).await), "totp_not_set");
    let secret = house.app(user).await;
    assert_ne!(secret, waiting, "one that waits is replaced");
    let confirm = async |code: &str, at| house.members.confirm_totp(user, code, at).await;
    assert_eq!(code(confirm("12345", noon()).await), "code_malformed");
    assert_eq!(code(confirm(&app_code(&waiting, noon()), noon()).await), "code_wrong");
    let first = app_code(&secret, noon());
    confirm(&first, noon()).await.expect("confirmed");
    assert_eq!(code(confirm(&first, noon()).await), "totp_already_set");
    let envelope = house.seal(user, &Members::enrol_totp_binding(), PASSWORD, noon()).await;
    assert_eq!(code(house.members.enrol_totp(user, &envelope, noon()).await), "totp_already_set");
    assert_eq!(code(check(&first, noon()).await), "code_used", "the one that confirmed");
    let early = app_code(&secret, noon().plus_seconds(-30));
    assert_eq!(code(check(&early, noon()).await), "code_used", "within the drift, but before it");

    let later = noon().plus_seconds(90);
    let next = app_code(&secret, later);
    let tries = (0..20).map(|_| check(&next, later));
    let passed = futures::future::join_all(tries).await.into_iter().flatten().count();
    assert_eq!(passed, 1, "of twenty at once");

    let house = house.reopen().await;
    let check = async |code: &str, at| house.members.check_totp(user, code, at).await;
    let far = noon().plus_seconds(4_000_000);
    let slow = app_code(&secret, far.plus_seconds(-30));
    let wrong = app_code(&secret, far.plus_seconds(-300));
    for _ in 0..5 {
        assert_eq!(code(check(&wrong, far).await), "code_wrong");
    }
    assert_eq!(code(check(&slow, far).await), "code_locked");
    let open = far.plus_seconds(86_400);
    check(&app_code(&secret, open.plus_seconds(30)), open).await.expect("a fast clock");
    let envelope = house.seal(user, &Members::remove_totp_binding(), PASSWORD, open).await;
    house.members.remove_totp(user, &envelope, open).await.expect("removed");
    assert_eq!(code(check("123456", open).await), "totp_not_set");
}

#[tokio::test]
async fn a_gesture_opens_small_things_and_locks_by_itself() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let set = async |password: &str, gesture: &str| {
        let binding = Members::set_gesture_binding();
        let password = house.seal(user, &binding, password, noon()).await;
        let gesture = house.seal(user, &binding, gesture, noon()).await;
        house.members.set_gesture(user, &password, &gesture, noon()).await
    };
    let draw = async |gesture: &str, binding: &Binding| {
        let envelope = house.seal(user, binding, gesture, noon()).await;
        house.members.verify_gesture(user, &envelope, binding, noon()).await
    };
    let open = Members::open_app_binding();
    assert_eq!(code(draw(GESTURE, &open).await), "gesture_not_set");
    assert_eq!(code(set("830593", GESTURE).await), "password_wrong");
    for weak in ["123", "1236", "1346", "83059x"] {
        assert_eq!(code(set(PASSWORD, weak).await), "gesture_weak", "{weak}");
    }
    set(PASSWORD, GESTURE).await.expect("set");
    draw(GESTURE, &open).await.expect("right");
    draw(GESTURE, &order("o", 20_000)).await.expect("a small amount");
    assert_eq!(code(draw(GESTURE, &order("o", 20_001)).await), "gesture_amount");
    set(PASSWORD, "2581").await.expect("another");
    assert_eq!(code(draw(GESTURE, &open).await), "gesture_wrong");
    for _ in 0..4 {
        assert_eq!(code(draw(GESTURE, &open).await), "gesture_wrong");
    }
    assert_eq!(code(draw("2581", &open).await), "gesture_locked");
    house.use_(user, PASSWORD, noon()).await.expect("the password has a lock of its own");
    let envelope = house.seal(user, &Members::remove_gesture_binding(), PASSWORD, noon()).await;
    house.members.remove_gesture(user, &envelope, noon()).await.expect("removed");
    assert_eq!(code(draw("2581", &open).await), "gesture_not_set");
}

pub async fn water_works(house: &House) -> MerchantId {
    let new = NewMerchant {
        name: Text::new("Water works", "自来水公司"),
        uscc: Masked::new("91350211M000100Y46"),
        legal_name: None,
        fee_plan: "standard".into(),
        cycle: members::Cycle::T1,
        advance_d0: false,
        webhook_url: None,
    };
    house.members.register_merchant(new, noon()).await.expect("registered").merchant
}

#[tokio::test]
async fn the_message_of_an_orders_code_says_how_much_and_to_whom() {
    let house = House::open().await;
    let payer = house.with_password(1).await.user;
    let friend = house.register(2).await;
    let merchant = water_works(&house).await;
    let own = phone(1);
    let mut at = noon();
    let masked = phone(2).to_string();
    for (payee, en, zh, named) in [
        (
            merchant.to_string(),
            "to pay CNY 12.99 to Water works",
            "向自来水公司支付人民币 12.99 元",
            true,
        ),
        (
            friend.to_string(),
            &*format!("to pay CNY 12.99 to the user of {masked}"),
            &*format!("向手机号 {masked} 的用户支付人民币 12.99 元"),
            true,
        ),
        (String::new(), "an order of CNY 12.99", "确认人民币 12.99 元的订单", false),
    ] {
        let terms = Binding { payee, ..order("o-1", 1_299) };
        house.members.send_order_code(payer, &terms, at).await.expect("sent");
        at = at.plus_seconds(60);
        let text = house.sms.last_text(own.expose()).expect("a message");
        let code = house.sms.last(own.expose()).expect("a message");
        assert!(text.en.contains(en) && text.zh.contains(zh), "{text:?}");
        assert!(text.en.contains(&code) && text.zh.contains(&code), "{text:?}");
        assert!(!text.en.contains(phone(2).expose()), "a payee's phone is masked");
        let payment = house.sms.last_payment(own.expose()).expect("an order's");
        assert_eq!((payment.amount.as_str(), payment.payee.is_some()), ("12.99", named));
    }
    for payee in
        [MerchantId::from_u128(9).to_string(), UserId::from_u128(9).to_string(), "x".into()]
    {
        let terms = Binding { payee, ..order("o-1", 1_299) };
        let sent = house.members.send_order_code(payer, &terms, at).await;
        assert_eq!(code(sent), "payee_not_found", "{}", terms.payee);
    }
    let (purpose, subject) = (CodePurpose::PasswordReset, payer.to_string());
    house.members.send_code(payer, purpose, &subject, at).await.expect("sent");
    assert_eq!(house.sms.last_payment(own.expose()), None);
    let text = house.sms.last_text(own.expose()).expect("a message");
    assert!(text.en.contains("reset your payment password"), "{text:?}");
}

#[tokio::test]
async fn an_orders_factors_are_each_checked_and_give_its_strength() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let merchant = water_works(&house).await;
    let bound = Binding { payee: merchant.to_string(), ..order("o-1", 100) };
    house.members.send_order_code(user, &bound, noon()).await.expect("sent");
    let sent = house.sms.last(phone(1).expose()).expect("a message");
    let signed = to_sign(&bound);
    let show = async |password: &str, message_code: Option<&str>| {
        let password = Some(house.seal(user, &bound, password, noon()).await);
        let message_code = message_code.map(str::to_owned);
        let shown = Credentials { password, message_code, ..Credentials::default() };
        assert!(shown.has_knowledge());
        house.members.authenticate(user, &shown, &bound, &signed, noon()).await
    };
    assert_eq!(show(PASSWORD, None).await.expect("right").strength(), FactorStrength::Single);
    assert_eq!(code(show("830593", Some(&sent)).await), "password_wrong");
    let wrong = if sent == "000000" { "000001" } else { "000000" };
    assert_eq!(code(show(PASSWORD, Some(wrong)).await), "code_wrong");
    let both = show(PASSWORD, Some(&sent)).await.expect("both right");
    assert_eq!(both.strength(), FactorStrength::Two);
    assert_eq!(both.words(), "payment_password+message_code");
    let alone = Credentials { app_code: Some("123456".to_owned()), ..Credentials::default() };
    assert!(!alone.has_knowledge());
}

#[tokio::test]
async fn withholding_takes_the_payers_password_and_has_limits_of_its_own() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let merchant = water_works(&house).await;
    let kind = AgreementKind::Withholding;
    let agree = async |password: &str, bound: (u64, u64), day: u64| {
        let binding = Members::agreement_binding(kind, merchant, (fen(bound.0), fen(bound.1)));
        let envelope = house.seal(user, &binding, password, noon()).await;
        let (per_order, per_day, agreed_at) = (fen(500), fen(day), noon());
        let agreement = Agreement { kind, user, merchant, per_order, per_day, agreed_at };
        house.members.agree_by_password(agreement, &envelope).await
    };
    let quota = async |kind, amount| {
        house.members.agreement_quota(kind, user, merchant, fen(amount), noon()).await
    };
    assert_eq!(code(agree("830593", (500, 800), 800).await), "password_wrong");
    assert_eq!(code(agree(PASSWORD, (500, 800), 9_000).await), "envelope_invalid", "another day");
    assert_eq!(code(agree(PASSWORD, (400, 800), 800).await), "envelope_invalid", "another order");
    assert_eq!(code(agree(PASSWORD, (500, 400), 400).await), "agreement_limit_invalid");
    assert_eq!(code(quota(kind, 1).await), "agreement_missing");
    agree(PASSWORD, (500, 800), 800).await.expect("agreed");
    assert_eq!(code(quota(AgreementKind::PasswordFree, 1).await), "agreement_missing");
    assert_eq!(code(quota(kind, 501).await), "limit_exceeded");
    let leg = quota(kind, 500).await.expect("a leg");
    assert_eq!((leg.limit_code, leg.limit), ("withholding_day", fen(800)));
    house.use_quota(b"1", &[leg], fen(500)).await.expect("left");
    house.use_quota(b"2", &[leg], fen(301)).await.expect_err("the day's limit");
    house.members.revoke_agreement(kind, user, merchant, noon()).await.expect("revoked");
    assert_eq!(code(quota(kind, 1).await), "agreement_missing");
}
