//! The JSON form of the batch API: any bytes are refused with one problem, or mean exactly one thing,
//! which reads back from JSON and from the compact form alike.

#![no_main]

use jsonform::parse;
use jsonform::requests::{
    AccountsBody, HistoryBody, LookupsBody, TransactionItem, TransactionsBody,
};
use ledger::codec::Encoded;
use ledger::wire::{self, Lookups};
use ledger::{Command, MAX_CONDITIONS, Transaction};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;
use types::Problem;

/// As many as a call may have.
const LIMIT: usize = 8_192;
const CODES: [&str; 5] =
    ["malformed_json", "unknown_field", "missing_field", "duplicate_field", "invalid_field"];

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    match parse::<T>(bytes) {
        Ok(value) => Some(value),
        Err(Problem { code, .. }) => {
            assert!(CODES.contains(&code), "{code}");
            None
        }
    }
}

fn transactions(bytes: &[u8]) {
    let Some(body) = read::<TransactionsBody>(bytes) else { return };
    let all: Vec<Transaction> = body.items.into_iter().map(Into::into).collect();
    for transaction in &all {
        let item = TransactionItem::from(transaction.clone());
        let text = serde_json::to_vec(&item).expect("it is JSON");
        let again = parse::<TransactionItem>(&text).map(Transaction::from);
        assert_eq!(again.as_ref(), Ok(transaction), "{}", String::from_utf8_lossy(&text));
    }
    // More conditions than any transaction may have are refused later, and have no frame.
    if all.iter().any(|one| one.conditions.len() > MAX_CONDITIONS) {
        return;
    }
    let mut frame = Vec::new();
    wire::encode_transactions(all.iter(), &mut frame);
    let commands: Vec<Command> = all.into_iter().map(Command::Transact).collect();
    assert_eq!(wire::decode_transactions(&frame, LIMIT), Ok(commands));
}

fn accounts(bytes: &[u8]) {
    let Some(body) = read::<AccountsBody>(bytes) else { return };
    let commands: Vec<Command> = body.items.into_iter().map(Into::into).collect();
    let encoded = Encoded::of(&commands);
    assert_eq!(encoded.len(), commands.len());
}

fn lookups(bytes: &[u8]) {
    let Some(lookups) = read::<LookupsBody>(bytes).map(Lookups::from) else { return };
    let mut frame = Vec::new();
    wire::encode_lookups(&lookups, &mut frame);
    assert_eq!(wire::decode_lookups(&frame, LIMIT), Ok(lookups));
}

fuzz_target!(|bytes: &[u8]| {
    transactions(bytes);
    accounts(bytes);
    lookups(bytes);
    let _: Option<HistoryBody> = read(bytes);
});
