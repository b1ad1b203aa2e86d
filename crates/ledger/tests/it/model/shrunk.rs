//! Histories that a library makes and shrinks: small, and strange where chance is.

use super::play::{play, restores};
use crate::book::{Book, QUOTA, account, amount, chart, first_date, id, on};
use ledger::codec::{Encoded, decode_piece};
use ledger::{
    Action, Command, Condition, Controls, Correction, CorrectionKind, Ledger, NewAccount, Owner,
    Posting, Transaction, UpTo, house_account,
};
use money::CNY;
use proptest::collection::vec;
use proptest::prelude::*;
use types::{AccountId, BusinessDate, TransactionId};

const NAMES: [&str; 7] = ["ann", "bob", "shop", "chan", "left", "used", "nobody"];

fn accounts() -> impl Strategy<Value = AccountId> {
    prop_oneof![
        12 => prop::sample::select(&NAMES[..4]).prop_map(account),
        3 => prop::sample::select(&NAMES[4..]).prop_map(account),
        1 => Just(house_account("capital", CNY)),
        1 => Just(house_account("reserve_bank", CNY)),
        1 => Just(house_account("quota_source", QUOTA)),
    ]
}

/// Few ids, so that they meet.
fn ids() -> impl Strategy<Value = TransactionId> {
    (0u128..24).prop_map(id)
}

fn amounts() -> impl Strategy<Value = u64> {
    prop_oneof![1 => Just(0u64), 30 => 1u64..60, 1 => Just(i64::MAX.unsigned_abs())]
}

fn postings() -> impl Strategy<Value = Posting> {
    let up_to = prop_oneof![
        6 => Just(UpTo::Exact),
        1 => Just(UpTo::AvailableOfDebit),
        1 => Just(UpTo::AvailableOfCredit)
    ];
    // Money comes from the channel often enough for the rest to have some.
    let sides = prop_oneof![
        1 => Just((account("chan"), account("ann"))),
        1 => Just((house_account("quota_source", QUOTA), account("left"))),
        5 => (accounts(), accounts()),
    ];
    let settled = prop::bool::weighted(0.1);
    (sides, amounts(), up_to, settled).prop_map(|((debit, credit), minor, up_to, settled_only)| {
        Posting { up_to, settled_only, ..Posting::exact(debit, credit, amount(minor)) }
    })
}

fn dates() -> impl Strategy<Value = BusinessDate> {
    (-1..4i32).prop_map(|days| first_date().plus_days(days))
}

fn actions() -> impl Strategy<Value = Action> {
    let expires = |seconds| first_date().start().plus_seconds(seconds);
    prop_oneof![
        4 => Just(Action::Post),
        3 => prop::option::of((0i64..60).prop_map(expires))
            .prop_map(|expires_at| Action::Hold { expires_at }),
        3 => ids().prop_map(|hold| Action::PostHold { hold }),
        2 => ids().prop_map(|hold| Action::VoidHold { hold }),
    ]
}

fn transactions() -> impl Strategy<Value = Transaction> {
    let condition = (accounts(), 0u64..80)
        .prop_map(|(account, minor)| Condition { account, at_least: amount(minor) });
    let kind = prop_oneof![Just(CorrectionKind::Reversal), Just(CorrectionKind::Supplement)];
    let corrects = (ids(), kind).prop_map(|(of, kind)| Correction { of, kind });
    (
        (ids(), actions()),
        vec(postings(), 0..4),
        prop_oneof![8 => Just(None), 1 => dates().prop_map(Some)],
        prop_oneof![6 => Just(vec![]), 1 => vec(condition, 1..3)],
        prop_oneof![9 => Just(None), 1 => corrects.prop_map(Some)],
    )
        .prop_map(|((id, action), mut postings, date, conditions, corrects)| {
            let ends = matches!(action, Action::PostHold { .. } | Action::VoidHold { .. });
            if ends && postings.len() != 1 {
                postings.clear();
            }
            Transaction {
                id,
                event: 1,
                order: None,
                reference: 0,
                date,
                action,
                postings,
                conditions,
                corrects,
            }
        })
}

fn commands() -> impl Strategy<Value = Command> {
    let flag = prop::bool::weighted(0.15);
    let controls = (flag, flag, flag).prop_map(|(debits, credits, closed)| Controls {
        debits_blocked: debits,
        credits_blocked: credits,
        closed,
    });
    let opened = ["ann", "eve", "dan"].map(|name| on(&chart(), name, "customer_balance_2", CNY));
    let opened = (prop::sample::select(opened.to_vec()), any::<bool>()).prop_map(|(new, other)| {
        if other { NewAccount { owner: Owner::House, ..new } } else { new }
    });
    prop_oneof![
        30 => transactions().prop_map(Command::Transact),
        3 => (ids(), accounts(), controls).prop_map(|(id, account, controls)| {
            Command::SetControls { id, account, controls, reference: 0 }
        }),
        1 => (dates(), dates()).prop_map(|(closing, opening)| Command::CutDay { closing, opening }),
        1 => (ids(), accounts(), dates()).prop_map(|(id, source, through)| {
            Command::Settle { id, source, through, reference: 0 }
        }),
        1 => opened.prop_map(Command::OpenAccount),
    ]
}

/// The same batches, through the journal's form, on another book.
fn replay(batches: &[Vec<Command>]) -> [u8; 32] {
    let mut book = Book::new();
    for batch in batches {
        let at = book.at.plus_seconds(1);
        let encoded = Encoded::of(batch);
        let read: Vec<Command> =
            encoded.pieces().flat_map(|p| decode_piece(p).expect("just written")).collect();
        let seq = book.ledger.seq();
        book.ledger.apply(at, &read);
        book.at = at;
        assert!(book.ledger.seq() >= seq);
    }
    book.ledger.state_hash()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_book_does_what_the_model_says(batches in vec(vec(commands(), 0..6), 1..40)) {
        let played = play(&batches).map_err(TestCaseError::fail)?;
        prop_assert_eq!(played.book.ledger.state_hash(), replay(&batches));
        restores(played.book.ledger);
    }
}

#[test]
fn an_empty_book_proves() {
    assert!(Ledger::new(chart(), first_date()).prove().hold());
}
