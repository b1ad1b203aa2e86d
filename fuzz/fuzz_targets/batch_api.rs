//! The compact form of the batch API, both ends of it: any bytes are refused with a place in them
//! or mean exactly one thing, whose form they are.

#![no_main]

use ledger::codec::Encoded;
use ledger::wire::{self, WireError};
use ledger::{Command, Transaction};
use libfuzzer_sys::fuzz_target;

/// As many as a call may have.
const LIMIT: usize = 8_192;

fn refused(bytes: &[u8], error: WireError) {
    if let WireError::Malformed { offset, reason } = error {
        assert!(offset <= bytes.len(), "{offset}: {reason}");
    }
}

fn transactions(bytes: &[u8]) {
    let decoded = wire::decode_transactions(bytes, LIMIT);
    let taken = wire::take_transactions(bytes, LIMIT);
    let commands = match decoded {
        Ok(commands) => commands,
        Err(error) => {
            assert_eq!(taken, Err(error));
            return refused(bytes, error);
        }
    };
    assert_eq!(taken, Ok(Encoded::of(&commands)));
    let transaction = |command: &Command| match command {
        Command::Transact(transaction) => transaction.clone(),
        other => panic!("{other:?} among transactions"),
    };
    let all: Vec<Transaction> = commands.iter().map(transaction).collect();
    let mut again = Vec::new();
    wire::encode_transactions(all.iter(), &mut again);
    assert_eq!(again, bytes, "one value has one form");
}

fn lookups(bytes: &[u8]) {
    match wire::decode_lookups(bytes, LIMIT) {
        Err(error) => refused(bytes, error),
        Ok(lookups) => {
            let mut again = Vec::new();
            wire::encode_lookups(&lookups, &mut again);
            assert_eq!(again, bytes, "one value has one form");
        }
    }
}

fn answers(bytes: &[u8]) {
    if let Err(error) = wire::decode_outcomes(bytes) {
        refused(bytes, error);
    }
    match wire::decode_found(bytes) {
        Err(error) => refused(bytes, error),
        Ok(found) => {
            let mut again = Vec::new();
            wire::encode_found(&found, &mut again);
            assert_eq!(again, bytes, "one value has one form");
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    transactions(bytes);
    lookups(bytes);
    answers(bytes);
});
