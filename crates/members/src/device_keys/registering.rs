//! Registering a device key: asked for under the payment password, finished with what the browser
//! answered.

use super::challenge_unknown;
use crate::error::Error;
use crate::keypad::{Binding, Envelope};
use crate::members::Members;
use crate::model::device_key::{DeviceKey, Purpose, is_device, is_name};
use crate::model::device_state::Integrity;
use crate::store::device_keys::{self, KeyRow};
use money::Amount;
use records::audit;
use types::{DeviceKeyId, Timestamp, UserId};
use webauthn::{CreationOptions, NewKey, Person, Registration};

/// A browser's answer to a registration, with what the app says of its device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeviceKey {
    /// What its owner calls it.
    pub name: String,
    /// Its id at the authenticator.
    pub credential_id: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `attestationObject`.
    pub attestation_object: Vec<u8>,
    /// The device's id.
    pub device: Option<String>,
    /// Whether the device was rooted or jailbroken.
    pub integrity: Integrity,
}

impl Members {
    /// What the payment password's envelope for a new device key is bound to.
    pub fn device_key_binding() -> Binding {
        Binding { order: "device_key.register".into(), amount: Amount::ZERO, payee: String::new() }
    }

    /// Begins the registration of a device key: whoever adds one must know the payment password.
    /// The answer is for the browser's `navigator.credentials.create`.
    ///
    /// # Errors
    /// Those of [`Members::verify_payment_password`]; `user_not_found`; `device_keys_exceeded`.
    pub async fn begin_device_key(
        &self,
        user: UserId,
        envelope: &Envelope,
        now: Timestamp,
    ) -> Result<CreationOptions, Error> {
        let row = self.user_row(user).await?;
        let known = device_keys::of_user(self.db(), user).await?;
        self.room_for(known.len())?;
        self.verify_payment_password(user, envelope, &Self::device_key_binding(), now).await?;
        let challenge = self.give_challenge(user, Purpose::Register, now).await?;
        let name = self.unseal("user.phone", &user, &row.phone)?.to_string();
        let known: Vec<Vec<u8>> = known.into_iter().map(|row| row.key.credential_id).collect();
        let new = NewKey {
            party_name: &self.inner.config.device_keys.name,
            person: Person { handle: &handle(user), name: &name },
            challenge: &challenge,
            known: &known,
        };
        Ok(CreationOptions::new(&self.inner.party, &new))
    }

    /// Finishes the registration of a device key. `actor` is who brings it, for the audit log.
    ///
    /// # Errors
    /// `device_key_name_invalid`, `text_invalid` for the device's id;
    /// `device_key_challenge_unknown`, `device_key_challenge_expired`; those of
    /// [`webauthn::register`]; `device_key_exists`, `device_keys_exceeded`; `device_state_refused`.
    pub async fn finish_device_key(
        &self,
        user: UserId,
        new: NewDeviceKey,
        actor: &str,
        now: Timestamp,
    ) -> Result<DeviceKey, Error> {
        check_name(&new.name)?;
        if new.device.as_deref().is_some_and(|device| !is_device(device)) {
            let (en, zh) = (
                "a device's id is 1 to 128 visible ASCII",
                "设备编号须为 1 至 128 个可见 ASCII 字符",
            );
            return Err(Error::invalid("device", "text_invalid", en, zh));
        }
        self.state_effect(new.integrity)?;
        let given = self.answered(user, None, &new.client_data, now).await?;
        let answer = Registration {
            credential_id: &new.credential_id,
            client_data: &new.client_data,
            attestation_object: &new.attestation_object,
        };
        let made = webauthn::register(&self.inner.party, &answer, &given.challenge, now)?;
        let id = DeviceKeyId::random(now, self.inner.random.as_ref());
        let row = row(id, user, new, made, now);
        let key = row.key.clone();
        let (actor, most) = (actor.to_owned(), self.inner.config.device_keys.most);
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                if !device_keys::use_up(txn, given.challenge).await? {
                    return Err(challenge_unknown());
                }
                let known = device_keys::of_user(txn, user).await?.len();
                if u32::try_from(known).unwrap_or(u32::MAX) >= most {
                    return Err(Error::TooManyDeviceKeys { most });
                }
                let after = serde_json::json!({
                    "key": row.key.id, "name": row.key.name,
                    "attestation": row.key.attestation.word(),
                });
                if !device_keys::insert(txn, row).await? {
                    return Err(Error::Taken { field: "credential_id", code: "device_key_exists" });
                }
                let subject = user.to_string();
                let action = "device_key.add";
                audit::append(txn, &actor, action, &subject, None, Some(&after), now).await?;
                Ok(())
            })
        });
        unit.await?;
        Ok(key)
    }

    fn room_for(&self, known: usize) -> Result<(), Error> {
        let most = self.inner.config.device_keys.most;
        if u32::try_from(known).unwrap_or(u32::MAX) < most {
            Ok(())
        } else {
            Err(Error::TooManyDeviceKeys { most })
        }
    }
}

/// The user handle: the user's id, which says nothing of the person.
pub(super) fn handle(user: UserId) -> [u8; 16] {
    user.as_u128().to_be_bytes()
}

pub(super) fn check_name(name: &str) -> Result<(), Error> {
    if is_name(name) {
        return Ok(());
    }
    let en = "a key's name is 1 to 64 characters, no control ones, no blanks at its ends";
    let zh = "密钥名称须为 1 至 64 个字符，不含控制字符，首尾无空格";
    Err(Error::invalid("name", "device_key_name_invalid", en, zh))
}

fn row(
    id: DeviceKeyId,
    user: UserId,
    new: NewDeviceKey,
    made: webauthn::Credential,
    now: Timestamp,
) -> KeyRow {
    let key = DeviceKey {
        id,
        user,
        name: new.name,
        credential_id: made.id,
        algorithm: made.key.algorithm(),
        counter: made.counter,
        attestation: made.attestation,
        aaguid: made.aaguid,
        user_verified: made.user_verified,
        backup_eligible: made.backup_eligible,
        backed_up: made.backed_up,
        device: new.device,
        integrity: new.integrity,
        reported_at: (new.integrity != Integrity::Unknown).then_some(now),
        created_at: now,
        last_used_at: None,
        marked_at: None,
    };
    KeyRow { key, public_key: made.key }
}
