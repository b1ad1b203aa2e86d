//! A house to reconcile: real records, a real book, real templates; one channel, one merchant.

use crate::day::{Trade, date, daybook};
use crate::formats::shipped;
use crate::layouts::generic;
use bookkeeper::{Bookkeeper, Config};
use ledger::{
    Assets, Chart, Command, NewAccount, Owner, Templates, TransactionHead, house_account,
};
use money::{Amount, CNY};
use recon::{
    Break, BreakFilter, Class, Error, Limits, MIGRATIONS, Recon, Resources, RunReport, RunRequest,
};
use records::Records;
use std::path::PathBuf;
use std::sync::Arc;
use types::{AccountId, ManualClock, MerchantId, Timestamp, TransactionId};

pub const CHANNEL: &str = "card";

pub struct House {
    pub book: Bookkeeper,
    pub templates: Arc<Templates>,
    pub recon: Recon,
    pub records: Records,
    merchant: AccountId,
    dir: tempfile::TempDir,
}

pub fn now() -> Timestamp {
    date().next().start().plus_seconds(6 * 3_600)
}

fn amount(minor: i64) -> Amount {
    Amount::try_from(minor).expect("positive")
}

impl House {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let chart = Chart::parse(include_str!("../../../../books/chart.toml"), "chart.toml");
        let chart = Arc::new(chart.expect("valid"));
        let assets = Assets::parse(include_str!("../../../../books/assets.toml"), "assets.toml");
        let text = include_str!("../../../../books/templates.toml");
        let templates = Templates::parse(text, "templates.toml", &chart, &assets.expect("valid"));
        let templates = Arc::new(templates.expect("valid"));
        let config = Config { dir: dir.path().join("book"), open_date: date() };
        let clock = Arc::new(ManualClock::new(date().start()));
        let book = Bookkeeper::open(config, Arc::clone(&chart), clock).expect("a book");
        let merchant = AccountId::of(&[b"a merchant"]);
        let open = |id, role: &str, owner| {
            let leaf = chart.role(role).expect("a role");
            let flags = chart.flags(leaf);
            Command::OpenAccount(NewAccount { id, asset: CNY, leaf, owner, flags })
        };
        let outcomes = book
            .submit(vec![
                open(channels::receivable(CHANNEL, CNY), "channel_receivable", Owner::Channel(1)),
                open(merchant, "merchant_pending", Owner::Merchant(MerchantId::of(&[b"m"]))),
            ])
            .await
            .expect("taken");
        assert!(outcomes.into_iter().all(|o| o.receipt().is_ok()));
        let url = testkit::postgres::records_url(dir.path());
        let records = Records::open(&url, &[MIGRATIONS]).await.expect("records");
        let recon = Recon::open(records.clone(), book.clone(), Arc::clone(&templates), shipped());
        let house = Self { book, templates, recon, records, merchant, dir };
        // A channel may give back more than it takes: the reserve must be able to pay it.
        house.post("capital_contribution", "", &[], &[("amount", 10_000)]).await;
        house.post("reserve_top_up", "", &[], &[("amount", 10_000)]).await;
        house
    }

    pub fn receivable() -> AccountId {
        channels::receivable(CHANNEL, CNY)
    }

    pub fn balance(&self, account: AccountId) -> i128 {
        self.book.account(account).expect("open").balance()
    }

    pub fn role(&self, role: &str) -> i128 {
        self.balance(house_account(role, CNY))
    }

    /// The same house with other resources for its runs.
    pub fn with(&self, resources: Resources) -> Recon {
        let (book, templates) = (self.book.clone(), Arc::clone(&self.templates));
        Recon::open(self.records.clone(), book, templates, shipped())
            .with_limits(Limits::default(), resources)
    }

    async fn post(
        &self,
        event: &str,
        key: &str,
        slots: &[(&str, AccountId)],
        minor: &[(&str, i64)],
    ) {
        let head = TransactionHead::new(TransactionId::of(&[event.as_bytes(), key.as_bytes()]));
        let amounts: Vec<(&str, Amount)> = minor.iter().map(|(n, m)| (*n, amount(*m))).collect();
        let transaction = self.templates.transaction(event, head, slots, &amounts).expect(event);
        self.book.post(transaction).await.expect(event);
    }

    /// Books our orders as payments and clearing do.
    pub async fn book_orders(&self, trades: &[Trade]) {
        let channel = ("channel", Self::receivable());
        let merchant = ("merchant", self.merchant);
        for trade in trades.iter().filter(|t| t.status == "succeeded") {
            let (no, money) = (trade.no.as_str(), [("amount", trade.amount)]);
            if trade.is_refund() {
                self.post("refund_channel_try", no, &[merchant], &money).await;
                self.post("refund_channel_paid", no, &[channel], &money).await;
            } else {
                self.post("pay_channel", no, &[channel, merchant], &money).await;
            }
            match trade.fee.signum() {
                1 => self.post("channel_cost", no, &[], &[("cost", trade.fee)]).await,
                -1 => self.post("channel_cost_returned", no, &[], &[("cost", -trade.fee)]).await,
                _ => {}
            }
        }
    }

    /// The channel pays what its statement says.
    pub async fn settle(&self, key: &str, report: &RunReport) {
        let channel = ("channel", Self::receivable());
        let (fee, net) = (report.theirs.fee_minor, report.theirs.net_minor().expect("small"));
        let received = if net < 0 { "paid" } else { "received" };
        let cost = if fee < 0 { "cost_returned" } else { "cost" };
        let amounts = [(received, net.saturating_abs()), (cost, fee.saturating_abs())];
        if amounts.iter().any(|(_, minor)| *minor != 0) {
            self.post("channel_settlement", key, &[channel], &amounts).await;
        }
    }

    pub fn daybook(&self, ours: &[Trade]) -> PathBuf {
        daybook(self.dir.path(), CHANNEL, ours)
    }

    /// A run with their side in our own layout.
    pub async fn run(&self, ours: &[Trade], theirs: &[Trade]) -> Result<RunReport, Error> {
        self.recon.run(self.request(ours, theirs), now()).await
    }

    pub fn request(&self, ours: &[Trade], theirs: &[Trade]) -> RunRequest {
        RunRequest {
            channel: CHANNEL.to_owned(),
            date: date(),
            format: "generic-csv".to_owned(),
            file_name: "card.csv".to_owned(),
            statement: generic(theirs).into_bytes(),
            daybook: self.daybook(ours),
        }
    }

    pub async fn breaks(&self, report: &RunReport) -> Vec<Break> {
        let filter = BreakFilter { run: Some(report.run), limit: 10_000, ..BreakFilter::default() };
        self.recon.breaks(filter).await.expect("read")
    }

    /// Class and key of every break.
    pub async fn classes(&self, report: &RunReport) -> Vec<(Class, String)> {
        self.breaks(report).await.into_iter().map(|b| (b.pair.class, b.pair.key)).collect()
    }
}
