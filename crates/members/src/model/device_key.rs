//! Device keys: what a fingerprint or face payment should be (members.md, "Device keys").
//!
//! A phone alone says only true or false. A key that never leaves the device signs a challenge
//! that carries the order; how much that is worth depends on what speaks for the key.

use super::device_state::{DeviceStateRule, Integrity, StateEffect};
use super::factor::{Factor, Factors};
use money::{Amount, AssetId};
use sha2::{Digest as _, Sha256};
use types::{DeviceKeyId, OrderId, Text, Timestamp, UserId};
use webauthn::{Algorithm, Attestation};

/// The most characters of a key's name.
pub const MAX_NAME: usize = 64;
/// The most bytes of a device's id.
pub const MAX_DEVICE: usize = 128;

/// A registered key as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceKey {
    /// Its id here.
    pub id: DeviceKeyId,
    /// Whose it is.
    pub user: UserId,
    /// What its owner calls it.
    pub name: String,
    /// Its id at the authenticator.
    pub credential_id: Vec<u8>,
    /// How it signs.
    pub algorithm: Algorithm,
    /// How often it has signed; zero if it does not count.
    pub counter: u32,
    /// What speaks for it.
    pub attestation: Attestation,
    /// The authenticator's model; zeros where it does not tell.
    pub aaguid: [u8; 16],
    /// Whether its user was verified when it was made.
    pub user_verified: bool,
    /// Whether it may be copied to other devices.
    pub backup_eligible: bool,
    /// Whether it was copied, as far as it last said.
    pub backed_up: bool,
    /// The id of the device it was made on, as the app told.
    pub device: Option<String>,
    /// What the app said of that device; once compromised, it stays so.
    pub integrity: Integrity,
    /// When the app last said anything of it.
    pub reported_at: Option<Timestamp>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last signed.
    pub last_used_at: Option<Timestamp>,
    /// When its counter did not move on: it may have been copied.
    pub marked_at: Option<Timestamp>,
}

impl DeviceKey {
    /// Whether it stands above a payment password: a maker that is trusted says that it cannot
    /// leave its device, nothing speaks against that, and its device's state counts.
    pub fn is_assured(&self, rule: DeviceStateRule) -> bool {
        self.is_bound() && rule.effect(self.integrity) == StateEffect::Count
    }

    /// What a signature of it proves, made on a device in this state.
    ///
    /// Possession is a factor only if the thing cannot be copied (regulation.md, factors), which
    /// only its maker can say; the verified user is a second one, which again only counts where
    /// the authenticator can be believed. An electronic signature in the law's sense needs a
    /// certificate in the customer's name, which this is not.
    pub fn factors(&self, effect: StateEffect, user_verified: bool) -> Factors {
        let assured = self.is_bound() && effect == StateEffect::Count;
        let shown: &[Factor] = match (assured, user_verified) {
            (true, true) => &[Factor::DeviceKey, Factor::Body],
            (true, false) => &[Factor::DeviceKey],
            (false, _) => &[Factor::PlainDeviceKey],
        };
        shown.iter().copied().collect()
    }

    fn is_bound(&self) -> bool {
        self.attestation == Attestation::Trusted
            && !self.backup_eligible
            && self.marked_at.is_none()
    }
}

/// An order as a key signs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderToSign {
    /// The order.
    pub order: OrderId,
    /// How much, in minor units.
    pub amount: Amount,
    /// Of what.
    pub asset: AssetId,
    /// Who is paid: a merchant's or user's id; empty where nobody is.
    pub payee: String,
    /// The payee's name, for the browser to show; only a merchant has one that others may see.
    pub payee_name: Option<Text>,
}

/// What a challenge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// A new key.
    Register,
    /// An order; with the payee's page, where the browser is to show the payment.
    Order(&'a OrderToSign, Option<&'a str>),
}

/// The challenge: a digest over everything that the signature is to stand for. Each part is led by
/// its length, so that none runs into the next.
pub fn challenge(
    user: UserId,
    purpose: Purpose<'_>,
    nonce: &[u8; 32],
    expires_at: Timestamp,
) -> [u8; 32] {
    let mut digest = Sha256::new();
    let mut part = |bytes: &[u8]| {
        digest.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(bytes);
    };
    part(b"countinghouse device key 1");
    part(user.to_string().as_bytes());
    match purpose {
        Purpose::Register => part(b"register"),
        Purpose::Order(order, page) => {
            part(b"order");
            part(order.order.to_string().as_bytes());
            part(order.amount.to_string().as_bytes());
            part(&order.asset.0.to_be_bytes());
            part(order.payee.as_bytes());
            part(page.unwrap_or_default().as_bytes());
        }
    }
    part(nonce);
    part(expires_at.as_micros().to_string().as_bytes());
    digest.finalize().into()
}

/// Whether this may be a key's name: 1 to 64 characters, no control ones.
pub fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.chars().count())
        && !text.chars().any(char::is_control)
        && text.trim() == text
}

/// Whether this may be a device's id: visible ASCII.
pub fn is_device(text: &str) -> bool {
    (1..=MAX_DEVICE).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Whether this is the origin of a page that browsers let ask for keys: `https`, or this machine
/// itself.
pub fn is_page(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| {
        let here = matches!(url.host_str(), Some("localhost")) && url.scheme() == "http";
        (url.scheme() == "https" || here) && url.origin().ascii_serialization() == text
    })
}

/// Whether a page may use the keys of this relying party: its host is the party's domain or lies
/// in it.
pub fn is_of_party(page: &str, party: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(page) else { return false };
    let Some(host) = url.host_str() else { return false };
    host == party || host.strip_suffix(party).is_some_and(|front| front.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use money::CNY;

    fn order() -> OrderToSign {
        OrderToSign {
            order: OrderId::from_u128(1),
            amount: Amount::new(1_299).expect("small"),
            asset: CNY,
            payee: "mch_1".to_owned(),
            payee_name: None,
        }
    }

    #[test]
    fn every_part_changes_the_challenge() {
        let (user, at) = (UserId::from_u128(7), Timestamp::from_millis(5));
        let of =
            |order: &OrderToSign, page| challenge(user, Purpose::Order(order, page), &[1; 32], at);
        let good = of(&order(), None);
        assert_eq!(good, of(&order(), None));
        let other = |bend: fn(&mut OrderToSign)| {
            let mut bent = order();
            bend(&mut bent);
            of(&bent, None)
        };
        let purpose = Purpose::Order(&order(), None);
        let others = [
            other(|o| o.order = OrderId::from_u128(2)),
            other(|o| o.amount = Amount::new(1_298).expect("small")),
            other(|o| o.asset = AssetId(9)),
            other(|o| o.payee = "mch_2".to_owned()),
            of(&order(), Some("https://shop.example")),
            challenge(UserId::from_u128(8), purpose, &[1; 32], at),
            challenge(user, purpose, &[2; 32], at),
            challenge(user, purpose, &[1; 32], at.plus_seconds(1)),
            challenge(user, Purpose::Register, &[1; 32], at),
        ];
        for (index, found) in others.iter().enumerate() {
            assert_ne!(*found, good, "{index}");
            assert!(!others[..index].contains(found), "{index}");
        }
    }

    fn key() -> DeviceKey {
        DeviceKey {
            id: DeviceKeyId::from_u128(1),
            user: UserId::from_u128(7),
            name: "phone".to_owned(),
            credential_id: vec![1; 32],
            algorithm: Algorithm::Es256,
            counter: 1,
            attestation: Attestation::Trusted,
            aaguid: [0; 16],
            user_verified: true,
            backup_eligible: false,
            backed_up: false,
            device: None,
            integrity: Integrity::Unknown,
            reported_at: None,
            created_at: Timestamp::from_micros(0),
            last_used_at: None,
            marked_at: None,
        }
    }

    #[test]
    fn only_a_key_that_its_maker_speaks_for_stands_above_the_password() {
        let rule = DeviceStateRule::default();
        assert!(key().is_assured(rule));
        let marked_at = Some(Timestamp::from_micros(1));
        let plain: Factors = [Factor::PlainDeviceKey].into_iter().collect();
        for doubtful in [
            DeviceKey { attestation: Attestation::None, ..key() },
            DeviceKey { attestation: Attestation::SelfSigned, ..key() },
            DeviceKey { attestation: Attestation::Untrusted, ..key() },
            DeviceKey { backup_eligible: true, ..key() },
            DeviceKey { marked_at, ..key() },
        ] {
            assert!(!doubtful.is_assured(rule), "{doubtful:?}");
            assert_eq!(doubtful.factors(StateEffect::Count, true), plain, "{doubtful:?}");
        }
        assert!(!DeviceKey { integrity: Integrity::Compromised, ..key() }.is_assured(rule));
        for (effect, user_verified, words) in [
            (StateEffect::Count, true, "device_key+body"),
            (StateEffect::Count, false, "device_key"),
            (StateEffect::Lower, true, "plain_device_key"),
            (StateEffect::Refuse, false, "plain_device_key"),
        ] {
            assert_eq!(key().factors(effect, user_verified).words(), words);
        }
    }

    #[test]
    fn pages_names_and_devices() {
        for (page, holds) in [
            ("https://shop.example", true),
            ("https://shop.example:8443", true),
            ("http://localhost:8787", true),
            ("http://shop.example", false),
            ("http://localhost.shop.example", false),
            ("https://shop.example/", false),
            ("https://shop.example:443", false),
            ("https://SHOP.example", false),
            ("https://u@shop.example", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(is_page(page), holds, "{page}");
        }
        for (page, party, holds) in [
            ("https://pay.example", "pay.example", true),
            ("https://app.pay.example", "pay.example", true),
            ("https://evilpay.example", "pay.example", false),
            ("https://pay.example.evil", "pay.example", false),
        ] {
            assert_eq!(is_of_party(page, party), holds, "{page} {party}");
        }
        for (name, holds) in [
            ("我的手机", true),
            ("", false),
            (" x", false),
            ("a\nb", false),
            (&"x".repeat(65), false),
        ] {
            assert_eq!(is_name(name), holds, "{name}");
        }
        assert!(is_device("A1B2-C3") && !is_device("") && !is_device("a b"));
    }
}
