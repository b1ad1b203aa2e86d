//! Every refusal is reached, tells its story in both languages, and changes nothing.

use crate::book::{
    BLOCKED_CREDITS, BLOCKED_DEBITS, BOTH_BOUNDS, Book, CLOSED, account, amount, bank, chart,
    first_date, id, on, post, reverse, supplement, transit,
};
use ledger::{
    Action, Command, Condition, Controls, Correction, CorrectionKind, GlCode, MAX_CONDITIONS,
    MAX_POSTINGS, NewAccount, Outcome, Posting, Refusal, Transaction, UpTo, house_account,
};
use money::CNY;
use std::collections::BTreeSet;
use types::{AccountId, Problem, Timestamp};

/// A book made ready, and the command it refuses.
type Case = fn(&mut Book) -> Command;

fn ann() -> AccountId {
    account("ann")
}

fn bob() -> AccountId {
    account("bob")
}

fn nobody() -> AccountId {
    account("nobody")
}

/// Ann pays bob.
fn pay(number: u128, minor: u64) -> Transaction {
    post(number, &[(ann(), bob(), minor)])
}

fn to_hold(number: u128, hold: u128) -> Transaction {
    Transaction { action: Action::PostHold { hold: id(hold) }, ..post(number, &[]) }
}

fn to_void(number: u128, hold: u128) -> Transaction {
    Transaction { action: Action::VoidHold { hold: id(hold) }, ..post(number, &[]) }
}

/// Ann's money goes where it leaves the house.
fn leave(number: u128, minor: u64) -> Transaction {
    let posting = Posting::exact(ann(), transit(), amount(minor)).settled();
    Transaction { postings: vec![posting], ..post(number, &[]) }
}

fn settle(number: u128, source: &str, days: i32) -> Command {
    let through = first_date().plus_days(days);
    Command::Settle { id: id(number), source: account(source), through, reference: 0 }
}

fn new_account() -> NewAccount {
    on(&chart(), "eve", "customer_balance_3", CNY)
}

fn transact(transaction: Transaction) -> Command {
    Command::Transact(transaction)
}

fn cut(closing: i32, opening: i32) -> Command {
    let day = |days| first_date().plus_days(days);
    Command::CutDay { closing: day(closing), opening: day(opening) }
}

const CASES: &[(&str, Case)] = &[
    ("timestamp_not_monotonic", |book| {
        // The caller's batch will be one second late.
        book.ledger.apply(book.at.plus_seconds(1), &[]);
        transact(pay(5, 1))
    }),
    ("id_conflict", |book| {
        book.done(pay(5, 1));
        transact(pay(5, 2))
    }),
    // Of controls, too; they share the space of ids.
    ("id_conflict", |book| {
        book.done(pay(5, 1));
        let controls = BLOCKED_DEBITS;
        Command::SetControls { id: id(5), account: ann(), controls, reference: 0 }
    }),
    // The id is looked at before anything else.
    ("id_conflict", |book| {
        book.done(pay(5, 1));
        transact(post(5, &[]))
    }),
    ("account_exists", |book| {
        book.run(Command::OpenAccount(new_account()));
        Command::OpenAccount(NewAccount { owner: ledger::Owner::House, ..new_account() })
    }),
    ("gl_code_unknown", |_| {
        Command::OpenAccount(NewAccount { leaf: GlCode(999_999), ..new_account() })
    }),
    ("gl_code_not_leaf", |_| {
        Command::OpenAccount(NewAccount { leaf: GlCode(2011), ..new_account() })
    }),
    ("flags_conflict", |_| {
        Command::OpenAccount(NewAccount { flags: BOTH_BOUNDS, ..new_account() })
    }),
    ("account_not_empty", |_| Command::SetControls {
        id: id(5),
        account: ann(),
        controls: CLOSED,
        reference: 0,
    }),
    // A balance of zero with something pending is not empty either.
    ("account_not_empty", |book| {
        book.hold(5, &[(ann(), bob(), 1)]);
        Command::SetControls { id: id(6), account: bob(), controls: CLOSED, reference: 0 }
    }),
    ("no_postings", |_| transact(post(5, &[]))),
    ("no_postings", |_| {
        transact(Transaction { action: Action::Hold { expires_at: None }, ..post(5, &[]) })
    }),
    ("too_many_postings", |_| {
        let posting = Posting::exact(ann(), bob(), amount(1));
        transact(Transaction { postings: vec![posting; MAX_POSTINGS + 1], ..pay(5, 1) })
    }),
    ("postings_not_allowed", |book| {
        book.hold(5, &[(ann(), bob(), 1)]);
        transact(Transaction { postings: pay(6, 1).postings, ..to_void(6, 5) })
    }),
    ("too_many_conditions", |_| {
        let condition = Condition { account: ann(), at_least: amount(1) };
        transact(Transaction { conditions: vec![condition; MAX_CONDITIONS + 1], ..pay(5, 1) })
    }),
    ("expiry_in_past", |book| {
        let expires_at = Some(book.at.plus_seconds(1));
        transact(Transaction { action: Action::Hold { expires_at }, ..pay(5, 1) })
    }),
    ("date_closed", |_| {
        transact(Transaction { date: Some(first_date().plus_days(-1)), ..pay(5, 1) })
    }),
    ("date_closed", |book| {
        book.run(cut(0, 1));
        transact(Transaction { date: Some(first_date()), ..pay(5, 1) })
    }),
    ("date_closed", |book| {
        book.run(cut(0, 1));
        cut(0, 2)
    }),
    ("date_not_open", |_| transact(Transaction { date: Some(first_date().next()), ..pay(5, 1) })),
    ("date_not_open", |_| cut(1, 2)),
    ("date_not_after", |_| cut(0, 0)),
    ("corrected_not_found", |_| {
        let corrects = Some(Correction { of: id(77), kind: CorrectionKind::Reversal });
        transact(Transaction { corrects, ..pay(5, 1) })
    }),
    ("correction_must_post", |book| {
        book.done(pay(5, 1));
        let action = Action::Hold { expires_at: None };
        transact(Transaction { action, ..reverse(6, &pay(5, 1)) })
    }),
    ("not_correctable", |book| {
        book.hold(5, &[(ann(), bob(), 1)]);
        transact(reverse(6, &pay(5, 1)))
    }),
    // Not the hold but what posted it is to be corrected.
    ("not_correctable", |book| {
        book.hold(5, &[(ann(), bob(), 1)]);
        book.done(to_hold(6, 5));
        transact(reverse(7, &pay(5, 1)))
    }),
    ("not_correctable", |book| {
        book.hold(5, &[(ann(), bob(), 1)]);
        book.done(to_void(6, 5));
        transact(supplement(7, &pay(6, 1)))
    }),
    ("not_correctable", |book| {
        book.control(5, "ann", Controls::default());
        transact(supplement(6, &pay(5, 1)))
    }),
    // A reversal is final: what it took back wrongly is supplemented.
    ("not_correctable", |book| {
        book.done(pay(5, 1));
        book.done(reverse(6, &pay(5, 1)));
        transact(reverse(7, &reverse(6, &pay(5, 1))))
    }),
    ("not_correctable", |book| {
        book.done(pay(5, 1));
        book.done(reverse(6, &pay(5, 1)));
        transact(supplement(7, &pay(6, 1)))
    }),
    // How much it moved is not what it asked for.
    ("not_correctable", |book| {
        let posting =
            Posting { up_to: UpTo::AvailableOfDebit, ..Posting::exact(ann(), bob(), amount(10)) };
        book.done(Transaction { postings: vec![posting], ..pay(5, 1) });
        transact(reverse(6, &pay(5, 10)))
    }),
    ("already_reversed", |book| {
        book.done(pay(5, 1));
        book.done(reverse(6, &pay(5, 1)));
        transact(reverse(7, &pay(5, 1)))
    }),
    ("reversal_mismatch", |book| {
        book.done(pay(5, 10));
        transact(reverse(6, &pay(5, 9)))
    }),
    ("reversal_mismatch", |book| {
        let two = post(5, &[(ann(), bob(), 10), (ann(), bob(), 10)]);
        book.done(two);
        transact(reverse(6, &pay(5, 10)))
    }),
    ("reversal_mismatch", |book| {
        book.done(pay(5, 10));
        let mut back = reverse(6, &pay(5, 10));
        back.postings.iter_mut().for_each(|p| p.up_to = UpTo::AvailableOfDebit);
        transact(back)
    }),
    // Not the way round it was.
    ("reversal_mismatch", |book| {
        book.done(pay(5, 10));
        let corrects = Some(Correction { of: id(5), kind: CorrectionKind::Reversal });
        transact(Transaction { corrects, ..pay(6, 10) })
    }),
    // A closed date takes no correction, whenever the fault was made.
    ("date_closed", |book| {
        book.done(pay(5, 10));
        book.run(cut(0, 1));
        transact(Transaction { date: Some(first_date()), ..reverse(6, &pay(5, 10)) })
    }),
    ("pending_not_found", |_| transact(to_hold(5, 77))),
    ("pending_not_found", |_| transact(to_void(5, 77))),
    ("pending_not_a_hold", |_| transact(to_hold(5, 1))),
    ("pending_already_posted", |book| {
        book.hold(5, &[(ann(), bob(), 1)]);
        book.done(to_hold(6, 5));
        transact(to_void(7, 5))
    }),
    ("pending_already_voided", |book| {
        book.hold(5, &[(ann(), bob(), 1)]);
        book.done(to_void(6, 5));
        transact(to_hold(7, 5))
    }),
    ("pending_expired", |book| {
        let expires_at = Some(book.at.plus_seconds(2));
        book.done(Transaction { action: Action::Hold { expires_at }, ..pay(5, 1) });
        // It ends in the very batch that would post it.
        transact(to_hold(6, 5))
    }),
    ("amount_zero", |_| transact(pay(5, 0))),
    ("amount_zero", |book| {
        book.hold(5, &[(ann(), bob(), 1)]);
        transact(Transaction { postings: pay(6, 0).postings, ..to_hold(6, 5) })
    }),
    ("accounts_equal", |_| transact(post(5, &[(ann(), ann(), 1)]))),
    ("account_not_found", |_| transact(post(5, &[(nobody(), ann(), 1)]))),
    ("account_not_found", |_| transact(post(5, &[(ann(), nobody(), 1)]))),
    ("account_not_found", |_| {
        let conditions = vec![Condition { account: nobody(), at_least: amount(1) }];
        transact(Transaction { conditions, ..pay(5, 1) })
    }),
    ("account_not_found", |_| Command::SetControls {
        id: id(5),
        account: nobody(),
        controls: CLOSED,
        reference: 0,
    }),
    ("pending_mismatch", |book| {
        book.hold(5, &[(ann(), bob(), 1)]);
        let postings = vec![Posting::exact(ann(), transit(), amount(1))];
        transact(Transaction { postings, ..to_hold(6, 5) })
    }),
    // In another order than they are held.
    ("pending_mismatch", |book| {
        book.hold(5, &[(ann(), bob(), 1), (ann(), transit(), 1)]);
        let postings = post(0, &[(ann(), transit(), 1), (ann(), bob(), 1)]).postings;
        transact(Transaction { postings, ..to_hold(6, 5) })
    }),
    ("amount_exceeds_pending", |book| {
        book.hold(5, &[(ann(), bob(), 10)]);
        transact(Transaction { postings: pay(6, 11).postings, ..to_hold(6, 5) })
    }),
    ("asset_mismatch", |_| transact(post(5, &[(ann(), account("left"), 1)]))),
    ("fund_mismatch", |_| transact(post(5, &[(ann(), house_account("capital", CNY), 1)]))),
    ("account_closed", |book| {
        book.control(5, "bob", CLOSED);
        transact(pay(6, 1))
    }),
    ("debits_blocked", |book| {
        book.control(5, "ann", BLOCKED_DEBITS);
        transact(pay(6, 1))
    }),
    // What was held before a freeze stays held.
    ("debits_blocked", |book| {
        book.hold(5, &[(ann(), bob(), 1)]);
        book.control(6, "ann", BLOCKED_DEBITS);
        transact(to_hold(7, 5))
    }),
    ("credits_blocked", |book| {
        book.control(5, "bob", BLOCKED_CREDITS);
        transact(pay(6, 1))
    }),
    ("condition_failed", |_| {
        let conditions = vec![Condition { account: ann(), at_least: amount(1_001) }];
        transact(Transaction { conditions, ..pay(5, 1) })
    }),
    ("insufficient_available", |_| transact(pay(5, 1_001))),
    // What is held is not available.
    ("insufficient_available", |book| {
        book.hold(5, &[(ann(), bob(), 400)]);
        transact(pay(6, 601))
    }),
    // The first posting is taken back when the second fails.
    ("insufficient_available", |_| transact(post(5, &[(ann(), bob(), 900), (ann(), bob(), 101)]))),
    // The reserve bank account may not be overdrawn: the bound on the credit side.
    ("insufficient_available", |_| transact(post(5, &[(account("shop"), crate::book::bank(), 1)]))),
    // A limit used up stops the money that goes with it.
    ("insufficient_available", |_| {
        transact(post(5, &[(ann(), bob(), 1), (account("left"), account("used"), 1)]))
    }),
    ("overflow", |book| {
        let most = u64::try_from(i64::MAX).expect("positive");
        book.done(post(5, &[(account("chan"), account("shop"), most)]));
        // The channel's debits would be 1000 and twice the most: past 2^64.
        transact(post(6, &[(account("chan"), account("shop"), most)]))
    }),
    // So does what is pending, so that posting it later cannot fail.
    ("overflow", |book| {
        let most = u64::try_from(i64::MAX).expect("positive");
        book.hold(5, &[(account("chan"), account("shop"), most)]);
        transact(post(6, &[(account("chan"), account("shop"), most)]))
    }),
    // Ann's money came through a channel today.
    ("not_settled", |_| transact(leave(5, 1))),
    ("not_settled", |book| {
        book.done(post(5, &[(bank(), ann(), 10)]));
        transact(leave(6, 11))
    }),
    // What a hold set aside is looked at when it is posted.
    ("not_settled", |book| {
        book.hold(5, &[(ann(), transit(), 10)]);
        transact(Transaction { action: to_hold(6, 5).action, ..leave(6, 10) })
    }),
    // A claim on a channel leaves the house even less.
    ("not_settled", |_| {
        let posting = Posting::exact(account("chan"), bob(), amount(1)).settled();
        transact(Transaction { postings: vec![posting], ..post(5, &[]) })
    }),
    ("not_a_source", |_| settle(5, "ann", -1)),
    ("account_not_found", |_| settle(5, "nobody", -1)),
    ("value_date_open", |_| settle(5, "chan", 0)),
    ("id_conflict", |_| settle(1, "chan", -1)),
];

/// The place of a refusal among [`Refusal::CODES`]. A new refusal does not compile until it has
/// one, and then fails the test below until a case reaches it.
fn place(refusal: &Refusal) -> usize {
    match refusal {
        Refusal::TimestampNotMonotonic { .. } => 0,
        Refusal::IdConflict { .. } => 1,
        Refusal::AccountExists { .. } => 2,
        Refusal::GlCodeUnknown { .. } => 3,
        Refusal::GlCodeNotLeaf { .. } => 4,
        Refusal::FlagsConflict => 5,
        Refusal::AccountNotEmpty { .. } => 6,
        Refusal::NoPostings => 7,
        Refusal::TooManyPostings { .. } => 8,
        Refusal::PostingsNotAllowed => 9,
        Refusal::TooManyConditions { .. } => 10,
        Refusal::ExpiryInPast { .. } => 11,
        Refusal::DateClosed { .. } => 12,
        Refusal::DateNotOpen { .. } => 13,
        Refusal::DateNotAfter { .. } => 14,
        Refusal::CorrectedNotFound { .. } => 15,
        Refusal::CorrectionMustPost => 16,
        Refusal::NotCorrectable { .. } => 17,
        Refusal::AlreadyReversed { .. } => 18,
        Refusal::ReversalMismatch { .. } => 19,
        Refusal::PendingNotFound { .. } => 20,
        Refusal::PendingNotAHold { .. } => 21,
        Refusal::PendingAlreadyPosted { .. } => 22,
        Refusal::PendingAlreadyVoided { .. } => 23,
        Refusal::PendingExpired { .. } => 24,
        Refusal::AmountZero { .. } => 25,
        Refusal::AccountsEqual { .. } => 26,
        Refusal::AccountNotFound { .. } => 27,
        Refusal::PendingMismatch { .. } => 28,
        Refusal::AmountExceedsPending { .. } => 29,
        Refusal::AssetMismatch { .. } => 30,
        Refusal::FundMismatch { .. } => 31,
        Refusal::AccountClosed { .. } => 32,
        Refusal::DebitsBlocked { .. } => 33,
        Refusal::CreditsBlocked { .. } => 34,
        Refusal::ConditionFailed { .. } => 35,
        Refusal::InsufficientAvailable { .. } => 36,
        Refusal::Overflow { .. } => 37,
        Refusal::NotSettled { .. } => 38,
        Refusal::NotASource { .. } => 39,
        Refusal::ValueDateOpen { .. } => 40,
    }
}

/// Applies the command of a case and asserts that it was refused without a trace.
fn refuse(code: &str, case: Case) -> Refusal {
    let mut book = Book::funded();
    let command = case(&mut book);
    // What runs out by the moment of the command is no trace of the command.
    if code == "pending_expired" {
        book.batch(&[]);
    }
    let (hash, seq) = (book.ledger.state_hash(), book.ledger.seq());
    let Outcome::Refused(refusal) = book.run(command.clone()) else {
        panic!("{code}: {command:?} was not refused");
    };
    assert_eq!(refusal.code(), code);
    assert_eq!((book.ledger.state_hash(), book.ledger.seq()), (hash, seq), "{code} left a trace");
    book.proves();
    refusal
}

#[test]
fn every_code_is_reached_and_leaves_no_trace() {
    let mut reached = BTreeSet::new();
    for (code, case) in CASES {
        let refusal = refuse(code, *case);
        assert_eq!(Refusal::CODES.get(place(&refusal)), Some(code));
        reached.insert(*code);
        let problem = Problem::from(refusal);
        assert_eq!(problem.code, *code);
        assert!(problem.field.is_some_and(|f| !f.is_empty()), "{code} names a field");
        assert!(!problem.reason.zh.is_ascii() && problem.reason.en.is_ascii(), "{code}");
        assert!(refusal.to_string().starts_with(code));
    }
    assert_eq!(reached, Refusal::CODES.into_iter().collect(), "codes no case reaches");
}

#[test]
fn of_two_faults_the_first_in_the_order_is_told() {
    let zero = Posting::exact(ann(), bob(), amount(0));
    let foreign = Posting::exact(ann(), nobody(), amount(1));
    let poor = Condition { account: ann(), at_least: amount(5_000) };
    let late = Some(first_date().plus_days(-1));
    let lost = Some(Correction { of: id(77), kind: CorrectionKind::Supplement });
    let all = Transaction {
        date: late,
        corrects: lost,
        postings: vec![zero, foreign],
        conditions: vec![poor],
        ..pay(5, 1)
    };
    // Mending the faults one by one brings out the next.
    let mut steps = vec![("date_closed", all.clone())];
    let dated = Transaction { date: None, ..all };
    steps.push(("corrected_not_found", dated.clone()));
    let corrected = Transaction { corrects: None, ..dated };
    steps.push(("amount_zero", corrected.clone()));
    let nonzero = Transaction { postings: vec![foreign], ..corrected };
    steps.push(("account_not_found", nonzero.clone()));
    let rich = Posting::exact(ann(), bob(), amount(9_999));
    let found = Transaction { postings: vec![rich], ..nonzero };
    steps.push(("condition_failed", found.clone()));
    steps.push(("insufficient_available", Transaction { conditions: vec![], ..found }));
    let mut book = Book::funded();
    for (code, transaction) in steps {
        assert_eq!(book.refused(transaction).code(), code);
    }
}

#[test]
fn a_refused_id_is_free_again() {
    let mut book = Book::funded();
    assert!(book.refused(pay(5, 2_000)).retry_may_help());
    book.done(pay(5, 1_000));
}

#[test]
fn a_late_batch_is_refused_whole() {
    let mut book = Book::funded();
    let commands = [transact(pay(5, 1)), transact(pay(6, 1))];
    let outcomes = book.ledger.apply(book.at, &commands);
    let refusal = Refusal::TimestampNotMonotonic { at: book.at, last: book.at };
    assert_eq!(outcomes, [Outcome::Refused(refusal); 2]);
    assert_eq!(book.ledger.next_at(Timestamp::from_micros(0)), book.at.plus_micros(1));
    assert_eq!(book.ledger.next_at(book.at.plus_seconds(9)), book.at.plus_seconds(9));
}

#[test]
fn a_balancing_posting_ends_no_hold() {
    let mut book = Book::funded();
    book.hold(5, &[(ann(), bob(), 10)]);
    let posting =
        Posting { up_to: UpTo::AvailableOfDebit, ..Posting::exact(ann(), bob(), amount(5)) };
    let refusal = book.refused(Transaction { postings: vec![posting], ..to_hold(6, 5) });
    assert_eq!(refusal, Refusal::PendingMismatch { posting: 0 });
}
