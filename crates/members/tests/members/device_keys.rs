//! Device keys: registered under the password, one order a signature, one use a challenge.

use crate::support::{House, PASSWORD, fen, noon};
use members::{
    DeviceAnswer, DeviceChallenge, DeviceKey, DeviceKeysConfig, FactorStrength, Factors, Integrity,
    Members, MembersConfig, NewDeviceKey, OrderToSign,
};
use money::CNY;
use records::audit;
use types::{OrderId, Text, Timestamp, UserId};
use webauthn::soft::{Asserted, Attest, Authenticator};
use webauthn::{Attestation, Flags, Instrument, Payment, Total, from_base64};

const PARTY: &str = "localhost";
const PAGE: &str = "http://localhost:8787";
const SHOP: &str = "https://shop.example";

pub fn phone() -> Authenticator {
    Authenticator::new(PARTY, PAGE)
}

fn order(number: u128) -> OrderToSign {
    OrderToSign {
        order: OrderId::from_u128(number),
        amount: fen(1_299),
        asset: CNY,
        payee: "mch_1".to_owned(),
        payee_name: Some(Text::new("Lotus Tea", "莲花茶铺")),
    }
}

fn bytes(challenge: &serde_json::Value) -> Vec<u8> {
    from_base64(challenge["challenge"].as_str().expect("a challenge")).expect("base64url")
}

/// Begins a registration; gives its challenge.
async fn begin(house: &House, user: UserId) -> Result<Vec<u8>, &'static str> {
    let binding = Members::device_key_binding();
    let envelope = house.seal(user, &binding, PASSWORD, noon()).await;
    let options = house.members.begin_device_key(user, &envelope, noon()).await;
    options.map(|options| bytes(&options.0)).map_err(|error| error.code())
}

fn answered(device: &Authenticator, challenge: &[u8], attest: &Attest<'_>) -> NewDeviceKey {
    let made = device.register(challenge, attest);
    NewDeviceKey {
        name: "我的手机".to_owned(),
        credential_id: made.credential_id,
        client_data: made.client_data,
        attestation_object: made.attestation_object,
        device: Some("A1B2".to_owned()),
        integrity: Integrity::Intact,
    }
}

async fn finish(
    house: &House,
    user: UserId,
    new: NewDeviceKey,
    now: Timestamp,
) -> Result<DeviceKey, &'static str> {
    house.members.finish_device_key(user, new, "mch_1", now).await.map_err(|error| error.code())
}

pub async fn registered(house: &House, user: UserId, device: &Authenticator) -> DeviceKey {
    let challenge = begin(house, user).await.expect("begun");
    let new = answered(device, &challenge, &Attest::None);
    finish(house, user, new, noon()).await.expect("registered")
}

async fn asked(house: &House, user: UserId, order: &OrderToSign) -> Vec<u8> {
    bytes(&challenge(house, user, order, None).await.sign.0)
}

async fn challenge(
    house: &House,
    user: UserId,
    order: &OrderToSign,
    page: Option<&str>,
) -> DeviceChallenge {
    house.members.device_challenge(user, order, page, noon()).await.expect("a challenge")
}

fn answer(user: UserId, made: Asserted) -> DeviceAnswer {
    DeviceAnswer {
        credential_id: made.credential_id,
        client_data: made.client_data,
        authenticator_data: made.authenticator_data,
        signature: made.signature,
        user_handle: Some(user.as_u128().to_be_bytes().to_vec()),
        integrity: Integrity::Unknown,
    }
}

async fn verified(
    house: &House,
    user: UserId,
    order: &OrderToSign,
    answer: &DeviceAnswer,
    now: Timestamp,
) -> Result<Factors, &'static str> {
    let checked = house.members.verify_device_key(user, order, answer, now).await;
    checked.map_err(|error| error.code())
}

#[tokio::test]
async fn a_key_is_registered_listed_named_and_removed() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let mut device = phone();
    let key = registered(&house, user, &device).await;
    assert_eq!((key.attestation, key.counter), (Attestation::None, 1));
    assert_eq!((key.device.as_deref(), key.integrity), (Some("A1B2"), Integrity::Intact));
    assert_eq!(house.members.device_keys(user).await.expect("keys"), vec![key.clone()]);

    let renamed = house.members.rename_device_key(key.id, "old phone".into(), "mch_1", noon());
    assert_eq!(renamed.await.expect("renamed").name, "old phone");
    for name in ["", " x", "a\u{7}b"] {
        let refused = house.members.rename_device_key(key.id, name.into(), "mch_1", noon()).await;
        assert_eq!(refused.expect_err(name).code(), "device_key_name_invalid");
    }

    let order = order(1);
    let challenge = asked(&house, user, &order).await;
    house.members.remove_device_key(key.id, "mch_1", noon()).await.expect("removed");
    assert_eq!(house.members.device_keys(user).await.expect("keys"), vec![]);
    let made = answer(user, device.assert(&challenge));
    assert_eq!(verified(&house, user, &order, &made, noon()).await, Err("device_key_unknown"));
    let again = house.members.remove_device_key(key.id, "mch_1", noon()).await;
    assert_eq!(again.expect_err("gone").code(), "device_key_not_found");
    let none = house.members.device_challenge(user, &order, None, noon()).await;
    assert_eq!(none.expect_err("no key").code(), "device_key_not_set");

    let subject = user.to_string();
    let lines = audit::list(&house.records, Some(&subject), None, 10).await.expect("lines");
    let actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["device_key.remove", "device_key.rename", "device_key.add"]);

    // Evidence stays: the same key is not taken anew.
    let challenge = begin(&house, user).await.expect("begun");
    let new = answered(&device, &challenge, &Attest::None);
    assert_eq!(finish(&house, user, new, noon()).await, Err("device_key_exists"));
}

#[tokio::test]
async fn who_does_not_know_the_password_adds_no_key() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let binding = Members::device_key_binding();
    let wrong = house.seal(user, &binding, "274916", noon()).await;
    let refused = house.members.begin_device_key(user, &wrong, noon()).await;
    assert_eq!(refused.expect_err("wrong").code(), "password_wrong");
    let other = house.seal(user, &Members::change_password_binding(), PASSWORD, noon()).await;
    let refused = house.members.begin_device_key(user, &other, noon()).await;
    assert_eq!(refused.expect_err("for another use").code(), "envelope_invalid");
}

#[tokio::test]
async fn a_registration_answers_its_own_challenge_once_and_in_time() {
    let house = House::open().await;
    let (user, other) = (house.with_password(1).await.user, house.with_password(2).await.user);
    let made = |challenge: &[u8]| answered(&phone(), challenge, &Attest::SelfSigned);
    let first = begin(&house, user).await.expect("begun");
    assert_eq!(
        finish(&house, other, made(&first), noon()).await,
        Err("device_key_challenge_wrong"),
        "another user's"
    );
    let late = noon().plus_seconds(300);
    let expired = finish(&house, user, made(&first), late).await;
    assert_eq!(expired, Err("device_key_challenge_expired"));
    let second = begin(&house, user).await.expect("begun");
    let unknown = Err("device_key_challenge_unknown");
    assert_eq!(finish(&house, user, made(&first), noon()).await, unknown, "replaced");
    assert!(finish(&house, user, made(&second), noon()).await.is_ok());
    assert_eq!(finish(&house, user, made(&second), noon()).await, unknown, "answered");
    assert_eq!(finish(&house, user, made(&[1; 32]), noon()).await, unknown, "never given");
    assert_eq!(finish(&house, user, made(&[1]), noon()).await, Err("device_key_challenge_wrong"));

    // A challenge for an order registers nothing.
    let challenge = asked(&house, user, &order(1)).await;
    let wrong = finish(&house, user, made(&challenge), noon()).await;
    assert_eq!(wrong, Err("device_key_challenge_wrong"));
    let mut nameless = made(&begin(&house, user).await.expect("begun"));
    nameless.device = Some("a b".to_owned());
    assert_eq!(finish(&house, user, nameless, noon()).await, Err("text_invalid"));
}

#[tokio::test]
async fn a_user_has_so_many_keys_and_no_more() {
    let device_keys = DeviceKeysConfig { most: 2, ..DeviceKeysConfig::default() };
    let house = House::with(MembersConfig { device_keys, ..MembersConfig::default() }).await;
    let user = house.with_password(1).await.user;
    let first = registered(&house, user, &phone()).await;
    registered(&house, user, &phone()).await;
    assert_eq!(begin(&house, user).await, Err("device_keys_exceeded"));
    house.members.remove_device_key(first.id, "mch_1", noon()).await.expect("removed");
    registered(&house, user, &phone()).await;
}

#[tokio::test]
async fn an_order_is_signed_once() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let mut device = phone();
    registered(&house, user, &device).await;
    let order = order(1);
    let challenge = asked(&house, user, &order).await;
    let made = answer(user, device.assert(&challenge));
    let proof = verified(&house, user, &order, &made, noon()).await.expect("signed");
    assert_eq!(proof.words(), "plain_device_key", "nobody speaks for the key");
    assert_eq!(proof.strength(), FactorStrength::None);
    let unknown = Err("device_key_challenge_unknown");
    assert_eq!(verified(&house, user, &order, &made, noon()).await, unknown, "used");
    let stored = house.members.device_keys(user).await.expect("keys");
    assert_eq!((stored[0].counter, stored[0].last_used_at), (2, Some(noon())));
}

#[tokio::test]
async fn a_signature_is_good_for_its_order_alone() {
    let house = House::open().await;
    let (user, other) = (house.with_password(1).await.user, house.with_password(2).await.user);
    let (mut device, mut theirs) = (phone(), phone());
    registered(&house, user, &device).await;
    registered(&house, other, &theirs).await;
    let good = order(1);
    let wrong = Err("device_key_challenge_wrong");
    let challenge = asked(&house, user, &good).await;
    let made = answer(user, device.assert(&challenge));
    assert_eq!(verified(&house, user, &order(2), &made, noon()).await, wrong, "another order");
    assert_eq!(verified(&house, other, &good, &made, noon()).await, wrong, "another user");
    for bent in [
        OrderToSign { amount: fen(1_298), ..good.clone() },
        OrderToSign { payee: "mch_2".to_owned(), ..good.clone() },
        OrderToSign { asset: money::AssetId(2), ..good.clone() },
    ] {
        assert_eq!(verified(&house, user, &bent, &made, noon()).await, wrong, "{bent:?}");
    }
    let late = noon().plus_seconds(300);
    let expired = Err("device_key_challenge_expired");
    assert_eq!(verified(&house, user, &good, &made, late).await, expired);

    // Somebody else's key, or one nobody knows, under the right challenge.
    let unknown = Err("device_key_unknown");
    for device in [&mut theirs, &mut phone()] {
        let made = answer(user, device.assert(&challenge));
        assert_eq!(verified(&house, user, &good, &made, noon()).await, unknown);
    }
    let handle = Some(other.as_u128().to_be_bytes().to_vec());
    let named = DeviceAnswer { user_handle: handle, ..made.clone() };
    let refused = verified(&house, user, &good, &named, noon()).await;
    assert_eq!(refused, Err("device_key_user_handle_wrong"));
    for at in 0..made.signature.len() {
        let mut bent = made.clone();
        bent.signature[at] ^= 0x10;
        let refused = verified(&house, user, &good, &bent, noon()).await;
        assert_eq!(refused, Err("device_key_signature_wrong"), "byte {at}");
    }
    // Nothing of that used the challenge up.
    assert!(verified(&house, user, &good, &made, noon()).await.is_ok());
}

#[tokio::test]
async fn a_counter_that_does_not_move_on_marks_the_key() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let mut device = phone();
    device.counter = 7;
    registered(&house, user, &device).await;
    for counter in [5, 6] {
        device.counter = counter;
        let challenge = asked(&house, user, &order(1)).await;
        let made = answer(user, device.assert(&challenge));
        let refused = verified(&house, user, &order(1), &made, noon()).await;
        assert_eq!(refused, Err("device_key_counter_low"), "{counter} signs as one more");
    }
    let stored = house.members.device_keys(user).await.expect("keys");
    assert_eq!((stored[0].counter, stored[0].marked_at), (7, Some(noon())));
    let challenge = asked(&house, user, &order(1)).await;
    let made = answer(user, device.assert(&challenge));
    assert!(verified(&house, user, &order(1), &made, noon()).await.is_ok(), "eight");

    let mut silent = phone();
    silent.counter = 0;
    registered(&house, user, &silent).await;
    for _ in 0..2 {
        let challenge = asked(&house, user, &order(2)).await;
        let made = answer(user, silent.assert(&challenge));
        assert!(
            verified(&house, user, &order(2), &made, noon()).await.is_ok(),
            "it does not count"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_answer_brought_many_times_at_once_passes_once() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let mut device = phone();
    device.counter = 0;
    registered(&house, user, &device).await;
    let challenge = asked(&house, user, &order(1)).await;
    let made = answer(user, device.assert(&challenge));
    let tries = (0..32).map(|_| {
        let (members, made) = (house.members.clone(), made.clone());
        tokio::spawn(async move {
            members.verify_device_key(user, &order(1), &made, noon()).await.map_err(|e| e.code())
        })
    });
    let mut passed = 0;
    for tried in futures::future::join_all(tries).await {
        match tried.expect("no panic") {
            Ok(_) => passed += 1,
            Err(code) => assert_eq!(code, "device_key_challenge_unknown"),
        }
    }
    assert_eq!(passed, 1);
}

#[tokio::test]
async fn a_payment_is_confirmed_on_the_payees_page() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let mut device = phone();
    registered(&house, user, &device).await;
    device.origin = SHOP.to_owned();
    let good = order(1);
    let request = challenge(&house, user, &good, Some(SHOP)).await.payment.expect("a request").0;
    assert_eq!(request["total"], serde_json::json!({ "currency": "CNY", "value": "12.99" }));
    assert_eq!(
        (&request["payeeName"], &request["payeeOrigin"]),
        (&"Lotus Tea".into(), &SHOP.into())
    );
    let shown = Payment {
        rp_id: PARTY.to_owned(),
        top_origin: SHOP.to_owned(),
        payee_name: Some("Lotus Tea".to_owned()),
        payee_origin: Some(SHOP.to_owned()),
        total: Total { currency: "CNY".to_owned(), value: "12.99".to_owned() },
        instrument: Instrument {
            display_name: request["instrument"]["displayName"].as_str().expect("a name").to_owned(),
            icon: String::new(),
        },
    };
    let nonce = bytes(&request);
    let cheaper = Total { value: "0.99".to_owned(), ..shown.total.clone() };
    for bent in [
        Payment { total: cheaper, ..shown.clone() },
        Payment { payee_name: Some("Evil Tea".to_owned()), ..shown.clone() },
        Payment { payee_origin: Some("https://evil.example".to_owned()), ..shown.clone() },
    ] {
        let made = answer(user, device.confirm(&nonce, &bent));
        let refused = verified(&house, user, &good, &made, noon()).await;
        assert_eq!(refused, Err("device_key_payment_wrong"), "{bent:?}");
    }
    device.origin = "https://evil.example".to_owned();
    let made = answer(user, device.confirm(&nonce, &shown));
    let refused = verified(&house, user, &good, &made, noon()).await;
    assert_eq!(refused, Err("device_key_origin_wrong"));
    device.origin = SHOP.to_owned();
    // Without what was shown it is a signature on a page that is not the institution's.
    let made = answer(user, device.assert(&nonce));
    let refused = verified(&house, user, &good, &made, noon()).await;
    assert_eq!(refused, Err("device_key_origin_wrong"));
    let made = answer(user, device.confirm(&nonce, &shown));
    assert!(verified(&house, user, &good, &made, noon()).await.is_ok());

    // Where no page was named, nothing may have been shown.
    let nonce = asked(&house, user, &good).await;
    let made = answer(user, device.confirm(&nonce, &shown));
    let refused = verified(&house, user, &good, &made, noon()).await;
    assert_eq!(refused, Err("device_key_type_wrong"));
    let bad = house.members.device_challenge(user, &good, Some("http://shop.example"), noon());
    assert_eq!(bad.await.expect_err("no page").code(), "device_key_page_invalid");
}

#[tokio::test]
async fn a_copied_key_is_told_from_a_bound_one() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let mut device = phone();
    device.flags |= Flags::BACKUP_ELIGIBLE;
    let key = registered(&house, user, &device).await;
    assert!(key.backup_eligible && !key.backed_up);
    device.flags |= Flags::BACKED_UP;
    let challenge = asked(&house, user, &order(1)).await;
    let made = answer(user, device.assert(&challenge));
    assert!(verified(&house, user, &order(1), &made, noon()).await.is_ok());
    assert!(house.members.device_keys(user).await.expect("keys")[0].backed_up);
}
