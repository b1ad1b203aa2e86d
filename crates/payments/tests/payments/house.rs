//! A whole house on a directory: it can be dropped at any moment and opened again.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use bookkeeper::Bookkeeper;
use channels::{ChannelConfig, ChannelKey, Channels};
use ledger::{Assets, Chart, Command, Templates, TransactionHead, house_account};
use members::keypad::{self, Binding, Envelope};
use members::verification::{HttpProvider, Provider, ProviderKey, ProviderTerms, Verifiers};
use members::{
    Class, Cycle, HashCost, Issuers, Members, MembersConfig, NewMerchant, NewUser, Regulation,
};
use money::{Amount, CNY};
use payments::{
    Auth, Config, Kind, Method, NewOrder, NewRefund, Order, Origin, Parts, Payments, Status, Watch,
};
use records::{Records, Secrets};
use risk::{Files, Risk, Source};
use simulators::{
    ChannelSimulator, Faults, SimulatorConfig, SimulatorKind, VerifierConfig, VerifierSimulator,
};
use tempfile::TempDir;
use testkit::{SeededRandom, moment};
use types::{
    AccountId, Clock, ManualClock, MerchantId, OrderId, Random, Text, Timestamp, TransactionId,
    UserId,
};

/// The payment password of everybody.
pub const PASSWORD: &str = "830592";
/// Amounts on which the tests' rules act, in fen.
pub const STEP_UP: i64 = 77_700;
pub const REVIEW: i64 = 88_800;
pub const REJECT: i64 = 66_600;

const RULES: &str = r#"
[[rule]]
name = "test_reject"
order = 1
kind = "context"
when = 'event.amount_minor == 66600'
outcome = "reject"
text = { en = "refused", zh = "拒绝" }

[[rule]]
name = "test_step_up"
order = 2
kind = "context"
when = 'event.amount_minor == 77700'
outcome = "step_up"
factors = ["payment_password"]
text = { en = "step up", zh = "加强验证" }

[[rule]]
name = "test_review"
order = 3
kind = "context"
when = 'event.amount_minor == 88800'
outcome = "review"
text = { en = "review", zh = "人工审核" }
"#;

macro_rules! book {
    ($name:literal) => {
        include_str!(concat!("../../../../books/", $name))
    };
}

/// What stays when the house is dropped: its directory, and the world outside.
pub struct World {
    pub dir: TempDir,
    pub card: ChannelSimulator,
    pub wallet: ChannelSimulator,
    verifiers: Vec<VerifierSimulator>,
    pub clock: Arc<ManualClock>,
    pub random: Arc<SeededRandom>,
    micros: AtomicI64,
    serial: AtomicU32,
}

/// The house, open.
pub struct House {
    pub records: Records,
    pub members: Members,
    pub risk: Risk,
    pub channels: Channels,
    pub book: Bookkeeper,
    pub templates: Arc<Templates>,
    pub payments: Payments,
}

fn providers() -> Vec<ProviderTerms> {
    Verifiers::parse(book!("verifiers.toml"), "verifiers.toml").expect("the book").0
}

fn local() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn channel_key(code: &str) -> ChannelKey {
    ChannelKey::new(if code == "card" { [1; 32] } else { [2; 32] })
}

async fn simulator(dir: PathBuf, kind: SimulatorKind, faults: Faults) -> ChannelSimulator {
    let code = if kind == SimulatorKind::Card { "card" } else { "wallet" };
    let terms = channels::parse(book!("channels.toml"), "channels.toml").expect("the book");
    let cost = terms.iter().find(|t| t.code == code).expect("the channel").cost;
    ChannelSimulator::start(SimulatorConfig {
        kind,
        dir,
        listen: local(),
        key: channel_key(code),
        seed: 7,
        cost,
        faults,
        packed: false,
    })
    .await
    .expect("the simulator starts")
}

impl World {
    /// A new directory; the card channel has these faults, the wallet none.
    pub async fn new(card: Faults) -> Self {
        let dir = TempDir::new().expect("a directory");
        let mut verifiers = Vec::new();
        for terms in providers() {
            let key = ProviderKey::new([3; 32]);
            let config = VerifierConfig::quick(terms, local(), key, 7);
            verifiers.push(VerifierSimulator::start(config).await.expect("the verifier starts"));
        }
        Self {
            card: simulator(dir.path().join("card"), SimulatorKind::Card, card).await,
            wallet: simulator(dir.path().join("wallet"), SimulatorKind::Wallet, Faults::default())
                .await,
            verifiers,
            clock: testkit::clock_at("2026-10-12T09:00:00+08:00"),
            random: Arc::new(SeededRandom::new(7)),
            micros: AtomicI64::new(moment("2026-10-12T09:00:00+08:00").as_micros()),
            serial: AtomicU32::new(0),
            dir,
        }
    }

    /// Puts another card channel in the place of the first: it remembers nothing.
    pub async fn forget_card(&mut self) {
        self.card_from("card-2", Faults::default()).await;
    }

    /// Puts the first card channel back, with these faults from now on: it remembers everything.
    pub async fn remember_card(&mut self, faults: Faults) {
        self.card_from("card", faults).await;
    }

    /// Puts the card channel of this folder in the place of the one that runs, and waits until
    /// that one has let go of its own.
    async fn card_from(&mut self, folder: &str, faults: Faults) {
        let new = simulator(self.dir.path().join(folder), SimulatorKind::Card, faults).await;
        let old = std::mem::replace(&mut self.card, new);
        old.stop().await.expect("its log is sealed");
    }

    /// The next moment, a second on; the clock follows.
    pub fn tick(&self) -> Timestamp {
        self.after(1)
    }

    /// This many seconds on.
    pub fn after(&self, seconds: i64) -> Timestamp {
        let step = seconds * 1_000_000;
        let at = Timestamp::from_micros(self.micros.fetch_add(step, Ordering::SeqCst) + step);
        self.clock.advance_to(at);
        at
    }

    pub async fn open(&self) -> House {
        self.open_with(Config::default(), None).await
    }

    pub async fn open_watched(&self, watch: Arc<dyn Watch>) -> House {
        self.open_with(Config::default(), Some(watch)).await
    }

    pub async fn open_with(&self, config: Config, watch: Option<Arc<dyn Watch>>) -> House {
        let dir = self.dir.path();
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as _;
        let random: Arc<dyn Random> = Arc::clone(&self.random) as _;
        let chart = Arc::new(Chart::parse(book!("chart.toml"), "chart.toml").expect("the chart"));
        let assets = Arc::new(Assets::parse(book!("assets.toml"), "assets.toml").expect("assets"));
        let templates =
            Templates::parse(book!("templates.toml"), "templates.toml", &chart, &assets);
        let templates = Arc::new(templates.expect("the templates"));
        let url = testkit::postgres::records_url(dir);
        let migrations = [members::MIGRATIONS, risk::MIGRATIONS, payments::MIGRATIONS];
        let records = Records::open(&url, &migrations).await.expect("the records open");
        let place = bookkeeper::Config {
            dir: dir.join("book"),
            open_date: moment("2026-10-12T00:00:00+08:00").date(),
        };
        let book = Bookkeeper::open(place, chart, Arc::clone(&clock)).expect("the book opens");
        let members = self.members(&records, &book, &templates, assets, &random).await;
        let features = Source { file: "features.toml", text: book!("risk/features.toml") };
        let rules = Source { file: "rules.toml", text: RULES };
        let files = Files { features, rules };
        let stopwatch = Arc::new(risk::Standing);
        let risk = Risk::open_with(records.clone(), files, Arc::clone(&clock), stopwatch)
            .await
            .expect("risk control opens");
        let channels = self.channels(&clock, &random);
        let parts = Parts {
            records: records.clone(),
            members: members.clone(),
            risk: risk.clone(),
            channels: channels.clone(),
            bookkeeper: book.clone(),
            templates: Arc::clone(&templates),
            config,
        };
        let payments = Payments::open_watched(parts, watch).await.expect("payments open");
        House { records, members, risk, channels, book, templates, payments }
    }

    async fn members(
        &self,
        records: &Records,
        book: &Bookkeeper,
        templates: &Arc<Templates>,
        assets: Arc<Assets>,
        random: &Arc<dyn Random>,
    ) -> Members {
        let secrets = Secrets::open(&self.dir.path().join("keys"), &**random).expect("the keys");
        let providers = providers().into_iter().zip(&self.verifiers).map(|(terms, verifier)| {
            let key = ProviderKey::new([3; 32]);
            let provider = HttpProvider::new(terms, &verifier.url(), key, Arc::clone(random));
            Arc::new(provider.expect("a provider")) as Arc<dyn Provider>
        });
        let parts = members::Parts {
            records: records.clone(),
            bookkeeper: book.clone(),
            secrets: Arc::new(secrets),
            templates: Arc::clone(templates),
            assets,
            config: MembersConfig {
                password_hash: HashCost { memory_kib: 32, passes: 1, lanes: 1 },
                ..MembersConfig::default()
            },
            regulation: Regulation::parse(book!("regulation.toml"), "regulation.toml")
                .expect("the regulation"),
            issuers: Issuers::parse(book!("bins.toml"), "bins.toml").expect("the issuers"),
            providers: providers.collect(),
            messenger: None,
            random: Arc::clone(random),
        };
        Members::open(parts, self.clock.now()).await.expect("members open")
    }

    fn channels(&self, clock: &Arc<dyn Clock>, random: &Arc<dyn Random>) -> Channels {
        let terms = channels::parse(book!("channels.toml"), "channels.toml").expect("the book");
        let configs = terms.into_iter().map(|mut terms| {
            // A held answer must not hold the test.
            terms.timeout = Duration::from_millis(400);
            let url = if terms.code == "card" { self.card.url() } else { self.wallet.url() };
            let key = channel_key(&terms.code);
            ChannelConfig { terms, url, key }
        });
        Channels::open(configs.collect(), clock, random).expect("the channels open")
    }

    /// A serial that was not used before.
    fn serial(&self) -> u32 {
        self.serial.fetch_add(1, Ordering::SeqCst)
    }
}

/// Making people.
impl House {
    /// A verified user of class II with a payment password.
    pub async fn user(&self, world: &World) -> UserId {
        self.user_of(world, Class::II).await
    }

    pub async fn user_of(&self, world: &World, class: Class) -> UserId {
        let (serial, now) = (world.serial(), world.tick());
        let new =
            NewUser { phone: simulators::people::phone(serial), email: None, login_name: None };
        let user = self.members.register(new, now).await.expect("registered");
        let claim = simulators::people::claim(serial, class);
        self.members.verify_real_name(user, claim, now).await.expect("verified");
        let binding = Members::set_password_binding();
        let envelope = self.seal(world, user, &binding, PASSWORD).await;
        self.members.set_payment_password(user, &envelope, world.tick()).await.expect("set");
        user
    }

    /// A registered user without a real name.
    pub async fn stranger(&self, world: &World) -> UserId {
        let phone = simulators::people::phone(world.serial());
        let new = NewUser { phone, email: None, login_name: None };
        self.members.register(new, world.tick()).await.expect("registered")
    }

    pub async fn merchant(&self, world: &World, webhook_url: Option<String>) -> MerchantId {
        let new = NewMerchant {
            name: Text::new("Tea house", "茶馆"),
            uscc: simulators::people::uscc(world.serial()),
            legal_name: None,
            fee_plan: "standard".to_owned(),
            cycle: Cycle::T1,
            advance_d0: false,
            webhook_url,
        };
        let made = self.members.register_merchant(new, world.tick()).await;
        made.expect("registered").merchant
    }

    pub async fn agree(&self, world: &World, user: UserId, merchant: MerchantId) {
        let most = Amount::new(100_000).expect("small");
        let agreed = self.members.agree_password_free(user, merchant, most, most, world.tick());
        agreed.await.expect("agreed");
    }

    /// A user with this much on the balance, through the wallet.
    pub async fn user_with(&self, world: &World, minor: i64) -> UserId {
        let user = self.user(world).await;
        self.fund(world, user, minor).await;
        user
    }

    /// A user with this much on the balance that has settled: it came by bank transfer.
    pub async fn settled_user_with(&self, world: &World, minor: u64) -> UserId {
        let user = self.user(world).await;
        let cash = self.cash(user).await;
        let id = TransactionId::of(&[b"deposit", &cash.as_u128().to_be_bytes()]);
        let amounts = [("amount", Amount::new(minor).expect("small"))];
        let head = TransactionHead::new(id);
        let posted = self.templates.transaction("deposit", head, &[("payee", cash)], &amounts);
        self.book.post(posted.expect("the template fits")).await.expect("posted");
        user
    }

    /// Closes the day, and settles what came in through a channel on it.
    pub async fn settle_day(&self, channel: &str) {
        let closing = self.book.open_date();
        let source = channels::receivable(channel, CNY);
        let id = TransactionId::of(&[b"settle", channel.as_bytes()]);
        let commands = vec![
            Command::CutDay { closing, opening: closing.next() },
            Command::Settle { id, source, through: closing, reference: 0 },
        ];
        for outcome in self.book.submit(commands).await.expect("the book answers") {
            outcome.receipt().expect("done");
        }
    }

    pub async fn fund(&self, world: &World, user: UserId, minor: i64) {
        let key = format!("fund-{}", world.serial());
        let new = top_up(user, &key, minor, "wallet");
        let order = self.payments.place(new, world.tick()).await.expect("placed");
        assert_eq!(order.status(), Status::Succeeded, "{order:?}");
    }

    /// Puts own money into the reserve, so that withdrawals can be paid.
    pub async fn fill_reserve(&self, minor: u64) {
        let amount = Amount::new(minor).expect("small");
        for event in ["capital_contribution", "reserve_top_up"] {
            let id = TransactionId::of(&[event.as_bytes(), &minor.to_be_bytes()]);
            let head = TransactionHead::new(id);
            let posted = self.templates.transaction(event, head, &[], &[("amount", amount)]);
            let command = Command::Transact(posted.expect("the template fits"));
            for outcome in self.book.submit(vec![command]).await.expect("the book answers") {
                outcome.receipt().expect("posted");
            }
        }
    }

    pub async fn seal(
        &self,
        world: &World,
        user: UserId,
        binding: &Binding,
        password: &str,
    ) -> Envelope {
        let now = world.tick();
        let nonce = self.members.password_nonce(user, now).await.expect("a nonce");
        let key = self.members.password_public_key();
        keypad::seal(&key, &nonce, user, binding, password, now, &*world.random).expect("sealed")
    }

    /// The password for an order, as the payer's phone seals it.
    pub async fn password(&self, world: &World, new: &NewOrder, password: &str) -> Envelope {
        let binding = new.binding().expect("positive");
        self.seal(world, new.payer, &binding, password).await
    }

    /// The order with the right password.
    pub async fn with_password(&self, world: &World, new: NewOrder) -> NewOrder {
        let envelope = self.password(world, &new, PASSWORD).await;
        NewOrder { auth: Auth::Password(envelope), ..new }
    }
}

/// Looking at the book.
impl House {
    pub async fn cash(&self, user: UserId) -> AccountId {
        self.members.payer(user).await.expect("a user").account.expect("an account")
    }

    pub fn pending(&self, merchant: MerchantId) -> AccountId {
        self.members.merchant(merchant).expect("a merchant").pending
    }

    /// Balance and what is held of it, in fen.
    pub fn stands(&self, account: AccountId) -> (i128, u64) {
        let account = self.book.account(account).expect("an account");
        (account.balance(), account.held())
    }

    pub async fn balance(&self, user: UserId) -> (i128, u64) {
        self.stands(self.cash(user).await)
    }

    /// What every account of money stands at, and what was used of every limit: what a refusal
    /// must not change. (What is left of a limit is granted when it is first asked for.)
    pub fn snapshot(&self) -> BTreeMap<AccountId, (i128, u64, u64)> {
        let chart = self.book.chart();
        let used = chart.role("quota_used");
        let leaves = chart.nodes().filter(|node| node.leaf).map(|node| node.code);
        let accounts = leaves.flat_map(|leaf| self.book.accounts_of_leaf(leaf).expect("read"));
        accounts
            .filter(|a| a.asset == CNY || Some(a.leaf) == used)
            .map(|a| (a.id, (a.balance(), a.debits_pending, a.credits_pending)))
            .filter(|(_, stands)| *stands != (0, 0, 0))
            .collect()
    }

    /// The order's posted and pending moves: (event, debit, credit, amount, state).
    pub fn moves(&self, order: OrderId) -> Vec<(String, AccountId, AccountId, u64)> {
        let views = self.book.transactions_of(order).expect("read").into_iter();
        let posted = views.filter(|v| v.state == ledger::TransactionState::Posted);
        posted
            .flat_map(|view| {
                let event = self.templates.by_code(view.transaction.event).expect("known");
                let name = event.event.clone();
                let money = view
                    .moves
                    .into_iter()
                    .filter(|m| self.book.account(m.debit).is_some_and(|a| a.asset == CNY));
                money
                    .map(move |m| (name.clone(), m.debit, m.credit, m.amount.minor()))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// Every proof holds.
    pub async fn prove(&self) {
        let proofs = self.book.prove();
        assert!(proofs.hold(), "{:?}", proofs.findings);
        let orders = self.payments.prove_orders().await.expect("proved");
        assert!(orders.holds(), "{:?}", orders.differences);
    }

    /// Recovers, time passing, until no order is left unfinished.
    pub async fn settle(&self, world: &World) {
        for _ in 0..40 {
            let done = self.payments.recover(world.after(30)).await.expect("recovered");
            assert_eq!(done.faults, 0);
            if self.payments.unfinished().await.expect("counted") == 0 {
                return;
            }
        }
        let stuck = self.payments.stuck(world.tick(), 10).await.expect("listed");
        panic!("orders are not finished: {stuck:?}");
    }

    pub async fn order(&self, id: OrderId) -> Order {
        self.payments.get(id).await.expect("read").expect("there")
    }

    /// The steps of an order, by name.
    pub async fn steps(&self, id: OrderId) -> Vec<String> {
        let trace = self.payments.trace(id).await.expect("read").expect("there");
        trace.steps.into_iter().map(|step| step.step).collect()
    }

    /// Shuts book and records, whoever still holds them: what a crash leaves is on the disk.
    pub async fn close(self) {
        self.book.close();
        self.records.close().await;
    }
}

fn order(kind: Kind, payer: UserId, key: &str, amount: i64) -> NewOrder {
    NewOrder {
        kind,
        merchant: None,
        placed_by: None,
        key: key.to_owned(),
        payer,
        payee: None,
        amount,
        currency: "CNY".to_owned(),
        method: Method::Balance,
        auth: Auth::ByChannel,
        origin: Origin { device: Some("phone-1".to_owned()), ip: None },
        subject: "茶".to_owned(),
        notify_url: None,
    }
}

pub fn by_channel(code: &str) -> Method {
    Method::Channel { code: code.to_owned(), instrument: format!("{code}_4321") }
}

pub fn top_up(user: UserId, key: &str, amount: i64, channel: &str) -> NewOrder {
    NewOrder { method: by_channel(channel), ..order(Kind::TopUp, user, key, amount) }
}

/// From the balance, under an agreement.
pub fn pay(user: UserId, merchant: MerchantId, key: &str, amount: i64) -> NewOrder {
    NewOrder {
        merchant: Some(merchant),
        auth: Auth::PasswordFree,
        ..order(Kind::Payment, user, key, amount)
    }
}

pub fn pay_by(
    user: UserId,
    merchant: MerchantId,
    key: &str,
    amount: i64,
    channel: &str,
) -> NewOrder {
    let auth = Auth::ByChannel;
    NewOrder { method: by_channel(channel), auth, ..pay(user, merchant, key, amount) }
}

/// Needs a password.
pub fn transfer(user: UserId, payee: UserId, key: &str, amount: i64) -> NewOrder {
    NewOrder { payee: Some(payee), ..order(Kind::Transfer, user, key, amount) }
}

/// Needs a password.
pub fn withdraw(user: UserId, key: &str, amount: i64) -> NewOrder {
    NewOrder { method: by_channel("card"), ..order(Kind::Withdrawal, user, key, amount) }
}

pub fn refund(merchant: MerchantId, key: &str, of: OrderId, amount: i64) -> NewRefund {
    NewRefund {
        merchant,
        key: key.to_owned(),
        of,
        amount,
        subject: "退货".to_owned(),
        notify_url: None,
    }
}

/// The house's account of a role.
pub fn role(role: &str) -> AccountId {
    house_account(role, CNY)
}

/// A million in a million.
pub const ALWAYS: u32 = 1_000_000;
