//! How fast people are taken in: registered, verified over HTTP by a simulated provider, given a
//! payment password at the shipped Argon2id cost, and the password verified once.
//!
//! `cargo run --release -p members --example throughput -- [people] [at once]`

#![expect(clippy::print_stdout, reason = "a measuring program prints its figures")]
#![allow(clippy::unwrap_used, reason = "a measuring program stops at the first fault")]

use bookkeeper::Bookkeeper;
use futures::{StreamExt as _, stream};
use ledger::{Assets, Chart, Templates};
use members::keypad::{self, Binding};
use members::model::id_number::check_character;
use members::verification::{HttpProvider, Provider, ProviderKey, Verifiers};
use members::{
    Class, Further, IdType, Issuers, Members, MembersConfig, NewUser, Parts, RealNameClaim,
    RealNameOutcome, Regulation,
};
use records::{Records, Secrets};
use simulators::{VerifierConfig, VerifierSimulator};
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use testkit::{SeededRandom, TickingClock, moment};
use types::{Masked, Timestamp, UserId};

macro_rules! book {
    ($file:literal) => {
        include_str!(concat!("../../../books/", $file))
    };
}

fn noon() -> Timestamp {
    moment("2026-10-12T12:00:00+08:00")
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|a| a.parse::<u64>().unwrap());
    let (people, lanes) = (arguments.next().unwrap_or(2_000), arguments.next().unwrap_or(64));
    let lanes = usize::try_from(lanes).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (members, _simulators) = open(dir.path()).await;

    let members = &members;
    let users = stage("register", people, lanes, |n| async move {
        let phone = Masked::new(format!("138{n:08}"));
        members.register(NewUser { phone, email: None, login_name: None }, noon()).await.unwrap()
    })
    .await;
    let users = &users;
    stage("verify real name, open account", people, lanes, |n| async move {
        let claim = claim(n);
        let outcome = members.verify_real_name(at(users, n), claim, noon()).await.unwrap();
        assert!(matches!(outcome, RealNameOutcome::Verified(_)));
    })
    .await;
    let binding = &Members::set_password_binding();
    stage("set password", people, lanes, |n| async move {
        let envelope = seal(members, at(users, n), n, binding).await;
        members.set_payment_password(at(users, n), &envelope, noon()).await.unwrap();
    })
    .await;
    let order = &Binding { order: "o".into(), ..binding.clone() };
    stage("verify password", people, lanes, |n| async move {
        let envelope = seal(members, at(users, n), n, order).await;
        members.verify_payment_password(at(users, n), &envelope, order, noon()).await.unwrap();
    })
    .await;
}

/// Runs one stage for everybody, so many at once, and prints what it took.
async fn stage<T, F: Future<Output = T>>(
    name: &str,
    people: u64,
    lanes: usize,
    one: impl Fn(u64) -> F,
) -> Vec<T> {
    let begun = Instant::now();
    let done: Vec<T> = stream::iter(0..people).map(one).buffered(lanes).collect().await;
    let took = begun.elapsed();
    let each = took / u32::try_from(people).unwrap();
    println!("{name:<34} {:>7.2} s  {:>9.3} ms each", took.as_secs_f64(), each.as_secs_f64() * 1e3);
    done
}

async fn open(dir: &Path) -> (Members, Vec<VerifierSimulator>) {
    let random = Arc::new(SeededRandom::new(7));
    let url = format!("sqlite://{}", dir.join("records.db").display());
    let records = Records::open(&url, &[members::MIGRATIONS]).await.unwrap();
    let assets = Assets::parse(book!("assets.toml"), "assets.toml").unwrap();
    let chart = Chart::parse(book!("chart.toml"), "chart.toml").unwrap();
    let templates = Templates::parse(book!("templates.toml"), "templates.toml", &chart, &assets);
    let place = bookkeeper::Config { dir: dir.join("book"), open_date: noon().date() };
    let bookkeeper =
        Bookkeeper::open(place, chart, Arc::new(TickingClock::new(noon(), 1))).unwrap();
    let (mut simulators, mut providers) = (Vec::new(), Vec::<Arc<dyn Provider>>::new());
    for terms in Verifiers::parse(book!("verifiers.toml"), "verifiers.toml").unwrap().0 {
        let key = ProviderKey::new([5; 32]);
        let address = "127.0.0.1:0".parse().unwrap();
        let config = VerifierConfig::quick(terms.clone(), address, key.clone(), 1);
        let simulator = VerifierSimulator::start(config).await.unwrap();
        let provider = HttpProvider::new(terms, &simulator.url(), key, random.clone()).unwrap();
        providers.push(Arc::new(provider));
        simulators.push(simulator);
    }
    let parts = Parts {
        records,
        bookkeeper,
        secrets: Arc::new(Secrets::open(&dir.join("keys"), random.as_ref()).unwrap()),
        templates: Arc::new(templates.unwrap()),
        assets: Arc::new(assets),
        config: MembersConfig::default(),
        regulation: Regulation::parse(book!("regulation.toml"), "regulation.toml").unwrap(),
        issuers: Issuers::parse(book!("bins.toml"), "bins.toml").unwrap(),
        providers,
        messenger: None,
        random,
    };
    (Members::open(parts, noon()).await.unwrap(), simulators)
}

fn at(users: &[UserId], n: u64) -> UserId {
    users[usize::try_from(n).unwrap()]
}

fn claim(n: u64) -> RealNameClaim {
    let (day, order) = (n / 1_000 % 28 + 1, n % 1_000);
    let body = format!("110105199003{day:02}{order:03}");
    let number = format!("{body}{}", check_character(&body).unwrap());
    RealNameClaim {
        name: Masked::new("王小强"),
        id_type: IdType::ResidentId,
        id_number: Masked::new(number),
        cards: Vec::new(),
        further: Further::default(),
        wanted: Class::I,
    }
}

async fn seal(members: &Members, user: UserId, n: u64, binding: &Binding) -> keypad::Envelope {
    let nonce = members.password_nonce(user, noon()).await.unwrap();
    let random = SeededRandom::new(n);
    let key = members.password_public_key();
    keypad::seal(&key, &nonce, user, binding, "830592", noon(), &random).unwrap()
}
