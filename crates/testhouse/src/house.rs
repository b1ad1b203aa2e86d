//! The house, open.

use crate::{Town, book};
use bookkeeper::{Bookkeeper, Storage};
use channels::Channels;
use clearing::Clearing;
use clearing::model::{calendar::Calendar, fees::FeeSchedule};
use dayend::DayEnd;
use journal_postgres::PostgresHome;
use ledger::{Assets, Chart, Templates};
use members::{Issuers, Members, MembersConfig, Regulation};
use payments::Payments;
use recon::{Formats, Recon};
use records::{Migrations, Records, Secrets};
use risk::Risk;
use std::path::Path;
use std::sync::Arc;
use types::{Clock, Random};

/// What a house is opened on.
pub struct Site<'a> {
    /// Where it lives.
    pub folder: &'a Path,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Its chance.
    pub random: Arc<dyn Random>,
    /// What is outside.
    pub town: &'a Town,
    /// How members are kept.
    pub members: MembersConfig,
    /// Risk rules; the windows are those of the shipped books.
    pub rules: &'a str,
    /// Tables of what stands on the rooms.
    pub migrations: &'a [Migrations],
}

/// Every room over one folder.
pub struct House {
    /// People and intentions.
    pub records: Records,
    /// Money.
    pub book: Bookkeeper,
    /// What the book counts.
    pub assets: Arc<Assets>,
    /// Chart of accounts.
    pub chart: Arc<Chart>,
    /// How events are posted.
    pub templates: Arc<Templates>,
    /// The keys of the folder.
    pub secrets: Arc<Secrets>,
    /// Customers, users, accounts.
    pub members: Members,
    /// Risk control; its deadline stands still.
    pub risk: Risk,
    /// Outside parties.
    pub channels: Channels,
    /// Orders.
    pub payments: Payments,
    /// Clearing and settlement.
    pub clearing: Clearing,
    /// Reconciliation.
    pub recon: Recon,
    /// The end of each day.
    pub day_end: DayEnd,
}

impl House {
    /// Opens every room.
    pub async fn open(site: Site<'_>) -> Self {
        let Site { folder, clock, random, town, members, rules, migrations } = site;
        let chart = Arc::new(Chart::parse(book!("chart.toml"), "chart.toml").expect("chart"));
        let assets = Arc::new(Assets::parse(book!("assets.toml"), "assets.toml").expect("assets"));
        let templates = Templates::parse(book!("templates.toml"), "t.toml", &chart, &assets);
        let templates = Arc::new(templates.expect("templates"));
        let url = testkit::postgres::records_url(folder);
        let rooms = [
            members::MIGRATIONS,
            risk::MIGRATIONS,
            payments::MIGRATIONS,
            clearing::MIGRATIONS,
            recon::MIGRATIONS,
            dayend::MIGRATIONS,
        ];
        let migrations = [&rooms[..], migrations].concat();
        let records = Records::open(&url, &migrations).await.expect("records");
        let book = open_book(folder, &chart, &clock);
        let channels = Channels::open(town.channels(), &clock, &random).expect("channels");
        let secrets = Secrets::open(&folder.join("keys"), random.as_ref()).expect("keys");
        let secrets = Arc::new(secrets);
        let parts = members::Parts {
            records: records.clone(),
            bookkeeper: book.clone(),
            secrets: Arc::clone(&secrets),
            templates: Arc::clone(&templates),
            assets: Arc::clone(&assets),
            config: members,
            regulation: Regulation::parse(book!("regulation.toml"), "r.toml").expect("regulation"),
            issuers: Issuers::parse(book!("bins.toml"), "bins.toml").expect("issuers"),
            providers: town.providers(&random),
            messenger: town.messenger(&random),
            random,
        };
        let members = Members::open(parts, clock.now()).await.expect("members");
        let files = risk::Files {
            features: risk::Source { file: "features.toml", text: book!("risk/features.toml") },
            rules: risk::Source { file: "rules.toml", text: rules },
        };
        let stopwatch = Arc::new(risk::Standing);
        let risk = Risk::open_with(records.clone(), files, clock, stopwatch).await.expect("risk");
        let parts = payments::Parts {
            records: records.clone(),
            members: members.clone(),
            risk: risk.clone(),
            channels: channels.clone(),
            bookkeeper: book.clone(),
            templates: Arc::clone(&templates),
            config: payments::Config::default(),
        };
        let payments = Payments::open(parts).await.expect("payments");
        let clearing = Clearing::new(clearing::Parts {
            records: records.clone(),
            book: book.clone(),
            members: members.clone(),
            payments: payments.clone(),
            channels: channels.clone(),
            templates: Arc::clone(&templates),
            schedule: FeeSchedule::parse(book!("fees.toml"), "fees.toml").expect("fees"),
            calendar: Calendar::parse(book!("calendar.toml"), "calendar.toml").expect("calendar"),
            day_books: folder.join("daybooks"),
        });
        let formats = Formats::parse([
            ("w.toml", book!("formats/wechat-trade-bill.toml")),
            ("a.toml", book!("formats/alipay-business-detail.toml")),
        ]);
        let posting = Arc::clone(&templates);
        let recon = Recon::open(records.clone(), book.clone(), posting, formats.expect("formats"));
        let day_end = DayEnd::new(dayend::Parts {
            records: records.clone(),
            book: book.clone(),
            payments: payments.clone(),
            channels: channels.clone(),
            clearing: clearing.clone(),
            recon: recon.clone(),
            statements: folder.join("statements"),
            config: dayend::Config::default(),
        });
        Self {
            records,
            book,
            assets,
            chart,
            templates,
            secrets,
            members,
            risk,
            channels,
            payments,
            clearing,
            recon,
            day_end,
        }
    }

    /// Shuts book and records, whoever still holds them: what a crash leaves is on the disk.
    pub async fn close(self) {
        self.book.close();
        self.records.close().await;
    }
}

/// The book, its journal in the folder or where the tests' engine has one.
fn open_book(folder: &Path, chart: &Arc<Chart>, clock: &Arc<dyn Clock>) -> Bookkeeper {
    let place = bookkeeper::Config { dir: folder.join("book"), open_date: clock.now().date() };
    let journal = testkit::postgres::journal_url(folder).map(|url| {
        let home = PostgresHome::new(&url, bookkeeper::JOURNAL_KIND).expect("a URL");
        Arc::new(home) as Arc<dyn journal::Home>
    });
    let storage = Storage { journal, ..Storage::default() };
    let book = Bookkeeper::open_on(storage, place, Arc::clone(chart), Arc::clone(clock));
    book.expect("the book")
}
