//! The general ledger over days, and a whole day's templates played on the shipped chart.

use crate::book::{Book, QUOTA, account, amount, bank, first_date, id, post};
use ledger::{
    Assets, Chart, Command, Fund, GlCode, Outcome, Side, Templates, TransactionHead, TrialRow,
    Turnover, house_account,
};
use money::{Amount, CNY};
use types::AccountId;

fn templates(chart: &Chart) -> Templates {
    let assets = include_str!("../../../../books/assets.toml");
    let assets = Assets::parse(assets, "assets.toml").expect("valid");
    let text = include_str!("../../../../books/templates.toml");
    Templates::parse(text, "templates.toml", chart, &assets).expect("valid")
}

/// Plays events by template, each with a new id.
struct Player {
    book: Book,
    templates: Templates,
    next: u128,
}

impl Player {
    fn new() -> Self {
        let mut book = Book::new();
        let chart = std::sync::Arc::clone(book.ledger.chart());
        let settled = crate::book::on(&chart, "settled", "merchant_settled", CNY);
        assert!(matches!(book.run(Command::OpenAccount(settled)), Outcome::Done(_)));
        Self { templates: templates(&chart), book, next: 100 }
    }

    fn play(&mut self, event: &str, slots: &[(&str, &str)], amounts: &[(&str, u64)]) {
        self.next += 1;
        let quota = event.starts_with("quota");
        let head = TransactionHead::new(id(self.next)).asset(if quota { QUOTA } else { CNY });
        let slots: Vec<(&str, AccountId)> =
            slots.iter().map(|(slot, name)| (*slot, account(name))).collect();
        let amounts: Vec<(&str, Amount)> =
            amounts.iter().map(|(param, minor)| (*param, amount(*minor))).collect();
        let tx = self.templates.transaction(event, head, &slots, &amounts).expect(event);
        assert!(matches!(self.book.ask(tx), Outcome::Done(_)), "{event}");
        self.book.proves();
    }

    fn cut(&mut self) {
        let closing = self.book.ledger.open_date();
        let cut = Command::CutDay { closing, opening: closing.next() };
        assert!(matches!(self.book.run(cut), Outcome::Done(_)));
        self.book.proves();
    }

    /// What entered through a channel before today has arrived.
    fn arrived(&mut self, name: &str) {
        self.next += 1;
        let through = self.book.ledger.open_date().plus_days(-1);
        let (id, source) = (id(self.next), account(name));
        let settle = Command::Settle { id, source, through, reference: 0 };
        assert!(matches!(self.book.run(settle), Outcome::Done(_)));
        self.book.proves();
    }

    fn house(&self, role: &str) -> i128 {
        let account = self.book.ledger.account(house_account(role, CNY)).expect(role);
        account.balance()
    }
}

#[test]
fn two_days_of_every_template_keep_every_proof() {
    let mut day = Player::new();
    let (amount, channel) = ("amount", ("channel", "chan"));
    day.play("capital_contribution", &[], &[(amount, 1_000_000)]);
    day.play("reserve_top_up", &[], &[(amount, 5_000)]);
    day.play("topup", &[channel, ("payee", "ann")], &[(amount, 100_000)]);
    day.play("deposit", &[("payee", "bob")], &[(amount, 50_000)]);
    day.play("quota_grant", &[("left", "left")], &[(amount, 500_000)]);
    day.play("quota_use", &[("left", "left"), ("used", "used")], &[(amount, 20_000)]);
    day.play("pay_balance", &[("payer", "ann"), ("merchant", "shop")], &[(amount, 20_000)]);
    day.play("pay_channel", &[channel, ("merchant", "shop")], &[(amount, 80_000)]);
    day.play("transfer", &[("payer", "ann"), ("payee", "bob")], &[(amount, 1_000)]);
    day.play("review_received", &[channel], &[(amount, 700)]);
    day.play("review_released", &[("payee", "shop")], &[(amount, 500)]);
    day.play("review_rejected", &[], &[(amount, 200)]);
    day.play("late_success", &[channel], &[(amount, 300)]);
    day.play("refund_channel_paid", &[channel], &[(amount, 500)]);
    day.play("withdraw_try", &[("payer", "bob")], &[(amount, 10_000), ("fee", 100)]);
    day.play("withdraw_paid", &[], &[(amount, 9_000)]);
    day.play("withdraw_paid_channel", &[channel], &[(amount, 600)]);
    day.play("withdraw_returned", &[("payer", "bob")], &[(amount, 400), ("fee", 100)]);
    day.play("refund_balance", &[("merchant", "shop"), ("payer", "ann")], &[(amount, 2_000)]);
    day.play("quota_return", &[("left", "left"), ("used", "used")], &[(amount, 2_000)]);
    day.play("refund_channel_try", &[("merchant", "shop")], &[(amount, 3_000)]);
    day.play("refund_channel_paid", &[channel], &[(amount, 1_000)]);
    day.play("refund_returned", &[("merchant", "shop")], &[(amount, 1_000)]);
    day.play("refund_to_balance", &[("payer", "ann")], &[(amount, 1_000)]);
    day.play("channel_cost", &[], &[("cost", 400)]);
    day.play("channel_cost_returned", &[], &[("cost", 10)]);
    day.play("advance", &[("settled", "settled")], &[(amount, 30_000), ("fee", 15)]);
    day.play("merchant_payout", &[("settled", "settled")], &[(amount, 29_985)]);
    day.cut();
    let net = u64::try_from(day.book.shows("chan").0).expect("owed to us") - 390;
    day.play("channel_settlement", &[channel], &[("received", net), ("cost", 390)]);
    assert_eq!(day.book.shows("chan").0, 0);
    assert_eq!(day.house("channel_cost_payable"), 0);
    day.arrived("chan");
    day.play("channel_settlement", &[channel], &[("paid", 5), ("cost_returned", 5)]);
    let owed = u64::try_from(day.book.shows("shop").0).expect("owed to the shop") - 30_600;
    let books = [("pending", "shop"), ("settled", "settled")];
    day.play("merchant_settlement", &books, &[("fee", 600), ("repaid", 30_000), ("net", owed)]);
    assert_eq!((day.house("advance_receivable"), day.book.shows("shop").0), (0, 0));
    day.play("merchant_settlement", &books, &[("fee_returned", 20)]);
    day.play("merchant_payout", &[("settled", "settled")], &[(amount, owed)]);
    day.play("merchant_payout_returned", &[("settled", "settled")], &[(amount, owed)]);
    day.play("break_long", &[channel], &[(amount, 900)]);
    day.play("break_long_credited", &[("payee", "shop")], &[(amount, 300)]);
    day.play("break_long_refund", &[channel], &[(amount, 400)]);
    day.play("break_long_gain", &[], &[(amount, 200)]);
    assert_eq!(day.house("recon_long"), 0);
    day.play("break_short_claim", &[channel], &[(amount, 50)]);
    day.play("break_short_paid", &[], &[(amount, 30)]);
    day.play("write_off", &[], &[(amount, 20)]);
    assert_eq!(day.house("channel_claim"), 0);
    day.play("break_short_reversed", &[("payee", "shop"), channel], &[(amount, 60)]);
    day.play("fee_diff_cost", &[], &[(amount, 3)]);
    day.play("fee_diff_gain", &[], &[(amount, 2)]);
    day.play("quota_reset", &[("left", "left"), ("used", "used")], &[(amount, 500_000)]);
    assert_eq!(day.book.shows("left"), (500_000, 0, 500_000, 0));
    day.play("quota_withdrawn", &[("left", "left")], &[(amount, 900_000)]);
    assert_eq!(day.book.shows("left").0, 0);
    let fees = u64::try_from(day.house("house_in_reserve")).expect("fees wait");
    assert_eq!(day.house("due_from_reserve"), i128::from(fees), "both funds see the same");
    // Part of it is a break of today, which the channel has yet to pay.
    day.cut();
    day.arrived("chan");
    day.play("fee_transfer", &[], &[(amount, fees)]);
    assert_eq!((day.house("house_in_reserve"), day.house("due_from_reserve")), (0, 0));
    let balance = day.book.ledger.trial_balance(day.book.ledger.open_date());
    assert!(balance.totals.iter().all(ledger::TrialTotal::balanced), "{:?}", balance.totals);
    let used: std::collections::BTreeSet<_> = played().into_iter().collect();
    let all: Vec<_> = day.templates.list().map(|t| t.event.clone()).collect();
    let missing: Vec<_> = all.iter().filter(|e| !used.contains(e.as_str())).collect();
    assert!(missing.is_empty(), "templates this test does not play: {missing:?}");
}

/// The events the test above names, read from its own text.
fn played() -> Vec<&'static str> {
    let text = include_str!("day.rs");
    text.split("day.play(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn movements_are_kept_a_date_and_leaf() {
    let mut book = Book::funded();
    let chart = std::sync::Arc::clone(book.ledger.chart());
    let ann = chart.role("customer_balance_2").expect("a role");
    let closing = first_date();
    book.run(Command::CutDay { closing, opening: closing.plus_days(3) });
    book.done(post(5, &[(account("ann"), account("bob"), 300)]));
    let movement = |date| book.ledger.gl_movement(date, ann, CNY);
    assert_eq!(movement(closing), Turnover { debit: 0, credit: 1_000 });
    assert_eq!(movement(closing.plus_days(3)), Turnover { debit: 300, credit: 0 });
    assert_eq!(movement(closing.plus_days(1)), Turnover::default());
    assert_eq!(book.ledger.gl_movement(closing, ann, QUOTA), Turnover::default());
    assert_eq!(book.ledger.dates(), [closing, closing.plus_days(3)]);
    // Holds do not move the general ledger.
    book.hold(6, &[(account("ann"), account("bob"), 10)]);
    assert_eq!(book.ledger.gl_movement(closing.plus_days(3), ann, CNY).debit, 300);
}

fn row(rows: &[TrialRow], code: u32) -> &TrialRow {
    rows.iter().find(|r| r.code == GlCode(code) && r.asset == CNY).expect("listed")
}

#[test]
fn the_trial_balance_rolls_up_and_carries_over() {
    let mut book = Book::funded();
    let closing = first_date();
    book.run(Command::CutDay { closing, opening: closing.plus_days(3) });
    book.done(post(5, &[(account("ann"), account("bob"), 300)]));
    book.done(post(6, &[(bank(), account("chan"), 250)]));
    let balance = book.ledger.trial_balance(closing.plus_days(3));
    let leaf = row(&balance.rows, 201_102);
    assert_eq!((leaf.normal, leaf.fund), (Side::Credit, Some(Fund::Reserve)));
    assert_eq!((leaf.opening_debit, leaf.opening_credit), (0, 1_000));
    assert_eq!((leaf.debit_turnover, leaf.credit_turnover), (300, 0));
    assert_eq!((leaf.closing_debit, leaf.closing_credit), (0, 700));
    let parent = row(&balance.rows, 2011);
    assert_eq!((parent.depth, parent.leaf), (0, false));
    assert_eq!((parent.opening_credit, parent.closing_credit), (1_000, 1_000));
    assert_eq!((parent.debit_turnover, parent.credit_turnover), (300, 300));
    assert_eq!(row(&balance.rows, 101_201).closing_debit, 250);
    let total = balance.totals.iter().find(|t| t.asset == CNY).expect("CNY");
    assert!(total.balanced());
    assert_eq!(
        (total.opening_debit, total.debit_turnover, total.closing_debit),
        (1_000, 550, 1_000)
    );
    // A weekend carries Friday's closing; before the first date there was nothing.
    let weekend = book.ledger.trial_balance(closing.plus_days(1));
    let carried = row(&weekend.rows, 201_102);
    assert_eq!((carried.opening_credit, carried.closing_credit), (1_000, 1_000));
    assert_eq!((carried.debit_turnover, carried.credit_turnover), (0, 0));
    assert!(book.ledger.trial_balance(closing.plus_days(-1)).rows.is_empty());
    let past = book.ledger.trial_balance(closing);
    assert_eq!(row(&past.rows, 201_102).closing_credit, 1_000);
}
