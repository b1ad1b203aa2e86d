//! Keys of the key pad, and what the seeds' envelopes are sealed for.

use keypad::{Binding, Envelope, Nonce, PrivateKey, Suite};
use money::Amount;
use testkit::SeededRandom;
use types::{Timestamp, UserId};

/// The password in every seed.
pub const PASSWORD: &str = "830592";

/// The same key in every program.
pub fn hpke() -> PrivateKey {
    PrivateKey::from_secret(Suite::Hpke, &[7; 32]).expect("32 bytes")
}

/// Another in every program: aws-lc takes no chance from outside.
pub fn rsa() -> PrivateKey {
    PrivateKey::generate(Suite::RsaOaep, &SeededRandom::new(1)).expect("offered")
}

/// Who seals.
pub fn user() -> UserId {
    UserId::from_u128(1)
}

/// An order.
pub fn order(no: &str) -> Binding {
    let amount = Amount::new(1_234).expect("small");
    Binding { order: no.to_owned(), amount, payee: "mch_1".to_owned() }
}

/// A password sealed for order `m-1`.
pub fn sealed(key: &PrivateKey) -> Envelope {
    let (nonce, random) = (Nonce("00ff".to_owned()), SeededRandom::new(1));
    let at = Timestamp::from_millis(1_000);
    keypad::seal(key.info(), &nonce, user(), &order("m-1"), PASSWORD, at, &random).expect("a key")
}
