//! Fund states: money in transit follows its owner and settles where it is by then.

use crate::book::{Book, account, amount, bank, chart, first_date, id, on, post, reverse, transit};
use ledger::{Action, Command, FundStates, Lot, Outcome, Posting, Transaction, UpTo};
use money::CNY;
use types::{AccountId, BusinessDate};

fn ann() -> AccountId {
    account("ann")
}

fn bob() -> AccountId {
    account("bob")
}

fn chan() -> AccountId {
    account("chan")
}

fn shop() -> AccountId {
    account("shop")
}

fn day(days: i32) -> BusinessDate {
    first_date().plus_days(days)
}

/// Play on lots: the book, and numbers for what is done.
struct House {
    book: Book,
    next: u128,
}

impl House {
    fn new() -> Self {
        let mut book = Book::new();
        let card = on(&chart(), "card", "channel_receivable", CNY);
        assert!(matches!(book.run(Command::OpenAccount(card)), Outcome::Done(_)));
        Self { book, next: 10 }
    }

    fn id(&mut self) -> u128 {
        self.next += 1;
        self.next
    }

    fn pay(&mut self, from: AccountId, to: AccountId, minor: u64) -> Transaction {
        let tx = post(self.id(), &[(from, to, minor)]);
        self.book.done(tx.clone());
        tx
    }

    fn cut(&mut self) {
        let closing = self.book.ledger.open_date();
        self.book.run(Command::CutDay { closing, opening: closing.next() });
    }

    fn settle(&mut self, source: AccountId, days: i32) {
        let id = id(self.id());
        let command = Command::Settle { id, source, through: day(days), reference: 0 };
        assert!(matches!(self.book.run(command), Outcome::Done(_)));
        self.book.proves();
    }

    fn states(&self, of: AccountId) -> FundStates {
        self.book.ledger.fund_states(of).expect("open")
    }

    /// Settled free and held, in transit free and held.
    fn shows(&self, of: AccountId) -> [i128; 4] {
        let s = self.states(of);
        let rest = [s.settled_held, s.transit_free, s.transit_held].map(i128::from);
        [s.settled_free, rest[0], rest[1], rest[2]]
    }

    /// The lots of an account: source, day, free, held.
    fn lots(&self, of: AccountId) -> Vec<Lot> {
        self.states(of).lots
    }
}

fn lot(source: AccountId, days: i32, free: u64, held: u64) -> Lot {
    Lot { source, date: day(days), free, held }
}

#[test]
fn money_settles_where_it_is_by_then() {
    let mut house = House::new();
    house.pay(chan(), ann(), 100);
    house.pay(ann(), bob(), 60);
    house.pay(bob(), shop(), 50);
    assert_eq!(house.shows(ann()), [0, 0, 40, 0]);
    assert_eq!(house.lots(shop()), [lot(chan(), 0, 50, 0)]);
    house.cut();
    house.pay(chan(), bob(), 7);
    house.settle(chan(), 0);
    assert_eq!(house.shows(ann()), [40, 0, 0, 0]);
    assert_eq!(house.shows(bob()), [10, 0, 7, 0], "what came later is still on its way");
    assert_eq!(house.shows(shop()), [50, 0, 0, 0]);
    assert_eq!(house.book.ledger.settled_through(chan()), Some(day(0)));
}

#[test]
fn settled_money_goes_first_then_the_oldest() {
    let mut house = House::new();
    let card = account("card");
    house.pay(card, ann(), 10);
    house.pay(chan(), ann(), 10);
    house.cut();
    house.pay(chan(), ann(), 10);
    house.pay(bank(), ann(), 5);
    // Of one date the source opened first: the wallet is older than the card.
    house.pay(ann(), bob(), 27);
    assert_eq!(house.shows(bob()), [5, 0, 22, 0]);
    let expected = [lot(chan(), 0, 10, 0), lot(card, 0, 10, 0), lot(chan(), 1, 2, 0)];
    assert_eq!(house.lots(bob()), expected);
    // One source settles without the other.
    house.settle(chan(), 0);
    assert_eq!(house.shows(bob()), [15, 0, 12, 0]);
    assert_eq!(house.shows(ann()), [0, 0, 8, 0]);
}

#[test]
fn a_hold_takes_lots_and_gives_them_back_as_they_were() {
    let mut house = House::new();
    house.pay(chan(), ann(), 100);
    house.pay(bank(), ann(), 30);
    house.book.hold(900, &[(ann(), shop(), 70), (ann(), bob(), 20)]);
    assert_eq!(house.shows(ann()), [0, 30, 40, 60]);
    assert_eq!(house.lots(ann()), [lot(chan(), 0, 40, 60)]);
    house.book.proves();
    // In part: of the first posting 50 of 30 settled and 40 in transit; the rest goes back.
    let action = Action::PostHold { hold: id(900) };
    house.book.done(Transaction { action, ..post(901, &[(ann(), shop(), 50)]) });
    assert_eq!(house.shows(shop()), [30, 0, 20, 0]);
    assert_eq!(house.shows(ann()), [0, 0, 80, 0]);
    house.book.hold(902, &[(ann(), bob(), 80)]);
    house.cut();
    house.settle(chan(), 0);
    assert_eq!(house.shows(ann()), [0, 80, 0, 0], "what is held settles too");
    let action = Action::VoidHold { hold: id(902) };
    house.book.done(Transaction { action, ..post(903, &[]) });
    assert_eq!(house.shows(ann()), [80, 0, 0, 0]);
    house.book.proves();
}

#[test]
fn a_hold_that_runs_out_gives_its_lots_back() {
    let mut house = House::new();
    house.pay(chan(), ann(), 100);
    let expires_at = Some(house.book.at.plus_seconds(3));
    let action = Action::Hold { expires_at };
    house.book.done(Transaction { action, ..post(900, &[(ann(), shop(), 70)]) });
    house.book.at = house.book.at.plus_seconds(9);
    house.book.batch(&[]);
    assert_eq!(house.lots(ann()), [lot(chan(), 0, 100, 0)]);
    house.book.proves();
}

#[test]
fn what_a_channel_holds_enters_when_it_is_posted() {
    let mut house = House::new();
    house.book.hold(900, &[(chan(), ann(), 100)]);
    assert_eq!(house.shows(ann()), [0, 0, 0, 0]);
    house.cut();
    let action = Action::PostHold { hold: id(900) };
    house.book.done(Transaction { action, ..post(901, &[]) });
    assert_eq!(house.lots(ann()), [lot(chan(), 1, 100, 0)]);
}

#[test]
fn only_settled_money_leaves_the_house() {
    let mut house = House::new();
    house.pay(chan(), ann(), 100);
    house.pay(bank(), ann(), 30);
    let out = |number, minor, up_to| {
        let posting = Posting { up_to, ..Posting::exact(ann(), transit(), amount(minor)) };
        Transaction { postings: vec![posting.settled()], ..post(number, &[]) }
    };
    let refusal = house.book.refused(out(900, 31, UpTo::Exact));
    assert_eq!(refusal.code(), "not_settled");
    assert!(refusal.to_string().contains("30 of account"), "{refusal}");
    assert!(refusal.retry_may_help());
    house.book.done(out(900, 20, UpTo::Exact));
    // A balancing amount gives way to what is settled.
    house.book.done(out(901, 500, UpTo::AvailableOfDebit));
    assert_eq!(house.shows(transit()), [30, 0, 0, 0]);
    assert_eq!(house.shows(ann()), [0, 0, 100, 0]);
    house.cut();
    house.settle(chan(), 0);
    house.book.done(out(902, 100, UpTo::Exact));
    house.book.proves();
}

/// The postings of a transaction see one another's lots, and a refusal takes all of them back.
#[test]
fn a_refusal_leaves_lots_as_they_were() {
    let mut house = House::new();
    house.pay(chan(), ann(), 100);
    let leaves = Posting::exact(bob(), transit(), amount(10)).settled();
    let mut tx = post(900, &[(ann(), bob(), 60), (bank(), bob(), 9)]);
    tx.postings.push(leaves);
    let hash = house.book.ledger.state_hash();
    assert_eq!(house.book.refused(tx.clone()).code(), "not_settled");
    let held = Transaction { action: Action::Hold { expires_at: None }, ..tx.clone() };
    assert_eq!(house.book.refused(held).code(), "insufficient_available");
    assert_eq!(house.book.ledger.state_hash(), hash);
    tx.postings.iter_mut().for_each(|p| p.amount = amount(p.amount.minor().min(9)));
    house.book.done(tx);
    assert_eq!(house.lots(bob()), [lot(chan(), 0, 9, 0)]);
    assert_eq!(house.shows(bob()), [0, 0, 9, 0]);
}

#[test]
fn a_reversal_takes_back_what_it_brought() {
    let mut house = House::new();
    let card = account("card");
    house.pay(chan(), ann(), 10);
    let wrong = house.pay(card, ann(), 10);
    house.book.done(reverse(900, &wrong));
    assert_eq!(house.lots(ann()), [lot(chan(), 0, 10, 0)]);
    // Money that goes back to a channel takes settled money first, then that channel's, then other.
    house.pay(card, ann(), 5);
    house.pay(bank(), ann(), 2);
    house.pay(ann(), card, 4);
    assert_eq!(house.lots(ann()), [lot(chan(), 0, 10, 0), lot(card, 0, 3, 0)]);
    house.pay(ann(), card, 4);
    assert_eq!(house.lots(ann()), [lot(chan(), 0, 9, 0)]);
    house.book.proves();
}

#[test]
fn an_overdraft_is_settled_money_owed() {
    let mut house = House::new();
    house.pay(shop(), ann(), 30);
    assert_eq!((house.shows(shop()), house.shows(ann())), ([-30, 0, 0, 0], [30, 0, 0, 0]));
    house.pay(chan(), shop(), 100);
    assert_eq!(house.shows(shop()), [-30, 0, 100, 0]);
    house.pay(shop(), bob(), 70);
    assert_eq!(house.shows(bob()), [0, 0, 70, 0]);
    house.cut();
    house.settle(chan(), 0);
    assert_eq!(house.shows(shop()), [0, 0, 0, 0]);
}

#[test]
fn settling_is_idempotent_and_never_goes_back() {
    let mut house = House::new();
    house.cut();
    house.cut();
    house.settle(chan(), 1);
    let id = id(house.next);
    let again = Command::Settle { id, source: chan(), through: day(1), reference: 0 };
    assert!(matches!(house.book.run(again), Outcome::Exists(_)));
    house.settle(chan(), 0);
    assert_eq!(house.book.ledger.settled_through(chan()), Some(day(1)));
    assert_eq!(house.book.ledger.settled_through(ann()), None);
}

#[test]
fn the_hash_tells_lots_apart_but_not_when_they_are_swept() {
    let play = |from: AccountId| {
        let mut house = House::new();
        house.pay(from, ann(), 10);
        house.book.ledger.state_hash()
    };
    assert_ne!(play(chan()), play(account("card")));
    let mut house = House::new();
    house.pay(chan(), ann(), 10);
    house.cut();
    house.settle(chan(), 0);
    let unswept = house.states(ann());
    house.pay(ann(), bob(), 3);
    assert_eq!((unswept.settled_free, unswept.lots.len()), (10, 0));
    assert_eq!(house.shows(ann()), [7, 0, 0, 0]);
}
