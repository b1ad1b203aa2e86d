//! Every suite: it opens for its use, and for nothing else.

use crate::{Binding, Envelope, KeyError, Nonce, OpenError, PrivateKey, PublicKeyInfo, SealError};
use crate::{Suite, base64url, seal};
use money::Amount;
use testkit::SeededRandom;
use types::{Timestamp, UserId};

struct Sealed {
    key: PrivateKey,
    user: UserId,
    binding: Binding,
    envelope: Envelope,
}

impl Sealed {
    fn by(suite: Suite) -> Self {
        let random = SeededRandom::new(1);
        let key = PrivateKey::generate(suite, &random).expect("offered");
        let user = UserId::from_u128(1);
        let amount = Amount::new(1_234).expect("small");
        let binding = Binding { order: "m-1".into(), amount, payee: "mch_1".into() };
        let nonce = Nonce("00ff".into());
        let now = Timestamp::from_millis(1_000);
        let envelope = seal(key.info(), &nonce, user, &binding, "830592", now, &random);
        Self { user, binding, envelope: envelope.expect("sealed"), key }
    }

    fn open(&self, envelope: &Envelope) -> Result<Vec<u8>, OpenError> {
        self.key.open(envelope, self.user, &self.binding).map(|plain| plain.to_vec())
    }
}

#[test]
fn it_opens_for_its_use_and_no_other() {
    for suite in Suite::OFFERED {
        let sealed = Sealed::by(*suite);
        assert_eq!(sealed.open(&sealed.envelope), Ok(b"830592".to_vec()), "{suite}");
        let Sealed { key, user, binding, envelope } = &sealed;
        let closed = |user, binding: &Binding| {
            assert_eq!(key.open(envelope, user, binding).err(), Some(OpenError::Closed));
        };
        closed(UserId::from_u128(2), binding);
        let amount = |minor| Amount::new(minor).expect("small");
        closed(*user, &Binding { order: "m-2".into(), ..binding.clone() });
        closed(*user, &Binding { amount: amount(1_235), ..binding.clone() });
        closed(*user, &Binding { payee: "mch_2".into(), ..binding.clone() });
        // The parts do not run into one another.
        closed(*user, &Binding { order: "m-11".into(), amount: amount(234), ..binding.clone() });
        for altered in [
            Envelope { nonce: Nonce("00fe".into()), ..envelope.clone() },
            Envelope { sealed_at: Timestamp::from_millis(1_001), ..envelope.clone() },
        ] {
            assert_eq!(sealed.open(&altered), Err(OpenError::Closed), "{altered:?}");
        }
    }
}

#[test]
fn cut_or_altered_at_any_byte_it_stays_closed() {
    for suite in Suite::OFFERED {
        let sealed = Sealed::by(*suite);
        let parts = [&sealed.envelope.enc, &sealed.envelope.ciphertext]
            .map(|part| base64url::decode(part).expect("base64url"));
        for (part, bytes) in parts.iter().enumerate() {
            let with = |bytes: &[u8]| {
                let mut envelope = sealed.envelope.clone();
                let text = base64url::encode(bytes);
                if part == 0 {
                    envelope.enc = text;
                } else {
                    envelope.ciphertext = text;
                }
                envelope
            };
            for length in 0..bytes.len() {
                let cut = with(&bytes[..length]);
                assert_eq!(sealed.open(&cut), Err(OpenError::Closed), "{suite}: {length}");
            }
            assert_eq!(sealed.open(&with(&[bytes, &[0][..]].concat())), Err(OpenError::Closed));
            for place in 0..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[place] ^= 1;
                let altered = with(&flipped);
                assert_eq!(sealed.open(&altered), Err(OpenError::Closed), "{suite}: {place}");
            }
        }
        for enc in ["", "AA", &"A".repeat(43), "not base64!"] {
            let altered = Envelope { enc: enc.to_owned(), ..sealed.envelope.clone() };
            assert_eq!(sealed.open(&altered), Err(OpenError::Closed), "{suite}: {enc}");
        }
    }
}

#[test]
fn another_key_another_suite_and_oversize_are_named() {
    for suite in Suite::OFFERED {
        let (sealed, other) =
            (Sealed::by(*suite), Suite::OFFERED[usize::from(*suite == Suite::Hpke)]);
        let envelope = &sealed.envelope;
        for altered in [
            Envelope { key_id: "other".into(), ..envelope.clone() },
            Envelope { suite: other.name().into(), ..envelope.clone() },
            Envelope { suite: "rot13".into(), ..envelope.clone() },
        ] {
            assert_eq!(sealed.open(&altered), Err(OpenError::OtherKey), "{altered:?}");
        }
        for oversize in [
            Envelope { enc: "A".repeat(1_025), ..envelope.clone() },
            Envelope { ciphertext: "A".repeat(257), ..envelope.clone() },
            Envelope { suite: "A".repeat(65), ..envelope.clone() },
            Envelope { key_id: "A".repeat(65), ..envelope.clone() },
            Envelope { nonce: Nonce("A".repeat(65)), ..envelope.clone() },
        ] {
            assert_eq!(sealed.open(&oversize), Err(OpenError::Oversize), "{oversize:?}");
        }
    }
}

#[test]
fn a_kept_secret_is_the_same_key_again() {
    for suite in Suite::OFFERED {
        let sealed = Sealed::by(*suite);
        let again = PrivateKey::from_secret(*suite, &sealed.key.secret()).expect("its secret");
        assert_eq!(again.info(), sealed.key.info(), "{suite}");
        let opened = again.open(&sealed.envelope, sealed.user, &sealed.binding);
        assert_eq!(opened.expect("open").as_slice(), b"830592");
        for secret in [&[][..], &[1; 31], &[0; 33]] {
            let made = PrivateKey::from_secret(*suite, secret).map(|_| ());
            assert_eq!(made, Err(KeyError(*suite)), "{suite}");
        }
    }
}

#[test]
fn a_bad_public_key_is_an_error_of_the_client() {
    let sealed = Sealed::by(Suite::Hpke);
    let random = SeededRandom::new(1);
    let attempt = |suite: &str, public_key: &str| {
        let (suite, public_key) = (suite.to_owned(), public_key.to_owned());
        let key = PublicKeyInfo { suite, public_key, ..sealed.key.info().clone() };
        let now = Timestamp::from_millis(0);
        seal(&key, &sealed.envelope.nonce, sealed.user, &sealed.binding, "1", now, &random)
            .map(|_| ())
    };
    for suite in Suite::OFFERED {
        for public_key in ["", "AA", "%%%", &"A".repeat(87)] {
            let result = attempt(suite.name(), public_key);
            assert_eq!(result, Err(SealError::Key), "{suite} {public_key}");
        }
    }
    assert_eq!(attempt("rot13", "AA"), Err(SealError::Suite("rot13".into())));
}

#[test]
fn an_envelope_is_read_strictly() {
    let envelope = Sealed::by(Suite::Hpke).envelope;
    let json = serde_json::to_value(&envelope).expect("JSON");
    assert_eq!(serde_json::from_value::<Envelope>(json.clone()).expect("read"), envelope);
    for field in ["suite", "key_id", "nonce", "sealed_at", "enc", "ciphertext"] {
        let mut without = json.clone();
        without.as_object_mut().expect("fields").remove(field);
        assert!(serde_json::from_value::<Envelope>(without).is_err(), "{field}");
        let mut wrong = json.clone();
        wrong[field] = 7.5.into();
        assert!(serde_json::from_value::<Envelope>(wrong).is_err(), "{field}");
    }
    let mut more = json;
    more["password"] = "830592".into();
    assert!(serde_json::from_value::<Envelope>(more).is_err());
}
