//! What readers are shown.

use crate::support::{
    START, amount, balance, cash, chart, config, date, done, furnish, merchant, nobody, open,
    order, reserve, storage, transfer, txn, user,
};
use bookkeeper::{Bookkeeper, Entry};
use ledger::{Action, Command, Owner, Posting, Side, TransactionState};
use money::CNY;
use testkit::{MemoryDisk, clock_at, moment};
use types::TransactionId;

#[test]
fn every_balance_is_explained_entry_by_entry() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 2, 1_000);
    let mut pay = transfer(txn("pay", 1), cash(0), merchant(), 300);
    pay.order = Some(order(1));
    done(&book, pay);
    done(&book, transfer(txn("back", 1), merchant(), cash(0), 100));
    let entries = book.entries(cash(0), None, 10).expect("read");
    let shown: Vec<_> = entries
        .iter()
        .map(|e| (e.side, e.amount.minor(), e.counterpart, e.balance_after, e.order))
        .collect();
    assert_eq!(
        shown,
        [
            (Side::Credit, 1_000, reserve(), 1_000, None),
            (Side::Debit, 300, merchant(), 700, Some(order(1))),
            (Side::Credit, 100, merchant(), 800, None),
        ]
    );
    assert_eq!(entries[1].transaction, txn("pay", 1));
    assert_eq!((entries[1].date, entries[1].event), (date("2026-10-12"), 7));
    assert_eq!(balance(&book, cash(0)), 800);
    drop(book);
    assert_eq!(
        open(&disk).entries(cash(0), None, 10).expect("read"),
        entries,
        "the same after reopening"
    );
}

#[test]
fn pages_of_entries_follow_one_another_both_ways() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 1, 1_000);
    // Two postings on the same account in one transaction are two entries, on two pages at need.
    for n in 0..10 {
        let mut pay = transfer(txn("pay", n), cash(0), merchant(), 1);
        pay.postings.push(Posting::exact(cash(0), merchant(), amount(2)));
        done(&book, pay);
    }
    let all = book.entries(cash(0), None, 100).expect("read");
    assert_eq!(all.len(), 21);
    let last = |page: &[Entry]| page.last().map(|entry| entry.seq);
    for limit in [1, 2, 5, 20, 21, 50] {
        let (mut up, mut down) = (Vec::new(), Vec::new());
        loop {
            let page = book.entries(cash(0), last(&up), limit).expect("read");
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            up.extend(page);
        }
        loop {
            let page = book.latest_entries(cash(0), last(&down), limit).expect("read");
            if page.is_empty() {
                break;
            }
            down.extend(page);
        }
        down.reverse();
        assert_eq!((&up, &down), (&all, &all), "{limit} a page");
    }
    assert!(book.entries(nobody(), None, 10).expect("read").is_empty());
}

#[test]
fn a_balance_is_known_at_every_past_moment() {
    let disk = MemoryDisk::new();
    let clock = clock_at(START);
    let book = Bookkeeper::open_on(storage(&disk), config(), chart(), clock.clone()).expect("open");
    furnish(&book, 1, 1_000);
    for (n, at) in (0..).zip(["2026-10-12T09:00:00+08:00", "2026-10-12T10:00:00+08:00"]) {
        clock.advance_to(moment(at));
        done(&book, transfer(txn("pay", n), cash(0), merchant(), 100));
    }
    for (at, balance) in [
        ("2026-10-12T07:59:59+08:00", None),
        ("2026-10-12T08:30:00+08:00", Some(1_000)),
        ("2026-10-12T09:00:00+08:00", Some(900)),
        ("2026-10-12T09:59:59+08:00", Some(900)),
        ("2026-10-13T00:00:00+08:00", Some(800)),
    ] {
        assert_eq!(book.balance_at(cash(0), moment(at)).expect("read"), balance, "{at}");
    }
    assert_eq!(
        book.balance_at(merchant(), moment("2026-10-12T08:30:00+08:00")).expect("read"),
        Some(0)
    );
}

fn ending(id: TransactionId, action: Action) -> ledger::Transaction {
    let mut end = transfer(id, cash(0), merchant(), 1);
    end.action = action;
    end.postings.clear();
    end
}

#[test]
fn holds_are_freeze_vouchers_with_their_order_and_state() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 1, 1_000);
    for n in 0..3 {
        let mut hold = transfer(txn("hold", n), cash(0), merchant(), 100 + n);
        hold.action = Action::Hold { expires_at: None };
        hold.order = Some(order(n));
        done(&book, hold);
    }
    done(&book, ending(txn("post", 0), Action::PostHold { hold: txn("hold", 0) }));
    done(&book, ending(txn("void", 1), Action::VoidHold { hold: txn("hold", 1) }));
    let shown: Vec<_> = book
        .holds(cash(0))
        .expect("read")
        .into_iter()
        .map(|hold| (hold.id, hold.order, hold.amount.minor(), hold.state))
        .collect();
    assert_eq!(
        shown,
        [
            (txn("hold", 2), Some(order(2)), 102, TransactionState::Pending),
            (txn("hold", 1), Some(order(1)), 101, TransactionState::HoldVoided),
            (txn("hold", 0), Some(order(0)), 100, TransactionState::HoldPosted),
        ]
    );
    // What ends a hold belongs to the hold's order, although it names none.
    let of_order: Vec<_> = book
        .transactions_of(order(0))
        .expect("read")
        .into_iter()
        .map(|view| (view.transaction.id, view.state))
        .collect();
    let (held, posted) = (TransactionState::HoldPosted, TransactionState::Posted);
    assert_eq!(of_order, [(txn("hold", 0), held), (txn("post", 0), posted)]);
    let entries = book.entries(merchant(), None, 10).expect("read");
    assert_eq!(entries.len(), 1, "a hold is no entry; what it moved is");
    assert_eq!((entries[0].order, entries[0].amount.minor()), (Some(order(0)), 100));
}

#[test]
fn accounts_are_found_by_leaf_and_by_owner_and_many_at_once() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 3, 10);
    let leaf = chart().role("customer_balance_1").expect("a role");
    let ids: Vec<_> = book.accounts_of_leaf(leaf).expect("read").iter().map(|a| a.id).collect();
    assert_eq!(ids, [cash(0), cash(1), cash(2)]);
    let of_user = book.accounts_of(Owner::User(user(1))).expect("read");
    assert_eq!(of_user.iter().map(|a| a.id).collect::<Vec<_>>(), [cash(1)]);
    let found = book.accounts(&[cash(2), nobody(), cash(0)]);
    let found: Vec<_> = found.into_iter().map(|a| a.map(|a| a.id)).collect();
    assert_eq!(found, [Some(cash(2)), None, Some(cash(0))]);
}

#[test]
fn the_general_ledger_moves_with_the_accounts() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 2, 500);
    let (monday, tuesday) = (date("2026-10-12"), date("2026-10-13"));
    let cut = Command::CutDay { closing: monday, opening: tuesday };
    book.submit_blocking(vec![cut]).expect("submit")[0].receipt().expect("cut");
    done(&book, transfer(txn("pay", 1), cash(0), merchant(), 30));
    let leaf = chart().role("customer_balance_1").expect("a role");
    let movement = |date| {
        let turnover = book.gl_movement(date, leaf, CNY);
        (turnover.debit, turnover.credit)
    };
    assert_eq!((movement(monday), movement(tuesday)), ((0, 1_000), (30, 0)));
    assert_eq!(book.dates(), [monday, tuesday]);
    let trial = book.trial_balance(tuesday);
    assert!(trial.totals.iter().all(ledger::TrialTotal::balanced));
    let row = trial.rows.iter().find(|row| row.code == leaf && row.asset == CNY).expect("there");
    assert_eq!((row.opening_credit, row.debit_turnover, row.closing_credit), (1_000, 30, 970));
    assert!(book.prove().hold(), "{:?}", book.prove().findings);
}

#[test]
fn all_transactions_are_paged_in_the_order_they_took_effect() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 4, 10);
    let all = book.transactions(None, 100).expect("read");
    assert_eq!(all.len(), 4);
    assert!(all.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    let rest = book.transactions(Some(all[1].seq), 100).expect("read");
    assert_eq!(rest, all[2..]);
    assert_eq!(all[0].moves[0].amount, amount(10));
}
