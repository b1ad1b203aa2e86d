//! The house, open; people and orders in it.

use crate::{World, book};
use bookkeeper::{Bookkeeper, Storage};
use channels::contract::CloseDay;
use channels::{Channels, Differences};
use clearing::Clearing;
use clearing::model::{calendar::Calendar, fees::FeeSchedule};
use dayend::DayEnd;
use journal_postgres::PostgresHome;
use ledger::{Assets, Chart, Templates, TransactionHead};
use members::{Class, Cycle, Issuers, Members, MembersConfig, NewMerchant, NewUser, Regulation};
use money::Amount;
use payments::{Auth, Kind, Method, NewOrder, NewRefund, Order, Origin, Payments, Status};
use recon::{Formats, Recon};
use records::{Records, Secrets};
use risk::Risk;
use simulators::people;
use std::sync::Arc;
use types::{BusinessDate, Clock, MerchantId, OrderId, Text, TransactionId, UserId};

/// Every room over one folder.
pub struct House {
    /// People and intentions.
    pub records: Records,
    /// Money.
    pub book: Bookkeeper,
    /// How events are posted.
    pub templates: Arc<Templates>,
    /// Customers, users, accounts.
    pub members: Members,
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
    pub(crate) async fn open(world: &World) -> Self {
        let (folder, random) = (world.folder(), Arc::clone(&world.random));
        let clock: Arc<dyn Clock> = Arc::clone(&world.clock) as _;
        let chart = Arc::new(Chart::parse(book!("chart.toml"), "chart.toml").expect("chart"));
        let assets = Arc::new(Assets::parse(book!("assets.toml"), "assets.toml").expect("assets"));
        let templates = Templates::parse(book!("templates.toml"), "t.toml", &chart, &assets);
        let templates = Arc::new(templates.expect("templates"));
        let url = testkit::postgres::records_url(folder);
        let migrations = [
            members::MIGRATIONS,
            risk::MIGRATIONS,
            payments::MIGRATIONS,
            clearing::MIGRATIONS,
            recon::MIGRATIONS,
            dayend::MIGRATIONS,
        ];
        let records = Records::open(&url, &migrations).await.expect("records");
        let place = bookkeeper::Config { dir: folder.join("book"), open_date: clock.now().date() };
        let journal = testkit::postgres::journal_url(folder).map(|url| {
            let home = PostgresHome::new(&url, bookkeeper::JOURNAL_KIND).expect("a URL");
            Arc::new(home) as Arc<dyn journal::Home>
        });
        let storage = Storage { journal, ..Storage::default() };
        let book = Bookkeeper::open_on(storage, place, chart, Arc::clone(&clock));
        let book = book.expect("the book");
        let channels = Channels::open(world.channel_configs(), &clock, &random).expect("channels");
        let secrets = Secrets::open(&folder.join("keys"), random.as_ref()).expect("keys");
        let parts = members::Parts {
            records: records.clone(),
            bookkeeper: book.clone(),
            secrets: Arc::new(secrets),
            templates: Arc::clone(&templates),
            assets,
            config: MembersConfig::default(),
            regulation: Regulation::parse(book!("regulation.toml"), "r.toml").expect("regulation"),
            issuers: Issuers::parse(book!("bins.toml"), "bins.toml").expect("issuers"),
            providers: world.verifying(),
            messenger: None,
            random,
        };
        let members = Members::open(parts, clock.now()).await.expect("members");
        let files = risk::Files {
            features: risk::Source { file: "features.toml", text: book!("risk/features.toml") },
            rules: risk::Source { file: "rules.toml", text: "" },
        };
        let stopwatch = Arc::new(risk::Standing);
        let risk = Risk::open_with(records.clone(), files, clock, stopwatch).await.expect("risk");
        let parts = payments::Parts {
            records: records.clone(),
            members: members.clone(),
            risk,
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
        Self { records, book, templates, members, channels, payments, clearing, recon, day_end }
    }

    /// Shuts book and records, whoever still holds them: what a crash leaves is on the disk.
    pub async fn close(self) {
        self.book.close();
        self.records.close().await;
    }

    /// The house's owners pay in own money, in fen.
    pub async fn endow(&self, minor: u64) {
        let event = "capital_contribution";
        let head = TransactionHead::new(TransactionId::of(&[event.as_bytes()]));
        let amount = Amount::new(minor).expect("small");
        let posted = self.templates.transaction(event, head, &[], &[("amount", amount)]);
        self.book.post(posted.expect("the template fits")).await.expect("posted");
    }

    /// A verified user.
    pub async fn user(&self, world: &World) -> UserId {
        let (serial, now) = (world.serial(), world.clock.now());
        let new = NewUser { phone: people::phone(serial), email: None, login_name: None };
        let user = self.members.register(new, now).await.expect("registered");
        let claim = people::claim(serial, Class::II);
        self.members.verify_real_name(user, claim, now).await.expect("verified");
        user
    }

    /// A merchant settled at T+1, perhaps advanced at D0.
    pub async fn merchant(&self, world: &World, advance_d0: bool) -> MerchantId {
        let new = NewMerchant {
            name: Text::new("Tea house", "茶馆"),
            uscc: people::uscc(world.serial()),
            legal_name: None,
            fee_plan: "standard".to_owned(),
            cycle: Cycle::T1,
            advance_d0,
            webhook_url: None,
        };
        let made = self.members.register_merchant(new, world.clock.now()).await;
        made.expect("registered").merchant
    }

    /// A payment that succeeded, by this channel, in fen.
    pub async fn pay(
        &self,
        world: &World,
        payer: UserId,
        merchant: MerchantId,
        amount: i64,
        channel: &str,
    ) -> Order {
        let new = NewOrder {
            kind: Kind::Payment,
            merchant: Some(merchant),
            placed_by: None,
            key: format!("pay-{}", world.serial()),
            payer,
            payee: None,
            amount,
            currency: "CNY".to_owned(),
            method: Method::Channel {
                code: channel.to_owned(),
                instrument: format!("{channel}_4321"),
            },
            auth: Auth::ByChannel,
            origin: Origin { device: Some("phone-1".to_owned()), ip: None },
            subject: "茶".to_owned(),
            notify_url: None,
        };
        let order = self.payments.place(new, world.clock.now()).await.expect("placed");
        assert_eq!(order.status(), Status::Succeeded, "{order:?}");
        order
    }

    /// A refund that succeeded, in fen.
    pub async fn refund(&self, world: &World, merchant: MerchantId, of: OrderId, amount: i64) {
        let new = NewRefund {
            merchant,
            key: format!("refund-{}", world.serial()),
            of,
            amount,
            subject: "退货".to_owned(),
            notify_url: None,
        };
        let order = self.payments.refund(new, world.clock.now()).await.expect("placed");
        assert_eq!(order.status(), Status::Succeeded, "{order:?}");
    }

    /// The channels end their day, truthfully.
    pub async fn end_channels_day(&self, date: BusinessDate) {
        for view in self.channels.list() {
            let channel = self.channels.get(&view.terms.code).expect("a channel");
            let close = CloseDay { date, differences: Differences::default() };
            channel.close_day(&close).await.expect("closed");
        }
    }

    /// All four proofs hold.
    pub async fn prove(&self) {
        let proofs = recon::prove(&self.book, &self.payments).await.expect("proved");
        assert!(proofs.hold(), "{:?}", proofs.findings);
    }
}
