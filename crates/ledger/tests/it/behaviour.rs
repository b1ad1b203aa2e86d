//! What the book does when it does not refuse.

use crate::book::{
    BLOCKED_DEBITS, Book, CLOSED, QUOTA, account, amount, bank, chart, first_date, id, on, post,
    transit,
};
use ledger::{
    Action, Command, Condition, Controls, Effect, Ledger, Move, Observer, Outcome, Posting,
    Receipt, Resolution, Transaction, TransactionState, UpTo, house_account,
};
use money::CNY;
use types::{AccountId, TransactionId};

fn ann() -> AccountId {
    account("ann")
}

fn bob() -> AccountId {
    account("bob")
}

fn post_hold(number: u128, hold: u128, postings: &[(AccountId, AccountId, u64)]) -> Transaction {
    Transaction { action: Action::PostHold { hold: id(hold) }, ..post(number, postings) }
}

fn void_hold(number: u128, hold: u128) -> Transaction {
    Transaction { action: Action::VoidHold { hold: id(hold) }, ..post(number, &[]) }
}

#[test]
fn the_same_again_gives_the_first_receipt() {
    let mut book = Book::funded();
    let pay = post(5, &[(ann(), bob(), 10)]);
    let receipt = book.done(pay.clone());
    assert_eq!(receipt.state, TransactionState::Posted);
    assert_eq!(book.ask(pay), Outcome::Exists(receipt));
    assert_eq!(book.shows("bob"), (10, 0, 10, 0));

    let open = Command::OpenAccount(on(&chart(), "eve", "customer_balance_3", CNY));
    let Outcome::Done(opened) = book.run(open.clone()) else { panic!("opens") };
    assert_eq!(book.run(open), Outcome::Exists(opened));

    let Outcome::Done(set) = book.control(6, "eve", BLOCKED_DEBITS) else { panic!("sets") };
    assert_eq!(book.control(6, "eve", BLOCKED_DEBITS), Outcome::Exists(set));

    let cut = Command::CutDay { closing: first_date(), opening: first_date().plus_days(3) };
    let Outcome::Done(receipt) = book.run(cut.clone()) else { panic!("cuts") };
    assert_eq!(receipt.date, first_date());
    assert_eq!(book.run(cut), Outcome::Exists(receipt));
    assert_eq!(book.ledger.open_date(), first_date().plus_days(3));
}

#[test]
fn one_batch_is_many_commands_each_by_itself() {
    let mut book = Book::funded();
    let outcomes = book.batch(&[
        Command::Transact(post(5, &[(ann(), bob(), 600)])),
        Command::Transact(post(6, &[(ann(), bob(), 600)])),
        Command::Transact(post(7, &[(ann(), bob(), 400)])),
    ]);
    let [Outcome::Done(first), Outcome::Refused(_), Outcome::Done(last)] = outcomes[..] else {
        panic!("{outcomes:?}");
    };
    assert_eq!((first.at, first.seq + 1), (last.at, last.seq));
    assert_eq!(book.shows("bob"), (1_000, 0, 1_000, 0));
}

#[test]
fn a_hold_is_posted_wholly() {
    let mut book = Book::funded();
    let receipt = book.hold(5, &[(ann(), bob(), 300)]);
    assert_eq!(receipt.state, TransactionState::Pending);
    assert_eq!(book.shows("ann"), (1_000, 300, 700, 0));
    assert_eq!(book.shows("bob"), (0, 0, 0, 300), "what comes in is beside the balance");
    assert_eq!(book.ledger.hold(id(5)).map(|h| h.postings.len()), Some(1));
    book.done(post_hold(6, 5, &[]));
    assert_eq!(book.shows("ann"), (700, 0, 700, 0));
    assert_eq!(book.shows("bob"), (300, 0, 300, 0));
    let past = book.ledger.past(id(5)).expect("remembered");
    assert_eq!(past.resolution, Some(Resolution::Posted));
    assert_eq!((past.receipt, past.state()), (receipt, TransactionState::HoldPosted));
    book.proves();
}

#[test]
fn a_hold_is_posted_in_part_and_the_rest_released() {
    let mut book = Book::funded();
    book.hold(5, &[(ann(), bob(), 300), (ann(), transit(), 50), (ann(), bob(), 7)]);
    // The second posting is passed over: nothing of it is moved.
    book.done(post_hold(6, 5, &[(ann(), bob(), 100), (ann(), bob(), 7)]));
    assert_eq!(book.shows("ann"), (893, 0, 893, 0));
    assert_eq!(book.shows("bob"), (107, 0, 107, 0));
    assert!(book.ledger.hold(id(5)).is_none());
    book.proves();
}

#[test]
fn a_hold_is_voided_even_under_a_freeze() {
    let mut book = Book::funded();
    book.hold(5, &[(ann(), bob(), 300)]);
    book.control(6, "ann", BLOCKED_DEBITS);
    let receipt = book.done(void_hold(7, 5));
    assert_eq!(receipt.state, TransactionState::Applied);
    assert_eq!(book.shows("ann"), (1_000, 0, 1_000, 0));
    assert_eq!(book.ledger.past(id(5)).map(|p| p.state()), Some(TransactionState::HoldVoided));
    book.proves();
}

#[test]
fn what_a_freeze_does_not_touch_of_a_hold_is_posted() {
    let mut book = Book::funded();
    book.done(post(2, &[(account("chan"), bob(), 50)]));
    book.hold(5, &[(ann(), transit(), 300), (bob(), transit(), 20)]);
    book.control(6, "bob", BLOCKED_DEBITS);
    book.done(post_hold(7, 5, &[(ann(), transit(), 300)]));
    assert_eq!(book.shows("bob"), (50, 0, 50, 0));
    book.proves();
}

#[test]
fn a_hold_runs_out_at_its_moment() {
    let mut book = Book::funded();
    let expires_at = Some(book.at.plus_seconds(3));
    let action = Action::Hold { expires_at };
    book.done(Transaction { action, ..post(5, &[(ann(), bob(), 300)]) });
    assert_eq!(book.ledger.next_expiry(), expires_at);
    book.batch(&[]);
    assert_eq!(book.get("ann").held(), 300, "not yet");
    let seq = book.ledger.seq();
    // What it gives back is there for the batch in which it ends.
    book.done(post(6, &[(ann(), bob(), 1_000)]));
    assert_eq!(book.ledger.seq(), seq + 2, "the expiry has a number of its own");
    assert_eq!(book.ledger.past(id(5)).map(|p| p.state()), Some(TransactionState::Expired));
    assert_eq!(book.ledger.next_expiry(), None);
    book.proves();
}

#[test]
fn a_hold_posted_in_time_does_not_run_out() {
    let mut book = Book::funded();
    let action = Action::Hold { expires_at: Some(book.at.plus_seconds(9)) };
    book.done(Transaction { action, ..post(5, &[(ann(), bob(), 300)]) });
    book.done(post_hold(6, 5, &[]));
    book.at = book.at.plus_seconds(60);
    book.batch(&[]);
    assert_eq!(book.shows("bob"), (300, 0, 300, 0));
}

#[test]
fn a_limit_goes_and_comes_with_the_money() {
    let mut book = Book::funded();
    let (left, used) = (account("left"), account("used"));
    book.done(post(2, &[(house_account("quota_source", QUOTA), left, 500)]));
    book.hold(5, &[(ann(), bob(), 400), (left, used, 400)]);
    let second = post(6, &[(ann(), bob(), 101), (left, used, 101)]);
    assert_eq!(book.refused(second).code(), "insufficient_available");
    book.done(void_hold(7, 5));
    assert_eq!(book.shows("left"), (500, 0, 500, 0));
    book.done(post(8, &[(ann(), bob(), 500), (left, used, 500)]));
    assert_eq!(book.shows("used"), (500, 0, 500, 0));
    book.proves();
}

#[test]
fn postings_of_one_transaction_see_one_another() {
    let mut book = Book::new();
    // Bob has nothing before the first posting.
    book.done(post(5, &[(account("chan"), bob(), 9), (bob(), account("shop"), 9)]));
    assert_eq!(book.shows("shop"), (9, 0, 9, 0));
    // In the other order there is nothing to take.
    let back = post(6, &[(bob(), account("shop"), 9), (account("chan"), bob(), 9)]);
    assert_eq!(book.refused(back).code(), "insufficient_available");
}

#[test]
fn a_balancing_posting_moves_what_there_is() {
    let mut book = Book::funded();
    let sweep = |number, up_to, most| {
        let posting = Posting { up_to, ..Posting::exact(ann(), account("chan"), amount(most)) };
        Transaction { postings: vec![posting], ..post(number, &[]) }
    };
    book.hold(5, &[(ann(), bob(), 300)]);
    book.done(sweep(6, UpTo::AvailableOfDebit, 5_000));
    assert_eq!(book.shows("ann"), (300, 300, 0, 0), "what is held stays");
    assert_eq!(book.shows("chan").0, 300);
    // Nothing available: nothing moves, and that is no error.
    assert_eq!(book.done(sweep(7, UpTo::AvailableOfDebit, 5_000)).state, TransactionState::Posted);
    book.done(void_hold(8, 5));
    // No more than the amount, and no more than the credit side has.
    book.done(sweep(9, UpTo::AvailableOfCredit, 100));
    assert_eq!(book.shows("chan").0, 200);
    book.done(sweep(10, UpTo::AvailableOfCredit, 5_000));
    assert_eq!((book.shows("chan").0, book.shows("ann").0), (0, 0));
    book.proves();
}

#[test]
fn a_condition_looks_at_the_state_before() {
    let mut book = Book::funded();
    let conditions = vec![Condition { account: ann(), at_least: amount(1_000) }];
    book.done(Transaction { conditions, ..post(5, &[(ann(), bob(), 10)]) });
    assert_eq!(book.shows("ann").0, 990);
}

#[test]
fn an_empty_account_closes_and_opens_again() {
    let mut book = Book::funded();
    assert!(matches!(book.control(5, "bob", CLOSED), Outcome::Done(_)));
    assert!(matches!(book.control(6, "bob", Controls::default()), Outcome::Done(_)));
    book.done(post(7, &[(ann(), bob(), 10)]));
}

#[test]
fn the_house_may_not_overdraw_the_reserve() {
    let mut book = Book::funded();
    book.done(post(5, &[(bank(), account("chan"), 1_000)]));
    book.done(post(6, &[(ann(), transit(), 1_000), (transit(), bank(), 1_000)]));
    assert_eq!(book.ledger.account(bank()).map(ledger::Account::balance), Some(0));
    book.proves();
}

/// Notes what it is told.
#[derive(Default)]
struct Notes(Vec<String>, Vec<(Receipt, Vec<Move>)>);

impl Observer for Notes {
    fn effect(&mut self, effect: Effect<'_>) {
        self.0.push(match effect {
            Effect::AccountOpened { account, .. } => format!("open {}", account.leaf),
            Effect::ControlsSet { controls, .. } => format!("controls {}", controls.closed),
            Effect::Transacted { receipt, moves, .. } => {
                self.1.push((receipt, moves.to_vec()));
                format!("{:?} {}", receipt.state, moves.len())
            }
            Effect::SourceSettled { through, .. } => format!("settled through {through}"),
            Effect::HoldExpired { hold, .. } => format!("expired {}", hold.postings.len()),
            Effect::DayCut { opening, .. } => format!("cut to {opening}"),
        });
    }
}

#[test]
fn an_observer_hears_of_every_effect_in_order() {
    let mut book = Book::funded();
    let mut notes = Notes::default();
    let hold = |number: u128, seconds| {
        let action = Action::Hold { expires_at: Some(book.at.plus_seconds(seconds)) };
        Command::Transact(Transaction { action, ..post(number, &[(ann(), bob(), 5)]) })
    };
    let batch = [
        Command::OpenAccount(on(&chart(), "eve", "customer_balance_3", CNY)),
        Command::Transact(post(5, &[(ann(), bob(), 2_000)])), // refused
        hold(6, 20),
        hold(7, 20),
        hold(8, 3),
        Command::Transact(void_hold(9, 6)),
        Command::Transact(post_hold(10, 7, &[(ann(), bob(), 2)])),
        Command::CutDay { closing: first_date(), opening: first_date().next() },
        Command::Settle {
            id: id(11),
            source: account("chan"),
            through: first_date(),
            reference: 0,
        },
    ];
    book.ledger.apply_observed(book.at.plus_seconds(1), &batch, &mut notes);
    book.ledger.apply_observed(book.at.plus_seconds(9), &[], &mut notes);
    let expected = [
        "open 201103",
        "Pending 1",
        "Pending 1",
        "Pending 1",
        "Applied 1",
        "Posted 1",
        "cut to 2026-10-13",
        "settled through 2026-10-12",
        "expired 1",
    ];
    assert_eq!(notes.0, expected);
    let (_, moves) = notes.1.last().expect("posted last");
    let last = moves.first().expect("one");
    assert_eq!((last.amount, last.debit_balance, last.credit_balance), (amount(2), 998, 2));
}

#[test]
fn what_takes_no_effect_need_not_be_kept() {
    let mut book = Book::funded();
    let before = book.ledger.state_hash();
    book.batch(&[]);
    book.ask(post(5, &[(ann(), bob(), 9_999)]));
    let again = post(1, &[(account("chan"), ann(), 1_000)]);
    assert!(matches!(book.ask(again), Outcome::Exists(_)));
    assert_eq!(book.ledger.state_hash(), before);
}

#[test]
fn the_hash_tells_histories_apart() {
    let hash = |commands: &[Transaction]| {
        let mut book = Book::funded();
        for command in commands {
            book.done(command.clone());
        }
        book.ledger.state_hash()
    };
    let one = post(5, &[(ann(), bob(), 10)]);
    let two = post(6, &[(ann(), bob(), 20)]);
    assert_eq!(hash(&[one.clone(), two.clone()]), hash(&[one.clone(), two.clone()]));
    assert_ne!(hash(&[one.clone(), two.clone()]), hash(&[two, one.clone()]));
    let other = Transaction { reference: 1, ..one.clone() };
    assert_ne!(hash(&[one]), hash(&[other]));
}

#[test]
fn ids_are_for_ever() {
    let mut ledger = Ledger::new(chart(), first_date());
    assert_eq!(ledger.past(TransactionId::from_u128(1)), None);
    assert_eq!((ledger.seq(), ledger.last_at()), (0, None));
    ledger.apply(first_date().start(), &[]);
    assert_eq!(ledger.last_at(), Some(first_date().start()));
}
