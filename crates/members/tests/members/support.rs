//! A house to test in: records and book in a folder of their own, the simulated providers.

use bookkeeper::Bookkeeper;
use ledger::{Action, Assets, Chart, Refusal, Templates, TransactionHead};
use members::keypad::{self, Binding, Envelope, PublicKeyInfo};
use members::messages::{HttpMessenger, Messenger};
use members::model::id_number::check_character;
use members::verification::{HttpProvider, Provider, ProviderKey, Verifiers};
use members::{
    CardClaim, Class, Error, Further, HashCost, IdType, Issuers, LockPolicy, Members,
    MembersConfig, NewUser, OrderToSign, Parts, RealNameClaim, RealNameOutcome, Regulation,
    Verified,
};
use money::Amount;
use records::{Records, Secrets};
use simulators::{SmsConfig, SmsSimulator, VerifierConfig, VerifierSimulator};
use std::sync::Arc;
use tempfile::TempDir;
use testkit::{SeededRandom, TickingClock, moment};
use types::{AccountId, Masked, OrderId, Timestamp, TransactionId, UserId};

macro_rules! book {
    ($file:literal) => {
        include_str!(concat!("../../../../books/", $file))
    };
}

/// Hashing at its shipped cost would make the tests wait; its cost is measured apart.
const CHEAP: HashCost = HashCost { memory_kib: 8, passes: 1, lanes: 1 };
/// Any six digits that no rule calls weak.
pub const PASSWORD: &str = "830592";

pub struct House {
    pub members: Members,
    pub records: Records,
    pub book: Bookkeeper,
    pub templates: Arc<Templates>,
    pub sims: Vec<VerifierSimulator>,
    pub sms: SmsSimulator,
    random: Arc<SeededRandom>,
    dir: TempDir,
}

/// The scripted moment of a test: noon of a Monday.
pub fn noon() -> Timestamp {
    moment("2026-10-12T12:00:00+08:00")
}

pub fn fen(minor: u64) -> Amount {
    Amount::new(minor).expect("small")
}

impl House {
    pub async fn open() -> Self {
        Self::with(MembersConfig::default()).await
    }

    /// With this configuration, at a cheap hash.
    pub async fn with(config: MembersConfig) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut sims = Vec::new();
        for terms in verifiers().0 {
            let address = "127.0.0.1:0".parse().expect("an address");
            let config = VerifierConfig::quick(terms, address, ProviderKey::new([5; 32]), 1);
            sims.push(VerifierSimulator::start(config).await.expect("started"));
        }
        let listen = "127.0.0.1:0".parse().expect("an address");
        let sms = SmsConfig { listen, key: ProviderKey::new([6; 32]) };
        let sms = SmsSimulator::start(sms).await.expect("started");
        Self::on(dir, (sims, sms), Arc::new(SeededRandom::new(42)), config).await
    }

    /// The provider of this code.
    pub fn sim(&self, code: &str) -> &VerifierSimulator {
        let index = verifiers().0.iter().position(|terms| terms.code == code);
        &self.sims[index.expect("in the book")]
    }

    /// How often each provider was asked, as far as it was.
    pub fn asked(&self) -> Vec<(String, u64)> {
        let codes = verifiers().0.into_iter().map(|terms| terms.code);
        let each = codes.zip(self.sims.iter().map(VerifierSimulator::checks));
        each.filter(|(_, checks)| *checks > 0).collect()
    }

    /// Closes the house and opens it again on what it left on disk.
    pub async fn reopen(self) -> Self {
        let Self { members, records, book, templates, sims, sms, random, dir } = self;
        drop((members, templates));
        records.close().await;
        book.close();
        drop(book);
        Self::on(dir, (sims, sms), random, MembersConfig::default()).await
    }

    async fn on(
        dir: TempDir,
        (sims, sms): (Vec<VerifierSimulator>, SmsSimulator),
        random: Arc<SeededRandom>,
        config: MembersConfig,
    ) -> Self {
        let url = testkit::postgres::records_url(dir.path());
        let records = Records::open(&url, &[members::MIGRATIONS]).await.expect("records");
        let assets = Assets::parse(book!("assets.toml"), "assets.toml").expect("assets");
        let chart = Chart::parse(book!("chart.toml"), "chart.toml").expect("chart");
        let templates =
            Templates::parse(book!("templates.toml"), "templates.toml", &chart, &assets);
        let templates = Arc::new(templates.expect("templates"));
        let clock = Arc::new(TickingClock::new(noon(), 1));
        let place = bookkeeper::Config { dir: dir.path().join("book"), open_date: noon().date() };
        let book = Bookkeeper::open(place, chart, clock).expect("book");
        let providers = verifiers().0.into_iter().zip(&sims).map(|(terms, sim)| {
            let key = ProviderKey::new([5; 32]);
            let provider = HttpProvider::new(terms, &sim.url(), key, random.clone());
            Arc::new(provider.expect("a client")) as Arc<dyn Provider>
        });
        let messenger = HttpMessenger::new(&sms.url(), ProviderKey::new([6; 32]), random.clone());
        let messenger = Arc::new(messenger.expect("a client")) as Arc<dyn Messenger>;
        let secrets = Secrets::open(&dir.path().join("keys"), random.as_ref()).expect("keys");
        let parts = Parts {
            records: records.clone(),
            bookkeeper: book.clone(),
            secrets: Arc::new(secrets),
            templates: Arc::clone(&templates),
            assets: Arc::new(assets),
            config: MembersConfig { password_hash: CHEAP, ..config },
            regulation: Regulation::parse(book!("regulation.toml"), "r").expect("regulation"),
            issuers: Issuers::parse(book!("bins.toml"), "b").expect("issuers"),
            providers: providers.collect(),
            messenger: Some(messenger),
            random: random.clone(),
        };
        let members = Members::open(parts, noon()).await.expect("members");
        Self { members, records, book, templates, sims, sms, random, dir }
    }

    /// Where the records lie.
    pub fn folder(&self) -> &std::path::Path {
        self.dir.path()
    }

    pub async fn register(&self, n: u64) -> UserId {
        self.members.register(new_user(n), noon()).await.expect("registered")
    }

    /// Registers the `n`th phone and verifies it as the `n`th person.
    pub async fn verified(&self, n: u64, class: Class) -> Verified {
        let user = self.register(n).await;
        verified(self.members.verify_real_name(user, claim(n, class), noon()).await)
    }

    /// Registered, verified and with [`PASSWORD`].
    pub async fn with_password(&self, n: u64) -> Verified {
        let verified = self.verified(n, Class::I).await;
        let binding = Members::set_password_binding();
        let envelope = self.seal(verified.user, &binding, PASSWORD, noon()).await;
        let set = self.members.set_payment_password(verified.user, &envelope, noon()).await;
        set.expect("set");
        verified
    }

    /// Has the code of a merge sent to the `n`th phone, which is `existing`'s, and reads it there.
    pub async fn merge_code(
        &self,
        existing: UserId,
        n: u64,
        user: UserId,
        at: Timestamp,
    ) -> String {
        let (purpose, subject) = (members::CodePurpose::Merge, user.to_string());
        self.members.send_code(existing, purpose, &subject, at).await.expect("sent");
        self.sms.last(phone(n).expose()).expect("a message")
    }

    /// Hangs `user` under the first person's customer as that person would.
    pub async fn joined(&self, user: UserId, existing: UserId, at: Timestamp) -> Verified {
        let envelope = self.seal(existing, &Members::merge_binding(user), PASSWORD, at).await;
        let code = self.merge_code(existing, 1, user, at).await;
        let claim = claim(1, Class::I);
        self.members.merge(user, claim, existing, &envelope, &code, at).await.expect("merged")
    }

    pub async fn seal(
        &self,
        user: UserId,
        binding: &Binding,
        password: &str,
        now: Timestamp,
    ) -> Envelope {
        let key = self.members.password_public_key();
        self.seal_to(&key, user, binding, password, now).await
    }

    pub async fn seal_to(
        &self,
        key: &PublicKeyInfo,
        user: UserId,
        binding: &Binding,
        password: &str,
        now: Timestamp,
    ) -> Envelope {
        let nonce = self.members.password_nonce(user, now).await.expect("a nonce");
        keypad::seal(key, &nonce, user, binding, password, now, self.random.as_ref())
            .expect("sealed")
    }

    /// One payment of `amount` from the account, through these quota legs; the book's refusal.
    pub async fn use_quota(
        &self,
        id: &[u8],
        legs: &[members::QuotaLeg],
        amount: Amount,
    ) -> Result<(), Refusal> {
        let mut commands = Vec::new();
        for leg in legs {
            let id = TransactionId::of(&[id, leg.limit_code.as_bytes()]);
            let head = TransactionHead::new(id).asset(leg.asset).action(Action::Post);
            let slots = [("left", leg.left), ("used", leg.used)];
            let made = self.templates.transaction("quota_use", head, &slots, &[("amount", amount)]);
            commands.push(ledger::Command::Transact(made.expect("a template")));
        }
        for outcome in self.book.submit(commands).await.expect("submitted") {
            outcome.receipt()?;
        }
        Ok(())
    }

    /// Puts money into an account.
    pub async fn deposit(&self, payee: AccountId, amount: Amount) {
        let head =
            TransactionHead::new(TransactionId::of(&[b"deposit", &payee.as_u128().to_be_bytes()]));
        let made =
            self.templates.transaction("deposit", head, &[("payee", payee)], &[("amount", amount)]);
        self.book.post(made.expect("a template")).await.expect("posted");
    }

    /// One fen from one account to another.
    pub fn transfer(&self, n: u64, payer: AccountId, payee: AccountId) -> ledger::Transaction {
        let head = TransactionHead::new(TransactionId::of(&[b"transfer", &n.to_be_bytes()]));
        let slots = [("payer", payer), ("payee", payee)];
        let made = self.templates.transaction("transfer", head, &slots, &[("amount", fen(1))]);
        made.expect("a template")
    }
}

fn verifiers() -> Verifiers {
    Verifiers::parse(book!("verifiers.toml"), "verifiers.toml").expect("verifiers")
}

pub fn verified(outcome: Result<RealNameOutcome, Error>) -> Verified {
    match outcome.expect("verified") {
        RealNameOutcome::Verified(verified) => verified,
        RealNameOutcome::MergeRequired(_) => panic!("a merge is required"),
    }
}

/// The stable code of a refusal.
pub fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    result.expect_err("refused").code()
}

/// An order, as a device key would sign it, of which these are the terms.
pub fn to_sign(bound: &Binding) -> OrderToSign {
    OrderToSign {
        order: OrderId::from_u128(1),
        amount: bound.amount,
        asset: money::CNY,
        payee: bound.payee.clone(),
        payee_name: None,
    }
}

pub fn new_user(n: u64) -> NewUser {
    NewUser { phone: phone(n), email: None, login_name: None }
}

pub fn phone(n: u64) -> Masked {
    Masked::new(format!("138{:08}", n * 7_919 % 100_000_000))
}

/// The document number of the `n`th person, born in 1990.
pub fn id_number(n: u64) -> String {
    let (day, order) = (n / 1_000 % 28 + 1, n % 1_000);
    let body = format!("110105199003{day:02}{order:03}");
    format!("{body}{}", check_character(&body).expect("digits"))
}

/// The `n`th person's card at the `bank`th bank.
pub fn card(n: u64, bank: usize) -> CardClaim {
    let bins = ["622202", "622848", "621661", "621700", "622588", "622188"];
    let body = format!("{}{n:012}", bins[bank]);
    let digit = members::model::card::luhn_digit(&body).expect("digits");
    CardClaim { number: Masked::new(format!("{body}{digit}")), phone: phone(n) }
}

/// The `n`th person's claim with just the cards the class needs.
pub fn claim(n: u64, wanted: Class) -> RealNameClaim {
    let cards = match wanted {
        Class::I => 0,
        Class::II => 2,
        Class::III => 4,
    };
    RealNameClaim {
        name: Masked::new("王小强"),
        id_type: IdType::ResidentId,
        id_number: Masked::new(id_number(n)),
        cards: (0..cards).map(|bank| card(n, bank)).collect(),
        further: Further::default(),
        wanted,
    }
}

/// A lock that is quick to serve.
pub fn short_locks() -> MembersConfig {
    let password_lock = LockPolicy { tries: 5, lock_seconds: vec![60, 120] };
    MembersConfig { password_lock, ..MembersConfig::default() }
}
