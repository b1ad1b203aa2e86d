//! Corrections (红冲, 蓝补): what they do, and how they are found from both ends.

use crate::book::{Book, account, first_date, id, post, reverse, supplement};
use CorrectionKind::{Reversal, Supplement};
use ledger::{Action, Command, CorrectedBy, CorrectionKind, Outcome, Transaction};
use types::AccountId;

fn ann() -> AccountId {
    account("ann")
}

fn bob() -> AccountId {
    account("bob")
}

#[test]
fn a_reversal_takes_all_of_it_back_once() {
    let mut book = Book::funded();
    let pay = post(5, &[(ann(), bob(), 10), (account("chan"), bob(), 3)]);
    book.done(pay.clone());
    let receipt = book.done(reverse(6, &pay));
    assert_eq!(book.ask(reverse(6, &pay)), Outcome::Exists(receipt), "its id is as good as any");
    assert_eq!((book.shows("ann").0, book.shows("bob").0, book.shows("chan").0), (1_000, 0, 1_000));
    let link = CorrectedBy { by: id(6), kind: CorrectionKind::Reversal };
    assert_eq!(book.ledger.corrections(id(5)), [link]);
    assert_eq!(book.ledger.corrections(id(6)), []);
    assert_eq!(book.refused(reverse(7, &pay)).code(), "already_reversed");
    book.proves();
}

#[test]
fn a_wrong_amount_is_reversed_and_supplemented() {
    let mut book = Book::funded();
    let wrong = post(5, &[(ann(), bob(), 100)]);
    book.done(wrong.clone());
    book.run(Command::CutDay { closing: first_date(), opening: first_date().next() });
    // Both fall on the open date: the closed one is not touched.
    book.done(reverse(6, &wrong));
    let right = Transaction { postings: post(0, &[(ann(), bob(), 10)]).postings, ..wrong.clone() };
    let supplemented = supplement(7, &right);
    assert_eq!(book.done(supplemented.clone()).date, first_date().next());
    book.done(supplement(8, &right));
    assert_eq!(book.shows("bob").0, 20);
    let kinds: Vec<_> = book.ledger.corrections(id(5)).iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [Reversal, Supplement, Supplement]);
    // A supplement is a posting like any other and can be reversed.
    book.done(reverse(9, &supplemented));
    assert_eq!(book.shows("bob").0, 10);
    book.proves();
}

#[test]
fn what_posted_a_hold_is_reversed_by_what_it_moved() {
    let mut book = Book::funded();
    let held = [(ann(), bob(), 10), (ann(), account("shop"), 20)];
    book.hold(5, &held);
    let whole = Transaction { action: Action::PostHold { hold: id(5) }, ..post(6, &[]) };
    book.done(whole);
    book.hold(7, &held);
    let part = post(8, &[(ann(), account("shop"), 5)]);
    book.done(Transaction { action: Action::PostHold { hold: id(7) }, ..part.clone() });
    book.done(reverse(9, &post(6, &held)));
    assert_eq!(book.refused(reverse(10, &post(8, &held))).code(), "reversal_mismatch");
    book.done(reverse(10, &part));
    assert_eq!(book.shows("ann"), (1_000, 0, 1_000, 0));
    book.proves();
}

/// A reversal is a posting under the same rules as any other: what is gone is not taken back.
#[test]
fn a_reversal_is_refused_where_the_money_is_gone() {
    let mut book = Book::funded();
    let pay = post(5, &[(ann(), bob(), 10)]);
    book.done(pay.clone());
    book.done(post(6, &[(bob(), account("shop"), 10)]));
    assert_eq!(book.refused(reverse(7, &pay)).code(), "insufficient_available");
    assert_eq!(book.ledger.corrections(id(5)), []);
    book.done(post(8, &[(account("chan"), bob(), 10)]));
    book.done(reverse(7, &pay));
}

#[test]
fn the_hash_knows_what_was_corrected() {
    let play = |kind| {
        let mut book = Book::funded();
        let pay = post(5, &[(ann(), bob(), 10)]);
        book.done(pay.clone());
        let mut back = reverse(6, &pay);
        back.corrects.as_mut().expect("a correction").kind = kind;
        book.done(back);
        book.ledger.state_hash()
    };
    assert_ne!(play(CorrectionKind::Reversal), play(CorrectionKind::Supplement));
}
