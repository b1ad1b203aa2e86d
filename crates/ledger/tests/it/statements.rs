//! Statements: entries with their running balance, and the past at any moment.

use crate::book::{account, amount, chart, first_date, id, on, post};
use ledger::{
    Action, Command, Flags, Ledger, NewAccount, Period, Side, Statements, Transaction, TrialTotal,
    house_account,
};
use money::CNY;
use types::{AccountId, BusinessDate, Timestamp};

struct Kept {
    ledger: Ledger,
    statements: Statements,
    at: Timestamp,
}

impl Kept {
    fn run(&mut self, commands: &[Command]) {
        self.at = self.at.plus_seconds(1);
        for outcome in self.ledger.apply_observed(self.at, commands, &mut self.statements) {
            outcome.receipt().expect("done");
        }
    }

    fn pay(&mut self, number: u128, from: AccountId, to: AccountId, minor: u64) {
        self.run(&[Command::Transact(post(number, &[(from, to, minor)]))]);
    }

    fn cut(&mut self) {
        let closing = self.ledger.open_date();
        self.run(&[Command::CutDay { closing, opening: closing.next() }]);
    }
}

fn kept() -> Kept {
    let at = first_date().start();
    let statements = Statements::default();
    let mut kept = Kept { ledger: Ledger::new(chart(), first_date()), statements, at };
    let silent = Flags { history: false, ..Flags::default() };
    let quiet = NewAccount { flags: silent, ..on(&chart(), "shop", "merchant_pending", CNY) };
    let mut commands: Vec<_> =
        chart().house_accounts().into_iter().map(Command::OpenAccount).collect();
    commands.push(Command::OpenAccount(on(&chart(), "ann", "customer_balance_2", CNY)));
    commands.push(Command::OpenAccount(quiet));
    kept.run(&commands);
    kept
}

#[test]
fn every_past_balance_is_told() {
    let (bank, ann, shop) = (house_account("reserve_bank", CNY), account("ann"), account("shop"));
    let mut kept = kept();
    let opened = kept.at;
    kept.pay(1, bank, ann, 100);
    let paid = kept.at;
    kept.pay(2, ann, shop, 30);
    kept.cut();
    kept.pay(3, bank, ann, 5);
    kept.pay(4, ann, shop, 15);
    let hold = Action::Hold { expires_at: None };
    let held = Transaction { action: hold, ..post(5, &[(ann, shop, 9)]) };
    kept.run(&[Command::Transact(held)]);
    let book = &kept.statements;
    let told: Vec<_> =
        book.entries(ann).iter().map(|e| (e.side, e.amount, e.balance_after)).collect();
    let expected = [
        (Side::Credit, amount(100), 100),
        (Side::Debit, amount(30), 70),
        (Side::Credit, amount(5), 75),
        (Side::Debit, amount(15), 60),
    ];
    assert_eq!(told, expected, "a hold is no entry");
    assert_eq!(
        book.entries(ann).first().map(|e| (e.transaction, e.counterpart)),
        Some((id(1), bank))
    );
    assert_eq!(book.balance_at(ann, opened.plus_micros(-1)), None);
    assert_eq!(book.balance_at(ann, opened), Some(0));
    assert_eq!(book.balance_at(ann, paid), Some(100));
    assert_eq!(book.balance_at(ann, paid.plus_micros(999_999)), Some(100));
    assert_eq!(book.balance_at(ann, kept.at), Some(60));
    assert_eq!((book.entries(shop), book.balance_at(shop, kept.at)), (&[][..], None));
}

#[test]
fn opening_and_movement_make_the_closing_on_every_path() {
    let (bank, ann) = (house_account("reserve_bank", CNY), account("ann"));
    let mut kept = kept();
    for number in 0..12 {
        kept.pay(number * 2 + 1, bank, ann, 100);
        kept.pay(number * 2 + 2, ann, account("shop"), u64::try_from(number).expect("small") + 1);
        if number % 3 == 2 {
            kept.cut();
        }
    }
    let leaf = chart().role("customer_balance_2").expect("a role");
    let days: Vec<BusinessDate> = kept.ledger.dates();
    for (first, from) in days.iter().enumerate() {
        for to in &days[first..] {
            let period = kept.statements.period(ann, *from, *to).expect("kept");
            let Period { opening, debits, credits, closing } = period;
            let net =
                i128::try_from(credits).expect("small") - i128::try_from(debits).expect("small");
            assert_eq!(opening + net, closing);
            // The general ledger says the same of a leaf with one account, on a path of its own.
            let row = |date| {
                let rows = kept.ledger.trial_balance(date).rows;
                rows.into_iter().find(|row| row.code == leaf).expect("a row")
            };
            assert_eq!(row(*from).opening_credit, u128::try_from(opening).expect("positive"));
            assert_eq!(row(*to).closing_credit, u128::try_from(closing).expect("positive"));
        }
    }
    for days in -3..20 {
        let balance = kept.ledger.trial_balance(first_date().plus_days(days));
        assert!(balance.totals.iter().all(TrialTotal::balanced), "any date, open or not: {days}");
    }
    let before =
        kept.statements.period(ann, first_date().plus_days(-9), first_date().plus_days(-1));
    assert_eq!(before, Some(Period::default()));
}
