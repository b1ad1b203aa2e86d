//! What an app reports of its device with each signature: kept, and judged by the rule.

use crate::support::{House, PASSWORD, fen, noon};
use members::{
    DeviceAnswer, DeviceKey, DeviceKeysConfig, DeviceStateRule, Error, Factors, Integrity, Members,
    MembersConfig, NewDeviceKey, OrderToSign, StateEffect,
};
use types::{DeviceKeyId, OrderId, Timestamp, UserId};
use webauthn::from_base64;
use webauthn::soft::{Attest, Authenticator};

fn bytes(options: &serde_json::Value) -> Vec<u8> {
    from_base64(options["challenge"].as_str().expect("a challenge")).expect("base64url")
}

fn order() -> OrderToSign {
    OrderToSign {
        order: OrderId::from_u128(1),
        amount: fen(1_299),
        asset: money::CNY,
        payee: "mch_1".to_owned(),
        payee_name: None,
    }
}

fn phone() -> Authenticator {
    Authenticator::new("localhost", "http://localhost:8787")
}

async fn strict(unknown: StateEffect, compromised: StateEffect) -> House {
    let device_state = DeviceStateRule { unknown, compromised };
    let device_keys = DeviceKeysConfig { device_state, ..DeviceKeysConfig::default() };
    House::with(MembersConfig { device_keys, ..MembersConfig::default() }).await
}

impl House {
    async fn key(
        &self,
        user: UserId,
        device: &Authenticator,
        integrity: Integrity,
    ) -> Result<DeviceKey, Error> {
        let envelope = self.seal(user, &Members::device_key_binding(), PASSWORD, noon()).await;
        let options = self.members.begin_device_key(user, &envelope, noon()).await.expect("begun");
        let made = device.register(&bytes(&options.0), &Attest::None);
        let new = NewDeviceKey {
            name: "phone".to_owned(),
            credential_id: made.credential_id,
            client_data: made.client_data,
            attestation_object: made.attestation_object,
            device: None,
            integrity,
        };
        self.members.finish_device_key(user, new, "mch_1", noon()).await
    }

    /// Has the key stand as one whose maker is trusted.
    async fn trust(&self, key: DeviceKeyId) {
        let unit = self.records.write(move |txn| {
            Box::pin(async move {
                let sql = "UPDATE member_device_key SET attestation = 'trusted' WHERE id = $1";
                records::rows::execute(txn, sql, vec![key.to_string().into()]).await
            })
        });
        assert_eq!(unit.await.expect("written"), 1);
    }

    async fn sign(
        &self,
        user: UserId,
        device: &mut Authenticator,
        integrity: Integrity,
        now: Timestamp,
    ) -> Result<Factors, Error> {
        let asked = self.members.device_challenge(user, &order(), None, now).await.expect("asked");
        let made = device.assert(&bytes(&asked.sign.0));
        let answer = DeviceAnswer {
            credential_id: made.credential_id,
            client_data: made.client_data,
            authenticator_data: made.authenticator_data,
            signature: made.signature,
            user_handle: None,
            integrity,
        };
        let checked = self.members.verify_device_key(user, &order(), &answer, now).await;
        if matches!(checked, Err(Error::DeviceState { .. })) {
            let again = self.members.verify_device_key(user, &order(), &answer, now).await;
            assert_eq!(again.expect_err("used up").code(), "device_key_challenge_unknown");
        }
        checked
    }

    async fn stands(&self, user: UserId) -> (Integrity, Option<Timestamp>, bool) {
        let keys = self.members.device_keys(user).await.expect("keys");
        (keys[0].integrity, keys[0].reported_at, self.members.is_assured(&keys[0]))
    }
}

#[tokio::test]
async fn each_report_is_kept_and_a_compromised_device_stays_so() {
    let house = House::open().await;
    let user = house.with_password(1).await.user;
    let mut device = phone();
    let key = house.key(user, &device, Integrity::Unknown).await.expect("registered");
    assert_eq!((key.integrity, key.reported_at), (Integrity::Unknown, None));
    house.trust(key.id).await;
    let (full, plain) = ("device_key+body", "plain_device_key");
    let at = |n: i64| noon().plus_seconds(n);
    let (intact, broken) = (Integrity::Intact, Integrity::Compromised);
    for (n, reported, words, stands) in [
        (1, Integrity::Unknown, full, (Integrity::Unknown, None, true)),
        (2, intact, full, (intact, Some(at(2)), true)),
        (3, Integrity::Unknown, full, (intact, Some(at(2)), true)),
        (4, broken, plain, (broken, Some(at(4)), false)),
        (5, intact, plain, (broken, Some(at(5)), false)),
        (6, Integrity::Unknown, plain, (broken, Some(at(5)), false)),
    ] {
        let signed = house.sign(user, &mut device, reported, at(n)).await.expect("signed");
        assert_eq!(signed.words(), words, "{n}");
        assert_eq!(house.stands(user).await, stands, "{n}");
    }
}

#[tokio::test]
async fn a_rule_may_refuse_a_compromised_device_and_keeps_the_report_all_the_same() {
    let house = strict(StateEffect::Lower, StateEffect::Refuse).await;
    let user = house.with_password(1).await.user;
    let mut device = phone();
    let refused = house.key(user, &device, Integrity::Compromised).await;
    assert_eq!(refused.expect_err("refused").code(), "device_state_refused");
    let key = house.key(user, &device, Integrity::Intact).await.expect("registered");
    house.trust(key.id).await;
    let silent = house.sign(user, &mut device, Integrity::Unknown, noon()).await.expect("signed");
    assert_eq!(silent.words(), "plain_device_key", "silence lowers here");
    for reported in [Integrity::Compromised, Integrity::Intact] {
        let refused = house.sign(user, &mut device, reported, noon()).await;
        assert_eq!(refused.expect_err("refused").code(), "device_state_refused");
        assert_eq!(house.stands(user).await.0, Integrity::Compromised);
    }
}

#[tokio::test]
async fn a_rule_may_refuse_a_device_that_says_nothing() {
    let house = strict(StateEffect::Refuse, StateEffect::Refuse).await;
    let user = house.with_password(1).await.user;
    let mut device = phone();
    let silent = house.key(user, &device, Integrity::Unknown).await;
    assert_eq!(silent.expect_err("refused").code(), "device_state_refused");
    house.key(user, &device, Integrity::Intact).await.expect("registered");
    let silent = house.sign(user, &mut device, Integrity::Unknown, noon()).await;
    assert_eq!(silent.expect_err("refused").code(), "device_state_refused");
    assert!(house.sign(user, &mut device, Integrity::Intact, noon()).await.is_ok());
}
