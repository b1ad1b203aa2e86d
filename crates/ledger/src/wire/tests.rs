//! Every frame reads back; nothing else is read, at whatever byte it breaks.

use super::*;
use crate::{
    Action, Command, Condition, Controls, CorrectedBy, Correction, CorrectionKind, Flags,
    FundStates, GlCode, Lot, NewAccount, Outcome, Owner, Posting, Receipt, Refusal, Side,
    Transaction, TransactionState, UpTo,
};
use money::{Amount, AssetId};
use types::{AccountId, BusinessDate, MerchantId, OrderId, Timestamp, TransactionId, UserId};

const LIMIT: usize = 8_192;

fn amount(minor: u64) -> Amount {
    Amount::new(minor).expect("within bounds")
}

fn account(n: u128) -> AccountId {
    AccountId::from_u128(n)
}

fn id(n: u128) -> TransactionId {
    TransactionId::from_u128(n)
}

fn date() -> BusinessDate {
    "2026-10-12".parse().expect("a date")
}

fn plain(n: u128) -> Transaction {
    Transaction {
        id: id(n),
        event: 7,
        order: None,
        reference: 0,
        date: None,
        action: Action::Post,
        postings: vec![Posting::exact(account(1), account(2), amount(100))],
        conditions: Vec::new(),
        corrects: None,
    }
}

/// Every optional part at least once, alone and together.
fn transactions() -> Vec<Transaction> {
    let up_to = |up_to| Posting { up_to, ..Posting::exact(account(3), account(4), amount(5)) };
    let at = Timestamp::from_micros(1_791_000_000_000_000);
    let condition = Condition { account: account(9), at_least: amount(1) };
    let corrects = Some(Correction { of: id(1), kind: CorrectionKind::Reversal });
    vec![
        plain(1),
        Transaction { order: Some(OrderId::from_u128(4)), ..plain(u128::MAX) },
        Transaction { reference: u128::MAX, date: Some(date()), ..plain(3) },
        Transaction { action: Action::Hold { expires_at: None }, ..plain(4) },
        Transaction { action: Action::Hold { expires_at: Some(at) }, ..plain(5) },
        Transaction { action: Action::PostHold { hold: id(4) }, postings: vec![], ..plain(6) },
        Transaction { action: Action::PostHold { hold: id(4) }, ..plain(7) },
        Transaction { action: Action::VoidHold { hold: id(5) }, postings: vec![], ..plain(8) },
        Transaction { postings: vec![up_to(UpTo::AvailableOfDebit)], ..plain(9) },
        Transaction { postings: vec![up_to(UpTo::AvailableOfDebit).settled()], ..plain(9) },
        Transaction { postings: vec![up_to(UpTo::Exact).settled()], ..plain(9) },
        Transaction {
            order: Some(OrderId::from_u128(8)),
            reference: 2,
            date: Some(date()),
            postings: vec![up_to(UpTo::Exact), up_to(UpTo::AvailableOfCredit)],
            conditions: vec![condition; 3],
            corrects,
            ..plain(10)
        },
        Transaction {
            corrects: Some(Correction { of: id(2), kind: CorrectionKind::Supplement }),
            conditions: vec![condition],
            ..plain(11)
        },
    ]
}

fn transactions_frame() -> Vec<u8> {
    let mut out = Vec::new();
    encode_transactions(transactions().iter(), &mut out);
    out
}

#[test]
fn transactions_read_back() {
    let commands: Vec<Command> = transactions().into_iter().map(Command::Transact).collect();
    let encoded = crate::codec::Encoded::of(&commands);
    assert_eq!(decode_transactions(&transactions_frame(), LIMIT), Ok(commands));
    assert_eq!(take_transactions(&transactions_frame(), LIMIT), Ok(encoded));
}

#[test]
fn a_plain_transfer_takes_sixty_bytes_as_documented() {
    let mut out = b"what was there before".to_vec();
    encode_transactions([plain(0x0201)].iter(), &mut out);
    let mut expected = b"CHLB\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00".to_vec();
    expected.extend([1, 2]);
    expected.extend([0; 14]);
    expected.extend([7, 0]);
    for account in [1, 2] {
        expected.push(account);
        expected.extend([0; 15]);
    }
    expected.extend([100, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(out, expected);
    assert_eq!(out.len(), 12 + 60);
}

/// Cut at any byte, or with one more: refused, and never for another reason than the cut.
fn cut_everywhere<T: std::fmt::Debug + PartialEq>(frame: &[u8], decode: impl Fn(&[u8]) -> Read<T>) {
    decode(frame).expect("the whole frame");
    for end in 0..frame.len() {
        match decode(&frame[..end]) {
            Err(WireError::Malformed { offset, .. }) => assert!(offset <= end, "{end}"),
            other => panic!("cut at {end}: {other:?}"),
        }
    }
    let longer = [frame, &[0]].concat();
    let offset = frame.len();
    let reason = "bytes follow the end";
    assert_eq!(decode(&longer), Err(WireError::Malformed { offset, reason }));
}

#[test]
fn a_frame_cut_at_any_byte_is_refused() {
    cut_everywhere(&transactions_frame(), |bytes| decode_transactions(bytes, LIMIT));
    cut_everywhere(&lookups_frame(), |bytes| decode_lookups(bytes, LIMIT));
    cut_everywhere(&outcomes_frame(), |bytes| decode_outcomes(bytes).map(|o| format!("{o:?}")));
    cut_everywhere(&found_frame(), decode_found);
}

/// One value has one form: whatever is read at all is written as it was read.
#[test]
fn a_flipped_bit_is_refused_or_reads_as_what_it_says() {
    let frame = transactions_frame();
    let (mut refused, mut read) = (0, 0);
    for place in 0..frame.len() {
        for bit in 0..8 {
            let mut bytes = frame.clone();
            bytes[place] ^= 1 << bit;
            let Ok(commands) = decode_transactions(&bytes, LIMIT) else {
                refused += 1;
                continue;
            };
            read += 1;
            let transactions: Vec<_> = commands
                .iter()
                .filter_map(|c| if let Command::Transact(t) = c { Some(t) } else { None })
                .collect();
            let mut again = Vec::new();
            encode_transactions(transactions.iter().copied(), &mut again);
            assert_eq!(again, bytes, "byte {place}, bit {bit}");
        }
    }
    assert!(refused > 200 && read > 1_000, "{refused} refused, {read} read");
}

/// A small generator of its own: the crate has no chance.
fn scramble(seed: &mut u64) -> u8 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    seed.to_le_bytes()[3]
}

#[test]
fn random_bytes_are_never_more_than_refused() {
    let mut seed = 0x9E37_79B9_7F4A_7C15;
    for round in 0..20_000 {
        let length = usize::from(scramble(&mut seed));
        let mut bytes: Vec<u8> = (0..length).map(|_| scramble(&mut seed)).collect();
        // Most get past the header, or nothing behind it would be tried.
        if round % 8 != 0 && length >= 12 {
            let kind = [1, 2, 129, 130][round % 4];
            bytes[..8].copy_from_slice(&[b'C', b'H', b'L', b'B', 1, kind, 0, 0]);
            bytes[8..12].copy_from_slice(&[scramble(&mut seed) % 8, 0, 0, 0]);
        }
        if let Ok(commands) = decode_transactions(&bytes, LIMIT) {
            assert!(commands.len() <= 8);
        }
        drop(decode_lookups(&bytes, LIMIT));
        drop(decode_outcomes(&bytes));
        drop(decode_found(&bytes));
    }
}

#[test]
fn other_headers_are_refused() {
    let frame = transactions_frame();
    let with = |place: usize, byte: u8| {
        let mut bytes = frame.clone();
        bytes[place] = byte;
        decode_transactions(&bytes, LIMIT).expect_err("refused")
    };
    assert_eq!(with(4, 2), WireError::Version { found: 2 });
    assert_eq!(with(4, 0), WireError::Version { found: 0 });
    for (place, offset) in [(0, 0), (3, 0), (5, 5), (6, 6), (7, 6)] {
        let error = with(place, 77);
        assert!(
            matches!(error, WireError::Malformed { offset: at, .. } if at == offset),
            "{error}"
        );
    }
    let error = decode_transactions(&frame, 3).expect_err("too many");
    assert_eq!(error, WireError::TooMany { found: transactions().len(), limit: 3 });
    // A count that the bytes cannot hold claims no memory.
    let mut bytes = frame.clone();
    bytes[8..12].copy_from_slice(&[0xFF; 4]);
    assert!(decode_transactions(&bytes, usize::MAX).is_err());
}

/// Flags that say what is not so, each a second form of a value that has one already.
#[test]
fn a_second_form_of_a_value_is_refused() {
    let frame = |tx: &Transaction| {
        let mut out = Vec::new();
        encode_transactions([tx.clone()].iter(), &mut out);
        out
    };
    let flag = |bytes: &mut Vec<u8>, flag: u16| {
        let flags = u16::from_le_bytes([bytes[12], bytes[13]]) | flag;
        bytes[12..14].copy_from_slice(&flags.to_le_bytes());
    };
    let refused = |bytes: &[u8], part: &str| {
        let error = decode_transactions(bytes, LIMIT).expect_err(part).to_string();
        assert!(error.contains(part), "{error}, not {part}");
    };
    let mut zero_reference = frame(&plain(1));
    flag(&mut zero_reference, 1 << 3);
    zero_reference.splice(32..32, [0; 16]);
    refused(&zero_reference, "the reference before is zero");
    let mut counted = frame(&plain(1));
    flag(&mut counted, 1 << 8);
    counted.splice(32..32, [1, 0]);
    refused(&counted, "a single posting is not counted");
    let mut none = frame(&plain(1));
    flag(&mut none, 1 << 7);
    none.splice(32..32, [0]);
    refused(&none, "no conditions");
    let mut exact = frame(&plain(1));
    flag(&mut exact, 1 << 9);
    exact.push(0);
    refused(&exact, "all postings are exact");
    let mut expiring = frame(&plain(1));
    flag(&mut expiring, 1 << 5);
    expiring.splice(32..32, [0; 8]);
    refused(&expiring, "only a hold expires");
    let mut unknown = frame(&plain(1));
    flag(&mut unknown, 1 << 10);
    refused(&unknown, "unknown bits");
    let mut too_much = frame(&plain(1));
    *too_much.last_mut().expect("bytes") = 0x80;
    refused(&too_much, "past 2^63 - 1");
}

fn receipt(seq: u64) -> Receipt {
    let at = Timestamp::from_micros(99);
    Receipt { seq, at, date: date(), state: TransactionState::Posted }
}

fn outcomes() -> Vec<Result<Outcome, &'static str>> {
    vec![
        Ok(Outcome::Done(receipt(41))),
        Ok(Outcome::Exists(receipt(3))),
        Ok(Outcome::Refused(Refusal::AmountZero { posting: 0 })),
        Err("outside_the_ledger"),
        Ok(Outcome::Refused(Refusal::AmountZero { posting: 1 })),
        Ok(Outcome::Done(receipt(42))),
    ]
}

fn outcomes_frame() -> Vec<u8> {
    let mut out = Vec::new();
    encode_outcomes(&outcomes(), &mut out).expect("of one submission");
    out
}

#[test]
fn outcomes_read_back() {
    let frame = outcomes_frame();
    let outcomes = decode_outcomes(&frame).expect("a frame");
    assert_eq!((outcomes.at, outcomes.date), (Timestamp::from_micros(99), date()));
    let expected = [
        Told::Done(41),
        Told::Exists(receipt(3)),
        Told::Refused("amount_zero"),
        Told::Refused("outside_the_ledger"),
        Told::Refused("amount_zero"),
        Told::Done(42),
    ];
    assert_eq!(outcomes.items, expected);
}

#[test]
fn outcomes_that_are_not_contiguous_are_not_written() {
    let torn = [Ok(Outcome::Done(receipt(1))), Ok(Outcome::Done(receipt(3)))];
    assert_eq!(encode_outcomes(&torn, &mut Vec::new()), None);
}

#[test]
fn a_result_without_its_code_is_refused() {
    let mut frame = outcomes_frame();
    frame[12 + 20 + 3] = 200;
    let error = decode_outcomes(&frame).expect_err("refused").to_string();
    assert!(error.contains("a code that is not there"), "{error}");
}

fn lookups() -> Lookups {
    Lookups {
        accounts: vec![account(1), account(2)],
        transactions: vec![id(3)],
        orders: vec![OrderId::from_u128(4)],
        holds_of: vec![account(5), account(6), account(7)],
    }
}

fn lookups_frame() -> Vec<u8> {
    let mut out = Vec::new();
    encode_lookups(&lookups(), &mut out);
    out
}

#[test]
fn lookups_read_back() {
    let frame = lookups_frame();
    assert_eq!(decode_lookups(&frame, 7), Ok(lookups()));
    assert_eq!(decode_lookups(&frame, 6), Err(WireError::TooMany { found: 7, limit: 6 }));
    let mut other = frame;
    other[12] = 1;
    let error = decode_lookups(&other, 7).expect_err("refused").to_string();
    assert!(error.contains("do not make up"), "{error}");
}

fn found() -> Found {
    let owners = [
        Owner::User(UserId::from_u128(1)),
        Owner::Merchant(MerchantId::from_u128(2)),
        Owner::Channel(3),
        Owner::Bank(4),
        Owner::House,
    ];
    let record = |owner| AccountRecord {
        opened: NewAccount {
            id: account(1),
            asset: AssetId(1),
            leaf: GlCode(201_101),
            owner,
            flags: Flags { history: true, ..Flags::default() },
        },
        normal: Side::Credit,
        controls: Controls { closed: true, ..Controls::default() },
        debits_pending: 1,
        debits_posted: 2,
        credits_pending: 3,
        credits_posted: u64::MAX,
        opened_seq: 5,
        opened_at: Timestamp::from_micros(-6),
        opened_date: date(),
        funds: FundStates {
            settled_free: -7,
            settled_held: 8,
            transit_free: 9,
            transit_held: 10,
            lots: [(account(2), 4, 5), (account(3), 5, u64::MAX)]
                .map(|(source, free, held)| Lot { source, date: date(), free, held })
                .to_vec(),
        },
        settled_through: matches!(owner, Owner::Channel(_)).then(date),
    };
    let moved = MoveRecord {
        debit: account(1),
        credit: account(2),
        amount: amount(5),
        debit_balance: -5,
        credit_balance: i128::MAX,
    };
    let transaction = |transaction: Transaction| TransactionRecord {
        receipt: Receipt { state: TransactionState::Expired, ..receipt(9) },
        transaction,
        moves: vec![moved; 2],
        corrected_by: vec![
            CorrectedBy { by: id(77), kind: CorrectionKind::Supplement },
            CorrectedBy { by: id(78), kind: CorrectionKind::Reversal },
        ],
    };
    let hold = HoldRecord {
        id: id(1),
        event: 2,
        order: Some(OrderId::from_u128(3)),
        account: account(4),
        side: Side::Debit,
        amount: amount(5),
        state: TransactionState::Pending,
        at: Timestamp::from_micros(6),
        expires_at: Some(Timestamp::from_micros(7)),
        ended_at: None,
    };
    let other = HoldRecord {
        order: None,
        expires_at: None,
        side: Side::Credit,
        ended_at: Some(Timestamp::from_micros(8)),
        ..hold.clone()
    };
    let mut accounts: Vec<_> = owners.into_iter().map(|owner| Some(record(owner))).collect();
    accounts.push(None);
    Found {
        accounts,
        transactions: transactions()
            .into_iter()
            .map(|t| Some(transaction(t)))
            .chain([None])
            .collect(),
        orders: vec![vec![], vec![transaction(plain(1)), transaction(plain(2))]],
        holds_of: vec![vec![hold, other], vec![]],
    }
}

fn found_frame() -> Vec<u8> {
    let mut out = Vec::new();
    encode_found(&found(), &mut out);
    out
}

#[test]
fn what_was_found_reads_back() {
    assert_eq!(decode_found(&found_frame()), Ok(found()));
}
