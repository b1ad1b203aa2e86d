//! The password envelope: any text is refused or read into one value, and nothing that the fuzzer
//! makes of one opens for another use than it was sealed for.

#![no_main]

use fuzz::pad::{self, PASSWORD};
use keypad::{Envelope, OpenError, PrivateKey};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

static KEYS: OnceLock<[PrivateKey; 2]> = OnceLock::new();

fn open(key: &PrivateKey, envelope: &Envelope) {
    for (order, right) in [("m-1", true), ("m-2", false)] {
        match key.open(envelope, pad::user(), &pad::order(order)) {
            Err(error) => {
                assert_eq!(error == OpenError::Oversize, envelope.is_oversize(), "{error}");
            }
            // Nobody but the seeds' maker can seal what opens.
            Ok(plain) => {
                assert!(right, "it opened for another order");
                assert_eq!(plain.as_slice(), PASSWORD.as_bytes());
            }
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut envelope) = serde_json::from_slice::<Envelope>(bytes) else { return };
    let again = serde_json::to_vec(&envelope).expect("it was read");
    let again: Envelope = serde_json::from_slice(&again).expect("what is written can be read");
    // Moments are written to the millisecond, and it is the millisecond that is sealed.
    let moment = envelope.sealed_at.as_millis();
    assert_eq!(again.sealed_at.as_millis(), moment);
    assert_eq!(again, Envelope { sealed_at: again.sealed_at, ..envelope.clone() });
    for key in KEYS.get_or_init(|| [pad::hpke(), pad::rsa()]) {
        open(key, &envelope);
        // As if it named the right key, so that what lies behind is reached.
        envelope.suite.clone_from(&key.info().suite);
        envelope.key_id.clone_from(&key.info().key_id);
        open(key, &envelope);
    }
});
